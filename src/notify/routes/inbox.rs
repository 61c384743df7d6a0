//! What one was told, and what one owes.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::Problem;
use crate::home::owe::{self, Owed};
use crate::http::calendar;
use crate::http::paging::{Page, PageQuery, newest};
use crate::id::PersonId;
use crate::notify::inbox::{self, Counts, Notice};
use crate::notify::sql;

/// Which part of the inbox.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InboxQuery {
    /// Only what was not read.
    unread: Option<bool>,
}

/// What you were told, the newest first.
#[utoipa::path(tag = "inbox", params(InboxQuery, PageQuery), responses((status = 200, body = Page<Notice>)))]
#[get("/api/me/inbox")]
pub async fn list(
    app: Data<App>,
    SignedIn(person): SignedIn,
    query: Query<InboxQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Notice>>, Problem> {
    let (after, limit) = (page.after::<(DateTime<Utc>, Uuid)>()?.unwrap_or_else(newest), page.limit());
    let unread = query.unread.unwrap_or(false);
    let rows = sql::inbox::list(&app.db, person.id, unread, after, limit + 1).await?;
    let page = Page::of(rows, limit, |last| (last.at, last.id));
    Ok(Json(Page { items: inbox::notices(&app, &person, page.items).await?, next: page.next }))
}

/// How much waits for you. What deep work holds back is counted apart.
#[utoipa::path(tag = "inbox", responses((status = 200, body = Counts)))]
#[get("/api/me/inbox/counts")]
pub async fn counts(app: Data<App>, SignedIn(person): SignedIn) -> Result<Json<Counts>, Problem> {
    Ok(Json(inbox::counts(&app, person.id).await?))
}

/// What you owe.
#[derive(Serialize, ToSchema)]
pub struct Duties {
    /// The most urgent first.
    items: Vec<Owed>,
}

/// What you owe: check-ins, reviews, acknowledgements, answers to blockers.
#[utoipa::path(tag = "inbox", responses((status = 200, body = Duties)))]
#[get("/api/me/duties")]
pub async fn duties(app: Data<App>, SignedIn(person): SignedIn) -> Result<Json<Duties>, Problem> {
    Ok(Json(Duties { items: owe::owed(&app, &person).await? }))
}

/// Up to when everything is read.
#[derive(Default, Deserialize, ToSchema)]
pub struct ReadAll {
    /// When the newest that was seen happened; now when absent.
    #[serde(default, deserialize_with = "calendar::within")]
    until: Option<DateTime<Utc>>,
}

/// Mark everything read that you had been told by an instant.
#[utoipa::path(tag = "inbox", request_body = ReadAll, responses((status = 200, body = Counts)))]
#[post("/api/me/inbox/read")]
pub async fn read_all(
    app: Data<App>,
    SignedIn(person): SignedIn,
    body: Option<Json<ReadAll>>,
) -> Result<Json<Counts>, Problem> {
    let now = app.clock.now();
    let until = body.and_then(|body| body.until).unwrap_or(now);
    let mut tx = app.db.begin().await?;
    sql::inbox::mark_all(&mut tx, person.id, until, now).await?;
    tx.commit().await?;
    Ok(Json(inbox::counts(&app, person.id).await?))
}

/// What was opened.
#[derive(Deserialize, ToSchema)]
pub struct ReadAbout {
    /// The id of a post, check-in, recording or goal.
    subject: Uuid,
}

/// Mark read what you were told about something that you have opened.
#[utoipa::path(tag = "inbox", request_body = ReadAbout, responses((status = 200, body = Counts)))]
#[post("/api/me/inbox/read-about")]
pub async fn read_about(
    app: Data<App>,
    SignedIn(person): SignedIn,
    body: Json<ReadAbout>,
) -> Result<Json<Counts>, Problem> {
    let mut tx = app.db.begin().await?;
    if sql::inbox::mark_subject(&mut tx, person.id, body.subject, app.clock.now()).await? > 0 {
        tx.commit().await?;
    }
    Ok(Json(inbox::counts(&app, person.id).await?))
}

/// Mark one read. Twice is once.
#[utoipa::path(tag = "inbox", params(("id" = Uuid, Path)), responses((status = 204), (status = 404)))]
#[put("/api/me/inbox/{id}/read")]
pub async fn mark_read(app: Data<App>, SignedIn(person): SignedIn, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    mark(&app, person.id, *id, true).await
}

/// Mark one unread again.
#[utoipa::path(tag = "inbox", params(("id" = Uuid, Path)), responses((status = 204), (status = 404)))]
#[delete("/api/me/inbox/{id}/read")]
pub async fn mark_unread(app: Data<App>, SignedIn(person): SignedIn, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    mark(&app, person.id, *id, false).await
}

async fn mark(app: &App, person: PersonId, id: Uuid, read: bool) -> Result<HttpResponse, Problem> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !sql::inbox::mark(&mut tx, person, id, read.then_some(now), now).await? {
        return Err(Problem::not_found());
    }
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
