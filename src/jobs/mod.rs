//! The queue of owed work, in the database. Not a scheduler of threads and not a message bus: a row says what is owed, and
//! it is worked through at least once.
//!
//! Life of a job:
//!
//! ```text
//!             claim                 finish
//!   ready ───────────▶ running ───────────▶ done
//!     ▲  ◀── handed back ──┤ │
//!     └── failed, rescued ─┘ └── permanent error, or attempts used up ──▶ failed
//! ```
//!
//! * Work is owed in the transaction that makes it necessary ([`enqueue`]); a `unique_key` keeps one unfinished job a key.
//! * A free slot claims one job by a guarded update and writes its own word into `worker`. That word is the fence: every later
//!   write of the job asks for it, so whoever lost the job can write nothing more.
//! * A claim is a lease. It is extended only while the job's own progress is seen ([`Work::progress`], [`Work::alive`]): a hung
//!   decoder loses its job though its process lives, and losing the lease cancels the work.
//! * A lease is never judged by comparing two machines' clocks. A node may take a job over only after it has itself watched
//!   the same lease stand unchanged for a whole lease by its own steady clock ([`rescue`]). Clocks an hour apart, or one that
//!   jumps, therefore steal nothing early; the price is that a restarted server waits one lease before it goes on.
//! * Failure and rescue obey one rule ([`settle`]): permanent errors and used-up attempts end the job and tell its handler
//!   in the same transaction; anything else waits in the row (`run_at`) for 2 s, 8 s, 32 s … ten minutes at most.
//! * Jobs are at-least-once: outputs carry the claim in their key and become visible by the guarded update that finishes the job.
//!
//! Invariant: for one job there is at most one worker whose writes succeed.

pub mod periodic;
pub mod rescue;
mod settle;
mod sql;
mod work;
pub mod worker;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use tokio::sync::Notify;

use crate::app::App;
use crate::clock::Clock;
use crate::codes::Code;
use crate::db::{Tx, dialect};
use crate::id::JobId;

pub use periodic::Schedule;
pub use work::Work;
pub use worker::{Worker, drain};

/// The channel on which PostgreSQL nodes tell each other that work is owed.
const CHANNEL: &str = "twotake_jobs";

/// The handle through which workers are woken.
#[derive(Debug)]
pub struct Jobs {
    wake: Notify,
    lease_ms: AtomicU64,
    watched: Mutex<HashMap<JobId, rescue::Watched>>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { wake: Notify::new(), lease_ms: AtomicU64::new(30_000), watched: Mutex::default() }
    }
}

impl Jobs {
    /// A queue with nobody waiting.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wakes this process's workers. Call it after the transaction that owed work has been committed.
    pub fn wake(&self) {
        self.wake.notify_waiters();
    }

    /// How long a claim lasts without progress.
    #[must_use]
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms.load(Ordering::Relaxed))
    }

    /// Another lease, for tests that cannot wait half a minute. Not a setting: every node must agree on it.
    pub fn set_lease(&self, lease: Duration) {
        self.lease_ms.store(u64::try_from(lease.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// Work to be owed.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Which handler.
    pub kind: &'static str,
    /// What the handler needs to know.
    pub payload: Value,
    /// At most one unfinished job has this key.
    pub unique_key: Option<String>,
    /// How often it may be begun.
    pub max_attempts: i32,
    /// Higher goes first.
    pub priority: i16,
    /// Not before; at once when absent.
    pub run_at: Option<DateTime<Utc>>,
}

impl NewJob {
    /// A job at once, in three attempts, of ordinary priority.
    #[must_use]
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self { kind, payload, unique_key: None, max_attempts: 3, priority: 0, run_at: None }
    }

    /// The same, unless an unfinished job has this key.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }
}

/// Owes work, in the transaction that makes it necessary. `None`: an unfinished job has the same unique key already.
/// Other PostgreSQL nodes are told at the commit; call [`Jobs::wake`] after it for this process.
///
/// # Errors
/// The database's.
pub async fn enqueue(tx: &mut Tx, clock: &Clock, job: NewJob) -> Result<Option<JobId>, sqlx::Error> {
    let id: JobId = clock.id();
    let owed = sql::insert(tx, id, &job, clock.now()).await?;
    dialect::notify(tx, CHANNEL).await?;
    Ok(owed.then_some(id))
}

/// A job as its handler sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Which handler.
    pub kind: String,
    /// What was asked.
    pub payload: Json<Value>,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// How many there may be.
    pub max_attempts: i32,
    /// What an earlier attempt left behind.
    pub checkpoint: Option<Json<Value>>,
    /// The claim's own word: the fence, and part of the keys of what it writes.
    pub worker: Option<String>,
}

/// How a handler ended well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The worker marks the job done.
    Done,
    /// The handler has called [`Work::finish`] in a transaction of its own and committed it.
    Finished,
}

/// How a handler ended badly.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Trying again cannot help.
    pub permanent: bool,
    /// What it is called, where people are told.
    pub code: Option<Code>,
    /// For the log and the job's row, never for a person.
    pub cause: String,
}

impl Failure {
    /// Something that may pass.
    pub fn passing(cause: impl std::fmt::Display) -> Self {
        Self { permanent: false, code: None, cause: cause.to_string() }
    }

    /// Something that will not.
    pub fn permanent(cause: impl std::fmt::Display) -> Self {
        Self { permanent: true, code: None, cause: cause.to_string() }
    }

    /// The same with the code people will see if this was the last attempt.
    #[must_use]
    pub fn with_code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::passing(error)
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        Self::passing(error)
    }
}

/// What is done for one kind of job. Its future is dropped when the lease is lost or the server stops: whatever it started
/// must stop when dropped.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Does the work.
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure>;

    /// The job has just been marked failed in this transaction: whoever waits for it is told here.
    async fn gave_up(&self, _app: &Data<App>, _tx: &mut Tx, _job: &Job, _failure: &Failure) -> Result<(), sqlx::Error> {
        Ok(())
    }
}

/// Every kind of job this program knows, and what is owed from time to time. Filled in `wiring.rs`.
#[derive(Default)]
pub struct Registry {
    handlers: HashMap<&'static str, Arc<dyn Handler>>,
    schedules: Vec<Schedule>,
}

impl Registry {
    /// Adds a kind.
    #[must_use]
    pub fn handle(mut self, kind: &'static str, handler: impl Handler + 'static) -> Self {
        self.handlers.insert(kind, Arc::new(handler));
        self
    }

    /// Owes a job of this kind (without payload) again and again.
    #[must_use]
    pub fn every(mut self, every: Duration, kind: &'static str) -> Self {
        self.schedules.push(Schedule { every, kind });
        self
    }

    fn handler(&self, kind: &str) -> Option<Arc<dyn Handler>> {
        self.handlers.get(kind).cloned()
    }

    /// The kinds as `,one,two,`: what this program's claims ask for, so that an older node leaves newer work alone.
    fn kinds(&self) -> String {
        self.handlers.keys().fold(String::from(","), |list, kind| list + kind + ",")
    }
}
