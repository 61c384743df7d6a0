//! The process job.

/// The kind of job that makes a take's bytes play.
pub const KIND: &str = "process";
