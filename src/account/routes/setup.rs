//! Setting the server up through its one-time link.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};

use super::session::{replace_session, signed_in};
use crate::account::guard::PeerAddress;
use crate::account::keys::token_hash;
use crate::account::setup::{self, Founding};
use crate::account::view::Start;
use crate::account::{invitation, password, person, sql};
use crate::app::App;
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::org;

/// Whether the server waits to be set up.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SetUpState {
    needed: bool,
}

/// Whether the server waits to be set up.
#[utoipa::path(tag = "account", responses((status = 200, body = SetUpState)))]
#[get("/api/setup")]
pub async fn state(app: Data<App>) -> Result<Json<SetUpState>, Problem> {
    Ok(Json(SetUpState { needed: org::sql::first_organisation(&app.db).await?.is_none() }))
}

/// The first administrator and their organisation.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct SetUp {
    /// The token of the set-up link.
    token: String,
    /// Name of the organisation.
    organisation: String,
    /// IANA name of its time zone.
    time_zone: String,
    /// Full name of the administrator.
    name: String,
    /// Address they will sign in with.
    email: String,
    /// Password, at least 10 characters.
    password: String,
}

impl SetUp {
    fn check(&self) -> Result<(Founding, String), Problem> {
        let mut form = Form::new();
        let organisation = form.line("organisation", &self.organisation, 1, 100);
        let name = form.line("name", &self.name, 1, 100);
        let zone = form.take("time_zone", org::parse_time_zone(&self.time_zone));
        form.done()?;
        let email = person::parse_email(&self.email)?;
        password::check("password", &self.password, &email)?;
        let time_zone = zone.unwrap_or_default();
        Ok((Founding { organisation, time_zone, name, email, password_hash: String::new() }, self.password.clone()))
    }
}

/// Set the server up with the link that its start printed. Works once.
#[utoipa::path(tag = "account", request_body = SetUp, responses(
    (status = 201, description = "Set up, and signed in", body = Start), (status = 409, description = "It is set up"),
    (status = 410, description = "Not the link printed last")))]
#[post("/api/setup")]
pub async fn set_up(
    app: Data<App>,
    req: HttpRequest,
    PeerAddress(address): PeerAddress,
    Json(form): Json<SetUp>,
) -> Result<HttpResponse, Problem> {
    app.limits.link(address)?;
    refuse_if_set_up(&app).await?;
    let (hash, now) = (token_hash(&form.token), app.clock.now());
    sql::invitation::live(&app.db, &hash, now)
        .await?
        .filter(|l| l.organisation.is_none())
        .ok_or_else(invitation::ended)?;
    let (mut founding, password) = form.check()?;
    founding.password_hash = app.passwords.hash(&app.clock, password).await?;
    let mut tx = app.db.begin().await?;
    let link = sql::invitation::use_up(&mut tx, &hash, now).await?.ok_or_else(invitation::ended)?;
    let (_, admin) = setup::found(&app.clock, &mut tx, founding).await?;
    sql::invitation::used_by(&mut tx, link.id, admin.id).await?;
    let token = replace_session(&app, &mut tx, &req, &admin).await?;
    tx.commit().await?;
    signed_in(&app, &req, HttpResponse::Created(), admin, &token).await
}

async fn refuse_if_set_up(app: &App) -> Result<(), Problem> {
    match org::sql::first_organisation(&app.db).await? {
        Some(_) => Err(Problem::new(
            Code::SetUpDone,
            "This server is set up. Sign in, or ask an administrator for an invitation.",
        )),
        None => Ok(()),
    }
}
