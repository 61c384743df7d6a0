//! Bytes are added to an upload: streamed into chunk objects of at most 8 MiB as they arrive, each entered in the log only
//! after it is durable. While one chunk becomes durable the next one is already being filled.
//!
//! Invariant: whatever ends a request (a broken connection, silence, a newcomer, the server's end), what arrived before is
//! put away and entered; only bytes that were to match a checksum count all or not at all.

use std::time::{Duration, Instant};

use actix_web::error::PayloadError;
use actix_web::web::Data;
use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::{Stream, StreamExt};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::append::{complete, lost, stands_elsewhere};
use super::checksum::Checksum;
use super::live::Hold;
use super::sql::{self, Chunk};
use super::{Upload, UploadError, ending};
use crate::app::App;
use crate::id::{TakeId, UploadId};
use crate::jobs;
use crate::recording::{process, take};
use crate::store::Draft;

/// Most bytes of one chunk.
const CHUNK: usize = 8 << 20;
/// A chunk that has been filling for so long is put away: a slow connection loses little, and who follows sees it soon.
const LINGER: Duration = Duration::from_secs(2);
/// A body that is silent for so long is given up.
const SILENCE: Duration = Duration::from_secs(30);
/// How often the two above are looked at.
const TICK: Duration = Duration::from_millis(500);

/// A request that is adding bytes.
pub struct Appender {
    app: Data<App>,
    upload: Upload,
    writer: Uuid,
    hold: Hold,
    room: i64,
    /// Up to here chunks have been handed over to be entered in the log.
    entered: i64,
    /// Up to here bytes have been read.
    filled: i64,
    draft: Option<Filling>,
    settling: Option<JoinHandle<Result<(), UploadError>>>,
    /// Chunks that wait for the checksum.
    withheld: Option<Vec<Chunk>>,
}

/// The chunk being filled.
struct Filling {
    draft: Box<dyn Draft>,
    chunk: Chunk,
    since: Instant,
}

impl Appender {
    /// `withhold`: the bytes count only when their checksum is known to match.
    pub fn new(app: Data<App>, upload: Upload, writer: Uuid, hold: Hold, room: i64, withhold: bool) -> Appender {
        let at = upload.received;
        let withheld = withhold.then(Vec::new);
        Appender { app, upload, writer, hold, room, entered: at, filled: at, draft: None, settling: None, withheld }
    }

    /// Reads the body into the log and returns the upload as it stands then.
    ///
    /// # Errors
    /// What ended the request early; what arrived before is kept.
    pub async fn run<B>(mut self, checksum: Option<Checksum>, body: B) -> Result<Upload, UploadError>
    where
        B: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    {
        let mut checksum = checksum;
        let read = self.read(body, &mut checksum).await;
        let sound = read.is_ok() && checksum.is_none_or(Checksum::matches);
        let put_away = match &read {
            // Too much: what belongs to it is not kept, since the client is wrong about where its bytes go.
            Err(UploadError::TooMany(_)) => self.settle().await,
            _ => self.put_away(sound).await,
        };
        match (put_away, read) {
            (Err(error), _) => Err(error),
            (Ok(()), Err(UploadError::TooLarge { .. })) => Err(ending::refuse_size(&self.app, &self.upload).await?),
            (Ok(()), Err(UploadError::BrokenOff(at))) => Err(self.why_broken_off(at).await?),
            (Ok(()), Err(error)) => Err(error),
            (Ok(()), Ok(())) if !sound => Err(UploadError::Checksum),
            (Ok(()), Ok(())) => sql::find(&self.app.db, self.upload.id).await?.ok_or(UploadError::NotFound),
        }
    }

    /// A newcomer, silence or a broken connection; or the upload has ended under the request.
    async fn why_broken_off(&self, at: i64) -> Result<UploadError, UploadError> {
        let upload = sql::find(&self.app.db, self.upload.id).await?.ok_or(UploadError::NotFound)?;
        Ok(upload.still_there().err().unwrap_or(UploadError::BrokenOff(at)))
    }

