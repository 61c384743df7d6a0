//! Working jobs off: slots that claim one job at a time, a housekeeper that rescues and owes periodic work, and the same by
//! hand for tests.
//!
//! Invariant: a slot registers for the wake-up before it looks in the table, so work owed in between is not slept over.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use chrono::TimeDelta;
use futures_util::FutureExt;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::app::App;
use crate::db::dialect;

use super::settle::settle;
use super::work::Ended;
use super::{CHANNEL, Failure, Job, Lane, Outcome, Registry, Work, idle, periodic, rescue, spare, sql};

/// How long a slot waits when nobody wakes it.
pub(super) const POLL: Duration = Duration::from_secs(2);

/// Running slots.
pub struct Worker {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Worker {
    /// Starts `slots` slots and the housekeeper.
    #[must_use]
    pub fn start(app: &Data<App>, registry: Registry, slots: usize) -> Worker {
        let registry = Arc::new(registry);
        let stop = CancellationToken::new();
        let mut tasks = vec![
            tokio::spawn(housekeeper(app.clone(), registry.clone(), stop.clone())),
            tokio::spawn(listener(app.clone(), stop.clone())),
        ];
        // Where there is work that takes minutes, the rest has a slot that is never held that long.
        let long = registry.lane(Lane::Long);
        let short = if long.is_some() { 1 } else { slots };
        if registry.lane(Lane::Idle).is_some() {
            tasks.push(tokio::spawn(idle::slot(app.clone(), registry.clone(), stop.clone())));
        }
        if let Some(kinds) = registry.lane(Lane::Spare) {
            let one = || spare::slot(app.clone(), registry.clone(), kinds.clone(), stop.clone());
            tasks.extend((0..spare::slots(app.config.media_cores)).map(|_| tokio::spawn(one())));
        }
        for (kinds, slots) in [(long, slots), (registry.lane(Lane::Short), short)] {
            let Some(kinds) = kinds else { continue };
            tasks.extend(
                (0..slots).map(|_| tokio::spawn(slot(app.clone(), registry.clone(), kinds.clone(), stop.clone()))),
            );
        }
        Worker { stop, tasks }
    }

    /// Stops claiming, drops running work and hands its jobs back, so that another node (or the next start) begins at once.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a worker did not end well");
            }
        }
    }
}

/// Works until nothing is ready to run now; answers how many jobs were begun. What waits for a later `run_at` stays.
///
/// # Errors
/// The database's.
pub async fn drain(app: &Data<App>, registry: &Registry) -> Result<usize, sqlx::Error> {
    let mut begun = 0;
    while let Some(job) = claim(app, &registry.kinds()).await? {
        run(app, registry, job, &CancellationToken::new()).await;
        begun += 1;
    }
    Ok(begun)
}

