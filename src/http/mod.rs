//! Tools for handlers: reading requests (bodies, paging, forms), guarding them, tracing and counting them. Knows no feature.

pub mod body;
pub mod form;
pub mod paging;
pub mod patch;
pub mod rate;
pub mod trace;
