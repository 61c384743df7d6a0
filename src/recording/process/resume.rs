//! Taking over: what an earlier attempt left in the store is brought into this attempt's work folder, so that the media child
//! goes on from there. Whatever is wrong with it costs the work of that attempt and nothing else: the child begins anew.

use std::path::Path;

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::io::AsyncWriteExt;

use crate::app::App;
use crate::jobs::Work;
use crate::recording::take::Take;
use crate::store::StoreError;

use super::checkpoint::{Checkpoint, Piece};

/// Files fetched at once.
const AT_ONCE: usize = 6;

/// The earlier attempt's segments that every rendition has, lying in `dir`; `None` when there are none or they cannot be had.
pub async fn fetch(app: &App, work: &Work, take: &Take, dir: &Path) -> Option<Checkpoint> {
    let kept = work.job.checkpoint.as_ref()?;
    let left = match serde_json::from_value::<Checkpoint>(kept.0.clone()) {
        Ok(left) => left.common()?,
        Err(error) => {
            tracing::warn!(%error, "a checkpoint cannot be read; the work begins anew");
            return None;
        }
    };
    match pieces(app, work, take, dir, left.pieces().cloned().collect()).await {
        Ok(()) => {
            let segments = left.tracks.values().next().map_or(0, |track| track.segments.len());
            tracing::info!(take = %take.id, segments, "an earlier attempt's segments are taken over");
            Some(left)
        }
        Err(error) => {
            tracing::warn!(%error, "an earlier attempt's segments cannot be had; the work begins anew");
            None
        }
    }
}

/// Brings files of attempts from the store into `dir`.
///
/// # Errors
/// The store's; a file that is not as it was put.
pub async fn pieces(app: &App, work: &Work, take: &Take, dir: &Path, pieces: Vec<Piece>) -> Result<(), StoreError> {
    let files = stream::iter(pieces).map(|piece| one(app, work, take, dir, piece).boxed());
    files.buffer_unordered(AT_ONCE).try_collect().await
}

async fn one(app: &App, work: &Work, take: &Take, dir: &Path, piece: Piece) -> Result<(), StoreError> {
    let key = format!("takes/{}/{}/{}", take.id, piece.attempt, piece.name);
    let passing = |e: std::io::Error| StoreError::Failed { passing: true, cause: e.to_string() };
    let mut body = app.store.get(&key, None).await?.body;
    let mut file = tokio::fs::File::create(dir.join(&piece.name)).await.map_err(passing)?;
    let mut got = 0;
    while let Some(bytes) = body.try_next().await? {
        got += bytes.len() as u64;
        file.write_all(&bytes).await.map_err(passing)?;
    }
    file.flush().await.map_err(passing)?;
    work.alive();
    if got == piece.bytes {
        return Ok(());
    }
    Err(StoreError::Failed { passing: false, cause: format!("{key} has {got} bytes, {} were put", piece.bytes) })
}
