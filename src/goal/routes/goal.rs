//! Goals themselves: listed, made, changed, ended.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, patch, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::account::Person;
use crate::account::guard::Member;
use crate::app::App;
use crate::error::Problem;
use crate::goal::change::{self, Ending, GoalChange, NewGoal};
use crate::goal::view::{self, Goal};
use crate::goal::{GoalError, GoalState, Outcome, PeriodKind, Scope, sql};
use crate::http::paging::{Page, PageQuery};
use crate::id::{GoalId, PersonId, UnitId};

/// Which goals to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GoalQuery {
    /// Only periods of this length.
    period_kind: Option<PeriodKind>,
    /// Any day: only goals whose period contains it.
    period: Option<NaiveDate>,
    /// Only of this scope.
    scope: Option<Scope>,
    /// Only of this unit.
    unit: Option<UnitId>,
    /// Only of this owner: an id, or `me`.
    owner: Option<String>,
    /// Only directly under this goal, or `none` for those under no goal.
    parent: Option<String>,
    /// Only in this state; all but cancelled ones when absent.
    state: Option<GoalState>,
}

impl GoalQuery {
    fn filter(&self, asker: &Person) -> Result<sql::Filter, Problem> {
        let owner = match self.owner.as_deref() {
            Some("me") => Some(asker.id),
            Some(id) => Some(id.parse::<PersonId>().map_err(|_| Problem::field("owner", "That is not an id."))?),
            None => None,
        };
        let parent = match self.parent.as_deref() {
            Some("none") => Some(None),
            Some(id) => Some(Some(id.parse::<GoalId>().map_err(|_| Problem::field("parent", "That is not an id."))?)),
            None => None,
        };
        let Self { period_kind, period, scope, unit, state, .. } = *self;
        Ok(sql::Filter { kind: period_kind, on: period, scope, unit, owner, parent, state })
    }
}

/// Goals, those of the latest periods first.
#[utoipa::path(tag = "goals", params(GoalQuery, PageQuery), responses((status = 200, body = Page<Goal>)))]
#[get("/api/goals")]
pub async fn list(
    app: Data<App>,
    Member(person): Member,
    query: Query<GoalQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Goal>>, Problem> {
    let after = page.after::<(NaiveDate, GoalId)>()?.unwrap_or((FAR, GoalId(Uuid::max())));
    let limit = page.limit();
    let rows = sql::list(&app.db, person.organisation, &query.filter(&person)?, after, limit + 1).await?;
    let page = Page::of(rows, limit, |last| (last.period_start, last.id));
    Ok(Json(Page { items: view::goals(&app, page.items).await?, next: page.next }))
}

/// Later than any period: both databases write it with four digits of the year.
const FAR: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day of the calendar");

/// Make a goal.
#[utoipa::path(tag = "goals", request_body = NewGoal, responses((status = 201, body = Goal), (status = 422)))]
#[post("/api/goals")]
pub async fn create(app: Data<App>, Member(person): Member, new: Json<NewGoal>) -> Result<HttpResponse, Problem> {
    let id = change::create(&app, &person, new.into_inner()).await?;
    Ok(HttpResponse::Created().json(one(&app, &person, id).await?))
}

/// One goal.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path)), responses((status = 200, body = Goal), (status = 404)))]
#[get("/api/goals/{id}")]
pub async fn show(app: Data<App>, Member(person): Member, id: Path<GoalId>) -> Result<Json<Goal>, Problem> {
    Ok(Json(one(&app, &person, *id).await?))
}

/// Change a goal: its owner all of it, managers above the owner its reviewer.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path)), request_body = GoalChange, responses(
    (status = 200, body = Goal), (status = 403), (status = 404), (status = 409, description = "Changed or ended meanwhile"),
    (status = 422)))]
#[patch("/api/goals/{id}")]
pub async fn edit(
    app: Data<App>,
    Member(person): Member,
    id: Path<GoalId>,
    body: Json<GoalChange>,
) -> Result<Json<Goal>, Problem> {
    let done = change::change(&app, &person, *id, body.into_inner()).await;
    answer(&app, &person, *id, done).await
}

/// How a goal ended.
#[derive(Deserialize, ToSchema)]
pub struct Closing {
    /// Achieved, partly, missed or dropped.
    outcome: Option<Outcome>,
    /// A line about it.
    #[serde(default)]
    note: String,
    /// The revision that was read.
    revision: Option<i64>,
}

/// Close a goal with an outcome and a note.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path)), request_body = Closing, responses(
    (status = 200, body = Goal), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/goals/{id}/close")]
pub async fn close(
    app: Data<App>,
    Member(person): Member,
    id: Path<GoalId>,
    body: Json<Closing>,
) -> Result<Json<Goal>, Problem> {
    let done = change::end(&app, &person, *id, Ending::Closed(body.outcome), &body.note, body.revision).await;
    answer(&app, &person, *id, done).await
}

/// Why a goal is given up.
#[derive(Deserialize, ToSchema)]
pub struct Cancelling {
    /// A line about it.
    #[serde(default)]
    note: String,
    /// The revision that was read.
    revision: Option<i64>,
}

/// Cancel a goal with a note.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path)), request_body = Cancelling, responses(
    (status = 200, body = Goal), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/goals/{id}/cancel")]
pub async fn cancel(
    app: Data<App>,
    Member(person): Member,
    id: Path<GoalId>,
    body: Json<Cancelling>,
) -> Result<Json<Goal>, Problem> {
    let done = change::end(&app, &person, *id, Ending::Cancelled, &body.note, body.revision).await;
    answer(&app, &person, *id, done).await
}

async fn one(app: &App, person: &Person, id: GoalId) -> Result<Goal, Problem> {
    let row = sql::one(&app.db, person.organisation, id).await?.ok_or_else(Problem::not_found)?;
    view::goal(app, row).await?.ok_or_else(Problem::not_found)
}

/// The goal after a change; a stale change is answered with the goal as it is now.
async fn answer(app: &App, person: &Person, id: GoalId, done: Result<(), GoalError>) -> Result<Json<Goal>, Problem> {
    let stale = matches!(done, Err(GoalError::Stale(_)));
    match done.map_err(Problem::from) {
        Ok(()) => Ok(Json(one(app, person, id).await?)),
        Err(problem) if stale => {
            let current = serde_json::to_value(one(app, person, id).await?).map_err(Problem::internal)?;
            Err(problem.with("current", current))
        }
        Err(problem) => Err(problem),
    }
}
