//! Addresses of captions for who writes them; players read them among a recording's media (`bytes`).

use actix_web::http::header;
use actix_web::web::{Data, Json, Path, ServiceConfig};
use actix_web::{HttpResponse, delete, get, put};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::Person;
use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::Problem;
use crate::id::RecordingId;
use crate::recording::access::{self, Presented};
use crate::recording::library::{self, Recording};

use super::body::{CaptionBody, WriteCaption};
use super::{Language, sql};

/// Registers the routes.
pub fn register(config: &mut ServiceConfig) {
    config.service(list).service(show).service(write).service(remove);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, show, write, remove))]
pub struct Api;

/// The captions of a recording, at most twenty.
#[derive(Serialize, ToSchema)]
pub struct Captions {
    /// One for each language.
    items: Vec<CaptionBody>,
}

/// The languages a recording has captions in.
#[utoipa::path(tag = "recordings", params(("id" = RecordingId, Path)), responses(
    (status = 200, body = Captions), (status = 401), (status = 404)))]
#[get("/api/recordings/{id}/captions")]
async fn list(app: Data<App>, SignedIn(me): SignedIn, id: Path<RecordingId>) -> Result<Json<Captions>, Problem> {
    let recording = find(&app, &me, *id).await?;
    let captions = sql::of_recording(&app.db, recording.id).await?;
    Ok(Json(Captions { items: captions.into_iter().map(|one| CaptionBody::of(&app, recording.id, one)).collect() }))
}

/// Captions as WebVTT.
#[utoipa::path(tag = "recordings", params(("id" = RecordingId, Path),
    ("language" = String, Path)), responses((status = 200, body = String, content_type = "text/vtt"), (status = 401),
    (status = 404)))]
#[get("/api/recordings/{id}/captions/{language}")]
async fn show(
    app: Data<App>,
    SignedIn(me): SignedIn,
    path: Path<(RecordingId, String)>,
) -> Result<HttpResponse, Problem> {
    let recording = find(&app, &me, path.0).await?;
    let language = Language::read(&path.1).ok_or_else(Problem::not_found)?;
    let file = sql::file(&app.db, recording.id, &language).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/vtt; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(file))
}

/// Write captions in a language: a file of WebVTT or SubRip. A line that cannot be taken is told with its number.
#[utoipa::path(tag = "recordings", params(("id" = RecordingId, Path),
    ("language" = String, Path, description = "a language tag (BCP 47)")), request_body = WriteCaption, responses(
    (status = 200, body = CaptionBody), (status = 201, body = CaptionBody), (status = 401), (status = 403), (status = 404),
    (status = 409, description = "stale, with `current`; or too many languages"), (status = 422, description = "with `line`")))]
#[put("/api/recordings/{id}/captions/{language}")]
async fn write(
    app: Data<App>,
    SignedIn(me): SignedIn,
    path: Path<(RecordingId, String)>,
    new: Json<WriteCaption>,
) -> Result<HttpResponse, Problem> {
    let recording = find(&app, &me, path.0).await?;
    let sentence = "A language tag such as en, fi or pt-BR.";
    let language = Language::read(&path.1).ok_or_else(|| Problem::field("language", sentence))?;
    let (caption, is_new) = super::write(&app, &me, &recording, &language, &new).await?;
    let mut answer = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(CaptionBody::of(&app, recording.id, caption)))
}

/// Delete captions.
#[utoipa::path(tag = "recordings", params(("id" = RecordingId, Path),
    ("language" = String, Path)), responses((status = 204), (status = 401), (status = 403), (status = 404)))]
#[delete("/api/recordings/{id}/captions/{language}")]
async fn remove(
    app: Data<App>,
    SignedIn(me): SignedIn,
    path: Path<(RecordingId, String)>,
) -> Result<HttpResponse, Problem> {
    let recording = find(&app, &me, path.0).await?;
    let language = Language::read(&path.1).ok_or_else(Problem::not_found)?;
    super::delete(&app, &me, &recording, &language).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A recording that the one rule of watching lets the person have.
async fn find(app: &App, person: &Person, id: RecordingId) -> Result<Recording, Problem> {
    let found = access::decide(app, Some(person), Presented::Recording(id)).await?.recording;
    library::sql::recording(&app.db, found.id).await?.ok_or_else(Problem::not_found)
}
