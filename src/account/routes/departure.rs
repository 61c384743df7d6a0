//! Somebody leaves.

use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use serde::Deserialize;

use crate::account::change::{self, PersonChange};
use crate::account::departure::{self, HandOver, Leaving};
use crate::account::guard::Admin;
use crate::account::sql;
use crate::account::view::{self, Profile};
use crate::app::App;
use crate::error::Problem;
use crate::id::PersonId;

/// What somebody would leave behind.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path)), responses((status = 200, body = Leaving), (status = 404)))]
#[get("/api/people/{id}/departure")]
pub async fn preview(app: Data<App>, Admin(admin): Admin, id: Path<PersonId>) -> Result<Json<Leaving>, Problem> {
    let person = sql::person::one(&app.db, admin.organisation, *id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(departure::preview(&app, &person).await?))
}

/// Somebody leaves, and who goes on with what.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Departure {
    /// The revision of the person that was looked at.
    revision: i64,
    /// Who goes on with what.
    #[serde(flatten)]
    over: HandOver,
}

/// Let somebody leave: what is open goes on with others, sessions, tokens, open invitations and slots to come end, what was said and
/// done stays. Making them active again gives back what is still where it went.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path)), request_body = Departure, responses(
    (status = 200, body = Profile), (status = 404), (status = 409, description = "Stale, or the last administrator"),
    (status = 422, description = "Nobody to go on with what is open")))]
#[post("/api/people/{id}/departure")]
pub async fn leave(
    app: Data<App>,
    Admin(admin): Admin,
    id: Path<PersonId>,
    Json(form): Json<Departure>,
) -> Result<Json<Profile>, Problem> {
    let left = change::person(&app, &admin, *id, PersonChange::leaving(form.revision), &form.over).await?;
    Ok(Json(view::profile(&app.db, left).await?))
}
