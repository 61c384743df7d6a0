//! Bytes come in: a thread reads the pipe into a bounded queue, so that arriving and understanding are apart; a container whose
//! end is needed is written to a file in the work folder first. Nothing else is ever opened for reading.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::container::{self, Look};
use super::ffi::StreamIo;
use super::trouble::Trouble;

/// Bytes read at once.
const PIECE: usize = 64 << 10;
/// How long a piece is waited for before it is asked whether it is still wanted.
const WAIT: Duration = Duration::from_millis(200);
/// Pieces that wait, at most: 4 MB.
const WAITING: usize = 64;
/// The name of the work file.
const SPOOL: &str = "input.spool";

/// The reading end of the queue.
pub struct Intake {
    pieces: Receiver<io::Result<Vec<u8>>>,
    current: Vec<u8>,
    at: usize,
    impatient: Arc<AtomicBool>,
}

/// Makes a reader give up as soon as it would have to wait: when only the length of what is there already is wanted.
#[derive(Clone)]
pub struct Impatience(Arc<AtomicBool>);

impl Impatience {
    /// From now on, waiting is the end.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Intake {
    /// Starts reading.
    #[must_use]
    pub fn start(from: impl Read + Send + 'static) -> (Self, Impatience) {
        let (to, pieces) = sync_channel(WAITING);
        std::thread::spawn(move || fetch(from, &to));
        let impatient = Arc::new(AtomicBool::new(false));
        (Self { pieces, current: Vec::new(), at: 0, impatient: impatient.clone() }, Impatience(impatient))
    }

    fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        loop {
            match self.pieces.recv_timeout(WAIT) {
                Ok(piece) => return Some(piece),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if self.impatient.load(Ordering::Relaxed) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

fn fetch(mut from: impl Read, to: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; PIECE];
        let got = match from.read(&mut piece) {
            Ok(0) => return,
            Ok(n) => {
                piece.truncate(n);
                Ok(piece)
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => Err(e),
        };
        let broken = got.is_err();
        if to.send(got).is_err() || broken {
            return;
        }
    }
}

impl Read for Intake {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.current.len() {
            match self.next() {
                None => return Ok(0),
                Some(piece) => (self.current, self.at) = (piece?, 0),
            }
        }
        let n = (self.current.len() - self.at).min(into.len());
        into[..n].copy_from_slice(&self.current[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// A recording that can be opened.
pub struct Recognised {
    /// The one demuxer that may be tried.
    pub demuxer: &'static str,
    /// Its bytes.
    pub io: StreamIo,
    /// The way to read it a second time, where it lies in the work file.
    pub again: Option<Again>,
}

/// A second reading of the work file.
pub struct Again {
    demuxer: &'static str,
    file: File,
}

impl Again {
    /// The same recording from its beginning. The first reading must have ended, for both share their place in the file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(mut self) -> Result<Recognised, Trouble> {
        self.file.rewind()?;
        let io = StreamIo::from_read_seek(self.file).map_err(|e| Trouble::Failed(e.to_string()))?;
        Ok(Recognised { demuxer: self.demuxer, io, again: None })
    }
}

/// Looks at the first bytes and decides how to read the rest: as it comes, or from a work file once it is whole.
///
/// # Errors
/// When it is nothing that holds video.
pub fn recognise(mut intake: Intake, folder: &Path) -> Result<Recognised, Trouble> {
    let mut head = Vec::new();
    let mut whole = false;
    loop {
        match container::look(&head, whole) {
            Look::More => {}
            Look::Unknown if head.is_empty() => return Err(Trouble::not_video("This file is empty.")),
            Look::Unknown => return Err(Trouble::not_video("This file is not a video.")),
            Look::Known { demuxer, spool: false } => {
                let io = StreamIo::from_read(io::Cursor::new(head).chain(intake));
                return Ok(Recognised { demuxer, io: io.map_err(|e| Trouble::Failed(e.to_string()))?, again: None });
            }
            Look::Known { demuxer, spool: true } => {
                let file = spool(&head, &mut intake, folder)?;
                let again = Some(Again { demuxer, file: file.try_clone()? });
                let io = StreamIo::from_read_seek(file).map_err(|e| Trouble::Failed(e.to_string()))?;
                return Ok(Recognised { demuxer, io, again });
            }
        }
        match intake.next() {
            None => whole = true,
            Some(piece) => head.extend_from_slice(&piece?),
        }
    }
}

fn spool(head: &[u8], rest: &mut Intake, folder: &Path) -> Result<File, Trouble> {
    let path = folder.join(SPOOL);
    let mut file = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
    // The open file is all that is needed; the name would only be in the way of what is left for others.
    std::fs::remove_file(&path)?;
    file.write_all(head)?;
    io::copy(rest, &mut file)?;
    file.rewind()?;
    Ok(file)
}
