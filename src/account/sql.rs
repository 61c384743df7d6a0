//! Every statement about people, how they sign in, and the server's secrets; one file a noun.

pub mod chart;
pub mod invitation;
pub mod person;
pub mod session;
pub mod token;

use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use crate::db::{Db, Tx};
use crate::{on_db, on_tx};

/// The columns of a [`super::Person`], of a `person p`.
macro_rules! person_columns {
    () => {
        "p.id, p.organisation, p.name, p.handle, p.email, p.title, p.manager, p.role, p.state, p.time_zone, p.revision, p.created_at"
    };
}
pub(super) use person_columns;

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
