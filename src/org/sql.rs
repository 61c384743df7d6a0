//! Every statement about organisations, units and absences; one file a noun.

pub mod absence;
pub mod circle;
pub mod unit;

use sqlx::types::Json;
use sqlx::{query, query_as, query_scalar};

use crate::db::{Db, Tx};
use crate::id::OrganisationId;
use crate::{on_db, on_tx};

use super::Organisation;

macro_rules! organisation_columns {
    () => {
        "id, name, time_zone, week_start, workdays, fiscal_year_start, check_in_weekdays, due_local_time, grace_minutes,
         review_due_hours, escalate_after, limit_ms, takes, allowed_origins, revision, created_at"
    };
}

/// The organisation with that id.
pub async fn organisation(db: &Db, id: OrganisationId) -> Result<Option<Organisation>, sqlx::Error> {
    const SQL: &str = concat!("select ", organisation_columns!(), " from organisation where id = $1");
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// The same, inside a transaction.
pub async fn organisation_in(tx: &mut Tx, id: OrganisationId) -> Result<Option<Organisation>, sqlx::Error> {
    const SQL: &str = concat!("select ", organisation_columns!(), " from organisation where id = $1");
    on_tx!(tx, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// The first organisation there is: a server has one until it is told to have more.
pub async fn first_organisation(db: &Db) -> Result<Option<Organisation>, sqlx::Error> {
    const SQL: &str = concat!("select ", organisation_columns!(), " from organisation order by id limit 1");
    on_db!(db, |c| query_as(SQL).fetch_optional(c).await)
}

/// Whether there is any organisation, as this transaction sees it.
pub async fn any_organisation(tx: &mut Tx) -> Result<bool, sqlx::Error> {
    const SQL: &str = "select count(*) from organisation";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).fetch_one(c).await)?;
    Ok(found > 0)
}

/// Holds the organisation's row until the transaction ends, so that rules over many rows (no cycles, a last administrator)
/// are checked by one writer at a time.
pub async fn hold(tx: &mut Tx, id: OrganisationId) -> Result<(), sqlx::Error> {
    // An update that changes nothing: the one row lock that both databases know.
    const SQL: &str = "update organisation set id = id where id = $1";
    on_tx!(tx, |c| query(SQL).bind(id).execute(c).await.map(|_| ()))
}

/// Adds an organisation.
pub async fn insert(tx: &mut Tx, new: &Organisation) -> Result<(), sqlx::Error> {
    const SQL: &str = concat!(
        "insert into organisation (",
        organisation_columns!(),
        ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    );
    on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(&new.name)
        .bind(&new.time_zone)
        .bind(new.week_start)
        .bind(Json(&new.workdays))
        .bind(new.fiscal_year_start)
        .bind(Json(&new.check_in_weekdays))
        .bind(&new.due_local_time)
        .bind(new.grace_minutes)
        .bind(new.review_due_hours)
        .bind(new.escalate_after)
        .bind(new.limit_ms)
        .bind(new.takes)
        .bind(Json(&new.allowed_origins))
        .bind(new.revision)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Changes an organisation if nobody else did since `revision`; false when someone did.
pub async fn update(tx: &mut Tx, new: &Organisation, revision: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update organisation set name = $3, time_zone = $4, week_start = $5, workdays = $6, fiscal_year_start = $7,
          check_in_weekdays = $8, due_local_time = $9, grace_minutes = $10, review_due_hours = $11, limit_ms = $12,
          takes = $13, allowed_origins = $14, escalate_after = $15, revision = revision + 1
        where id = $1 and revision = $2";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(revision)
        .bind(&new.name)
        .bind(&new.time_zone)
        .bind(new.week_start)
        .bind(Json(&new.workdays))
        .bind(new.fiscal_year_start)
        .bind(Json(&new.check_in_weekdays))
        .bind(&new.due_local_time)
        .bind(new.grace_minutes)
        .bind(new.review_due_hours)
        .bind(new.limit_ms)
        .bind(new.takes)
        .bind(Json(&new.allowed_origins))
        .bind(new.escalate_after)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
