//! Every statement about replaced sets, and about when a take is swept.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{query, query_as, query_scalar};

use crate::db::{Db, Tx};
use crate::id::{JobId, TakeId};
use crate::{on_db, on_tx};

use super::NewSet;

/// A take as the sweep sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Due {
    /// Which take.
    pub id: TakeId,
    /// When it was to be swept.
    pub sweep_at: DateTime<Utc>,
}

/// What of a take is shown, or was until lately.
#[derive(Debug, sqlx::FromRow)]
pub struct Shown {
    /// The published set.
    pub attempt: Option<String>,
    /// Its manifest.
    pub media: Option<Json<Value>>,
    /// Nothing of it is kept.
    pub discarded_at: Option<DateTime<Utc>>,
}

/// The manifest of a ready take's set, if that is still the shown one. The row is held until the transaction ends.
pub async fn manifest(tx: &mut Tx, take: TakeId, attempt: &str) -> Result<Option<Value>, sqlx::Error> {
    const SQL: &str = "
        update take set attempt = attempt -- so that nobody replaces or discards it in between
        where id = $1 and attempt = $2 and state = 'ready' and discarded_at is null
        returning media";
    let media: Option<Option<Json<Value>>> =
        on_tx!(tx, |c| query_scalar(SQL).bind(take).bind(attempt).fetch_optional(c).await)?;
    Ok(media.map(|media| media.map_or(Value::Null, |media| media.0)))
}

/// Shows another set instead of the one it was made from; false when that one is not shown any more.
pub async fn show(
    tx: &mut Tx,
    take: TakeId,
    (job, attempt): (JobId, &str),
    set: &NewSet<'_>,
    sweep_at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update take set job = $3, attempt = $4, media = $5, media_bytes = $6, sweep_at = $7
        where id = $1 and attempt = $2 and state = 'ready' and discarded_at is null";
    on_tx!(tx, |c| {
        let done = query(SQL)
            .bind(take)
            .bind(set.from)
            .bind(job)
            .bind(attempt)
            .bind(Json(set.media))
            .bind(set.media_bytes)
            .bind(sweep_at)
            .execute(c)
            .await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Notes something in the manifest of the shown set, and that files are to be swept; nothing when another is shown by now.
pub async fn annotate(
    tx: &mut Tx,
    take: TakeId,
    attempt: &str,
    media: &Value,
    sweep_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "update take set media = $3, sweep_at = $4 where id = $1 and attempt = $2 and state = 'ready'";
    on_tx!(tx, |c| query(SQL).bind(take).bind(attempt).bind(Json(media)).bind(sweep_at).execute(c).await.map(|_| ()))
}

/// A set is kept for who reads it, from this instant on.
pub async fn keep(tx: &mut Tx, take: TakeId, attempt: &str, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into replaced_set (take, attempt, replaced_at) values ($1, $2, $3)
        on conflict (take, attempt) do update set replaced_at = excluded.replaced_at";
    on_tx!(tx, |c| query(SQL).bind(take).bind(attempt).bind(now).execute(c).await.map(|_| ()))
}

/// Takes to be swept by now, a few at once.
pub async fn due(db: &Db, now: DateTime<Utc>) -> Result<Vec<Due>, sqlx::Error> {
    const SQL: &str = "select id, sweep_at from take where sweep_at <= $1 order by sweep_at limit 100";
    on_db!(db, |c| query_as(SQL).bind(now).fetch_all(c).await)
}

/// What is shown of a take.
pub async fn shown(db: &Db, take: TakeId) -> Result<Option<Shown>, sqlx::Error> {
    const SQL: &str = "select attempt, media, discarded_at from take where id = $1";
    on_db!(db, |c| query_as(SQL).bind(take).fetch_optional(c).await)
}

/// The sets of a take that were replaced after an instant, with when that was.
pub async fn since(db: &Db, take: TakeId, after: DateTime<Utc>) -> Result<Vec<(String, DateTime<Utc>)>, sqlx::Error> {
    const SQL: &str = "
        select attempt, replaced_at from replaced_set where take = $1 and replaced_at > $2 order by replaced_at limit 100";
    on_db!(db, |c| query_as(SQL).bind(take).bind(after).fetch_all(c).await)
}

/// Forgets the sets of a take that were replaced by an instant: their files are gone.
pub async fn forget(tx: &mut Tx, take: TakeId, by: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from replaced_set where take = $1 and replaced_at <= $2";
    on_tx!(tx, |c| query(SQL).bind(take).bind(by).execute(c).await.map(|_| ()))
}

/// A job on a take has ended and left files that nobody was shown.
pub async fn sweep_at(tx: &mut Tx, take: TakeId, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "update take set sweep_at = $2 where id = $1";
    on_tx!(tx, |c| query(SQL).bind(take).bind(at).execute(c).await.map(|_| ()))
}

/// A take has been swept and is due again at `next`; unless something happened to it in the meantime.
pub async fn swept(tx: &mut Tx, due: &Due, next: Option<DateTime<Utc>>) -> Result<(), sqlx::Error> {
    const SQL: &str = "update take set sweep_at = $3 where id = $1 and sweep_at = $2";
    on_tx!(tx, |c| query(SQL).bind(due.id).bind(due.sweep_at).bind(next).execute(c).await.map(|_| ()))
}
