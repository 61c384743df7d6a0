//! Inviting many by a list: every line is looked at before anything is done, and the same list may be given again.
//!
//! Invariant: a list with a wrong line invites nobody; an address is invited once, and who is here is left alone.

pub mod csv;
mod line;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::clock::Clock;
use crate::db::{Tx, text_enum};
use crate::error::{Code, Problem};
use crate::id::{OrganisationId, PersonId};
use crate::org;

use super::invitation::{Invitation, VALID};
use super::keys::token_hash;
use super::{Person, PersonState, sql};

use line::{Checked, Known};

/// Lines of one list.
const MOST: usize = 500;
/// Bytes of one list.
const LARGEST: usize = 400_000;

text_enum! {
    /// What becomes of a line.
    LineState {
        /// An invitation is made (or would be).
        New = "new",
        /// Invited already: that link goes on working.
        Invited = "invited",
        /// Somebody here has that address: left alone.
        Here = "here",
        /// Needs another value first.
        Wrong = "wrong",
    }
}

/// A list of people to invite.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewBatch {
    /// Comma-separated values; the first line names the columns: name, email, handle, title, manager, unit, role, time_zone.
    pub csv: String,
    /// Only look at it: nothing is done.
    #[serde(default)]
    pub dry_run: bool,
    /// New links for those who were invited already; their old ones end.
    #[serde(default)]
    pub renew: bool,
}

/// One line of a list, and what becomes of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchLine {
    /// Its number in the list, from 1.
    pub line: usize,
    /// The name in it.
    pub name: String,
    /// The address in it.
    pub email: String,
    /// What becomes of it.
    pub state: LineState,
    /// What is wrong with it, a sentence each.
    pub errors: Vec<String>,
    /// The link to hand over; shown this once.
    pub url: Option<String>,
    /// Until when it works.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What becomes of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Batch {
    /// Line by line.
    pub lines: Vec<BatchLine>,
}

/// Looks at a list and, unless that is all, invites everybody on it who is not here yet.
///
/// # Errors
/// A list that cannot be read, or (when it is to be done) one with a wrong line; the database's.
pub async fn invite(app: &App, admin: &Person, new: &NewBatch) -> Result<Batch, Problem> {
    if new.csv.len() > LARGEST {
        return Err(Problem::field("csv", "The list is too long. Give it in parts of at most 500 people."));
    }
    let mut rows = csv::rows(&new.csv).into_iter();
    let columns = line::columns(rows.next().map(|row| row.cells).as_deref())?;
    let rows: Vec<csv::Row> = rows.collect();
    if rows.is_empty() || rows.len() > MOST {
        return Err(Problem::field(
            "csv",
            format!("One to {MOST} people below the line with the columns; here are {}.", rows.len()),
        ));
    }
    let mut tx = app.db.begin().await?;
    org::sql::hold(&mut tx, admin.organisation).await?;
    let known = known(app, &mut tx, admin.organisation, &rows, &columns).await?;
    let checked = line::check(&rows, &columns, &known, new.renew);
    if new.dry_run {
        return Ok(Batch { lines: checked.into_iter().map(|one| one.shown).collect() });
    }
    if checked.iter().any(|one| one.shown.state == LineState::Wrong) {
        let lines: Vec<BatchLine> = checked.into_iter().map(|one| one.shown).collect();
        let sentence = "Some lines need another value. Nobody has been invited.";
        return Err(Problem::new(Code::Invalid, sentence)
            .with("fields", json!({ "csv": sentence }))
            .with("lines", json!(lines)));
    }
    let mut lines = Vec::with_capacity(checked.len());
    for one in checked {
        lines.push(make(app, &mut tx, admin, one).await?);
    }
    tx.commit().await?;
    Ok(Batch { lines })
}

async fn known(
    app: &App,
    tx: &mut Tx,
    organisation: OrganisationId,
    rows: &[csv::Row],
    columns: &line::Columns,
) -> Result<Known, sqlx::Error> {
    Ok(Known {
        people: sql::person::register(tx, organisation).await?,
        units: org::sql::unit::names(tx, organisation).await?,
        invited: sql::invitation::open_emails(tx, organisation, app.clock.now()).await?.into_iter().collect(),
        listed: rows.iter().map(|row| columns.email(row).to_lowercase()).collect(),
    })
}

async fn make(app: &App, tx: &mut Tx, admin: &Person, one: Checked) -> Result<BatchLine, sqlx::Error> {
    let (Checked { mut shown, person, .. }, now) = (one, app.clock.now());
    if shown.state != LineState::New {
        return Ok(shown);
    }
    let token = app.clock.word(32);
    let link = Invitation {
        id: app.clock.id(),
        organisation: Some(admin.organisation),
        name: shown.name.clone(),
        email: shown.email.clone(),
        role: person.role,
        manager: person.manager,
        unit: person.unit,
        title: person.title,
        handle: person.handle,
        time_zone: person.time_zone,
        manager_email: person.manager_email,
        created_by: Some(admin.id),
        created_at: now,
        expires_at: now + VALID,
        used_at: None,
    };
    sql::invitation::withdraw_for(tx, admin.organisation, &link.email).await?;
    sql::invitation::insert(tx, &link, &token_hash(&token)).await?;
    let event = AuditEvent::by(&app.clock, admin, "invitation.created", "invitation", link.id);
    audit::record(tx, &event.detail(json!({ "role": link.role, "email": link.email, "by_list": true }))).await?;
    shown.url = Some(format!("{}/join?token={token}", app.config.origin()));
    shown.expires_at = Some(link.expires_at);
    Ok(shown)
}

/// The manager with whom somebody begins: the one invited for them, else whoever has joined with the address that the list named;
/// nobody who has left.
///
/// # Errors
/// The database's.
pub(super) async fn manager(
    tx: &mut Tx,
    organisation: OrganisationId,
    manager: Option<PersonId>,
    email: &str,
) -> Result<Option<PersonId>, sqlx::Error> {
    let wanted = match manager {
        Some(id) => Some(id),
        None if email.is_empty() => None,
        None => sql::person::id_of_email(tx, organisation, email).await?,
    };
    let Some(id) = wanted else { return Ok(None) };
    let found = sql::person::one_in(tx, organisation, id).await?;
    Ok(found.filter(|found| found.state == PersonState::Active).map(|found| found.id))
}

/// Whoever joined before their manager, by a list that names the manager's address, reports to them from now on.
///
/// # Errors
/// The database's.
pub(super) async fn adopt(clock: &Clock, tx: &mut Tx, manager: &Person) -> Result<(), sqlx::Error> {
    for report in sql::invitation::waiting_for(tx, manager.organisation, &manager.email).await? {
        if sql::person::is_above(tx, report, manager.id).await? {
            continue; // that would make somebody their own manager
        }
        super::departure::sql::report_to(tx, report, Some(manager.id)).await?;
        let event = AuditEvent::by(clock, manager, "person.changed", "person", report.0);
        audit::record(tx, &event.detail(json!({ "manager": [null, manager.id] }))).await?;
        crate::checkin::slots::replan(tx, report, clock).await?;
    }
    Ok(())
}
