//! The database: one enum with two arms, so that each SQL text is written once and runs on SQLite and on PostgreSQL.
//! Not an ORM and not a repository: SQL stands in each feature's `sql.rs`.
//!
//! Rules: reads take `&Db`, writes take `&mut Tx`; a state change is a guarded update (`… where id = $1 and state = $2`) whose
//! row count is looked at. SQLite has one writing connection whose transactions begin IMMEDIATE: writers queue in the
//! program rather than fail with "database is locked".

pub mod catalogue;
pub mod dialect;
mod list;
pub mod migrate;
mod postgres;
mod text;
pub mod words;

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, Sqlite, Transaction};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

pub use list::push_list;
pub(crate) use text::text_enum;

/// The one database, and a count of the changes that this process has made to it.
#[derive(Clone, Debug)]
pub struct Db {
    /// Its connections. On PostgreSQL they plan a statement once, without its values.
    pub pool: Pool,
    changes: Arc<Changes>,
}

/// How often this process has committed, and who waits for it to do so again.
#[derive(Debug, Default)]
struct Changes {
    count: AtomicU64,
    moved: Notify,
}

/// A pool of connections.
#[derive(Clone, Debug)]
pub enum Pool {
    /// A file on this machine: many readers, one writer.
    Sqlite {
        /// Reading connections.
        read: SqlitePool,
        /// The one writing connection.
        write: SqlitePool,
    },
    /// A server that many nodes share.
    Postgres(PgPool),
}

/// A transaction that will write. Dropping it without [`Tx::commit`] rolls it back.
pub struct Tx {
    /// What it runs on.
    pub connection: Connection,
    changes: Arc<Changes>,
}

/// A connection inside a transaction.
pub enum Connection {
    /// On the one writing connection.
    Sqlite(Transaction<'static, Sqlite>),
    /// On a connection of the pool.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same expression against whichever pool is behind a `&Db`: `on_db!(db, |c| query(SQL).bind(id).fetch_all(c).await)`.
#[macro_export]
macro_rules! on_db {
    ($db:expr, |$c:ident| $body:expr) => {
        match &$db.pool {
            $crate::db::Pool::Sqlite { read: $c, .. } => $body,
            $crate::db::Pool::Postgres($c) => $body,
        }
    };
}

/// Runs the same expression against whichever connection is behind a `&mut Tx`:
/// `on_tx!(tx, |c| query(SQL).bind(id).execute(c).await)`. `c` is a `&mut` connection, used once.
#[macro_export]
macro_rules! on_tx {
    ($tx:expr, |$c:ident| $body:expr) => {
        match &mut ($tx).connection {
            $crate::db::Connection::Sqlite(tx) => {
                let $c = &mut **tx;
                $body
            }
            $crate::db::Connection::Postgres(tx) => {
                let $c = &mut **tx;
                $body
            }
        }
    };
}

/// Statements that a connection remembers how to run: more than the hundred that are usual, which one page after another would push out.
const STATEMENTS: usize = 400;
/// Bytes of an SQLite file that readers see as memory, without copies; what lies beyond is read. 1 GiB.
const MAPPED: u64 = 1 << 30;

impl Db {
    /// Opens `sqlite:PATH` (made when missing; `sqlite::memory:` is not offered, since readers would each see their own) or
    /// `postgres://…`. Does not migrate.
    ///
    /// # Errors
    /// An address that cannot be understood, or a database that cannot be reached.
    pub async fn open(url: &str) -> Result<Db, sqlx::Error> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            return Ok(Db::over(Pool::Postgres(postgres::open(url).await?)));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL, not NORMAL: an acknowledged upload must survive a power cut (R2), and its offset lives here.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let write =
            SqlitePoolOptions::new().max_connections(1).min_connections(1).connect_with(options.clone()).await?;
        let options = options
            .read_only(true)
            .statement_cache_capacity(STATEMENTS)
            // As many rows as a page of anything has are handed over without the two sides waiting for each other.
            .row_buffer_size(1000)
            // Each connection would otherwise copy what it reads into a small cache of its own, and forget it whenever somebody writes.
            .pragma("mmap_size", MAPPED.to_string());
        // A file is there or it is not: asking a reader before each statement would only take time.
        let read = SqlitePoolOptions::new().max_connections(8).test_before_acquire(false).connect_with(options).await?;
        Ok(Db::over(Pool::Sqlite { read, write }))
    }

    fn over(pool: Pool) -> Db {
        Db { pool, changes: Arc::default() }
    }

    /// How often this process has committed what may change anybody's rights. What was decided from the database before the
    /// count moved is not to be repeated after; what other processes change does not move it.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.count.load(Ordering::SeqCst)
    }

