//! The process job: a take's bytes go through the media child as they arrive, its files into the store, and one guarded update
//! makes them the take's. Owed since the take's first byte. Knows nothing of codecs.
//!
//! Invariants: outputs lie under the claim's own word, so two attempts never share a key; nobody sees them before the
//! transaction that finishes the job, which also makes the take ready and publishes a recording that keeps itself; and before
//! that every file has been found in the store with its size. What an attempt has stored is the next one's beginning.

mod checkpoint;
mod ledger;
mod meter;
mod outputs;
pub mod publish;
mod resume;
pub mod second;
pub mod share;

use std::future::ready;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::app::App;
use crate::codes::Code;
use crate::config::Role;
use crate::db::Tx;
use crate::id::{TakeId, UploadId};
use crate::jobs::{self, Failure, Handler, Job, NewJob, Outcome, Room, Work};
use crate::media::child;
use crate::media::report::Plan;
use crate::upload;
use crate::upload::log::{Pulse, follow_watched};

use super::live;
use super::take::{self, TOLERANCE_MS, Take, TakeState};
use checkpoint::Checkpoint;
use meter::Meter;
use outputs::Outputs;
use share::Sharing;

/// The kind of job that makes a take's bytes play.
pub const KIND: &str = "process";
/// An upload that is silent for so long gets no slot of a worker.
const SILENCE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Payload {
    take: TakeId,
    upload: UploadId,
    /// Whether the source's own picture may be the top rendition.
    #[serde(default = "yes")]
    copy: bool,
    /// Whether parts of it may be made by others.
    #[serde(default = "yes")]
    share: bool,
}

const fn yes() -> bool {
    true
}

/// Makes a take's bytes play.
pub struct Process;

#[async_trait]
impl Handler for Process {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let Payload { take, upload, copy, share } = work.payload()?;
        let unfinished = [TakeState::Receiving, TakeState::Processing];
        let Some(take) = take::sql::any(&app.db, take).await?.filter(|take| unfinished.contains(&take.state)) else {
            return Ok(Outcome::Done); // refused, discarded or done in the meantime: nothing is owed any more
        };
        let size = upload::sql::find(&app.db, upload).await?.and_then(|upload| upload.declared_size);
        let meter = Meter::new(&take, size);
        let dir = work_dir(app).await?;
        let left = resume::fetch(app, work, &take, dir.path()).await;
        share::forget(app, work, take.id, left.is_some()).await?;
        let shown = live::sql::shown(&app.db, take.id).await?.map(|(master, shown)| (master, shown.0));
        let cuts = shown.as_ref().map_or(Vec::new(), |(master, shown)| live::cuts(master, shown));
        let foresee = share && app.config.share_from_s > 0;
        let (parts, joined) = left.as_ref().map_or((Vec::new(), false), |left| (left.parts.clone(), left.joined));
        let begin = match app.jobs.room(app.config.media_cores) {
            Room::Ample => Plan::Full,
            Room::Own => Plan::Light,
            Room::Shared => Plan::TopFirst,
        };
        // Who knows how long it will be has it already: only of a recording that is being made nobody does.
        let file = size.is_some();
        let task = child::Task { copy, cuts, foresee, joined, begin, file, ..task(app, &take, left.as_ref()) };
        let outputs = Outputs::new(app, work, &meter, &take, dir.path(), left, shown);
        let attempt = Attempt { app, work, take: &take, upload, outputs: &outputs, meter: &meter, dir: dir.path() };
        let mut sharing = Sharing::new((app, work), (&take, upload, size), (&outputs, &meter), &parts);
        let outcome = match attempt.make(task, &mut sharing).await? {
            ControlFlow::Continue(outcome) => outcome,
            ControlFlow::Break(ended) => return Ok(ended),
        };
        if app.config.role == Role::Worker {
            // Nobody opens a session on such a node: after one piece of work the next is likely.
            app.expect_media();
        }
        attempt.conclude(outcome, &mut sharing, (copy, share, joined)).await
    }

    async fn gave_up(&self, app: &Data<App>, tx: &mut Tx, job: &Job, failure: &Failure) -> Result<(), sqlx::Error> {
        let Ok(Payload { take, upload, .. }) = serde_json::from_value(job.payload.0.clone()) else { return Ok(()) };
        tracing::error!(%take, attempts = job.attempt, cause = failure.cause, "a take could not be processed");
        let tries = if job.attempt == 1 { "once".to_owned() } else { format!("{} times", job.attempt) };
        let sentence = format!(
            "This video was tried {tries} and could not be processed. It has not cost you a take: record again or send \
             another file. An administrator finds the cause in the log under take {take}."
        );
        let code = failure.code.unwrap_or(Code::MediaFailed);
        share::call_off(tx, &app.clock, take).await?;
        take::failed(app, tx, take, code, &sentence).await?;
        upload::ending::refuse(app, tx, upload, code, &sentence, None).await.map(|_| ())
    }
}

