//! Tools for handlers: reading requests (bodies, paging, forms), guarding them, tracing and counting them. Knows no feature.

pub mod assets;
pub mod body;
pub mod calendar;
pub mod cross_site;
pub mod form;
pub mod headers;
pub mod health;
pub mod human;
pub mod metrics;
pub mod openapi;
pub mod outgoing;
pub mod paging;
pub mod patch;
pub mod policy;
pub mod rate;
pub mod trace;
pub mod unknown;
