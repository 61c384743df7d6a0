//! Slots for work that helps other work along: they claim only while this machine has cores to spare.
//!
//! Invariant: no such work begins here while the work that takes minutes keeps every core busy; so a machine on which nothing is
//! to be won goes on as if there were none of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::web::Data;
use tokio_util::sync::CancellationToken;

use crate::app::App;

use super::idle::AtWork;
use super::worker::{POLL, claim, run};
use super::{Job, Jobs, Registry};

/// Cores that a long job keeps busy.
const CORES: usize = 2;

/// How many slots there are on so many cores.
pub(super) fn slots(cores: usize) -> usize {
    (cores / CORES).max(1)
}

/// Whether one more long job has cores of its own, beside so many that are at work.
fn has_room(cores: usize, at_work: usize) -> bool {
    at_work == 0 || (at_work + 1) * CORES <= cores
}

/// What a long job finds on its node when it begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// Cores of its own, and as many again for the next one.
    Ample,
    /// Cores of its own, and no more.
    Own,
    /// None of its own: it shares them with the others at work.
    Shared,
}

impl Room {
    /// On so many cores, beside so many other long jobs.
    fn beside(cores: usize, others: usize) -> Self {
        match (has_room(cores, others), has_room(cores, others + 1)) {
            (true, true) => Self::Ample,
            (true, false) => Self::Own,
            (false, _) => Self::Shared,
        }
    }
}

impl Jobs {
    /// The room there is on so many cores for a long job that is counted as at work already.
    #[must_use]
    pub fn room(&self, cores: usize) -> Room {
        Room::beside(cores, self.long.load(Ordering::SeqCst).saturating_sub(1))
    }
}

/// Works off helping jobs, one after the other.
pub(super) async fn slot(app: Data<App>, registry: Arc<Registry>, kinds: String, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let woken = app.jobs.wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        match begin(&app, &kinds).await {
            Ok(Some((job, _at_work))) => {
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

/// Claims a job if there is room for it; one slot at a time, so that two never see the same room.
async fn begin<'a>(app: &'a Data<App>, kinds: &str) -> Result<Option<(Job, AtWork<'a>)>, sqlx::Error> {
    let _alone = app.jobs.spare.lock().await;
    if !has_room(app.config.media_cores, app.jobs.long.load(Ordering::SeqCst)) {
        return Ok(None);
    }
    Ok(claim(app, kinds).await?.map(|job| (job, AtWork::begin(&app.jobs))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_cores_have_no_room_beside_a_long_job_and_sixteen_have_it_seven_times() {
        let room = |cores| (0..).take_while(|at_work| has_room(cores, *at_work)).count();
        assert_eq!([1, 2, 3, 4, 8, 16].map(room), [1, 1, 1, 2, 4, 8]);
        assert_eq!([1, 2, 4, 16].map(slots), [1, 1, 2, 8]);
        assert_eq!([2, 4].map(|cores| Room::beside(cores, 0)), [Room::Own, Room::Ample]);
        assert_eq!([2, 4].map(|cores| Room::beside(cores, 1)), [Room::Shared, Room::Own]);
    }
}
