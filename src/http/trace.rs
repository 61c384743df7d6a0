//! Logs: a readable sentence with identifiers as fields; pretty for a terminal, JSON for machines. Each request runs in one
//! span with its id, which comes in and goes out as `X-Request-Id`.
//!
//! Invariant: no secret is logged. Queries never are, and of addresses that carry a token only the beginning.

use std::borrow::Cow;
use std::io::IsTerminal as _;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use tracing::Instrument as _;
use tracing::field::Empty;
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::config::LogFormat;

/// Names a request, in and out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Beginnings of addresses whose rest is, or may be, a secret, and what is shown instead.
const SECRET: &[(&str, &str)] = &[
    ("/media/", "/media/…"),
    ("/w/", "/w/…"),
    ("/embed/", "/embed/…"),
    ("/api/invitations/by-token/", "/api/invitations/by-token/…"),
];

/// Sets up logging to standard error, once for the process.
pub fn init(format: LogFormat, filter: &str) {
    // The frameworks' own start-up chatter says nothing that ours does not.
    let filter = EnvFilter::try_new(format!("actix_server=warn,{filter}")).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second call (a test that starts two servers) keeps the first subscriber.
    let _ = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Pretty => builder.with_target(false).try_init(),
    };
}

/// Middleware: runs a request in its span, says how it ended, counts it.
///
/// # Errors
/// What the request itself fails with.
pub async fn request(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let app = req.app_data::<Data<App>>().cloned();
    let id = request_id(&req, app.as_deref().map(|app| app.as_ref()));
    let (method, path) = (req.method().clone(), shown(req.path()));
    let route = route(&req);
    let span = tracing::info_span!("request", %id, person = Empty);
    let started = Instant::now();
    let mut result = next.call(req).instrument(span.clone()).await;
    let status = match &result {
        Ok(answer) => answer.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let spent = started.elapsed();
    if let Some(app) = &app {
        app.metrics.answered(&method, &route, status.as_u16(), spent);
    }
    let _entered = span.enter();
    let (status, ms) = (status.as_u16(), u64::try_from(spent.as_millis()).unwrap_or(u64::MAX));
    match status {
        500.. => tracing::warn!(status, ms, "{method} {path}"),
        _ if route.starts_with("/health") || route.starts_with("/metrics") || route.starts_with("/media") => {
            tracing::debug!(status, ms, "{method} {path}");
        }
        _ => tracing::info!(status, ms, "{method} {path}"),
    }
    if let (Ok(answer), Ok(value)) = (&mut result, HeaderValue::from_str(&id)) {
        answer.headers_mut().insert(REQUEST_ID, value);
    }
    result
}

/// Tells the pattern of the addresses that are asked for most, by looking at them: saves a second walk through the routes.
#[derive(Clone, Copy)]
pub struct Patterns(pub fn(&str) -> Option<&'static str>);

/// The pattern of the route that will answer, for the metrics.
fn route(req: &ServiceRequest) -> Cow<'static, str> {
    match req.app_data::<Patterns>().and_then(|patterns| patterns.0(req.path())) {
        Some(pattern) => pattern.into(),
        None => req.match_pattern().map_or(Cow::Borrowed("none"), Cow::Owned),
    }
}

/// The id a proxy gave the request, if it is one; else a new one.
fn request_id(req: &ServiceRequest, app: Option<&App>) -> String {
    let given = req.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match given {
        Some(id) if (1..=64).contains(&id.len()) && id.chars().all(plain) => id.to_owned(),
        _ => app.map(|app| app.clock.id::<uuid::Uuid>().to_string()).unwrap_or_default(),
    }
}

/// A path as it may stand in a log.
fn shown(path: &str) -> Cow<'static, str> {
    match SECRET.iter().find(|(beginning, _)| path.starts_with(beginning)) {
        Some((_, shown)) => (*shown).into(),
        None => path.to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn addresses_that_carry_a_token_are_cut() {
        assert_eq!(super::shown("/w/5sVtokenIsSecret"), "/w/…");
        assert_eq!(super::shown("/api/invitations/by-token/abc/accept"), "/api/invitations/by-token/…");
        assert_eq!(super::shown("/api/people"), "/api/people");
    }
}
