//! Browsers that want to be woken.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::guard::{CurrentSession, SignedIn};
use crate::app::App;
use crate::error::Problem;
use crate::notify::push::Push;
use crate::notify::push::subscription::{self, NewSubscription};

/// Whether this server wakes browsers.
#[derive(Serialize, ToSchema)]
pub struct PushOffer {
    /// The key that a subscription is made with; null when the server does not wake browsers.
    key: Option<String>,
}

/// Whether this server wakes browsers, and with which key.
#[utoipa::path(tag = "inbox", responses((status = 200, body = PushOffer)))]
#[get("/api/me/push")]
pub async fn show(app: Data<App>, _person: SignedIn) -> Result<Json<PushOffer>, Problem> {
    Ok(Json(PushOffer { key: app.push.as_ref().map(Push::public_key) }))
}

/// A subscription.
#[derive(Serialize, ToSchema)]
pub struct Subscription {
    /// Its id, to end it with.
    id: Uuid,
}

/// Have a browser woken when something new shows in your inbox. It ends with the session.
#[utoipa::path(tag = "inbox", request_body = NewSubscription, responses(
    (status = 201, body = Subscription), (status = 422), (status = 501, description = "The server has no push key")))]
#[post("/api/me/push-subscriptions")]
pub async fn subscribe(
    app: Data<App>,
    SignedIn(person): SignedIn,
    CurrentSession(session): CurrentSession,
    body: Json<NewSubscription>,
) -> Result<HttpResponse, Problem> {
    let id = subscription::subscribe(&app, &person, session, &body).await?;
    Ok(HttpResponse::Created().json(Subscription { id }))
}

/// Do not have it woken any more.
#[utoipa::path(tag = "inbox", params(("id" = Uuid, Path)), responses((status = 204), (status = 404)))]
#[delete("/api/me/push-subscriptions/{id}")]
pub async fn unsubscribe(app: Data<App>, SignedIn(person): SignedIn, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    subscription::unsubscribe(&app, &person, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
