//! Goals themselves: listed, made, changed, ended.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, patch, post};
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::account::Person;
use crate::account::guard::Member;
use crate::app::App;
use crate::checkin::slots;
use crate::error::Problem;
use crate::goal::carry::{self as carrying, Carrying};
use crate::goal::change::{self, Ending, GoalChange, NewGoal};
use crate::goal::view::{self, Goal};
use crate::goal::{GoalError, GoalState, Outcome, Period, PeriodKind, Scope, sql};
use crate::http::calendar;
use crate::http::paging::{Page, PageQuery};
use crate::id::{GoalId, PersonId, UnitId};

/// Which goals to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GoalQuery {
    /// Only periods of this length.
    period_kind: Option<PeriodKind>,
    /// Any day: only goals whose period contains it; with `within`, the day that names that period.
    #[serde(default, deserialize_with = "calendar::within")]
    period: Option<NaiveDate>,
    /// Only goals whose whole period lies in the year, quarter, month or week in which `period` is (today in your zone when
    /// absent). A week lies where its Thursday is.
    within: Option<PeriodKind>,
    /// Only of this scope.
    scope: Option<Scope>,
    /// Only of this unit and those under it.
    unit: Option<UnitId>,
    /// Only of this owner: an id, or `me`.
    owner: Option<String>,
    /// Only directly under this goal (or these, parted by commas, at most a hundred), or `none` for those under no goal.
    parent: Option<String>,
    /// Only goals whose parent this list leaves out: where a tree of what is listed begins.
    #[serde(default)]
    tops: bool,
    /// Only active ones of which the last check-in said caution or off track.
    #[serde(default)]
    look: bool,
    /// Only in this state; all but cancelled ones when absent.
    state: Option<GoalState>,
}

impl GoalQuery {
    async fn filter(&self, app: &App, asker: &Person) -> Result<sql::Filter, Problem> {
        let owner = match self.owner.as_deref() {
            Some("me") => Some(asker.id),
            Some(id) => Some(id.parse::<PersonId>().map_err(|_| Problem::field("owner", "That is not an id."))?),
            None => None,
        };
        let units = match self.unit {
            Some(unit) => Some(sql::units_under(&app.db, asker.organisation, unit).await?),
            None => None,
        };
        let (within, under) = (self.window(app, asker).await?, self.under()?);
        let on = self.period.filter(|_| within.is_none());
        let Self { period_kind: kind, scope, tops, look, state, .. } = *self;
        Ok(sql::Filter { kind, on, within, scope, units, owner, under, tops, look, state })
    }

    fn under(&self) -> Result<Option<Vec<GoalId>>, Problem> {
        let wrong = |_| Problem::field("parent", "That is not an id.");
        match self.parent.as_deref() {
            None => Ok(None),
            Some("none") => Ok(Some(Vec::new())),
            Some(ids) if ids.split(',').count() > 100 => Err(Problem::field("parent", "At most a hundred at once.")),
            Some(ids) => Ok(Some(ids.split(',').map(str::parse).collect::<Result<_, _>>().map_err(wrong)?)),
        }
    }

    async fn window(&self, app: &App, asker: &Person) -> Result<Option<Period>, Problem> {
        let Some(kind) = self.within else { return Ok(None) };
        let day = match self.period {
            Some(day) => day,
            None => {
                let zone: Tz = slots::sql::zone(&app.db, asker.id).await?.parse().unwrap_or(Tz::UTC);
                app.clock.now().with_timezone(&zone).date_naive()
            }
        };
        let fiscal = sql::fiscal_year_start(&app.db, asker.organisation).await?;
        Ok(Some(change::period(fiscal, kind, day)?))
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
    let rows = sql::list(&app.db, person.organisation, &query.filter(&app, &person).await?, after, limit + 1).await?;
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

/// Carry an unfinished goal into a later period: the old one ends with an outcome and a note, the answer is the new one.
#[utoipa::path(tag = "goals", params(("id" = Uuid, Path)), request_body = Carrying, responses(
    (status = 201, body = Goal), (status = 403), (status = 404), (status = 409, description = "Changed, or carried over already"),
    (status = 422)))]
#[post("/api/goals/{id}/carry")]
pub async fn carry(
    app: Data<App>,
    Member(person): Member,
    id: Path<GoalId>,
    body: Json<Carrying>,
) -> Result<HttpResponse, Problem> {
    match carrying::carry(&app, &person, *id, body.into_inner()).await {
        Ok(new) => Ok(HttpResponse::Created().json(one(&app, &person, new).await?)),
        Err(error) => answer(&app, &person, *id, Err(error)).await.map(|goal| HttpResponse::Ok().json(goal)),
    }
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
            let now = one(app, person, id).await?;
            let by = now.changed_by.as_ref().map_or("Someone", |by| by.name.as_str());
            let detail = format!(
                "{by} changed this goal while you were editing. What you typed is kept: look at what it says now."
            );
            let problem = Problem { detail, ..problem };
            Err(problem.with("current", serde_json::to_value(now).map_err(Problem::internal)?))
        }
        Err(problem) => Err(problem),
    }
}
