//! Jobs as those see them who owed them and wait for what they leave behind. Not a claim: nothing of the work is done here.
//!
//! Invariant: a job is only taken back from whoever has it by the guarded update that also ends that claim.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;

use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::id::JobId;

use super::sql;

/// Where a job stands.
#[derive(Clone, PartialEq, Debug)]
pub enum Seen {
    /// Nobody has it.
    Ready,
    /// Somebody is at work and has come so far (0 to 1).
    Running(f64),
    /// It is done and left this.
    Done(Option<Value>),
    /// It failed, was called off, or is forgotten.
    Gone,
}

/// A row as it is read.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Row {
    state: String,
    progress: f64,
    checkpoint: Option<Json<Value>>,
}

/// How a job stands now.
///
/// # Errors
/// The database's.
pub async fn look(db: &Db, id: JobId) -> Result<Seen, sqlx::Error> {
    let Some(row) = sql::seen(db, id).await? else { return Ok(Seen::Gone) };
    Ok(match row.state.as_str() {
        "ready" => Seen::Ready,
        "running" => Seen::Running(row.progress),
        "done" => Seen::Done(row.checkpoint.map(|kept| kept.0)),
        _ => Seen::Gone,
    })
}

/// Calls a job off that nobody has; false when somebody was quicker.
///
/// # Errors
/// The database's.
pub async fn take_back(tx: &mut Tx, clock: &Clock, id: JobId) -> Result<bool, sqlx::Error> {
    let now: DateTime<Utc> = clock.now();
    sql::take_back(tx, id, now).await
}

/// Calls an unfinished job off, whoever has it.
///
/// # Errors
/// The database's.
pub async fn call_off(tx: &mut Tx, clock: &Clock, id: JobId) -> Result<bool, sqlx::Error> {
    sql::call_off(tx, id, clock.now()).await
}
