//! The HTTP interface from outside, one file a noun.

#[path = "../harness/mod.rs"]
mod harness;

mod account;
mod acknowledge;
mod assets;
mod caption;
mod channel;
mod checkin;
mod checkin_blocker;
mod checkin_fact;
mod checkin_flag;
mod command;
mod comment;
mod demo;
mod digest;
mod embed;
mod goal;
mod goal_carry;
mod goal_list;
mod goal_rule;
mod home;
mod http;
mod live;
mod mention;
mod no_mail;
mod notify;
mod oembed;
mod org;
mod page;
mod passes;
mod people;
mod permission;
mod post;
mod push;
mod recorded;
mod recording;
mod reliability;
mod replaced;
mod round;
mod scoreboard;
mod search;
mod sending;
mod server;
mod take;
mod watching;
