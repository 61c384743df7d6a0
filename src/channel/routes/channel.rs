//! Channels themselves and the people in them.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::guard::{Member, SignedIn};
use crate::account::{Person, PersonRef};
use crate::app::App;
use crate::channel::change::{self, ChannelChange, NewProjectChannel};
use crate::channel::view::Channel;
use crate::channel::{ChannelRow, sql};
use crate::error::{Code, Problem};
use crate::http::paging::{Page, PageQuery};
use crate::id::{ChannelId, PersonId};

/// The channel with that id or slug, if the person sees it.
pub async fn find(app: &App, person: &Person, word: &str) -> Result<ChannelRow, Problem> {
    let found = match word.parse::<ChannelId>() {
        Ok(id) => sql::channel::one(&app.db, person, id).await?,
        Err(_) => sql::channel::by_slug(&app.db, person, word).await?,
    };
    found.ok_or_else(Problem::not_found)
}

/// The channels you see, by slug.
#[utoipa::path(tag = "channels", params(PageQuery), responses((status = 200, body = Page<Channel>)))]
#[get("/api/channels")]
pub async fn list(
    app: Data<App>,
    SignedIn(person): SignedIn,
    page: Query<PageQuery>,
) -> Result<Json<Page<Channel>>, Problem> {
    let limit = page.limit.map_or(100, |_| page.limit());
    let after = page.after::<String>()?.unwrap_or_default();
    let rows = sql::channel::list(&app.db, &person, &after, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |last| last.slug.clone()).map(|row| Channel::seen(row, &person))))
}

/// Make a project channel.
#[utoipa::path(tag = "channels", request_body = NewProjectChannel, responses((status = 201, body = Channel), (status = 422)))]
#[post("/api/channels")]
pub async fn create(
    app: Data<App>,
    Member(person): Member,
    new: Json<NewProjectChannel>,
) -> Result<HttpResponse, Problem> {
    let id = change::create(&app, &person, new.into_inner()).await?;
    let row = find(&app, &person, &id.to_string()).await?;
    Ok(HttpResponse::Created().json(Channel::seen(row, &person)))
}

/// One channel, by id or slug.
#[utoipa::path(tag = "channels", params(("channel" = String, Path)), responses((status = 200, body = Channel), (status = 404)))]
#[get("/api/channels/{channel}")]
pub async fn show(app: Data<App>, SignedIn(person): SignedIn, word: Path<String>) -> Result<Json<Channel>, Problem> {
    Ok(Json(Channel::seen(find(&app, &person, &word).await?, &person)))
}

/// Change a channel.
#[utoipa::path(tag = "channels", params(("channel" = String, Path)), request_body = ChannelChange, responses(
    (status = 200, body = Channel), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[patch("/api/channels/{channel}")]
pub async fn edit(
    app: Data<App>,
    Member(person): Member,
    word: Path<String>,
    body: Json<ChannelChange>,
) -> Result<Json<Channel>, Problem> {
    let old = find(&app, &person, &word).await?;
    let done = change::change(&app, &person, &old, body.into_inner()).await;
    let now = Channel::seen(find(&app, &person, &old.id.to_string()).await?, &person);
    match done {
        Ok(()) => Ok(Json(now)),
        Err(problem) if problem.code == Code::Stale => {
            Err(problem.with("current", serde_json::to_value(now).map_err(Problem::internal)?))
        }
        Err(problem) => Err(problem),
    }
}

/// Somebody who was added to a channel.
#[derive(Serialize, ToSchema)]
pub struct ChannelMember {
    /// Who.
    person: PersonRef,
    /// Whether they are listed as allowed to post.
    may_post: bool,
}

/// People who were added to a channel, by name.
#[utoipa::path(tag = "channels", params(("channel" = String, Path), PageQuery),
    responses((status = 200, body = Page<ChannelMember>), (status = 404)))]
#[get("/api/channels/{channel}/members")]
pub async fn members(
    app: Data<App>,
    SignedIn(person): SignedIn,
    word: Path<String>,
    page: Query<PageQuery>,
) -> Result<Json<Page<ChannelMember>>, Problem> {
    let channel = find(&app, &person, &word).await?;
    let (after, limit) = (page.after()?.unwrap_or((String::new(), PersonId(Uuid::nil()))), page.limit());
    let rows = sql::channel::members(&app.db, channel.id, &after, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |last| (last.1.clone(), last.0)).map(|(id, name, handle, title, may_post)| {
        ChannelMember { person: PersonRef { id, name, handle, title }, may_post }
    })))
}

/// How somebody is in a channel.
#[derive(Default, Deserialize, ToSchema)]
pub struct Membership {
    /// Whether they are listed as allowed to post.
    #[serde(default)]
    may_post: bool,
}

/// Add somebody to a channel, or change whether they may post.
#[utoipa::path(tag = "channels", params(("channel" = String, Path), ("person" = Uuid, Path)), request_body = Membership,
    responses((status = 204), (status = 403), (status = 404), (status = 422)))]
#[put("/api/channels/{channel}/members/{person}")]
pub async fn add_member(
    app: Data<App>,
    Member(person): Member,
    path: Path<(String, PersonId)>,
    body: Option<Json<Membership>>,
) -> Result<HttpResponse, Problem> {
    let channel = find(&app, &person, &path.0).await?;
    let may_post = body.is_some_and(|body| body.may_post);
    change::add_member(&app, &person, &channel, path.1, may_post).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take somebody out of a channel.
#[utoipa::path(tag = "channels", params(("channel" = String, Path), ("person" = Uuid, Path)),
    responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/channels/{channel}/members/{person}")]
pub async fn remove_member(
    app: Data<App>,
    SignedIn(person): SignedIn,
    path: Path<(String, PersonId)>,
) -> Result<HttpResponse, Problem> {
    let channel = find(&app, &person, &path.0).await?;
    change::remove_member(&app, &person, &channel, path.1).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether to follow.
#[derive(Deserialize, ToSchema)]
pub struct Following {
    /// True to follow.
    following: bool,
}

/// Follow a channel, or stop.
#[utoipa::path(tag = "channels", params(("channel" = String, Path)), request_body = Following,
    responses((status = 204), (status = 404)))]
#[put("/api/channels/{channel}/following")]
pub async fn follow(
    app: Data<App>,
    SignedIn(person): SignedIn,
    word: Path<String>,
    body: Json<Following>,
) -> Result<HttpResponse, Problem> {
    let channel = find(&app, &person, &word).await?;
    let mut tx = app.db.begin().await?;
    sql::channel::follow(&mut tx, channel.id, person.id, body.following).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Note that you have read a channel up to now.
#[utoipa::path(tag = "channels", params(("channel" = String, Path)), responses((status = 204), (status = 404)))]
#[post("/api/channels/{channel}/read")]
pub async fn read(app: Data<App>, SignedIn(person): SignedIn, word: Path<String>) -> Result<HttpResponse, Problem> {
    let channel = find(&app, &person, &word).await?;
    let mut tx = app.db.begin().await?;
    sql::channel::read(&mut tx, channel.id, person.id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
