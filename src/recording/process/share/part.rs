//! The job of whoever helps: makes one part of a file's pictures, and leaves behind what of it lies in the store. Also used by the
//! front, for parts that nobody has made.
//!
//! Invariant: a part is told as made only when each of its segments lies in the store, under a word that nobody else uses.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::web::Data;
use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use tokio::sync::mpsc;

use crate::app::App;
use crate::jobs::{Failure, Handler, Outcome, Work};
use crate::media::child::{self, Event};
use crate::recording::take::{self, Take, TakeState};
use crate::store::content_type;
use crate::upload::log::follow;

use super::super::checkpoint::{Checkpoint, Piece, Track};
use super::super::{job, resume, task, work_dir};
use super::{Ended, Order};

/// Files put at once.
const AT_ONCE: usize = 6;
/// How often a sign of life is given.
const EVERY: Duration = Duration::from_secs(1);

/// Makes a part of a file's pictures.
pub struct ProcessPart;

#[async_trait]
impl Handler for ProcessPart {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let order: Order = work.payload()?;
        let unfinished = [TakeState::Receiving, TakeState::Processing];
        let Some(take) = take::sql::any(&app.db, order.take).await?.filter(|take| unfinished.contains(&take.state))
        else {
            return Ok(Outcome::Done);
        };
        let made = AtomicU64::new(0);
        let told = |ms| made.store(ms, Ordering::Relaxed);
        // The child is killed when it says nothing for too long, so what lives is alive.
        let beat = async {
            loop {
                tokio::time::sleep(EVERY).await;
                work.progress((made.load(Ordering::Relaxed) as f64 / order.ms.max(1) as f64).min(0.99));
            }
        };
        let ended = tokio::select! {
            ended = make(app, work, &take, &order, work.claim(), &told) => ended?,
            () = beat => return Ok(Outcome::Done),
        };
        let mut tx = app.db.begin().await?;
        if work.checkpoint_in(&mut tx, &json!(ended)).await? && work.finish(app, &mut tx).await? {
            tx.commit().await?;
        }
        Ok(Outcome::Finished)
    }
}

/// Makes the part, under `takes/<take>/<word>/`. `told` hears how many milliseconds of it are there.
pub(super) async fn make(
    app: &Data<App>,
    work: &Work,
    take: &Take,
    order: &Order,
    word: &str,
    told: &(dyn Fn(u64) + Sync),
) -> Result<Ended, Failure> {
    let dir = work_dir(app).await?;
    resume::pieces(app, work, take, dir.path(), order.begun.pieces().cloned().collect()).await?;
    let task = child::Task { part: Some(order.part), resume: Some(order.begun.resume()), ..task(app, take, None) };
    // The child that waits is left to recordings.
    let job = child::Job { pool: None, ..job(app, task, dir.path())? };
    let (to, mut events) = mpsc::channel(64);
    let input = follow(app.clone(), order.upload, 0).map(|bytes| bytes.map_err(std::io::Error::other));
    let begin = (order.part.begin.at / 90).unsigned_abs();
    let pieces = stream::poll_fn(|context| events.poll_recv(context)).filter_map(|event| {
        if let Event::Progress { media_ms, .. } = &event {
            told(media_ms.saturating_sub(begin));
        }
        std::future::ready(piece(event, word))
    });
    let puts = pieces.map(|piece| put(app, work, take, dir.path(), piece).boxed());
    let kept = puts.buffered(AT_ONCE).try_fold(begun(&order.begun), |mut made, (rendition, piece)| {
        made.tracks.get_mut(&rendition).into_iter().for_each(|track| track.segments.push(piece.clone()));
        std::future::ready(Ok(made))
    });
    let (outcome, made) = tokio::try_join!(async { Ok(child::run(job, input, to).await) }, kept)?;
    match outcome {
        child::Outcome::Done(_) => Ok(Ended::Made(made)),
        // A part knows too little to refuse a recording.
        child::Outcome::Unfit { detail } | child::Outcome::Refused { detail, .. } => Ok(Ended::Unfit(detail)),
        child::Outcome::Failed { code, detail } => Err(Failure::passing(detail).with_code(code)),
    }
}

/// Puts a segment of a rendition where its piece says.
async fn put(
    app: &App,
    work: &Work,
    take: &Take,
    dir: &Path,
    (rendition, piece): (String, Piece),
) -> Result<(String, Piece), Failure> {
    let key = format!("takes/{}/{}/{}", take.id, piece.attempt, piece.name);
    app.store.put_file(&key, &dir.join(&piece.name), content_type(&piece.name)).await?;
    work.alive();
    Ok((rendition, piece))
}

/// The same rungs without a segment.
fn begun(order: &Checkpoint) -> Checkpoint {
    let empty = |track: &Track| Track { init: track.init.clone(), segments: Vec::new() };
    let tracks = order.tracks.iter().map(|(rendition, track)| (rendition.clone(), empty(track)));
    Checkpoint { tracks: tracks.collect(), ..Checkpoint::default() }
}

/// A segment that is complete.
fn piece(event: Event, word: &str) -> Option<(String, Piece)> {
    match event {
        Event::Segment { rendition, name, ticks, frames, bytes, .. } if ticks > 0 => {
            Some((rendition, Piece { attempt: word.to_owned(), name, bytes, ticks, frames }))
        }
        _ => None,
    }
}
