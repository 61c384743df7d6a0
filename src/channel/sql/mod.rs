//! Every statement about channels and posts.

pub mod channel;
