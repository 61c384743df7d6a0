//! Every difference between SQLite and PostgreSQL that the code knows about, each with its reason, but for text search
//! (`words`). A difference that is not in these two does not exist: the same SQL text runs on both.

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::postgres::PgListener;

use super::{Connection, Db, Pool, Tx};

/// Whether a database error passes by itself: SQLite busy or locked (5, 6 and their extended codes), PostgreSQL serialization failure, deadlock, shutting down, too many connections.
#[must_use]
pub fn is_passing(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| {
        matches!(
            code.as_ref(),
            "5" | "6" | "261" | "517" | "262" | "40001" | "40P01" | "57P01" | "57P02" | "57P03" | "53300"
        )
    })
}

/// Whether a day or instant was named that the database cannot hold. Requests are kept from it where they are read; a cursor is not
/// read before its list is.
#[must_use]
pub fn is_off_the_calendar(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| code == "22008")
}

/// Whether an insert or update met a unique index. The two name the index differently, so callers never ask which one:
/// a statement that can meet two of them is split.
#[must_use]
pub fn is_taken(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(cause) if cause.kind() == ErrorKind::UniqueViolation)
}

/// Tells whoever [`listen`]s on another node, when this transaction commits. SQLite has no other node: nothing to tell.
pub async fn notify(tx: &mut Tx, channel: &'static str) -> Result<(), sqlx::Error> {
    match &mut tx.connection {
        Connection::Sqlite(_) => Ok(()),
        Connection::Postgres(tx) => {
            sqlx::query("select pg_notify($1, '')").bind(channel).execute(&mut **tx).await.map(|_| ())
        }
    }
}

/// An ear for [`notify`] on PostgreSQL; it holds one connection. `None` on SQLite, where all workers share one process.
pub async fn listen(db: &Db, channel: &str) -> Result<Option<PgListener>, sqlx::Error> {
    match &db.pool {
        Pool::Sqlite { .. } => Ok(None),
        Pool::Postgres(pool) => {
            let mut ear = PgListener::connect_with(pool).await?;
            ear.listen(channel).await?;
            Ok(Some(ear))
        }
    }
}
