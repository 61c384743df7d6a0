//! A store in memory: for tests, and for trying faults on purpose. Not for use: it ends with the process.
//!
//! Invariant: without an injected fault it behaves as the conformance suite asks of every store.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use url::Url;

use super::{Draft, Object, Stat, Store, StoreError, key};

/// What is asked of a store, as a fault sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// `put`, `put_file` and the end of a draft, before anything is stored.
    Put,
    /// The same, after the object was stored: the success whose answer is lost.
    Stored,
    /// `get`.
    Get,
    /// `head`.
    Head,
    /// `list`.
    List,
    /// `delete`.
    Delete,
}

/// Decides for each act on a key whether it goes wrong.
pub type Fault = Box<dyn FnMut(Act, &str) -> Option<StoreError> + Send>;

/// Objects in a map. Clones share it.
#[derive(Clone, Default)]
pub struct Memory {
    objects: Arc<Mutex<BTreeMap<String, (Bytes, String)>>>,
    fault: Arc<Mutex<Option<Fault>>>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

impl Memory {
    /// From now on asks `fault` before every act.
    pub fn inject(&self, fault: impl FnMut(Act, &str) -> Option<StoreError> + Send + 'static) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(fault));
    }

    /// Ends the faults.
    pub fn heal(&self) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn attempt(&self, act: Act, key: &str) -> Result<(), StoreError> {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.as_mut().and_then(|fault| fault(act, key)).map_or(Ok(()), Err)
    }

    fn objects(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (Bytes, String)>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for Memory {
    async fn put(&self, key: &str, bytes: Bytes, content_type: &str) -> Result<(), StoreError> {
        key::check(key)?;
        self.attempt(Act::Put, key)?;
        self.objects().insert(key.to_owned(), (bytes, content_type.to_owned()));
        self.attempt(Act::Stored, key)
    }

    async fn begin(&self, key: &str, content_type: &str) -> Result<Box<dyn Draft>, StoreError> {
        key::check(key)?;
        let (key, content_type) = (key.to_owned(), content_type.to_owned());
        Ok(Box::new(MemoryDraft { store: self.clone(), key, content_type, bytes: Vec::new() }))
    }

    async fn put_file(&self, key: &str, path: &std::path::Path, content_type: &str) -> Result<(), StoreError> {
        let bytes = tokio::fs::read(path)
            .await
            .map_err(|e| StoreError::Failed { passing: false, cause: format!("{}: {e}", path.display()) })?;
        self.put(key, bytes.into(), content_type).await
    }

    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Object, StoreError> {
        key::check(key)?;
        self.attempt(Act::Get, key)?;
        let (bytes, _) = self.objects().get(key).cloned().ok_or_else(|| StoreError::Missing(key.to_owned()))?;
        let size = bytes.len() as u64;
        let range = range.unwrap_or(0..size);
        let (from, to) = (range.start.min(size), range.end.min(size));
        let body = bytes.slice(usize::try_from(from).unwrap_or(0)..usize::try_from(to.max(from)).unwrap_or(0));
        Ok(Object { size, body: stream::iter([Ok(body)]).boxed() })
    }

    async fn head(&self, key: &str) -> Result<Option<Stat>, StoreError> {
        key::check(key)?;
        self.attempt(Act::Head, key)?;
        Ok(self.objects().get(key).map(|(bytes, content_type)| Stat {
            key: key.to_owned(),
            size: bytes.len() as u64,
            content_type: content_type.clone(),
        }))
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Stat>, StoreError> {
        self.attempt(Act::List, prefix)?;
        let objects = self.objects();
        let found = objects
            .range(prefix.to_owned()..)
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after))
            .take(limit)
            .map(|(key, (bytes, content_type))| Stat {
                key: key.clone(),
                size: bytes.len() as u64,
                content_type: content_type.clone(),
            })
            .collect();
        Ok(found)
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        key::check(key)?;
        self.attempt(Act::Delete, key)?;
        self.objects().remove(key);
        Ok(())
    }

    async fn signed_url(&self, _key: &str, _valid: Duration) -> Result<Option<Url>, StoreError> {
        Ok(None)
    }
}

struct MemoryDraft {
    store: Memory,
    key: String,
    content_type: String,
    bytes: Vec<u8>,
}

#[async_trait]
impl Draft for MemoryDraft {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        self.store.put(&self.key, self.bytes.into(), &self.content_type).await
    }
}
