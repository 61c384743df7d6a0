//! Inviting many by a list.

use actix_web::post;
use actix_web::web::{Data, Json};

use crate::account::batch::{self, Batch, NewBatch};
use crate::account::guard::Admin;
use crate::app::App;
use crate::error::Problem;

/// Look at a list of people, or invite everybody on it who is not here yet. A list with a wrong line invites nobody; the same list may
/// be given again.
#[utoipa::path(tag = "account", request_body = NewBatch, responses((status = 200, body = Batch),
    (status = 422, description = "A list that cannot be read, or with a wrong line (`lines`)")))]
#[post("/api/invitations/batch")]
pub async fn create(app: Data<App>, Admin(admin): Admin, Json(new): Json<NewBatch>) -> Result<Json<Batch>, Problem> {
    Ok(Json(batch::invite(&app, &admin, &new).await?))
}
