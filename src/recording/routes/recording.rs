//! The library: published recordings, and one recording by its id or its word in addresses.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, patch};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::account::guard::SignedIn;
use crate::account::{Person, Role};
use crate::app::App;
use crate::error::Problem;
use crate::http::paging::{Page, PageQuery};
use crate::id::PersonId;
use crate::recording::access::{self, Presented};
use crate::recording::library::body::{ChangeRecording, RecordingBody};
use crate::recording::library::{self, Recording, sql};

/// What the library is narrowed to.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Narrow {
    /// `me` or a person's id.
    author: Option<String>,
    /// Part of the title.
    #[serde(default)]
    q: String,
}

/// Published recordings, newest first.
#[utoipa::path(tag = "recording", params(Narrow, PageQuery), responses((status = 200, body = Page<RecordingBody>),
    (status = 400), (status = 401), (status = 403)))]
#[get("/api/recordings")]
pub async fn list(
    app: Data<App>,
    SignedIn(person): SignedIn,
    narrow: Query<Narrow>,
    page: Query<PageQuery>,
) -> Result<Json<Page<RecordingBody>>, Problem> {
    let filter = sql::Filter {
        organisation: person.organisation,
        author: author(&person, narrow.author.as_deref())?,
        words: escape(&narrow.q),
        after: page.after()?,
    };
    let rows = sql::published(&app.db, &filter, page.limit() + 1).await?;
    let rows = Page::of(rows, page.limit(), |last| (last.published_at, last.id));
    let items = RecordingBody::many(&app, rows.items).await?;
    Ok(Json(Page { items, next: rows.next }))
}

/// One recording, with what it hangs on.
#[utoipa::path(tag = "recording", params(("id" = String, Path, description = "id or slug")),
    responses((status = 200, body = RecordingBody), (status = 401), (status = 404)))]
#[get("/api/recordings/{id}")]
pub async fn show(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<String>,
) -> Result<Json<RecordingBody>, Problem> {
    let recording = find(&app, &person, &id).await?;
    Ok(Json(RecordingBody::whole(&app, recording, person.id).await?))
}

/// Change what it is called and what it is about.
#[utoipa::path(tag = "recording", params(("id" = String, Path)), request_body = ChangeRecording,
    responses((status = 200, body = RecordingBody), (status = 401), (status = 403), (status = 404),
    (status = 409, description = "stale, with `current`"), (status = 422)))]
#[patch("/api/recordings/{id}")]
pub async fn change(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<String>,
    Json(asked): Json<ChangeRecording>,
) -> Result<Json<RecordingBody>, Problem> {
    let recording = find(&app, &person, &id).await?;
    library::change(&app, &person, &recording, asked).await?;
    let recording = find(&app, &person, &id).await?;
    Ok(Json(RecordingBody::whole(&app, recording, person.id).await?))
}

/// Delete it: its links die at once, its bytes go afterwards.
#[utoipa::path(tag = "recording", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
#[delete("/api/recordings/{id}")]
pub async fn delete(app: Data<App>, SignedIn(person): SignedIn, id: Path<String>) -> Result<HttpResponse, Problem> {
    let recording = find(&app, &person, &id).await?;
    library::delete(&app, &person, &recording).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The recording with this id or slug, if the one rule of watching lets the person have it.
async fn find(app: &App, person: &Person, word: &str) -> Result<Recording, Problem> {
    let presented = match word.parse() {
        Ok(id) => Presented::Recording(id),
        Err(_) => Presented::Word { word, proof: None },
    };
    let found = access::decide(app, Some(person), presented).await?.recording;
    sql::recording(&app.db, found.id).await?.ok_or_else(Problem::not_found)
}

/// Guests have only their own library.
fn author(person: &Person, asked: Option<&str>) -> Result<Option<PersonId>, Problem> {
    match asked {
        _ if person.role == Role::Guest => Ok(Some(person.id)),
        None => Ok(None),
        Some("me") => Ok(Some(person.id)),
        Some(id) => id.parse().map(Some).map_err(|_| Problem::field("author", "`me` or a person's id.")),
    }
}

/// Words as they are, not as a pattern.
fn escape(words: &str) -> String {
    words.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
