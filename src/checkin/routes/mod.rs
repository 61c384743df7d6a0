//! Addresses of slots, check-ins, reviews, rounds and blockers.

mod blocker;
mod check_in;
mod round;
mod slot;

use actix_web::web::ServiceConfig;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config
        .service(slot::list)
        .service(slot::show)
        .service(check_in::list)
        .service(check_in::begin)
        .service(check_in::show)
        .service(check_in::edit)
        .service(check_in::send)
        .service(check_in::respond)
        .service(round::show)
        .service(round::keep)
        .service(blocker::resolve)
        .service(blocker::withdraw);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    slot::list,
    slot::show,
    check_in::list,
    check_in::begin,
    check_in::show,
    check_in::edit,
    check_in::send,
    check_in::respond,
    round::show,
    round::keep,
    blocker::resolve,
    blocker::withdraw
))]
pub struct Api;
