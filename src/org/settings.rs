//! Changing an organisation's settings. Invariant: nothing raises the limits of the product, three minutes and two takes.

use chrono::NaiveTime;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::checkin::slots;
use crate::error::Problem;
use crate::http::form::Form;

use super::{Organisation, parse_time_zone, sql};

/// What is changed; absent fields stay.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct OrganisationChange {
    /// Its name.
    name: Option<String>,
    /// IANA name of its time zone.
    time_zone: Option<String>,
    /// First day of the week, ISO: 1 is Monday.
    week_start: Option<i16>,
    /// Days worked, ISO weekdays.
    workdays: Option<Vec<i16>>,
    /// First month of the fiscal year.
    fiscal_year_start: Option<i16>,
    /// Days on which people check in, ISO weekdays.
    check_in_weekdays: Option<Vec<i16>>,
    /// When a check-in is due, in each person's own time: `HH:MM`.
    due_local_time: Option<String>,
    /// Minutes after that until it counts as missed: 0 to 1440.
    grace_minutes: Option<i32>,
    /// Hours a reviewer has: 1 to 336.
    review_due_hours: Option<i32>,
    /// Slots after which an open blocker passes up one manager: 1 to 20.
    escalate_after: Option<i32>,
    /// Longest recording in milliseconds: 1000 to 180 000.
    limit_ms: Option<i64>,
    /// Takes for each thing that is recorded: 1 or 2.
    takes: Option<i16>,
    /// Origins that may frame an embed, besides Slack, Teams and Confluence.
    allowed_origins: Option<Vec<String>>,
    /// The revision this change was made from.
    revision: i64,
}

/// Changes the settings.
///
/// # Errors
/// Fields that need another value, a stale revision; the database's.
pub async fn change(app: &App, admin: &Person, change: OrganisationChange) -> Result<Organisation, Problem> {
    let mut tx = app.db.begin().await?;
    let before = sql::organisation_in(&mut tx, admin.organisation).await?.ok_or_else(Problem::not_found)?;
    let revision = change.revision;
    let mut after = apply(&before, change)?;
    if !sql::update(&mut tx, &after, revision).await? {
        return Err(Problem::stale(&before));
    }
    let event = AuditEvent::by(&app.clock, admin, "organisation.changed", "organisation", before.id.0);
    audit::record(&mut tx, &event.detail(differences(&before, &after))).await?;
    let rhythm = |o: &Organisation| {
        (o.time_zone.clone(), o.check_in_weekdays.clone(), o.due_local_time.clone(), o.grace_minutes)
    };
    if rhythm(&before) != rhythm(&after) {
        slots::replan_everybody(&mut tx, after.id, &app.clock).await?;
    }
    tx.commit().await?;
    after.revision = revision + 1;
    Ok(after)
}

fn apply(before: &Organisation, change: OrganisationChange) -> Result<Organisation, Problem> {
    let (mut next, mut form) = (before.clone(), Form::new());
    if let Some(name) = &change.name {
        next.name = form.line("name", name, 1, 100);
    }
    if let Some(zone) = &change.time_zone {
        next.time_zone = form.take("time_zone", parse_time_zone(zone)).unwrap_or_default();
    }
    if let Some(days) = &change.workdays {
        next.workdays = form.take("workdays", parse_weekdays(days)).unwrap_or_default();
    }
    if let Some(days) = &change.check_in_weekdays {
        next.check_in_weekdays = form.take("check_in_weekdays", parse_weekdays(days)).unwrap_or_default();
    }
    if let Some(time) = &change.due_local_time {
        next.due_local_time = form.take("due_local_time", parse_time(time)).unwrap_or_default();
    }
    if let Some(origins) = &change.allowed_origins {
        next.allowed_origins = form.take("allowed_origins", parse_origins(origins)).unwrap_or_default();
    }
    within(&mut form, "week_start", change.week_start, (1, 7), &mut next.week_start);
    within(&mut form, "fiscal_year_start", change.fiscal_year_start, (1, 12), &mut next.fiscal_year_start);
    within(&mut form, "grace_minutes", change.grace_minutes, (0, 1440), &mut next.grace_minutes);
    within(&mut form, "review_due_hours", change.review_due_hours, (1, 336), &mut next.review_due_hours);
    within(&mut form, "escalate_after", change.escalate_after, (1, 20), &mut next.escalate_after);
    within(&mut form, "limit_ms", change.limit_ms, (1000, 180_000), &mut next.limit_ms);
    within(&mut form, "takes", change.takes, (1, 2), &mut next.takes);
    form.done()?;
    Ok(next)
}

