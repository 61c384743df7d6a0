//! Addresses of the sample company, for administrators.

use actix_web::web::{Data, Json, ServiceConfig};
use actix_web::{HttpResponse, delete, get, post};

use super::{Films, Sample};
use crate::account::guard::Admin;
use crate::app::App;
use crate::error::Problem;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config.service(show).service(fill).service(remove);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(show, fill, remove))]
pub struct Api;

/// Whether there is a sample company, how far its filling or removal has come, and whether it can be filled.
#[utoipa::path(tag = "server", responses((status = 200, body = Sample)))]
#[get("/api/sample")]
pub async fn show(app: Data<App>, Admin(admin): Admin) -> Result<Json<Sample>, Problem> {
    Ok(Json(super::sample(&app, admin.organisation).await?))
}

/// Fill the organisation with a sample company of forty people, to look around. Takes a minute or two in the background.
#[utoipa::path(tag = "server", responses(
    (status = 202, description = "It is being filled", body = Sample),
    (status = 409, description = "People work here already, or it is there")))]
#[post("/api/sample")]
pub async fn fill(app: Data<App>, Admin(admin): Admin) -> Result<HttpResponse, Problem> {
    super::fill(&app, &admin, Films::default()).await?;
    Ok(HttpResponse::Accepted().json(super::sample(&app, admin.organisation).await?))
}

/// Remove the sample company with everything its people made. What real people made stays.
#[utoipa::path(tag = "server", responses(
    (status = 202, description = "It is being removed", body = Sample),
    (status = 409, description = "There is none, or it is being filled")))]
#[delete("/api/sample")]
pub async fn remove(app: Data<App>, Admin(admin): Admin) -> Result<HttpResponse, Problem> {
    super::remove(&app, Some(&admin), admin.organisation).await?;
    Ok(HttpResponse::Accepted().json(super::sample(&app, admin.organisation).await?))
}
