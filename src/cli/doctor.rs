//! `twotake doctor`: what this machine offers, and what to do about what it does not.

/// Arguments of `twotake doctor`.
pub type Args = crate::config::Args;

/// Runs `twotake doctor`.
pub fn run(_args: Args) -> super::Outcome {
    Err("not built yet".into())
}
