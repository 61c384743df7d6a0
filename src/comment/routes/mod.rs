//! Addresses of comments, mentions and reactions.

mod comment;
mod mention;
mod reaction;

use actix_web::web::ServiceConfig;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config
        .service(comment::list)
        .service(comment::create)
        .service(comment::show)
        .service(comment::replies)
        .service(comment::edit)
        .service(comment::remove)
        .service(mention::suggestions)
        .service(reaction::list)
        .service(reaction::give)
        .service(reaction::take_back);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    comment::list,
    comment::create,
    comment::show,
    comment::replies,
    comment::edit,
    comment::remove,
    mention::suggestions,
    reaction::list,
    reaction::give,
    reaction::take_back
))]
pub struct Api;
