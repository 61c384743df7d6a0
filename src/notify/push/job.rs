//! Waking one browser: what waits is looked up when it is sent, sealed for that browser, and given to its push service. A
//! service that says the browser is gone (404, 410) ends the subscription.

use actix_web::web::Data;
use async_trait::async_trait;
use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::account;
use crate::app::App;
use crate::http::outgoing;
use crate::http::paging::newest;
use crate::id::PersonId;
use crate::jobs::{Failure, Handler, Outcome, Work};
use crate::notify::{inbox, sql as notify_sql};

use super::sql::{self, Browser};
use super::{Push, seal};

/// The kind of job that wakes one browser.
pub const KIND: &str = "notify.push";
/// Seconds a push service keeps a message for a browser that is away.
const KEPT: &str = "86400";

#[derive(Deserialize)]
struct Payload {
    browser: Uuid,
}

/// Wakes a browser.
pub struct Wake;

#[async_trait]
impl Handler for Wake {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let Payload { browser } = work.payload()?;
        let Some(push) = &app.push else { return Ok(Outcome::Done) };
        let Some(browser) = sql::one(&app.db, browser, app.clock.now()).await? else { return Ok(Outcome::Done) };
        let Some(message) = message(app, browser.person).await? else { return Ok(Outcome::Done) };
        if send(app, push, &browser, &message).await? == Sent::Gone {
            let mut tx = app.db.begin().await?;
            sql::remove(&mut tx, browser.person, browser.id).await?;
            tx.commit_quietly().await?;
            tracing::info!(browser = %browser.id, "a browser is gone; its subscription ends");
        }
        Ok(Outcome::Done)
    }
}

/// What waits for a person; nothing when they have read it in the meantime. Never the title of anything: a push service, and
/// whoever sees the screen, learns who did what, and no more.
async fn message(app: &App, person: PersonId) -> Result<Option<Value>, sqlx::Error> {
    let (now, counts) = (app.clock.now(), inbox::counts(app, person).await?);
    if counts.unread == 0 {
        return Ok(None);
    }
    let rows = notify_sql::inbox::list(&app.db, person, true, newest(), 20).await?;
    let Some(row) = rows.into_iter().find(|row| row.shows_at <= now) else { return Ok(None) };
    let actor = match row.actor {
        Some(id) => account::people_by_ids(&app.db, &[id]).await?.remove(&id).map(|person| person.name),
        None => None,
    };
    let text = match counts.unread {
        1 => inbox::sentence(row.kind, row.subject_kind, actor.as_deref().unwrap_or("Someone"), row.count),
        many => format!("{many} new things in your inbox"),
    };
    Ok(Some(json!({ "text": text, "url": "/inbox", "unread": counts.unread })))
}

#[derive(PartialEq, Eq)]
enum Sent {
    Taken,
    Gone,
}

async fn send(app: &App, push: &Push, browser: &Browser, message: &Value) -> Result<Sent, Failure> {
    let url = outgoing::check(&browser.endpoint, push.local).map_err(Failure::permanent)?;
    let body =
        seal::seal(&browser.p256dh, &browser.auth, message.to_string().as_bytes()).map_err(Failure::permanent)?;
    let signature = push.signature(&url, app.clock.now()).map_err(Failure::permanent)?;
    let request = push
        .http
        .post(url)
        .header(AUTHORIZATION, signature)
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_ENCODING, "aes128gcm")
        .header("ttl", KEPT)
        .header("urgency", "normal")
        // A newer message takes the place of one that waits.
        .header("topic", "inbox")
        .body(body);
    let answer = request.send().await.map_err(|error| Failure::passing(error.without_url()))?;
    match answer.status() {
        status if status.is_success() => Ok(Sent::Taken),
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Sent::Gone),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(Failure::passing(format!("the push service answered {status}")))
        }
        status => Err(Failure::permanent(format!("the push service answered {status}"))),
    }
}
