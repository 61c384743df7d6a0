//! Take sessions, takes and recordings: what a person records, what of it counts, and what others may watch.
//!
//! A session is the thing being recorded. It has at most two takes ([`take`]) and, from its first moment, one recording
//! ([`library`]), which is the stable name that a link points at. The process job ([`process`]) turns a take's bytes into files
//! that play; [`session`] publishes the kept take. [`caption`] holds what is said in it, in writing.
//!
//! Invariant: a counted take is never uncounted, and no recording is published but with a take that is ready.

pub mod access;
pub mod address;
pub mod brief;
pub mod bytes;
pub mod caption;
pub mod deletion;
pub mod level;
pub mod library;
pub mod live;
pub mod process;
pub mod replaced;
pub mod routes;
pub mod session;
pub mod share;
pub mod take;
pub mod view;

pub use brief::{RecordingBrief, brief, briefs};
