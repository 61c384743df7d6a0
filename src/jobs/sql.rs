//! Every statement about jobs and schedules.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{query, query_as, query_scalar};

use crate::db::{Db, Tx};
use crate::id::JobId;
use crate::{on_db, on_tx};

use super::seen::Row;
use super::{Job, NewJob};

/// A running job as a rescuer sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Lease {
    pub id: JobId,
    pub worker: String,
    pub lease_until: DateTime<Utc>,
}

/// Owes a job; false when its unique key is taken.
pub async fn insert(tx: &mut Tx, id: JobId, job: &NewJob, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into job (id, kind, payload, state, priority, run_at, max_attempts, unique_key, created_at)
        values ($1, $2, $3, 'ready', $4, $5, $6, $7, $8)
        on conflict (unique_key) where unique_key is not null and state in ('ready', 'running') do nothing";
    on_tx!(tx, |c| {
        let done = query(SQL)
            .bind(id)
            .bind(job.kind)
            .bind(Json(&job.payload))
            .bind(job.priority)
            .bind(job.run_at.unwrap_or(now))
            .bind(job.max_attempts)
            .bind(job.unique_key.as_deref())
            .bind(now)
            .execute(c)
            .await?;
        Ok(done.rows_affected() == 1)
    })
}

/// The next job that could be claimed. Only a look: the claim itself is guarded.
pub async fn next_ready(db: &Db, kinds: &str, now: DateTime<Utc>) -> Result<Option<JobId>, sqlx::Error> {
    const SQL: &str = "
        select id from job
        where state = 'ready' and run_at <= $1 and $2 like '%,' || kind || ',%'
        order by priority desc, run_at, id limit 1";
    on_db!(db, |c| query_scalar(SQL).bind(now).bind(kinds).fetch_optional(c).await)
}

