//! The HTTP interface from outside, one file a noun.

#[path = "../harness/mod.rs"]
mod harness;

mod account;
mod assets;
mod channel;
mod checkin;
mod command;
mod comment;
mod embed;
mod goal;
mod goal_carry;
mod goal_list;
mod home;
mod http;
mod live;
mod no_mail;
mod notify;
mod oembed;
mod org;
mod page;
mod passes;
mod push;
mod recorded;
mod recording;
mod replaced;
mod sending;
mod server;
mod take;
mod watching;
