//! Every statement about channels and posts.

pub mod channel;
pub mod draft;
pub mod post;
pub mod receipt;
pub mod revision;
pub mod tick;
