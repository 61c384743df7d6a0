//! The queue of owed work, on both databases: driven by hand, so that nothing waits for a clock; and two real nodes.

#[path = "../harness/mod.rs"]
mod harness;

mod copy;
mod decode;
mod doors;
mod ending;
mod kill;
mod lease;
mod level;
mod live;
mod node;
mod process;
mod redone;
mod script;
mod second;
#[path = "../api/sending.rs"]
mod sending;
mod share;
mod takeover;
mod two_nodes;
