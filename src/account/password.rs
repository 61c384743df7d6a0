//! Passwords: argon2id (RFC 9106) with the parameters that OWASP asks for at least, hashed on the blocking pool, few at once.
//!
//! Invariant: verifying takes the same work whether or not the login exists, so that time tells nobody who is a member.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::Clock;
use crate::error::{Code, Problem};

/// Memory in KiB, passes and lanes: each hash takes 19 MiB and about 20 ms.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Fewest characters of a password.
pub const SHORTEST: usize = 10;
/// Most bytes, so that nobody makes us hash a film.
const LONGEST: usize = 1024;
/// How long a sign-in waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);
/// A hash of nothing anybody knows, verified for logins that do not exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The commonest passwords of ten characters and more; shorter ones are refused by their length.
const COMMON: &[&str] = &[
    "1234567890",
    "0123456789",
    "12345678910",
    "123456789a",
    "1234567891",
    "0987654321",
    "9876543210",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "qwertyuiop",
    "qwertyuiop123",
    "qwerty12345",
    "qwerty123456",
    "qwerty1234",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl1",
    "asdfghjkl123",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "password!1",
    "password01",
    "passw0rd123",
    "p@ssw0rd123",
    "p@ssword123",
    "mypassword",
    "passwordpassword",
    "iloveyou12",
    "iloveyou123",
    "iloveyou1234",
    "letmein123",
    "letmein1234",
    "welcome123",
    "welcome1234",
    "administrator",
    "admin12345",
    "admin123456",
    "changeme123",
    "changeme12",
    "football123",
    "baseball123",
    "superman123",
    "sunshine123",
    "princess123",
    "monkey12345",
    "dragon12345",
    "abcdefghij",
    "abcdefghijkl",
    "abc1234567",
    "abcd123456",
    "a123456789",
    "aa12345678",
    "q1w2e3r4t5",
    "zxcvbnm123",
    "zaq12wsxcde3",
    "1111111111",
    "0000000000",
    "1212121212",
    "1231231234",
    "1122334455",
    "5555555555",
    "liverpool123",
    "twotaketwotake",
    "threeminutes",
];

/// Hashes and verifies passwords, a few at once.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { turns: Arc::new(Semaphore::new(cores.clamp(2, 8))) }
    }
}

/// Whether a password may be taken: long enough, not among the commonest, not the address it belongs to.
///
/// # Errors
/// 422 that says what is wrong, on the field `field`.
pub fn check(field: &str, password: &str, email: &str) -> Result<(), Problem> {
    let wrong = |code: Code, sentence: &str| {
        Err(Problem::new(code, sentence).with("fields", serde_json::json!({ field: sentence })))
    };
    if password.chars().count() < SHORTEST {
        return wrong(Code::PasswordTooShort, "A password has at least 10 characters. A few words in a row do well.");
    }
    if password.len() > LONGEST {
        return wrong(Code::Invalid, "A password has at most 1024 bytes.");
    }
    let lower = password.to_lowercase();
    let one_letter = lower.chars().all(|c| lower.starts_with(c));
    if one_letter || COMMON.contains(&lower.as_str()) {
        return wrong(
            Code::Invalid,
            "That is one of the commonest passwords, tried first by anyone. Take another one.",
        );
    }
    if !email.is_empty() && lower == email.to_lowercase() {
        return wrong(Code::Invalid, "The password cannot be the address itself.");
    }
    Ok(())
}

impl Passwords {
    /// The hash of a password, as a PHC string with its own salt.
    ///
    /// # Errors
    /// 503 when too many wait; nothing else is expected.
    pub async fn hash(&self, clock: &Clock, password: String) -> Result<String, Problem> {
        let turn = self.turn().await?;
        let salt: [u8; 16] = clock.random();
        let hashed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            argon()?
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .map_err(|e| e.to_string())
        });
        hashed.await.map_err(Problem::internal)?.map_err(Problem::internal)
    }

    /// Whether the password belongs to the hash. Without a hash (no such login) the same work is done and the answer is no.
    ///
    /// # Errors
    /// 503 when too many wait.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        let turn = self.turn().await?;
        let checked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let exists = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let argon = argon()?;
            Ok::<_, String>(
                PasswordVerifier::<str>::verify_password(&argon, password.as_bytes(), &hash).is_ok() && exists,
            )
        });
        checked.await.map_err(Problem::internal)?.map_err(Problem::internal)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| {
            Problem::new(Code::Unavailable, "Many people are signing in at the moment. Try again in a few seconds.")
                .retry_after(5)
        })
    }
}

fn argon() -> Result<Argon2<'static>, String> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|e| e.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_its_own_hash_and_no_other() {
        let (passwords, clock) = (Passwords::default(), Clock::system());
        let hash = passwords.hash(&clock, "correct horse battery".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse battery".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("correct horse".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("".into(), None).await.unwrap());
    }

    #[test]
    fn the_hash_for_nobody_costs_what_a_real_one_costs() {
        let parsed = argon2::password_hash::phc::PasswordHash::new(NOBODY).unwrap();
        assert_eq!(Params::try_from(&parsed).unwrap().m_cost(), COST.0);
        assert_eq!(parsed.hash.unwrap().len(), 32);
    }

    #[test]
    fn short_and_common_passwords_are_refused() {
        assert_eq!(check("password", "nine char", "").unwrap_err().code, Code::PasswordTooShort);
        for word in ["Password123", "zzzzzzzzzzzz", "ada@example.org"] {
            assert_eq!(check("password", word, "Ada@example.org").unwrap_err().code, Code::Invalid, "{word}");
        }
        assert!(check("password", "correct horse battery", "ada@example.org").is_ok());
    }
}
