//! The pass of the clock over what people are told: digests that are due, browsers to be woken, and what is forgotten. Runs
//! every minute on some node; running it twice, or on two nodes at once, does nothing twice.

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::TimeDelta;

use crate::app::App;
use crate::jobs::{Failure, Handler, Outcome, Work};

use super::{digest, push, sql};

/// The kind of job that runs the pass, and its schedule's name.
pub const KIND: &str = "notify.tick";
/// The kind of job that forgets, and its schedule's name.
pub const SWEEP: &str = "notify.sweep";

/// What was read so long ago is forgotten.
pub const KEEP_READ: TimeDelta = TimeDelta::days(30);
/// What was told so long ago and never read is forgotten; digests likewise.
pub const KEEP: TimeDelta = TimeDelta::days(90);
/// Rows forgotten in one transaction.
const BATCH: i64 = 500;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// People whose digest was put into their inbox.
    pub digests: u64,
    /// Messages to browsers that are owed now.
    pub pushes: u64,
}

/// One pass.
///
/// # Errors
/// The database's; what was done before stays done.
pub async fn tick(app: &App) -> Result<Ticked, sqlx::Error> {
    Ok(Ticked { digests: digest::make(app).await?, pushes: push::owe::owe(app).await? })
}

/// Forgets what is old; answers how many rows went.
///
/// # Errors
/// The database's; the next run goes on.
pub async fn sweep(app: &App) -> Result<u64, sqlx::Error> {
    let (now, mut gone) = (app.clock.now(), 0);
    loop {
        let mut tx = app.db.begin().await?;
        let some = sql::inbox::sweep(&mut tx, now - KEEP_READ, now - KEEP, BATCH).await?
            + sql::digest::sweep(&mut tx, now - KEEP, BATCH).await?
            + push::sql::sweep(&mut tx, now, BATCH).await?;
        tx.commit_quietly().await?;
        gone += some;
        if some == 0 {
            return Ok(gone);
        }
    }
}

/// Runs the pass as a job.
pub struct Tick;

#[async_trait]
impl Handler for Tick {
    async fn run(&self, app: &Data<App>, _work: &Work) -> Result<Outcome, Failure> {
        let done = tick(app).await?;
        if done != Ticked::default() {
            tracing::info!(digests = done.digests, pushes = done.pushes, "people were told");
        }
        Ok(Outcome::Done)
    }
}

/// Forgets as a job.
pub struct Sweep;

#[async_trait]
impl Handler for Sweep {
    async fn run(&self, app: &Data<App>, _work: &Work) -> Result<Outcome, Failure> {
        let gone = sweep(app).await?;
        tracing::debug!(gone, "old notifications were forgotten");
        Ok(Outcome::Done)
    }
}
