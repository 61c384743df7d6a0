//! Whether this process lives, and whether it can do its work: for supervisors and load balancers.

use std::time::Duration;

use actix_web::get;
use actix_web::web::{Data, Json, ServiceConfig};
use serde::Serialize;

use crate::app::App;
use crate::error::{Code, Problem};

/// How long the database and the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Registers the routes.
pub fn register(config: &mut ServiceConfig) {
    config.service(live).service(ready);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(live, ready))]
pub struct Api;

/// Says that all is well.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Health {
    /// Always `ok`; anything else is a problem document.
    status: &'static str,
}

/// Whether the process runs at all.
#[utoipa::path(tag = "server", responses((status = 200, body = Health)))]
#[get("/health/live")]
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether database and store answer.
#[utoipa::path(tag = "server", responses((status = 200, body = Health), (status = 503, description = "Says which does not")))]
#[get("/health/ready")]
pub async fn ready(app: Data<App>) -> Result<Json<Health>, Problem> {
    let (database, store) = tokio::join!(
        tokio::time::timeout(PATIENCE, app.db.ping()),
        tokio::time::timeout(PATIENCE, app.store.head("health/probe")),
    );
    if !matches!(database, Ok(Ok(()))) {
        return Err(not_ready("database", format!("{database:?}")));
    }
    if !matches!(store, Ok(Ok(_))) {
        return Err(not_ready("store", format!("{store:?}")));
    }
    Ok(Json(Health { status: "ok" }))
}

fn not_ready(part: &str, cause: String) -> Problem {
    tracing::warn!(part, cause, "not ready");
    Problem::new(Code::Unavailable, format!("The {part} does not answer.")).with("part", part).retry_after(5)
}
