//! `twotake user …`.

/// Arguments of `twotake user`.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs `twotake user`.
pub fn run(_args: Args) -> super::Outcome {
    Err("not built yet".into())
}
