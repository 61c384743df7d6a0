//! How far the encoders have been behind of late, seen so that a slice's arrival is not taken for a lag. Knows no clock.

use std::time::Duration;

/// For how long it is watched at least.
const WATCHED: Duration = Duration::from_millis(250);
/// Slices are taken to be so long until the second has come.
pub(super) const LONG_SLICE: Duration = Duration::from_secs(1);
/// What comes within it belongs to one slice.
const ONE_SLICE: Duration = Duration::from_millis(20);

/// The lag in the mean since the last decision.
#[derive(Default)]
pub(super) struct Mean {
    begun: Duration,
    at: Duration,
    lag: i64,
    /// In ticks times milliseconds.
    sum: i64,
}

impl Mean {
    pub(super) fn see(&mut self, now: Duration, lag: i64) {
        let passed = i64::try_from(now.saturating_sub(self.at).as_millis()).unwrap_or(0);
        // Fractions of a millisecond are left for the next time.
        self.at += Duration::from_millis(passed.unsigned_abs());
        self.sum = self.sum.saturating_add(self.lag.saturating_mul(passed));
        self.lag = lag;
    }

    pub(super) fn take(&mut self) -> i64 {
        let passed = i64::try_from(self.at.saturating_sub(self.begun).as_millis()).unwrap_or(i64::MAX);
        self.begun = self.at;
        std::mem::take(&mut self.sum) / passed.max(1)
    }
}

/// The smallest lag of late, over longer than the slices in which a recorder hands over what it has: so that it is no slice's doing.
#[derive(Default)]
pub(super) struct Lately {
    arrival: Duration,
    /// About how far slices lie apart; not known before the second.
    pub(super) slices: Option<Duration>,
    since: Duration,
    low: Option<i64>,
    before: Option<i64>,
}

impl Lately {
    pub(super) fn arrived(&mut self, now: Duration) {
        let apart = now.saturating_sub(std::mem::replace(&mut self.arrival, now));
        if apart > ONE_SLICE {
            self.slices = Some(self.slices.map_or(apart, |before| apart.max(before * 7 / 8)));
        }
    }

    pub(super) fn see(&mut self, now: Duration, lag: i64) {
        // Two such times lie behind the answer, one at least.
        if now.saturating_sub(self.since) >= self.slices.unwrap_or(LONG_SLICE).max(WATCHED) {
            (self.since, self.before) = (now, self.low.take());
        }
        self.low = Some(self.low.map_or(lag, |low| low.min(lag)));
    }

    pub(super) fn low(&self) -> i64 {
        self.before.unwrap_or(0).min(self.low.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::cadence::SECOND;
    use super::*;

    #[test]
    fn a_slice_does_not_make_it_late_and_a_lag_that_stays_does() {
        let (mut lately, at) = (Lately::default(), Duration::from_millis);
        for tick in 0..100 {
            // Slices of a second: far behind when one comes, in step before the next.
            if tick % 10 == 0 {
                lately.arrived(at(tick * 100));
            }
            lately.see(at(tick * 100), SECOND - i64::try_from(tick % 10).unwrap() * SECOND / 10);
            assert!(lately.low() <= SECOND / 2, "{tick}");
        }
        for tick in 100..120 {
            lately.see(at(tick * 100), SECOND);
        }
        assert_eq!(lately.low(), SECOND);
        lately.see(at(12_000), SECOND / 10);
        assert_eq!(lately.low(), SECOND / 10, "in step again");
    }

    #[test]
    fn with_short_slices_it_is_seen_sooner() {
        let (mut lately, at) = (Lately::default(), Duration::from_millis);
        let late = (0..).take_while(|tick| {
            if tick % 5 == 0 {
                lately.arrived(at(tick * 50));
            }
            lately.see(at(tick * 50), SECOND);
            lately.low() < SECOND
        });
        assert_eq!(late.count(), 5, "after a quarter of a second");
    }
}
