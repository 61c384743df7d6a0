//! Media over HTTP: three doors to the same files. Whoever handles here has passed one of [`door`]'s before any byte is read.

use actix_web::http::Method;
use actix_web::web::{Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Responder, route, web};
use serde::Deserialize;

use crate::app::App;
use crate::error::Problem;
use crate::id::{RecordingId, TakeId};

use super::super::address::{CAPTIONS, LIVE};
use super::answer::answer;
use super::door::{self, Door};
use super::{File, caption, live};

/// Where all of it lies.
pub const SCOPE: &str = "/media";

/// Registers the routes in a scope at [`SCOPE`]. The doors with a fixed first part come first: `~token` and `s` are no
/// recording's id.
pub fn register(config: &mut ServiceConfig) {
    config.service(by_share).service(by_token).service(by_session);
    let rest = web::resource("/{rest:.*}").route(web::method(Method::OPTIONS).to(preflight));
    config.service(rest.default_service(web::to(nothing)));
}

/// The pattern of the route that a path under [`SCOPE`] leads to.
#[must_use]
pub fn pattern(path: &str) -> Option<&'static str> {
    let rest = path.strip_prefix("/media/")?;
    Some(match rest.as_bytes() {
        [b'~', ..] => "/media/~{token}/{recording}/{take}/{attempt}/{name}",
        [b's', b'/', ..] => "/media/s/{token}/{name}",
        _ => "/media/{recording}/{take}/{attempt}/{name}",
    })
}

/// What the API document says of them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(by_share, by_token, by_session))]
pub struct Api;

/// A recording's file, for a signed-in person or a bearer
#[utoipa::path(get, path = "/media/{recording}/{take}/{attempt}/{name}", tag = "media",
    params(("recording" = RecordingId, Path), ("take" = TakeId, Path), ("attempt" = String, Path), ("name" = String, Path)),
    responses((status = 200), (status = 206), (status = 304), (status = 401), (status = 404), (status = 416)))]
#[route("/{recording}/{take}/{attempt}/{name}", method = "GET", method = "HEAD")]
async fn by_session(
    app: Data<App>,
    req: HttpRequest,
    path: Path<(RecordingId, TakeId, String, String)>,
) -> Result<HttpResponse, Problem> {
    let (recording, take, attempt, name) = path.into_inner();
    let file = File { recording, take, attempt, name }.checked()?;
    door::by_session(&app, &req, &file).await?;
    either(&app, &req, &file, Door::Session).await
}

/// A recording's file, for a player that holds a playback token
#[utoipa::path(get, path = "/media/~{token}/{recording}/{take}/{attempt}/{name}", tag = "media",
    params(("token" = String, Path), ("recording" = RecordingId, Path), ("take" = TakeId, Path), ("attempt" = String, Path),
        ("name" = String, Path)),
    responses((status = 200), (status = 206), (status = 304), (status = 404), (status = 416)))]
#[route("/~{token}/{recording}/{take}/{attempt}/{name}", method = "GET", method = "HEAD")]
async fn by_token(
    app: Data<App>,
    req: HttpRequest,
    path: Path<(String, RecordingId, TakeId, String, String)>,
) -> Result<HttpResponse, Problem> {
    let (token, recording, take, attempt, name) = path.into_inner();
    let file = File { recording, take, attempt, name }.checked()?;
    door::by_token(&app, &token, &file).await?;
    either(&app, &req, &file, Door::Token).await
}

/// A file of an attempt, a playlist that grows, or captions.
async fn either(app: &Data<App>, req: &HttpRequest, file: &File, door: Door) -> Result<HttpResponse, Problem> {
    match file.attempt.as_str() {
        LIVE => live::answer(app, req, file, door).await,
        CAPTIONS => caption::answer(app, req, file, door).await,
        _ => answer(app, req, file, door).await,
    }
}

/// The proof that a share link's password was given.
#[derive(Deserialize)]
struct Proof {
    proof: Option<String>,
}

/// A shared recording's file by its stable address, for previews elsewhere
#[utoipa::path(get, path = "/media/s/{token}/{name}", tag = "media",
    params(("token" = String, Path), ("name" = String, Path), ("proof" = Option<String>, Query)),
    responses((status = 200), (status = 206), (status = 304), (status = 403), (status = 404), (status = 416)))]
#[route("/s/{token}/{name}", method = "GET", method = "HEAD")]
async fn by_share(
    app: Data<App>,
    req: HttpRequest,
    path: Path<(String, String)>,
    proof: Query<Proof>,
) -> Result<HttpResponse, Problem> {
    let (word, name) = path.into_inner();
    let file = door::by_share(&app, &req, &word, proof.proof.as_deref(), name).await?;
    either(&app, &req, &caption::named(file), Door::Share).await
}

/// No other address under /media names anything.
async fn nothing() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}

/// Players in other origins may ask for ranges.
async fn preflight() -> impl Responder {
    HttpResponse::NoContent()
        .insert_header(("access-control-allow-origin", "*"))
        .insert_header(("access-control-allow-methods", "GET, HEAD"))
        .insert_header(("access-control-allow-headers", "range, if-range"))
        .insert_header(("access-control-max-age", "86400"))
        .finish()
}
