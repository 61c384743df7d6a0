//! One attempt's files on their way from the work folder into the store, and the news of them into the database.
//!
//! Invariant: a name is put once; what a checkpoint tells lies in the store; [`Outputs::complete`] answers only after every
//! file of the result has been found in the store with its size.

use std::future::ready;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use crate::app::App;
use crate::db::Tx;
use crate::id::TakeId;
use crate::jobs::{Failure, Work};
use crate::media::ResultJson;
use crate::media::child::Event;
use crate::recording::live::{self, Renditions};
use crate::recording::take::{self, Take};
use crate::store::content_type;

use super::checkpoint::Checkpoint;
use super::ledger::{Ledger, Safe};
use super::meter::Meter;
use super::resume;
use super::share::{Foresight, Share};

/// Files put, or looked up, at once: enough to hide the way to S3, few enough to leave uploads their share.
const AT_ONCE: usize = 6;
/// After a checkpoint that could not be written: a database that is away may say so at once.
const RETRY: Duration = Duration::from_millis(200);

/// Where an attempt's files go.
pub struct Outputs<'a> {
    app: &'a App,
    work: &'a Work,
    meter: &'a Meter,
    dir: &'a Path,
    take: TakeId,
    prefix: String,
    ledger: Mutex<Ledger>,
    news: Notify,
    /// Viewers have another set.
    quiet: bool,
}

impl<'a> Outputs<'a> {
    /// Files go from `dir` to `takes/<take>/<claim>/`; `left` lies in `dir` already.
    #[must_use]
    pub fn new(
        app: &'a App,
        work: &'a Work,
        meter: &'a Meter,
        take: &Take,
        dir: &'a Path,
        left: Option<Checkpoint>,
        shown: Option<(String, Renditions)>,
    ) -> Self {
        let prefix = format!("takes/{}/{}", take.id, work.claim());
        let ledger = Mutex::new(Ledger::new(work.claim(), left, shown));
        Self { app, work, meter, dir, take: take.id, prefix, ledger, news: Notify::new(), quiet: false }
    }

