//! Signing in and out, and the sessions one has elsewhere.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::account::guard::{CurrentSession, PeerAddress, SignedIn, is_secure, session_token};
use crate::account::session::{self, IDLE};
use crate::account::view::{self, Start};
use crate::account::{Person, sql};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Code, Problem};

/// What one signs in with.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct SignIn {
    /// Address or handle.
    login: String,
    /// Password.
    password: String,
}

/// Sign in with a password. The session is in the answer's cookie.
#[utoipa::path(tag = "account", request_body = SignIn, responses(
    (status = 200, description = "Signed in", body = Start), (status = 401, description = "Wrong login or password"),
    (status = 429, description = "Too many attempts")))]
#[post("/api/session")]
pub async fn sign_in(
    app: Data<App>,
    req: HttpRequest,
    PeerAddress(address): PeerAddress,
    Json(form): Json<SignIn>,
) -> Result<HttpResponse, Problem> {
    app.limits.sign_in(address, &form.login)?;
    let found = sql::person::by_login(&app.db, &form.login.trim().to_lowercase()).await?;
    let (person, hash) = found.map(|found| (found.person, found.password_hash)).unzip();
    let right = app.passwords.verify(form.password, hash.flatten()).await?;
    let person = person.filter(|_| right).ok_or_else(wrong_credentials)?;
    let mut tx = app.db.begin().await?;
    let token = replace_session(&app, &mut tx, &req, &person).await?;
    tx.commit().await?;
    signed_in(&app, &req, HttpResponse::Ok(), person, &token).await
}

fn wrong_credentials() -> Problem {
    Problem::new(Code::WrongCredentials, "That address (or handle) and password do not belong together.")
}

/// Begins a session for somebody who has just shown who they are, and ends the one their browser came with.
pub(super) async fn replace_session(
    app: &App,
    tx: &mut Tx,
    req: &HttpRequest,
    person: &Person,
) -> Result<String, sqlx::Error> {
    if let Some(old) = session_token(req) {
        session::end(app, tx, &old).await?;
    }
    let agent = req.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let token = session::begin(app, tx, person.id, agent).await?;
    let event = AuditEvent::by(&app.clock, person, "person.signed_in", "person", person.id.0);
    audit::record(tx, &event).await?;
    Ok(token)
}

/// The answer to somebody who is signed in from now on.
pub(super) async fn signed_in(
    app: &App,
    req: &HttpRequest,
    mut answer: actix_web::HttpResponseBuilder,
    person: Person,
    token: &str,
) -> Result<HttpResponse, Problem> {
    let start = view::start(app, person).await?;
    let no_store = (header::CACHE_CONTROL, "no-store");
    Ok(answer.cookie(session::cookie(token, is_secure(req))).insert_header(no_store).json(start))
}

/// Who is signed in.
#[utoipa::path(tag = "account", responses((status = 200, body = Start), (status = 401, description = "Nobody is")))]
#[get("/api/session")]
pub async fn show(app: Data<App>, SignedIn(person): SignedIn) -> Result<HttpResponse, Problem> {
    let start = view::start(&app, person).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(start))
}

/// Sign out.
#[utoipa::path(tag = "account", responses((status = 204, description = "Signed out, or nobody was signed in")))]
#[delete("/api/session")]
pub async fn sign_out(app: Data<App>, req: HttpRequest) -> Result<HttpResponse, Problem> {
    if let Some(token) = session_token(&req) {
        let mut tx = app.db.begin().await?;
        session::end(&app, &mut tx, &token).await?;
        tx.commit().await?;
    }
    Ok(HttpResponse::NoContent().cookie(session::no_cookie(is_secure(&req))).finish())
}

/// One of one's sessions.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SessionEntry {
    id: Uuid,
    /// The browser that asked for it.
    user_agent: String,
    created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
}

/// A list that is never long.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Sessions {
    items: Vec<SessionEntry>,
}

/// One's live sessions.
#[utoipa::path(tag = "account", responses((status = 200, body = Sessions)))]
#[get("/api/sessions")]
pub async fn list(
    app: Data<App>,
    SignedIn(person): SignedIn,
    CurrentSession(current): CurrentSession,
) -> Result<Json<Sessions>, Problem> {
    let now = app.clock.now();
    let live = sql::session::live(&app.db, person.id, now, now - IDLE).await?;
    let entry = |s: session::Session| SessionEntry {
        current: current == Some(s.id),
        id: s.id,
        user_agent: s.user_agent,
        created_at: s.created_at,
        seen_at: s.seen_at,
        expires_at: s.expires_at,
    };
    Ok(Json(Sessions { items: live.into_iter().map(entry).collect() }))
}

/// End one of one's sessions.
#[utoipa::path(tag = "account", params(("id" = Uuid, Path)), responses((status = 204), (status = 404)))]
#[delete("/api/sessions/{id}")]
pub async fn end(app: Data<App>, SignedIn(person): SignedIn, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let mut tx = app.db.begin().await?;
    if !sql::session::revoke(&mut tx, person.id, *id, app.clock.now()).await? {
        return Err(Problem::not_found());
    }
    audit::record(&mut tx, &AuditEvent::by(&app.clock, &person, "session.ended", "session", *id)).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
