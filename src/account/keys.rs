//! Keys that every node shares, kept in the database and made once: what signs playback tokens and share links.

use ring::hmac::{Context, HMAC_SHA256, Key};
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::db::Db;

use super::sql;

/// The shared keys.
#[derive(Clone)]
pub struct Keys {
    signing: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Reads the keys, making them first on a new server. Two nodes that start at once end with the same key: the first
    /// insert wins and both read it back.
    ///
    /// # Errors
    /// The database's.
    pub async fn load(db: &Db, clock: &Clock) -> Result<Keys, sqlx::Error> {
        let mut tx = db.begin().await?;
        sql::put_secret(&mut tx, "signing", &clock.random::<32>(), clock.now()).await?;
        tx.commit().await?;
        let value = sql::secret(db, "signing").await?;
        let signing = value.try_into().map_err(|_| sqlx::Error::Decode("the signing key is not 32 bytes".into()))?;
        Ok(Keys { signing })
    }

    /// Keys known beforehand, for tests of what they sign.
    #[cfg(test)]
    #[must_use]
    pub fn fixed(signing: [u8; 32]) -> Keys {
        Keys { signing }
    }

    /// HMAC-SHA256 (RFC 2104) of `message` for one `purpose`; a signature for one purpose is worthless for another.
    #[must_use]
    pub fn sign(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let mut mac = Context::with_key(&Key::new(HMAC_SHA256, &self.signing));
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(message);
        mac.sign().as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
    }
}

/// What is kept of a token: its SHA-256. Tokens are long and random, so no slow hash is needed.
#[must_use]
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
