//! A take, as one waits for it.

use actix_web::get;
use actix_web::web::{Data, Json, Path};

use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::Problem;
use crate::id::TakeId;
use crate::recording::access::{self, Presented};
use crate::recording::take::{self, TakeBody};

/// Where a take stands, and where it plays.
#[utoipa::path(tag = "recording", params(("id" = TakeId, Path)), responses((status = 200, body = TakeBody),
    (status = 401), (status = 404)))]
#[get("/api/takes/{id}")]
pub async fn show(app: Data<App>, SignedIn(person): SignedIn, id: Path<TakeId>) -> Result<Json<TakeBody>, Problem> {
    let take = take::sql::take(&app.db, *id, person.organisation).await?.ok_or_else(Problem::not_found)?;
    access::decide(&app, Some(&person), Presented::Recording(take.recording)).await?;
    Ok(Json(TakeBody::of(&app, &take)))
}
