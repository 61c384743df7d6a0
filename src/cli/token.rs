//! `twotake token …`.

/// Arguments of `twotake token`.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs `twotake token`.
pub fn run(_args: Args) -> super::Outcome {
    Err("not built yet".into())
}
