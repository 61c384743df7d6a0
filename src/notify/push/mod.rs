//! Web push (RFC 8030): a browser is woken when something waits in the inbox. Only where the operator has set a key; the message
//! says how much waits and who did what last, never the title of anything.
//!
//! Invariant: a browser is woken only for what its person may see, after their quiet hours, and while the session it was
//! subscribed in lives.

pub mod job;
pub mod owe;
pub mod seal;
pub mod sql;
pub mod subscription;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;
use url::Url;

use crate::config::Config;
use crate::http::outgoing;

/// How long a signature is good for; RFC 8292 allows a day.
const SIGNED_FOR: TimeDelta = TimeDelta::hours(12);

/// What is needed to wake browsers.
pub struct Push {
    key: EcdsaKeyPair,
    contact: String,
    /// Sends it.
    http: reqwest::Client,
    /// Whether a receiver may be on this machine; for tests.
    pub local: bool,
}

impl std::fmt::Debug for Push {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Push(…)")
    }
}

impl Push {
    /// As the settings say; nothing when they have no key.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn of(config: &Config) -> Result<Option<Push>, String> {
        let Some(text) = &config.push_key else { return Ok(None) };
        let key = read_key(text)?;
        let contact = config.push_contact.clone().unwrap_or_else(|| config.origin());
        Ok(Some(Push { key, contact, http: outgoing::client(config.push_local)?, local: config.push_local }))
    }

    /// The public half, as browsers want it.
    #[must_use]
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.public_key())
    }

    /// The value of `Authorization` for a push service (RFC 8292).
    fn signature(&self, to: &Url, now: DateTime<Utc>) -> Result<String, ring::error::Unspecified> {
        let claims = json!({ "aud": to.origin().ascii_serialization(), "exp": (now + SIGNED_FOR).timestamp(), "sub": self.contact });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&json!({ "typ": "JWT", "alg": "ES256" })), part(&claims));
        let signed = self.key.sign(&SystemRandom::new(), text.as_bytes())?;
        Ok(format!("vapid t={text}.{}, k={}", URL_SAFE_NO_PAD.encode(signed), self.public_key()))
    }
}

/// The key that a setting names.
///
/// # Errors
/// A sentence for the operator.
pub fn read_key(text: &str) -> Result<EcdsaKeyPair, String> {
    let wrong = |_| "the push key is not one that `twotake push-key` made".to_owned();
    let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|e| wrong(e.to_string()))?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &SystemRandom::new())
        .map_err(|e| wrong(e.to_string()))
}

/// A new key, as the setting takes it. Its randomness is the operating system's: it outlives this process.
///
/// # Errors
/// A sentence, when the system gives no randomness.
pub fn new_key() -> Result<String, String> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    made.map(|key| URL_SAFE_NO_PAD.encode(key)).map_err(|_| "the system gave no randomness".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_made_is_read_and_another_text_is_not() {
        assert_eq!(read_key(&new_key().unwrap()).unwrap().public_key().as_ref().len(), 65);
        assert!(read_key("nonsense").unwrap_err().contains("push-key"));
    }
}
