//! A database of the test's own: a file in a folder, or a new database on the PostgreSQL named by `TWOTAKE_TEST_POSTGRES`.

use sqlx::{Connection, PgConnection};
use url::Url;

/// A database that goes when this does.
pub struct Database {
    /// As `--database` takes it.
    pub url: String,
    /// The administrator's address and the name to drop, when it is on a server.
    dropped: Option<(String, String)>,
}

impl Database {
    /// A file in `dir`.
    pub fn sqlite(dir: &std::path::Path) -> Database {
        Database { url: format!("sqlite:{}", dir.join("twotake.db").display()), dropped: None }
    }

    /// A new, empty database on the test server.
    pub async fn postgres() -> Database {
        let admin = super::server::variable("TWOTAKE_TEST_POSTGRES");
        let name = format!("twotake_test_{}", super::server::unique());
        let mut connection =
            PgConnection::connect(&admin).await.unwrap_or_else(|e| panic!("{admin} does not answer: {e}"));
        sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let mut url = Url::parse(&admin).unwrap();
        url.set_path(&name);
        Database { url: url.to_string(), dropped: Some((admin, name)) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((admin, name)) = self.dropped.take() else { return };
        // A thread with a runtime of its own: this one may be on its way out, and the database must go even after a panic.
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&admin).await.ok()?;
                let sql = format!("drop database if exists {name} with (force)");
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.ok()
            })
        });
        let _ = gone.join();
    }
}
