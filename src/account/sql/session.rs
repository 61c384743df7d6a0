//! Statements about sessions: who is signed in where.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};
use uuid::Uuid;

use super::person_columns;
use crate::account::session::{Presence, Session};
use crate::db::{Db, Tx};
use crate::id::{OrganisationId, PersonId};
use crate::{on_db, on_tx};

/// The active person behind a session that is neither revoked, nor over, nor idle since before `idle_since`.
pub async fn presence(
    db: &Db,
    token_hash: &[u8],
    now: DateTime<Utc>,
    idle_since: DateTime<Utc>,
) -> Result<Option<Presence>, sqlx::Error> {
    const SQL: &str = concat!(
        "select ",
        person_columns!(),
        ", s.id as proof, s.seen_at
         from session s join person p on p.id = s.person
         where s.token_hash = $1 and s.revoked_at is null and s.expires_at > $2 and s.seen_at > $3 and p.state = 'active'"
    );
    on_db!(db, |c| query_as(SQL).bind(token_hash).bind(now).bind(idle_since).fetch_optional(c).await)
}

/// Adds a session.
pub async fn insert(tx: &mut Tx, session: &Session, token_hash: &[u8], person: PersonId) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into session (id, token_hash, person, user_agent, created_at, seen_at, expires_at)
        values ($1, $2, $3, $4, $5, $5, $6)";
    on_tx!(tx, |c| query(SQL)
        .bind(session.id)
        .bind(token_hash)
        .bind(person)
        .bind(&session.user_agent)
        .bind(session.created_at)
        .bind(session.expires_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Notes that a session was used; many requests at once write once.
pub async fn touch(tx: &mut Tx, id: Uuid, now: DateTime<Utc>, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "update session set seen_at = $2 where id = $1 and seen_at <= $3";
    on_tx!(tx, |c| query(SQL).bind(id).bind(now).bind(before).execute(c).await.map(|_| ()))
}

/// Ends the session with that token; which it was and whose, if it had not ended before.
pub async fn revoke_by_token(
    tx: &mut Tx,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<(Uuid, PersonId, OrganisationId)>, sqlx::Error> {
    const SQL: &str = "
        update session set revoked_at = $2 where token_hash = $1 and revoked_at is null
        returning id, person, (select p.organisation from person p where p.id = session.person)";
    on_tx!(tx, |c| query_as(SQL).bind(token_hash).bind(now).fetch_optional(c).await)
}

/// Ends one session of a person; false when they have no such live one.
pub async fn revoke(tx: &mut Tx, person: PersonId, id: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "update session set revoked_at = $3 where id = $1 and person = $2 and revoked_at is null";
    let rows =
        on_tx!(tx, |c| query(SQL).bind(id).bind(person).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Ends every session of a person but the one with id `keep`.
pub async fn revoke_others(
    tx: &mut Tx,
    person: PersonId,
    keep: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        update session set revoked_at = $3 where person = $1 and revoked_at is null and ($2 is null or id <> $2)";
    on_tx!(tx, |c| query(SQL).bind(person).bind(keep).bind(now).execute(c).await.map(|done| done.rows_affected()))
}

/// A person's live sessions, the latest used first.
pub async fn live(
    db: &Db,
    person: PersonId,
    now: DateTime<Utc>,
    idle_since: DateTime<Utc>,
) -> Result<Vec<Session>, sqlx::Error> {
    const SQL: &str = "
        select id, user_agent, created_at, seen_at, expires_at from session
        where person = $1 and revoked_at is null and expires_at > $2 and seen_at > $3
        order by seen_at desc, id desc limit 100";
    on_db!(db, |c| query_as(SQL).bind(person).bind(now).bind(idle_since).fetch_all(c).await)
}
