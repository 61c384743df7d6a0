//! Twotake: a self-hosted server for asynchronous video updates of at most three minutes, in at most two takes.
//!
//! The map, in reading order. The floor knows no feature; each feature is a folder with its types and rules (`mod.rs`), its
//! routes, its SQL and its jobs; `wiring.rs` alone knows all of them.

#![cfg_attr(not(test), deny(clippy::unwrap_used))]

// -- the floor
pub mod clock;
pub mod codes;
pub mod config;
pub mod db;
pub mod error;
pub mod events;
pub mod id;
pub mod jobs;
pub mod media;
pub mod store;

pub mod app;
pub mod http;

// -- the features, one noun each
pub mod account;
pub mod admin;
pub mod channel;
pub mod checkin;
pub mod comment;
pub mod goal;
pub mod home;
pub mod notify;
pub mod org;
pub mod page;
pub mod recording;
pub mod sample;
pub mod scoreboard;
pub mod search;
pub mod upload;

// -- putting it together
pub mod cli;
pub mod serve;
pub mod wiring;
