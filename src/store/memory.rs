//! A store in memory: for tests, and for trying faults on purpose.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use url::Url;

use super::{Object, Stat, Store, StoreError};

/// Objects in a map.
#[derive(Default)]
pub struct Memory {
    objects: Mutex<BTreeMap<String, (Bytes, String)>>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

impl Memory {
    fn objects(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (Bytes, String)>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for Memory {
    async fn put(&self, key: &str, bytes: Bytes, content_type: &str) -> Result<(), StoreError> {
        self.objects().insert(key.to_owned(), (bytes, content_type.to_owned()));
        Ok(())
    }

    async fn put_file(&self, key: &str, path: &std::path::Path, content_type: &str) -> Result<(), StoreError> {
        let bytes = tokio::fs::read(path)
            .await
            .map_err(|e| StoreError::Failed { passing: false, cause: format!("{}: {e}", path.display()) })?;
        self.put(key, bytes.into(), content_type).await
    }

    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Object, StoreError> {
        let (bytes, _) = self.objects().get(key).cloned().ok_or_else(|| StoreError::Missing(key.to_owned()))?;
        let size = bytes.len() as u64;
        let range = range.unwrap_or(0..size);
        let (from, to) = (range.start.min(size), range.end.min(size));
        let body = bytes.slice(usize::try_from(from).unwrap_or(0)..usize::try_from(to.max(from)).unwrap_or(0));
        Ok(Object { size, body: stream::iter([Ok(body)]).boxed() })
    }

    async fn head(&self, key: &str) -> Result<Option<Stat>, StoreError> {
        Ok(self.objects().get(key).map(|(bytes, content_type)| Stat {
            key: key.to_owned(),
            size: bytes.len() as u64,
            content_type: content_type.clone(),
        }))
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Stat>, StoreError> {
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
        self.objects().remove(key);
        Ok(())
    }

    async fn signed_url(&self, _key: &str, _valid: Duration) -> Result<Option<Url>, StoreError> {
        Ok(None)
    }
}
