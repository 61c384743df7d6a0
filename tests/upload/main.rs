//! Uploads: the protocol row by row, races, silence, limits, and clients nobody here wrote while the server is killed.

#[path = "../harness/mod.rs"]
mod harness;

mod cli;
mod kill;
mod limit;
mod log;
mod protocol;
mod race;
mod silence;
mod tus;
