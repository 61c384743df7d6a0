//! Every statement about what can be found.

pub mod find;
pub mod index;
pub mod source;
