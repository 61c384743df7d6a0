//! Comments and reactions.
