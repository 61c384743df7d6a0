//! The slot for work that nobody waits for: it begins while nothing else is to be done, and gives way as soon as something is.
//!
//! Invariant: in this process a job of an idle kind and one of a long kind are at work together for no longer than it takes to
//! notice it and to drop the first. What was dropped is handed back and does not count as an attempt.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::web::Data;
use tokio_util::sync::CancellationToken;

use crate::app::App;

use super::worker::{POLL, claim, run};
use super::{Jobs, Lane, Registry, sql};

/// A long job that is at work in this process, as long as this lives.
pub(super) struct AtWork<'a>(&'a Jobs);

impl<'a> AtWork<'a> {
    pub(super) fn begin(jobs: &'a Jobs) -> Self {
        jobs.long.fetch_add(1, Ordering::SeqCst);
        jobs.wake();
        AtWork(jobs)
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.long.fetch_sub(1, Ordering::SeqCst);
        self.0.wake();
    }
}

/// Works off idle jobs, one after the other.
pub(super) async fn slot(app: Data<App>, registry: Arc<Registry>, stop: CancellationToken) {
    let (Some(idle), long) = (registry.lane(Lane::Idle), registry.lanes(&[Lane::Long, Lane::Spare])) else { return };
    while !stop.is_cancelled() {
        if !is_busy(&app, long.as_deref()).await && registry.may_begin(&app).await {
            match claim(&app, &idle).await {
                Ok(Some(job)) => {
                    give_way(&app, long.as_deref(), &stop, async |stop| run(&app, &registry, job, stop).await).await;
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the queue could not be read; trying again"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Does the work; tells it to stop when the server stops or somebody else's work is there.
async fn give_way(
    app: &Data<App>,
    long: Option<&str>,
    stop: &CancellationToken,
    work: impl AsyncFnOnce(&CancellationToken),
) {
    let yields = stop.child_token();
    let watch = async {
        loop {
            let woken = app.jobs.wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            if is_busy(app, long).await {
                tracing::info!("other work is owed: the idle work gives way");
                return yields.cancel();
            }
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    };
    let work = work(&yields);
    tokio::pin!(work);
    tokio::select! {
        () = &mut work => return,
        () = watch => {}
    }
    work.await;
}

/// Whether a long job is at work here or waits for a slot. When the queue cannot be read, something is wrong already.
async fn is_busy(app: &App, long: Option<&str>) -> bool {
    let Some(long) = long else { return false };
    app.jobs.long.load(Ordering::SeqCst) > 0
        || sql::next_ready(&app.db, long, app.clock.now()).await.map_or(true, |found| found.is_some())
}
