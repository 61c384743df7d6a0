//! The second pass: when the machine has nothing else to do, a published take is made once more from its original, slowly, and
//! the smaller set of files takes the place of the first. Nobody waits for it, and nothing depends on it.
//!
//! Invariants: it never runs beside work that somebody waits for ([`Registry::handle_idle`](crate::jobs::Registry::handle_idle));
//! what it makes is shown only when it is the same pictures in fewer bytes ([`verdict`]), and then by [`publish::replace`]; what
//! it has stored when it must stop is where it goes on.

mod verdict;

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use crate::app::App;
use crate::db::Tx;
use crate::id::{TakeId, UploadId};
use crate::jobs::{self, Failure, Handler, Job, NewJob, Outcome, Work};
use crate::media::{ResultJson, child};
use crate::recording::bytes::File;
use crate::recording::replaced::{self, NewSet, sweep_after};
use crate::recording::take::{self, TOLERANCE_MS, Take, TakeState};
use crate::upload;
use crate::upload::log::{Pulse, follow_watched};

use super::meter::Meter;
use super::outputs::Outputs;
use super::{checkpoint::Checkpoint, counted, job, publish, resume, work_dir};
use verdict::{Set, Verdict};

/// The kind of job that makes the smaller set.
pub const KIND: &str = "refine";
/// The kind of job that levels the sound: it goes before.
const LEVEL: &str = "level";
/// Below this there is not enough to gain, in milliseconds.
const SHORTEST: i64 = 5_000;
/// Pictures of fewer bytes in all are not made again.
const SMALLEST: u64 = 256 << 10;
/// An original that goes within this time is left alone.
const LEAVING: TimeDelta = TimeDelta::hours(1);
/// How long to wait for the sound to be levelled before looking again.
const SOON: TimeDelta = TimeDelta::seconds(10);
/// The child computes only when nobody else does, so its own bounds are wide: at work, silent, and in CPU seconds.
const BOUNDS: (Duration, Duration, u64) = (Duration::from_secs(6 * 3600), Duration::from_secs(15 * 60), 4 * 3600);

#[derive(Deserialize)]
struct Payload {
    take: TakeId,
}

/// Owes the second pass of a take that is being published, where it is worth the work.
///
/// # Errors
/// The database's.
pub async fn owe(app: &App, tx: &mut Tx, take: &Take) -> Result<(), sqlx::Error> {
    if !app.config.second_pass || take.measured_ms.is_none_or(|ms| ms < SHORTEST) {
        return Ok(());
    }
    let mut job = NewJob::new(KIND, json!({ "take": take.id })).unique(format!("{KIND}:{}", take.id));
    job.priority = -10;
    jobs::enqueue(tx, &app.clock, job).await.map(|_| ())
}

/// Makes the smaller set.
pub struct Refine;

#[async_trait]
impl Handler for Refine {
    async fn may_begin(&self, app: &Data<App>) -> bool {
        app.config.second_pass && load_per_core().is_none_or(|load| load < app.config.second_pass_load)
    }

    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let Payload { take } = work.payload()?;
        if jobs::owed(&app.db, &format!("{LEVEL}:{take}")).await? {
            let mut tx = app.db.begin().await?;
            if work.snooze(&mut tx, app.clock.now() + SOON).await? {
                tx.commit().await?;
            }
            return Ok(Outcome::Finished);
        }
        let ready = |take: &Take| take.state == TakeState::Ready && take.discarded_at.is_none();
        let Some(take) = take::sql::any(&app.db, take).await?.filter(ready) else { return Ok(Outcome::Done) };
        let kept_until = app.clock.now() - TimeDelta::days(app.config.keep_original_days.into()) + LEAVING;
        let Some(original) = upload::sql::original(&app.db, take.id, kept_until).await? else {
            return leave(app, work, &take, "the original is gone or about to go").await;
        };
        let Some(before) = replaced::sql::shown(&app.db, take.id).await?.and_then(Set::of) else {
            return leave(app, work, &take, "nothing is known of the shown set").await;
        };
        if before.bytes(take.measured_ms.unwrap_or(0)) < SMALLEST {
            return leave(app, work, &take, "it is small already").await;
        }
        make(app, work, &take, original, &before).await
    }

    async fn gave_up(&self, app: &Data<App>, tx: &mut Tx, job: &Job, failure: &Failure) -> Result<(), sqlx::Error> {
        let Ok(Payload { take }) = serde_json::from_value(job.payload.0.clone()) else { return Ok(()) };
        tracing::warn!(%take, cause = failure.cause, "the second pass came to nothing; the first set stays");
        replaced::sql::sweep_at(tx, take, sweep_after(app.clock.now())).await
    }
}

