//! Posts: listed, drafted, scheduled, published, corrected, retracted, opened, acknowledged.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::channel::find;
use crate::account::Person;
use crate::account::guard::SignedIn;
use crate::app::App;
use crate::channel::post::change::{self, PostChange};
use crate::channel::post::draft::{self, NewPost};
use crate::channel::post::receipt::{self, Receipt, Who};
use crate::channel::post::retract::{self, Retraction};
use crate::channel::post::revision::{self, Revision, RevisionRow};
use crate::channel::post::view::{self, Post};
use crate::channel::post::{PostRow, PostState};
use crate::channel::sql;
use crate::error::{Code, Problem};
use crate::http::human::Human;
use crate::http::paging::{Page, PageQuery, newest};
use crate::id::{PersonId, PostId};

/// Which posts to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PostQuery {
    /// Only those that stand on top now.
    #[serde(default)]
    pinned: bool,
}

/// Posts of a channel, newest first; a retracted one leaves its place.
#[utoipa::path(tag = "channels", params(("channel" = String, Path), PostQuery, PageQuery),
    responses((status = 200, body = Page<Post>), (status = 404)))]
#[get("/api/channels/{channel}/posts")]
pub async fn list(
    app: Data<App>,
    SignedIn(person): SignedIn,
    word: Path<String>,
    query: Query<PostQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Post>>, Problem> {
    let channel = find(&app, &person, &word).await?;
    let (after, limit) = (page.after::<(DateTime<Utc>, Uuid)>()?.unwrap_or_else(newest), page.limit());
    let rows = match query.pinned {
        true => sql::post::pinned(&app.db, &person, channel.id, app.clock.now()).await?,
        false => sql::post::list(&app.db, &person, channel.id, after, limit + 1).await?,
    };
    let page = Page::of(rows, limit, |last| (last.published_at, last.id));
    Ok(Json(Page { items: view::posts(&app, &person, page.items).await?, next: page.next }))
}

/// Your drafts and scheduled posts in a channel, newest first. Nobody else sees them.
#[utoipa::path(tag = "channels", params(("channel" = String, Path), PageQuery),
    responses((status = 200, body = Page<Post>), (status = 404)))]
#[get("/api/channels/{channel}/drafts")]
pub async fn drafts(
    app: Data<App>,
    SignedIn(person): SignedIn,
    word: Path<String>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Post>>, Problem> {
    let channel = find(&app, &person, &word).await?;
    let (after, limit) = (page.after::<PostId>()?.unwrap_or(PostId(Uuid::max())), page.limit());
    let rows = sql::draft::list(&app.db, &person, channel.id, after, limit + 1).await?;
    let page = Page::of(rows, limit, |last| last.id);
    Ok(Json(Page { items: view::posts(&app, &person, page.items).await?, next: page.next }))
}

/// Publish a post, schedule it, or keep it as a draft.
#[utoipa::path(tag = "channels", params(("channel" = String, Path)), request_body = NewPost,
    responses((status = 201, body = Post), (status = 403), (status = 404), (status = 422)))]
#[post("/api/channels/{channel}/posts")]
pub async fn publish(
    app: Data<App>,
    SignedIn(person): SignedIn,
    word: Path<String>,
    new: Json<NewPost>,
) -> Result<HttpResponse, Problem> {
    let channel = find(&app, &person, &word).await?;
    let id = draft::create(&app, &person, &channel, new.into_inner()).await?;
    Ok(HttpResponse::Created().json(one(&app, &person, id).await?))
}

/// One post.
#[utoipa::path(tag = "channels", params(("id" = Uuid, Path)), responses((status = 200, body = Post), (status = 404)))]
#[get("/api/posts/{id}")]
pub async fn show(app: Data<App>, SignedIn(person): SignedIn, id: Path<PostId>) -> Result<Json<Post>, Problem> {
    Ok(Json(one(&app, &person, *id).await?))
}

/// Change a post.
#[utoipa::path(tag = "channels", params(("id" = Uuid, Path)), request_body = PostChange, responses(
    (status = 200, body = Post), (status = 403), (status = 404), (status = 409), (status = 410), (status = 422)))]
#[patch("/api/posts/{id}")]
pub async fn edit(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<PostId>,
    body: Json<PostChange>,
) -> Result<Json<Post>, Problem> {
    let old = row(&app, &person, *id).await?;
    let channel = find(&app, &person, &old.channel.to_string()).await?;
    let done = change::change(&app, &person, &channel, &old, body.into_inner()).await;
    let now = one(&app, &person, *id).await?;
    match done {
        Ok(()) => Ok(Json(now)),
        Err(problem) if problem.code == Code::Stale => {
            Err(problem.with("current", serde_json::to_value(now).map_err(Problem::internal)?))
        }
        Err(problem) => Err(problem),
    }
}

