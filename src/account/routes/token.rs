//! Personal tokens.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::account::guard::SignedIn;
use crate::account::sql;
use crate::account::token::{self, Token};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::error::Problem;
use crate::http::calendar;
use crate::http::form::Form;

/// A list that is never long.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Tokens {
    items: Vec<Token>,
}

/// One's live tokens, without the tokens themselves.
#[utoipa::path(tag = "account", responses((status = 200, body = Tokens)))]
#[get("/api/tokens")]
pub async fn list(app: Data<App>, SignedIn(person): SignedIn) -> Result<Json<Tokens>, Problem> {
    Ok(Json(Tokens { items: sql::token::live(&app.db, person.id, app.clock.now()).await? }))
}

/// What a token is for and how long it lives.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct NewToken {
    /// What it is for.
    name: String,
    /// When it ends; never when absent.
    #[serde(default, deserialize_with = "calendar::within")]
    expires_at: Option<DateTime<Utc>>,
}

/// A token, shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MadeToken {
    id: Uuid,
    name: String,
    /// The token itself. It is not kept and cannot be shown again.
    token: String,
    expires_at: Option<DateTime<Utc>>,
}

/// Make a token that does what one may do oneself.
#[utoipa::path(tag = "account", request_body = NewToken, responses((status = 201, body = MadeToken), (status = 422)))]
#[post("/api/tokens")]
pub async fn create(
    app: Data<App>,
    SignedIn(person): SignedIn,
    Json(new): Json<NewToken>,
) -> Result<HttpResponse, Problem> {
    let mut form = Form::new();
    let name = form.line("name", &new.name, 1, 100);
    if new.expires_at.is_some_and(|at| at <= app.clock.now()) {
        form.wrong("expires_at", "That is in the past.");
    }
    form.done()?;
    let mut tx = app.db.begin().await?;
    let (made, token) = token::create(&app.clock, &mut tx, &person, &name, new.expires_at).await?;
    tx.commit().await?;
    Ok(HttpResponse::Created().json(MadeToken { id: made.id, name, token, expires_at: made.expires_at }))
}

/// End a token.
#[utoipa::path(tag = "account", params(("id" = Uuid, Path)), responses((status = 204), (status = 404)))]
#[delete("/api/tokens/{id}")]
pub async fn revoke(app: Data<App>, SignedIn(person): SignedIn, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let mut tx = app.db.begin().await?;
    if !sql::token::revoke(&mut tx, person.id, *id, app.clock.now()).await? {
        return Err(Problem::not_found());
    }
    audit::record(&mut tx, &AuditEvent::by(&app.clock, &person, "token.revoked", "token", *id)).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
