//! `twotake serve`: settings, logs, and over to the server.

use std::process::ExitCode;

use crate::config::{self, Config};

/// Arguments of `twotake serve`: every setting.
pub type Args = config::Args;

/// Runs `twotake serve` until a signal ends it.
pub fn run(args: Args) -> super::Outcome {
    let config = Config::resolve(args)?;
    crate::http::trace::init(config.log_format, &config.log);
    super::block_on(async move {
        crate::serve::until_signal(config).await?;
        Ok(ExitCode::SUCCESS)
    })
}
