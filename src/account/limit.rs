//! How often one may try to sign in or to use a link: per login and per address, counted before any password is hashed.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Problem;
use crate::http::rate::{RateLimit, prefix};

/// Tries of one login at once; then one each ten seconds.
const LOGIN_BURST: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
/// Tries from one address at once, over all logins; then one each two seconds.
const ADDRESS_BURST: NonZeroU32 = NonZeroU32::new(60).expect("sixty is not zero");

/// The limits of one server.
#[derive(Debug)]
pub struct Limits {
    login: RateLimit,
    address: RateLimit,
}

impl Limits {
    /// Limits nobody has used yet.
    #[must_use]
    pub fn new(clock: &Clock) -> Limits {
        Limits {
            login: RateLimit::new(clock, LOGIN_BURST, Duration::from_secs(10)),
            address: RateLimit::new(clock, ADDRESS_BURST, Duration::from_secs(2)),
        }
    }

    /// Counts one try to sign in. Unknown logins count like known ones.
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn sign_in(&self, address: Option<IpAddr>, login: &str) -> Result<(), Problem> {
        self.link(address)?;
        self.login.check(&login.trim().to_lowercase())
    }

    /// Counts one try to use a set-up or invitation link.
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn link(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        self.address.check(&prefix(address))
    }
}
