//! Every statement about channels and posts.

pub mod channel;
pub mod post;
pub mod receipt;