async fn make(app: &Data<App>, work: &Work, take: &Take, original: UploadId, before: &Set) -> Result<Outcome, Failure> {
    let meter = Meter::new(take, None);
    let dir = work_dir(app).await?;
    let left = resume::fetch(app, work, take, dir.path()).await;
    let mut job = job(app, task(app, take, left.as_ref(), before), dir.path())?;
    (job.wall_clock, job.stall) = (BOUNDS.0, BOUNDS.1);
    let outputs = Outputs::new(app, work, &meter, take, dir.path(), left, None).quietly();
    let (told, events) = mpsc::channel(64);
    let media = async {
        let input = counted(follow_watched(app.clone(), original, 0, Arc::new(Pulse::default())), &meter);
        Ok::<_, Failure>(child::run(job, input, told).await)
    };
    let (outcome, ()) = tokio::select! {
        both = async { tokio::try_join!(media, outputs.keep(events)) } => both?,
        never = meter.beat(work) => match never {},
    };
    match outcome {
        child::Outcome::Done(result) => {
            let bytes = outputs.complete(&result).await?;
            let after = Set::made(work.claim(), &result, dir.path()).await.map_err(Failure::passing)?;
            end(app, work, take, (before, &after), (&result, bytes)).await
        }
        child::Outcome::Refused { detail, .. } | child::Outcome::Unfit { detail } => Err(Failure::permanent(detail)),
        child::Outcome::Failed { code, detail } => Err(Failure::passing(detail).with_code(code)),
    }
}

fn task(app: &App, take: &Take, left: Option<&Checkpoint>, before: &Set) -> child::Task {
    child::Task {
        limit_ms: take.limit_ms.unsigned_abs(),
        tolerance_ms: TOLERANCE_MS.unsigned_abs(),
        allow_unconfined: app.config.allow_unconfined,
        resume: left.map(Checkpoint::resume),
        fine: true,
        lowest: app.config.second_pass_lowest,
        level: before.level,
        cpu_seconds: BOUNDS.2,
        ..child::Task::default()
    }
}

/// Shows the new set if it is better, else notes why the old one stays.
async fn end(
    app: &Data<App>,
    work: &Work,
    take: &Take,
    (before, after): (&Set, &Set),
    (result, bytes): (&ResultJson, i64),
) -> Result<Outcome, Failure> {
    let mut before = before.clone();
    for rendition in &mut before.renditions {
        rendition.cut_as(&playlist(app, take, &before.attempt, &rendition.playlist).await.unwrap_or_default());
    }
    let verdict = verdict::of(&before, after);
    let mut tx = app.db.begin().await?;
    if verdict == Verdict::Better {
        let mut media = publish::manifest(result, &[]);
        media["second_pass"] = json!({ "shown": true, "share_of_bytes": verdict::share(&before, after) });
        let set = NewSet { from: &before.attempt, media: &media, media_bytes: bytes, because: KIND };
        publish::replace(app, work, tx, take, &set).await?;
        return Ok(Outcome::Finished);
    }
    tracing::info!(take = %take.id, ?verdict, "the second pass is no better; the first set stays");
    let mut media = before.media.clone();
    media["second_pass"] = json!({ "shown": false, "because": verdict });
    replaced::sql::annotate(&mut tx, take.id, &before.attempt, &media, sweep_after(app.clock.now())).await?;
    if work.finish(app, &mut tx).await? {
        tx.commit().await?;
    }
    Ok(Outcome::Finished)
}

/// The shown set stays without a trial; what earlier attempts have stored is swept.
async fn leave(app: &App, work: &Work, take: &Take, why: &str) -> Result<Outcome, Failure> {
    tracing::info!(take = %take.id, why, "no second pass");
    let mut tx = app.db.begin().await?;
    replaced::sql::sweep_at(&mut tx, take.id, sweep_after(app.clock.now())).await?;
    if work.finish(app, &mut tx).await? {
        tx.commit().await?;
    }
    Ok(Outcome::Finished)
}

/// A playlist of the shown set.
async fn playlist(app: &App, take: &Take, attempt: &str, name: &str) -> Option<String> {
    let file = File { recording: take.recording, take: take.id, attempt: attempt.to_owned(), name: name.to_owned() };
    let bytes = app.hot.small(app.store.as_ref(), &file.key()).await.ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// How many threads wanted to compute during the last minute, for each core; none where the system does not say.
fn load_per_core() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    #[expect(clippy::cast_precision_loss, reason = "a machine has fewer than 2^52 cores")]
    Some(text.split(' ').next()?.parse::<f64>().ok()? / cores as f64)
}
