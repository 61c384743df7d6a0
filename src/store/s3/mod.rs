//! A store in an S3-compatible bucket. Keys are written once, so nothing relies on conditional writes, on overwriting or on
//! a second answer to the same request being the same.
//!
//! Invariant: an object is reported durable only after the server acknowledged it together with its SHA-256, or, where that
//! answer was lost, after a HEAD showed an object of that size (and that sum, where the server tells it).

mod address;
mod client;
mod error;
mod multipart;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream as Body;
use aws_sdk_s3::types::ChecksumMode;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use url::Url;

use super::spool::{self, Spool};
use super::{Draft, Object, Stat, Store, StoreError, content_type, key};
use crate::config::Config;

/// Files above this go up in parts of this size, and nothing larger is ever sent in one request.
const PART: u64 = 8 << 20;
/// How often a body that broke off is asked for again from where it stopped.
const RESUMES: u32 = 3;

/// Objects in a bucket. Clones share the connections.
#[derive(Clone)]
pub struct S3 {
    client: Client,
    bucket: String,
    prefix: String,
    spool: Arc<Path>,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "S3({}/{})", self.bucket, self.prefix)
    }
}

impl S3 {
    /// Opens the bucket that the settings name, with their credentials or else those of the usual AWS sources.
    ///
    /// # Errors
    /// A sentence for the operator: an address that cannot be understood, or no folder for objects on their way.
    pub async fn open(config: &Config) -> Result<S3, String> {
        let address = address::parse(&config.store)?;
        let spool: PathBuf = config.data.join("spool");
        spool::prepare(&spool).map_err(|e| format!("cannot prepare the folder {}: {e}", spool.display()))?;
        let client = client::make(config, &address).await;
        Ok(S3 { client, bucket: address.bucket, prefix: address.prefix, spool: spool.into() })
    }

    fn name(&self, name: &str) -> Result<String, StoreError> {
        key::check(name)?;
        Ok(format!("{}{name}", self.prefix))
    }

    /// One PUT of bytes whose sum is known; a lost answer is looked up.
    async fn put_whole(
        &self,
        key: &str,
        content_type: &str,
        body: Body,
        size: u64,
        sum: &str,
    ) -> Result<(), StoreError> {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(self.name(key)?)
            .content_type(content_type)
            .content_length(size.cast_signed())
            .checksum_sha256(sum)
            .body(body);
        match put.send().await.map_err(|e| error::of(key, &e)) {
            Ok(_) => Ok(()),
            Err(lost) if error::is_passing(&lost) => {
                self.was_stored(key, size, Some(sum)).await?.then_some(()).ok_or(lost)
            }
            Err(refused) => Err(refused),
        }
    }

