//! Share links over HTTP.

use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{HttpResponse, delete, get, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::Problem;
use crate::id::{RecordingId, ShareLinkId};

use super::{NewShareLink, ShareLink};

/// Registers the routes.
pub fn register(config: &mut ServiceConfig) {
    config.service(list).service(create).service(revoke);
}

/// What the API document says of them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, create, revoke))]
pub struct Api;

/// The live links of one recording (at most 50).
#[derive(Serialize, ToSchema)]
pub struct ShareLinks {
    /// Oldest first.
    pub items: Vec<ShareLink>,
}

/// The live links of a recording
#[utoipa::path(tag = "recordings", params(("id" = RecordingId, Path)), responses(
    (status = 200, body = ShareLinks), (status = 401), (status = 403), (status = 404)))]
#[get("/api/recordings/{id}/share-links")]
async fn list(app: Data<App>, SignedIn(me): SignedIn, id: Path<RecordingId>) -> Result<Json<ShareLinks>, Problem> {
    Ok(Json(ShareLinks { items: super::list(&app, &me, *id).await? }))
}

/// Open a recording to anyone who holds a link
#[utoipa::path(tag = "recordings", params(("id" = RecordingId, Path)), request_body = NewShareLink, responses(
    (status = 201, body = ShareLink), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/recordings/{id}/share-links")]
async fn create(
    app: Data<App>,
    SignedIn(me): SignedIn,
    id: Path<RecordingId>,
    new: Json<NewShareLink>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(super::create(&app, &me, *id, new.into_inner()).await?))
}

/// End a link
#[utoipa::path(tag = "recordings", params(("id" = ShareLinkId, Path)), responses(
    (status = 204), (status = 401), (status = 403), (status = 404)))]
#[delete("/api/share-links/{id}")]
async fn revoke(app: Data<App>, SignedIn(me): SignedIn, id: Path<ShareLinkId>) -> Result<HttpResponse, Problem> {
    super::revoke(&app, &me, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
