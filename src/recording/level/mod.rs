//! The level job: a take's sound is made again by one gain that was measured while it came in, and the set of files with it takes the
//! place of the published one. Owed in the transaction that makes the take ready; the pictures stay where they are. Whoever watches
//! the old set meanwhile plays on.
//!
//! Invariant: what is published was decoded and measured after it was encoded, and lies where the rule puts it; else nothing is
//! replaced, and the log says why.

mod files;
mod text;

use std::path::Path;
use std::time::Duration;

use actix_web::web::Data;
use async_trait::async_trait;
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;

use crate::app::App;
use crate::db::Tx;
use crate::id::{TakeId, UploadId};
use crate::jobs::{self, Failure, Handler, NewJob, Outcome, Work};
use crate::media::child::{self, Made};
use crate::media::level::Level;
use crate::media::loudness::Loudness;
use crate::media::{AudioResult, ResultJson};
use crate::upload::{self, log::follow};

use super::process;
use super::process::publish::{manifest, replace};
use super::replaced::{self, NewSet, sweep_after};
use super::take::{self, Take, TakeState};
use files::Files;

/// The kind of job that levels a take's sound.
pub const KIND: &str = "level";
/// Before recordings and files that wait: it takes seconds, and the take is on somebody's screen.
const PRIORITY: i16 = 8;
/// So often the sound is encoded, at most, until it lies where it should.
const TRIES: u32 = 3;
/// The longest the media child may be at it.
const BOUND: Duration = Duration::from_secs(5 * 60);

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    take: TakeId,
    upload: UploadId,
    /// The set it is made from.
    from: String,
    level: Level,
    /// How loud it shall come out, in LUFS.
    wanted: f64,
}

/// Owes the levelling of what this attempt has just published, where there is something to level. Call `app.jobs.wake()` after
/// the commit.
///
/// # Errors
/// The database's.
pub async fn owe(
    app: &App,
    tx: &mut Tx,
    (take, upload): (TakeId, UploadId),
    from: &str,
    audio: Option<&AudioResult>,
) -> Result<(), sqlx::Error> {
    let Some(audio) = audio.filter(|audio| audio.level.is_none()) else { return Ok(()) };
    let Some(level) = Level::of(audio.loudness()) else { return Ok(()) };
    let wanted = level.wanted(audio.loudness());
    let payload = json!(Payload { take, upload, from: from.to_owned(), level, wanted });
    let mut job = NewJob::new(KIND, payload).unique(format!("{KIND}:{take}"));
    job.priority = PRIORITY;
    jobs::enqueue(tx, &app.clock, job).await.map(|_| ())
}

/// Levels a take's sound.
pub struct LevelSound;

#[async_trait]
impl Handler for LevelSound {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let payload: Payload = work.payload()?;
        let shown = |take: &Take| take.state == TakeState::Ready && take.discarded_at.is_none();
        let Some(take) = take::sql::any(&app.db, payload.take).await?.filter(shown) else { return Ok(Outcome::Done) };
        if take.attempt.as_deref() != Some(&payload.from) {
            return Ok(Outcome::Done); // another set is shown by now
        }
        let original = upload::sql::find(&app.db, payload.upload).await?;
        if original.is_none_or(|upload| upload.state != upload::State::Complete) {
            return leave(app, work, &take, "its original is not kept").await;
        }
        let dir = process::work_dir(app).await?;
        let files = Files::new(app, work, &take, &payload.from, dir.path());
        let old = files.old().await?;
        let top = files.top(&old).await?;
        match made(app, work, &payload, &take, (&top, dir.path())).await? {
            Ok(sound) => {
                let set = files.assemble(&old, sound).await?;
                files.put(&set).await?;
                let also: Vec<&str> = set.also.iter().map(String::as_str).collect();
                let media = manifest(&set.result, &also);
                let new = NewSet { from: &payload.from, media: &media, media_bytes: set.bytes, because: KIND };
                replace(app, work, app.db.begin().await?, &take, &new).await?;
                Ok(Outcome::Finished)
            }
            Err(why) => leave(app, work, &take, &why).await,
        }
    }
}

/// Makes the sound, again until it lies where it should; or says why it does not.
async fn made(
    app: &Data<App>,
    work: &Work,
    payload: &Payload,
    take: &Take,
    (top, dir): (&Made, &Path),
) -> Result<Result<ResultJson, String>, Failure> {
    let mut level = payload.level;
    let mut came_out = Loudness::default();
    for _ in 0..TRIES {
        let task = child::Task { level: Some(level), only_sound: Some(top.clone()), ..process::task(app, take, None) };
        let mut job = process::job(app, task, dir)?;
        job.wall_clock = BOUND;
        let (told, mut events) = mpsc::channel(64);
        let listen = async {
            while events.recv().await.is_some() {
                work.alive();
            }
        };
        let input = follow(app.clone(), payload.upload, 0).map_err(std::io::Error::other);
        let input = input.inspect_ok(|_| work.alive());
        let result = match tokio::join!(child::run(job, input, told), listen).0 {
            child::Outcome::Done(result) => result,
            child::Outcome::Refused { detail, .. } | child::Outcome::Unfit { detail } => return Ok(Err(detail)),
            child::Outcome::Failed { code, detail } => return Err(Failure::passing(detail).with_code(code)),
        };
        came_out = result.audio.as_ref().map(AudioResult::loudness).unwrap_or_default();
        match level.mended(payload.wanted, came_out) {
            None if came_out.lufs.is_some() => return Ok(Ok(result)),
            None => break,
            Some(next) => level = next,
        }
    }
    Ok(Err(format!("it came out at {came_out:?}, {:.1} LUFS were wanted", payload.wanted)))
}

/// The published set stays; whatever this attempt put is swept.
async fn leave(app: &App, work: &Work, take: &Take, why: &str) -> Result<Outcome, Failure> {
    tracing::warn!(take = %take.id, why, "the sound of a take is left as it was recorded");
    let mut tx = app.db.begin().await?;
    if work.finish(app, &mut tx).await? {
        replaced::sql::sweep_at(&mut tx, take.id, sweep_after(app.clock.now())).await?;
        tx.commit().await?;
    }
    Ok(Outcome::Finished)
}
