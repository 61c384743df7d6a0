//! Comments under a post, check-in, recording or goal.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use uuid::Uuid;

use crate::account::Person;
use crate::account::guard::SignedIn;
use crate::app::App;
use crate::comment::change::{self, CommentChange, NewComment, kind_of_path};
use crate::comment::subject::{self, Subject};
use crate::comment::view::{self, Comment};
use crate::comment::{CommentRow, sql};
use crate::error::Problem;
use crate::http::paging::{Page, PageQuery};
use crate::id::CommentId;

/// From which end a list is read, and which of it.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Order {
    /// The newest first, for whoever reads from the end; the oldest first when absent.
    #[serde(default)]
    newest_first: bool,
    /// Only those that are settled, or only those that are not; all when absent.
    settled: Option<bool>,
}

/// Comments under something, oldest first unless asked otherwise, each with its first answers.
#[utoipa::path(tag = "comments", params(("subject" = String, Path, description = "posts, check-ins, recordings or goals"),
    ("id" = Uuid, Path), Order, PageQuery), responses((status = 200, body = Page<Comment>), (status = 404)))]
#[get("/api/{subject:posts|check-ins|recordings|goals}/{id}/comments")]
pub async fn list(
    app: Data<App>,
    SignedIn(person): SignedIn,
    path: Path<(String, Uuid)>,
    order: Query<Order>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Comment>>, Problem> {
    let under = subject::open(&app, &person, kind_of_path(&path.0)?, path.1).await?;
    let (after, limit, of) = (page.after::<CommentId>()?, page.limit(), (under.kind, under.id));
    let rows = match order.newest_first {
        true => sql::latest(&app.db, of, after.unwrap_or(CommentId(Uuid::max())), order.settled, limit + 1).await?,
        false => sql::top(&app.db, of, after.unwrap_or(CommentId(Uuid::nil())), order.settled, limit + 1).await?,
    };
    shown(&app, &person, under, rows, limit).await
}

/// Comment on something.
#[utoipa::path(tag = "comments", params(("subject" = String, Path, description = "posts, check-ins, recordings or goals"),
    ("id" = Uuid, Path)), request_body = NewComment, responses((status = 201, body = Comment), (status = 404), (status = 422)))]
#[post("/api/{subject:posts|check-ins|recordings|goals}/{id}/comments")]
pub async fn create(
    app: Data<App>,
    SignedIn(person): SignedIn,
    path: Path<(String, Uuid)>,
    new: Json<NewComment>,
) -> Result<HttpResponse, Problem> {
    let under = subject::open(&app, &person, kind_of_path(&path.0)?, path.1).await?;
    let id = change::create(&app, &person, under, new.into_inner()).await?;
    let row = sql::one(&app.db, person.organisation, id).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Created().json(view::comment(&app, &person, under, row).await?))
}

/// One comment, wherever it hangs: whoever follows a link to it learns what it answers, and with that where it stands. One that
/// was taken back is there while something hangs under it.
#[utoipa::path(tag = "comments", params(("id" = Uuid, Path)), responses((status = 200, body = Comment), (status = 404)))]
#[get("/api/comments/{id}")]
pub async fn show(app: Data<App>, SignedIn(person): SignedIn, id: Path<CommentId>) -> Result<Json<Comment>, Problem> {
    let row = sql::one(&app.db, person.organisation, *id).await?.ok_or_else(Problem::not_found)?;
    let under = subject::open(&app, &person, row.subject_kind, row.subject).await?;
    if row.deleted_at.is_some() && row.answers == 0 {
        return Err(Problem::not_found());
    }
    Ok(Json(view::comment(&app, &person, under, row).await?.ok_or_else(Problem::not_found)?))
}

/// Every answer to a comment, oldest first.
#[utoipa::path(tag = "comments", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Comment>), (status = 404)))]
#[get("/api/comments/{id}/replies")]
pub async fn replies(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<CommentId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Comment>>, Problem> {
    let parent = sql::one(&app.db, person.organisation, *id).await?.ok_or_else(Problem::not_found)?;
    let under = subject::open(&app, &person, parent.subject_kind, parent.subject).await?;
    let (after, limit) = (page.after::<CommentId>()?.unwrap_or(CommentId(Uuid::nil())), page.limit());
    let rows = sql::answers_of(&app.db, *id, after, limit + 1).await?;
    shown(&app, &person, under, rows, limit).await
}

/// Change a comment, or say that it is settled.
#[utoipa::path(tag = "comments", params(("id" = Uuid, Path)), request_body = CommentChange, responses(
    (status = 200, body = Comment), (status = 403), (status = 404), (status = 409), (status = 410), (status = 422)))]
#[patch("/api/comments/{id}")]
pub async fn edit(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<CommentId>,
    body: Json<CommentChange>,
) -> Result<Json<Comment>, Problem> {
    let row = change::change(&app, &person, *id, body.into_inner()).await?;
    let under = subject::open(&app, &person, row.subject_kind, row.subject).await?;
    Ok(Json(view::comment(&app, &person, under, row).await?.ok_or_else(Problem::not_found)?))
}

/// Take a comment back. Its place stays while there are answers under it.
#[utoipa::path(tag = "comments", params(("id" = Uuid, Path)), responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/comments/{id}")]
pub async fn remove(app: Data<App>, SignedIn(person): SignedIn, id: Path<CommentId>) -> Result<HttpResponse, Problem> {
    change::delete(&app, &person, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn shown(
    app: &App,
    viewer: &Person,
    under: Subject,
    rows: Vec<CommentRow>,
    limit: i64,
) -> Result<Json<Page<Comment>>, Problem> {
    let page = Page::of(rows, limit, |last| last.id);
    Ok(Json(Page { items: view::comments(app, viewer, under, page.items).await?, next: page.next }))
}
