//! A store in a folder of this machine's disk. A key is a path below the folder; an object is a file that was written beside,
//! synced, renamed into place, and whose folder was synced too. Not a cache: what is here is the only copy.
//!
//! Invariant: a file below the folder, outside `.tmp`, is whole and durable.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tempfile::NamedTempFile;
use url::Url;

use super::spool::{self, Spool, blocking, failed};
use super::{Draft, Object, Stat, Store, StoreError, content_type, key, walk};

/// Where files are written before they are renamed; no key can name it.
const TEMPORARY: &str = ".tmp";
/// Pieces in which an object is read: one visit to the blocking pool each.
const PIECE: u64 = 512 * 1024;

/// Objects as files.
#[derive(Clone, Debug)]
pub struct Local {
    root: Arc<Path>,
}

impl Local {
    /// Opens the folder, making it when it is missing, and removes what a killed process left half written a day ago.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn open(root: &Path) -> Result<Local, String> {
        let root = root.to_owned();
        tokio::task::spawn_blocking(move || {
            spool::prepare(&root.join(TEMPORARY))
                .map_err(|e| format!("cannot prepare the folder {}: {e}", root.display()))?;
            let root = root.canonicalize().map_err(|e| format!("cannot open the folder {}: {e}", root.display()))?;
            Ok(Local { root: root.into() })
        })
        .await
        .map_err(|e| e.to_string())?
    }

    fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        key::check(name)?;
        Ok(self.root.join(name))
    }

    /// Makes a written temporary file durable under its name.
    fn place(&self, file: NamedTempFile, path: &Path) -> io::Result<()> {
        file.as_file().sync_data()?;
        let mut file = file;
        // A delete may remove a folder that is empty still, while we make the one below it or rename into it: then once more.
        for _ in 0..16 {
            let folder = path.parent().unwrap_or(&self.root);
            match self.make_folder(folder) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                made => made?,
            }
            match file.persist(path) {
                Ok(_) => return File::open(folder)?.sync_all(),
                Err(e) if e.error.kind() == io::ErrorKind::NotFound => file = e.file,
                Err(e) => return Err(e.error),
            }
        }
        Err(io::Error::other("the folder keeps vanishing"))
    }

    /// Makes a folder and those above it, each one durable in the folder that holds it.
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        if folder.is_dir() {
            return Ok(());
        }
        let above = folder.parent().unwrap_or(&self.root);
        self.make_folder(above)?;
        match fs::create_dir(folder) {
            Ok(()) => File::open(above)?.sync_all(),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(e) => Err(e),
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        // Empty folders go too; one that is not empty says so and stays.
        let mut folder = path.parent();
        while let Some(here) = folder.filter(|here| **here != *self.root) {
            if fs::remove_dir(here).is_err() {
                break;
            }
            folder = here.parent();
        }
        Ok(())
    }
}

/// A part of a file on its way out.
struct Reading {
    file: File,
    left: u64,
}

impl Reading {
    /// Opens the file at the start of the range and reads the first piece: the file's size, that piece, and what is left.
    /// `None` when there is no such file.
    fn open(path: &Path, range: Option<Range<u64>>) -> io::Result<Option<(u64, Bytes, Reading)>> {
        let mut file = match File::open(path) {
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
            opened => opened?,
        };
        let found = file.metadata()?;
        if !found.is_file() {
            return Ok(None);
        }
        let size = found.len();
        let range = range.unwrap_or(0..size);
        let (from, to) = (range.start.min(size), range.end.min(size));
        file.seek(io::SeekFrom::Start(from))?;
        let (first, reading) = Reading { file, left: to.saturating_sub(from) }.piece()?;
        Ok(Some((size, first, reading)))
    }

    fn piece(self) -> io::Result<(Bytes, Reading)> {
        let Reading { file, left } = self;
        let length = left.min(PIECE);
        let mut piece = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        if (&file).take(length).read_to_end(&mut piece)? as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((piece.into(), Reading { file, left: left - length }))
    }
}

/// `Ok(None)` when there is no such file, or a folder of that name.
fn size_of(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.is_file().then_some(found.len())),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(e),
    }
}

