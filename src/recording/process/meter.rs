//! How far the work on a take has come: kept in memory as it goes, written into the take's row once a second, and shown to the
//! queue as signs of life.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
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
    whole: AtomicBool,
    total_ms: AtomicI64,
    arrived_ms: AtomicI64,
    media_ms: AtomicI64,
    beside_ms: AtomicI64,
    /// What was told last, in parts of a million.
    told: AtomicU64,
    phase: Mutex<&'static str>,
    begun: Instant,
}

impl Meter {
    /// A meter for a take of so many bytes, as far as that is known.
    #[must_use]
    pub fn new(take: &Take, size: Option<i64>) -> Meter {
        Meter {
            size: size.unwrap_or(0).unsigned_abs(),
            fed: AtomicU64::new(0),
            whole: AtomicBool::new(false),
            arrived_ms: AtomicI64::new(0),
            total_ms: AtomicI64::new(take.declared_ms.unwrap_or(0)),
            media_ms: AtomicI64::new(0),
            beside_ms: AtomicI64::new(0),
            told: AtomicU64::new(0),
            phase: Mutex::new("receiving"),
            begun: Instant::now(),
        }
    }

    /// So many bytes more have been read.
    pub fn fed(&self, bytes: usize) {
        self.fed.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Every byte has been read: from here on the end is in sight.
    pub fn whole(&self) {
        self.whole.store(true, Ordering::Relaxed);
        self.phase("finishing");
    }

    /// The file says how long it is: a claim, good enough for a guess.
    pub fn claimed(&self, ms: u64) {
        if let Ok(ms @ 1..600_000) = i64::try_from(ms) {
            self.total_ms.store(ms, Ordering::Relaxed);
        }
    }

    /// So much of the recording has been encoded, of so much that has arrived.
    pub fn encoded(&self, media_ms: u64, arrived_ms: u64) {
        self.media_ms.store(i64::try_from(media_ms).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.arrived_ms.store(i64::try_from(arrived_ms).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// So much of it others have made, beyond what this attempt has come to.
    pub fn beside(&self, media_ms: u64) {
        self.beside_ms.store(i64::try_from(media_ms).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// What is being done now.
    pub fn phase(&self, phase: &'static str) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    /// What somebody else had begun may have to be made anew, and what was guessed be wrong: whoever looks on sees it stand still then, and
    /// not go back.
    fn at_least(&self, fraction: f64) -> f64 {
        let now = (fraction.clamp(0.0, 1.0) * 1e6) as u64;
        self.told.fetch_max(now, Ordering::Relaxed).max(now) as f64 / 1e6
    }

    /// 0 to 0.99. Of what is encoded where the length is known; else of what is encoded of what has been read, as far as that is all of it;
    /// 0 while nothing says how much there will be, as in a recording that is being made.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        let get = |number: &AtomicI64| number.load(Ordering::Relaxed);
        let (media, total) = (get(&self.media_ms) + get(&self.beside_ms), get(&self.total_ms));
        let fraction = match (total, get(&self.arrived_ms)) {
            (1.., _) => media as f64 / total as f64,
            (_, arrived @ 1..) => media as f64 / arrived as f64 * self.read(),
            _ => 0.0,
        };
        self.at_least(fraction.min(0.99))
    }

    /// How much of the bytes has been read, 0 to 1; 0 as long as nobody knows how many there will be.
    fn read(&self) -> f64 {
        match self.size {
            _ if self.whole.load(Ordering::Relaxed) => 1.0,
            0 => 0.0,
            size => (self.fed.load(Ordering::Relaxed) as f64 / size as f64).min(1.0),
        }
    }

    /// A guess at the seconds that are left, once every byte is here.
    fn left(&self, fraction: f64) -> Option<f64> {
        let guess = fraction > 0.03 && self.whole.load(Ordering::Relaxed);
        guess.then(|| self.begun.elapsed().as_secs_f64() * (1.0 - fraction) / fraction)
    }

    /// The same sign of life for work that nobody waits for: nothing is written into the take's row. Never ends.
    pub async fn beat(&self, work: &Work) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(EVERY).await;
            work.progress(self.fraction());
        }
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
            let phase = *self.phase.lock().unwrap_or_else(PoisonError::into_inner);
            match write(app, take, fraction, phase, self.left(fraction)).await {
                Ok(true) => app.events.changed(take.id.0),
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "the progress of a take could not be written"),
            }
        }
    }
}

async fn write(app: &App, take: &Take, fraction: f64, phase: &str, left: Option<f64>) -> Result<bool, sqlx::Error> {
    let mut tx = app.db.begin().await?;
    let goes_on = take::sql::progress(&mut tx, take.id, fraction, phase, left).await?;
    tx.commit_quietly().await?;
    Ok(goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> Meter {
        let (told, whole) = (AtomicU64::new(0), AtomicBool::new(true));
        let zero = || AtomicI64::new(0);
        let (total_ms, arrived_ms, media_ms, beside_ms) = (zero(), zero(), zero(), zero());
        let (fed, phase, begun) = (AtomicU64::new(0), Mutex::new(""), Instant::now());
        Meter { size: 9, fed, whole, total_ms, arrived_ms, media_ms, beside_ms, told, phase, begun }
    }

    #[test]
    fn what_others_have_made_counts_and_what_they_lose_does_not_take_it_back() {
        let meter = meter();
        meter.claimed(60_000);
        meter.encoded(6000, 60_000);
        assert!((meter.fraction() - 0.1).abs() < 1e-5);
        meter.beside(24_000);
        assert!((meter.fraction() - 0.5).abs() < 1e-5);
        meter.beside(0);
        assert!((meter.fraction() - 0.5).abs() < 1e-5, "a helper died");
        meter.encoded(36_000, 60_000);
        assert!((meter.fraction() - 0.6).abs() < 1e-5);
    }

    #[test]
    fn of_a_file_whose_length_nobody_knows_what_is_read_tells_how_much_there_will_be() {
        let meter = meter();
        meter.whole.store(false, Ordering::Relaxed);
        meter.fed(6);
        assert!(meter.fraction() < 1e-5, "read, and nothing made of it");
        meter.encoded(1000, 20_000);
        assert!((meter.fraction() - 1.0 / 30.0).abs() < 1e-5, "a second of about thirty");
        meter.fed(3);
        meter.encoded(3000, 30_000);
        assert!((meter.fraction() - 0.1).abs() < 1e-5);
        meter.whole();
        assert!((meter.fraction() - 0.1).abs() < 1e-5, "it does not go back when all is here");
    }
}
