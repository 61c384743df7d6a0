//! The media work: from the bytes of a recording to renditions that play. It knows nothing of HTTP, SQL or the store: it reads
//! a stream of bytes and leaves files in a folder.
//!
//! Everything that touches libav runs in a child process ([`child`]) that has locked itself away ([`sandbox`]) before it sees
//! the first byte. The invariant of the whole module: nothing is reported as done that has not been decoded again and counted.

pub mod child;
pub mod report;

pub use report::{AudioResult, FileKind, FileResult, Probe, RenditionResult, ResultJson};
