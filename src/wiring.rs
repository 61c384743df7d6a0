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
    crate::search::routes::register(config);
    crate::scoreboard::routes::register(config);
    crate::notify::routes::register(config);
    upload::routes::register(config);
    crate::recording::routes::register(config);
    crate::recording::share::routes::register(config);
    crate::recording::caption::routes::register(config);
    crate::recording::view::routes::register(config);
    crate::page::register(config);
    crate::admin::routes::register(config);
    crate::org::routes::register(config);
    crate::sample::routes::register(config);
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
    described().into_iter().for_each(|part| document.merge(part));
    crate::http::openapi::complete(&document)
}

/// What each feature says of its own part of the interface.
fn described() -> Vec<utoipa::openapi::OpenApi> {
    vec![
        // one line a feature
        crate::account::routes::Api::openapi(),
        crate::goal::routes::Api::openapi(),
        crate::checkin::routes::Api::openapi(),
        crate::channel::routes::Api::openapi(),
        crate::comment::routes::Api::openapi(),
        crate::home::routes::Api::openapi(),
        crate::search::routes::Api::openapi(),
        crate::scoreboard::routes::Api::openapi(),
        crate::notify::routes::Api::openapi(),
        crate::admin::routes::Api::openapi(),
        crate::recording::share::routes::Api::openapi(),
        crate::recording::caption::routes::Api::openapi(),
        crate::recording::view::routes::Api::openapi(),
        crate::recording::bytes::routes::Api::openapi(),
        upload::routes::Api::openapi(),
        crate::org::routes::Api::openapi(),
        crate::sample::routes::Api::openapi(),
        crate::recording::routes::Api::openapi(),
        crate::http::health::Api::openapi(),
        crate::page::Api::openapi(),
    ]
}

/// Every kind of job and every schedule.
#[must_use]
pub fn jobs() -> Registry {
    use crate::notify::{push, tick};
    use crate::recording::{deletion, level, process};
    use crate::sample::{self, apart::Apart};
    use crate::scoreboard::fold;
    use crate::{channel, checkin, search};
    let hour = Duration::from_secs(3600);
    Registry::default()
        // one line a kind, one line a schedule
        .handle(upload::sweep::KIND, upload::sweep::Sweep)
        .every(Duration::from_secs(600), upload::sweep::KIND)
        .handle(channel::tick::KIND, Apart(channel::tick::Tick))
        .every(Duration::from_secs(30), channel::tick::KIND)
        .handle(checkin::tick::KIND, Apart(checkin::tick::Tick))
        .every(Duration::from_secs(60), checkin::tick::KIND)
        .handle_long(process::KIND, process::Process)
        .handle_spare(process::share::KIND, process::share::ProcessPart)
        .handle_long(level::KIND, level::LevelSound)
        .handle_idle(process::second::KIND, process::second::Refine)
        .handle(search::fill::KIND, search::fill::Fill)
        .handle(search::merge::KIND, search::merge::Merge)
        .every(24 * hour, search::merge::KIND)
        .handle(deletion::TAKE, deletion::DeleteTake)
        .handle(deletion::RECORDING, deletion::DeleteRecording)
        .handle(deletion::ATTEMPTS, deletion::SweepAttempts)
        .every(hour, deletion::ATTEMPTS)
        .handle_long(sample::fill::KIND, sample::fill::Fill)
        .handle(sample::prepare::KIND, sample::prepare::Prepare)
        .handle_long(sample::remove::KIND, sample::remove::Remove)
        .handle(tick::KIND, Apart(tick::Tick))
        .every(Duration::from_secs(60), tick::KIND)
        .handle(tick::SWEEP, tick::Sweep)
        .every(hour, tick::SWEEP)
        .handle(push::job::KIND, push::job::Wake)
        .handle(fold::KIND, fold::Fold)
        .every(Duration::from_secs(600), fold::KIND)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn no_two_features_describe_different_things_by_one_name() {
        let mut known = BTreeMap::new();
        for part in described() {
            for (name, schema) in part.components.into_iter().flat_map(|all| all.schemas) {
                let schema = serde_json::to_value(schema).unwrap();
                let before = known.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*before, schema, "two shapes are called {name}: the document would tell of one only");
            }
        }
    }
}
