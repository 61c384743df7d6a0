//! The organisation's settings.

use actix_web::web::{Data, Json};
use actix_web::{get, patch};

use crate::account::guard::{Admin, SignedIn};
use crate::app::App;
use crate::error::Problem;
use crate::org::settings::{self, OrganisationChange};
use crate::org::{Organisation, sql};

/// The organisation and its settings.
#[utoipa::path(tag = "organisation", responses((status = 200, body = Organisation)))]
#[get("/api/organisation")]
pub async fn show(app: Data<App>, SignedIn(person): SignedIn) -> Result<Json<Organisation>, Problem> {
    Ok(Json(sql::organisation(&app.db, person.organisation).await?.ok_or_else(Problem::not_found)?))
}

/// Change settings. Nothing raises three minutes or two takes.
#[utoipa::path(tag = "organisation", request_body = OrganisationChange, responses(
    (status = 200, body = Organisation), (status = 409, description = "Stale"), (status = 422)))]
#[patch("/api/organisation")]
pub async fn edit(
    app: Data<App>,
    Admin(admin): Admin,
    Json(form): Json<OrganisationChange>,
) -> Result<Json<Organisation>, Problem> {
    Ok(Json(settings::change(&app, &admin, form).await?))
}
