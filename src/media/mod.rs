//! The media work: from the bytes of a recording to renditions that play. It knows nothing of HTTP, SQL or the store: it reads
//! a stream of bytes and leaves files in a folder.
//!
//! Everything that touches libav runs in a child process ([`child`]) that has locked itself away before it sees the first
//! byte. The invariant of the whole module: nothing is reported as done that has not been decoded again and counted.

pub mod child;
pub mod needs;
pub mod report;
pub mod sandbox;
pub mod trouble;

// -- bytes in
mod container;
mod intake;
mod pump;
mod queue;
mod resume;
mod source;

// -- pictures and sound
mod avc;
mod cadence;
mod colour;
mod copied;
mod copy;
mod fan;
mod fields;
pub mod level;
mod listen;
pub mod loudness;
mod pace;
pub mod part;
mod picture;
mod plan;
mod rung;
mod sound;
mod sps;
mod steady;
mod still;
mod tone;

// -- pictures of our own
pub mod film;

// -- files out
mod again;
mod announce;
mod board;
mod faststart;
mod jpeg;
mod playlist;
mod preview;
mod segment;
mod shelf;
mod storyboard;
mod transcode;
mod verify;
mod volume;
mod waveform;

mod ffi;

pub use ffi::{hand_back, has_decoder, has_encoder, version};
pub use playlist::of as master_playlist;
pub use report::{AudioResult, FileKind, FileResult, Probe, RenditionResult, ResultJson};
