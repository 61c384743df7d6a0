//! The queue of owed work, in the database. Not a scheduler of threads and not a message bus: a row says what is owed, and
//! it is worked through at least once.
//!
//! Life of a job:
//!
//! ```text
//!             claim                 finish
//!   ready ───────────▶ running ───────────▶ done
//!     ▲  ◀── handed back, asleep ──┤ │
//!     └────── failed, rescued ─────┘ └── permanent error, or attempts used up ──▶ failed
//! ```
//!
//! * Work is owed in the transaction that makes it necessary ([`enqueue`]); a `unique_key` keeps one unfinished job a key.
//! * A free slot claims one job by a guarded update and writes its own word into `worker`. That word is the fence: every later
//!   write of the job asks for it, so whoever lost the job can write nothing more.
//! * A claim is a lease of ten seconds, extended every 2.5 s. Without a sign of the job's own life ([`Work::progress`],
//!   [`Work::alive`]) for three leases it is given up: a hung decoder loses its job though its process lives. Losing the lease
//!   cancels the work.
//! * A lease is never judged by comparing two machines' clocks. A node may take a job over only after it has itself watched
//!   the same lease stand unchanged for a whole lease by its own steady clock ([`rescue`]). Clocks an hour apart, or one that
//!   jumps, therefore steal nothing early; the price is that a restarted server waits one lease before it goes on.
//! * Work that waits for somebody else ([`Work::snooze`]) sleeps in its row and holds no slot, until [`wake`] or its time.
//! * Failure and rescue obey one rule ([`settle`]): permanent errors and used-up attempts end the job and tell its handler
//!   in the same transaction; anything else waits in the row (`run_at`) for 2 s, 8 s, 32 s … ten minutes at most.
//! * Work that helps other work along ([`Registry::handle_spare`]) begins only where cores are to spare ([`spare`]).
//! * Work that nobody waits for ([`Registry::handle_idle`]) runs only while nothing else does, and gives way ([`idle`]).
//! * Jobs are at-least-once: outputs carry the claim in their key and become visible by the guarded update that finishes the job.
//!
//! Invariant: for one job there is at most one worker whose writes succeed.

mod idle;
pub mod periodic;
pub mod rescue;
pub mod seen;
mod settle;
mod spare;
mod sql;
mod work;
pub mod worker;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
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
use crate::db::{Db, Tx, dialect};
use crate::id::JobId;

pub use periodic::Schedule;
pub use spare::Room;
pub use work::Work;
pub use worker::{Worker, drain};

/// The channel on which PostgreSQL nodes tell each other that work is owed.
const CHANNEL: &str = "twotake_jobs";

/// How long a claim lasts unless it is extended. Short, because a takeover waits for it; long enough that a worker which is
/// merely slow extends it in time. See docs/decisions/0004.
const LEASE_MS: u64 = 10_000;

/// The handle through which workers are woken.
#[derive(Debug)]
pub struct Jobs {
    wake: Notify,
    /// Jobs that take minutes and are being worked on in this process.
    long: AtomicUsize,
    lease_ms: AtomicU64,
    /// Whoever looks whether there is room for work that helps along holds it until it has begun.
    spare: tokio::sync::Mutex<()>,
    watched: Mutex<rescue::Watch>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            wake: Notify::new(),
            long: AtomicUsize::new(0),
            lease_ms: AtomicU64::new(LEASE_MS),
            spare: tokio::sync::Mutex::default(),
            watched: Mutex::default(),
        }
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

    /// Another lease, for tests. Every node must agree on it.
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

/// Wakes the job with this key if it is asleep; what waits after a failure goes on waiting. Call [`Jobs::wake`] after the commit.
///
/// # Errors
/// The database's.
pub async fn wake(tx: &mut Tx, clock: &Clock, unique_key: &str) -> Result<bool, sqlx::Error> {
    let woken = sql::wake(tx, unique_key, clock.now()).await?;
    if woken {
        dialect::notify(tx, CHANNEL).await?;
    }
    Ok(woken)
}

/// Calls off the unfinished job with this key: what it was for has ended. A worker that has it loses its lease.
///
/// # Errors
/// The database's.
pub async fn cancel(tx: &mut Tx, clock: &Clock, unique_key: &str) -> Result<bool, sqlx::Error> {
    sql::cancel(tx, unique_key, clock.now()).await
}

