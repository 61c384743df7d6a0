//! The HTTP interface from outside, one file a noun.

#[path = "../harness/mod.rs"]
mod harness;

mod account;
mod assets;
mod goal;
mod recorded;
mod http;
mod server;
mod watching;
