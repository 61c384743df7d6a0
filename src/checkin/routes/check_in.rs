//! Check-ins: begun, saved, submitted, read, reviewed.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::account::Person;
use crate::account::guard::Member;
use crate::app::App;
use crate::checkin::draft::{self, DraftChange};
use crate::checkin::review::{self, NewReview};
use crate::checkin::view::{self, CheckIn};
use crate::checkin::{CheckInError, sql, submit};
use crate::error::{Code, Problem};
use crate::http::paging::{Page, PageQuery, newest};
use crate::id::{CheckInId, GoalId, PersonId, SlotId};

/// Which check-ins to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CheckInQuery {
    /// By one author: an id, or `me`.
    author: Option<String>,
    /// Reviewed by one person: an id, or `me`.
    reviewer: Option<String>,
    /// True: only those waiting for a review. False: only those reviewed.
    unreviewed: Option<bool>,
    /// That speak of one goal.
    goal: Option<GoalId>,
}

fn person(asker: &Person, field: &str, word: Option<&str>) -> Result<Option<PersonId>, Problem> {
    match word {
        None => Ok(None),
        Some("me") => Ok(Some(asker.id)),
        Some(id) => id.parse().map(Some).map_err(|_| Problem::field(field, "That is not an id.")),
    }
}

/// Published check-ins, newest first.
#[utoipa::path(tag = "check-ins", params(CheckInQuery, PageQuery), responses((status = 200, body = Page<CheckIn>)))]
#[get("/api/check-ins")]
pub async fn list(
    app: Data<App>,
    Member(asker): Member,
    query: Query<CheckInQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Page<CheckIn>>, Problem> {
    let filter = sql::check_in::Filter {
        author: person(&asker, "author", query.author.as_deref())?,
        reviewer: person(&asker, "reviewer", query.reviewer.as_deref())?,
        unreviewed: query.unreviewed,
        goal: query.goal,
    };
    let (after, limit) = (page.after::<(DateTime<Utc>, Uuid)>()?.unwrap_or_else(newest), page.limit());
    let rows = sql::check_in::list(&app.db, asker.organisation, &filter, after, limit + 1).await?;
    let page = Page::of(rows, limit, |last| (last.published_at, last.id));
    Ok(Json(Page { items: view::check_ins(&app, &asker, page.items).await?, next: page.next }))
}

/// Which check-in to begin.
#[derive(Default, Deserialize, ToSchema)]
pub struct NewCheckIn {
    /// The slot it answers; an extra check-in when absent.
    slot: Option<SlotId>,
}

/// Begin a check-in: a draft with your active goals of the week and the month. Beginning it again gives the same draft.
#[utoipa::path(tag = "check-ins", request_body = NewCheckIn, responses(
    (status = 201, description = "Begun", body = CheckIn), (status = 200, description = "It was there already", body = CheckIn),
    (status = 404), (status = 409, description = "The slot opens later")))]
#[post("/api/check-ins")]
pub async fn begin(
    app: Data<App>,
    Member(asker): Member,
    body: Option<Json<NewCheckIn>>,
) -> Result<HttpResponse, Problem> {
    let slot = body.and_then(|body| body.slot);
    let (id, new) = draft::begin(&app, &asker, slot).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(one(&app, &asker, id).await?))
}

/// One check-in, with the blockers it carries.
#[utoipa::path(tag = "check-ins", params(("id" = Uuid, Path)), responses((status = 200, body = CheckIn), (status = 404)))]
#[get("/api/check-ins/{id}")]
pub async fn show(app: Data<App>, Member(asker): Member, id: Path<CheckInId>) -> Result<Json<CheckIn>, Problem> {
    Ok(Json(one(&app, &asker, *id).await?))
}

/// Save a draft.
#[utoipa::path(tag = "check-ins", params(("id" = Uuid, Path)), request_body = DraftChange, responses(
    (status = 200, body = CheckIn), (status = 404), (status = 409), (status = 422)))]
#[patch("/api/check-ins/{id}")]
pub async fn edit(
    app: Data<App>,
    Member(asker): Member,
    id: Path<CheckInId>,
    body: Json<DraftChange>,
) -> Result<Json<CheckIn>, Problem> {
    let done = draft::change(&app, &asker, *id, body.into_inner()).await;
    answer(&app, &asker, *id, done).await
}

/// What was on the screen when Submit was pressed.
#[derive(Default, Deserialize, ToSchema)]
pub struct Submission {
    /// The revision that was read; whatever it is at when absent.
    revision: Option<i64>,
}

/// Submit a draft. By the due time it is submitted, within the grace late; after that it stands beside the missed slot.
#[utoipa::path(tag = "check-ins", params(("id" = Uuid, Path)), request_body = Submission, responses(
    (status = 200, body = CheckIn), (status = 404), (status = 409), (status = 422)))]
#[post("/api/check-ins/{id}/submit")]
pub async fn send(
    app: Data<App>,
    Member(asker): Member,
    id: Path<CheckInId>,
    body: Option<Json<Submission>>,
) -> Result<Json<CheckIn>, Problem> {
    let revision = body.and_then(|body| body.revision);
    let done = submit::submit(&app, &asker, *id, revision).await;
    answer(&app, &asker, *id, done).await
}

/// Review a check-in.
#[utoipa::path(tag = "check-ins", params(("id" = Uuid, Path)), request_body = NewReview, responses(
    (status = 200, body = CheckIn), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/check-ins/{id}/review")]
pub async fn respond(
    app: Data<App>,
    Member(asker): Member,
    id: Path<CheckInId>,
    body: Json<NewReview>,
) -> Result<Json<CheckIn>, Problem> {
    let done = review::review(&app, &asker, *id, body.into_inner()).await;
    answer(&app, &asker, *id, done).await
}

async fn one(app: &App, asker: &Person, id: CheckInId) -> Result<CheckIn, Problem> {
    let row = sql::check_in::one(&app.db, (asker.organisation, asker.id), id).await?.ok_or_else(Problem::not_found)?;
    view::check_in(app, asker, row).await?.ok_or_else(Problem::not_found)
}

/// The check-in after a change; a stale change is answered with the check-in as it is now.
async fn answer(
    app: &App,
    asker: &Person,
    id: CheckInId,
    done: Result<(), CheckInError>,
) -> Result<Json<CheckIn>, Problem> {
    match done.map_err(Problem::from) {
        Ok(()) => Ok(Json(one(app, asker, id).await?)),
        Err(problem) if problem.code == Code::Stale => {
            let current = serde_json::to_value(one(app, asker, id).await?).map_err(Problem::internal)?;
            Err(problem.with("current", current))
        }
        Err(problem) => Err(problem),
    }
}