/// Whether an unfinished job has this key.
///
/// # Errors
/// The database's.
pub async fn owed(db: &Db, unique_key: &str) -> Result<bool, sqlx::Error> {
    sql::owed(db, unique_key).await
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

    /// Whether now is a time to begin a job of an idle kind; asked before one is claimed, when no long job is owed.
    async fn may_begin(&self, _app: &Data<App>) -> bool {
        true
    }

    /// The job has just been marked failed in this transaction: whoever waits for it is told here.
    async fn gave_up(&self, _app: &Data<App>, _tx: &mut Tx, _job: &Job, _failure: &Failure) -> Result<(), sqlx::Error> {
        Ok(())
    }
}

/// Which slots work on a kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lane {
    Short,
    Long,
    Spare,
    Idle,
}

/// Every kind of job this program knows, and what is owed from time to time. Filled in `wiring.rs`.
#[derive(Default)]
pub struct Registry {
    handlers: HashMap<&'static str, (Lane, Arc<dyn Handler>)>,
    schedules: Vec<Schedule>,
}

impl Registry {
    /// Adds a kind whose jobs are over in seconds.
    #[must_use]
    pub fn handle(mut self, kind: &'static str, handler: impl Handler + 'static) -> Self {
        self.handlers.insert(kind, (Lane::Short, Arc::new(handler)));
        self
    }

    /// Adds a kind whose jobs may hold a slot for minutes. They have slots of their own, so that the others need not wait.
    #[must_use]
    pub fn handle_long(mut self, kind: &'static str, handler: impl Handler + 'static) -> Self {
        self.handlers.insert(kind, (Lane::Long, Arc::new(handler)));
        self
    }

    /// Adds a kind whose jobs help a long one along that could do without. They have slots of their own, which begin only while this
    /// machine has cores to spare.
    #[must_use]
    pub fn handle_spare(mut self, kind: &'static str, handler: impl Handler + 'static) -> Self {
        self.handlers.insert(kind, (Lane::Spare, Arc::new(handler)));
        self
    }

    /// Adds a kind for which nobody waits. It has one slot, which begins only while no long job is at work in this process or
    /// waits for a slot, and when [`Handler::may_begin`] says so; as soon as a long job is there, the work is dropped and handed
    /// back. So its handler must keep what it has made in checkpoints.
    #[must_use]
    pub fn handle_idle(mut self, kind: &'static str, handler: impl Handler + 'static) -> Self {
        self.handlers.insert(kind, (Lane::Idle, Arc::new(handler)));
        self
    }

    /// Owes a job of this kind (without payload) again and again.
    #[must_use]
    pub fn every(mut self, every: Duration, kind: &'static str) -> Self {
        self.schedules.push(Schedule { every, kind });
        self
    }

    /// Every kind, by name.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.handlers.keys().copied().collect();
        names.sort_unstable();
        names
    }

    fn handler(&self, kind: &str) -> Option<Arc<dyn Handler>> {
        self.handlers.get(kind).map(|(_, handler)| handler.clone())
    }

    /// Whether jobs of this kind may take minutes and somebody waits for them.
    fn is_long(&self, kind: &str) -> bool {
        self.handlers.get(kind).is_some_and(|(lane, _)| *lane == Lane::Long)
    }

    /// Whether jobs of this kind only help others along.
    fn only_helps(&self, kind: &str) -> bool {
        self.handlers.get(kind).is_some_and(|(lane, _)| *lane == Lane::Spare)
    }

    /// Whether every handler of an idle kind says that now is a time to begin.
    async fn may_begin(&self, app: &Data<App>) -> bool {
        for (_, handler) in self.handlers.values().filter(|(lane, _)| *lane == Lane::Idle) {
            if !handler.may_begin(app).await {
                return false;
            }
        }
        true
    }

    /// The kinds as `,one,two,`: what this program's claims ask for, so that an older node leaves newer work alone.
    fn kinds(&self) -> String {
        self.handlers.keys().fold(String::from(","), |list, kind| list + kind + ",")
    }

    /// The kinds of one lane, likewise; `None` when it has none.
    fn lane(&self, lane: Lane) -> Option<String> {
        self.lanes(&[lane])
    }

    /// The kinds of some lanes together.
    fn lanes(&self, lanes: &[Lane]) -> Option<String> {
        let mut kinds =
            self.handlers.iter().filter(|(_, (of, _))| lanes.contains(of)).map(|(kind, _)| *kind).peekable();
        kinds.peek()?;
        Some(kinds.fold(String::from(","), |list, kind| list + kind + ","))
    }
}
