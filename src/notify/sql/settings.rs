//! Statements about what a person says of their own time.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{query, query_as};

use crate::db::{Db, Tx};
use crate::id::PersonId;
use crate::notify::quiet::Window;
use crate::{on_db, on_tx};

use super::told::Rhythm;

/// What a person says of their own time.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    /// As it holds now.
    #[sqlx(flatten)]
    pub rhythm: Rhythm,
    /// Their own workdays; the organisation's when absent.
    pub own_workdays: Option<Json<Vec<i16>>>,
    /// When they want the digest; never when absent.
    pub digest_at: Option<String>,
    /// For optimistic locking.
    pub revision: i64,
}

/// What a person says of their own time.
pub async fn one(db: &Db, person: PersonId) -> Result<Row, sqlx::Error> {
    const SQL: &str = "
        select coalesce(v.time_zone, o.time_zone) as time_zone, coalesce(v.workdays, o.workdays) as workdays, v.deep_work,
               v.workdays as own_workdays, v.digest_at, v.revision
        from person v join organisation o on o.id = v.organisation where v.id = $1";
    on_db!(db, |c| query_as(SQL).bind(person).fetch_one(c).await)
}

/// The rhythm of somebody, as their transaction sees it.
pub async fn rhythm(tx: &mut Tx, person: PersonId) -> Result<Rhythm, sqlx::Error> {
    const SQL: &str = "
        select coalesce(v.time_zone, o.time_zone) as time_zone, coalesce(v.workdays, o.workdays) as workdays, v.deep_work
        from person v join organisation o on o.id = v.organisation where v.id = $1";
    on_tx!(tx, |c| query_as(SQL).bind(person).fetch_one(c).await)
}

/// Writes it, if nobody changed the person since `revision`; false when somebody did.
pub async fn update(
    tx: &mut Tx,
    person: PersonId,
    (workdays, deep_work): (Option<&[i16]>, &[Window]),
    digest_at: Option<&str>,
    revision: i64,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update person set workdays = $3, deep_work = $4, digest_at = $5, revision = revision + 1
        where id = $1 and revision = $2";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(person)
        .bind(revision)
        .bind(workdays.map(Json))
        .bind(Json(deep_work))
        .bind(digest_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// What was held back is held back until another instant.
pub async fn hold_until(
    tx: &mut Tx,
    person: PersonId,
    shows_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update notification set shows_at = $2, changed_at = $3, revision = revision + 1 where person = $1 and read_at is null and shows_at > $3";
    on_tx!(tx, |c| query(SQL).bind(person).bind(shows_at).bind(now).execute(c).await.map(|_| ()))
}
