//! Statements about personal tokens.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};
use uuid::Uuid;

use super::person_columns;
use crate::account::session::Presence;
use crate::account::token::Token;
use crate::db::{Db, Tx};
use crate::id::PersonId;
use crate::{on_db, on_tx};

/// The active person behind a live personal token.
pub async fn presence(db: &Db, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Presence>, sqlx::Error> {
    const SQL: &str = concat!(
        "select ",
        person_columns!(),
        ", t.id as proof, t.used_at as seen_at
         from api_token t join person p on p.id = t.person
         where t.token_hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2)
           and p.state = 'active'"
    );
    on_db!(db, |c| query_as(SQL).bind(token_hash).bind(now).fetch_optional(c).await)
}

/// Adds a token.
pub async fn insert(tx: &mut Tx, token: &Token, token_hash: &[u8], person: PersonId) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into api_token (id, token_hash, person, name, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)";
    on_tx!(tx, |c| query(SQL)
        .bind(token.id)
        .bind(token_hash)
        .bind(person)
        .bind(&token.name)
        .bind(token.created_at)
        .bind(token.expires_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Notes that a token was used; many requests at once write once.
pub async fn touch(tx: &mut Tx, id: Uuid, now: DateTime<Utc>, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "update api_token set used_at = $2 where id = $1 and (used_at is null or used_at <= $3)";
    on_tx!(tx, |c| query(SQL).bind(id).bind(now).bind(before).execute(c).await.map(|_| ()))
}

/// Ends one token of a person; false when they have no such live one.
pub async fn revoke(tx: &mut Tx, person: PersonId, id: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "update api_token set revoked_at = $3 where id = $1 and person = $2 and revoked_at is null";
    let rows =
        on_tx!(tx, |c| query(SQL).bind(id).bind(person).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Ends every token of a person.
pub async fn revoke_all(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    const SQL: &str = "update api_token set revoked_at = $2 where person = $1 and revoked_at is null";
    on_tx!(tx, |c| query(SQL).bind(person).bind(now).execute(c).await.map(|done| done.rows_affected()))
}

/// A person's live tokens, the newest first.
pub async fn live(db: &Db, person: PersonId, now: DateTime<Utc>) -> Result<Vec<Token>, sqlx::Error> {
    const SQL: &str = "
        select id, name, created_at, used_at, expires_at from api_token
        where person = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
        order by id desc limit 200";
    on_db!(db, |c| query_as(SQL).bind(person).bind(now).fetch_all(c).await)
}
