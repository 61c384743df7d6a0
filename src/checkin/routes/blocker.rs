//! Blockers: said to be out of the way.

use actix_web::post;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::account::guard::Member;
use crate::account::people_by_ids;
use crate::app::App;
use crate::checkin::blocker::{self, Blocker, BlockerRow, BlockerState};
use crate::checkin::view::show_blocker;
use crate::error::Problem;
use crate::id::BlockerId;

/// How a blocker was answered.
#[derive(Default, Deserialize, ToSchema)]
pub struct BlockerAnswer {
    /// A line about it.
    #[serde(default)]
    answer: String,
}

/// Say that a blocker is out of the way: who raised it, whom it asks, or the reviewer.
#[utoipa::path(tag = "check-ins", params(("id" = Uuid, Path)), request_body = BlockerAnswer, responses(
    (status = 200, body = Blocker), (status = 403), (status = 404), (status = 409)))]
#[post("/api/blockers/{id}/resolve")]
pub async fn resolve(
    app: Data<App>,
    Member(asker): Member,
    id: Path<BlockerId>,
    body: Option<Json<BlockerAnswer>>,
) -> Result<Json<Blocker>, Problem> {
    let answer = body.map(|body| body.into_inner().answer).unwrap_or_default();
    shown(&app, blocker::end(&app, &asker, *id, BlockerState::Resolved, &answer).await?).await
}

/// Say that a blocker is none: who raised it.
#[utoipa::path(tag = "check-ins", params(("id" = Uuid, Path)), request_body = BlockerAnswer, responses(
    (status = 200, body = Blocker), (status = 403), (status = 404), (status = 409)))]
#[post("/api/blockers/{id}/withdraw")]
pub async fn withdraw(
    app: Data<App>,
    Member(asker): Member,
    id: Path<BlockerId>,
    body: Option<Json<BlockerAnswer>>,
) -> Result<Json<Blocker>, Problem> {
    let answer = body.map(|body| body.into_inner().answer).unwrap_or_default();
    shown(&app, blocker::end(&app, &asker, *id, BlockerState::Withdrawn, &answer).await?).await
}

async fn shown(app: &App, row: BlockerRow) -> Result<Json<Blocker>, Problem> {
    let people =
        people_by_ids(&app.db, &[row.asks, row.escalated_to].into_iter().flatten().collect::<Vec<_>>()).await?;
    let raised_in = row.check_in;
    Ok(Json(show_blocker(&people, row, raised_in)))
}
