//! What operators see: the audit trail and the server's numbers.

pub mod audit;
pub mod routes;
pub mod sql;