/// One attempt at a take.
struct Attempt<'a> {
    app: &'a Data<App>,
    work: &'a Work,
    take: &'a Take,
    upload: UploadId,
    outputs: &'a Outputs<'a>,
    meter: &'a Meter,
    dir: &'a Path,
}

impl Attempt<'_> {
    /// Answers what the media child says in the end, or how the work has ended before that.
    async fn make(
        &self,
        task: child::Task,
        sharing: &mut Sharing<'_>,
    ) -> Result<ControlFlow<Outcome, child::Outcome>, Failure> {
        let (app, pulse) = (self.app, Arc::new(Pulse::default()));
        let (told, events) = mpsc::channel(64);
        let media = async {
            let input = counted(follow_watched(app.clone(), self.upload, 0, pulse.clone()), self.meter);
            Ok::<_, Failure>(child::run(job(app, task, self.dir)?, input, told).await)
        };
        tokio::select! {
            both = async { tokio::try_join!(media, self.outputs.keep(events)) } => return Ok(ControlFlow::Continue(both?.0)),
            () = sharing.until_met() => {} // the child is stopped: what comes next somebody else makes, or has made
            () = self.meter.report(app, self.work, self.take) => return Ok(ControlFlow::Break(Outcome::Done)), // discarded
            () = pulse.silent(SILENCE) => {
                return rest(app, self.work, self.take, self.upload, pulse.at()).await.map(ControlFlow::Break);
            }
        }
        tokio::select! {
            joined = sharing.join(self.dir) => joined.map(ControlFlow::Continue),
            () = self.meter.report(app, self.work, self.take) => Ok(ControlFlow::Break(Outcome::Done)),
        }
    }

    /// What becomes of the take. An attempt that was allowed so much, and began with parts or not, allows the next one less when
    /// what it made does not fit.
    async fn conclude(
        &self,
        outcome: child::Outcome,
        sharing: &mut Sharing<'_>,
        (copy, share, joined): (bool, bool, bool),
    ) -> Result<Outcome, Failure> {
        let (app, work, of) = (self.app, self.work, (self.take, self.upload));
        match outcome {
            child::Outcome::Done(result) => {
                sharing.over().await?;
                // It may have seen all it needs before the last byte.
                upload::log::whole(app, self.upload).await.map_err(Failure::passing)?;
                publish::publish(app, work, of, self.outputs, &result).await
            }
            child::Outcome::Refused { code, detail, measured_ms } => {
                publish::refuse(app, work, of, code, &detail, measured_ms).await
            }
            child::Outcome::Unfit { detail } => {
                let less = if joined || sharing.is_shared() { (copy, false) } else { (false, share) };
                anew(app, work, (self.take.id, self.upload), less, &detail).await
            }
            child::Outcome::Failed { code, detail } => Err(Failure::passing(detail).with_code(code)),
        }
    }
}

/// The key under which a take's work is owed once.
#[must_use]
pub fn key(take: TakeId) -> String {
    format!("{KIND}:{take}")
}

/// Owes the work on a take, from its first byte on. A recording that is being made goes before a file: somebody waits.
///
/// # Errors
/// The database's.
pub async fn owe(app: &App, tx: &mut Tx, take: TakeId, upload: UploadId) -> Result<(), sqlx::Error> {
    let source = take::sql::in_tx(tx, take).await?.map(|take| take.source);
    let mut job = NewJob::new(KIND, json!({ "take": take, "upload": upload })).unique(key(take));
    job.priority = if source == Some(take::Source::Browser) { 5 } else { 0 };
    if jobs::enqueue(tx, &app.clock, job).await?.is_none() {
        jobs::wake(tx, &app.clock, &key(take)).await?;
    }
    Ok(())
}

