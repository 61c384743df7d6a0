//! The HTTP interface from outside, one file a noun.

#[path = "../harness/mod.rs"]
mod harness;

mod account;
mod command;
mod assets;
mod channel;
mod comment;
mod embed;
mod goal;
mod http;
mod oembed;
mod org;
mod page;
mod recorded;
mod recording;
mod sending;
mod server;
mod take;
mod watching;
