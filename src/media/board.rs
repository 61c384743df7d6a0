//! What the threads of one piece of work share: where files go, who is told, how far each rendition is, whether to stop.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::report::{Event, FileKind, FileResult, Plan};
use super::trouble::Trouble;

/// Tells the parent that something happened.
pub type Tell = Box<dyn Fn(&Event) -> io::Result<()> + Send + Sync>;

/// Shared by every thread of one piece of work.
pub struct Board {
    folder: PathBuf,
    tell: Tell,
    cancelled: AtomicBool,
    files: Mutex<Vec<FileResult>>,
    reached: Mutex<BTreeMap<String, u64>>,
}

fn hold<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Board {
    /// A board over a folder.
    #[must_use]
    pub fn new(folder: &Path, tell: Tell) -> Self {
        Self {
            folder: folder.to_owned(),
            tell,
            cancelled: AtomicBool::new(false),
            files: Mutex::default(),
            reached: Mutex::default(),
        }
    }

    /// The work folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Asks every thread to stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Ends a thread that was asked to stop.
    ///
    /// # Errors
    /// When it was.
    pub fn go_on(&self) -> Result<(), Trouble> {
        if self.cancelled.load(Ordering::Relaxed) { Err(Trouble::Cancelled) } else { Ok(()) }
    }

    /// Tells the parent.
    ///
    /// # Errors
    /// When nobody listens any more.
    pub fn tell(&self, event: &Event) -> Result<(), Trouble> {
        (self.tell)(event).map_err(|e| Trouble::Failed(format!("nobody listens: {e}")))
    }

    /// Writes a file under a temporary name and gives it its own when it is whole. Nothing is told yet.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn write(&self, kind: FileKind, name: &str, bytes: &[u8]) -> Result<u64, Trouble> {
        let part = self.folder.join(format!("{name}.part"));
        fs::write(&part, bytes)?;
        self.place(kind, &part, name)
    }

    /// Gives a finished temporary file its name.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn place(&self, kind: FileKind, part: &Path, name: &str) -> Result<u64, Trouble> {
        let to = self.folder.join(name);
        fs::rename(part, &to)?;
        // By the open file: the confinement knows no sizes of paths.
        let bytes = fs::File::open(&to)?.metadata()?.len();
        let mut files = hold(&self.files);
        files.retain(|file| file.name != name);
        files.push(FileResult { name: name.to_owned(), kind, content_type: kind.content_type().to_owned(), bytes });
        Ok(bytes)
    }

    /// Writes a file and tells of it.
    ///
    /// # Errors
    /// When the disk does not take it or nobody listens.
    pub fn publish(&self, kind: FileKind, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let bytes = self.write(kind, name, bytes)?;
        self.tell(&Event::File { kind, name: name.to_owned(), bytes })
    }

    /// Writes a playlist and tells of it, with its text.
    ///
    /// # Errors
    /// When the disk does not take it or nobody listens.
    pub fn playlist(&self, kind: FileKind, name: &str, text: String, ended: bool) -> Result<(), Trouble> {
        self.write(kind, name, text.as_bytes())?;
        self.tell(&Event::Playlist { name: name.to_owned(), text, ended })
    }

    /// A rendition takes part in the progress.
    pub fn joins(&self, rendition: &str) {
        hold(&self.reached).insert(rendition.to_owned(), 0);
    }

    /// A rendition has come so far; when the slowest moves on, that is told.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn reached(&self, rendition: &str, media_ms: u64) -> Result<(), Trouble> {
        let slowest = {
            let mut all = hold(&self.reached);
            let before = all.values().min().copied().unwrap_or(0);
            all.insert(rendition.to_owned(), media_ms);
            all.values().min().copied().filter(|now| *now > before)
        };
        slowest.map_or(Ok(()), |media_ms| {
            self.tell(&Event::Progress { media_ms, arrived_ms: media_ms, lag_ms: 0, plan: Plan::Full })
        })
    }

    /// Every file so far, by name.
    #[must_use]
    pub fn files(&self) -> Vec<FileResult> {
        let mut files = hold(&self.files).clone();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files
    }
}
