//! The one rule for a job that did not end well, whether its own worker says so or a rescuer does.

use actix_web::web::Data;
use std::time::Duration;

use chrono::TimeDelta;

use crate::app::App;
use crate::db::Tx;

use super::{Failure, Job, Registry, sql};

/// Ends the job, or puts it back with its back-off, in this transaction. What was waited already counts as back-off: who
/// watched a lease run out need not wait again. False: the job was no longer this claim's.
pub(super) async fn settle(
    app: &Data<App>,
    tx: &mut Tx,
    registry: &Registry,
    job: &Job,
    failure: &Failure,
    waited: Duration,
) -> Result<bool, sqlx::Error> {
    let now = app.clock.now();
    let worker = job.worker.as_deref().unwrap_or_default();
    if !failure.permanent && job.attempt < job.max_attempts {
        return sql::retry(tx, job.id, worker, &failure.cause, now + rest(job.attempt, waited)).await;
    }
    if !sql::fail(tx, job.id, worker, &failure.cause, now).await? {
        return Ok(false);
    }
    if registry.only_helps(&job.kind) {
        tracing::warn!(job = %job.id, kind = job.kind, cause = failure.cause, "help has failed: whoever asked for it does without");
    } else {
        tracing::error!(job = %job.id, kind = job.kind, attempt = job.attempt, cause = failure.cause, "a job has failed for good");
    }
    if let Some(handler) = registry.handler(&job.kind) {
        handler.gave_up(app, tx, job, failure).await?;
    }
    Ok(true)
}

/// What is left of the back-off.
fn rest(attempt: i32, waited: Duration) -> TimeDelta {
    (back_off(attempt) - TimeDelta::from_std(waited).unwrap_or_default()).max(TimeDelta::zero())
}

/// 2 s, 8 s, 32 s, 128 s, 512 s, then ten minutes.
fn back_off(attempt: i32) -> TimeDelta {
    let power = u32::try_from(attempt - 1).unwrap_or(0).min(5);
    TimeDelta::seconds((2 * 4_i64.pow(power)).min(600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_fourfold_up_to_ten_minutes() {
        let seconds: Vec<_> = (1..=7).map(|n| back_off(n).num_seconds()).collect();
        assert_eq!(seconds, [2, 8, 32, 128, 512, 600, 600]);
    }

    #[test]
    fn a_lease_that_was_watched_is_part_of_the_wait() {
        let lease = Duration::from_secs(10);
        assert_eq!((1..=3).map(|n| rest(n, lease).num_seconds()).collect::<Vec<_>>(), [0, 0, 22]);
    }
}
