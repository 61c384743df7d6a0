//! A queue of packets that is bounded by their bytes, not by their number: the container can be walked far ahead of the
//! decoders, so that a recording that is too long is found out early, in bounded memory.

use std::sync::mpsc::{Receiver, SendError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// What waits at most, in bytes, in each queue.
const MOST: usize = 64 << 20;

#[derive(Default)]
struct Load {
    bytes: Mutex<usize>,
    less: Condvar,
}

/// The writing end.
pub struct To<T> {
    way: Sender<(T, usize)>,
    load: Arc<Load>,
}

/// The reading end.
pub struct From<T> {
    way: Receiver<(T, usize)>,
    load: Arc<Load>,
}

/// A queue.
#[must_use]
pub fn queue<T>() -> (To<T>, From<T>) {
    let (to, from) = channel();
    let load = Arc::new(Load::default());
    (To { way: to, load: load.clone() }, From { way: from, load })
}

impl<T> To<T> {
    /// Puts something of that weight in; waits while too much waits already.
    ///
    /// # Errors
    /// When the reading end has gone.
    pub fn send(&self, what: T, bytes: usize) -> Result<(), SendError<()>> {
        let mut waiting = self.load.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        while *waiting > MOST {
            // The reading end may go while we wait; then there is nobody left who would wake us.
            if Arc::strong_count(&self.load) == 1 {
                return Err(SendError(()));
            }
            let woken = self.load.less.wait_timeout(waiting, Duration::from_millis(100));
            waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        *waiting += bytes;
        drop(waiting);
        self.way.send((what, bytes)).map_err(|_| SendError(()))
    }
}

impl<T> From<T> {
    /// Takes the next out; none when nothing more will come.
    #[must_use]
    pub fn next(&self) -> Option<T> {
        let (what, bytes) = self.way.recv().ok()?;
        *self.load.bytes.lock().unwrap_or_else(PoisonError::into_inner) -= bytes;
        self.load.less.notify_one();
        Some(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_waits_and_a_broken_one_does_not() {
        let (to, from) = queue();
        to.send(1, MOST + 1).unwrap();
        let writer = std::thread::spawn(move || (to.send(2, 1), to.send(3, MOST), to.send(4, 1)));
        assert_eq!((from.next(), from.next()), (Some(1), Some(2)));
        drop(from);
        assert!(writer.join().unwrap().2.is_err());
    }
}
