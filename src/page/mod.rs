//! HTML the server renders: the watch page, the player in a frame, the neutral sign-in page, and what other programs read of
//! them (oEmbed, Open Graph). Not the web app: a member's watch page carries it inside, and it takes over from there.
//!
//! Invariant: nothing of a recording (title, name, picture, length) is written before `recording::access` has said that the
//! asker may watch it; every refusal is the same neutral page, which is made without looking at the recording at all.

pub mod card;
mod following;
pub mod frame;
mod mark;
pub mod oembed;
mod routes;
mod show;
pub mod sql;
mod thumbnail;
mod view;

pub use routes::{Api, register};
