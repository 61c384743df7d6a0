//! Addresses of the org slice; one file a noun.

mod absence;
mod organisation;
mod unit;

use actix_web::web::ServiceConfig;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config
        .service(organisation::show)
        .service(organisation::edit)
        .service(unit::list)
        .service(unit::create)
        .service(unit::edit)
        .service(unit::remove)
        .service(unit::members)
        .service(unit::add_member)
        .service(unit::remove_member)
        .service(absence::list)
        .service(absence::create)
        .service(absence::remove);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    organisation::show,
    organisation::edit,
    unit::list,
    unit::create,
    unit::edit,
    unit::remove,
    unit::members,
    unit::add_member,
    unit::remove_member,
    absence::list,
    absence::create,
    absence::remove
))]
pub struct Api;
