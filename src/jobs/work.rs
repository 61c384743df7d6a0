//! One claim of one job, as its handler holds it: progress, checkpoint, finish. Not the worker: it only keeps the lease.
//!
//! Invariant: nothing is written for a job except through the claim's own word in `worker`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::app::App;
use crate::db::Tx;

use super::{Failure, Job, sql};

/// A lease is extended so many times before it would run out.
const BEATS: u32 = 4;
/// A handler that gives no sign of life for so many leases hangs.
const HUNG: u32 = 3;

/// A claimed job.
#[derive(Debug)]
pub struct Work {
    /// The job.
    pub job: Job,
    progress: AtomicU64, // bits of an f64
    signs: AtomicU64,    // signs of life so far
}

/// Why a lease ended under the handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// Somebody else has the job.
    Lost,
    /// There was no sign of life for too long.
    Hung,
}

impl Work {
    pub(super) fn new(job: Job) -> Self {
        Self { job, progress: AtomicU64::new(0f64.to_bits()), signs: AtomicU64::new(0) }
    }

    /// What was asked, as a type.
    ///
    /// # Errors
    /// A payload of another shape, which no further attempt will change.
    pub fn payload<T: serde::de::DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_value(self.job.payload.0.clone()).map_err(|e| Failure::permanent(format!("payload: {e}")))
    }

    /// The claim's own word: part of the keys of what it writes, so that two attempts never share one.
    #[must_use]
    pub fn claim(&self) -> &str {
        self.job.worker.as_deref().unwrap_or_default()
    }

    /// The work has come so far (0 to 1), and so it is alive.
    pub fn progress(&self, fraction: f64) {
        self.progress.store(fraction.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
        self.alive();
    }

    /// The work goes on, though no number says so.
    pub fn alive(&self) {
        self.signs.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps what a later attempt can go on from. False: the lease has been lost.
    ///
    /// # Errors
    /// The database's.
    pub async fn checkpoint(&self, app: &App, value: &Value) -> Result<bool, sqlx::Error> {
        let mut tx = app.db.begin().await?;
        let kept = self.checkpoint_in(&mut tx, value).await?;
        tx.commit_quietly().await?;
        self.alive();
        Ok(kept)
    }

    /// The same in a transaction that tells others of it too. False: the transaction must be dropped.
    ///
    /// # Errors
    /// The database's.
    pub async fn checkpoint_in(&self, tx: &mut Tx, value: &Value) -> Result<bool, sqlx::Error> {
        sql::checkpoint(tx, self.job.id, self.claim(), value).await
    }

    /// Marks the job done inside the transaction that makes its results visible. False: the lease has been lost, and the
    /// transaction must be dropped.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish(&self, app: &App, tx: &mut Tx) -> Result<bool, sqlx::Error> {
        sql::finish(tx, self.job.id, self.claim(), app.clock.now()).await
    }

    /// Puts the job to sleep in this transaction: it gives its slot back, this attempt does not count, and it goes on when
    /// somebody wakes it ([`super::wake`]), at the latest at `until`. Its handler then ends with [`super::Outcome::Finished`].
    /// False: the lease has been lost.
    ///
    /// # Errors
    /// The database's.
    pub async fn snooze(&self, tx: &mut Tx, until: DateTime<Utc>) -> Result<bool, sqlx::Error> {
        sql::snooze(tx, self.job.id, self.claim(), until).await
    }

    /// Gives the job back in this transaction to be begun anew at once with another payload: this attempt does not count. Whoever asks
    /// for it sees to it that it cannot go on for ever. Its handler then ends with [`super::Outcome::Finished`]. False: the lease has
    /// been lost.
    ///
    /// # Errors
    /// The database's.
    pub async fn anew(&self, tx: &mut Tx, payload: &Value, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
        sql::anew(tx, self.job.id, self.claim(), payload, now).await
    }

    /// Extends the lease until it has been lost or there was no sign of life for [`HUNG`] leases.
    pub(super) async fn keep_lease(&self, app: &App) -> Ended {
        let mut seen = 0;
        let mut idle = Duration::ZERO;
        loop {
            let beat = app.jobs.lease() / BEATS;
            tokio::time::sleep(beat).await;
            let signs = self.signs.load(Ordering::Relaxed);
            idle = if signs == seen { idle + beat } else { Duration::ZERO };
            seen = signs;
            if idle >= app.jobs.lease() * HUNG {
                return Ended::Hung;
            }
            match self.extend(app).await {
                Ok(true) => {}
                Ok(false) => return Ended::Lost,
                Err(error) => {
                    tracing::warn!(job = %self.job.id, %error, "a lease could not be extended; trying again")
                }
            }
        }
    }

    async fn extend(&self, app: &App) -> Result<bool, sqlx::Error> {
        let until = app.clock.now() + TimeDelta::from_std(app.jobs.lease()).unwrap_or_default();
        let progress = f64::from_bits(self.progress.load(Ordering::Relaxed));
        let mut tx = app.db.begin().await?;
        let kept = sql::extend(&mut tx, self.job.id, self.claim(), until, progress).await?;
        tx.commit_quietly().await?;
        Ok(kept)
    }
}
