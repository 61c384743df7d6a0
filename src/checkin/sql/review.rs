//! Statements about reviews.

use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};
use uuid::Uuid;

use crate::checkin::Decision;
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

/// Writes the reviewer's answer; false when there is one already.
pub async fn decide(
    tx: &mut Tx,
    check_in: CheckInId,
    (decision, note, recording): (Decision, &str, Option<RecordingId>),
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update review set decision = $2, note = $3, recording = $4, reviewed_at = $5
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
