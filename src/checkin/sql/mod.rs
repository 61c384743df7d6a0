//! Every statement about check-ins, their goals, blockers and reviews.

pub mod check_in;
