//! One's own quiet hours and digest.

use actix_web::web::{Data, Json};
use actix_web::{get, patch};

use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::Problem;
use crate::notify::settings::{self, QuietHours, QuietHoursChange};

/// When you are not to be disturbed, and when you want the digest.
#[utoipa::path(tag = "inbox", responses((status = 200, body = QuietHours)))]
#[get("/api/me/quiet-hours")]
pub async fn show(app: Data<App>, SignedIn(person): SignedIn) -> Result<Json<QuietHours>, Problem> {
    Ok(Json(settings::show(&app, &person).await?))
}

/// Change it. It holds at once, also for what is held back already.
#[utoipa::path(tag = "inbox", request_body = QuietHoursChange, responses(
    (status = 200, body = QuietHours), (status = 409), (status = 422)))]
#[patch("/api/me/quiet-hours")]
pub async fn edit(
    app: Data<App>,
    SignedIn(person): SignedIn,
    body: Json<QuietHoursChange>,
) -> Result<Json<QuietHours>, Problem> {
    Ok(Json(settings::change(&app, &person, body.into_inner()).await?))
}
