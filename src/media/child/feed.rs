//! The parent's writing end: input into the child's pipe, and the clock that bounds the child's work. The clock stands still
//! while the input itself is awaited, so a slow upload never times out a healthy child.

use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStdin;
use tokio::time::{Instant, MissedTickBehavior};

/// How long the child has been busy, and how long it has said nothing.
#[derive(Default)]
pub struct Clock {
    waiting: AtomicBool,
    silent_ms: AtomicU64,
}

impl Clock {
    /// The child has said something.
    pub fn heard(&self) {
        self.silent_ms.store(0, Ordering::Relaxed);
    }

    /// Ends when a bound is passed, with the sentence for the log.
    pub async fn watch(&self, wall_clock: Duration, stall: Duration) -> String {
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut last, mut busy_ms) = (Instant::now(), 0);
        loop {
            tick.tick().await;
            let passed = u64::try_from(last.elapsed().as_millis()).unwrap_or(u64::MAX);
            last = Instant::now();
            if self.waiting.load(Ordering::Relaxed) {
                self.heard();
                continue;
            }
            busy_ms += passed;
            let silent_ms = self.silent_ms.fetch_add(passed, Ordering::Relaxed) + passed;
            if u128::from(busy_ms) > wall_clock.as_millis() {
                return format!("the work took longer than {} s", wall_clock.as_secs());
            }
            if u128::from(silent_ms) > stall.as_millis() {
                return format!("no progress for {} s", stall.as_secs());
            }
        }
    }
}

/// Writes the input into the child. Returns only if the input itself breaks; a child that no longer reads (it has refused, or
/// has what it needs) is no error, and after the end the pipe is closed and nothing more happens here.
pub async fn input(input: impl Stream<Item = io::Result<Bytes>>, mut to: ChildStdin, clock: &Clock) -> io::Error {
    let mut input = pin!(input);
    loop {
        clock.waiting.store(true, Ordering::Relaxed);
        let next = input.next().await;
        clock.waiting.store(false, Ordering::Relaxed);
        match next {
            Some(Ok(bytes)) => {
                if to.write_all(&bytes).await.is_err() {
                    break;
                }
            }
            Some(Err(e)) => return e,
            None => break,
        }
    }
    drop(to);
    std::future::pending().await
}
