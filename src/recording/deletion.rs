//! Bytes go after the row, never before: whoever takes a row away owes one of these jobs in the same transaction. Every rule
//! stands in docs/deletion.md.
//!
//! Invariant: only keys under `takes/<take>/` are deleted here, and the published set of a living take never is.

use actix_web::web::Data;
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::db::Tx;
use crate::id::{RecordingId, TakeId};
use crate::jobs::{self, Failure, Handler, NewJob, Outcome, Work};

use super::{library, live, process, take};

/// The kind of job that deletes a discarded take's outputs.
pub const TAKE: &str = "recording.delete_take";
/// The kind of job that deletes the outputs of a deleted recording.
pub const RECORDING: &str = "recording.delete";
/// The kind of job that deletes what attempts left behind that were never published.
pub const ATTEMPTS: &str = "recording.sweep_attempts";

/// Objects listed at once.
const BATCH: usize = 500;

/// Owes the deletion of a discarded take's outputs, and calls off whoever still makes them.
///
/// # Errors
/// The database's.
pub async fn owe_take(app: &App, tx: &mut Tx, id: TakeId) -> Result<(), sqlx::Error> {
    jobs::cancel(tx, &app.clock, &process::key(id)).await?;
    let mut job = NewJob::new(TAKE, json!({ "take": id })).unique(format!("{TAKE}:{id}"));
    job.max_attempts = 20;
    jobs::enqueue(tx, &app.clock, job).await.map(|_| ())
}

/// Owes the deletion of every take of a deleted recording.
///
/// # Errors
/// The database's.
pub async fn owe_recording(app: &App, tx: &mut Tx, id: RecordingId) -> Result<(), sqlx::Error> {
    let mut job = NewJob::new(RECORDING, json!({ "recording": id })).unique(format!("{RECORDING}:{id}"));
    job.max_attempts = 20;
    jobs::enqueue(tx, &app.clock, job).await.map(|_| ())
}

#[derive(Deserialize)]
struct OfTake {
    take: TakeId,
}

#[derive(Deserialize)]
struct OfRecording {
    recording: RecordingId,
}

/// Deletes the outputs of one discarded take.
pub struct DeleteTake;

#[async_trait]
impl Handler for DeleteTake {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let OfTake { take } = work.payload()?;
        match take::sql::any(&app.db, take).await? {
            Some(row) if row.discarded_at.is_none() => Err(Failure::permanent("the take is not discarded")),
            _ => delete_all(app, work, take, None).await,
        }
    }
}

/// Deletes the outputs of every take of a deleted recording.
pub struct DeleteRecording;

#[async_trait]
impl Handler for DeleteRecording {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let OfRecording { recording } = work.payload()?;
        for take in library::sql::takes_of_deleted(&app.db, recording).await? {
            delete_all(app, work, take, None).await?;
        }
        Ok(Outcome::Done)
    }
}

/// Deletes what lost, refused and failed attempts left behind, an hour after their take ended.
pub struct SweepAttempts;

#[async_trait]
impl Handler for SweepAttempts {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let before = app.clock.now() - chrono::TimeDelta::hours(1);
        loop {
            let ended = take::sql::unswept(&app.db, before).await?;
            if ended.is_empty() {
                return Ok(Outcome::Done);
            }
            for row in ended {
                delete_all(app, work, row.id, row.attempt.as_deref()).await?;
                let mut tx = app.db.begin().await?;
                // It names segments of attempts that are gone now.
                live::sql::delete(&mut tx, row.id).await?;
                take::sql::swept(&mut tx, row.id, app.clock.now()).await?;
                tx.commit().await?;
            }
        }
    }
}

/// Deletes everything of a take but the attempt `but`.
async fn delete_all(app: &App, work: &Work, take: TakeId, but: Option<&str>) -> Result<Outcome, Failure> {
    let prefix = format!("takes/{take}/");
    let kept = but.map(|attempt| format!("{prefix}{attempt}/"));
    let mut after: Option<String> = None;
    loop {
        let found = app.store.list(&prefix, after.as_deref(), BATCH).await?;
        let Some(last) = found.last() else { return Ok(Outcome::Done) };
        after = Some(last.key.clone());
        for object in found {
            if kept.as_deref().is_none_or(|kept| !object.key.starts_with(kept)) {
                app.store.delete(&object.key).await?;
                work.alive();
            }
        }
    }
}