/// Claims a job if nobody else has.
pub async fn claim(
    tx: &mut Tx,
    id: JobId,
    worker: &str,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Option<Job>, sqlx::Error> {
    const SQL: &str = "
        update job
        set state = 'running', attempt = attempt + 1, worker = $2, started_at = $3, lease_until = $4, progress = 0,
            asleep = false
        where id = $1 and state = 'ready' -- a second claimer waits for the row, then finds it running
        returning id, kind, payload, attempt, max_attempts, checkpoint, worker";
    on_tx!(tx, |c| query_as(SQL).bind(id).bind(worker).bind(now).bind(lease_until).fetch_optional(c).await)
}

/// Extends a lease; false when it has been lost.
pub async fn extend(
    tx: &mut Tx,
    id: JobId,
    worker: &str,
    lease_until: DateTime<Utc>,
    progress: f64,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set lease_until = $3, progress = $4 where id = $1 and worker = $2 and state = 'running'";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(worker).bind(lease_until).bind(progress).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Keeps what a later attempt can go on from; false when the lease has been lost.
pub async fn checkpoint(tx: &mut Tx, id: JobId, worker: &str, checkpoint: &Value) -> Result<bool, sqlx::Error> {
    const SQL: &str = "update job set checkpoint = $3 where id = $1 and worker = $2 and state = 'running'";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(worker).bind(Json(checkpoint)).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Marks a job done; false when its lease has been lost, and then nothing else of the transaction may be kept.
pub async fn finish(tx: &mut Tx, id: JobId, worker: &str, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set state = 'done', progress = 1, lease_until = null, finished_at = $3, error = null
        where id = $1 and worker = $2 and state = 'running'";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(worker).bind(now).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Marks a job failed for good.
pub async fn fail(tx: &mut Tx, id: JobId, worker: &str, error: &str, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set state = 'failed', lease_until = null, error = $3, finished_at = $4
        where id = $1 and worker = $2 and state = 'running'";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(worker).bind(error).bind(now).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Puts a job back to be tried again at `run_at`.
pub async fn retry(
    tx: &mut Tx,
    id: JobId,
    worker: &str,
    error: &str,
    run_at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set state = 'ready', worker = null, lease_until = null, error = $3, run_at = $4
        where id = $1 and worker = $2 and state = 'running'";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(worker).bind(error).bind(run_at).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Hands a job back untouched: the attempt does not count.
pub async fn hand_back(tx: &mut Tx, id: JobId, worker: &str) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set state = 'ready', attempt = attempt - 1, worker = null, lease_until = null
        where id = $1 and worker = $2 and state = 'running'";
    on_tx!(tx, |c| Ok(query(SQL).bind(id).bind(worker).execute(c).await?.rows_affected() == 1))
}

/// Puts a job to sleep until `run_at` or until somebody wakes it: the attempt does not count.
pub async fn snooze(tx: &mut Tx, id: JobId, worker: &str, run_at: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set state = 'ready', attempt = attempt - 1, worker = null, lease_until = null, run_at = $3, asleep = true
        where id = $1 and worker = $2 and state = 'running'";
    on_tx!(tx, |c| Ok(query(SQL).bind(id).bind(worker).bind(run_at).execute(c).await?.rows_affected() == 1))
}

/// Gives a job back to be begun anew at once with another payload: the attempt does not count, and what it left is not gone on with.
pub async fn anew(
    tx: &mut Tx,
    id: JobId,
    worker: &str,
    payload: &Value,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set state = 'ready', attempt = attempt - 1, worker = null, lease_until = null, run_at = $4, payload = $3,
            checkpoint = null
        where id = $1 and worker = $2 and state = 'running'";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(worker).bind(Json(payload)).bind(now).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Makes a sleeping job ready to run.
pub async fn wake(tx: &mut Tx, unique_key: &str, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set run_at = $2, asleep = false where unique_key = $1 and state = 'ready' and asleep";
    on_tx!(tx, |c| Ok(query(SQL).bind(unique_key).bind(now).execute(c).await?.rows_affected() == 1))
}

/// Calls an unfinished job off.
pub async fn cancel(tx: &mut Tx, unique_key: &str, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set state = 'cancelled', lease_until = null, finished_at = $2
        where unique_key = $1 and state in ('ready', 'running')";
    on_tx!(tx, |c| Ok(query(SQL).bind(unique_key).bind(now).execute(c).await?.rows_affected() == 1))
}

/// Calls a job off that nobody has.
pub async fn take_back(tx: &mut Tx, id: JobId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "update job set state = 'cancelled', finished_at = $2 where id = $1 and state = 'ready'";
    on_tx!(tx, |c| Ok(query(SQL).bind(id).bind(now).execute(c).await?.rows_affected() == 1))
}

/// Calls one unfinished job off, whoever has it.
pub async fn call_off(tx: &mut Tx, id: JobId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update job set state = 'cancelled', lease_until = null, finished_at = $2
        where id = $1 and state in ('ready', 'running')";
    on_tx!(tx, |c| Ok(query(SQL).bind(id).bind(now).execute(c).await?.rows_affected() == 1))
}

/// Where a job stands.
pub async fn seen(db: &Db, id: JobId) -> Result<Option<Row>, sqlx::Error> {
    const SQL: &str = "select state, progress, checkpoint from job where id = $1";
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// Whether an unfinished job has this key.
pub async fn owed(db: &Db, unique_key: &str) -> Result<bool, sqlx::Error> {
    const SQL: &str = "select 1 from job where unique_key = $1 and state in ('ready', 'running')";
    let found: Option<i32> = on_db!(db, |c| query_scalar(SQL).bind(unique_key).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// Every lease of these kinds.
pub async fn leases(db: &Db, kinds: &str) -> Result<Vec<Lease>, sqlx::Error> {
    const SQL: &str = "
        select id, worker, lease_until from job
        where state = 'running' and worker is not null and $1 like '%,' || kind || ',%'
        order by lease_until, id limit 1000";
    on_db!(db, |c| query_as(SQL).bind(kinds).fetch_all(c).await)
}

/// A running job whose lease still stands as it was seen.
pub async fn abandoned(tx: &mut Tx, lease: &Lease) -> Result<Option<Job>, sqlx::Error> {
    const SQL: &str = "
        select id, kind, payload, attempt, max_attempts, checkpoint, worker
        from job where id = $1 and worker = $2 and lease_until = $3 and state = 'running'";
    on_tx!(tx, |c| query_as(SQL).bind(lease.id).bind(&lease.worker).bind(lease.lease_until).fetch_optional(c).await)
}

/// Forgets jobs that ended well before one instant, or badly before another.
pub async fn sweep(tx: &mut Tx, done: DateTime<Utc>, failed: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        delete from job
        where finished_at is not null
          and ((state = 'done' and finished_at < $1) or (state in ('failed', 'cancelled') and finished_at < $2))";
    on_tx!(tx, |c| Ok(query(SQL).bind(done).bind(failed).execute(c).await?.rows_affected()))
}

/// When a schedule is due.
pub async fn due_at(db: &Db, name: &str) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    const SQL: &str = "select next_run_at from schedule where name = $1";
    on_db!(db, |c| query_scalar(SQL).bind(name).fetch_optional(c).await)
}

/// Makes a schedule unless it is there.
pub async fn put_schedule(tx: &mut Tx, name: &str, next_run_at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "insert into schedule (name, next_run_at) values ($1, $2) on conflict (name) do nothing";
    on_tx!(tx, |c| query(SQL).bind(name).bind(next_run_at).execute(c).await.map(|_| ()))
}

/// Moves a schedule on; true for the one node that did.
pub async fn win_schedule(
    tx: &mut Tx,
    name: &str,
    seen: DateTime<Utc>,
    next: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update schedule set next_run_at = $3, last_run_at = $4
        where name = $1 and next_run_at = $2 -- several nodes try: the first moves it, the others find it moved";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(name).bind(seen).bind(next).bind(now).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}
