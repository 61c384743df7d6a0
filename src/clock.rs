//! Time, identifiers and randomness, injected. Nothing else in the program asks the operating system for any of the three,
//! so a test that moves the clock or fixes the seed sees the same run twice.
//!
//! Invariant: every instant handed out is UTC and truncated to whole milliseconds, which both databases keep exactly.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rand::{RngCore, SeedableRng, rngs::StdRng};
use uuid::Uuid;

/// The source of time, ids and random bytes. Cheap to clone; clones share the same state.
#[derive(Clone)]
pub struct Clock {
    time: Time,
    random: Arc<Mutex<StdRng>>,
}

#[derive(Clone)]
enum Time {
    System(Instant),
    Manual(Arc<Mutex<DateTime<Utc>>>),
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.time {
            Time::System(_) => "Clock(system)",
            Time::Manual(_) => "Clock(manual)",
        })
    }
}

impl Clock {
    /// The machine's clock and the operating system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self { time: Time::System(Instant::now()), random: Arc::new(Mutex::new(StdRng::from_os_rng())) }
    }

    /// A clock that stands still at `start` until [`Clock::advance`] moves it, with randomness from `seed`. For tests.
    #[must_use]
    pub fn manual(start: DateTime<Utc>, seed: u64) -> Self {
        Self {
            time: Time::Manual(Arc::new(Mutex::new(to_millis(start)))),
            random: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))),
        }
    }

    /// The present instant, UTC, whole milliseconds.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.time {
            Time::System(_) => to_millis(Utc::now()),
            Time::Manual(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Time passed since some fixed moment; never jumps, means nothing to another machine. For measuring how long.
    #[must_use]
    pub fn steady(&self) -> Duration {
        match &self.time {
            Time::System(start) => start.elapsed(),
            Time::Manual(at) => {
                let at = at.lock().unwrap_or_else(PoisonError::into_inner).timestamp_millis();
                Duration::from_millis(u64::try_from(at).unwrap_or_default())
            }
        }
    }

    /// Moves a manual clock forward (or back, with a negative delta). Does nothing to the system clock.
    pub fn advance(&self, by: TimeDelta) {
        if let Time::Manual(at) = &self.time {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }

    /// A new time-ordered identifier (UUID version 7, RFC 9562), as any noun's id type.
    #[must_use]
    pub fn id<T: From<Uuid>>(&self) -> T {
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or_default();
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &self.random::<10>()).into_uuid())
    }

    /// `N` unpredictable bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// An opaque word of `len` characters from the base58 alphabet (no 0, O, I, l): 5.8 bits a character.
    #[must_use]
    pub fn word(&self, len: usize) -> String {
        const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let mut word = String::with_capacity(len);
        while word.len() < len {
            // 232 = 4 * 58: bytes above it are thrown away, so every letter is equally likely.
            word.extend(
                self.random::<32>().iter().filter(|b| **b < 232).map(|b| char::from(BASE58[usize::from(b % 58)])),
            );
        }
        word.truncate(len);
        word
    }
}

fn to_millis(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::milliseconds(1)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH, 1);
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH);
        clock.advance(TimeDelta::hours(2));
        assert_eq!(clock.now().timestamp(), 7200);
    }

    #[test]
    fn the_same_seed_gives_the_same_ids_and_they_sort_by_time() {
        let (a, b) = (Clock::manual(DateTime::UNIX_EPOCH, 7), Clock::manual(DateTime::UNIX_EPOCH, 7));
        let first: Uuid = a.id();
        assert_eq!(first, b.id::<Uuid>());
        a.advance(TimeDelta::milliseconds(1));
        assert!(a.id::<Uuid>() > first);
        assert_eq!(first.get_version_num(), 7);
    }

    #[test]
    fn words_use_only_letters_that_cannot_be_misread() {
        let word = Clock::manual(DateTime::UNIX_EPOCH, 3).word(500);
        assert_eq!(word.len(), 500);
        assert!(!word.contains(['0', 'O', 'I', 'l']));
    }
}
