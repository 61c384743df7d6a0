//! The only file that knows every feature: their routes, their job kinds, their schedules.

use std::time::Duration;

use actix_web::web::ServiceConfig;

use utoipa::OpenApi as _;

use crate::jobs::Registry;
use crate::upload;

/// Registers the routes of media, which stand apart: they are asked for most and need least (no compression, no session unless
/// they look for it).
pub fn media(config: &mut ServiceConfig) {
    crate::recording::bytes::routes::register(config);
}

/// Registers every other route. Order matters only for the catch-all at the end (the web app).
pub fn routes(config: &mut ServiceConfig) {
    crate::http::body::configure(config);
    // one line a feature
    crate::account::routes::register(config);
    crate::goal::routes::register(config);
    crate::checkin::routes::register(config);
    crate::channel::routes::register(config);
    crate::comment::routes::register(config);
    crate::home::routes::register(config);
    upload::routes::register(config);
    crate::recording::routes::register(config);
    crate::recording::share::routes::register(config);
    crate::recording::view::routes::register(config);
    crate::page::register(config);
    crate::admin::routes::register(config);
    crate::org::routes::register(config);
    // what belongs to none
    crate::http::health::register(config);
    crate::http::openapi::register(config);
    // comes after every address under /api
    crate::http::unknown::register(config);
    // last: what no feature answers is a file or a page of the web app
    config.default_service(actix_web::web::to(crate::http::assets::serve));
}

/// The whole HTTP interface, described.
#[must_use]
pub fn openapi() -> serde_json::Value {
    let mut document = utoipa::openapi::OpenApi::default();
    // one line a feature
    document.merge(crate::account::routes::Api::openapi());
    document.merge(crate::goal::routes::Api::openapi());
    document.merge(crate::checkin::routes::Api::openapi());
    document.merge(crate::channel::routes::Api::openapi());
    document.merge(crate::comment::routes::Api::openapi());
    document.merge(crate::home::routes::Api::openapi());
    document.merge(crate::admin::routes::Api::openapi());
    document.merge(crate::recording::share::routes::Api::openapi());
    document.merge(crate::recording::view::routes::Api::openapi());
    document.merge(crate::recording::bytes::routes::Api::openapi());
    document.merge(upload::routes::Api::openapi());
    document.merge(crate::org::routes::Api::openapi());
    document.merge(crate::recording::routes::Api::openapi());
    document.merge(crate::http::health::Api::openapi());
    document.merge(crate::page::Api::openapi());
    crate::http::openapi::complete(&document)
}

/// Every kind of job and every schedule.
#[must_use]
pub fn jobs() -> Registry {
    use crate::recording::{deletion, level, process};
    let hour = Duration::from_secs(3600);
    Registry::default()
        // one line a kind, one line a schedule
        .handle(upload::sweep::KIND, upload::sweep::Sweep)
        .every(Duration::from_secs(600), upload::sweep::KIND)
        .handle_long(process::KIND, process::Process)
        .handle_spare(process::share::KIND, process::share::ProcessPart)
        .handle_long(level::KIND, level::LevelSound)
        .handle_idle(process::second::KIND, process::second::Refine)
        .handle(deletion::TAKE, deletion::DeleteTake)
        .handle(deletion::RECORDING, deletion::DeleteRecording)
        .handle(deletion::ATTEMPTS, deletion::SweepAttempts)
        .every(hour, deletion::ATTEMPTS)
}
