//! `twotake media …`: the media work without a server.

/// Arguments of `twotake media`.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs `twotake media`.
pub fn run(_args: Args) -> super::Outcome {
    Err("not built yet".into())
}
