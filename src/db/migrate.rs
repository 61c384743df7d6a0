//! Schema changes: forward only, the same numbers and names for both databases, embedded in the binary.

use sqlx::migrate::{MigrateError, Migrator};

use super::{Db, Pool};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Brings the database to this binary's schema. Safe to call from many nodes at once (PostgreSQL takes an advisory lock).
///
/// # Errors
/// A migration that fails, or a database that a newer binary has already moved on.
pub async fn run(db: &Db) -> Result<(), MigrateError> {
    match &db.pool {
        Pool::Sqlite { write, .. } => SQLITE.run(write).await,
        Pool::Postgres(pool) => POSTGRES.run(pool).await,
    }
}

/// The number of the last migration that was run; none on a database that is still empty.
pub async fn applied(db: &Db) -> Option<i64> {
    const SQL: &str = "select max(version) from _sqlx_migrations where success";
    crate::on_db!(db, |c| sqlx::query_scalar(SQL).fetch_one(c).await.ok().flatten())
}

/// Numbers and names, for the test that keeps the two folders alike.
#[must_use]
pub fn names(postgres: bool) -> Vec<(i64, String)> {
    let set = if postgres { &POSTGRES } else { &SQLITE };
    set.iter().map(|m| (m.version, m.description.to_string())).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_folders_hold_the_same_migrations() {
        assert_eq!(super::names(false), super::names(true));
        assert!(!super::names(false).is_empty());
    }
}
