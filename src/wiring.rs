//! The only file that knows every feature: their routes, their job kinds, their schedules.

use actix_web::web::ServiceConfig;

use crate::jobs::Registry;

/// Registers every route. Order matters only for the catch-all at the end (the web app).
pub fn routes(config: &mut ServiceConfig) {
    crate::http::body::configure(config);
    // one line a feature
    crate::account::routes::register(config);
    crate::goal::routes::register(config);
    crate::recording::share::routes::register(config);
    crate::recording::view::routes::register(config);
    crate::recording::bytes::routes::register(config);
    // last: what no feature answers is a file or a page of the web app
    config.default_service(actix_web::web::to(crate::http::assets::serve));
}

/// Every kind of job and every schedule.
#[must_use]
pub fn jobs() -> Registry {
    Registry::default()
    // one line a kind: .handle("process", crate::recording::process::Process)
    // one line a schedule: .every(Duration::from_secs(3600), "upload.sweep")
}
