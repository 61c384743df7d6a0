//! Browsers that ask to be woken, and that no longer want it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::Person;
use crate::app::App;
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::http::outgoing;

use super::seal;
use super::sql::{self, Browser};

/// Browsers a person may have; the oldest gives way.
const MOST: i64 = 10;

/// What a browser's `PushSubscription` says.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewSubscription {
    /// Where its messages go.
    pub endpoint: String,
    /// Its keys.
    pub keys: SubscriptionKeys,
}

/// The keys of a subscription, base64url.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct SubscriptionKeys {
    /// The browser's public key.
    pub p256dh: String,
    /// The browser's secret.
    pub auth: String,
}

/// Subscribes a browser; it ends with the session. Twice is once.
///
/// # Errors
/// Push is not set up here; an address or keys that are none.
pub async fn subscribe(
    app: &App,
    person: &Person,
    session: Option<Uuid>,
    new: &NewSubscription,
) -> Result<Uuid, Problem> {
    let Some(push) = &app.push else {
        return Err(Problem::new(Code::NotImplemented, "This server does not wake browsers: it has no push key."));
    };
    let mut form = Form::new();
    form.take("endpoint", outgoing::check(&new.endpoint, push.local));
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap_or_default();
    let (p256dh, auth) = (decode(&new.keys.p256dh), decode(&new.keys.auth));
    if p256dh.len() != 65 || auth.len() != 16 || seal::seal(&p256dh, &auth, b"").is_err() {
        form.wrong("keys", "Those are not the keys of a subscription.");
    }
    form.done()?;
    let browser = Browser { id: app.clock.id(), person: person.id, endpoint: new.endpoint.clone(), p256dh, auth };
    let mut tx = app.db.begin().await?;
    let id = sql::put(&mut tx, &browser, session, app.clock.now()).await?;
    sql::keep_newest(&mut tx, person.id, MOST).await?;
    tx.commit_quietly().await?;
    Ok(id)
}

/// Ends a subscription of one's own.
///
/// # Errors
/// None of that id.
pub async fn unsubscribe(app: &App, person: &Person, id: Uuid) -> Result<(), Problem> {
    let mut tx = app.db.begin().await?;
    let removed = sql::remove(&mut tx, person.id, id).await?;
    tx.commit_quietly().await?;
    if removed { Ok(()) } else { Err(Problem::not_found()) }
}
