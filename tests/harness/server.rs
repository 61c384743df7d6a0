//! A server of the test's own, in this process.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use tempfile::TempDir;
use tokio::sync::Mutex;
use twotake::app::App;
use twotake::clock::Clock;
use twotake::config::{Args, Config, Role};
use twotake::serve::{self, Running};

use super::{Client, Database};

/// Which pair of database and store a server stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    /// SQLite and local files.
    Sqlite,
    /// PostgreSQL and S3.
    Postgres,
}

/// How a server is to be started.
pub struct Options {
    /// What it stands on.
    pub backend: Backend,
    /// The instant at which a manual clock stands; the machine's clock when absent.
    pub start: Option<&'static str>,
    /// Last changes to the settings.
    pub configure: fn(&mut Config),
}

/// A running server. Clones are the same server.
#[derive(Clone)]
pub struct Server {
    /// What it shares: database, store, queue, clock.
    pub app: Data<App>,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    /// What it stands on.
    pub backend: Backend,
    running: Arc<Mutex<Option<Running>>>,
    place: Arc<Place>,
}

/// What goes with the last server that stands on it. The order matters: the database before the folder.
struct Place {
    database: Database,
    store: String,
    dir: TempDir,
}

impl Server {
    /// A server with the machine's clock.
    pub async fn start(backend: Backend) -> Server {
        Self::with(Options { backend, start: None, configure: |_| {} }).await
    }

    /// A server as asked.
    pub async fn with(options: Options) -> Server {
        let dir = tempfile::tempdir().unwrap();
        let (database, store) = match options.backend {
            Backend::Sqlite => {
                (Database::sqlite(dir.path()).await, format!("file:{}", dir.path().join("store").display()))
            }
            Backend::Postgres => (Database::postgres().await, test_store()),
        };
        let place = Arc::new(Place { database, store, dir });
        let clock = match options.start {
            Some(start) => Clock::manual(start.parse::<DateTime<Utc>>().expect("an RFC 3339 instant"), 1),
            None => Clock::system(),
        };
        Self::on(place, options.backend, clock, options.configure).await
    }

    /// Another node on the same database and the same store, with its own folder beside, the same clock and the same role.
    pub async fn another_node(&self) -> Server {
        let role = self.app.config.role;
        Self::on(self.place.clone(), self.backend, self.app.clock.clone(), |config| config.role = role).await
    }

    /// The same with other settings.
    pub async fn another_node_with(&self, configure: fn(&mut Config)) -> Server {
        Self::on(self.place.clone(), self.backend, self.app.clock.clone(), configure).await
    }

    async fn on(place: Arc<Place>, backend: Backend, clock: Clock, configure: impl FnOnce(&mut Config)) -> Server {
        // Provider of TLS for reqwest and aws alike; a second call only says that it is already set.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = place.config();
        configure(&mut config);
        let running = serve::start(config, clock).await.unwrap_or_else(|e| panic!("the server did not start: {e}"));
        Server {
            app: running.app.clone(),
            base: format!("http://{}", running.address),
            backend,
            running: Arc::new(Mutex::new(Some(running))),
            place,
        }
    }

    /// Stops in order, as a signal would. The database and the files stay until the last clone goes.
    pub async fn stop(&self) {
        if let Some(running) = self.running.lock().await.take() {
            running.stop().await;
        }
    }

    /// Starts as asked, runs `test`, stops: what `both!` calls.
    pub async fn scope<F: Future<Output = ()>>(options: Options, test: impl FnOnce(Server) -> F) {
        let server = Self::with(options).await;
        test(server.clone()).await;
        server.stop().await;
    }

    /// A client that nobody is behind.
    pub fn stranger(&self) -> Client {
        Client::new(&self.base, None)
    }

    /// The data folder.
    pub fn dir(&self) -> &Path {
        self.place.dir.path()
    }

    /// The database's address, for a second process on the same one.
    pub fn database_url(&self) -> &str {
        &self.place.database.url
    }

    /// The store's address, for a second process on the same one.
    pub fn store_url(&self) -> &str {
        &self.place.store
    }
}

impl Place {
    fn config(&self) -> Config {
        let args = Args {
            data: Some(self.dir.path().to_owned()),
            listen: Some(([127, 0, 0, 1], 0).into()),
            database: Some(self.database.url.clone()),
            store: Some(self.store.clone()),
            s3_access_key: std::env::var("TWOTAKE_S3_ACCESS_KEY").ok(),
            s3_secret_key: std::env::var("TWOTAKE_S3_SECRET_KEY").ok(),
            child_binary: Some(PathBuf::from(env!("CARGO_BIN_EXE_twotake"))),
            role: Some(Role::All),
            workers: Some(1),
            // A test that wants it asks for it: elsewhere sets would be replaced while they are looked at.
            second_pass: Some(false),
            ..Args::default()
        };
        Config::resolve(args).expect("the test's settings are right")
    }
}

/// An S3 address of the test's own: the bucket of `TWOTAKE_TEST_S3` with a new prefix.
pub fn test_store() -> String {
    let bucket = variable("TWOTAKE_TEST_S3");
    let (place, query) = bucket.split_once('?').unwrap_or((&bucket, ""));
    format!("{}/{}?{query}", place.trim_end_matches('/'), unique())
}

/// A word no other test has.
pub fn unique() -> String {
    Clock::system().id::<uuid::Uuid>().simple().to_string()
}

/// A variable of the test environment.
pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `make test`, or `eval \"$(tests/servers start)\"` in this shell")
    })
}