    /// Whether an object of that size, and that sum where the server tells one, is there.
    async fn was_stored(&self, key: &str, size: u64, sum: Option<&str>) -> Result<bool, StoreError> {
        let head =
            self.client.head_object().bucket(&self.bucket).key(self.name(key)?).checksum_mode(ChecksumMode::Enabled);
        match head.send().await.map_err(|e| error::of(key, &e)) {
            Ok(found) => {
                let same_sum = sum.is_none_or(|sum| found.checksum_sha256().is_none_or(|told| told == sum));
                Ok(same_sum && found.content_length() == Some(size.cast_signed()))
            }
            Err(StoreError::Missing(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Asks for `range` (not empty) of an object: its whole size and the bytes.
    async fn fetch(&self, key: &str, range: Option<&Range<u64>>) -> Result<(u64, Body), StoreError> {
        let header = range.map(|r| format!("bytes={}-{}", r.start, r.end.saturating_sub(1)));
        let get = self.client.get_object().bucket(&self.bucket).key(self.name(key)?).set_range(header);
        let found = get.send().await.map_err(|e| error::of(key, &e))?;
        let told = found.content_range().and_then(|r| r.rsplit_once('/')?.1.parse().ok());
        let size = told.unwrap_or_else(|| found.content_length().unwrap_or_default().cast_unsigned());
        Ok((size, found.body))
    }

    /// The bytes from `at` to `to`, asked for again where a connection breaks.
    fn resuming(self, key: String, body: Body, at: u64, to: u64) -> super::ByteStream {
        let state = (self, key, body, at, RESUMES);
        stream::try_unfold(state, move |(store, key, mut body, at, resumes)| async move {
            match body.try_next().await {
                Ok(Some(bytes)) => {
                    let next = at + bytes.len() as u64;
                    Ok(Some((bytes, (store, key, body, next, resumes))))
                }
                Ok(None) if at >= to => Ok(None),
                Ok(None) | Err(_) if resumes > 0 && at < to => {
                    let (_, body) = store.fetch(&key, Some(&(at..to))).await?;
                    Ok(Some((Bytes::new(), (store, key, body, at, resumes - 1))))
                }
                Ok(None) => Err(StoreError::Failed { passing: true, cause: format!("{key} broke off at byte {at}") }),
                Err(error) => Err(StoreError::Failed { passing: true, cause: format!("{key} at byte {at}: {error}") }),
            }
        })
        .try_filter(|bytes| std::future::ready(!bytes.is_empty()))
        .boxed()
    }
}

/// The SHA-256 as S3 writes it.
fn sum_of(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

#[async_trait]
impl Store for S3 {
    async fn put(&self, key: &str, bytes: Bytes, content_type: &str) -> Result<(), StoreError> {
        let (size, sum) = (bytes.len() as u64, sum_of(&bytes));
        self.put_whole(key, content_type, bytes.into(), size, &sum).await
    }

    async fn begin(&self, key: &str, content_type: &str) -> Result<Box<dyn Draft>, StoreError> {
        key::check(key)?;
        let folder = self.spool.clone();
        let spool = spool::blocking(move || Spool::new(&folder)).await?;
        Ok(Box::new(S3Draft { store: self.clone(), key: key.to_owned(), content_type: content_type.to_owned(), spool }))
    }

    async fn put_file(&self, key: &str, path: &Path, content_type: &str) -> Result<(), StoreError> {
        let size = tokio::fs::metadata(path).await.map_err(spool::failed)?.len();
        if size > PART {
            return self.put_in_parts(key, path, size, content_type).await;
        }
        let sum = multipart::sum_of_part(path, 0, size).await?;
        let body = multipart::part(path, 0, size).await?;
        self.put_whole(key, content_type, body, size, &sum).await
    }

    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Object, StoreError> {
        let nothing = |size| Object { size, body: stream::empty().boxed() };
        let wanted = match range {
            // S3 cannot be asked for no bytes: then only the size is looked up.
            Some(r) if r.end <= r.start => None,
            range => match self.fetch(key, range.as_ref()).await {
                Err(error) if error::is_beyond_the_end(&error) => None,
                fetched => Some((fetched?, range)),
            },
        };
        let Some(((size, body), range)) = wanted else {
            let stat = self.head(key).await?.ok_or_else(|| StoreError::Missing(key.to_owned()))?;
            return Ok(nothing(stat.size));
        };
        let range = range.unwrap_or(0..size);
        Ok(Object { size, body: self.clone().resuming(key.to_owned(), body, range.start, range.end.min(size)) })
    }

    async fn head(&self, key: &str) -> Result<Option<Stat>, StoreError> {
        let head = self.client.head_object().bucket(&self.bucket).key(self.name(key)?);
        match head.send().await.map_err(|e| error::of(key, &e)) {
            Ok(found) => Ok(Some(Stat {
                key: key.to_owned(),
                size: found.content_length().unwrap_or_default().cast_unsigned(),
                content_type: found.content_type().unwrap_or_default().to_owned(),
            })),
            Err(StoreError::Missing(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Stat>, StoreError> {
        let mut found: Vec<Stat> = Vec::new();
        while found.len() < limit {
            let last = found.last().map(|stat| stat.key.as_str()).or(after);
            let page = self
                .client
                .list_objects_v2()
                .bucket(&self.bucket)
                .prefix(format!("{}{prefix}", self.prefix))
                .set_start_after(last.map(|last| format!("{}{last}", self.prefix)))
                .max_keys(i32::try_from((limit - found.len()).min(1000)).unwrap_or(1000));
            let page = page.send().await.map_err(|e| error::of(prefix, &e))?;
            found.extend(page.contents().iter().filter_map(|object| {
                let key = object.key()?.strip_prefix(&self.prefix)?.to_owned();
                let content_type = content_type(&key).to_owned();
                Some(Stat { key, size: object.size().unwrap_or_default().cast_unsigned(), content_type })
            }));
            if !page.is_truncated().unwrap_or(false) || page.contents().is_empty() {
                break;
            }
        }
        Ok(found)
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(self.name(key)?);
        match delete.send().await.map_err(|e| error::of(key, &e)) {
            Ok(_) | Err(StoreError::Missing(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    async fn signed_url(&self, key: &str, valid: Duration) -> Result<Option<Url>, StoreError> {
        let permanent = |cause: String| StoreError::Failed { passing: false, cause };
        let config = PresigningConfig::expires_in(valid).map_err(|e| permanent(e.to_string()))?;
        let get = self.client.get_object().bucket(&self.bucket).key(self.name(key)?);
        let signed = get.presigned(config).await.map_err(|e| error::of(key, &e))?;
        Url::parse(signed.uri()).map(Some).map_err(|e| permanent(e.to_string()))
    }
}

/// An object that is gathered in a file of this machine, so that its length and sum are known and it can be sent twice.
struct S3Draft {
    store: S3,
    key: String,
    content_type: String,
    spool: Spool,
}

#[async_trait]
impl Draft for S3Draft {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.spool.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let S3Draft { store, key, content_type, spool } = *self;
        let file = spool.finish(Ok).await?;
        store.put_file(&key, file.path(), &content_type).await
    }
}
