//! What a person says of their own time: workdays, deep work, the hour of the digest. It holds at once, also for what is held
//! back already.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::error::Problem;
use crate::http::form::Form;
use crate::http::patch::present;

use super::quiet::{self, Window};
use super::sql;

/// When a person is not to be disturbed, and when they want the digest.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuietHours {
    /// IANA name of the zone all of it is in.
    pub time_zone: String,
    /// ISO weekdays they work, as it holds.
    pub workdays: Vec<i16>,
    /// Whether those are the organisation's.
    pub usual_workdays: bool,
    /// Deep work.
    pub deep_work: Vec<Window>,
    /// Local time of the digest; null when none is wanted.
    pub digest_at: Option<String>,
    /// Until when it is quiet, if it is now.
    pub quiet_until: Option<DateTime<Utc>>,
    /// The person's revision.
    pub revision: i64,
}

/// What is to change; absent fields stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct QuietHoursChange {
    /// ISO weekdays; null for the organisation's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<i16>>)]
    pub workdays: Option<Option<Vec<i16>>>,
    /// Deep work, at most fourteen windows.
    pub deep_work: Option<Vec<Window>>,
    /// Local time of the digest; null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub digest_at: Option<Option<String>>,
    /// The person's revision that was read.
    pub revision: i64,
}

/// As it holds now.
///
/// # Errors
/// The database's.
pub async fn show(app: &App, person: &Person) -> Result<QuietHours, sqlx::Error> {
    let row = sql::settings::one(&app.db, person.id).await?;
    let (now, quiet) = (app.clock.now(), row.rhythm.quiet());
    Ok(QuietHours {
        quiet_until: Some(quiet.opens(now)).filter(|opens| *opens > now),
        time_zone: row.rhythm.time_zone,
        workdays: quiet.workdays,
        usual_workdays: row.own_workdays.is_none(),
        deep_work: quiet.windows,
        digest_at: row.digest_at,
        revision: row.revision,
    })
}

/// Changes it.
///
/// # Errors
/// Fields that need another value, a stale revision; the database's.
pub async fn change(app: &App, person: &Person, change: QuietHoursChange) -> Result<QuietHours, Problem> {
    let old = sql::settings::one(&app.db, person.id).await?;
    let mut form = Form::new();
    let workdays = match &change.workdays {
        Some(Some(days)) => form.take("workdays", weekdays(days)),
        Some(None) => None,
        None => old.own_workdays.map(|days| days.0),
    };
    let windows = match &change.deep_work {
        Some(windows) => form.take("deep_work", checked(windows)).unwrap_or_default(),
        None => old.rhythm.deep_work.map(|windows| windows.0).unwrap_or_default(),
    };
    let digest_at = match &change.digest_at {
        Some(Some(text)) => form.take("digest_at", hour(text)),
        Some(None) => None,
        None => old.digest_at,
    };
    form.done()?;
    let (mut tx, now) = (app.db.begin().await?, app.clock.now());
    let said = (workdays.as_deref(), windows.as_slice());
    if !sql::settings::update(&mut tx, person.id, said, digest_at.as_deref(), change.revision).await? {
        drop(tx);
        return Err(Problem::stale(&show(app, person).await?));
    }
    let event = AuditEvent::by(&app.clock, person, "person.quiet_hours_changed", "person", person.id.0);
    let detail = json!({ "workdays": workdays, "deep_work": windows, "digest_at": digest_at });
    audit::record(&mut tx, &event.detail(detail)).await?;
    let opens = sql::settings::rhythm(&mut tx, person.id).await?.quiet().opens(now);
    sql::settings::hold_until(&mut tx, person.id, opens, now).await?;
    tx.commit().await?;
    Ok(show(app, person).await?)
}

fn weekdays(days: &[i16]) -> Result<Vec<i16>, String> {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    match days.is_empty() || days.iter().any(|day| !(1..=7).contains(day)) {
        true => Err("At least one weekday, 1 (Monday) to 7 (Sunday).".to_owned()),
        false => Ok(days),
    }
}

fn checked(windows: &[Window]) -> Result<Vec<Window>, String> {
    if windows.len() > quiet::MOST {
        return Err(format!("At most {} windows.", quiet::MOST));
    }
    windows.iter().map(Window::check).collect()
}

fn hour(text: &str) -> Result<String, String> {
    quiet::time(text)
        .map(|time| time.format("%H:%M").to_string())
        .ok_or_else(|| "A time of the day, as in 08:30.".to_owned())
}
