//! The HTTP interface from outside, one file a noun.

#[path = "../harness/mod.rs"]
mod harness;

mod account;
mod assets;
mod embed;
mod channel;
mod comment;
mod goal;
mod recorded;
mod recording;
mod sending;
mod http;
mod oembed;
mod page;
mod recorded;
mod server;
mod take;
mod watching;
