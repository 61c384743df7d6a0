//! Statements about the index itself.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::search::fill::VERSION;
use crate::search::{Kind, Text};
use crate::{on_db, on_tx};

/// Writes a row and tells its number; none when it is there, made by these rules, and not to be written `again`.
pub async fn put(
    tx: &mut Tx,
    (kind, subject): (Kind, Uuid),
    text: &Text,
    again: bool,
) -> Result<Option<i64>, sqlx::Error> {
    const SQL: &str = "
        insert into search_text (kind, subject, organisation, author, title, body, at, version)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (kind, subject) do update
        set author = excluded.author, title = excluded.title, body = excluded.body, at = excluded.at, version = excluded.version
        where $9 or search_text.version < excluded.version
        returning id";
    on_tx!(tx, |c| query_scalar(SQL)
        .bind(kind)
        .bind(subject)
        .bind(text.organisation)
        .bind(text.author)
        .bind(&text.title)
        .bind(&text.body)
        .bind(text.at)
        .bind(VERSION)
        .bind(again)
        .fetch_optional(c)
        .await)
}

/// Takes a row away and tells its number.
pub async fn remove(tx: &mut Tx, kind: Kind, subject: Uuid) -> Result<Option<i64>, sqlx::Error> {
    const SQL: &str = "delete from search_text where kind = $1 and subject = $2 returning id";
    on_tx!(tx, |c| query_scalar(SQL).bind(kind).bind(subject).fetch_optional(c).await)
}

/// Some rows that were made by older rules.
pub async fn older(tx: &mut Tx, limit: i64) -> Result<Vec<(Kind, Uuid)>, sqlx::Error> {
    const SQL: &str = "select kind, subject from search_text where version < $1 order by version, id limit $2";
    on_tx!(tx, |c| query_as(SQL).bind(VERSION).bind(limit).fetch_all(c).await)
}

/// By which rules the whole index has been made, if it ever was.
pub async fn version(db: &Db) -> Result<Option<i64>, sqlx::Error> {
    const SQL: &str = "select version from search_state where name = 'index'";
    on_db!(db, |c| query_scalar(SQL).fetch_optional(c).await)
}

/// Notes that the whole index has been made by these rules.
pub async fn made(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into search_state (name, version, done_at) values ('index', $1, $2)
        on conflict (name) do update set version = excluded.version, done_at = excluded.done_at";
    on_tx!(tx, |c| query(SQL).bind(VERSION).bind(now).execute(c).await.map(|_| ()))
}
