//! Tools for handlers.

pub mod trace;
