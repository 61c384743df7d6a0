//! Who is writing which upload in this process, and who waits for its bytes. Only a courtesy that makes things quick: what
//! keeps two writers apart, here and across nodes, is the writer's id in the row.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::id::UploadId;

/// How long a newcomer waits for the holder to put away what it has; then it is fenced off by the row.
const LET_GO: Duration = Duration::from_millis(150);
/// A holder whose last byte is younger than this is alive, and a second PATCH is told to wait.
const ALIVE: Duration = Duration::from_secs(5);
/// Remembered writers; forgetting one costs an update.
const REMEMBERED: usize = 4096;

/// The writers and followers of this process.
#[derive(Debug, Default)]
pub struct Live {
    holders: Mutex<HashMap<UploadId, Arc<Holder>>>,
    writers: Mutex<HashMap<UploadId, Uuid>>,
    followers: Mutex<HashMap<UploadId, Weak<Notify>>>,
}

/// A request that is writing an upload.
#[derive(Debug)]
pub struct Holder {
    let_go: CancellationToken,
    released: CancellationToken,
    progressed: Mutex<Instant>,
}

/// Holds an upload until it is dropped.
#[derive(Debug)]
pub struct Hold {
    live: Arc<Live>,
    upload: UploadId,
    holder: Arc<Holder>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
    /// Becomes the holder for a PATCH. A holder that is alive stays, and the answer is `None`; a silent one lets go.
    pub async fn hold(self: &Arc<Self>, upload: UploadId) -> Option<Hold> {
        if lock(&self.holders).get(&upload).is_some_and(|holder| holder.is_alive()) {
            return None;
        }
        self.evict(upload).await;
        let holder = Arc::new(Holder {
            let_go: CancellationToken::new(),
            released: CancellationToken::new(),
            progressed: Mutex::new(Instant::now()),
        });
        let mut holders = lock(&self.holders);
        // Of two newcomers one came first in the meantime.
        if holders.get(&upload).is_some_and(|other| !other.let_go.is_cancelled()) {
            return None;
        }
        holders.insert(upload, holder.clone());
        Some(Hold { live: self.clone(), upload, holder })
    }

    /// Makes whoever holds the upload stop reading and put away what arrived; waits for that, but not long.
    pub async fn evict(&self, upload: UploadId) {
        let Some(holder) = lock(&self.holders).get(&upload).cloned() else { return };
        holder.let_go.cancel();
        let _ = tokio::time::timeout(LET_GO, holder.released.cancelled()).await;
    }

    /// Makes every holder let go: the server is stopping.
    pub fn evict_all(&self) {
        lock(&self.holders).values().for_each(|holder| holder.let_go.cancel());
    }

    /// How many requests are adding bytes in this process.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.holders).len()
    }

    /// The writer's id that this process put into the row last, if it is still there.
    pub fn writer(&self, upload: UploadId, in_row: Option<Uuid>) -> Option<Uuid> {
        lock(&self.writers).get(&upload).copied().filter(|ours| in_row == Some(*ours))
    }

    /// Remembers the writer's id put into the row.
    pub fn remember(&self, upload: UploadId, writer: Uuid) {
        let mut writers = lock(&self.writers);
        if writers.len() >= REMEMBERED {
            writers.clear();
        }
        writers.insert(upload, writer);
    }

    /// Forgets an upload that has ended and wakes those who wait for its bytes.
    pub fn ended(&self, upload: UploadId) {
        lock(&self.writers).remove(&upload);
        self.progressed(upload);
    }

    /// Wakes those who wait for bytes of this upload.
    pub fn progressed(&self, upload: UploadId) {
        let mut followers = lock(&self.followers);
        match followers.get(&upload).map(Weak::upgrade) {
            Some(Some(notify)) => notify.notify_waiters(),
            Some(None) => drop(followers.remove(&upload)),
            None => {}
        }
    }

    /// What is notified when bytes of this upload became durable in this process.
    pub fn follow(&self, upload: UploadId) -> Arc<Notify> {
        let mut followers = lock(&self.followers);
        followers.retain(|_, notify| notify.strong_count() > 0);
        if let Some(notify) = followers.get(&upload).and_then(Weak::upgrade) {
            return notify;
        }
        let notify = Arc::new(Notify::new());
        followers.insert(upload, Arc::downgrade(&notify));
        notify
    }
}

impl Holder {
    fn is_alive(&self) -> bool {
        !self.let_go.is_cancelled() && lock(&self.progressed).elapsed() < ALIVE
    }
}

impl Hold {
    /// Ends when a newcomer wants the upload.
    pub async fn wanted(&self) {
        self.holder.let_go.cancelled().await;
    }

    /// Says when the last bytes came.
    pub fn heard(&self, at: Instant) {
        *lock(&self.holder.progressed) = at;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut holders = lock(&self.live.holders);
        if holders.get(&self.upload).is_some_and(|holder| Arc::ptr_eq(holder, &self.holder)) {
            holders.remove(&self.upload);
        }
        self.holder.released.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_live_holder_stays_and_an_evicted_one_makes_room() {
        let (live, upload) = (Arc::new(Live::default()), UploadId(Uuid::nil()));
        let first = live.hold(upload).await.unwrap();
        assert!(live.hold(upload).await.is_none());
        let evicted = tokio::spawn(async move {
            first.wanted().await;
            drop(first);
        });
        live.evict(upload).await;
        evicted.await.unwrap();
        assert!(live.hold(upload).await.is_some());
    }

    #[tokio::test]
    async fn a_holder_that_does_not_let_go_is_not_waited_for_long() {
        let (live, upload) = (Arc::new(Live::default()), UploadId(Uuid::nil()));
        let stuck = live.hold(upload).await.unwrap();
        let began = Instant::now();
        live.evict(upload).await;
        assert!(began.elapsed() < Duration::from_secs(20));
        assert!(live.hold(upload).await.is_some(), "the next one need not wait for it");
        drop(stuck);
    }
}
