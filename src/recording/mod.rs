//! Take sessions, takes and recordings.

pub mod brief;

pub use brief::{RecordingBrief, briefs};
