//! Changes to people: what one changes of oneself, and what administrators change of others.
//!
//! Rules: nobody becomes their own manager, however far up; the last active administrator stays one. Both are checked while
//! the organisation's row is held, so that two changes at once cannot get past them together.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::clock::Clock;
use crate::db::{Db, Tx, dialect};
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::http::patch::present;
use crate::id::PersonId;
use crate::org;

use super::departure::{self, HandOver};
use super::{Person, PersonState, Role, sql, view};

/// What one changes of oneself; absent fields stay.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct OwnChange {
    /// Full name.
    name: Option<String>,
    /// Short name for mentions: 2 to 24 of a–z, 0–9, dot, hyphen.
    handle: Option<String>,
    /// What one does.
    title: Option<String>,
    /// IANA name; null for the organisation's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    time_zone: Option<Option<String>>,
    /// The revision this change was made from.
    revision: i64,
}

/// What an administrator changes of somebody; absent fields stay.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct PersonChange {
    /// Full name.
    name: Option<String>,
    /// What they do.
    title: Option<String>,
    /// Whom they report to; null for nobody.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<PersonId>)]
    manager: Option<Option<PersonId>>,
    /// What they may do.
    role: Option<Role>,
    /// Active or left. Whoever leaves is signed out everywhere, and what is open goes to their manager.
    state: Option<PersonState>,
    /// The revision this change was made from.
    revision: i64,
}

impl PersonChange {
    /// Somebody leaves, and nothing else changes.
    #[must_use]
    pub fn leaving(revision: i64) -> PersonChange {
        PersonChange { name: None, title: None, manager: None, role: None, state: Some(PersonState::Left), revision }
    }
}

/// Changes one's own account.
///
/// # Errors
/// Fields that need another value, a handle that is taken, a stale revision.
pub async fn own(app: &App, person: &Person, change: OwnChange) -> Result<Person, Problem> {
    let (mut next, mut form) = (person.clone(), Form::new());
    set_line(&mut form, "name", change.name.as_deref(), 1, &mut next.name);
    set_line(&mut form, "title", change.title.as_deref(), 0, &mut next.title);
    if let Some(handle) = change.handle.as_deref() {
        next.handle = form.take("handle", parse_handle(handle)).unwrap_or_default();
    }
    if let Some(zone) = change.time_zone {
        next.time_zone = zone.and_then(|zone| form.take("time_zone", org::parse_time_zone(&zone)));
    }
    form.done()?;
    let mut tx = app.db.begin().await?;
    let written = sql::person::update(&mut tx, &next, change.revision).await.map_err(|error| {
        if dialect::is_taken(&error) {
            return Problem::new(Code::HandleTaken, format!("Someone already goes by @{}.", next.handle));
        }
        error.into()
    })?;
    finish(app, tx, person, person, next, written).await
}

/// Changes somebody as an administrator; if they leave, `over` says who goes on with what.
///
/// # Errors
/// Nobody with that id, fields that need another value, a cycle of managers, the last administrator, a stale revision.
pub async fn person(
    app: &App,
    admin: &Person,
    id: PersonId,
    change: PersonChange,
    over: &HandOver,
) -> Result<Person, Problem> {
    let mut form = Form::new();
    let mut tx = app.db.begin().await?;
    org::sql::hold(&mut tx, admin.organisation).await?;
    let before = sql::person::one_in(&mut tx, admin.organisation, id).await?.ok_or_else(Problem::not_found)?;
    let mut next = before.clone();
    set_line(&mut form, "name", change.name.as_deref(), 1, &mut next.name);
    set_line(&mut form, "title", change.title.as_deref(), 0, &mut next.title);
    form.done()?;
    next.manager = change.manager.unwrap_or(before.manager);
    next.role = change.role.unwrap_or(before.role);
    next.state = change.state.unwrap_or(before.state);
    if before.state == PersonState::Left && change.manager.is_none() {
        next.manager = still_here(&mut tx, &before).await?;
    }
    check_manager(&mut tx, &before, &next).await?;
    check_last_admin(&mut tx, &before, &next).await?;
    let written = sql::person::update(&mut tx, &next, change.revision).await?;
    match (before.state, next.state) {
        (PersonState::Active, PersonState::Left) if written => {
            departure::leave(&app.clock, &mut tx, admin, &before, over).await?;
        }
        (PersonState::Left, PersonState::Active) if written => {
            departure::give_back(&app.clock, &mut tx, admin, &next).await?;
        }
        _ => {}
    }
    finish(app, tx, admin, &before, next, written).await
}