    /// The same, of which viewers are not told: they have another set.
    #[must_use]
    pub fn quietly(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Puts every file as the child reports it complete, and keeps the checkpoint; ends when the child has nothing more to say.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep(&self, mut events: mpsc::Receiver<Event>) -> Result<(), Failure> {
        let files = stream::poll_fn(move |context| events.poll_recv(context))
            .flat_map(|event| stream::iter(self.heard(&event)))
            .map(|name| self.put(name).boxed());
        tokio::select! {
            put = files.buffer_unordered(AT_ONCE).try_collect::<()>() => put,
            lost = self.tell() => Err(lost),
        }
    }

    /// Notes what the child says; answers the names of files that are complete. Nothing is overwritten, so a playlist is put
    /// once, when the result names it.
    fn heard(&self, event: &Event) -> Vec<String> {
        match event {
            Event::Progress { media_ms, arrived_ms, .. } => self.meter.encoded(*media_ms, *arrived_ms),
            Event::Probed(probe) => self.meter.claimed(probe.claimed_ms.unwrap_or(0)),
            Event::Foreseen { end, .. } => self.meter.claimed((end / 90).unsigned_abs()),
            _ => {}
        }
        let names = self.ledger().heard(event);
        if matches!(event, Event::Playlist { .. }) {
            self.news.notify_one();
        }
        names
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is safe into the job's row and what of it can be watched beside the take, again and again; ends only when the
    /// job is no longer ours. A database that does not answer for a while costs no attempt: the next writing tells everything.
    pub async fn tell(&self) -> Failure {
        loop {
            self.news.notified().await;
            let Some(safe) = self.ledger().news() else { continue };
            let began = Instant::now();
            match self.write(&safe).await {
                Ok(true) if self.quiet => {}
                Ok(true) => self.app.events.changed(self.take.0),
                Ok(false) => return Failure::passing("the job has another worker"),
                Err(error) => {
                    tracing::warn!(%error, "a checkpoint could not be written; trying again");
                    self.ledger().tell_again();
                    self.news.notify_one();
                    tokio::time::sleep(RETRY).await;
                }
            }
            // A fast encoder must not keep the database busy more than half of the time, and little of what it makes may be lost with
            // its worker: of small pictures a segment takes no longer than a few writings.
            tokio::time::sleep(began.elapsed()).await;
        }
    }

    async fn write(&self, safe: &Safe) -> Result<bool, sqlx::Error> {
        let mut tx = self.app.db.begin().await?;
        if !self.work.checkpoint_in(&mut tx, &json!(safe.checkpoint)).await? {
            return Ok(false);
        }
        self.show(&mut tx, safe).await?;
        tx.commit_quietly().await?;
        self.work.alive();
        Ok(true)
    }

    /// Shows viewers what is safe, in a transaction that has seen the job to be ours.
    async fn show(&self, tx: &mut Tx, safe: &Safe) -> Result<(), sqlx::Error> {
        let Some((master, renditions)) = safe.live.as_ref().filter(|_| !self.quiet) else { return Ok(()) };
        live::sql::put(tx, self.take, master, renditions).await?;
        let size = safe.size.and_then(|(width, height)| Some((width.try_into().ok()?, height.try_into().ok()?)));
        if take::sql::watchable(tx, self.take, size).await? {
            tracing::info!(take = %self.take, "a take can be watched");
        }
        Ok(())
    }

    /// Shows viewers everything, in the transaction that makes the take ready.
    ///
    /// # Errors
    /// The database's.
    pub async fn show_all(&self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        let safe = self.ledger().safe();
        self.show(tx, &safe).await
    }

    /// Puts what is still missing, then looks every file up in the store. Answers how many bytes they are.
    ///
    /// # Errors
    /// The store's; a file that is not there as it should be.
    pub async fn complete(&self, result: &ResultJson) -> Result<i64, Failure> {
        self.meter.phase("storing");
        let missing: Vec<String> = {
            let ledger = self.ledger();
            result.files.iter().map(|file| file.name.clone()).filter(|name| !ledger.has(name)).collect()
        };
        let puts = stream::iter(missing).map(|name| self.put(name).boxed());
        puts.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        self.meter.phase("checking");
        let files: Vec<_> = result.files.iter().map(|file| (file.name.clone(), file.bytes)).collect();
        let looks = stream::iter(files).map(|(name, bytes)| self.found(name, bytes).boxed());
        let total: u64 = looks.buffer_unordered(AT_ONCE).try_fold(0, |sum, size| ready(Ok(sum + size))).await?;
        Ok(i64::try_from(total).unwrap_or(i64::MAX))
    }

    /// How the pictures will be cut, once the child has said it.
    #[must_use]
    pub fn foresight(&self) -> Option<Foresight> {
        self.ledger().foresight()
    }

    /// Whether what an earlier attempt left did not fit.
    #[must_use]
    pub fn is_anew(&self) -> bool {
        self.ledger().is_anew()
    }

    /// How many segments every rung has.
    #[must_use]
    pub fn front(&self) -> usize {
        self.ledger().front()
    }

    /// The beginning of every rung, once it lies in the store.
    #[must_use]
    pub fn begun(&self) -> Option<Checkpoint> {
        self.ledger().begun()
    }

    /// What is safe now.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        self.ledger().safe().checkpoint
    }

    /// These parts are owed; answers the checkpoint that says so.
    pub fn shares_are(&self, shares: &[Share]) -> Checkpoint {
        let checkpoint = self.ledger().shares_are(shares);
        self.news.notify_one();
        checkpoint
    }

    /// Puts what was made and not put yet: the child was stopped.
    ///
    /// # Errors
    /// The store's.
    pub async fn store_missing(&self) -> Result<(), Failure> {
        let missing = self.ledger().missing();
        let puts = stream::iter(missing).map(|name| self.put(name).boxed());
        puts.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Takes over what of a part comes next: from the store into the work folder, and into the account.
    ///
    /// # Errors
    /// The store's; a part that is not whole.
    pub async fn adopt(&self, take: &Take, range: (usize, usize), part: &Checkpoint) -> Result<(), Failure> {
        let wanted = self.ledger().wanted(range, part);
        let wanted = wanted.ok_or_else(|| Failure::passing("a part is not whole"))?;
        let pieces = wanted.iter().map(|(_, piece)| piece.clone()).collect();
        resume::pieces(self.app, self.work, take, self.dir, pieces).await?;
        self.ledger().adopt(wanted);
        self.news.notify_one();
        Ok(())
    }

    async fn put(&self, name: String) -> Result<(), Failure> {
        self.app.store.put_file(&self.key(&name), &self.dir.join(&name), content_type(&name)).await?;
        self.work.alive();
        self.ledger().stored(name);
        self.news.notify_one();
        Ok(())
    }

    async fn found(&self, name: String, bytes: u64) -> Result<u64, Failure> {
        let stat = self.app.store.head(&self.key(&name)).await?;
        self.work.alive();
        match stat {
            Some(stat) if stat.size == bytes => Ok(bytes),
            Some(stat) => {
                Err(Failure::passing(format!("{name} has {} bytes in the store, {bytes} were made", stat.size)))
            }
            None => Err(Failure::passing(format!("{name} is not in the store after it was put"))),
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }
}
