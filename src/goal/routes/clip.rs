//! What hangs on a goal: videos, links, and the timeline of what was said.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post, put};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::account::guard::Member;
use crate::app::App;
use crate::error::Problem;
use crate::goal::clip::{self, Link, NewLink};
use crate::goal::sql;
use crate::goal::timeline::{self, TimelineEntry};
use crate::http::paging::{Page, PageQuery, newest};
use crate::id::{GoalId, RecordingId};

/// Attach a recording to a goal.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path), ("recording" = Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
#[put("/api/goals/{id}/clips/{recording}")]
pub async fn attach(
    app: Data<App>,
    Member(person): Member,
    path: Path<(GoalId, RecordingId)>,
) -> Result<HttpResponse, Problem> {
    let (goal, recording) = path.into_inner();
    clip::attach(&app, &person, goal, recording).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take a recording off a goal. The recording stays.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path), ("recording" = Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/goals/{id}/clips/{recording}")]
pub async fn detach(
    app: Data<App>,
    Member(person): Member,
    path: Path<(GoalId, RecordingId)>,
) -> Result<HttpResponse, Problem> {
    let (goal, recording) = path.into_inner();
    clip::detach(&app, &person, goal, recording).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Clips and check-ins of a goal, newest first, with the values each reported.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<TimelineEntry>), (status = 404)))]
#[get("/api/goals/{id}/timeline")]
pub async fn entries(
    app: Data<App>,
    Member(person): Member,
    goal: Path<GoalId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<TimelineEntry>>, Problem> {
    sql::one(&app.db, person.organisation, *goal).await?.ok_or_else(Problem::not_found)?;
    let (after, limit) = (page.after::<(DateTime<Utc>, Uuid)>()?.unwrap_or_else(newest), page.limit());
    let rows = timeline::sql::entries(&app.db, *goal, after, limit + 1).await?;
    let page = Page::of(rows, limit, |last| (last.at, last.id));
    Ok(Json(Page { items: timeline::show(&app, page.items).await?, next: page.next }))
}

/// Link a goal to something outside.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path)), request_body = NewLink,
    responses((status = 201, body = Link), (status = 403), (status = 404), (status = 422)))]
#[post("/api/goals/{id}/links")]
pub async fn add_link(
    app: Data<App>,
    Member(person): Member,
    goal: Path<GoalId>,
    new: Json<NewLink>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Created().json(clip::link(&app, &person, *goal, new.into_inner()).await?))
}

/// Take a link off a goal.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path), ("link" = Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/goals/{id}/links/{link}")]
pub async fn remove_link(
    app: Data<App>,
    Member(person): Member,
    path: Path<(GoalId, Uuid)>,
) -> Result<HttpResponse, Problem> {
    let (goal, link) = path.into_inner();
    clip::unlink(&app, &person, goal, link).await?;
    Ok(HttpResponse::NoContent().finish())
}
