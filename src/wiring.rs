//! The only file that knows every feature: their routes, their job kinds, their schedules.

use actix_web::web::ServiceConfig;

/// Registers every route. Order matters only for the catch-all at the end (the web app).
pub fn routes(config: &mut ServiceConfig) {
    crate::http::body::configure(config);
    // one line a feature: crate::account::routes::register(config);
}
