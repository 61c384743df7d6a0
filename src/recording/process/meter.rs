//! How far the work on a take has come: kept in memory as it goes, written into the take's row once a second, and shown to the
//! queue as signs of life.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::app::App;
use crate::jobs::Work;
use crate::recording::take::{self, Take};

/// How often the row is written.
const EVERY: Duration = Duration::from_secs(1);

/// One attempt's progress.
#[derive(Debug)]
pub struct Meter {
    size: u64,
    fed: AtomicU64,
    total_ms: AtomicI64,
    media_ms: AtomicI64,
    phase: Mutex<&'static str>,
    begun: Instant,
}

impl Meter {
    /// A meter for a take of so many bytes.
    #[must_use]
    pub fn new(take: &Take, size: u64) -> Meter {
        Meter {
            size,
            fed: AtomicU64::new(0),
            total_ms: AtomicI64::new(take.declared_ms.unwrap_or(0)),
            media_ms: AtomicI64::new(0),
            phase: Mutex::new("reading"),
            begun: Instant::now(),
        }
    }

    /// So many bytes more have been read.
    pub fn fed(&self, bytes: usize) {
        self.fed.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The file says how long it is: a claim, good enough for a guess.
    pub fn claimed(&self, ms: u64) {
        if let Ok(ms @ 1..600_000) = i64::try_from(ms) {
            self.total_ms.store(ms, Ordering::Relaxed);
        }
    }

    /// So much of the recording has been encoded.
    pub fn encoded(&self, media_ms: u64) {
        self.media_ms.store(i64::try_from(media_ms).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.phase("encoding");
    }

    /// What is being done now.
    pub fn phase(&self, phase: &'static str) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    /// 0 to 0.99. Of what is encoded where the length is known, else of what is read.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        let (media, total) = (self.media_ms.load(Ordering::Relaxed), self.total_ms.load(Ordering::Relaxed));
        let fraction = if total > 0 {
            media as f64 / total as f64
        } else {
            self.fed.load(Ordering::Relaxed) as f64 / self.size.max(1) as f64
        };
        fraction.clamp(0.0, 0.99)
    }

    /// Writes the row once a second and tells the queue that the work is alive; ends only when the take has ended otherwise.
    /// A database that does not answer for a while costs no attempt.
    ///
    /// The sign of life is given as long as the media child is within its own bounds: it is killed when it says nothing for
    /// its stall bound or works beyond its wall clock, so a hung decoder still loses the job, and a long silent check
    /// of the outputs does not.
    pub async fn report(&self, app: &App, work: &Work, take: &Take) {
        loop {
            tokio::time::sleep(EVERY).await;
            let fraction = self.fraction();
            work.progress(fraction);
            let left = (fraction > 0.03).then(|| self.begun.elapsed().as_secs_f64() * (1.0 - fraction) / fraction);
            let phase = *self.phase.lock().unwrap_or_else(PoisonError::into_inner);
            match write(app, take, fraction, phase, left).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "the progress of a take could not be written"),
            }
        }
    }
}

async fn write(app: &App, take: &Take, fraction: f64, phase: &str, left: Option<f64>) -> Result<bool, sqlx::Error> {
    let mut tx = app.db.begin().await?;
    let goes_on = take::sql::progress(&mut tx, take.id, fraction, phase, left).await?;
    tx.commit().await?;
    Ok(goes_on)
}
