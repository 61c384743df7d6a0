//! The playlists of a take that is being made, at an address without an attempt: they grow until the take is ready, and then
//! are the finished ones, so that whoever watches already plays on. Behind the same doors as the files.
//!
//! Invariant: an answer from here is asked for again every time, and names only segments that lie in the store.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::Problem;
use crate::recording::live::{self, sql::LiveRow};
use crate::recording::take::TakeState;

use super::File;
use super::answer::{guard, problem};
use super::door::Door;

/// Answers GET or HEAD of a playlist.
pub async fn answer(app: &App, req: &HttpRequest, file: &File, door: Door) -> Result<HttpResponse, Problem> {
    let row = live::sql::find(&app.db, file.recording, file.take).await?.ok_or_else(Problem::not_found)?;
    let text = text(app, row, file).await?.ok_or_else(Problem::not_found)?;
    let etag = format!("\"{}\"", hex::encode(&Sha256::digest(text.as_bytes())[..12]));
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
        return Ok(head(HttpResponse::NotModified(), &etag, door).finish());
    }
    Ok(head(HttpResponse::Ok(), &etag, door).body(text))
}

/// The playlist's text; nothing when the take has none of that name.
async fn text(app: &App, row: LiveRow, file: &File) -> Result<Option<String>, Problem> {
    let ready = row.state == TakeState::Ready;
    if let (Some(master), Some(renditions)) = (row.master, row.renditions) {
        let rendition = file.name.strip_suffix(".m3u8").and_then(|name| renditions.0.get(name));
        return Ok(match rendition {
            Some(runs) => Some(live::playlist(runs, ready)),
            None => (file.name == "master.m3u8").then_some(master),
        });
    }
    // Ready for so long that what led to it is forgotten.
    let Some(attempt) = row.attempt.filter(|_| ready && file.name.ends_with(".m3u8")) else { return Ok(None) };
    let published = File { attempt: attempt.clone(), ..file.clone() };
    let bytes = app.hot.small(app.store.as_ref(), &published.key()).await.map_err(problem)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(Some(if file.name == "master.m3u8" { text.into_owned() } else { live::finished(&attempt, &text) }))
}

fn head(mut answer: HttpResponseBuilder, etag: &str, door: Door) -> HttpResponseBuilder {
    guard(&mut answer, "x.m3u8", etag, door);
    answer.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    answer
}
