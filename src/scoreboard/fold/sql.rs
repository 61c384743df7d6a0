//! Statements about the weeks of companies that are added up.

use chrono::NaiveDate;
use sqlx::{query, query_as};

use crate::db::{Db, Tx};
use crate::id::OrganisationId;
use crate::scoreboard::Tally;
use crate::{on_db, on_tx};

/// Weeks of companies to which something was added since they were folded, some of them.
pub async fn unfolded(db: &Db, limit: i64) -> Result<Vec<(OrganisationId, NaiveDate)>, sqlx::Error> {
    const SQL: &str =
        "select organisation, monday from reliability_week group by organisation, monday having count(*) > 1 limit $1";
    on_db!(db, |c| query_as(SQL).bind(limit).fetch_all(c).await)
}

/// Takes away what was added to a week, and returns it.
pub async fn take_week(
    tx: &mut Tx,
    organisation: OrganisationId,
    monday: NaiveDate,
) -> Result<Vec<Tally>, sqlx::Error> {
    const SQL: &str = "
        delete from reliability_week where organisation = $1 and monday = $2
        returning submitted, late, missed, excused, open, reviews_on_time, reviews_missed, reviews_excused";
    on_tx!(tx, |c| query_as(SQL).bind(organisation).bind(monday).fetch_all(c).await)
}

/// Adds to a week.
pub async fn put_week(
    tx: &mut Tx,
    organisation: OrganisationId,
    monday: NaiveDate,
    sum: Tally,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into reliability_week (organisation, monday, submitted, late, missed, excused, open, reviews_on_time, reviews_missed,
                                      reviews_excused)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    on_tx!(tx, |c| query(SQL)
        .bind(organisation)
        .bind(monday)
        .bind(sum.submitted)
        .bind(sum.late)
        .bind(sum.missed)
        .bind(sum.excused)
        .bind(sum.open)
        .bind(sum.reviews_on_time)
        .bind(sum.reviews_missed)
        .bind(sum.reviews_excused)
        .execute(c)
        .await
        .map(|_| ()))
}
