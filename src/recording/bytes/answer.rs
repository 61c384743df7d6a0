//! One file as an HTTP answer: validators, ranges, cache headers, and the shortest way from the store to the socket.

use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::stream;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::{Code, Problem};
use crate::store::{StoreError, content_type};

use super::File;
use super::cache::LARGEST;
use super::range::{Asked, asked};

/// Through which door a file is asked for; decides who may keep the answer and who may read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// A session or bearer: this site only.
    Session,
    /// A playback token in the path: any frame.
    Token,
    /// A share link's stable address: any site; checked again each time, since the link may end.
    Share,
}

/// How long a signed address of the store is good for.
const SIGNED: Duration = Duration::from_secs(3600);

/// Answers GET or HEAD of a file that may be watched.
pub async fn answer(app: &App, req: &HttpRequest, file: &File, door: Door) -> Result<HttpResponse, Problem> {
    let key = file.key();
    let etag = etag(&key);
    let asks = |name: header::HeaderName| req.headers().get(name).and_then(|v| v.to_str().ok());
    if asks(header::IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').any(|t| t.trim().trim_start_matches("W/") == etag))
    {
        return Ok(head(HttpResponse::NotModified(), &key, &etag, door).finish());
    }
    if let Some(bytes) = app.hot.get(&key) {
        let asked = ranged(asks(header::RANGE), asks(header::IF_RANGE), &etag, bytes.len() as u64);
        return Ok(from_memory(&bytes, asked, &key, &etag, door));
    }
    let stat = app.store.head(&key).await.map_err(problem)?.ok_or_else(Problem::not_found)?;
    if stat.size <= LARGEST {
        let bytes = app.hot.fill(app.store.as_ref(), &key).await.map_err(problem)?;
        let asked = ranged(asks(header::RANGE), asks(header::IF_RANGE), &etag, bytes.len() as u64);
        return Ok(from_memory(&bytes, asked, &key, &etag, door));
    }
    if app.config.s3_redirect
        && let Some(url) = app.store.signed_url(&key, SIGNED).await.map_err(problem)?
    {
        let mut redirect = HttpResponse::build(StatusCode::FOUND);
        redirect.insert_header((header::LOCATION, url.as_str()));
        redirect.insert_header((header::CACHE_CONTROL, "no-store"));
        return Ok(redirect.finish());
    }
    from_store(
        app,
        req,
        &key,
        &etag,
        stat.size,
        ranged(asks(header::RANGE), asks(header::IF_RANGE), &etag, stat.size),
        door,
    )
    .await
}

/// The range asked for, unless the asker holds another version of the file.
fn ranged(range: Option<&str>, if_range: Option<&str>, etag: &str, size: u64) -> Asked {
    match if_range {
        Some(tag) if tag.trim() != etag => Asked::Whole,
        _ => asked(range, size),
    }
}

fn from_memory(bytes: &Bytes, asked: Asked, key: &str, etag: &str, door: Door) -> HttpResponse {
    let size = bytes.len() as u64;
    match asked {
        Asked::Whole => head(HttpResponse::Ok(), key, etag, door).body(bytes.clone()),
        Asked::Nothing => unsatisfiable(size, key, etag, door),
        Asked::Part(range) => {
            let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            let part = bytes.slice(at(range.start)..at(range.end));
            partial(&range, size, key, etag, door).body(part)
        }
    }
}

async fn from_store(
    app: &App,
    req: &HttpRequest,
    key: &str,
    etag: &str,
    size: u64,
    asked: Asked,
    door: Door,
) -> Result<HttpResponse, Problem> {
    let (mut head, range) = match asked {
        Asked::Nothing => return Ok(unsatisfiable(size, key, etag, door)),
        Asked::Whole => (head(HttpResponse::Ok(), key, etag, door), 0..size),
        Asked::Part(range) => (partial(&range, size, key, etag, door), range),
    };
    let length = range.end - range.start;
    if req.method() == actix_web::http::Method::HEAD {
        let nothing = stream::empty::<Result<Bytes, std::io::Error>>();
        return Ok(head.body(SizedStream::new(length, nothing)));
    }
    let object = app.store.get(key, Some(range)).await.map_err(problem)?;
    Ok(head.body(SizedStream::new(length, object.body)))
}

fn partial(range: &std::ops::Range<u64>, size: u64, key: &str, etag: &str, door: Door) -> HttpResponseBuilder {
    let mut answer = head(HttpResponse::PartialContent(), key, etag, door);
    answer.insert_header((header::CONTENT_RANGE, format!("bytes {}-{}/{size}", range.start, range.end - 1)));
    answer
}

fn unsatisfiable(size: u64, key: &str, etag: &str, door: Door) -> HttpResponse {
    let mut answer = head(HttpResponse::RangeNotSatisfiable(), key, etag, door);
    answer.insert_header((header::CONTENT_RANGE, format!("bytes */{size}")));
    answer.finish()
}

/// The headers that every answer from here has.
fn head(mut answer: HttpResponseBuilder, key: &str, etag: &str, door: Door) -> HttpResponseBuilder {
    answer.insert_header((header::CONTENT_TYPE, content_type(key)));
    answer.insert_header((header::ETAG, etag));
    answer.insert_header((header::ACCEPT_RANGES, "bytes"));
    answer.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    answer.insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
    // Bytes under an attempt never change. A share address stays while what it names may end or be replaced.
    let keep = if door == Door::Share { "private, no-cache" } else { "private, max-age=31536000, immutable" };
    answer.insert_header((header::CACHE_CONTROL, keep));
    if door == Door::Session {
        answer.insert_header(("cross-origin-resource-policy", "same-origin"));
    } else {
        answer.insert_header(("cross-origin-resource-policy", "cross-origin"));
        answer.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
        answer.insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, "content-length, content-range, etag"));
    }
    // Media is compressed already: the compressing layer is told to keep its hands off.
    answer.insert_header(header::ContentEncoding::Identity);
    answer
}

/// Strong: a key names the same bytes for ever.
fn etag(key: &str) -> String {
    format!("\"{}\"", hex::encode(&Sha256::digest(key.as_bytes())[..12]))
}

fn problem(error: StoreError) -> Problem {
    match error {
        StoreError::Missing(_) | StoreError::BadKey(_) => Problem::not_found(),
        StoreError::Failed { passing: true, cause } => {
            tracing::warn!(%cause, "the store did not answer");
            Problem::new(Code::Unavailable, "The storage is not available at the moment. Try again in a few seconds.")
                .retry_after(2)
        }
        other => Problem::internal(other),
    }
}