    /// Reads the body to its end, or to whatever ends it.
    async fn read<B>(&mut self, mut body: B, checksum: &mut Option<Checksum>) -> Result<(), UploadError>
    where
        B: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
    {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = self.hold.wanted() => return Err(UploadError::BrokenOff(self.filled)),
                piece = body.next() => match piece {
                    Some(Ok(bytes)) => {
                        if let Some(checksum) = checksum {
                            checksum.update(&bytes);
                        }
                        self.take_in(bytes).await?;
                        heard = Instant::now();
                    }
                    Some(Err(error)) => {
                        tracing::debug!(upload = %self.upload.id, %error, at = self.filled, "the bytes of an upload broke off");
                        return Err(UploadError::BrokenOff(self.filled));
                    }
                    None => return Ok(()),
                },
                _ = tick.tick() => {
                    self.look(heard).await?;
                }
            }
        }
    }

    /// Gives up a silent body and puts away a chunk that has been filling for long.
    async fn look(&mut self, heard: Instant) -> Result<(), UploadError> {
        if heard.elapsed() > SILENCE {
            return Err(UploadError::BrokenOff(self.filled));
        }
        self.hold.heard(heard);
        let lingers = self.draft.as_ref().is_some_and(|filling| filling.since.elapsed() > LINGER);
        if lingers && self.withheld.is_none() { self.close_chunk().await } else { Ok(()) }
    }

    async fn take_in(&mut self, mut bytes: Bytes) -> Result<(), UploadError> {
        if bytes.len() as i64 > self.room {
            return Err(match self.upload.declared_size {
                Some(size) => UploadError::TooMany(size),
                None => UploadError::TooLarge { limit: self.app.config.max_upload_bytes },
            });
        }
        self.room -= bytes.len() as i64;
        while !bytes.is_empty() {
            let free = CHUNK - self.draft.as_ref().map_or(0, |filling| filling.chunk.size as usize);
            let piece = bytes.split_to(free.min(bytes.len()));
            self.fill(piece).await?;
        }
        Ok(())
    }

    /// Adds a piece that fits into the chunk being filled.
    async fn fill(&mut self, piece: Bytes) -> Result<(), UploadError> {
        let mut filling = match self.draft.take() {
            Some(filling) => filling,
            None => self.open_chunk().await?,
        };
        filling.chunk.size += piece.len() as i64;
        self.filled += piece.len() as i64;
        filling.draft.write(piece).await?;
        let full = filling.chunk.size as usize >= CHUNK;
        self.draft = Some(filling);
        if full { self.close_chunk().await } else { Ok(()) }
    }

    async fn open_chunk(&self) -> Result<Filling, UploadError> {
        // A name of its own for every chunk that is ever tried: an object is never written twice.
        let key = format!("uploads/{}/{:016}-{}", self.upload.id, self.filled, self.app.clock.word(12));
        let draft = self.app.store.begin(&key, "application/octet-stream").await?;
        Ok(Filling { draft, chunk: Chunk { start_at: self.filled, size: 0, key }, since: Instant::now() })
    }

    /// Hands the chunk over to become durable and to be entered, after the one before it.
    async fn close_chunk(&mut self) -> Result<(), UploadError> {
        let Some(Filling { draft, chunk, .. }) = self.draft.take() else { return Ok(()) };
        self.settle().await?;
        if let Some(withheld) = &mut self.withheld {
            withheld.push(chunk);
            self.settling = Some(tokio::spawn(async move { Ok(draft.finish().await?) }));
            return Ok(());
        }
        let entry = self.entry(vec![chunk]);
        self.settling = Some(tokio::spawn(async move {
            draft.finish().await?;
            entry.enter().await
        }));
        Ok(())
    }

    fn entry(&mut self, chunks: Vec<Chunk>) -> Entry {
        let from = self.entered;
        self.entered += chunks.iter().map(|chunk| chunk.size).sum::<i64>();
        let (app, id, take, writer, end) =
            (self.app.clone(), self.upload.id, self.upload.take, self.writer, self.upload.declared_size);
        Entry { app, id, take, writer, end, from, to: self.entered, chunks }
    }

    /// Waits for the chunk that was handed over.
    async fn settle(&mut self) -> Result<(), UploadError> {
        match self.settling.take() {
            Some(task) => task.await.map_err(|e| lost(&e))?,
            None => Ok(()),
        }
    }

    /// Makes everything that arrived durable; what waited for a checksum is entered if it is `sound`, else deleted.
    async fn put_away(&mut self, sound: bool) -> Result<(), UploadError> {
        self.close_chunk().await?;
        self.settle().await?;
        match self.withheld.take() {
            Some(chunks) if sound && !chunks.is_empty() => self.entry(chunks).enter().await,
            Some(chunks) => {
                for chunk in chunks {
                    self.app.store.delete(&chunk.key).await?;
                }
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Durable chunks on their way into the log.
struct Entry {
    app: Data<App>,
    id: UploadId,
    take: TakeId,
    writer: Uuid,
    end: Option<i64>,
    from: i64,
    to: i64,
    chunks: Vec<Chunk>,
}

impl Entry {
    /// Moves the offset over the chunks, in one transaction with what the take is told.
    async fn enter(self) -> Result<(), UploadError> {
        let Entry { app, id, take, .. } = &self;
        let expires_at = app.clock.now() + TimeDelta::hours(app.config.upload_expiry_hours.into());
        let mut tx = app.db.begin().await?;
        if !sql::advance(&mut tx, *id, self.writer, (self.from, self.to), expires_at).await? {
            drop(tx);
            return Err(stands_elsewhere(app, *id).await?);
        }
        for chunk in &self.chunks {
            sql::insert_chunk(&mut tx, *id, chunk).await?;
        }
        if self.from == 0 {
            take::began(app, &mut tx, *take, *id).await?;
        }
        let owed = self.from == 0 || jobs::wake(&mut tx, &app.clock, &process::key(*take)).await?;
        let whole = self.end == Some(self.to);
        if whole {
            complete(app, &mut tx, *id, *take, self.to).await?;
        }
        if whole {
            tx.commit().await?
        } else {
            tx.commit_quietly().await?
        }
        app.metrics.bytes_received.inc_by((self.to - self.from).unsigned_abs());
        if whole {
            app.uploads.ended(*id);
        } else {
            app.uploads.progressed(*id);
        }
        if whole || owed {
            app.jobs.wake();
        }
        Ok(())
    }
}
