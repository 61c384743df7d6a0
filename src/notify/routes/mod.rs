//! Addresses of the inbox, all under one's own `/api/me`.

pub mod events;
pub mod inbox;
pub mod push;
pub mod settings;

use actix_web::web::ServiceConfig;

/// Registers every route.
pub fn register(config: &mut ServiceConfig) {
    config.service(inbox::list).service(inbox::counts).service(inbox::duties);
    config.service(inbox::read_all).service(inbox::read_about).service(inbox::mark_read).service(inbox::mark_unread);
    config.service(settings::show).service(settings::edit);
    config.service(push::show).service(push::subscribe).service(push::unsubscribe);
    config.service(events::events);
}

/// These routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        inbox::list,
        inbox::counts,
        inbox::duties,
        inbox::read_all,
        inbox::read_about,
        inbox::mark_read,
        inbox::mark_unread,
        settings::show,
        settings::edit,
        push::show,
        push::subscribe,
        push::unsubscribe,
        events::events
    ),
    components(schemas(super::live::Hint))
)]
pub struct Api;
