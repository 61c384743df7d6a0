//! What operators see: the audit trail.

pub mod audit;
pub mod sql;
