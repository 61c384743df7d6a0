//! One's own account.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use serde::Deserialize;

use crate::account::change::{self, OwnChange};
use crate::account::guard::{CurrentSession, PeerAddress, SignedIn};
use crate::account::view::{self, Profile};
use crate::account::{password, sql};
use crate::app::App;
use crate::error::{Code, Problem};

/// One's profile.
#[utoipa::path(tag = "account", responses((status = 200, body = Profile)))]
#[get("/api/me")]
pub async fn show(app: Data<App>, SignedIn(person): SignedIn) -> Result<Json<Profile>, Problem> {
    Ok(Json(view::profile(&app.db, person).await?))
}

/// Change one's name, handle, title or time zone.
#[utoipa::path(tag = "account", request_body = OwnChange, responses(
    (status = 200, body = Profile), (status = 409, description = "Handle taken, or stale"), (status = 422)))]
#[patch("/api/me")]
pub async fn edit(
    app: Data<App>,
    SignedIn(person): SignedIn,
    Json(form): Json<OwnChange>,
) -> Result<Json<Profile>, Problem> {
    let changed = change::own(&app, &person, form).await?;
    Ok(Json(view::profile(&app.db, changed).await?))
}

/// The old password and a new one.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct PasswordChange {
    /// The one in use.
    current: String,
    /// The one to take, at least 10 characters.
    new: String,
}

/// Change one's password. Ends every other session.
#[utoipa::path(tag = "account", request_body = PasswordChange, responses(
    (status = 204), (status = 401, description = "The current password is another one"), (status = 422)))]
#[post("/api/me/password")]
pub async fn change_password(
    app: Data<App>,
    SignedIn(person): SignedIn,
    CurrentSession(session): CurrentSession,
    PeerAddress(address): PeerAddress,
    Json(form): Json<PasswordChange>,
) -> Result<HttpResponse, Problem> {
    app.limits.sign_in(address, &person.email)?;
    password::check("new", &form.new, &person.email)?;
    let hash = sql::person::password_hash(&app.db, person.id).await?;
    if !app.passwords.verify(form.current, hash).await? {
        return Err(Problem::new(Code::WrongCredentials, "The current password is another one."));
    }
    let hash = app.passwords.hash(&app.clock, form.new).await?;
    change::password(&app.db, &app.clock, Some(&person), &person, session, &hash).await?;
    Ok(HttpResponse::NoContent().finish())
}
