//! Home: what a person owes, their week, their goals, then what is new. Reads what other features keep; keeps nothing.
//!
//! Invariant: every list here is bounded, and what is owed comes in the order in which it is due.

pub mod news;
pub mod owe;
pub mod routes;
pub mod sql;
