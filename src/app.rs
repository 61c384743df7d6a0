//! What every part of a running server shares: settings, database, store, queue, clock, keys. Built once; handed around by
//! reference.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::account::keys::Keys;
use crate::account::limit::Limits;
use crate::account::password::Passwords;
use crate::clock::Clock;
use crate::config::{Config, Role};
use crate::db::{Db, migrate};
use crate::events::Events;
use crate::http::metrics::Metrics;
use crate::jobs::Jobs;
use crate::media::child::{self, Pool};
use crate::media::sandbox::{self, Layer};
use crate::notify::live::Live as Hints;
use crate::notify::push::Push;
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
    /// Whose pages are told of what changes.
    pub hints: Hints,
    /// What wakes browsers, where the operator has set a key.
    pub push: Option<Push>,
    /// The media child that waits for work.
    pub warm: Pool,
    /// Which layers of the confinement hold here, once it was tried.
    pub layers: OnceLock<Vec<Layer>>,
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
        let (jobs, push) = (Jobs::new(), Push::of(&config)?);
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
            hints: Hints::default(),
            push,
            warm: Pool::default(),
            layers: OnceLock::new(),
            uploads,
        })
    }

    /// An app on the same database and store with a clock of its own. It works on no media, so it keeps no child waiting, and it
    /// wakes no browser: what it does lies in another time.
    ///
    /// # Errors
    /// A sentence: what could not be set up.
    pub fn beside(&self, clock: Clock) -> Result<App, String> {
        Ok(App {
            config: Config { role: Role::Web, ..self.config.clone() },
            db: self.db.clone(),
            store: self.store.clone(),
            keys: self.keys.clone(),
            metrics: Metrics::new().map_err(|e| format!("cannot set up the metrics: {e}"))?,
            limits: Limits::new(&clock),
            clock,
            jobs: Jobs::new(),
            passwords: Passwords::default(),
            passes: Passes::default(),
            hot: Hot::default(),
            events: Events::default(),
            hints: Hints::default(),
            push: None,
            warm: Pool::default(),
            layers: OnceLock::new(),
            uploads: self.uploads.clone(),
        })
    }

    /// The binary that has the media child's hidden subcommand.
    ///
    /// # Errors
    /// When this process does not know where it came from.
    pub fn child_binary(&self) -> Result<PathBuf, String> {
        let named = self.config.child_binary.clone().map(Ok);
        named.unwrap_or_else(std::env::current_exe).map_err(|e| format!("own binary: {e}"))
    }

    /// Media work is likely soon: where this node does such work, a child waits for it.
    pub fn expect_media(&self) {
        if self.config.role != Role::Web
            && let Ok(binary) = self.child_binary()
        {
            self.warm.expect(&binary);
        }
    }

    /// Tries the confinement once and tells the log what holds. Takes as long as a child takes to start.
    pub fn try_confinement(&self) {
        match self.child_binary().and_then(|binary| child::layers(&binary)) {
            Ok(layers) => {
                let (held, missing): (Vec<_>, Vec<_>) = layers.iter().partition(|layer| layer.active);
                let held: Vec<String> = held.iter().map(|layer| format!("{} ({})", layer.name, layer.detail)).collect();
                tracing::info!(layers = held.join(", "), "media children are confined");
                for layer in missing {
                    tracing::warn!(layer = layer.name, why = layer.detail, "a layer of the confinement is missing");
                }
                if !sandbox::holds(&layers) && !self.config.allow_unconfined {
                    tracing::error!(
                        "media work is refused here: nothing stands between a media child and this machine"
                    );
                }
                let _ = self.layers.set(layers);
            }
            Err(cause) => tracing::error!(cause, "the confinement of media children could not be tried"),
        }
    }
}
