//! Every statement about secrets, sessions, tokens, invitations and people; one file a noun.

pub mod person;

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use crate::db::{Db, Tx};
use crate::{on_db, on_tx};

use super::Person;

/// Keeps a secret unless one of that name is there.
pub async fn put_secret(tx: &mut Tx, name: &str, value: &[u8], now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "insert into secret (name, value, created_at) values ($1, $2, $3) on conflict (name) do nothing";
    on_tx!(tx, |c| query(SQL).bind(name).bind(value).bind(now).execute(c).await.map(|_| ()))
}

/// The secret of that name.
pub async fn secret(db: &Db, name: &str) -> Result<Vec<u8>, sqlx::Error> {
    const SQL: &str = "select value from secret where name = $1";
    on_db!(db, |c| query_scalar(SQL).bind(name).fetch_one(c).await)
}

/// The active person behind a live session.
pub async fn person_by_session(db: &Db, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Person>, sqlx::Error> {
    const SQL: &str = "
        select p.id, p.organisation, p.name, p.handle, p.email, p.title, p.manager, p.role, p.state, p.time_zone, p.revision,
               p.created_at
        from session s join person p on p.id = s.person
        where s.token_hash = $1 and s.revoked_at is null and s.expires_at > $2 and p.state = 'active'";
    on_db!(db, |c| query_as(SQL).bind(token_hash).bind(now).fetch_optional(c).await)
}

/// The active person behind a live personal token.
pub async fn person_by_api_token(db: &Db, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Person>, sqlx::Error> {
    const SQL: &str = "
        select p.id, p.organisation, p.name, p.handle, p.email, p.title, p.manager, p.role, p.state, p.time_zone, p.revision,
               p.created_at
        from api_token t join person p on p.id = t.person
        where t.token_hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2)
          and p.state = 'active'";
    on_db!(db, |c| query_as(SQL).bind(token_hash).bind(now).fetch_optional(c).await)
}
