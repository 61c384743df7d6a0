//! Addresses of the interface that do not exist, or not with that method: told apart by the interface's own description.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};

use super::openapi::Document;
use crate::error::{Code, Problem};

/// Registers the catch-all under `/api`. Comes after every feature and before the web app.
pub fn register(config: &mut ServiceConfig) {
    config.service(web::scope("/api").default_service(web::to(answer)));
}

async fn answer(req: HttpRequest, document: Data<Document>) -> HttpResponse {
    let methods = methods_at(&document, req.path());
    // A method that is offered at addresses of this shape, and yet nobody took it: one of its words is wrong.
    if methods.is_empty() || methods.iter().any(|method| method.eq_ignore_ascii_case(req.method().as_str())) {
        return Problem::not_found().error_response();
    }
    let allowed = methods.join(", ").to_uppercase();
    let sentence = format!("{} is not offered here, but {allowed}.", req.method());
    let mut answer = Problem::new(Code::MethodNotAllowed, sentence).error_response();
    if let Ok(value) = HeaderValue::from_str(&allowed) {
        answer.headers_mut().insert(header::ALLOW, value);
    }
    answer
}

/// The methods offered at a path.
fn methods_at(document: &Document, path: &str) -> Vec<String> {
    let matches = |pattern: &str| {
        pattern.split('/').count() == path.split('/').count()
            && pattern.split('/').zip(path.split('/')).all(|(p, s)| p == s || (p.starts_with('{') && !s.is_empty()))
    };
    let paths = document.0["paths"].as_object().into_iter().flatten().filter(|(pattern, _)| matches(pattern));
    paths.flat_map(|(_, methods)| methods.as_object().into_iter().flatten().map(|(method, _)| method.clone())).collect()
}