/// Writes the trail and commits; or, when somebody else was faster, says what the row says now.
async fn finish(
    app: &App,
    mut tx: Tx,
    actor: &Person,
    before: &Person,
    mut next: Person,
    written: bool,
) -> Result<Person, Problem> {
    if !written {
        drop(tx);
        let current =
            sql::person::one(&app.db, before.organisation, before.id).await?.ok_or_else(Problem::not_found)?;
        return Err(Problem::stale(&view::profile(&app.db, current).await?));
    }
    let event = AuditEvent::by(&app.clock, actor, "person.changed", "person", next.id.0);
    audit::record(&mut tx, &event.detail(differences(before, &next))).await?;
    crate::search::refresh(&mut tx, crate::search::Kind::Person, next.id.0).await?;
    let rhythm = |person: &Person| (person.manager, person.time_zone.clone(), person.role, person.state);
    if rhythm(before) != rhythm(&next) {
        crate::checkin::slots::replan(&mut tx, next.id, &app.clock).await?;
    }
    tx.commit().await?;
    next.revision += 1;
    Ok(next)
}

/// Gives somebody a new password and ends their sessions, but for the one named. `actor` is nobody at the command line.
///
/// # Errors
/// The database's.
pub async fn password(
    db: &Db,
    clock: &Clock,
    actor: Option<&Person>,
    person: &Person,
    keep: Option<Uuid>,
    hash: &str,
) -> Result<(), sqlx::Error> {
    let mut tx = db.begin().await?;
    sql::person::set_password(&mut tx, person.id, hash).await?;
    let ended = sql::session::revoke_others(&mut tx, person.id, keep, clock.now()).await?;
    let mut event = AuditEvent::of(clock, person.organisation, "person.password_changed", "person", person.id.0);
    event.actor = actor.map(|actor| actor.id);
    audit::record(&mut tx, &event.detail(json!({ "sessions_ended": ended }))).await?;
    tx.commit().await
}

/// The manager of somebody who may have been away for long, if that manager has not left meanwhile.
async fn still_here(tx: &mut Tx, person: &Person) -> Result<Option<PersonId>, sqlx::Error> {
    let Some(manager) = person.manager else { return Ok(None) };
    let found = sql::person::one_in(tx, person.organisation, manager).await?;
    Ok(found.filter(|found| found.state == PersonState::Active).map(|found| found.id))
}

async fn check_manager(tx: &mut Tx, before: &Person, next: &Person) -> Result<(), Problem> {
    let Some(manager) = next.manager.filter(|_| next.manager != before.manager) else { return Ok(()) };
    let found = sql::person::one_in(tx, next.organisation, manager).await?;
    if found.is_none_or(|found| found.state != PersonState::Active || found.role == Role::Guest) {
        return Err(Problem::field("manager", "There is no such member."));
    }
    if sql::person::is_above(tx, next.id, manager).await? {
        let sentence = format!("That would make {} their own manager.", next.name);
        return Err(Problem::new(Code::ManagerCycle, sentence.clone()).with("fields", json!({ "manager": sentence })));
    }
    Ok(())
}

async fn check_last_admin(tx: &mut Tx, before: &Person, next: &Person) -> Result<(), Problem> {
    let is_admin = |person: &Person| person.role == Role::Admin && person.state == PersonState::Active;
    if is_admin(before) && !is_admin(next) && sql::person::other_admins(tx, before.organisation, before.id).await? == 0
    {
        return Err(Problem::new(
            Code::LastAdmin,
            format!("{} is the last administrator. Make somebody else one first.", before.name),
        ));
    }
    Ok(())
}

fn set_line(form: &mut Form, field: &str, given: Option<&str>, min: usize, into: &mut String) {
    if let Some(value) = given {
        *into = form.line(field, value, min, 100);
    }
}

/// A handle as it is kept.
pub(super) fn parse_handle(text: &str) -> Result<String, String> {
    let handle = text.trim().trim_start_matches('@').to_lowercase();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    match handle.len() {
        2..=24 if handle.chars().all(plain) => Ok(handle),
        _ => Err("2 to 24 of a–z, 0–9, dot and hyphen.".to_owned()),
    }
}

/// What changed, as `{field: [before, after]}`.
fn differences(before: &Person, after: &Person) -> Value {
    let mut found = serde_json::Map::new();
    let mut note = |field: &str, old: Value, new: Value| {
        if old != new {
            found.insert(field.to_owned(), json!([old, new]));
        }
    };
    note("name", json!(before.name), json!(after.name));
    note("handle", json!(before.handle), json!(after.handle));
    note("title", json!(before.title), json!(after.title));
    note("manager", json!(before.manager), json!(after.manager));
    note("role", json!(before.role), json!(after.role));
    note("state", json!(before.state), json!(after.state));
    note("time_zone", json!(before.time_zone), json!(after.time_zone));
    Value::Object(found)
}
