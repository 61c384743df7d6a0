//! A database of the test's own: a file in a folder, or a new database on the PostgreSQL named by `TWOTAKE_TEST_POSTGRES`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;
use twotake::db::{Db, migrate};
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
    pub async fn sqlite(dir: &Path) -> Database {
        let path = dir.join("twotake.db");
        std::fs::write(&path, migrated_file().await).unwrap();
        Database { url: format!("sqlite:{}", path.display()), dropped: None }
    }

    /// A new database on the test server.
    pub async fn postgres() -> Database {
        let admin = super::server::variable("TWOTAKE_TEST_POSTGRES");
        let name = format!("twotake_test_{}", super::server::unique());
        let mut connection = connect(&admin).await;
        let template = template(&mut connection, &admin).await;
        // Copied as files: here, where nothing is synced, four times quicker than through the log.
        let copied = if connection.server_version_num() >= Some(150_000) { "strategy file_copy" } else { "" };
        execute(&mut connection, format!("create database {name} template {template} {copied}")).await.unwrap();
        connection.close().await.unwrap();
        Database { url: beside(&admin, &name), dropped: Some((admin, name)) }
    }
}

/// A SQLite database in which every migration has run. Each test gets a copy: running them takes longer than most tests do.
async fn migrated_file() -> &'static [u8] {
    static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let make = || async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("template.db");
        migrate_new(&format!("sqlite:{}", path.display())).await;
        std::fs::read(path).unwrap()
    };
    FILE.get_or_init(make).await
}

/// The name of a database in which every migration has run, made once by each build of a test binary.
async fn template(connection: &mut PgConnection, admin: &str) -> &'static str {
    static NAME: OnceCell<String> = OnceCell::const_new();
    NAME.get_or_init(|| make_template(connection, admin)).await
}

async fn make_template(connection: &mut PgConnection, admin: &str) -> String {
    let name = format!("twotake_template_{:016x}", build());
    let known =
        sqlx::query_scalar::<_, bool>("select exists (select 1 from pg_database where datname = $1)").bind(&name);
    if !known.fetch_one(&mut *connection).await.unwrap() {
        let making = format!("{name}_{}", super::server::unique());
        execute(connection, format!("create database {making}")).await.unwrap();
        migrate_new(&beside(admin, &making)).await;
        if execute(connection, format!("alter database {making} rename to {name}")).await.is_err() {
            // Another process was quicker.
            execute(connection, format!("drop database {making}")).await.unwrap();
        }
    }
    name
}

async fn migrate_new(url: &str) {
    let db = Db::open(url).await.unwrap();
    migrate::run(&db).await.unwrap();
    db.close().await;
}

/// Another number for another build, whose migrations may be others.
fn build() -> u64 {
    let binary = std::env::current_exe().unwrap();
    let mut hasher = DefaultHasher::new();
    (&binary, binary.metadata().unwrap().modified().unwrap()).hash(&mut hasher);
    hasher.finish()
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap_or_else(|e| panic!("{url} does not answer: {e}"))
}

async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

/// The address of another database on the same server.
fn beside(admin: &str, name: &str) -> String {
    let mut url = Url::parse(admin).unwrap();
    url.set_path(name);
    url.into()
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
