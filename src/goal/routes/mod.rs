//! Addresses of the goal slice; one file a noun.

mod clip;
mod goal;
mod metric;

use actix_web::web::ServiceConfig;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config
        .service(goal::list)
        .service(goal::create)
        .service(goal::show)
        .service(goal::edit)
        .service(goal::close)
        .service(goal::cancel)
        .service(goal::carry)
        .service(metric::create)
        .service(metric::note)
        .service(metric::points)
        .service(clip::attach)
        .service(clip::detach)
        .service(clip::entries)
        .service(clip::add_link)
        .service(clip::remove_link);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    goal::list,
    goal::create,
    goal::show,
    goal::edit,
    goal::close,
    goal::cancel,
    goal::carry,
    metric::create,
    metric::note,
    metric::points,
    clip::attach,
    clip::detach,
    clip::entries,
    clip::add_link,
    clip::remove_link
))]
pub struct Api;
