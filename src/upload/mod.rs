//! Bytes arrive.