    /// The next such commit of this process. What happens between this call and its first poll is not missed once it is enabled.
    pub fn moved(&self) -> Notified<'_> {
        self.changes.moved.notified()
    }

    /// Begins a writing transaction.
    ///
    /// # Errors
    /// No connection within five seconds, or a broken one.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        let connection = match &self.pool {
            Pool::Sqlite { write, .. } => Connection::Sqlite(write.begin_with("begin immediate").await?),
            Pool::Postgres(pool) => Connection::Postgres(pool.begin().await?),
        };
        Ok(Tx { connection, changes: self.changes.clone() })
    }

    /// Whether the database answers at all.
    ///
    /// # Errors
    /// That it does not.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        on_db!(self, |c| sqlx::query("select 1").execute(c).await.map(|_| ()))
    }

    /// Writes and reads in a transaction that is then rolled back.
    ///
    /// # Errors
    /// What kept it from that.
    pub async fn round_trip(&self) -> Result<(), sqlx::Error> {
        let mut tx = self.begin().await?;
        on_tx!(&mut tx, |c| sqlx::query("create temporary table round_trip (n integer)").execute(c).await.map(|_| ()))?;
        on_tx!(&mut tx, |c| sqlx::query("insert into round_trip (n) values (42)").execute(c).await.map(|_| ()))?;
        let n: i32 = on_tx!(&mut tx, |c| sqlx::query_scalar("select n from round_trip").fetch_one(c).await)?;
        if n == 42 { Ok(()) } else { Err(sqlx::Error::Protocol(format!("42 was written and {n} read"))) }
    }

    /// The time on the database's own machine, where it has one. Only `twotake doctor` asks; the program's time is the clock's.
    ///
    /// # Errors
    /// The database's.
    pub async fn time(&self) -> Result<Option<chrono::DateTime<chrono::Utc>>, sqlx::Error> {
        match &self.pool {
            Pool::Sqlite { .. } => Ok(None),
            Pool::Postgres(pool) => sqlx::query_scalar("select clock_timestamp()").fetch_one(pool).await.map(Some),
        }
    }

    /// Closes every connection, waiting for those in use.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    /// "sqlite" or "postgres".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.pool {
            Pool::Sqlite { .. } => "sqlite",
            Pool::Postgres(_) => "postgres",
        }
    }
}

impl Tx {
    /// Makes the writes durable.
    ///
    /// # Errors
    /// The database's; then nothing was written.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        // Counted however this ends: the writes may stand even when the answer to the commit never came.
        let _counted = Counted(self.changes.clone());
        self.commit_quietly().await
    }

    /// The same for frequent writes that change nobody's rights (a session was used, bytes arrived, a view was reported):
    /// what was decided from the database before may be repeated.
    ///
    /// # Errors
    /// The database's; then nothing was written.
    pub async fn commit_quietly(self) -> Result<(), sqlx::Error> {
        match self.connection {
            Connection::Sqlite(tx) => tx.commit().await,
            Connection::Postgres(tx) => tx.commit().await,
        }
    }
}

/// Moves the count of changes when it is dropped.
struct Counted(Arc<Changes>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.count.fetch_add(1, Ordering::SeqCst);
        self.0.moved.notify_waiters();
    }
}
