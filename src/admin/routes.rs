//! Addresses of the admin slice: the audit trail and the numbers for Prometheus.

use actix_web::http::header;
use actix_web::web::{Data, Json, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::sql;
use crate::account::guard::Admin;
use crate::account::{PersonRef, people_by_ids};
use crate::app::App;
use crate::error::{Code, Problem};
use crate::http::paging::{Page, PageQuery};
use crate::id::PersonId;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config.service(trail).service(metrics);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(trail, metrics))]
pub struct Api;

/// Which part of the trail.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Only what happened to this thing.
    subject: Option<Uuid>,
    /// Only what this person did.
    actor: Option<PersonId>,
}

/// A change as the trail tells it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TrailEntry {
    id: Uuid,
    /// Who; null for the server itself or an operator at the command line.
    actor: Option<PersonRef>,
    /// `noun.verb_in_past_tense`.
    action: String,
    subject_kind: String,
    subject: Option<Uuid>,
    #[schema(value_type = Object)]
    detail: Value,
    at: DateTime<Utc>,
}

/// Who changed what, the newest first.
#[utoipa::path(tag = "server", params(Filter, PageQuery), responses((status = 200, body = Page<TrailEntry>)))]
#[get("/api/audit")]
pub async fn trail(
    app: Data<App>,
    Admin(admin): Admin,
    filter: Query<Filter>,
    page: Query<PageQuery>,
) -> Result<Json<Page<TrailEntry>>, Problem> {
    let (before, limit) = (page.after::<Uuid>()?, page.limit());
    let rows = sql::trail(&app.db, admin.organisation, filter.subject, filter.actor, before, limit + 1).await?;
    let actors: Vec<PersonId> = rows.iter().filter_map(|row| row.actor).collect();
    let actors = people_by_ids(&app.db, &actors).await?;
    Ok(Json(Page::of(rows, limit, |last| last.id).map(|row| TrailEntry {
        actor: row.actor.and_then(|id| actors.get(&id).cloned()),
        id: row.id,
        action: row.action,
        subject_kind: row.subject_kind,
        subject: row.subject,
        detail: row.detail,
        at: row.at,
    })))
}

/// The server's numbers for Prometheus.
#[utoipa::path(tag = "server", responses(
    (status = 200, description = "Prometheus' text form", content_type = "text/plain", body = String),
    (status = 401, description = "The settings ask for a token")))]
#[get("/metrics")]
pub async fn metrics(app: Data<App>, req: HttpRequest) -> Result<HttpResponse, Problem> {
    check_token(&app, &req)?;
    app.metrics.jobs.reset();
    for (state, count) in sql::jobs_by_state(&app.db).await? {
        app.metrics.jobs.with_label_values(&[state.as_str()]).set(count);
    }
    app.metrics.uploads.set(sql::uploads_arriving(&app.db).await?);
    let text = app.metrics.text().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")).body(text))
}

fn check_token(app: &App, req: &HttpRequest) -> Result<(), Problem> {
    let Some(wanted) = &app.config.metrics_token else { return Ok(()) };
    let given = req.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.strip_prefix("Bearer ").unwrap_or_default();
    if bool::from(given.as_bytes().ct_eq(wanted.as_bytes())) {
        return Ok(());
    }
    Err(Problem::new(Code::Unauthenticated, "These numbers ask for the metrics token of the settings."))
}
