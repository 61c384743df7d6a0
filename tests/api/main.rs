//! The HTTP interface from outside, one file a noun.

#[path = "../harness/mod.rs"]
mod harness;

mod account;
mod goal;
mod recorded;
mod server;
