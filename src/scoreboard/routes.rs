//! Addresses of the scoreboard, of its lead metrics, and of its CSV.

use actix_web::http::header;
use actix_web::web::{Data, Json, Query, ServiceConfig};
use actix_web::{HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::account::guard::Member;
use crate::app::App;
use crate::db::text_enum;
use crate::error::Problem;
use crate::http::paging::PageQuery;

use super::metric::{self, LeadMetrics};
use super::view::{self, Scoreboard};
use super::{Board, BoardScope, board, csv, sql, week_name};

/// People on a page: each has a mark for every slot of theirs, and two videos.
const PEOPLE: u32 = 25;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config.service(show).service(lead).service(table);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(show, lead, table))]
pub struct Api;

/// Which scoreboard.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BoardQuery {
    /// How wide: the company when absent.
    scope: Option<BoardScope>,
    /// The unit's or person's id; your own division or yourself when absent.
    of: Option<Uuid>,
    /// Weeks back, this one included: 4, 12 (when absent) or 26.
    weeks: Option<u32>,
}

text_enum! {
    /// What a table holds.
    TableKind {
        /// Slots and reviews of each person and week.
        Reliability = "reliability",
        /// The last value of each lead metric and week.
        Metrics = "metrics",
    }
}

/// Which table.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// `reliability` when absent, or `metrics`.
    #[param(inline)]
    table: Option<TableKind>,
}

/// The reliability of check-ins and reviews, over whole ISO weeks. `after` pages through the people.
#[utoipa::path(tag = "scoreboard", params(BoardQuery, PageQuery),
    responses((status = 200, body = Scoreboard), (status = 404), (status = 422)))]
#[get("/api/scoreboard")]
pub async fn show(
    app: Data<App>,
    Member(asker): Member,
    query: Query<BoardQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Scoreboard>, Problem> {
    let scope = query.scope.unwrap_or(BoardScope::Company);
    let asked = board(&app, &asker, scope, query.of, query.weeks).await?;
    let (after, limit) = (page.after::<sql::After>()?, page.limit_or(PEOPLE));
    Ok(Json(view::scoreboard(&app, &asker, asked, after, limit).await?))
}

/// The lead metrics of the goals that are active there, those of the widest goals first, with their values in the same weeks.
#[utoipa::path(tag = "scoreboard", params(BoardQuery),
    responses((status = 200, body = LeadMetrics), (status = 404), (status = 422)))]
#[get("/api/scoreboard/metrics")]
pub async fn lead(
    app: Data<App>,
    Member(asker): Member,
    query: Query<BoardQuery>,
) -> Result<Json<LeadMetrics>, Problem> {
    let scope = query.scope.unwrap_or(BoardScope::Company);
    let asked = board(&app, &asker, scope, query.of, query.weeks).await?;
    Ok(Json(LeadMetrics { items: metric::lead(&app, &asker, &asked).await? }))
}

/// The same as a table: a line for each person and week, or for each lead metric and week.
#[utoipa::path(tag = "scoreboard", params(BoardQuery, TableQuery), responses(
    (status = 200, description = "CSV with a line of headings", content_type = "text/csv", body = String),
    (status = 404), (status = 422)))]
#[get("/api/scoreboard.csv")]
pub async fn table(
    app: Data<App>,
    Member(asker): Member,
    query: Query<BoardQuery>,
    table: Query<TableQuery>,
) -> Result<HttpResponse, Problem> {
    let scope = query.scope.unwrap_or(BoardScope::Company);
    let asked = board(&app, &asker, scope, query.of, query.weeks).await?;
    let kind = table.table.unwrap_or(TableKind::Reliability);
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file_name(&asked, kind))));
    Ok(match kind {
        TableKind::Metrics => answer.body(csv::metrics(&metric::lead(&app, &asker, &asked).await?)),
        TableKind::Reliability => answer.streaming(csv::reliability(app, asker, asked)),
    })
}

fn file_name(board: &Board, kind: TableKind) -> String {
    format!("{kind}-{}-{}-{}-weeks.csv", board.scope, week_name(board.window.to), board.window.weeks)
}
