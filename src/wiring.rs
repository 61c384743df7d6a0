//! The only file that knows every feature: their routes, their job kinds, their schedules.

use std::time::Duration;

use actix_web::web::ServiceConfig;

use crate::jobs::Registry;
use crate::upload;

/// Registers every route. Order matters only for the catch-all at the end (the web app).
pub fn routes(config: &mut ServiceConfig) {
    crate::http::body::configure(config);
    // one line a feature
    crate::account::routes::register(config);
    crate::goal::routes::register(config);
    upload::routes::register(config);
}

/// Every kind of job and every schedule.
#[must_use]
pub fn jobs() -> Registry {
    Registry::default()
        .handle(upload::sweep::KIND, upload::sweep::Sweep)
        .every(Duration::from_secs(600), upload::sweep::KIND)
    // one line a kind: .handle("process", crate::recording::process::Process)
    // one line a schedule: .every(Duration::from_secs(3600), "upload.sweep")
}
