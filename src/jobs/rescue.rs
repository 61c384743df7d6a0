//! Taking over the jobs of workers that are gone. Every node does it.
//!
//! Invariant (the clock rule): `lease_until` is never compared with a clock. It is only looked at for change: a node that has
//! watched the same claim with the same `lease_until` for a whole lease, by its own steady clock, knows that nobody extends
//! it, however far apart the machines' clocks are. Only time in which it looked counts: while the database could not be asked,
//! nobody could extend anything either.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use actix_web::web::Data;
use chrono::{DateTime, Utc};

use crate::app::App;
use crate::id::JobId;

use super::settle::settle;
use super::sql::{self, Lease};
use super::{Failure, Registry};

/// How many looks a lease lasts.
pub const LOOKS: u32 = 10;

/// What this node has seen of the leases.
#[derive(Debug, Default)]
pub struct Watch {
    looked_at: Option<Duration>,
    leases: HashMap<JobId, Watched>,
}

/// A lease and how long it has stood still before this node's eyes.
#[derive(Clone, Debug)]
struct Watched {
    worker: String,
    lease_until: DateTime<Utc>,
    stood: Duration,
}

/// Looks at every lease of a kind that this program knows (an older node could not tell those who wait for newer work);
/// settles the jobs whose lease has stood unchanged for too long. Answers how many.
///
/// # Errors
/// The database's.
pub async fn rescue(app: &Data<App>, registry: &Registry) -> Result<usize, sqlx::Error> {
    let dead = watch(app, sql::leases(&app.db, &registry.kinds()).await?);
    let mut rescued = 0;
    for lease in dead {
        let mut tx = app.db.begin().await?;
        let Some(job) = sql::abandoned(&mut tx, &lease).await? else { continue };
        let failure = Failure::passing("the worker stopped without a word: its lease ran out");
        if settle(app, &mut tx, registry, &job, &failure, app.jobs.lease()).await? {
            tx.commit().await?;
            tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempt, "a job was taken from a worker that is gone");
            rescued += 1;
        }
    }
    if rescued > 0 {
        app.jobs.wake();
    }
    Ok(rescued)
}

/// Notes what is seen and answers the leases that did not change for a whole lease. Of the time since the last look no more
/// counts than two looks may lie apart.
fn watch(app: &App, leases: Vec<Lease>) -> Vec<Lease> {
    let (now, limit) = (app.clock.steady(), app.jobs.lease());
    let mut watch = app.jobs.watched.lock().unwrap_or_else(PoisonError::into_inner);
    let passed = watch.looked_at.map_or(Duration::ZERO, |at| now.saturating_sub(at)).min(limit / LOOKS * 2);
    let mut next = HashMap::with_capacity(leases.len());
    let mut dead = Vec::new();
    for lease in leases {
        let stood = watch
            .leases
            .get(&lease.id)
            .filter(|seen| seen.worker == lease.worker && seen.lease_until == lease.lease_until)
            .map_or(Duration::ZERO, |seen| seen.stood + passed);
        next.insert(lease.id, Watched { worker: lease.worker.clone(), lease_until: lease.lease_until, stood });
        if stood >= limit {
            dead.push(lease);
        }
    }
    *watch = Watch { looked_at: Some(now), leases: next };
    dead
}
