//! Bytes go after the row, never before: whoever takes a row away owes one of these jobs in the same transaction. Every rule
//! stands in docs/deletion.md.
//!
//! Invariant: only keys under `takes/<take>/` are deleted here; the published set of a living take never is, nor anything that
//! a viewer of a set that was replaced within [`replaced::VIEWED`] could ask for.

use std::collections::BTreeSet;

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::db::Tx;
use crate::id::{RecordingId, TakeId};
use crate::jobs::{self, Failure, Handler, NewJob, Outcome, Work};

use super::replaced::{self, VIEWED, sql::Due, sweep_after};
use super::{library, live, process, take};

/// The kind of job that deletes a discarded take's outputs.
pub const TAKE: &str = "recording.delete_take";
/// The kind of job that deletes the outputs of a deleted recording.
pub const RECORDING: &str = "recording.delete";
/// The kind of job that deletes what attempts left behind that were never published.
pub const ATTEMPTS: &str = "recording.sweep_attempts";

/// The kinds of job that make files of a take, each at most once under the key `KIND:TAKE`.
const MAKERS: [&str; 3] = [process::KIND, "level", process::second::KIND];

/// Objects listed at once.
const BATCH: usize = 500;

/// Calls off whoever makes files of a take.
///
/// # Errors
/// The database's.
pub async fn call_off(app: &App, tx: &mut Tx, id: TakeId) -> Result<(), sqlx::Error> {
    for kind in MAKERS {
        jobs::cancel(tx, &app.clock, &format!("{kind}:{id}")).await?;
    }
    process::share::call_off(tx, &app.clock, id).await
}

/// Owes the deletion of a discarded take's outputs, and calls off whoever still makes them.
///
/// # Errors
/// The database's.
pub async fn owe_take(app: &App, tx: &mut Tx, id: TakeId) -> Result<(), sqlx::Error> {
    call_off(app, tx, id).await?;
    let mut job = NewJob::new(TAKE, json!({ "take": id })).unique(format!("{TAKE}:{id}"));
    job.max_attempts = 20;
    jobs::enqueue(tx, &app.clock, job).await.map(|_| ())
}

/// Owes the deletion of everything that lies under a take whose row goes in this transaction, once so much time has passed.
///
/// # Errors
/// The database's.
pub async fn owe_gone(app: &App, tx: &mut Tx, id: TakeId, later: TimeDelta) -> Result<(), sqlx::Error> {
    let key = format!("{TAKE}:{id}:{}", later.num_seconds());
    let mut job = NewJob::new(TAKE, json!({ "take": id })).unique(key);
    (job.max_attempts, job.run_at) = (20, Some(app.clock.now() + later));
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
            _ => delete_all(app, work, &format!("takes/{take}/")).await.map(|()| Outcome::Done),
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
            delete_all(app, work, &format!("takes/{take}/")).await?;
        }
        Ok(Outcome::Done)
    }
}

/// Deletes what lost, refused and failed attempts left behind, an hour after their job ended, and replaced sets a day after
/// they were replaced.
pub struct SweepAttempts;

#[async_trait]
impl Handler for SweepAttempts {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        loop {
            let due = replaced::sql::due(&app.db, app.clock.now()).await?;
            if due.is_empty() {
                return Ok(Outcome::Done);
            }
            for take in due {
                sweep(app, work, &take).await?;
            }
        }
    }
}

/// Deletes what nobody needs of one take.
async fn sweep(app: &App, work: &Work, due: &Due) -> Result<(), Failure> {
    let now = app.clock.now();
    // What lies there is looked at before who makes it and what is shown: whatever comes later is not touched.
    let found = sets(app, work, due.id).await?;
    let Some((needed, next)) = needed(app, due).await? else {
        let mut tx = app.db.begin().await?;
        replaced::sql::swept(&mut tx, due, Some(sweep_after(now))).await?;
        return Ok(tx.commit().await?);
    };
    for set in found.difference(&needed) {
        delete_all(app, work, &format!("takes/{}/{set}/", due.id)).await?;
    }
    let mut tx = app.db.begin().await?;
    // It names segments of attempts that are gone now.
    live::sql::delete(&mut tx, due.id).await?;
    replaced::sql::forget(&mut tx, due.id, now - VIEWED).await?;
    replaced::sql::swept(&mut tx, due, next).await?;
    Ok(tx.commit().await?)
}

/// The sets of a take that are shown, named by what is shown, or were replaced lately, and when the next of them may go;
/// `None` while a job makes more.
async fn needed(app: &App, due: &Due) -> Result<Option<(BTreeSet<String>, Option<DateTime<Utc>>)>, sqlx::Error> {
    for kind in MAKERS {
        if jobs::owed(&app.db, &format!("{kind}:{}", due.id)).await? {
            return Ok(None);
        }
    }
    if process::share::owed(&app.db, due.id).await? {
        return Ok(None);
    }
    let shown = replaced::sql::shown(&app.db, due.id).await?.filter(|shown| shown.discarded_at.is_none());
    let Some(shown) = shown else { return Ok(Some((BTreeSet::new(), None))) };
    let lately = replaced::sql::since(&app.db, due.id, app.clock.now() - VIEWED).await?;
    let next = lately.first().map(|(_, replaced_at)| *replaced_at + VIEWED);
    let named = shown.media.map(|media| replaced::also(&media.0)).unwrap_or_default();
    let lately = lately.into_iter().map(|(attempt, _)| attempt);
    Ok(Some((shown.attempt.into_iter().chain(named).chain(lately).collect(), next)))
}

/// The sets that lie in the store.
async fn sets(app: &App, work: &Work, take: TakeId) -> Result<BTreeSet<String>, Failure> {
    let prefix = format!("takes/{take}/");
    let mut sets = BTreeSet::new();
    let mut after: Option<String> = None;
    loop {
        let found = app.store.list(&prefix, after.as_deref(), BATCH).await?;
        work.alive();
        let Some(last) = found.last() else { return Ok(sets) };
        after = Some(last.key.clone());
        let rests = found.iter().filter_map(|object| object.key.strip_prefix(&prefix)?.split_once('/'));
        sets.extend(rests.map(|(set, _)| set.to_owned()));
    }
}

/// Deletes everything under a prefix.
async fn delete_all(app: &App, work: &Work, prefix: &str) -> Result<(), Failure> {
    let mut after: Option<String> = None;
    loop {
        let found = app.store.list(prefix, after.as_deref(), BATCH).await?;
        let Some(last) = found.last() else { return Ok(()) };
        after = Some(last.key.clone());
        for object in found {
            app.store.delete(&object.key).await?;
            work.alive();
        }
    }
}