async fn slot(app: Data<App>, registry: Arc<Registry>, kinds: String, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let woken = app.jobs.wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        match claim(&app, &kinds).await {
            Ok(Some(job)) => {
                run(&app, &registry, job, &stop).await;
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the queue could not be read; trying again"),
        }
        tokio::select! {
            () = &mut woken => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}

pub(super) async fn claim(app: &Data<App>, kinds: &str) -> Result<Option<Job>, sqlx::Error> {
    loop {
        let now = app.clock.now();
        let Some(id) = sql::next_ready(&app.db, kinds, now).await? else { return Ok(None) };
        let until = now + TimeDelta::from_std(app.jobs.lease()).unwrap_or_default();
        let mut tx = app.db.begin().await?;
        let job = sql::claim(&mut tx, id, &app.clock.word(12), now, until).await?;
        tx.commit().await?;
        if job.is_some() {
            return Ok(job);
        }
        // Somebody else was quicker, so somebody made progress: look again.
    }
}

/// Runs a claimed job to one of its ends.
pub(super) async fn run(app: &Data<App>, registry: &Registry, job: Job, stop: &CancellationToken) {
    let span = tracing::info_span!("job", id = %job.id, kind = job.kind, attempt = job.attempt);
    let _at_work = registry.is_long(&job.kind).then(|| idle::AtWork::begin(&app.jobs));
    let work = Work::new(job);
    async {
        let ended = tokio::select! {
            ended = handle(app, registry, &work) => ended,
            why = work.keep_lease(app) => match why {
                Ended::Lost => {
                    tracing::warn!("the lease was lost; the work is dropped");
                    return;
                }
                Ended::Hung => Err(Failure::passing("no sign of life for three leases")),
            },
            () = stop.cancelled() => return hand_back(app, &work).await,
        };
        if let Err(error) = conclude(app, registry, &work, ended).await {
            // The row keeps its lease; once that has run out, the job is rescued.
            tracing::error!(%error, "the end of a job could not be written");
        }
    }
    .instrument(span)
    .await;
}

async fn handle(app: &Data<App>, registry: &Registry, work: &Work) -> Result<Outcome, Failure> {
    let Some(handler) = registry.handler(&work.job.kind) else {
        return Err(Failure::permanent("no handler for this kind"));
    };
    match AssertUnwindSafe(handler.run(app, work)).catch_unwind().await {
        Ok(ended) => ended,
        Err(_) => Err(Failure::passing("the handler panicked")),
    }
}

async fn conclude(
    app: &Data<App>,
    registry: &Registry,
    work: &Work,
    ended: Result<Outcome, Failure>,
) -> Result<(), sqlx::Error> {
    match ended {
        Ok(Outcome::Finished) => {}
        Ok(Outcome::Done) => {
            let mut tx = app.db.begin().await?;
            if work.finish(app, &mut tx).await? {
                tx.commit().await?;
            }
        }
        Err(failure) => {
            tracing::warn!(cause = failure.cause, permanent = failure.permanent, "an attempt has failed");
            let mut tx = app.db.begin().await?;
            if settle(app, &mut tx, registry, &work.job, &failure, Duration::ZERO).await? {
                tx.commit().await?;
            }
        }
    }
    app.jobs.wake();
    Ok(())
}

async fn hand_back(app: &App, work: &Work) {
    let back = async {
        let mut tx = app.db.begin().await?;
        sql::hand_back(&mut tx, work.job.id, work.claim()).await?;
        dialect::notify(&mut tx, CHANNEL).await?;
        tx.commit().await
    };
    match back.await {
        Ok(()) => tracing::info!("handed back"),
        Err(error) => tracing::warn!(%error, "a job could not be handed back; its lease will run out"),
    }
}

/// Rescues, owes periodic work, sweeps.
async fn housekeeper(app: Data<App>, registry: Arc<Registry>, stop: CancellationToken) {
    let mut turn = 0_u32;
    while !stop.is_cancelled() {
        let work = async {
            rescue::rescue(&app, &registry).await?;
            periodic::owe_due(&app, &registry).await?;
            if turn.is_multiple_of(3600) {
                periodic::sweep(&app).await?;
            }
            Ok::<(), sqlx::Error>(())
        };
        if let Err(error) = work.await {
            tracing::warn!(%error, "the queue could not be kept in order; trying again");
        }
        turn = turn.wrapping_add(1);
        tokio::select! {
            () = tokio::time::sleep(app.jobs.lease() / rescue::LOOKS) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Passes on what other nodes say about new work, where the database can tell.
async fn listener(app: Data<App>, stop: CancellationToken) {
    let hear = async {
        loop {
            match dialect::listen(&app.db, CHANNEL).await {
                Ok(Some(mut ear)) => {
                    while ear.recv().await.is_ok() {
                        app.jobs.wake();
                    }
                }
                Ok(None) => std::future::pending().await,
                Err(error) => tracing::warn!(%error, "cannot listen for new work; polling goes on"),
            }
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::select! {
        () = hear => {}
        () = stop.cancelled() => {}
    }
}
