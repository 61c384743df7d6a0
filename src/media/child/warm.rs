//! A child that waits for work: its libraries are loaded, and its task comes over the same pipe as the recording, before the first
//! byte of it. Loading is what a start takes longest for.
//!
//! One at most waits, and only while work is likely: it is started when somebody expects work and ends when none has come for some
//! minutes. It has seen nothing yet and is not confined while it waits; it locks itself in, like any other, before it reads on.
//! Invariant: a child serves one task. When the server ends, the pipe does, and so does whoever waits at it.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::{Group, Task, start};

/// The argument of a child that waits.
pub const WAIT: &str = "wait";
/// How long one waits for work that does not come.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// The longest task: what an earlier attempt has made is listed in it.
const LONGEST_TASK: u32 = 4 << 20;

/// What a waiting child is told, after four bytes that say how long it is.
#[derive(Serialize, Deserialize)]
struct Handed<T> {
    folder: PathBuf,
    task: T,
}

/// The place where a child waits.
#[derive(Clone, Debug)]
pub struct Pool {
    held: Arc<Mutex<Held>>,
    runtime: Option<Handle>,
    patience: Duration,
}

#[derive(Debug, Default)]
struct Held {
    child: Option<(PathBuf, Group)>,
    until: Option<Instant>,
    /// Which child it is, so that each is only sent away by whoever looks after it.
    number: u64,
}

impl Default for Pool {
    /// A place whose children wait for five minutes. Outside of a runtime nobody ever waits.
    fn default() -> Self {
        Self::with_patience(PATIENCE)
    }
}

impl Pool {
    /// A place whose children wait for so long.
    #[must_use]
    pub fn with_patience(patience: Duration) -> Self {
        Self { held: Arc::default(), runtime: Handle::try_current().ok(), patience }
    }

    /// Work is likely soon: one waits from now on, or waits on. One that cannot be started is not missed.
    pub fn expect(&self, binary: &Path) {
        let Some(runtime) = &self.runtime else { return };
        let mut held = hold(&self.held);
        held.until = Some(Instant::now() + self.patience);
        if held.child.as_ref().is_some_and(|(of, _)| of == binary) {
            return;
        }
        // The pipes belong to the runtime that the work runs on, whoever asks.
        let _entered = runtime.enter();
        let Ok(child) = start(binary, WAIT, Path::new("/")) else { return };
        held.child = Some((binary.to_owned(), Group(child)));
        held.number += 1;
        runtime.spawn(look_after(self.held.clone(), held.number));
    }

    /// Whether one waits.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        hold(&self.held).child.is_some()
    }

    /// The one that waits begins on this task, if one waits and still lives.
    pub(super) async fn begin(&self, binary: &Path, folder: &Path, task: &Task) -> Option<Group> {
        let (_, mut group) = hold(&self.held).child.take_if(|(of, _)| of == binary)?;
        let text = serde_json::to_vec(&Handed { folder: folder.to_owned(), task }).ok()?;
        let length = u32::try_from(text.len()).ok().filter(|length| *length <= LONGEST_TASK)?;
        let pipe = group.0.stdin.as_mut()?;
        pipe.write_all(&length.to_be_bytes()).await.ok()?;
        pipe.write_all(&text).await.ok()?;
        Some(group)
    }
}

fn hold(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends a child away when nobody expects work any more.
async fn look_after(held: Arc<Mutex<Held>>, number: u64) {
    loop {
        let until = {
            let mut held = hold(&held);
            match held.until {
                Some(until) if held.number == number && held.child.is_some() => {
                    if until <= Instant::now() {
                        held.child = None;
                        return;
                    }
                    until
                }
                _ => return,
            }
        };
        tokio::time::sleep_until(until).await;
    }
}

/// The child's side: waits for a task and goes into its folder. None when nobody needs it any more.
///
/// # Errors
/// What is wrong with the task.
pub fn receive() -> Result<Option<Task>, String> {
    // Not through the buffer of standard input: not one byte of the recording may be read before the door is locked.
    let pipe = io::stdin().as_fd().try_clone_to_owned().map_err(|e| e.to_string())?;
    let mut pipe = File::from(pipe);
    let mut length = [0; 4];
    match pipe.read_exact(&mut length) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other.map_err(|e| e.to_string())?,
    }
    let length = u32::from_be_bytes(length);
    if length > LONGEST_TASK {
        return Err(format!("a task of {length} bytes"));
    }
    let mut text = vec![0; length as usize];
    pipe.read_exact(&mut text).map_err(|e| e.to_string())?;
    let handed: Handed<Task> = serde_json::from_slice(&text).map_err(|e| e.to_string())?;
    std::env::set_current_dir(&handed.folder).map_err(|e| format!("{}: {e}", handed.folder.display()))?;
    Ok(Some(handed.task))
}
