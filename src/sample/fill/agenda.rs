//! What is still to happen in the sample's past, in order of time; and the dice that decide what is not written down. The same
//! seed throws the same dice, so that two samples of one day are the same company.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use crate::id::{BlockerId, CheckInId};

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Act {
    /// A week begins: goals end and begin.
    Week(NaiveDate),
    /// A day begins: slots open.
    Day,
    /// An evening: slots that ran out are missed.
    Evening,
    /// Leads note what follows, on a Friday.
    Numbers,
    /// Somebody checks in.
    CheckIn(usize),
    /// A check-in is reviewed: by whom, and the how-manieth of theirs it is.
    Review(CheckInId, usize),
    /// A blocker is answered.
    Resolve(BlockerId, usize, &'static str),
    /// A post is published.
    Post(usize),
    /// A comment under it, by place.
    Comment(usize, usize),
    /// Somebody reads a post, watches its film and acknowledges it where that is asked.
    Read(usize, usize),
    /// Reactions to a post.
    React(usize),
    /// The managing director reports to the administrator from now on.
    Report,
    /// The last thing before today: what waits for the administrator.
    Today,
}

/// What is still to happen.
#[derive(Debug, Default)]
pub struct Agenda {
    all: BTreeMap<(DateTime<Utc>, usize), Act>,
    count: usize,
}

impl Agenda {
    /// Puts something down. What happens at the same time happens in the order in which it was put down.
    pub fn put(&mut self, at: DateTime<Utc>, act: Act) {
        self.count += 1;
        self.all.insert((at, self.count), act);
    }

    /// The next thing, unless it lies after `end`.
    pub fn next(&mut self, end: DateTime<Utc>) -> Option<(DateTime<Utc>, Act)> {
        let ((at, _), act) = self.all.pop_first()?;
        (at <= end).then_some((at, act))
    }
}

/// Numbers that look like chance (SplitMix64).
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to just below 1.
    pub fn part(&mut self) -> f64 {
        (self.throw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number from `from` to `to`, both included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + (self.part() * (to - from + 1) as f64) as i64
    }

    /// True so often in a hundred.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }
}

/// An instant at an hour and minute of a day, where the organisation is.
pub fn at(zone: Tz, day: NaiveDate, hour: u32, minute: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN);
    let local = zone.from_local_datetime(&day.and_time(time)).earliest();
    local.map_or_else(|| day.and_time(time).and_utc(), |local| local.to_utc())
}

/// The same instant, or the last one before it in working hours: people do not post at night or on a Sunday.
pub fn at_work(zone: Tz, instant: DateTime<Utc>) -> DateTime<Utc> {
    let local = instant.with_timezone(&zone);
    let mut day = local.date_naive();
    let early = local.hour() < 8;
    if early {
        day = day - Days::new(1);
    }
    let weekend = match day.weekday() {
        Weekday::Sat => 1,
        Weekday::Sun => 2,
        _ => 0,
    };
    day = day - Days::new(weekend);
    if early || weekend > 0 || local.hour() >= 17 { at(zone, day, 16, local.minute()) } else { instant }
}

/// The Monday of a day's week.
pub fn monday(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_happen_in_order_of_time_and_then_of_being_put_down() {
        let mut agenda = Agenda::default();
        let noon: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        agenda.put(noon, Act::Evening);
        agenda.put(noon, Act::Today);
        agenda.put(noon - TimeDelta::hours(1), Act::Day);
        agenda.put(noon + TimeDelta::hours(1), Act::Report);
        let order: Vec<_> = std::iter::from_fn(|| agenda.next(noon)).map(|(_, act)| format!("{act:?}")).collect();
        assert_eq!(order, ["Day", "Evening", "Today"]);
    }

    #[test]
    fn nobody_posts_at_night_or_on_a_sunday() {
        use chrono_tz::Europe::Berlin;
        let moved = |text: &str| at_work(Berlin, text.parse().unwrap()).format("%a %d %H:%M").to_string();
        assert_eq!(moved("2026-11-24T10:05:00Z"), "Tue 24 10:05");
        assert_eq!(moved("2026-11-24T03:05:00Z"), "Mon 23 15:05", "16:05 in Berlin");
        assert_eq!(moved("2026-11-22T10:05:00Z"), "Fri 20 15:05");
        assert_eq!(moved("2026-11-24T19:30:00Z"), "Tue 24 15:30");
    }

    #[test]
    fn the_same_seed_throws_the_same_dice() {
        let throws = |seed| {
            let mut dice = Dice(seed);
            (0..50).map(|_| dice.between(3, 9)).collect::<Vec<_>>()
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
        assert!(throws(7).iter().all(|n| (3..=9).contains(n)));
    }
}
