//! The hour at which a post is published by itself: chosen as a local time in a zone, kept as an instant. Pure.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use utoipa::ToSchema;

/// Furthest ahead.
const FURTHEST: TimeDelta = TimeDelta::days(366);

/// An hour as its author says it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Schedule {
    /// The local time, `2026-11-25T09:00`.
    pub local: String,
    /// The zone it is meant in, as in Europe/Berlin.
    pub zone: String,
}

impl Schedule {
    /// The instant, and the zone by its own name.
    ///
    /// # Errors
    /// A sentence: not a time, not a zone, passed, or too far ahead.
    pub fn read(&self, now: DateTime<Utc>) -> Result<(DateTime<Utc>, String), String> {
        let zone = crate::org::parse_time_zone(&self.zone)?;
        let local = NaiveDateTime::parse_from_str(self.local.trim(), "%Y-%m-%dT%H:%M")
            .map_err(|_| "A day and a time, as in 2026-11-25T09:00.".to_owned())?;
        let at = instant(zone.parse().unwrap_or(Tz::UTC), local);
        if at <= now {
            return Err("That time has passed. Publish it now, or choose a later one.".to_owned());
        }
        if at > now + FURTHEST {
            return Err("At most a year ahead.".to_owned());
        }
        Ok((at, zone))
    }
}

/// The instant of a local time: the first time when the clock shows it twice, where it lands when the clock leaps over it.
fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    // No zone leaps over more than a day.
    for minutes in (0..=24 * 60).step_by(15) {
        match zone.from_local_datetime(&(local + TimeDelta::minutes(minutes))) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.to_utc(),
            LocalResult::None => {}
        }
    }
    local.and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(local: &str, zone: &str) -> Result<String, String> {
        let now = "2026-03-20T10:00:00Z".parse().unwrap();
        let schedule = Schedule { local: local.to_owned(), zone: zone.to_owned() };
        schedule.read(now).map(|(at, zone)| format!("{} {zone}", at.format("%dT%H:%M")))
    }

    #[test]
    fn an_hour_is_meant_where_its_author_says() {
        assert_eq!(read("2026-03-21T09:00", "Europe/Berlin").unwrap(), "21T08:00 Europe/Berlin");
        assert_eq!(read("2026-03-30T09:00", " Europe/Berlin").unwrap(), "30T07:00 Europe/Berlin", "summer time");
        assert_eq!(read("2026-03-29T02:30", "Europe/Berlin").unwrap(), "29T01:00 Europe/Berlin", "leapt over");
        assert_eq!(read("2026-10-25T02:30", "Europe/Berlin").unwrap(), "25T00:30 Europe/Berlin", "the first of two");
        for (local, zone) in [
            ("2026-03-20T10:00", "UTC"),
            ("2027-04-01T10:00", "UTC"),
            ("tomorrow", "UTC"),
            ("2026-03-21T09:00", "Mars"),
        ] {
            assert!(read(local, zone).is_err(), "{local} {zone}");
        }
    }
}
