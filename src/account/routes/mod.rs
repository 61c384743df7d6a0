//! Addresses of the account slice; one file a noun.

mod batch;
mod chart;
mod departure;
mod invitation;
mod me;
mod person;
mod session;
mod setup;
mod token;

use actix_web::web::ServiceConfig;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config
        .service(setup::state)
        .service(setup::set_up)
        .service(session::sign_in)
        .service(session::show)
        .service(session::sign_out)
        .service(session::list)
        .service(session::end)
        .service(me::show)
        .service(me::edit)
        .service(me::change_password)
        .service(token::list)
        .service(token::create)
        .service(token::revoke)
        .service(invitation::by_token)
        .service(invitation::accept)
        .service(invitation::create)
        .service(invitation::list)
        .service(invitation::withdraw)
        .service(batch::create)
        .service(chart::level)
        .service(chart::line)
        .service(departure::preview)
        .service(departure::leave)
        .service(person::list)
        .service(person::show)
        .service(person::edit)
        .service(person::set_password);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    setup::state,
    setup::set_up,
    session::sign_in,
    session::show,
    session::sign_out,
    session::list,
    session::end,
    me::show,
    me::edit,
    me::change_password,
    token::list,
    token::create,
    token::revoke,
    invitation::by_token,
    invitation::accept,
    invitation::create,
    invitation::list,
    invitation::withdraw,
    batch::create,
    chart::level,
    chart::line,
    departure::preview,
    departure::leave,
    person::list,
    person::show,
    person::edit,
    person::set_password
))]
pub struct Api;
