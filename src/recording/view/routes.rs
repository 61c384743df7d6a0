//! Views over HTTP.

use actix_web::web::{Data, Json, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, get, post};

use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::Problem;
use crate::http::human::Human;
use crate::http::paging::{Page, PageQuery};
use crate::id::RecordingId;

use super::{Report, Viewer};

/// Registers the routes.
pub fn register(config: &mut ServiceConfig) {
    config.service(report).service(viewers);
}

/// What the API document says of them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(report, viewers))]
pub struct Api;

/// Tell what has been watched (a player does, every ten seconds)
#[utoipa::path(tag = "recordings", params(("id" = RecordingId, Path)), request_body = Report,
    responses((status = 204), (status = 401), (status = 404), (status = 422)))]
#[post("/api/recordings/{id}/views")]
async fn report(
    app: Data<App>,
    SignedIn(me): SignedIn,
    id: Path<RecordingId>,
    report: Json<Report>,
    Human(human): Human,
) -> Result<HttpResponse, Problem> {
    if human {
        super::report(&app, &me, *id, report.into_inner()).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Who has opened a recording, latest first
#[utoipa::path(tag = "recordings", params(("id" = RecordingId, Path), PageQuery),
    responses((status = 200, body = Page<Viewer>), (status = 401), (status = 404)))]
#[get("/api/recordings/{id}/views")]
async fn viewers(
    app: Data<App>,
    SignedIn(me): SignedIn,
    id: Path<RecordingId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Viewer>>, Problem> {
    Ok(Json(super::viewers(&app, &me, *id, &page).await?))
}
