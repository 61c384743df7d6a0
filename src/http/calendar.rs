//! Days and instants that requests name: those of the years 1 to 9999 (RFC 3339, section 5.6), which both databases keep and which can be
//! counted on from. chrono reads 262,000 years more.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, de::Error};

/// What lies in a year; nothing does so in none.
pub trait Dated {
    /// The year.
    fn year(&self) -> Option<i32>;
}

impl Dated for NaiveDate {
    fn year(&self) -> Option<i32> {
        Some(Datelike::year(self))
    }
}

impl Dated for DateTime<Utc> {
    fn year(&self) -> Option<i32> {
        Some(Datelike::year(self))
    }
}

impl<T: Dated> Dated for Option<T> {
    fn year(&self) -> Option<i32> {
        self.as_ref().and_then(Dated::year)
    }
}

/// For `#[serde(deserialize_with = "within")]`, with `default` before it where the field may be absent.
///
/// # Errors
/// What the value's own reading says; that its year is none of the calendar's.
pub fn within<'de, T: Deserialize<'de> + Dated, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let read = T::deserialize(deserializer)?;
    match read.year() {
        Some(year) if !(1..=9999).contains(&year) => Err(D::Error::custom("the year is to be between 1 and 9999")),
        _ => Ok(read),
    }
}

/// The same for a field of a partial change: absent is `None`, null is `Some(None)`.
///
/// # Errors
/// Those of [`within`].
pub fn change<'de, T: Deserialize<'de> + Dated, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    within(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Sent {
        #[serde(default, deserialize_with = "within")]
        day: Option<NaiveDate>,
        #[serde(default, deserialize_with = "change")]
        until: Option<Option<DateTime<Utc>>>,
    }

    #[test]
    fn years_of_the_calendar_are_read_and_no_others() {
        let read = |text: &str| serde_json::from_str::<Sent>(text);
        for day in ["0001-01-01", "2026-11-29", "9999-12-31"] {
            assert!(read(&format!("{{\"day\": \"{day}\", \"until\": \"{day}T23:59:59Z\"}}")).unwrap().day.is_some());
        }
        for day in ["0000-12-31", "-0001-01-01", "+10000-01-01", "+262142-12-31"] {
            assert!(read(&format!("{{\"day\": \"{day}\"}}")).is_err(), "{day}");
            assert!(read(&format!("{{\"until\": \"{day}T00:00:00Z\"}}")).is_err(), "{day}");
        }
        let absent = read("{}").unwrap();
        assert!(absent.day.is_none() && absent.until.is_none());
        assert_eq!(read("{\"until\": null}").unwrap().until, Some(None));
    }
}
