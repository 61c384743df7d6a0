//! Quiet hours: days off and deep-work windows, where the person is. Pure. What is told in them lies in the inbox and is
//! neither counted nor pushed until they end. There is no exception: the product names none.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::checkin::slots::plan::instant;

/// However somebody's week looks, nothing is held back longer.
const LONGEST: TimeDelta = TimeDelta::days(14);
/// Windows a person may have.
pub const MOST: usize = 14;

/// Hours of deep work, as kept and shown. One that ends before it begins goes on until the next day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Window {
    /// ISO weekdays on which it begins, 1 is Monday.
    pub days: Vec<i16>,
    /// Local time it begins, as in 09:00.
    pub from: String,
    /// Local time it ends.
    pub to: String,
}

impl Window {
    /// Why it is none.
    ///
    /// # Errors
    /// A sentence.
    pub fn check(&self) -> Result<Window, String> {
        let (from, to) = (time(&self.from), time(&self.to));
        let (Some(from), Some(to)) = (from, to) else { return Err("Times of the day, as in 09:00.".to_owned()) };
        if from == to {
            return Err("It ends when it begins.".to_owned());
        }
        let mut days = self.days.clone();
        days.sort_unstable();
        days.dedup();
        if days.is_empty() || days.iter().any(|day| !(1..=7).contains(day)) {
            return Err("At least one weekday, 1 (Monday) to 7 (Sunday).".to_owned());
        }
        Ok(Window { days, from: from.format("%H:%M").to_string(), to: to.format("%H:%M").to_string() })
    }

    /// When it ends, if it holds at that local time.
    fn end(&self, at: NaiveDateTime) -> Option<NaiveDateTime> {
        let (from, to) = (time(&self.from)?, time(&self.to)?);
        let (day, now) = (at.date(), at.time());
        let begins = |day: NaiveDate| self.days.contains(&weekday(day));
        if from < to {
            return (begins(day) && from <= now && now < to).then(|| day.and_time(to));
        }
        if begins(day) && from <= now {
            return Some(day.succ_opt()?.and_time(to));
        }
        (begins(day.pred_opt()?) && now < to).then(|| day.and_time(to))
    }
}

/// A time of day as settings write it.
#[must_use]
pub fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()
}

/// The ISO weekday of a date.
#[must_use]
pub fn weekday(day: NaiveDate) -> i16 {
    i16::try_from(day.weekday().number_from_monday()).unwrap_or(1)
}

/// When somebody is not to be disturbed.
#[derive(Clone, Debug)]
pub struct Quiet {
    /// Where they are.
    pub zone: Tz,
    /// ISO weekdays they work.
    pub workdays: Vec<i16>,
    /// Their deep work.
    pub windows: Vec<Window>,
}

impl Quiet {
    /// The first instant from `now` on at which they may be disturbed: `now` itself, if they may.
    #[must_use]
    pub fn opens(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let (mut at, last) = (now, now + LONGEST);
        while let Some(next) = self.closed(at) {
            if next >= last {
                return last;
            }
            at = next;
        }
        at
    }

    /// When what holds at an instant ends; none when nothing does.
    fn closed(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = at.with_timezone(&self.zone).naive_local();
        if !self.workdays.contains(&weekday(local.date())) {
            return Some(self.after(at, local.date().succ_opt()?.and_time(NaiveTime::MIN)));
        }
        self.windows.iter().filter_map(|window| window.end(local)).map(|end| self.after(at, end)).max()
    }

    /// The instant of a local time; of an hour that the clock shows twice, the one that is still to come.
    fn after(&self, at: DateTime<Utc>, local: NaiveDateTime) -> DateTime<Utc> {
        let both = [true, false].map(|first| instant(self.zone, local, first));
        both.into_iter().find(|end| *end > at).unwrap_or(at + TimeDelta::minutes(15))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &[i16], from: &str, to: &str) -> Window {
        Window { days: days.to_vec(), from: from.to_owned(), to: to.to_owned() }
    }

