//! Statements about reviews.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{QueryBuilder, query, query_scalar};
use uuid::Uuid;

use crate::checkin::{Decision, ReviewEnd};
use crate::db::Tx;
use crate::id::{CheckInId, OrganisationId, PersonId, RecordingId};
use crate::on_tx;

/// Hours a reviewer has.
pub async fn hours(tx: &mut Tx, organisation: OrganisationId) -> Result<i32, sqlx::Error> {
    const SQL: &str = "select review_due_hours from organisation where id = $1";
    on_tx!(tx, |c| query_scalar(SQL).bind(organisation).fetch_one(c).await)
}

/// Owes a review.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    (check_in, reviewer): (CheckInId, PersonId),
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into review (id, check_in, reviewer, due_at, created_at) values ($1, $2, $3, $4, $5)
        on conflict do nothing";
    on_tx!(tx, |c| query(SQL).bind(id).bind(check_in).bind(reviewer).bind(due).bind(now).execute(c).await.map(|_| ()))
}

/// A review whose due time has passed, with what tells whether its reviewer was there.
#[derive(sqlx::FromRow)]
pub struct Passed {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The check-in it is owed to.
    pub check_in: CheckInId,
    /// Who was to review.
    pub reviewer: PersonId,
    /// Until when.
    pub due_at: DateTime<Utc>,
    /// IANA name of the reviewer's zone.
    pub time_zone: String,
}

/// Reviews whose due time has passed and of which nothing has been written yet, a batch at a time; or only that of one
/// check-in.
pub async fn passed(
    tx: &mut Tx,
    now: DateTime<Utc>,
    only: Option<CheckInId>,
    limit: i64,
) -> Result<Vec<Passed>, sqlx::Error> {
    on_tx!(tx, |c| {
        let mut sql = QueryBuilder::new(
            "select r.id, p.organisation, r.check_in, r.reviewer, r.due_at, coalesce(p.time_zone, o.time_zone) as time_zone
             from review r
             join person p on p.id = r.reviewer
             join organisation o on o.id = p.organisation
             where r.ended is null and r.due_at < ",
        );
        sql.push_bind(now);
        if let Some(check_in) = only {
            sql.push(" and r.check_in = ").push_bind(check_in);
        }
        sql.push(" order by r.due_at, r.id limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// Writes what became of a review; false when that is written.
pub async fn end(tx: &mut Tx, id: Uuid, ended: ReviewEnd) -> Result<bool, sqlx::Error> {
    const SQL: &str = "update review set ended = $2 where id = $1 and ended is null";
    let rows = on_tx!(tx, |c| query(SQL).bind(id).bind(ended).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Whether a person is away on a day.
pub async fn is_away(tx: &mut Tx, person: PersonId, day: NaiveDate) -> Result<bool, sqlx::Error> {
    const SQL: &str = "select count(*) from absence where person = $1 and last_day >= $2 and first_day <= $2";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(person).bind(day).fetch_one(c).await)?;
    Ok(found > 0)
}

/// Writes the reviewer's answer; false when there is one already.
pub async fn decide(
    tx: &mut Tx,
    check_in: CheckInId,
    (decision, note, recording): (Decision, &str, Option<RecordingId>),
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update review set decision = $2, note = $3, recording = $4, reviewed_at = $5,
          ended = case when ended is not null then ended when due_at >= $5 then 'on_time' else 'missed' end
        where check_in = $1 and reviewed_at is null";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(check_in)
        .bind(decision)
        .bind(note)
        .bind(recording)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
