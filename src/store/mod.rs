//! Where bytes rest: one trait over local files, S3 and memory. Not a file system: keys are immutable objects, written
//! once and whole.
//!
//! Invariant: when [`Store::put`] returns, the bytes are durable (synced on local files, acknowledged by S3), and a key is
//! either absent or complete; nobody ever reads half an object. Nothing relies on conditional writes: real servers ignore them.

mod key;
mod local;
mod memory;
mod s3;
mod spool;
mod walk;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use url::Url;

pub use local::Local;
pub use memory::{Act, Fault, Memory};
pub use s3::S3;

use crate::config::Config;

/// Bytes in pieces, as they come.
pub type ByteStream = BoxStream<'static, Result<Bytes, StoreError>>;

/// What is known of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The key it rests under.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type as given when it was put (a local store derives it from the key's extension).
    pub content_type: String,
}

/// An object being read.
pub struct Object {
    /// Size of the whole object, whatever range was asked for.
    pub size: u64,
    /// The bytes asked for.
    pub body: ByteStream,
}

/// What can go wrong with storage.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No object under that key.
    #[error("no object {0:?} in the store")]
    Missing(String),
    /// The disk or the quota is full.
    #[error("the store is full")]
    Full,
    /// A key that this program would never make (`..`, empty, absolute).
    #[error("not a key: {0:?}")]
    BadKey(String),
    /// Everything else: passing or permanent, with the cause for the log.
    #[error("the store failed: {cause}")]
    Failed {
        /// Whether trying again may help.
        passing: bool,
        /// For the log, never for a person.
        cause: String,
    },
}

/// A place for objects.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Puts a small object (at most 8 MiB: a chunk, a segment, a playlist, a picture) and returns when it is durable.
    async fn put(&self, key: &str, bytes: Bytes, content_type: &str) -> Result<(), StoreError>;

    /// Begins an object (at most 8 MiB) whose bytes come piece by piece, in constant memory. Nothing of it is visible before
    /// [`Draft::finish`]; a draft that is dropped leaves nothing.
    async fn begin(&self, key: &str, content_type: &str) -> Result<Box<dyn Draft>, StoreError>;

    /// Puts a file of any size from this machine's disk, in constant memory, and returns when it is durable.
    async fn put_file(&self, key: &str, path: &Path, content_type: &str) -> Result<(), StoreError>;

    /// Reads an object, or the part `range` of it (end exclusive, clipped to the size).
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Object, StoreError>;

    /// Size and type, or `None` when there is no such object.
    async fn head(&self, key: &str) -> Result<Option<Stat>, StoreError>;

    /// At most `limit` objects whose key starts with `prefix`, in key order, after the key `after`.
    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Stat>, StoreError>;

    /// Deletes an object; deleting what is not there is not an error.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// An address from which anyone may GET the object for `valid`, where the store can make one.
    async fn signed_url(&self, key: &str, valid: Duration) -> Result<Option<Url>, StoreError>;

    /// Path of the object on this machine's disk, where there is one: lets large answers skip a copy.
    fn local_path(&self, _key: &str) -> Option<std::path::PathBuf> {
        None
    }
}

/// An object that is being written.
#[async_trait]
pub trait Draft: Send {
    /// Adds bytes at the end.
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError>;

    /// Puts the object in its place and returns when it is durable.
    async fn finish(self: Box<Self>) -> Result<(), StoreError>;
}

/// Opens the store named by the settings (`file:DIR`, `s3://BUCKET[/PREFIX]?endpoint=…&region=…&path_style=true`, `memory:`).
///
/// # Errors
/// A sentence for the operator: what is wrong with the address or why the place cannot be reached.
pub async fn open(config: &Config) -> Result<Arc<dyn Store>, String> {
    let address = config.store.as_str();
    if let Some(folder) = address.strip_prefix("file:") {
        if folder.is_empty() {
            return Err("the store `file:` needs a folder, as in file:/var/lib/twotake/store".into());
        }
        return Ok(Arc::new(Local::open(Path::new(folder)).await?));
    }
    if address == "memory:" {
        return Ok(Arc::new(Memory::default()));
    }
    if address.starts_with("s3:") {
        return Ok(Arc::new(S3::open(config).await?));
    }
    Err(format!("the store {address:?} is not file:DIR, s3://BUCKET?endpoint=…&region=… or memory:"))
}

/// The media type of a key by its extension; every type this program stores is here.
#[must_use]
pub fn content_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "m3u8" => "application/vnd.apple.mpegurl",
        "mp4" => "video/mp4",
        "m4s" => "video/iso.segment",
        "webm" => "video/webm",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "vtt" => "text/vtt",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
