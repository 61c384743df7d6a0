//! Addresses of take sessions, takes and recordings; one file a noun.

mod recording;
mod session;
mod take;

use actix_web::web::ServiceConfig;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config
        .service(session::open)
        .service(session::show)
        .service(session::keep)
        .service(session::discard)
        .service(take::show)
        .service(take::events)
        .service(recording::list)
        .service(recording::show)
        .service(recording::change)
        .service(recording::delete);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    session::open,
    session::show,
    session::keep,
    session::discard,
    take::show,
    take::events,
    recording::list,
    recording::show,
    recording::change,
    recording::delete,
))]
pub struct Api;
