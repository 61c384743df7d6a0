//! The progress bar: how much has been sent and how fast, then how far the work has come. On a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

const SENDING: &str = "{msg:12} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const WORKING: &str = "{msg:12} {bar:30} {percent}%";

/// A bar on standard error; nothing is drawn where that is no terminal.
#[derive(Clone)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar that is drawn when `shown` (and on a terminal).
    pub fn new(shown: bool) -> Progress {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Progress(ProgressBar::with_draw_target(Some(0), target))
    }

    /// So many bytes of so many are on their way.
    pub fn sending(&self, at: u64, size: u64) {
        if self.0.length() != Some(size) || self.0.position() > at {
            self.style(SENDING, "Uploading");
            self.0.set_length(size);
            self.0.reset_eta();
        }
        self.0.set_position(at);
    }

    /// More bytes are on their way.
    pub fn sent(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    /// The connection broke; it is tried again after this pause.
    pub fn resuming(&self, pause: Duration) {
        self.0.set_message(format!("resuming {}s", pause.as_secs().max(1)));
    }

    /// The server is working.
    pub fn work(&self, take: &Value) {
        let phase = take["phase"].as_str().filter(|phase| !phase.is_empty()).unwrap_or("processing").to_owned();
        self.style(WORKING, "");
        self.0.set_message(phase);
        self.0.set_length(100);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to between 0 and 100")]
        self.0.set_position((take["progress"].as_f64().unwrap_or_default().clamp(0.0, 1.0) * 100.0) as u64);
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }

    fn style(&self, template: &str, message: &'static str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
        if !message.is_empty() {
            self.0.set_message(message);
        }
    }
}
