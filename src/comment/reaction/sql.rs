//! Every statement about reactions.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_scalar};
use uuid::Uuid;

use crate::comment::SubjectKind;
use crate::db::{Db, Tx, push_list};
use crate::id::PersonId;
use crate::{on_db, on_tx};

use super::{CountRow, ReactionKind};

/// How many gave which reaction to each of these things.
pub async fn counts(
    db: &Db,
    viewer: PersonId,
    kind: SubjectKind,
    subjects: &[Uuid],
) -> Result<Vec<CountRow>, sqlx::Error> {
    if subjects.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new("select subject, kind, count(*) as count, sum(case when person = ");
        sql.push_bind(viewer).push(" then 1 else 0 end) as mine from reaction where subject_kind = ").push_bind(kind);
        sql.push(" and subject in (");
        push_list(&mut sql, subjects.iter().copied());
        sql.push(") group by subject, kind");
        sql.build_query_as().fetch_all(c).await
    })
}

/// Gives a reaction; false when it was given before.
pub async fn give(
    tx: &mut Tx,
    (subject_kind, subject): (SubjectKind, Uuid),
    person: PersonId,
    kind: ReactionKind,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into reaction (subject_kind, subject, person, kind, created_at) values ($1, $2, $3, $4, $5)
        on conflict do nothing";
    on_tx!(tx, |c| query(SQL)
        .bind(subject_kind)
        .bind(subject)
        .bind(person)
        .bind(kind)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))
}

/// How many people but its owner gave a reaction to a thing, as a transaction sees it.
pub async fn people(
    tx: &mut Tx,
    (subject_kind, subject): (SubjectKind, Uuid),
    owner: PersonId,
) -> Result<i64, sqlx::Error> {
    const SQL: &str = "
        select count(distinct person) from reaction where subject_kind = $1 and subject = $2 and person <> $3";
    on_tx!(tx, |c| query_scalar(SQL).bind(subject_kind).bind(subject).bind(owner).fetch_one(c).await)
}

/// Takes a reaction back; false when it was not given.
pub async fn take_back(
    tx: &mut Tx,
    (subject_kind, subject): (SubjectKind, Uuid),
    person: PersonId,
    kind: ReactionKind,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "delete from reaction where subject_kind = $1 and subject = $2 and person = $3 and kind = $4";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(subject_kind)
        .bind(subject)
        .bind(person)
        .bind(kind)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
