//! Logs: a readable sentence with identifiers as fields; pretty for a terminal, JSON for machines.

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Sets up logging to standard error, once for the process.
pub fn init(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call (a test that starts two servers) keeps the first subscriber.
    let _ = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Pretty => builder.with_target(false).try_init(),
    };
}
