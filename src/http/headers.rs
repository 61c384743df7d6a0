//! What every answer says about how it may be used, unless it says so itself.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

/// Set where the answer does not say otherwise.
const USUAL: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    (
        "permissions-policy",
        "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
];

/// Middleware: adds the usual headers. A page with a policy of its own (the web app, the embed page) keeps it.
///
/// # Errors
/// What the request itself fails with.
pub async fn usual(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut answer = next.call(req).await?;
    let headers = answer.headers_mut();
    for (name, value) in USUAL {
        insert_if_absent(headers, HeaderName::from_static(name), value);
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        insert_if_absent(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
        insert_if_absent(headers, header::X_FRAME_OPTIONS, "DENY");
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|value| value == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    Ok(answer)
}

fn insert_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Middleware beneath compression: only JSON and HTML are compressed on the way. Media is compressed already, and its strong
/// ETags and ranges speak of the bytes as they are.
///
/// # Errors
/// What the request itself fails with.
pub async fn compress_text_only(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut answer = next.call(req).await?;
    let headers = answer.headers_mut();
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|kind| {
        ["application/json", "application/problem+json", "text/html"].iter().any(|text| kind.starts_with(text))
    });
    if !text {
        // Taken away again above: compression leaves alone what names an encoding.
        insert_if_absent(headers, header::CONTENT_ENCODING, "identity");
    }
    Ok(answer)
}
