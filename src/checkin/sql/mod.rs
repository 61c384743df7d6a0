//! Every statement about check-ins, what they say of goals, blockers and reviews.

pub mod blocker;
pub mod check_in;
pub mod review;
pub mod said;
