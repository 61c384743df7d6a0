//! Refuses changes that another site's page makes a signed-in browser ask for (CSRF): by `Sec-Fetch-Site`, or by `Origin`
//! where a browser does not send it. Requests with a personal token are not concerned: no browser adds one by itself.

use actix_web::ResponseError as _;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::app::App;
use crate::error::{Code, Problem};

/// Middleware: lets through what is safe, ours, or no browser's.
///
/// # Errors
/// What the request itself fails with.
pub async fn refuse<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if is_allowed(&req) {
        return next.call(req).await.map(ServiceResponse::map_into_left_body);
    }
    let problem =
        Problem::new(Code::CrossSite, "This change was asked for by a page of another site, so it was not made.");
    Ok(req.into_response(problem.error_response()).map_into_right_body())
}

fn is_allowed(req: &ServiceRequest) -> bool {
    let value = |name: &str| req.headers().get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let safe = matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let bearer = value("authorization").is_some_and(|v| v.starts_with("Bearer ") || v.starts_with("bearer "));
    if safe || bearer {
        return true;
    }
    match (value("sec-fetch-site"), value("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => is_ours(req, origin),
        // Neither: no browser of the last years. Without a cookie there is nobody to be misused.
        (None, None) => !req.headers().contains_key(header::COOKIE),
    }
}

/// Whether an origin is the one this server is reached under: the public one, or the one the request itself names.
fn is_ours(req: &ServiceRequest, origin: &str) -> bool {
    let Some(app) = req.app_data::<Data<App>>() else { return false };
    let host = req.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let named = origin.split_once("://").is_some_and(|(_, authority)| !host.is_empty() && authority == host);
    origin == app.config.origin() || named
}
