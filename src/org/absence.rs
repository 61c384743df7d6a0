//! Days on which somebody is away: they excuse the check-in slots that fall into them.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::account::{Person, Role, sql as account_sql};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::error::{Code, Problem};
use crate::http::calendar;
use crate::http::form::Form;
use crate::id::PersonId;

use super::sql::absence as sql;

/// How far the last day of an absence may lie behind its first: a leap year.
pub const LONGEST: Days = Days::new(366);

/// An absence as kept. Both days are part of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Absence {
    /// Its id.
    pub id: Uuid,
    /// Who is away.
    pub person: PersonId,
    /// From this day, in their own time zone.
    pub first_day: NaiveDate,
    /// To this day.
    pub last_day: NaiveDate,
    /// What every member may read about it.
    pub note: String,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}

/// An absence to be entered.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct NewAbsence {
    /// Who is away; whoever asks, when absent. Administrators enter it for others.
    person: Option<PersonId>,
    /// The first day away.
    #[serde(deserialize_with = "calendar::within")]
    first_day: NaiveDate,
    /// The last day away.
    #[serde(deserialize_with = "calendar::within")]
    last_day: NaiveDate,
    /// What every member may read about it.
    #[serde(default)]
    note: String,
}

/// Enters an absence.
///
/// # Errors
/// Somebody else's without being an administrator, fields that need another value; the database's.
pub async fn create(app: &App, asker: &Person, new: NewAbsence) -> Result<Absence, Problem> {
    let person = new.person.unwrap_or(asker.id);
    check_may_write(asker, person)?;
    let mut form = Form::new();
    let note = form.line("note", &new.note, 0, 200);
    if new.last_day < new.first_day {
        form.wrong("last_day", "Not before the first day.");
    } else if new.first_day.checked_add_days(LONGEST).is_some_and(|end| new.last_day > end) {
        form.wrong("last_day", "At most a year at once.");
    }
    form.done()?;
    let (first_day, last_day, created_at) = (new.first_day, new.last_day, app.clock.now());
    let absence = Absence { id: app.clock.id(), person, first_day, last_day, note, created_at };
    let mut tx = app.db.begin().await?;
    let found = account_sql::person::one_in(&mut tx, asker.organisation, person).await?;
    found.ok_or_else(|| Problem::field("person", "There is no such person."))?;
    sql::insert(&mut tx, &absence).await?;
    let event = AuditEvent::by(&app.clock, asker, "absence.created", "absence", absence.id);
    let detail = json!({ "person": person, "first_day": first_day, "last_day": last_day });
    audit::record(&mut tx, &event.detail(detail)).await?;
    tx.commit().await?;
    Ok(absence)
}

/// Takes an absence back.
///
/// # Errors
/// There is none of that id, or it is somebody else's; the database's.
pub async fn delete(app: &App, asker: &Person, id: Uuid) -> Result<(), Problem> {
    let mut tx = app.db.begin().await?;
    let absence = sql::one(&mut tx, asker.organisation, id).await?.ok_or_else(Problem::not_found)?;
    check_may_write(asker, absence.person)?;
    sql::delete(&mut tx, id).await?;
    let event = AuditEvent::by(&app.clock, asker, "absence.deleted", "absence", id);
    audit::record(&mut tx, &event.detail(json!({ "person": absence.person }))).await?;
    Ok(tx.commit().await?)
}

fn check_may_write(asker: &Person, person: PersonId) -> Result<(), Problem> {
    if asker.id == person || asker.role == Role::Admin {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden, "Only administrators enter and delete the absences of others."))
}
