//! The captions of a recording for its players, behind the same doors as its other media. They are rows and may change, so an
//! answer from here is asked for again every time.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::Problem;
use crate::recording::address::CAPTIONS;
use crate::recording::caption::{Language, sql};

use super::File;
use super::answer::guard;
use super::door::Door;

/// A share link has one name for each file: `captions-en.vtt` stands for the captions in that language.
pub fn named(file: File) -> File {
    match file.name.strip_prefix("captions-") {
        Some(name) => File { attempt: CAPTIONS.to_owned(), name: name.to_owned(), ..file },
        None => file,
    }
}

/// Answers GET or HEAD of a track.
pub async fn answer(app: &App, req: &HttpRequest, file: &File, door: Door) -> Result<HttpResponse, Problem> {
    let language = file.name.strip_suffix(".vtt").and_then(Language::read).ok_or_else(Problem::not_found)?;
    let text = sql::file(&app.db, file.recording, &language).await?.ok_or_else(Problem::not_found)?;
    let etag = format!("\"{}\"", hex::encode(&Sha256::digest(text.as_bytes())[..12]));
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
        return Ok(head(HttpResponse::NotModified(), &etag, door).finish());
    }
    Ok(head(HttpResponse::Ok(), &etag, door).body(text))
}

fn head(mut answer: HttpResponseBuilder, etag: &str, door: Door) -> HttpResponseBuilder {
    guard(&mut answer, "x.vtt", etag, door);
    answer.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    answer
}