/// The upload has been silent: the recorder is paused, the network away, the sender gone. The slot is given back; the next byte
/// wakes the job, which goes on from its checkpoint. A byte that came at this moment wakes it at once.
async fn rest(app: &App, work: &Work, take: &Take, upload: UploadId, at: i64) -> Result<Outcome, Failure> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let until = match upload::sql::lock(&mut tx, upload).await? {
        Some((received, expires_at)) if received <= at => expires_at,
        _ => now,
    };
    if work.snooze(&mut tx, until).await? {
        tx.commit().await?;
        tracing::info!(take = %take.id, at, "no byte has come for a while; the work sleeps until the next one");
    }
    Ok(Outcome::Finished)
}

/// The source's own picture turned out not to fit, or its parts not to fit together: the same again, with all of it encoded, or in one
/// piece. What viewers have been shown stays, for the next attempt cuts at the same instants.
async fn anew(
    app: &App,
    work: &Work,
    (take, upload): (TakeId, UploadId),
    (copy, share): (bool, bool),
    why: &str,
) -> Result<Outcome, Failure> {
    let mut tx = app.db.begin().await?;
    let payload = json!({ "take": take, "upload": upload, "copy": copy, "share": share });
    // The job first, then its parts, as whoever discards a take has them: two who wait for each other would cost an attempt.
    if work.anew(&mut tx, &payload, app.clock.now()).await? {
        share::call_off(&mut tx, &app.clock, take).await?;
        tx.commit().await?;
        tracing::info!(%take, why, copy, share, "it does not fit after all; it is made from the beginning");
    }
    Ok(Outcome::Finished)
}

/// A child at work in that folder.
pub(super) fn job(app: &App, task: child::Task, dir: &Path) -> Result<child::Job, Failure> {
    let job = child::Job::new(app.child_binary().map_err(Failure::passing)?, dir.to_owned(), task);
    // Work that may wait leaves the child that waits to work that may not.
    let pool = (!job.task.lowest).then(|| app.warm.clone());
    Ok(child::Job { pool, ..job })
}

/// What the child is told about a take.
pub(super) fn task(app: &App, take: &Take, left: Option<&Checkpoint>) -> child::Task {
    child::Task {
        limit_ms: take.limit_ms.unsigned_abs(),
        tolerance_ms: TOLERANCE_MS.unsigned_abs(),
        allow_unconfined: app.config.allow_unconfined,
        resume: left.map(Checkpoint::resume),
        ..child::Task::default()
    }
}

/// The upload's bytes, with what has been read of them noted.
fn counted<E: std::error::Error + Send + Sync + 'static>(
    input: impl Stream<Item = Result<bytes::Bytes, E>> + Send,
    meter: &Meter,
) -> impl Stream<Item = std::io::Result<bytes::Bytes>> + Send {
    let input = input.map(move |bytes| {
        let bytes = bytes.map_err(std::io::Error::other)?;
        meter.fed(bytes.len());
        Ok(bytes)
    });
    input.chain(stream::once(async { meter.whole() }).filter_map(|()| ready(None)))
}

/// A folder of its own under `DATA/work`, gone when dropped. What a killed process left there a day ago goes too.
pub(super) async fn work_dir(app: &App) -> Result<TempDir, Failure> {
    let (base, day_ago) = (app.config.data.join("work"), app.clock.now() - TimeDelta::days(1));
    let made = tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&base)?;
        forget_old(&base, day_ago)?;
        TempDir::with_prefix_in("take-", &base)
    });
    made.await.map_err(Failure::passing)?.map_err(|e| Failure::passing(format!("work folder: {e}")))
}

fn forget_old(base: &Path, before: DateTime<Utc>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(base)? {
        let entry = entry?;
        let changed = entry.metadata().and_then(|about| about.modified()).map(DateTime::<Utc>::from);
        if changed.is_ok_and(|at| at < before) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}
