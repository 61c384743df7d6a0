//! Metrics of a goal and the points of their plots.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::account::guard::Member;
use crate::app::App;
use crate::error::Problem;
use crate::goal::metric::change::{self, NewPoint};
use crate::goal::metric::{Metric, NewMetric, Point, sql};
use crate::http::paging::{Page, PageQuery, newest};
use crate::id::{GoalId, MetricId};

/// Measure a goal by something more.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path)), request_body = NewMetric, responses(
    (status = 201, body = Metric), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/goals/{id}/metrics")]
pub async fn create(
    app: Data<App>,
    Member(person): Member,
    goal: Path<GoalId>,
    new: Json<NewMetric>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(change::add(&app, &person, *goal, new.into_inner()).await?))
}

/// Note a value, or correct one by a new point that names it.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path)), request_body = NewPoint, responses(
    (status = 201, body = Point), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/metrics/{id}/points")]
pub async fn note(
    app: Data<App>,
    Member(person): Member,
    metric: Path<MetricId>,
    new: Json<NewPoint>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(change::note(&app, &person, *metric, new.into_inner()).await?))
}

/// Which points to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PointQuery {
    /// With those of the goals that this one was carried over from.
    #[serde(default)]
    history: bool,
}

/// The points of a metric, newest first, corrected ones too.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path), PointQuery, PageQuery), responses((status = 200, body = Page<Point>), (status = 404)))]
#[get("/api/metrics/{id}/points")]
pub async fn points(
    app: Data<App>,
    Member(person): Member,
    metric: Path<MetricId>,
    which: Query<PointQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Point>>, Problem> {
    sql::one(&app.db, person.organisation, *metric).await?.ok_or_else(Problem::not_found)?;
    let (after, limit) = (page.after::<(DateTime<Utc>, Uuid)>()?.unwrap_or_else(newest), page.limit());
    let rows = sql::points(&app.db, (*metric, which.history), after, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |last| (last.at, last.id))))
}
