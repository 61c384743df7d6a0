//! What the threads of one piece of work share: where files go, who is told, how far each rendition is, whether to stop.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::announce::{Announcement, Others};
use super::pace::Pace;
use super::report::{Event, FileKind, FileResult};
use super::shelf::Shelf;
use super::source::milliseconds;
use super::trouble::Trouble;

/// Tells the parent that something happened.
pub type Tell = Box<dyn Fn(&Event) -> io::Result<()> + Send + Sync>;

/// Shared by every thread of one piece of work.
pub struct Board {
    /// How fast the recording arrives, and the plan that follows.
    pub pace: Pace,
    /// Finished segments.
    pub shelf: Shelf,
    /// The master playlist before the end.
    pub announcement: Announcement,
    folder: PathBuf,
    tell: Tell,
    cancelled: AtomicBool,
    longest: AtomicU32,
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
            pace: Pace::default(),
            shelf: Shelf::default(),
            announcement: Announcement::default(),
            folder: folder.to_owned(),
            tell,
            cancelled: AtomicBool::new(false),
            longest: AtomicU32::new(2),
            files: Mutex::default(),
            reached: Mutex::default(),
        }
    }

    /// The work folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many seconds a segment lasts at most.
    #[must_use]
    pub fn longest(&self) -> u32 {
        self.longest.load(Ordering::Relaxed)
    }

    /// Segments may last so many seconds. Said before the first one.
    pub fn segments_may_last(&self, seconds: u32) {
        self.longest.store(seconds, Ordering::Relaxed);
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

    /// A file of an earlier attempt is one of the result's.
    ///
    /// # Errors
    /// When it is not there.
    pub fn keep(&self, kind: FileKind, name: &str) -> Result<(), Trouble> {
        let bytes = fs::File::open(self.folder.join(name))?.metadata()?.len();
        let content_type = kind.content_type().to_owned();
        hold(&self.files).push(FileResult { name: name.to_owned(), kind, content_type, bytes });
        Ok(())
    }

    /// The first segment of a rendition has been told of.
    ///
    /// # Errors
    /// When the disk does not take the master playlist, or nobody listens.
    pub fn begun(&self, rendition: &str) -> Result<(), Trouble> {
        // Somebody who watches a recording while it is made waits for the other rungs, which come at once unless they are held back; a
        // file's may take minutes.
        let others = match (self.pace.holds_back(), self.pace.is_live()) {
            (true, _) => Others::HeldBack,
            (false, true) => Others::Soon,
            (false, false) => Others::Later,
        };
        self.announce(self.announcement.begun(rendition, others))
    }

    /// Tells the master playlist, when there is one to tell.
    ///
    /// # Errors
    /// When the disk does not take it, or nobody listens.
    pub fn announce(&self, master: Option<String>) -> Result<(), Trouble> {
        master.map_or(Ok(()), |text| self.playlist(FileKind::Master, "master.m3u8", text, false))
    }

    /// A rendition takes part in the progress, from there on.
    pub fn joins(&self, rendition: &str, media_ms: u64) {
        hold(&self.reached).insert(rendition.to_owned(), media_ms);
    }

    /// A rendition has come so far; when the slowest moves on, that is told.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn reached(&self, rendition: &str, media_ms: u64) -> Result<(), Trouble> {
        let slowest = {
            let mut all = hold(&self.reached);
            all.insert(rendition.to_owned(), media_ms);
            all.values().min().copied().unwrap_or(0)
        };
        // The lag is told also where no rung is finished with more: that is when it matters.
        let (arrived, lag, plan) = self.pace.now();
        let (arrived_ms, lag_ms) = (milliseconds(arrived), milliseconds(lag));
        self.tell(&Event::Progress { media_ms: slowest, arrived_ms, lag_ms, plan })
    }

    /// Every file so far, by name.
    #[must_use]
    pub fn files(&self) -> Vec<FileResult> {
        let mut files = hold(&self.files).clone();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files
    }
}