fn within<N: PartialOrd + Copy + std::fmt::Display>(
    form: &mut Form,
    field: &str,
    given: Option<N>,
    (least, most): (N, N),
    into: &mut N,
) {
    match given {
        Some(value) if value < least || value > most => form.wrong(field, format!("Between {least} and {most}.")),
        Some(value) => *into = value,
        None => {}
    }
}

fn parse_weekdays(days: &[i16]) -> Result<Vec<i16>, String> {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    match sorted.as_slice() {
        [] => Err("At least one day.".to_owned()),
        [first, .., last] if *first < 1 || *last > 7 => Err("ISO weekdays, 1 (Monday) to 7 (Sunday).".to_owned()),
        [only] if !(1..=7).contains(only) => Err("ISO weekdays, 1 (Monday) to 7 (Sunday).".to_owned()),
        _ => Ok(sorted),
    }
}

fn parse_time(text: &str) -> Result<String, String> {
    let time = NaiveTime::parse_from_str(text.trim(), "%H:%M");
    time.map(|time| time.format("%H:%M").to_string()).map_err(|_| "A time of the day, as in 16:00.".to_owned())
}

fn parse_origins(given: &[String]) -> Result<Vec<String>, String> {
    if given.len() > 50 {
        return Err("At most 50 origins.".to_owned());
    }
    given.iter().map(|text| parse_origin(text)).collect()
}

/// A web origin: scheme, host and perhaps a port, and nothing else.
fn parse_origin(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is not an origin, as in https://wiki.example.com.");
    let url = Url::parse(text.trim()).map_err(|_| wrong())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    match url.scheme() {
        "https" | "http" if bare && url.host_str().is_some() => Ok(url.origin().ascii_serialization()),
        _ => Err(wrong()),
    }
}

/// What changed, as `{field: [before, after]}`.
fn differences(before: &Organisation, after: &Organisation) -> Value {
    let as_map = |organisation: &Organisation| serde_json::to_value(organisation).unwrap_or_default();
    let (old, new) = (as_map(before), as_map(after));
    let changed = old.as_object().into_iter().flatten().filter(|(field, value)| new[field.as_str()] != **value);
    Value::Object(changed.map(|(field, value)| (field.clone(), json!([value, new[field.as_str()]]))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_and_host_and_nothing_else() {
        assert_eq!(parse_origin(" https://Wiki.Example.com/ ").unwrap(), "https://wiki.example.com");
        assert_eq!(parse_origin("http://localhost:8090").unwrap(), "http://localhost:8090");
        for text in ["wiki.example.com", "https://a.b/c", "https://a.b?x", "javascript:alert(1)", "*", "https://u@a.b"]
        {
            assert!(parse_origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn weekdays_are_sorted_and_real() {
        assert_eq!(parse_weekdays(&[4, 2, 2]).unwrap(), [2, 4]);
        for days in [&[][..], &[0], &[8], &[1, 8], &[0, 3]] {
            assert!(parse_weekdays(days).is_err(), "{days:?}");
        }
        assert_eq!(parse_time(" 9:05").unwrap(), "09:05");
        assert!(parse_time("25:00").is_err());
    }
}
