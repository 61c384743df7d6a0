//! The queue of owed work, on both databases: driven by hand, so that nothing waits for a clock.

#[path = "../harness/mod.rs"]
mod harness;

mod ending;
mod lease;
mod node;
mod script;
