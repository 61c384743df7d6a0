//! Reactions to a post, check-in, recording, goal or comment.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, put};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::guard::SignedIn;
use crate::app::App;
use crate::comment::change::kind_of_path;
use crate::comment::reaction::{Reaction, ReactionKind, change, counts};
use crate::comment::subject;
use crate::error::Problem;

/// The reactions to one thing.
#[derive(Serialize, ToSchema)]
pub struct Reactions {
    /// One for each kind that somebody gave.
    items: Vec<Reaction>,
}

/// The reactions to something, as you see them.
#[utoipa::path(tag = "comments", params(("subject" = String, Path, description = "posts, check-ins, recordings, goals or comments"),
    ("id" = Uuid, Path)), responses((status = 200, body = Reactions), (status = 404)))]
#[get("/api/{subject:posts|check-ins|recordings|goals|comments}/{id}/reactions")]
pub async fn list(
    app: Data<App>,
    SignedIn(person): SignedIn,
    path: Path<(String, Uuid)>,
) -> Result<Json<Reactions>, Problem> {
    let under = subject::open(&app, &person, kind_of_path(&path.0)?, path.1).await?;
    let mut found = counts(&app.db, person.id, under.kind, &[under.id]).await?;
    Ok(Json(Reactions { items: found.remove(&under.id).unwrap_or_default() }))
}

type Address = Path<(String, Uuid, ReactionKind)>;

/// Give a reaction. Giving it twice changes nothing.
#[utoipa::path(tag = "comments", params(("subject" = String, Path, description = "posts, check-ins, recordings, goals or comments"),
    ("id" = Uuid, Path), ("kind" = ReactionKind, Path)), responses((status = 204), (status = 404), (status = 410)))]
#[put("/api/{subject:posts|check-ins|recordings|goals|comments}/{id}/reactions/{kind}")]
pub async fn give(app: Data<App>, SignedIn(person): SignedIn, path: Address) -> Result<HttpResponse, Problem> {
    let (segment, id, kind) = path.into_inner();
    let under = subject::open(&app, &person, kind_of_path(&segment)?, id).await?;
    under.check_open()?;
    change::give(&app, &person, under, kind).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take a reaction back.
#[utoipa::path(tag = "comments", params(("subject" = String, Path, description = "posts, check-ins, recordings, goals or comments"),
    ("id" = Uuid, Path), ("kind" = ReactionKind, Path)), responses((status = 204), (status = 404), (status = 410)))]
#[delete("/api/{subject:posts|check-ins|recordings|goals|comments}/{id}/reactions/{kind}")]
pub async fn take_back(app: Data<App>, SignedIn(person): SignedIn, path: Address) -> Result<HttpResponse, Problem> {
    let (segment, id, kind) = path.into_inner();
    let under = subject::open(&app, &person, kind_of_path(&segment)?, id).await?;
    under.check_open()?;
    change::take_back(&app, &person, under, kind).await?;
    Ok(HttpResponse::NoContent().finish())
}
