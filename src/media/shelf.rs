//! Segments that are finished, for those who make something of them while the recording goes on: the MP4, and rungs that were
//! held back. Each waits for what it needs; nobody waits for them.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::board::Board;
use super::trouble::Trouble;

/// How often a waiting thread looks whether it should stop.
const LOOK: Duration = Duration::from_millis(200);

/// Where finished segments are found.
#[derive(Default)]
pub struct Shelf {
    rows: Mutex<Rows>,
    new: Condvar,
}

#[derive(Default)]
struct Rows {
    top: Option<String>,
    silent: bool,
    tracks: BTreeMap<String, Row>,
}

#[derive(Default)]
struct Row {
    init: String,
    segments: Vec<String>,
    /// Where it ends, in its own clock, once it has.
    end: Option<i64>,
}

/// What a wait for a segment finds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// Its name.
    Segment(String),
    /// There is none: the rendition ended there, in its own clock.
    End(i64),
}

impl Shelf {
    fn hold(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Rows)) {
        change(&mut self.hold());
        self.new.notify_all();
    }

    /// This is the top rung.
    pub fn top_is(&self, name: &str) {
        self.change(|rows| rows.top = Some(name.to_owned()));
    }

    /// There will be no sound.
    pub fn is_silent(&self) {
        self.change(|rows| rows.silent = true);
    }

    /// A rendition has begun.
    pub fn begin(&self, name: &str, init: &str) {
        self.change(|rows| rows.tracks.entry(name.to_owned()).or_default().init = init.to_owned());
    }

    /// A segment of it is finished.
    pub fn add(&self, name: &str, segment: &str) {
        self.change(|rows| rows.tracks.entry(name.to_owned()).or_default().segments.push(segment.to_owned()));
    }

    /// It ends there.
    pub fn end(&self, name: &str, end: i64) {
        self.change(|rows| rows.tracks.entry(name.to_owned()).or_default().end = Some(end));
    }

    /// How many segments of a rendition lie here.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.hold().tracks.get(name).map_or(0, |row| row.segments.len())
    }

    fn wait<T>(&self, board: &Board, mut look: impl FnMut(&Rows) -> Option<T>) -> Result<T, Trouble> {
        let mut rows = self.hold();
        loop {
            board.go_on()?;
            if let Some(found) = look(&rows) {
                return Ok(found);
            }
            let woken = self.new.wait_timeout(rows, LOOK);
            rows = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The top rung's name, once it is known.
    ///
    /// # Errors
    /// When the work was cancelled.
    pub fn top(&self, board: &Board) -> Result<String, Trouble> {
        self.wait(board, |rows| rows.top.clone())
    }

    /// The init segment of a rendition, once it has begun; none when it is the sound, and there will be none.
    ///
    /// # Errors
    /// When the work was cancelled.
    pub fn init(&self, board: &Board, name: &str) -> Result<Option<String>, Trouble> {
        self.wait(board, |rows| match rows.tracks.get(name) {
            Some(row) if !row.init.is_empty() => Some(Some(row.init.clone())),
            _ if rows.silent && rows.top.as_deref() != Some(name) => Some(None),
            _ => None,
        })
    }

    /// A segment by its number, once it is finished.
    ///
    /// # Errors
    /// When the work was cancelled.
    pub fn segment(&self, board: &Board, name: &str, number: usize) -> Result<Found, Trouble> {
        self.wait(board, |rows| {
            let row = rows.tracks.get(name)?;
            let segment = row.segments.get(number).map(|segment| Found::Segment(segment.clone()));
            segment.or_else(|| row.end.map(Found::End))
        })
    }
}
