//! Share links: a recording opened to anyone who holds an address, until it runs out or is revoked. The token is made from
//! the link's id with the server's key, so that the dialog can show it again while only its hash is kept.

pub mod routes;
pub mod sql;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use crate::account::keys::Keys;
use crate::account::{Person, Role};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::error::{Code, Problem};
use crate::http::calendar;
use crate::http::form::Form;
use crate::id::{RecordingId, ShareLinkId};

use super::access::{self, Found, LinkState};

/// Characters of a token: 128 bits in base58.
pub const TOKEN_LENGTH: usize = 22;
/// Most live links one recording may have.
const MOST_LINKS: i64 = 50;

/// A link as its author sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShareLink {
    /// Its id.
    pub id: ShareLinkId,
    /// `link`: anyone who holds it.
    pub audience: String,
    /// The watch page it opens.
    pub url: String,
    /// The page to put into a frame.
    pub embed_url: String,
    /// The frame itself, ready to paste.
    pub embed_html: String,
    /// Origins that may frame it; null: anywhere.
    pub allowed_origins: Option<Vec<String>>,
    /// Whether it asks for a password.
    pub password: bool,
    /// When it runs out.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What a new link shall be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShareLink {
    /// `link`. (A recording needs no link for members of the organisation.)
    pub audience: String,
    /// Origins that may frame it, as `https://wiki.example.com`; absent: anywhere.
    pub allowed_origins: Option<Vec<String>>,
    /// Asked for before anything is shown.
    pub password: Option<String>,
    /// When it runs out; absent: never.
    #[serde(default, deserialize_with = "calendar::within")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// The token of a link.
#[must_use]
pub fn token(keys: &Keys, id: ShareLinkId) -> String {
    let mac = keys.sign("share", id.0.as_bytes());
    let mut number = mac.iter().take(16).fold(0_u128, |n, byte| (n << 8) | u128::from(*byte));
    let mut word = [b'1'; TOKEN_LENGTH];
    for place in word.iter_mut().rev() {
        const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        *place = BASE58[usize::try_from(number % 58).unwrap_or(0)];
        number /= 58;
    }
    word.iter().map(|b| char::from(*b)).collect()
}

/// What a browser carries after it has given a link's password: good for that link and that password only.
#[must_use]
pub fn proof(keys: &Keys, id: ShareLinkId, password_hash: &str) -> String {
    let message = [id.0.as_bytes().as_slice(), password_hash.as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(&keys.sign("share-password", &message)[..16])
}

/// Checks a link's password; answers the proof to carry on with, or nothing when it is wrong or the link is not live.
///
/// # Errors
/// The database's, or too many passwords being checked at once.
pub async fn unlock(app: &App, token: &str, password: String) -> Result<Option<String>, Problem> {
    let row = sql::by_token(&app.db, token).await?.filter(|row| row.state(app, None) == LinkState::Locked);
    let hash = row.as_ref().and_then(|row| row.password_hash.clone());
    let right = app.passwords.verify(password, hash.clone()).await?;
    Ok(row.zip(hash).filter(|_| right).map(|(row, hash)| proof(&app.keys, row.id, &hash)))
}

impl sql::ShareLinkRow {
    /// How the link stands now, for someone with that proof.
    #[must_use]
    pub fn state(&self, app: &App, given: Option<&str>) -> LinkState {
        if self.revoked_at.is_some() || self.expires_at.is_some_and(|at| at <= app.clock.now()) {
            return LinkState::Ended;
        }
        if self.audience != "link" {
            return LinkState::Organisation;
        }
        let Some(hash) = &self.password_hash else { return LinkState::Open };
        let right = proof(&app.keys, self.id, hash);
        let proven = given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(right.as_bytes())));
        if proven { LinkState::Open } else { LinkState::Locked }
    }

    fn show(self, app: &App, title: &str) -> ShareLink {
        let (origin, token) = (app.config.origin(), token(&app.keys, self.id));
        let embed_url = format!("{origin}/embed/{token}");
        ShareLink {
            embed_html: embed_html(&embed_url, title),
            url: format!("{origin}/w/{token}"),
            embed_url,
            id: self.id,
            audience: self.audience,
            allowed_origins: self.allowed_origins.map(|list| list.0),
            password: self.password_hash.is_some(),
            expires_at: self.expires_at,
            created_at: self.created_at,
        }
    }
}

/// One `iframe`, nothing else, ready to paste.
fn embed_html(url: &str, title: &str) -> String {
    let title = title.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<iframe src=\"{url}\" title=\"{title}\" width=\"640\" height=\"360\" style=\"border:0\" \
         allow=\"autoplay; fullscreen; picture-in-picture\" allowfullscreen></iframe>"
    )
}

