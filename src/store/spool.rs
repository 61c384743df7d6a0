//! A temporary file that bytes are gathered into before they become an object. Not durable by itself: the store that owns
//! it says when it is.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;
use std::{fs, mem};

use bytes::Bytes;
use tempfile::NamedTempFile;

use super::StoreError;

/// What is gathered in memory before it goes to the disk in one call: the whole cost in memory of an object being written.
const GATHER: usize = 256 * 1024;
/// Temporary files of a process that died are removed when they are this old.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// A file being written; dropping it removes it.
pub struct Spool {
    file: Option<NamedTempFile>,
    gathered: Vec<Bytes>,
    waiting: usize,
}

impl Spool {
    /// A new file in `folder`.
    pub fn new(folder: &Path) -> io::Result<Spool> {
        let file = tempfile::Builder::new().prefix("").suffix(".part").tempfile_in(folder)?;
        Ok(Spool { file: Some(file), gathered: Vec::new(), waiting: 0 })
    }

    /// Adds bytes at the end.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.waiting += bytes.len();
        self.gathered.push(bytes);
        if self.waiting < GATHER {
            return Ok(());
        }
        let (mut file, pieces) = self.take()?;
        self.file = Some(blocking(move || write_all(&mut file, pieces).map(|()| file)).await?);
        Ok(())
    }

    /// Writes what is still gathered and hands the file to `then`, all in one visit to the blocking pool.
    pub async fn finish<T: Send + 'static>(
        mut self,
        then: impl FnOnce(NamedTempFile) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (mut file, pieces) = self.take()?;
        blocking(move || {
            write_all(&mut file, pieces)?;
            then(file)
        })
        .await
    }

    fn take(&mut self) -> Result<(NamedTempFile, Vec<Bytes>), StoreError> {
        let gone = || StoreError::Failed { passing: false, cause: "an earlier write of this object failed".into() };
        self.waiting = 0;
        Ok((self.file.take().ok_or_else(gone)?, mem::take(&mut self.gathered)))
    }
}

fn write_all(file: &mut NamedTempFile, pieces: Vec<Bytes>) -> io::Result<()> {
    pieces.iter().try_for_each(|piece| file.as_file_mut().write_all(piece))
}

/// Makes the folder for temporary files and removes what a killed process left in it a day ago.
pub fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > STALE) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Runs file work where it may block.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| StoreError::Failed { passing: false, cause: e.to_string() })?
        .map_err(failed)
}

/// What an error of the file system means for a store.
#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
pub fn failed(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        kind => StoreError::Failed {
            passing: matches!(kind, io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
            cause: error.to_string(),
        },
    }
}
