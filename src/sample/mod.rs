//! The sample company: forty invented people with eight weeks of goals, check-ins, posts and short videos, so that somebody who
//! has just set the server up sees it working; and its removal in one step.
//!
//! It knows no rule of its own: everything is made through the functions that serve people, with a clock that begins in the
//! past ([`fill`]), and everything that hangs on the sample's people goes again, found by the database's own foreign keys
//! ([`remove`]). Invariant: what real people made stays, and nobody of the sample can sign in.

pub mod fill;
pub mod prepare;
pub mod remove;
pub mod routes;
pub mod sql;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::text_enum;
use crate::error::{Code, Problem};
use crate::id::OrganisationId;
use crate::jobs::{self, NewJob};
use crate::org;

/// At most one unfinished job works on the sample.
const KEY: &str = "sample";

text_enum! {
    /// Where the sample stands.
    SampleState {
        /// There is none.
        None = "none",
        /// People, goals, check-ins and posts are being made.
        Filling = "filling",
        /// Its videos are being prepared.
        Preparing = "preparing",
        /// It is there.
        Ready = "ready",
        /// It is going.
        Removing = "removing",
        /// It could not be filled: remove it, or try again.
        Failed = "failed",
    }
}

/// The sample as it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sample {
    /// Where it stands.
    pub state: SampleState,
    /// How far that has come, 0 to 1.
    pub progress: f64,
    /// Its people.
    pub people: i64,
    /// Why it cannot be filled, in a sentence; null when it can.
    pub refused: Option<String>,
    /// Since when; null when there is none.
    pub changed_at: Option<DateTime<Utc>>,
}

/// How large and how long its videos are.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Films {
    /// Width and height in pixels, both even.
    pub size: (u32, u32),
    /// The longest, in seconds.
    pub longest: u32,
}

impl Default for Films {
    fn default() -> Self {
        Self { size: (960, 540), longest: 20 }
    }
}

/// What the jobs are told.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Payload {
    organisation: OrganisationId,
    #[serde(default)]
    films: Films,
}

/// The sample as it stands.
///
/// # Errors
/// The database's.
pub async fn sample(app: &App, organisation: OrganisationId) -> Result<Sample, sqlx::Error> {
    let row = sql::sample(&app.db, organisation).await?;
    let people = sql::people(&app.db).await?;
    let others = sql::others(&app.db, organisation).await?;
    let (state, progress) = row.as_ref().map_or((SampleState::None, 0.0), |row| (row.state, row.progress));
    let refused = match state {
        SampleState::None | SampleState::Failed => refusal(others),
        SampleState::Filling | SampleState::Preparing => Some("The sample company is being filled.".to_owned()),
        SampleState::Ready => Some("The sample company is here already.".to_owned()),
        SampleState::Removing => Some("The sample company is being removed.".to_owned()),
    };
    Ok(Sample { state, progress, people, refused, changed_at: row.map(|row| row.changed_at) })
}

/// Why the sample would be in the way: it is for a company in which nobody works yet.
fn refusal(others: i64) -> Option<String> {
    match others {
        0 | 1 => None,
        more => Some(format!(
            "{more} people work here already. The sample company is for looking around before anybody does; \
             use another server for it."
        )),
    }
}

/// Owes the filling. Filling what failed begins anew; what is there already is refused.
///
/// # Errors
/// Somebody works here already, it is there, or it is on its way; the database's.
pub async fn fill(app: &App, by: &Person, films: Films) -> Result<(), Problem> {
    let organisation = by.organisation;
    if let Some(sentence) = sample(app, organisation).await?.refused {
        return Err(Problem::new(Code::Conflict, sentence));
    }
    let mut tx = app.db.begin().await?;
    org::sql::hold(&mut tx, organisation).await?;
    sql::set(&mut tx, organisation, SampleState::Filling, app.clock.now()).await?;
    owe(app, &mut tx, fill::KIND, organisation, films).await?;
    note(app, &mut tx, Some(by), organisation, "sample.begun", 0).await?;
    tx.commit().await?;
    app.jobs.wake();
    Ok(())
}

/// Owes the removal.
///
/// # Errors
/// There is none, or it is being filled; the database's.
pub async fn remove(app: &App, by: Option<&Person>, organisation: OrganisationId) -> Result<(), Problem> {
    match sample(app, organisation).await?.state {
        SampleState::None => return Err(Problem::new(Code::Conflict, "There is no sample company here.")),
        SampleState::Filling | SampleState::Preparing => {
            let sentence = "The sample company is being filled. Wait until it is there, then remove it.";
            return Err(Problem::new(Code::Conflict, sentence));
        }
        SampleState::Ready | SampleState::Removing | SampleState::Failed => {}
    }
    let mut tx = app.db.begin().await?;
    sql::set(&mut tx, organisation, SampleState::Removing, app.clock.now()).await?;
    owe(app, &mut tx, remove::KIND, organisation, Films::default()).await?;
    note(app, &mut tx, by, organisation, "sample.removal_begun", 0).await?;
    tx.commit().await?;
    app.jobs.wake();
    Ok(())
}

async fn owe(
    app: &App,
    tx: &mut crate::db::Tx,
    kind: &'static str,
    organisation: OrganisationId,
    films: Films,
) -> Result<(), sqlx::Error> {
    let mut job = NewJob::new(kind, json!(Payload { organisation, films })).unique(KEY);
    job.max_attempts = 6;
    jobs::enqueue(tx, &app.clock, job).await.map(|_| ())
}

/// What a job that works on the sample leaves when it has failed for good.
async fn failed(app: &App, tx: &mut crate::db::Tx, job: &jobs::Job) -> Result<(), sqlx::Error> {
    let Ok(Payload { organisation, .. }) = serde_json::from_value(job.payload.0.clone()) else { return Ok(()) };
    sql::set(tx, organisation, SampleState::Failed, app.clock.now()).await
}

/// Writes what became of the sample into the trail; it stays when the sample goes, for its subject is the organisation.
async fn note(
    app: &App,
    tx: &mut crate::db::Tx,
    by: Option<&Person>,
    organisation: OrganisationId,
    action: &'static str,
    people: i64,
) -> Result<(), sqlx::Error> {
    let mut event = AuditEvent::of(&app.clock, organisation, action, "organisation", organisation.0);
    event.actor = by.map(|person| person.id);
    audit::record(tx, &event.detail(json!({ "people": people }))).await
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_administrator_alone_may_look_around() {
        assert_eq!((super::refusal(0), super::refusal(1)), (None, None));
        assert!(super::refusal(2).unwrap().starts_with("2 people work here already."));
    }
}
