//! When slots fall: dates and local times to instants, across daylight saving. Pure.

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::id::SlotId;

use super::{DAYS_AHEAD, NewSlot, Rhythm};

/// The local time at which a slot opens, unless it is due before.
const OPENS: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("nine o'clock exists");

/// The days with a slot, from the person's today to fourteen days on.
pub fn days(now: DateTime<Utc>, zone: Tz, weekdays: &[u8]) -> Vec<NaiveDate> {
    let today = now.with_timezone(&zone).date_naive();
    (0..=DAYS_AHEAD)
        .filter_map(|n| today.checked_add_days(Days::new(n)))
        .filter(|day| weekdays.iter().any(|weekday| u32::from(*weekday) == day.weekday().number_from_monday()))
        .collect()
}

/// The slot of a day.
pub fn slot(id: SlotId, local_date: NaiveDate, zone: Tz, rhythm: &Rhythm) -> NewSlot {
    let due = parse_time(&rhythm.due_local_time);
    let opens = if OPENS < due { OPENS } else { NaiveTime::MIN };
    let due_at = instant(zone, local_date.and_time(due), false);
    NewSlot {
        id,
        local_date,
        opens_at: instant(zone, local_date.and_time(opens), true),
        due_at,
        grace_until: due_at + TimeDelta::minutes(i64::from(rhythm.grace_minutes)),
    }
}

/// A time of day as settings write it; 16:00 when it cannot be read (settings are checked when they are written).
fn parse_time(text: &str) -> NaiveTime {
    let sixteen = NaiveTime::from_hms_opt(16, 0, 0).expect("four o'clock exists");
    NaiveTime::parse_from_str(text, "%H:%M").unwrap_or(sixteen)
}

/// The instant of a local time. An hour that the clock shows twice is taken the first time for an opening and the second
/// time for a due time, in the person's favour; an hour that it leaps over counts from where it lands.
pub fn instant(zone: Tz, local: NaiveDateTime, first: bool) -> DateTime<Utc> {
    // No zone leaps over more than a day (Samoa once left out 30 December 2011).
    for minutes in (0..=24 * 60).step_by(15) {
        match zone.from_local_datetime(&(local + TimeDelta::minutes(minutes))) {
            LocalResult::Single(at) => return at.to_utc(),
            LocalResult::Ambiguous(early, late) => return if first { early } else { late }.to_utc(),
            LocalResult::None => {}
        }
    }
    local.and_utc()
}

#[cfg(test)]
mod tests {
    use sqlx::types::Json;
    use uuid::Uuid;

    use super::*;
    use crate::id::{OrganisationId, PersonId};

    fn rhythm(zone: &str, due: &str) -> Rhythm {
        Rhythm {
            person: PersonId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            manager: None,
            time_zone: zone.to_owned(),
            weekdays: Json(vec![2, 4]),
            due_local_time: due.to_owned(),
            grace_minutes: 60,
        }
    }

    fn made(zone: Tz, day: &str, due: &str) -> [String; 3] {
        let slot = slot(SlotId(Uuid::nil()), day.parse().unwrap(), zone, &rhythm(zone.name(), due));
        [slot.opens_at, slot.due_at, slot.grace_until].map(|at| at.format("%dT%H:%M").to_string())
    }

    #[test]
    fn a_slot_keeps_its_local_time_in_three_zones_and_across_daylight_saving() {
        use chrono_tz::{America::New_York, Asia::Kolkata, Europe::Berlin};
        // Berlin leaves summer time on Sunday 25 October 2026, New York on 1 November; Kolkata never had it.
        assert_eq!(made(Berlin, "2026-10-22", "16:00"), ["22T07:00", "22T14:00", "22T15:00"]);
        assert_eq!(made(Berlin, "2026-10-27", "16:00"), ["27T08:00", "27T15:00", "27T16:00"]);
        assert_eq!(made(New_York, "2026-10-27", "16:00"), ["27T13:00", "27T20:00", "27T21:00"]);
        assert_eq!(made(New_York, "2026-11-03", "16:00"), ["03T14:00", "03T21:00", "03T22:00"]);
        assert_eq!(made(Kolkata, "2026-11-03", "16:00"), ["03T03:30", "03T10:30", "03T11:30"]);
    }

    #[test]
    fn an_hour_shown_twice_or_leapt_over_still_has_an_instant() {
        use chrono_tz::Europe::Berlin;
        assert_eq!(made(Berlin, "2026-10-25", "02:30")[1], "25T01:30", "the second 02:30");
        assert_eq!(made(Berlin, "2026-03-29", "02:30")[1], "29T01:00", "02:30 does not exist: 03:00 summer time");
    }

    #[test]
    fn a_due_time_before_nine_opens_at_midnight() {
        assert_eq!(made(Tz::UTC, "2026-11-24", "08:00"), ["24T00:00", "24T08:00", "24T09:00"]);
    }

    #[test]
    fn days_are_those_of_the_person_not_of_the_server() {
        let late_monday: DateTime<Utc> = "2026-11-23T23:30:00Z".parse().unwrap();
        let first = |zone: Tz| days(late_monday, zone, &[2, 4])[0].to_string();
        assert_eq!(first(Tz::UTC), "2026-11-24");
        assert_eq!(first(chrono_tz::Pacific::Auckland), "2026-11-24");
        assert_eq!(first(chrono_tz::Pacific::Kiritimati), "2026-11-24");
        let tuesday_there: DateTime<Utc> = "2026-11-24T23:30:00Z".parse().unwrap();
        assert_eq!(days(tuesday_there, chrono_tz::Pacific::Auckland, &[2, 4])[0].to_string(), "2026-11-26");
        assert_eq!(days(late_monday, Tz::UTC, &[2, 4]).len(), 4);
    }
}
