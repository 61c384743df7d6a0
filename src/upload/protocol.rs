//! The words of tus 1.0.0: headers read and written, and the rule that every answer names the version.
//! <https://tus.io/protocols/resumable-upload>

use std::time::SystemTime;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue, HttpDate};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponseBuilder, ResponseError, guard};
use chrono::{DateTime, Utc};

use super::{Upload, UploadError};
use crate::app::App;
use crate::error::{Code, Problem};

/// The version spoken.
pub const VERSION: &str = "1.0.0";
/// The extensions offered.
pub const EXTENSIONS: &str = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination";
/// The media type of an upload's bytes.
pub const OFFSET_TYPE: &str = "application/offset+octet-stream";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");

/// Names the version on every answer and refuses requests that speak another one, before anything is done.
///
/// # Errors
/// Those of the services within.
pub async fn speak<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<actix_web::body::BoxBody>, actix_web::Error> {
    let asks_what = request.method() == Method::OPTIONS;
    let spoken = text(request.request(), "tus-resumable").is_some_and(|version| version == VERSION);
    let limit = request.app_data::<Data<App>>().map_or(0, |app| app.config.max_upload_bytes);
    let mut answer = if asks_what || spoken {
        next.call(request).await?.map_into_boxed_body()
    } else {
        let problem =
            Problem::new(Code::TusVersion, format!("Send Tus-Resumable: {VERSION}; no other version is spoken here."));
        request.into_response(problem.error_response())
    };
    let status = answer.status();
    let headers = answer.headers_mut();
    headers.insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    if status == StatusCode::PRECONDITION_FAILED || asks_what {
        headers.insert(TUS_VERSION, HeaderValue::from_static(VERSION));
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE || asks_what {
        headers.insert(TUS_MAX_SIZE, HeaderValue::from(limit));
    }
    Ok(answer)
}

/// Matches a request whose method is `wanted`, or a POST whose `X-HTTP-Method-Override` says so: some networks let only GET
/// and POST through.
pub fn is(wanted: Method) -> impl guard::Guard {
    guard::fn_guard(move |ctx| {
        let head = ctx.head();
        let overridden = head.headers().get("x-http-method-override").filter(|_| head.method == Method::POST);
        match overridden.and_then(|name| Method::from_bytes(name.as_bytes().to_ascii_uppercase().as_slice()).ok()) {
            Some(method) => method == wanted,
            None => head.method == wanted,
        }
    })
}

/// A header as text, where it is there and readable.
#[must_use]
pub fn text<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// A header that is a count of bytes.
///
/// # Errors
/// [`UploadError::BadHeader`] for anything but digits.
pub fn count(request: &HttpRequest, name: &str) -> Result<Option<i64>, UploadError> {
    let Some(value) = request.headers().get(name) else { return Ok(None) };
    let digits = value.to_str().ok().map(str::trim).filter(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()));
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(count) => Ok(Some(count)),
        None => Err(UploadError::BadHeader(format!("{name} is not a count of bytes."))),
    }
}

/// Whether the body is bytes of an upload.
#[must_use]
pub fn carries_bytes(request: &HttpRequest) -> bool {
    let kind = text(request, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(OFFSET_TYPE))
}

/// `Upload-Length` or `Upload-Defer-Length: 1`: the size, or `None` when it will be told later.
///
/// # Errors
/// [`UploadError::BadHeader`] for both, neither, or another value.
pub fn length_at_creation(request: &HttpRequest) -> Result<Option<i64>, UploadError> {
    match (count(request, "Upload-Length")?, text(request, "Upload-Defer-Length")) {
        (Some(length), None) => Ok(Some(length)),
        (None, Some("1")) => Ok(None),
        (None, Some(_)) => Err(UploadError::BadHeader("Upload-Defer-Length can only be 1.".into())),
        (Some(_), Some(_)) => {
            Err(UploadError::BadHeader("Send Upload-Length or Upload-Defer-Length, not both.".into()))
        }
        (None, None) => Err(UploadError::BadHeader("Upload-Length is missing (or Upload-Defer-Length: 1).".into())),
    }
}

/// Where the client reaches us: links in answers have the origin that it used.
#[must_use]
pub fn origin(request: &HttpRequest, app: &App) -> String {
    let info = request.connection_info();
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    match (&app.config.public_url, host) {
        _ if app.config.trust_proxy => format!("{}://{}", info.scheme(), info.host()),
        (Some(public), Some(host)) if public.split_once("://").is_some_and(|(_, rest)| rest == host) => public.clone(),
        (_, Some(host)) => format!("http://{host}"),
        (_, None) => app.config.origin(),
    }
}

/// Adds what HEAD tells, and PATCH and POST in part: offset, length, when it runs out.
pub fn describe(answer: &mut HttpResponseBuilder, upload: &Upload) {
    answer.insert_header(("Upload-Offset", upload.received.to_string()));
    match upload.declared_size {
        Some(size) => answer.insert_header(("Upload-Length", size.to_string())),
        None => answer.insert_header(("Upload-Defer-Length", "1")),
    };
    expires(answer, upload);
}

/// Adds `Upload-Expires`, while the upload can run out.
pub fn expires(answer: &mut HttpResponseBuilder, upload: &Upload) {
    if upload.state == super::State::Receiving {
        answer.insert_header(("Upload-Expires", http_date(upload.expires_at)));
    }
}

fn http_date(at: DateTime<Utc>) -> String {
    HttpDate::from(SystemTime::from(at)).to_string()
}