    fn opens(zone: Tz, windows: &[Window], now: &str) -> String {
        let quiet = Quiet { zone, workdays: vec![1, 2, 3, 4, 5], windows: windows.to_vec() };
        quiet.opens(now.parse().unwrap()).format("%dT%H:%M").to_string()
    }

    #[test]
    fn deep_work_holds_back_where_the_person_is() {
        use chrono_tz::{America::New_York, Asia::Kolkata, Europe::Berlin};
        let morning = [window(&[1, 2, 3, 4, 5], "09:00", "11:30")];
        // 09:30 in Berlin, 03:30 in New York, 14:00 in Kolkata.
        assert_eq!(opens(Berlin, &morning, "2026-11-24T08:30:00Z"), "24T10:30");
        assert_eq!(opens(New_York, &morning, "2026-11-24T08:30:00Z"), "24T08:30");
        assert_eq!(opens(Kolkata, &morning, "2026-11-24T08:30:00Z"), "24T08:30");
        assert_eq!(opens(Kolkata, &morning, "2026-11-24T04:00:00Z"), "24T06:00");
        assert_eq!(opens(Berlin, &morning, "2026-11-24T10:30:00Z"), "24T10:30", "its end is not in it");
    }

    #[test]
    fn a_window_keeps_its_local_times_when_the_clock_is_set() {
        use chrono_tz::Europe::Berlin;
        let nights = [window(&[1, 2, 3, 4, 5, 6, 7], "22:00", "07:00")];
        let quiet = |now: &str| {
            let week = Quiet { zone: Berlin, workdays: (1..=7).collect(), windows: nights.to_vec() };
            week.opens(now.parse().unwrap()).format("%dT%H:%M").to_string()
        };
        // Summer time ends in the night to Sunday 25 October, and begins in the night to Sunday 29 March.
        assert_eq!(quiet("2026-10-23T21:00:00Z"), "24T05:00");
        assert_eq!(quiet("2026-10-24T21:00:00Z"), "25T06:00");
        assert_eq!(quiet("2026-03-27T22:00:00Z"), "28T06:00");
        assert_eq!(quiet("2026-03-28T22:00:00Z"), "29T05:00");
    }

    #[test]
    fn a_window_ends_though_its_end_is_shown_twice_or_leapt_over() {
        use chrono_tz::Europe::Berlin;
        let half = [window(&[7], "01:00", "02:30")];
        let quiet = |now: &str| {
            let week = Quiet { zone: Berlin, workdays: (1..=7).collect(), windows: half.to_vec() };
            week.opens(now.parse().unwrap()).format("%dT%H:%M").to_string()
        };
        assert_eq!(quiet("2026-10-24T23:30:00Z"), "25T00:30", "the first 02:30");
        assert_eq!(quiet("2026-10-25T01:10:00Z"), "25T01:30", "the second one, when the hour is shown again");
        assert_eq!(quiet("2026-03-29T00:30:00Z"), "29T01:00", "02:30 does not exist");
    }

    #[test]
    fn a_day_off_is_quiet_and_so_is_what_follows_it() {
        use chrono_tz::Europe::Berlin;
        let monday = [window(&[1], "00:00", "11:00")];
        assert_eq!(opens(Berlin, &[], "2026-11-21T12:00:00Z"), "22T23:00", "Saturday noon to Monday");
        assert_eq!(opens(Berlin, &monday, "2026-11-21T12:00:00Z"), "23T10:00");
    }

    #[test]
    fn nothing_is_held_back_for_ever() {
        let never = Quiet { zone: Tz::UTC, workdays: Vec::new(), windows: Vec::new() };
        let now: DateTime<Utc> = "2026-11-02T12:00:00Z".parse().unwrap();
        assert_eq!(never.opens(now), now + LONGEST);
    }

    #[test]
    fn a_window_is_checked() {
        assert_eq!(window(&[2, 1, 2], "9:00", "11:30").check().unwrap(), window(&[1, 2], "09:00", "11:30"));
        for wrong in [
            window(&[], "09:00", "10:00"),
            window(&[8], "09:00", "10:00"),
            window(&[1], "9", "10:00"),
            window(&[1], "09:00", "09:00"),
        ] {
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
