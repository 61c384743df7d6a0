//! Every statement about reactions.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query};
use uuid::Uuid;

use crate::comment::SubjectKind;
use crate::db::{Db, Tx};
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
        let mut list = sql.separated(", ");
        for subject in subjects {
            list.push_bind(*subject);
        }
        sql.push(") group by subject, kind");
        sql.build_query_as().fetch_all(c).await
    })
}

/// Gives a reaction; giving it twice changes nothing.
pub async fn give(
    tx: &mut Tx,
    (subject_kind, subject): (SubjectKind, Uuid),
    person: PersonId,
    kind: ReactionKind,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
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
        .map(|_| ()))
}

/// Takes a reaction back.
pub async fn take_back(
    tx: &mut Tx,
    (subject_kind, subject): (SubjectKind, Uuid),
    person: PersonId,
    kind: ReactionKind,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from reaction where subject_kind = $1 and subject = $2 and person = $3 and kind = $4";
    on_tx!(tx, |c| query(SQL).bind(subject_kind).bind(subject).bind(person).bind(kind).execute(c).await.map(|_| ()))
}
