//! Files made to do harm (F15 to F21), through `twotake media transcode` as an operator runs it: each is answered with a stable
//! code, within bounds of time and memory, without a crash, a connection or a foreign byte.
//!
//! `cargo test` tries a seeded handful of mutations; `make test-hostile` a thousand, `make test-hostile COUNT=10000` more.

mod answer;
mod bomb;
mod disguise;
mod lie;
mod mutate;
mod source;
mod stowaway;
