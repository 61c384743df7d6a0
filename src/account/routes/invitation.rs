//! Invitations: administrators make links, whoever has one makes an account.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::session::{replace_session, signed_in};
use crate::account::guard::{Admin, PeerAddress};
use crate::account::invitation::{self, Acceptance, Invitation, NewInvitation};
use crate::account::keys::token_hash;
use crate::account::view::Start;
use crate::account::{Role, sql};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::error::Problem;
use crate::http::paging::{Page, PageQuery};
use crate::org;

/// What somebody sees who was given a link.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InvitationForm {
    /// Name of the organisation they are asked to join.
    organisation: String,
    /// The name to begin with; may be empty.
    name: String,
    /// The address to begin with; may be empty.
    email: String,
    /// What they will be allowed to do.
    role: Role,
}

/// Look at an invitation.
#[utoipa::path(tag = "account", params(("token" = String, Path)), responses(
    (status = 200, body = InvitationForm), (status = 410, description = "Used, withdrawn or run out")))]
#[get("/api/invitations/by-token/{token}")]
pub async fn by_token(
    app: Data<App>,
    PeerAddress(address): PeerAddress,
    token: Path<String>,
) -> Result<Json<InvitationForm>, Problem> {
    app.limits.link(address)?;
    let found = sql::invitation::live(&app.db, &token_hash(&token), app.clock.now()).await?;
    let (link, id) = found.and_then(|l| l.organisation.map(|id| (l, id))).ok_or_else(invitation::ended)?;
    let organisation = org::sql::organisation(&app.db, id).await?.ok_or_else(Problem::not_found)?.name;
    Ok(Json(InvitationForm { organisation, name: link.name, email: link.email, role: link.role }))
}

/// Accept an invitation: makes the account and signs in. Works once.
#[utoipa::path(tag = "account", params(("token" = String, Path)), request_body = Acceptance, responses(
    (status = 201, description = "Joined, and signed in", body = Start), (status = 409, description = "Address taken"),
    (status = 410, description = "Used, withdrawn or run out"), (status = 422)))]
#[post("/api/invitations/by-token/{token}/accept")]
pub async fn accept(
    app: Data<App>,
    req: HttpRequest,
    PeerAddress(address): PeerAddress,
    token: Path<String>,
    Json(form): Json<Acceptance>,
) -> Result<HttpResponse, Problem> {
    app.limits.link(address)?;
    let hash = token_hash(&token);
    sql::invitation::live(&app.db, &hash, app.clock.now()).await?.ok_or_else(invitation::ended)?;
    let form = form.check()?;
    let password_hash = app.passwords.hash(&app.clock, form.password.clone()).await?;
    let mut tx = app.db.begin().await?;
    let person = invitation::accept(&app, &mut tx, &hash, form, password_hash).await?;
    let session = replace_session(&app, &mut tx, &req, &person).await?;
    tx.commit().await?;
    signed_in(&app, &req, HttpResponse::Created(), person, &session).await
}

/// A link, shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MadeInvitation {
    id: Uuid,
    /// The link to hand over. Its token is not kept and cannot be shown again.
    url: String,
    expires_at: DateTime<Utc>,
}

/// Invite somebody by a link.
#[utoipa::path(tag = "account", request_body = NewInvitation, responses((status = 201, body = MadeInvitation), (status = 422)))]
#[post("/api/invitations")]
pub async fn create(
    app: Data<App>,
    Admin(admin): Admin,
    Json(new): Json<NewInvitation>,
) -> Result<HttpResponse, Problem> {
    let (link, url) = invitation::create(&app, &admin, new).await?;
    Ok(HttpResponse::Created().json(MadeInvitation { id: link.id, url, expires_at: link.expires_at }))
}

/// An open invitation.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InvitationEntry {
    id: Uuid,
    name: String,
    email: String,
    role: Role,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl From<Invitation> for InvitationEntry {
    fn from(link: Invitation) -> Self {
        let Invitation { id, name, email, role, created_at, expires_at, .. } = link;
        Self { id, name, email, role, created_at, expires_at }
    }
}

/// The open invitations, the newest first.
#[utoipa::path(tag = "account", params(PageQuery), responses((status = 200, body = Page<InvitationEntry>)))]
#[get("/api/invitations")]
pub async fn list(
    app: Data<App>,
    Admin(admin): Admin,
    page: Query<PageQuery>,
) -> Result<Json<Page<InvitationEntry>>, Problem> {
    let (after, limit, now) = (page.after::<Uuid>()?, page.limit(), app.clock.now());
    let rows = sql::invitation::open(&app.db, admin.organisation, now, after, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |last| last.id).map(InvitationEntry::from)))
}

/// Withdraw an invitation.
#[utoipa::path(tag = "account", params(("id" = Uuid, Path)), responses((status = 204), (status = 404)))]
#[delete("/api/invitations/{id}")]
pub async fn withdraw(app: Data<App>, Admin(admin): Admin, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let mut tx = app.db.begin().await?;
    if !sql::invitation::withdraw(&mut tx, admin.organisation, *id).await? {
        return Err(Problem::not_found());
    }
    audit::record(&mut tx, &AuditEvent::by(&app.clock, &admin, "invitation.withdrawn", "invitation", *id)).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
