//! The HTTP interface from outside, one file a noun.

#[path = "../harness/mod.rs"]
mod harness;

mod account;
mod assets;
mod embed;
mod channel;
mod comment;
mod goal;
mod http;
mod oembed;
mod page;
mod recorded;
mod server;
mod watching;
