//! Sessions: a signed-in browser, known by a random token in a cookie of which only the hash is kept.
//!
//! Invariant: a session ends 14 days after it was last used and 90 days after it began, whichever is first, or at once when
//! it is revoked; its token is never used again for another one.

use actix_web::cookie::time::Duration as Age;
use actix_web::cookie::{Cookie, SameSite};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::id::PersonId;

use super::keys::token_hash;
use super::{Person, sql};

/// A session not used for so long has ended.
pub const IDLE: TimeDelta = TimeDelta::days(14);
/// A session ends after so long however much it is used.
pub const WHOLE: TimeDelta = TimeDelta::days(90);
/// Uses are noted at most this often.
pub const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// Name of the session cookie over HTTPS; the prefix makes browsers refuse it from anywhere but this host (RFC 6265bis).
pub const SECURE_COOKIE: &str = "__Host-twotake";
/// Name of the session cookie over plain HTTP, where `__Host-` is not accepted. Without a Domain it is this host's only.
pub const PLAIN_COOKIE: &str = "twotake";

/// A live session as its owner sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Session {
    /// Its id (not its token).
    pub id: Uuid,
    /// The browser that asked for it.
    pub user_agent: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

/// Who asks and by what proof: a session or a personal token, and when that was last seen.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Presence {
    /// Who.
    #[sqlx(flatten)]
    pub person: Person,
    /// Id of the session or token.
    pub proof: Uuid,
    /// When the proof was last used.
    pub seen_at: Option<DateTime<Utc>>,
}

/// Begins a session and gives its token, which is nowhere else.
///
/// # Errors
/// The database's.
pub async fn begin(app: &App, tx: &mut Tx, person: PersonId, user_agent: &str) -> Result<String, sqlx::Error> {
    let (token, now) = (app.clock.word(43), app.clock.now());
    let user_agent = user_agent.chars().filter(|c| !c.is_control()).take(200).collect();
    let session = Session { id: app.clock.id(), user_agent, created_at: now, seen_at: now, expires_at: now + WHOLE };
    sql::session::insert(tx, &session, &token_hash(&token), person).await?;
    Ok(token)
}

/// Ends the session with that token and notes it in the trail, so that its streams end too.
///
/// # Errors
/// The database's.
pub async fn end(app: &App, tx: &mut Tx, token: &str) -> Result<(), sqlx::Error> {
    let ended = sql::session::revoke_by_token(tx, &token_hash(token), app.clock.now()).await?;
    let Some((id, person, organisation)) = ended else { return Ok(()) };
    let event = AuditEvent::of(&app.clock, organisation, "session.ended", "session", id);
    audit::record(tx, &AuditEvent { actor: Some(person), ..event }).await
}

/// The cookie that carries a session's token. `secure` when people reach this server over HTTPS.
#[must_use]
pub fn cookie(token: &str, secure: bool) -> Cookie<'static> {
    base(token.to_owned(), secure, Age::days(WHOLE.num_days()))
}

/// The cookie that makes a browser forget its session.
#[must_use]
pub fn no_cookie(secure: bool) -> Cookie<'static> {
    base(String::new(), secure, Age::ZERO)
}

fn base(value: String, secure: bool, age: Age) -> Cookie<'static> {
    Cookie::build(if secure { SECURE_COOKIE } else { PLAIN_COOKIE }, value)
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_belongs_to_this_host_alone() {
        let secure = cookie("abc", true).to_string();
        assert_eq!(secure, "__Host-twotake=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=7776000");
        let plain = cookie("abc", false).to_string();
        assert!(plain.starts_with("twotake=abc; HttpOnly; SameSite=Lax; Path=/") && !plain.contains("Secure"));
        assert!(!secure.contains("Domain") && no_cookie(true).to_string().contains("Max-Age=0"));
    }
}