#[async_trait]
impl Store for Local {
    async fn put(&self, key: &str, bytes: Bytes, content_type: &str) -> Result<(), StoreError> {
        let mut draft = self.begin(key, content_type).await?;
        draft.write(bytes).await?;
        draft.finish().await
    }

    async fn begin(&self, key: &str, _content_type: &str) -> Result<Box<dyn Draft>, StoreError> {
        let (path, folder) = (self.path(key)?, self.root.join(TEMPORARY));
        let spool = blocking(move || Spool::new(&folder)).await?;
        Ok(Box::new(LocalDraft { store: self.clone(), path, spool }))
    }

    async fn put_file(&self, key: &str, from: &Path, _content_type: &str) -> Result<(), StoreError> {
        let (path, store, from) = (self.path(key)?, self.clone(), from.to_owned());
        let spool = Spool::new(&self.root.join(TEMPORARY)).map_err(failed)?;
        let copy = move |mut file: NamedTempFile| {
            io::copy(&mut File::open(&from)?, file.as_file_mut())?;
            store.place(file, &path)
        };
        spool.finish(copy).await
    }

    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Object, StoreError> {
        let path = self.path(key)?;
        let opened = blocking(move || Reading::open(&path, range)).await?;
        let (size, first, reading) = opened.ok_or_else(|| StoreError::Missing(key.to_owned()))?;
        let rest = stream::try_unfold(reading, |reading| async move {
            if reading.left == 0 { Ok(None) } else { blocking(move || reading.piece().map(Some)).await }
        });
        let first = stream::iter((!first.is_empty()).then_some(Ok(first)));
        Ok(Object { size, body: first.chain(rest).boxed() })
    }

    async fn head(&self, key: &str) -> Result<Option<Stat>, StoreError> {
        let path = self.path(key)?;
        let size = blocking(move || size_of(&path)).await?;
        Ok(size.map(|size| Stat { key: key.to_owned(), size, content_type: content_type(key).to_owned() }))
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Stat>, StoreError> {
        let (root, prefix, after) = (self.root.clone(), prefix.to_owned(), after.map(str::to_owned));
        blocking(move || walk::keys(&root, &prefix, after.as_deref(), limit)).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let (path, store) = (self.path(key)?, self.clone());
        blocking(move || store.remove(&path)).await
    }

    async fn signed_url(&self, _key: &str, _valid: Duration) -> Result<Option<Url>, StoreError> {
        Ok(None)
    }

    fn local_path(&self, key: &str) -> Option<PathBuf> {
        self.path(key).ok()
    }
}

struct LocalDraft {
    store: Local,
    path: PathBuf,
    spool: Spool,
}

#[async_trait]
impl Draft for LocalDraft {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.spool.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let LocalDraft { store, path, spool } = *self;
        spool.finish(move |file| store.place(file, &path)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dropped_draft_leaves_nothing_and_a_finished_one_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let store = Local::open(dir.path()).await.unwrap();
        let mut draft = store.begin("a/b/one", "").await.unwrap();
        draft.write(Bytes::from(vec![7; 300_000])).await.unwrap();
        drop(draft);
        assert_eq!(fs::read_dir(dir.path().join(TEMPORARY)).unwrap().count(), 0);
        assert!(store.head("a/b/one").await.unwrap().is_none());
        let mut draft = store.begin("a/b/one", "").await.unwrap();
        draft.write(Bytes::from_static(b"he")).await.unwrap();
        draft.write(Bytes::from_static(b"llo")).await.unwrap();
        assert!(store.head("a/b/one").await.unwrap().is_none());
        draft.finish().await.unwrap();
        assert_eq!(fs::read(store.local_path("a/b/one").unwrap()).unwrap(), b"hello");
    }

    #[tokio::test]
    async fn deleting_the_last_object_removes_the_folders_but_never_the_root() {
        let dir = tempfile::tempdir().unwrap();
        let store = Local::open(dir.path()).await.unwrap();
        store.put("a/b/one", Bytes::from_static(b"1"), "").await.unwrap();
        store.put("a/two", Bytes::from_static(b"2"), "").await.unwrap();
        store.delete("a/b/one").await.unwrap();
        assert!(!dir.path().join("a/b").exists() && dir.path().join("a/two").exists());
        store.delete("a/two").await.unwrap();
        assert!(dir.path().exists() && !dir.path().join("a").exists());
    }
}
