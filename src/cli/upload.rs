//! `twotake upload FILE`: a client of the public API.

/// Arguments of `twotake upload`.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs `twotake upload`.
pub fn run(_args: Args) -> super::Outcome {
    Err("not built yet".into())
}
