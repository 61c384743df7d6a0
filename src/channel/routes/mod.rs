//! Addresses of channels and posts.

mod channel;
mod post;

use actix_web::web::ServiceConfig;

use crate::channel::post::receipt::Who;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config
        .service(channel::list)
        .service(channel::create)
        .service(channel::show)
        .service(channel::edit)
        .service(channel::members)
        .service(channel::add_member)
        .service(channel::remove_member)
        .service(channel::follow)
        .service(channel::read)
        .service(post::list)
        .service(post::publish)
        .service(post::show)
        .service(post::edit)
        .service(post::remove)
        .service(post::take_back)
        .service(post::drafts)
        .service(post::revisions)
        .service(post::acknowledge)
        .service(post::opened)
        .service(post::receipts);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        channel::list,
        channel::create,
        channel::show,
        channel::edit,
        channel::members,
        channel::add_member,
        channel::remove_member,
        channel::follow,
        channel::read,
        post::list,
        post::publish,
        post::show,
        post::edit,
        post::remove,
        post::take_back,
        post::drafts,
        post::revisions,
        post::acknowledge,
        post::opened,
        post::receipts
    ),
    components(schemas(Who))
)]
pub struct Api;
