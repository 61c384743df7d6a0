//! One claim of one job, as its handler holds it: progress, checkpoint, finish. Not the worker: it only keeps the lease.
//!
//! Invariant: nothing is written for a job except through the claim's own word in `worker`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;

use crate::app::App;
use crate::db::Tx;

use super::{Failure, Job, sql};

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
    /// There was no progress for a whole lease.
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

    /// The work has come so far (0 to 1). Extends the lease at the next beat.
    pub fn progress(&self, fraction: f64) {
        self.progress.store(fraction.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
        self.alive();
    }

    /// The work goes on, though no number says so. Extends the lease at the next beat.
    pub fn alive(&self) {
        self.signs.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps what a later attempt can go on from. False: the lease has been lost.
    ///
    /// # Errors
    /// The database's.
    pub async fn checkpoint(&self, app: &App, value: &Value) -> Result<bool, sqlx::Error> {
        let mut tx = app.db.begin().await?;
        let kept = sql::checkpoint(&mut tx, self.job.id, self.claim(), value).await?;
        tx.commit().await?;
        self.alive();
        Ok(kept)
    }

    /// Marks the job done inside the transaction that makes its results visible. False: the lease has been lost, and the
    /// transaction must be dropped.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish(&self, app: &App, tx: &mut Tx) -> Result<bool, sqlx::Error> {
        sql::finish(tx, self.job.id, self.claim(), app.clock.now()).await
    }

    /// Extends the lease while there are signs of life; returns when it has been lost or there were none for a whole lease.
    pub(super) async fn keep_lease(&self, app: &App) -> Ended {
        let mut seen = 0;
        let mut idle = Duration::ZERO;
        loop {
            let beat = app.jobs.lease() / 3;
            tokio::time::sleep(beat).await;
            idle += beat;
            let signs = self.signs.load(Ordering::Relaxed);
            if signs != seen {
                match self.extend(app).await {
                    Ok(true) => {
                        seen = signs;
                        idle = Duration::ZERO;
                    }
                    Ok(false) => return Ended::Lost,
                    Err(error) => {
                        tracing::warn!(job = %self.job.id, %error, "a lease could not be extended; trying again")
                    }
                }
            }
            if idle >= app.jobs.lease() {
                return Ended::Hung;
            }
        }
    }

    async fn extend(&self, app: &App) -> Result<bool, sqlx::Error> {
        let until = app.clock.now() + TimeDelta::from_std(app.jobs.lease()).unwrap_or_default();
        let progress = f64::from_bits(self.progress.load(Ordering::Relaxed));
        let mut tx = app.db.begin().await?;
        let kept = sql::extend(&mut tx, self.job.id, self.claim(), until, progress).await?;
        tx.commit().await?;
        Ok(kept)
    }
}
