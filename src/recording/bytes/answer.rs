//! One file as an HTTP answer: validators, ranges, cache headers, and the shortest way from the store to the socket.

use std::ops::Range;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::error::{Code, Problem};
use crate::store::{StoreError, content_type};

use super::File;
use super::cache::{BLOCK, LARGEST};
use super::door::Door;
use super::range::{Asked, asked};

/// How long a signed address of the store is good for.
const SIGNED: Duration = Duration::from_secs(3600);

/// Blocks of a large file that are read ahead of the one being sent.
const AHEAD: usize = 2;

/// Answers GET or HEAD of a file that may be watched.
pub async fn answer(app: &Data<App>, req: &HttpRequest, file: &File, door: Door) -> Result<HttpResponse, Problem> {
    let key = file.key();
    let etag = etag(&key);
    let asks = |name: header::HeaderName| req.headers().get(name).and_then(|v| v.to_str().ok());
    if asks(header::IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').any(|t| t.trim().trim_start_matches("W/") == etag))
    {
        return Ok(head(HttpResponse::NotModified(), &key, &etag, door).finish());
    }
    let ranged = |size: u64| ranged(asks(header::RANGE), asks(header::IF_RANGE), &etag, size);
    if let Some(bytes) = app.hot.whole(&key) {
        return Ok(from_memory(&bytes, ranged(bytes.len() as u64), &key, &etag, door));
    }
    // Who asks only for the head has nothing read for them, so they are told of what is there now.
    let known = app.hot.size(&key).filter(|_| req.method() == Method::GET);
    let size = match known {
        Some(size) => size,
        None => app.store.head(&key).await.map_err(problem)?.ok_or_else(Problem::not_found)?.size,
    };
    if size <= LARGEST {
        let bytes = app.hot.small(app.store.as_ref(), &key).await.map_err(problem)?;
        return Ok(from_memory(&bytes, ranged(bytes.len() as u64), &key, &etag, door));
    }
    if let Some(url) = redirected(app, &key).await? {
        return Ok(url);
    }
    if known.is_none() {
        app.hot.remember_size(&key, size);
    }
    large(app, req, &key, &etag, size, ranged(size), door).await
}

/// To the store itself, where the settings say so and the store can.
async fn redirected(app: &App, key: &str) -> Result<Option<HttpResponse>, Problem> {
    if !app.config.s3_redirect {
        return Ok(None);
    }
    let Some(url) = app.store.signed_url(key, SIGNED).await.map_err(problem)? else { return Ok(None) };
    let mut redirect = HttpResponse::build(StatusCode::FOUND);
    redirect.insert_header((header::LOCATION, url.as_str()));
    redirect.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(Some(redirect.finish()))
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

async fn large(
    app: &Data<App>,
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
    if req.method() == Method::HEAD {
        let nothing = stream::empty::<Result<Bytes, std::io::Error>>();
        return Ok(head.body(SizedStream::new(length, nothing)));
    }
    // Elsewhere each block would be a request of its own: one for the whole range is better.
    if app.store.local_path(key).is_none() {
        let object = app.store.get(key, Some(range)).await.map_err(problem)?;
        return Ok(head.body(SizedStream::new(length, object.body)));
    }
    // Before the head is answered the first block is here: what is gone is a 404 and not a broken connection.
    let first = app.hot.block(app.store.as_ref(), key, size, range.start / BLOCK).await.map_err(problem)?;
    let first = part_of(&first, range.start / BLOCK, &range);
    if first.len() as u64 == length {
        return Ok(head.body(first));
    }
    let rest = blocks(app.clone(), key.to_owned(), size, range);
    Ok(head.body(SizedStream::new(length, stream::once(async { Ok(first) }).chain(rest))))
}

/// What comes after the first block of a range, read ahead by a little.
fn blocks(
    app: Data<App>,
    key: String,
    size: u64,
    range: Range<u64>,
) -> impl Stream<Item = Result<Bytes, StoreError>> + 'static {
    let numbers = range.start / BLOCK + 1..range.end.div_ceil(BLOCK);
    let read = move |number: u64| {
        let (app, key, range) = (app.clone(), key.clone(), range.clone());
        async move { Ok(part_of(&app.hot.block(app.store.as_ref(), &key, size, number).await?, number, &range)) }
    };
    stream::iter(numbers).map(read).buffered(AHEAD)
}

/// The bytes of block `number` that lie in the range.
fn part_of(block: &Bytes, number: u64, range: &Range<u64>) -> Bytes {
    let begins = number * BLOCK;
    let within = |at: u64| usize::try_from(at.saturating_sub(begins)).unwrap_or(usize::MAX).min(block.len());
    block.slice(within(range.start)..within(range.end))
}

fn partial(range: &Range<u64>, size: u64, key: &str, etag: &str, door: Door) -> HttpResponseBuilder {
    let mut answer = head(HttpResponse::PartialContent(), key, etag, door);
    answer.insert_header((header::CONTENT_RANGE, format!("bytes {}-{}/{size}", range.start, range.end - 1)));
    answer
}

fn unsatisfiable(size: u64, key: &str, etag: &str, door: Door) -> HttpResponse {
    let mut answer = head(HttpResponse::RangeNotSatisfiable(), key, etag, door);
    answer.insert_header((header::CONTENT_RANGE, format!("bytes */{size}")));
    answer.finish()
}

/// The headers of a file's answer.
fn head(mut answer: HttpResponseBuilder, key: &str, etag: &str, door: Door) -> HttpResponseBuilder {
    guard(&mut answer, key, etag, door);
    answer.insert_header((header::ACCEPT_RANGES, "bytes"));
    // Bytes under an attempt never change. A share address stays while what it names may end or be replaced.
    let keep = if door == Door::Share { "private, no-cache" } else { "private, max-age=31536000, immutable" };
    answer.insert_header((header::CACHE_CONTROL, keep));
    answer
}

/// The headers that every media answer has, whatever it answers with: a fixed type, nothing that runs, and who may read it.
pub(super) fn guard(answer: &mut HttpResponseBuilder, key: &str, etag: &str, door: Door) {
    answer.insert_header((header::CONTENT_TYPE, content_type(key)));
    answer.insert_header((header::ETAG, etag));
    answer.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    answer.insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
    if door == Door::Session {
        answer.insert_header(("cross-origin-resource-policy", "same-origin"));
    } else {
        answer.insert_header(("cross-origin-resource-policy", "cross-origin"));
        answer.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
        answer.insert_header((header::ACCESS_CONTROL_EXPOSE_HEADERS, "content-length, content-range, etag"));
    }
    // Media is compressed already: the compressing layer is told to keep its hands off.
    answer.insert_header(header::ContentEncoding::Identity);
}

/// Strong: a key names the same bytes for ever.
fn etag(key: &str) -> String {
    format!("\"{}\"", hex::encode(&Sha256::digest(key.as_bytes())[..12]))
}

pub(super) fn problem(error: StoreError) -> Problem {
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
