//! Waiting for a condition instead of for a time.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long a test is patient by default: long, because the machine may be busy; a passing test never waits that long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until `condition` holds; panics with `what` when it has not within `patience`.
pub async fn until<F: Future<Output = bool>>(what: &str, patience: Duration, mut condition: impl FnMut() -> F) {
    let deadline = Instant::now() + patience;
    while !condition().await {
        assert!(Instant::now() < deadline, "waited {patience:?} in vain until {what}");
        sleep(Duration::from_millis(40)).await;
    }
}

/// As [`until`], and hands over what was waited for.
pub async fn until_some<T, F: Future<Output = Option<T>>>(
    what: &str,
    patience: Duration,
    mut ask: impl FnMut() -> F,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {patience:?} in vain until {what}");
        sleep(Duration::from_millis(40)).await;
    }
}
