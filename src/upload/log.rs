//! Reading an upload from the start while it is still arriving: chunk after chunk, waiting at the end of what is durable
//! until more is, or until there will be no more.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use tokio::sync::Notify;

use super::sql::{self, Chunk};
use super::{State, Upload};
use crate::app::App;
use crate::id::UploadId;
use crate::store::{ByteStream, StoreError};

/// Chunks looked up at once.
const PAGE: i64 = 64;
/// How often is looked without being told: bytes may arrive on another node.
const POLL: Duration = Duration::from_millis(250);
/// A store or a database that does not answer is asked again so often, a [`POLL`] apart: half a minute.
const PATIENCE: u32 = 120;

/// How far a follower is and how long it has been waiting, for whoever looks on.
#[derive(Debug, Default)]
pub struct Pulse {
    at: AtomicI64,
    waiting: Mutex<Option<Instant>>,
}

impl Pulse {
    /// The offset up to which bytes were handed over.
    #[must_use]
    pub fn at(&self) -> i64 {
        self.at.load(Ordering::Relaxed)
    }

    /// Ends when the follower has waited so long for bytes that did not come.
    pub async fn silent(&self, bound: Duration) {
        loop {
            let waited = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).map(|since| since.elapsed());
            match waited.map(|waited| bound.saturating_sub(waited)) {
                Some(Duration::ZERO) => return,
                left => tokio::time::sleep(left.unwrap_or(bound).max(POLL)).await,
            }
        }
    }

    fn waits(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
    }

    fn goes_on(&self, at: i64) {
        self.at.store(at, Ordering::Relaxed);
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Why reading ended before the last byte.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// No such upload.
    #[error("there is no such upload")]
    Missing,
    /// Refused, cancelled or run out: there will be no more.
    #[error("the upload has ended: {0}")]
    Ended(State),
    /// The bytes were deleted: the original is kept for some days only.
    #[error("the bytes of the upload are no longer kept")]
    Dropped,
    /// The store did not give the bytes.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database did not answer.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl LogError {
    /// Whether it may pass by itself.
    fn passes(&self) -> bool {
        match self {
            LogError::Store(StoreError::Failed { passing, .. }) => *passing,
            LogError::Database(_) => true,
            _ => false,
        }
    }
}

/// The bytes of an upload from the offset `from` on. Ends after the last byte of a complete upload.
pub fn follow(
    app: Data<App>,
    upload: UploadId,
    from: u64,
) -> impl Stream<Item = Result<Bytes, LogError>> + Send + 'static {
    follow_watched(app, upload, from, Arc::default())
}

/// The same, with a pulse for whoever looks on.
pub fn follow_watched(
    app: Data<App>,
    upload: UploadId,
    from: u64,
    pulse: Arc<Pulse>,
) -> impl Stream<Item = Result<Bytes, LogError>> + Send + 'static {
    let more = app.uploads.follow(upload);
    let reader = Reader { app, upload, at: from.cast_signed(), chunks: VecDeque::new(), body: None, more, pulse };
    stream::try_unfold(reader, |mut reader| async move { Ok(reader.go_on().await?.map(|bytes| (bytes, reader))) })
}

/// Waits until every byte of the upload is durable.
///
/// # Errors
/// When it has ended otherwise; the database's.
pub async fn whole(app: &App, upload: UploadId) -> Result<(), LogError> {
    let more = app.uploads.follow(upload);
    loop {
        let told = more.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        match sql::find(&app.db, upload).await?.ok_or(LogError::Missing)?.state {
            State::Complete => return Ok(()),
            State::Receiving => drop(tokio::time::timeout(POLL, told).await),
            ended => return Err(LogError::Ended(ended)),
        }
    }
}

struct Reader {
    app: Data<App>,
    upload: UploadId,
    at: i64,
    chunks: VecDeque<Chunk>,
    body: Option<ByteStream>,
    more: Arc<Notify>,
    pulse: Arc<Pulse>,
}

impl Reader {
    /// The next bytes; what passes by itself (a store or a database that is away for a moment) is waited for.
    async fn go_on(&mut self) -> Result<Option<Bytes>, LogError> {
        for _ in 0..PATIENCE {
            match self.next().await {
                Err(error) if error.passes() => {
                    tracing::warn!(upload = %self.upload, %error, "the bytes of an upload cannot be read; trying again");
                    self.body = None;
                    self.chunks.clear();
                    tokio::time::sleep(POLL).await;
                }
                answer => {
                    self.pulse.goes_on(self.at);
                    return answer;
                }
            }
        }
        self.next().await
    }

    async fn next(&mut self) -> Result<Option<Bytes>, LogError> {
        loop {
            if let Some(body) = &mut self.body {
                if let Some(bytes) = body.try_next().await? {
                    self.at += bytes.len() as i64;
                    return Ok(Some(bytes));
                }
                self.body = None;
            } else if let Some(chunk) = self.chunks.pop_front() {
                let skip = (self.at - chunk.start_at).max(0).cast_unsigned();
                self.body = Some(self.app.store.get(&chunk.key, Some(skip..chunk.size.cast_unsigned())).await?.body);
            } else if !self.look().await? {
                return Ok(None);
            }
        }
    }

    /// Looks for more chunks, waiting while the upload is receiving. `false` at its end.
    async fn look(&mut self) -> Result<bool, LogError> {
        // Registered before looking, so that bytes which arrive in between wake us too.
        let more = self.more.clone();
        let told = more.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        let upload = sql::find(&self.app.db, self.upload).await?.ok_or(LogError::Missing)?;
        self.chunks = sql::chunks(&self.app.db, self.upload, self.at, PAGE).await?.into();
        match self.chunks.front() {
            Some(chunk) if chunk.start_at <= self.at => Ok(true),
            Some(_) => Err(LogError::Dropped),
            None => self.wait(&upload, told).await,
        }
    }

    async fn wait(&mut self, upload: &Upload, told: impl Future<Output = ()>) -> Result<bool, LogError> {
        match upload.state {
            State::Complete if self.at >= upload.received => Ok(false),
            State::Complete => Err(LogError::Dropped),
            State::Receiving => {
                self.pulse.waits();
                let _ = tokio::time::timeout(POLL, told).await;
                Ok(true)
            }
            ended => Err(LogError::Ended(ended)),
        }
    }
}
