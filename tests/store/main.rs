//! One conformance suite over every store, and what is special to each.

mod conformance;
mod faults;
mod network;
