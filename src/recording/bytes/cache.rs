//! Bytes of recordings in memory: playlists and segments whole, large files of this machine's disk in blocks. They are asked
//! for many times in a row, and going through the file system costs more than answering. Bounded in bytes; keys are never
//! overwritten, so nothing in here can be stale.

use bytes::Bytes;
use futures_util::TryStreamExt;
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use crate::store::{Store, StoreError};

/// Memory it may fill, in bytes.
const CAPACITY: u64 = 64 << 20;
/// Largest file that is kept whole, in bytes.
pub const LARGEST: u64 = 2 << 20;
/// Bytes of a block of a larger file.
pub const BLOCK: u64 = 512 << 10;
/// Sizes of larger files that are remembered.
const SIZES: usize = 4096;
/// Stands for the number of a block: the whole file.
const WHOLE: u64 = u64::MAX;

/// A key and the number of a block.
type Part = (String, u64);

/// The same to look it up by.
#[derive(Hash)]
struct Named<'a>(&'a str, u64);

impl Equivalent<Part> for Named<'_> {
    fn equivalent(&self, part: &Part) -> bool {
        self.0 == part.0 && self.1 == part.1
    }
}

#[derive(Clone)]
struct BySize;

impl Weighter<Part, Bytes> for BySize {
    fn weight(&self, (key, _): &Part, bytes: &Bytes) -> u64 {
        (key.len() + bytes.len()) as u64
    }
}

/// Parts of files by their key.
pub struct Hot {
    parts: Cache<Part, Bytes, BySize>,
    sizes: Cache<String, u64>,
}

impl Default for Hot {
    fn default() -> Self {
        // About 300 files of 200 kB; an estimate only sizes the tables.
        Hot { parts: Cache::with_weighter(300, CAPACITY, BySize), sizes: Cache::new(SIZES) }
    }
}

impl std::fmt::Debug for Hot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hot({} bytes)", self.parts.weight())
    }
}

impl Hot {
    /// The whole file, when it is here.
    #[must_use]
    pub fn whole(&self, key: &str) -> Option<Bytes> {
        self.parts.get(&Named(key, WHOLE))
    }

    /// Size of a larger file that was asked for before.
    #[must_use]
    pub fn size(&self, key: &str) -> Option<u64> {
        self.sizes.get(key)
    }

    /// Remembers the size of a larger file.
    pub fn remember_size(&self, key: &str, size: u64) {
        self.sizes.insert(key.to_owned(), size);
    }

    /// A small file whole, read and kept if it is not here. Of many who ask at once only one reads.
    ///
    /// # Errors
    /// The store's.
    pub async fn small(&self, store: &dyn Store, key: &str) -> Result<Bytes, StoreError> {
        self.part(store, key, WHOLE, None).await
    }

    /// Block number `block` of a file of `size` bytes, likewise.
    ///
    /// # Errors
    /// The store's.
    pub async fn block(&self, store: &dyn Store, key: &str, size: u64, block: u64) -> Result<Bytes, StoreError> {
        let from = block * BLOCK;
        self.part(store, key, block, Some(from..(from + BLOCK).min(size))).await
    }

    async fn part(
        &self,
        store: &dyn Store,
        key: &str,
        number: u64,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<Bytes, StoreError> {
        if let Some(bytes) = self.parts.get(&Named(key, number)) {
            return Ok(bytes);
        }
        self.parts.get_or_insert_async(&(key.to_owned(), number), read(store, key, range)).await
    }
}

async fn read(store: &dyn Store, key: &str, range: Option<std::ops::Range<u64>>) -> Result<Bytes, StoreError> {
    let mut body = store.get(key, range).await?.body;
    let Some(first) = body.try_next().await? else { return Ok(Bytes::new()) };
    let Some(second) = body.try_next().await? else { return Ok(first) };
    let mut whole = [first, second].concat();
    while let Some(piece) = body.try_next().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}