/// Retract a post without a reason, or throw away a draft or a scheduled one. A tombstone stays of what was published.
#[utoipa::path(tag = "channels", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 409)))]
#[delete("/api/posts/{id}")]
pub async fn remove(app: Data<App>, SignedIn(person): SignedIn, id: Path<PostId>) -> Result<HttpResponse, Problem> {
    let post = row(&app, &person, *id).await?;
    match post.state {
        PostState::Draft | PostState::Scheduled => draft::discard(&app, &person, &post).await?,
        _ => retract::retract(&app, &person, &post, &Retraction::default()).await?,
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Retract a published post and say why. Its words go; a tombstone stays in its place.
#[utoipa::path(tag = "channels", params(("id" = Uuid, Path)), request_body = Retraction, responses(
    (status = 200, body = Post), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/posts/{id}/retract")]
pub async fn take_back(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<PostId>,
    body: Json<Retraction>,
) -> Result<Json<Post>, Problem> {
    let post = row(&app, &person, *id).await?;
    if matches!(post.state, PostState::Draft | PostState::Scheduled) {
        return Err(Problem::new(Code::Conflict, "Nobody has read it yet. Throw it away instead."));
    }
    retract::retract(&app, &person, &post, &body).await?;
    Ok(Json(one(&app, &person, *id).await?))
}

/// What a post said, the newest first: what it says now, then each version before a correction.
#[utoipa::path(tag = "channels", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Revision>), (status = 404), (status = 410)))]
#[get("/api/posts/{id}/revisions")]
pub async fn revisions(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<PostId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Revision>>, Problem> {
    let post = row(&app, &person, *id).await?;
    if post.state == PostState::Retracted {
        return Err(retract::gone());
    }
    let channel = find(&app, &person, &post.channel.to_string()).await?;
    let (after, limit, newest) = (page.after::<i64>()?, page.limit(), post.corrections + 1);
    let mut rows = sql::revision::list(&app.db, *id, after.unwrap_or(newest), limit + 1).await?;
    if after.is_none() {
        rows.insert(0, RevisionRow::current(&post));
    }
    let page = Page::of(rows, limit, |last| last.number);
    let items = revision::revisions(&app, &person, &channel, newest, page.items).await?;
    Ok(Json(Page { items, next: page.next }))
}

/// Acknowledge a post in your own name.
#[utoipa::path(tag = "channels", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Post), (status = 403), (status = 404), (status = 410)))]
#[post("/api/posts/{id}/acknowledge")]
pub async fn acknowledge(app: Data<App>, SignedIn(person): SignedIn, id: Path<PostId>) -> Result<Json<Post>, Problem> {
    receipt::acknowledge(&app, &person, &row(&app, &person, *id).await?).await?;
    Ok(Json(one(&app, &person, *id).await?))
}

/// Note that you opened a post. It is neither watched nor acknowledged by that. What a robot or a browser does ahead of a person
/// is not noted.
#[utoipa::path(tag = "channels", params(("id" = Uuid, Path)), responses((status = 204), (status = 404), (status = 410)))]
#[post("/api/posts/{id}/opened")]
pub async fn opened(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<PostId>,
    Human(human): Human,
) -> Result<HttpResponse, Problem> {
    let post = row(&app, &person, *id).await?;
    if human {
        receipt::opened(&app, &person, &post).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Whose receipts to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReceiptQuery {
    /// All when absent.
    who: Option<Who>,
}

/// Who was asked, opened, watched, acknowledged, or came later; by name. For its author, leads and administrators.
#[utoipa::path(tag = "channels", params(("id" = Uuid, Path), ReceiptQuery, PageQuery),
    responses((status = 200, body = Page<Receipt>), (status = 403), (status = 404)))]
#[get("/api/posts/{id}/receipts")]
pub async fn receipts(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<PostId>,
    query: Query<ReceiptQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Receipt>>, Problem> {
    let post = row(&app, &person, *id).await?;
    receipt::may_oversee(&person, &post)?;
    let (after, limit) = (page.after()?.unwrap_or((String::new(), PersonId(Uuid::nil()))), page.limit());
    let rows = match query.who.unwrap_or(Who::All) {
        Who::All => sql::receipt::list(&app.db, *id, None, &after, limit + 1).await?,
        Who::Missing => sql::receipt::list(&app.db, *id, Some(false), &after, limit + 1).await?,
        Who::Done => sql::receipt::list(&app.db, *id, Some(true), &after, limit + 1).await?,
        Who::Late => sql::receipt::late(&app.db, &post, &after, limit + 1).await?,
    };
    Ok(Json(Page::of(rows, limit, |last| (last.person.name.clone(), last.person.id)).map(Receipt::from)))
}

async fn row(app: &App, person: &Person, id: PostId) -> Result<PostRow, Problem> {
    sql::post::one(&app.db, person, id).await?.ok_or_else(Problem::not_found)
}

async fn one(app: &App, person: &Person, id: PostId) -> Result<Post, Problem> {
    view::post(app, person, row(app, person, id).await?).await?.ok_or_else(Problem::not_found)
}
