//! What every part of a running server shares: settings, database, store, queue, clock, keys. Built once; handed around by
//! reference.

use std::sync::Arc;
use std::time::Duration;

use crate::account::keys::Keys;
use crate::account::limit::Limits;
use crate::account::password::Passwords;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, migrate};
use crate::events::Events;
use crate::http::metrics::Metrics;
use crate::jobs::Jobs;
use crate::recording::access::Passes;
use crate::recording::bytes::cache::Hot;
use crate::store::{self, Store};
use crate::upload::live::Live;

/// The running server's shared parts.
#[derive(Debug)]
pub struct App {
    /// Settings in force.
    pub config: Config,
    /// The database, migrated.
    pub db: Db,
    /// Where bytes rest.
    pub store: Arc<dyn Store>,
    /// The queue of owed work.
    pub jobs: Jobs,
    /// Time, ids, randomness.
    pub clock: Clock,
    /// Signing keys that every node shares.
    pub keys: Keys,
    /// Hashes passwords, a few at once.
    pub passwords: Passwords,
    /// How often one may try to sign in.
    pub limits: Limits,
    /// Who may watch what, for a few seconds.
    pub passes: Passes,
    /// Bytes of recordings that are asked for often, in memory.
    pub hot: Hot,
    /// Numbers for Prometheus.
    pub metrics: Metrics,
    /// Who listens for what happens.
    pub events: Events,
    /// Who is writing which upload in this process.
    pub uploads: Arc<Live>,
}

impl App {
    /// Opens and migrates the database, opens the store, reads (or makes) the shared keys.
    ///
    /// # Errors
    /// A sentence for the operator: what could not be opened.
    pub async fn build(config: Config, clock: Clock) -> Result<App, String> {
        tokio::fs::create_dir_all(&config.data)
            .await
            .map_err(|e| format!("cannot make the data folder {}: {e}", config.data.display()))?;
        let db = Db::open(&config.database).await.map_err(|e| format!("cannot open the database: {e}"))?;
        migrate::run(&db).await.map_err(|e| format!("cannot bring the database to this version's schema: {e}"))?;
        let store = store::open(&config).await?;
        let keys = Keys::load(&db, &clock).await.map_err(|e| format!("cannot read the server's keys: {e}"))?;
        let metrics = Metrics::new().map_err(|e| format!("cannot set up the metrics: {e}"))?;
        let (limits, passwords) = (Limits::new(&clock), Passwords::default());
        let (passes, hot, uploads) = (Passes::default(), Hot::default(), Arc::default());
        let jobs = Jobs::new();
        if let Some(ms) = config.lease_ms {
            jobs.set_lease(Duration::from_millis(ms));
        }
        Ok(App {
            jobs,
            config,
            db,
            store,
            clock,
            keys,
            passwords,
            limits,
            passes,
            hot,
            metrics,
            events: Events::default(),
            uploads,
        })
    }
}
