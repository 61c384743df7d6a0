//! A take, as one waits for it: asked for, or told of.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get};

use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::Problem;
use crate::events::Now;
use crate::id::{OrganisationId, TakeId};
use crate::recording::access::{self, Presented};
use crate::recording::take::{self, TakeBody, TakeState};

/// Where a take stands, and where it plays.
#[utoipa::path(tag = "recording", params(("id" = TakeId, Path)), responses((status = 200, body = TakeBody),
    (status = 401), (status = 404)))]
#[get("/api/takes/{id}")]
pub async fn show(app: Data<App>, SignedIn(person): SignedIn, id: Path<TakeId>) -> Result<Json<TakeBody>, Problem> {
    let take = take::sql::take(&app.db, *id, person.organisation).await?.ok_or_else(Problem::not_found)?;
    access::decide(&app, Some(&person), Presented::Recording(take.recording)).await?;
    Ok(Json(TakeBody::of(&app, &take)))
}

/// What happens to a take, as server-sent events: `take`, with the take as it stands, at once and whenever it changes; the last
/// one when it is ready, refused or failed.
#[utoipa::path(tag = "recording", operation_id = "follow_take", params(("id" = TakeId, Path)), responses((status = 200, body = TakeBody,
    content_type = "text/event-stream"), (status = 401), (status = 404), (status = 503)))]
#[get("/api/takes/{id}/events")]
pub async fn events(app: Data<App>, SignedIn(person): SignedIn, id: Path<TakeId>) -> Result<HttpResponse, Problem> {
    let (id, organisation) = (*id, person.organisation);
    let take = take::sql::take(&app.db, id, organisation).await?.ok_or_else(Problem::not_found)?;
    access::decide(&app, Some(&person), Presented::Recording(take.recording)).await?;
    let shared = app.clone();
    app.events.stream(id.0, "take", move || standing(shared.clone(), id, organisation))
}

/// A take as a listener is told of it.
async fn standing(app: Data<App>, id: TakeId, organisation: OrganisationId) -> Result<Now<TakeBody>, sqlx::Error> {
    let Some(take) = take::sql::take(&app.db, id, organisation).await? else { return Ok(Now::Gone) };
    let body = TakeBody::of(&app, &take);
    Ok(if matches!(take.state, TakeState::Receiving | TakeState::Processing) {
        Now::Open(body)
    } else {
        Now::Last(body)
    })
}
