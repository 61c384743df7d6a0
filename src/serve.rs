//! A server's life: bind, start its roles, say where it listens, and stop in order (requests first, then jobs, then the
//! database).

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Data, scope};
use actix_web::{App as Web, HttpServer};
use tokio::task::JoinHandle;

use crate::account::{guard, invitation};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Role};
use crate::http::openapi::Document;
use crate::http::{cross_site, headers, trace};
use crate::jobs::Worker;
use crate::notify::live;
use crate::recording::bytes;
use crate::search;
use crate::wiring;

/// How long a connection may lie idle before the server closes it. Longer than any proxy or client in common use keeps one
/// (nginx and AWS's balancer 60 s, Go 90 s, Caddy 120 s): whoever reuses a connection must not meet the server closing it,
/// since a request lost so is an error to a client that does not ask again (RFC 9112 §9.3.1).
const IDLE: Duration = Duration::from_secs(150);

/// A server that is running.
pub struct Running {
    /// What it shares.
    pub app: Data<App>,
    /// Where it listens.
    pub address: SocketAddr,
    worker: Option<Worker>,
    hints: JoinHandle<()>,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Stops in order: no new requests, running ones are given `shutdown_timeout`, jobs are handed back, the database closes.
    pub async fn stop(self) {
        // Whoever is uploading would go on for minutes: what has arrived is put away, and they go on elsewhere.
        self.app.uploads.evict_all();
        self.app.events.close();
        self.handle.stop(true).await;
        let _ = self.task.await;
        let _ = self.hints.await;
        if let Some(worker) = self.worker {
            worker.stop().await;
        }
        self.app.db.close().await;
    }
}

/// Starts a server with these settings and this clock.
///
/// # Errors
/// A sentence for the operator: what could not be opened or bound.
pub async fn start(mut config: Config, clock: Clock) -> Result<Running, String> {
    let listener = TcpListener::bind(config.listen).map_err(|e| format!("cannot listen on {}: {e}", config.listen))?;
    let address = listener.local_addr().map_err(|e| format!("cannot tell the address listened on: {e}"))?;
    config.listen = address;
    let app = Data::new(App::build(config, clock).await?);
    search::fill::owe(&app).await.map_err(|e| format!("cannot look at the search index: {e}"))?;
    let shared = app.clone();
    let document = Data::new(Document(wiring::openapi()));
    let server = HttpServer::new(move || {
        // In each, the last one wrapped is the first to see a request.
        let media = scope(bytes::routes::SCOPE).configure(wiring::media);
        let rest = scope("")
            .configure(wiring::routes)
            .wrap(from_fn(guard::recognise))
            .wrap(from_fn(cross_site::refuse))
            .wrap(from_fn(headers::compress_text_only))
            .wrap(Compress::default());
        Web::new()
            .app_data(shared.clone())
            .app_data(document.clone())
            .app_data(trace::Patterns(bytes::routes::pattern))
            .service(media)
            .service(rest)
            .wrap(from_fn(headers::usual))
            .wrap(from_fn(trace::request))
    })
    .on_connect(|connection, _| {
        // Small answers (playlists) must not wait for Nagle's algorithm.
        if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
            let _ = stream.set_nodelay(true);
        }
    })
    .disable_signals()
    .keep_alive(IDLE)
    .shutdown_timeout(10)
    .listen(listener)
    .map_err(|e| format!("cannot listen on {address}: {e}"))?
    .run();
    let handle = server.handle();
    let worker = match app.config.role {
        Role::Web => None,
        Role::All | Role::Worker => Some(Worker::start(&app, wiring::jobs(), app.config.workers)),
    };
    let hints = tokio::spawn(live::tail::follow(app.clone()));
    Ok(Running { app, address, worker, hints, handle, task: tokio::spawn(server) })
}

/// Starts a server, prints its address and runs it until SIGINT or SIGTERM.
///
/// # Errors
/// As [`start`].
pub async fn until_signal(config: Config) -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| format!("cannot wait for signals: {e}"))?;
    let running = start(config, Clock::system()).await?;
    println!("listening on http://{}", running.address);
    tokio::task::spawn_blocking(lighten);
    if running.app.config.role != Role::Web {
        let app = running.app.clone();
        tokio::task::spawn_blocking(move || app.try_confinement());
    }
    if running.app.config.role != Role::Worker {
        match invitation::set_up_link(&running.app).await {
            Ok(Some(link)) => println!("set up: {link}"),
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "the set-up link could not be made; restart to try again"),
        }
    }
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping: letting requests end and handing jobs back");
    running.stop().await;
    Ok(())
}

/// What only the start needed, and what only the media children run, is not kept in memory.
fn lighten() {
    let bytes = crate::media::hand_back();
    tracing::debug!(bytes, "pages that only copy files were handed back");
}
