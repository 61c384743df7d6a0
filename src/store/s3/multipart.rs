//! Large files in parts: each with its sum, the whole visible at once when it is complete, aborted when it cannot be.

use std::path::Path;

use aws_sdk_s3::primitives::{ByteStream as Body, Length};
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::super::{StoreError, spool};
use super::{PART, S3, error};

impl S3 {
    /// Puts a file of `size` bytes in parts of [`PART`].
    pub(super) async fn put_in_parts(&self, key: &str, path: &Path, size: u64, kind: &str) -> Result<(), StoreError> {
        let name = self.name(key)?;
        let create = self.client.create_multipart_upload().bucket(&self.bucket).key(&name).content_type(kind);
        let begun =
            create.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.map_err(|e| error::of(key, &e))?;
        let id = begun.upload_id().unwrap_or_default();
        let done = match self.put_parts(key, &name, id, path, size).await {
            Ok(parts) => self.complete(key, &name, id, parts, size).await,
            Err(error) => Err(error),
        };
        if done.is_err() {
            let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(&name).upload_id(id);
            if let Err(error) = abort.send().await {
                tracing::warn!(key, error = %error::of(key, &error), "parts of an object that failed could not be removed");
            }
        }
        done
    }

    async fn put_parts(
        &self,
        key: &str,
        name: &str,
        id: &str,
        path: &Path,
        size: u64,
    ) -> Result<Vec<CompletedPart>, StoreError> {
        let mut parts = Vec::new();
        for (number, start) in (1..).zip((0..size).step_by(usize::try_from(PART).unwrap_or(usize::MAX))) {
            let length = PART.min(size - start);
            let sum = sum_of_part(path, start, length).await?;
            let put = self.client.upload_part().bucket(&self.bucket).key(name).upload_id(id).part_number(number);
            let put =
                put.content_length(length.cast_signed()).checksum_sha256(&sum).body(part(path, start, length).await?);
            let stored = put.send().await.map_err(|e| error::of(key, &e))?;
            let tag = stored.e_tag().unwrap_or_default();
            parts.push(CompletedPart::builder().part_number(number).e_tag(tag).checksum_sha256(sum).build());
        }
        Ok(parts)
    }

    /// Completing twice is an error on some servers, so a lost answer is looked up, never asked again.
    async fn complete(
        &self,
        key: &str,
        name: &str,
        id: &str,
        parts: Vec<CompletedPart>,
        size: u64,
    ) -> Result<(), StoreError> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.client.complete_multipart_upload().bucket(&self.bucket).key(name).upload_id(id);
        match complete.multipart_upload(parts).send().await.map_err(|e| error::of(key, &e)) {
            Ok(_) if self.was_stored(key, size, None).await? => Ok(()),
            Ok(_) => Err(StoreError::Failed { passing: true, cause: format!("{key} has another size than was sent") }),
            // The client's own second attempt after a lost first answer is told "no such upload".
            Err(lost) => self.was_stored(key, size, None).await?.then_some(()).ok_or(lost),
        }
    }
}

/// The bytes of a part, read from the file as they are sent.
pub(super) async fn part(path: &Path, start: u64, length: u64) -> Result<Body, StoreError> {
    let body = Body::read_from().path(path).offset(start).length(Length::Exact(length)).build().await;
    body.map_err(|e| StoreError::Failed { passing: false, cause: format!("{}: {e}", path.display()) })
}

/// The SHA-256 of a part, as S3 writes it.
pub(super) async fn sum_of_part(path: &Path, start: u64, length: u64) -> Result<String, StoreError> {
    use std::io::{Read, Seek, SeekFrom};
    let path = path.to_owned();
    spool::blocking(move || {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(start))?;
        let mut hasher = Sha256::new();
        std::io::copy(&mut file.take(length), &mut hasher)?;
        Ok(BASE64_STANDARD.encode(hasher.finalize()))
    })
    .await
}