/// Only the author and administrators handle links.
async fn may_share(app: &App, person: &Person, id: RecordingId) -> Result<Found, Problem> {
    let access = access::decide(app, Some(person), access::Presented::Recording(id)).await?;
    if person.role == Role::Admin || access.recording.author == person.id {
        return Ok(access.recording);
    }
    Err(Problem::new(Code::Forbidden, "Only its author or an administrator makes links to a recording."))
}

fn origins(form: &mut Form, given: Option<&Vec<String>>) -> Option<Vec<String>> {
    let given = given?;
    if given.len() > 20 {
        form.wrong("allowed_origins", "At most 20 origins.");
    }
    let mut list = Vec::with_capacity(given.len());
    for text in given {
        match url::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "https" | "http") && url.path() == "/" && url.query().is_none() => {
                list.push(url.origin().ascii_serialization());
            }
            _ => form.wrong("allowed_origins", format!("{text:?} is not an origin such as https://wiki.example.com.")),
        }
    }
    Some(list)
}

/// Makes a link.
///
/// # Errors
/// Not the author's or an administrator's to make; a field that needs another value; too many links.
pub async fn create(app: &App, person: &Person, id: RecordingId, new: NewShareLink) -> Result<ShareLink, Problem> {
    let found = may_share(app, person, id).await?;
    let now = app.clock.now();
    let mut form = Form::new();
    if new.audience != "link" {
        form.wrong("audience", "Only `link` (anyone with the link) needs one: members watch without.");
    }
    let allowed_origins = origins(&mut form, new.allowed_origins.as_ref());
    if new.expires_at.is_some_and(|at| at <= now) {
        form.wrong("expires_at", "This lies in the past.");
    }
    if new.password.as_ref().is_some_and(|p| p.is_empty() || p.len() > 200) {
        form.wrong("password", "Between 1 and 200 characters.");
    }
    form.done()?;
    if sql::live(&app.db, id, now).await?.len() >= usize::try_from(MOST_LINKS).unwrap_or(usize::MAX) {
        return Err(Problem::new(Code::Conflict, "This recording has 50 links. End some before you make another."));
    }
    let password_hash = match new.password {
        Some(password) => Some(app.passwords.hash(&app.clock, password).await?),
        None => None,
    };
    let row = sql::ShareLinkRow {
        id: app.clock.id(),
        recording: found.id,
        audience: new.audience,
        allowed_origins: allowed_origins.map(sqlx::types::Json),
        password_hash,
        expires_at: new.expires_at,
        revoked_at: None,
        created_by: person.id,
        created_at: now,
    };
    let mut tx = app.db.begin().await?;
    sql::insert(&mut tx, &row, &token(&app.keys, row.id)).await?;
    audit::record(&mut tx, &AuditEvent::by(&app.clock, person, "share_link.made", "recording", found.id.0)).await?;
    tx.commit().await?;
    let title = sql::title(&app.db, id).await?;
    Ok(row.show(app, &title))
}

/// The live links of a recording, oldest first.
///
/// # Errors
/// Not the author's or an administrator's to see.
pub async fn list(app: &App, person: &Person, id: RecordingId) -> Result<Vec<ShareLink>, Problem> {
    may_share(app, person, id).await?;
    let title = sql::title(&app.db, id).await?;
    let rows = sql::live(&app.db, id, app.clock.now()).await?;
    Ok(rows.into_iter().map(|row| row.show(app, &title)).collect())
}

/// Ends a link. Ending one that has ended already is not an error.
///
/// # Errors
/// Unknown, or not the author's or an administrator's to end.
pub async fn revoke(app: &App, person: &Person, id: ShareLinkId) -> Result<(), Problem> {
    let row = sql::by_id(&app.db, id).await?.ok_or_else(Problem::not_found)?;
    may_share(app, person, row.recording).await?;
    let mut tx = app.db.begin().await?;
    if sql::revoke(&mut tx, id, app.clock.now()).await? {
        let event = AuditEvent::by(&app.clock, person, "share_link.ended", "recording", row.recording.0);
        audit::record(&mut tx, &event).await?;
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_embed_escapes_its_title() {
        let html = embed_html("https://two.example/embed/x", "\"><script>alert(1)</script>");
        assert!(!html.contains("<script"));
        assert!(html.starts_with("<iframe src=\"https://two.example/embed/x\" title=\"&quot;&gt;"));
    }
}
