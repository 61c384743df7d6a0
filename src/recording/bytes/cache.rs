//! Small files of recordings in memory: playlists and segments are asked for many times in a row, and reading 200 kB through
//! the file system costs more than answering it. Bounded in bytes; keys are never overwritten, so nothing in here can be stale.

use bytes::Bytes;
use futures_util::TryStreamExt;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::store::{Store, StoreError};

/// Memory it may fill, in bytes.
const CAPACITY: u64 = 64 << 20;
/// Largest file that is kept, in bytes.
pub const LARGEST: u64 = 2 << 20;

#[derive(Clone)]
struct BySize;

impl Weighter<String, Bytes> for BySize {
    fn weight(&self, key: &String, bytes: &Bytes) -> u64 {
        (key.len() + bytes.len()) as u64
    }
}

/// Files by their key.
pub struct Hot(Cache<String, Bytes, BySize>);

impl Default for Hot {
    fn default() -> Self {
        // About 300 files of 200 kB; an estimate only sizes the tables.
        Hot(Cache::with_weighter(300, CAPACITY, BySize))
    }
}

impl std::fmt::Debug for Hot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hot({} bytes)", self.0.weight())
    }
}

impl Hot {
    /// The file, when it is here.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Bytes> {
        self.0.get(key)
    }

    /// Reads a small file whole and keeps it.
    ///
    /// # Errors
    /// The store's.
    pub async fn fill(&self, store: &dyn Store, key: &str) -> Result<Bytes, StoreError> {
        let object = store.get(key, None).await?;
        let mut whole = Vec::with_capacity(usize::try_from(object.size.min(LARGEST)).unwrap_or(0));
        let mut body = object.body;
        while let Some(piece) = body.try_next().await? {
            whole.extend_from_slice(&piece);
        }
        let whole = Bytes::from(whole);
        self.0.insert(key.to_owned(), whole.clone());
        Ok(whole)
    }
}
