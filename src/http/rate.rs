//! Rate limits in this process's memory: so many at once, then one each so often, for each key. Not shared between nodes:
//! with three nodes an attacker has three times as many tries, which the limits allow for.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, Utc};
use governor::clock::Clock as Ticks;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};

use crate::clock::Clock;
use crate::error::{Code, Problem};

/// Keys kept before the ones that have recovered are thrown away.
const MANY_KEYS: usize = 10_000;

/// The injected clock as governor wants it, so that a test moves the limits too.
#[derive(Clone, Debug)]
struct Injected(Clock);

impl Ticks for Injected {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let since = self.0.now() - DateTime::<Utc>::UNIX_EPOCH;
        Nanos::from(since.to_std().unwrap_or_default())
    }
}

/// One limit over many keys.
#[derive(Debug)]
pub struct RateLimit {
    limiter: RateLimiter<String, DashMapStateStore<String>, Injected, NoOpMiddleware<Nanos>>,
    clock: Injected,
}

impl RateLimit {
    /// `burst` at once, then one every `each`.
    #[must_use]
    pub fn new(clock: &Clock, burst: NonZeroU32, each: Duration) -> RateLimit {
        let quota = Quota::with_period(each).unwrap_or(Quota::per_second(burst)).allow_burst(burst);
        let clock = Injected(clock.clone());
        RateLimit { limiter: RateLimiter::dashmap_with_clock(quota, clock.clone()), clock }
    }

    /// Counts one try under this key.
    ///
    /// # Errors
    /// 429 with `Retry-After` when there were too many.
    pub fn check(&self, key: &str) -> Result<(), Problem> {
        if self.limiter.len() > MANY_KEYS {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&key.to_owned()).map_err(|until: NotUntil<Nanos>| {
            let seconds = until.wait_time_from(self.clock.now()).as_secs() + 1;
            Problem::new(Code::TooManyRequests, format!("Too many attempts. Try again in {seconds} s."))
                .retry_after(seconds)
        })
    }
}

/// Who an address counts as: itself for IPv4 (and IPv4 in IPv6), its /64 for IPv6, since one subscriber has a whole one.
#[must_use]
pub fn prefix(address: Option<IpAddr>) -> String {
    match address.map(|a| a.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(v4)) => v4.to_string(),
        Some(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_back_as_the_clock_moves() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH, 1);
        let limit = RateLimit::new(&clock, NonZeroU32::new(2).unwrap(), Duration::from_secs(10));
        assert!(limit.check("a").is_ok() && limit.check("a").is_ok());
        let problem = limit.check("a").unwrap_err();
        assert!(problem.retry_after.is_some_and(|s| (9..=11).contains(&s)), "{problem:?}");
        assert!(limit.check("b").is_ok());
        clock.advance(chrono::TimeDelta::seconds(11));
        assert!(limit.check("a").is_ok());
    }

    #[test]
    fn a_subscriber_of_ipv6_counts_once() {
        let of = |text: &str| prefix(text.parse().ok());
        assert_eq!(of("2001:db8:1:2:aaaa::1"), of("2001:db8:1:2:bbbb::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
