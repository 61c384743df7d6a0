//! The requests of tus in words.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use reqwest::{Method, RequestBuilder};
use sha2::{Digest, Sha256};

use crate::harness::{Answer, Client, Server};

pub const OFFSET_TYPE: &str = "application/offset+octet-stream";

/// A request that speaks tus.
pub fn request(client: &Client, method: Method, url: &str) -> RequestBuilder {
    client.request(method, url).header("tus-resumable", "1.0.0")
}

/// Begins an upload with these headers.
pub async fn create(client: &Client, headers: &[(&str, &str)]) -> Answer {
    let request =
        headers.iter().fold(request(client, Method::POST, "/api/uploads"), |r, (name, value)| r.header(*name, *value));
    client.send(request).await
}

/// Begins an upload of `size` bytes and returns its address.
pub async fn begun(client: &Client, size: usize) -> String {
    create(client, &[("upload-length", &size.to_string())]).await.is(201).header("location").to_owned()
}

/// A PATCH to be completed by hand.
pub fn patching(client: &Client, url: &str, offset: usize, bytes: impl Into<Bytes>) -> RequestBuilder {
    let request = request(client, Method::PATCH, url).header("upload-offset", offset.to_string());
    request.header("content-type", OFFSET_TYPE).body(bytes.into())
}

/// Sends bytes.
pub async fn patch(client: &Client, url: &str, offset: usize, bytes: impl Into<Bytes>) -> Answer {
    client.send(patching(client, url, offset, bytes)).await
}

/// Asks where an upload stands.
pub async fn head(client: &Client, url: &str) -> Answer {
    client.send(request(client, Method::HEAD, url)).await
}

/// The offset that HEAD tells.
pub async fn offset(client: &Client, url: &str) -> usize {
    head(client, url).await.is(200).header("upload-offset").parse().expect("a count of bytes")
}

/// Ends an upload.
pub async fn delete(client: &Client, url: &str) -> Answer {
    client.send(request(client, Method::DELETE, url)).await
}

/// `Upload-Metadata` from keys and values.
pub fn metadata(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value))).collect::<Vec<_>>().join(",")
}

/// Bytes that differ from place to place and from seed to seed.
pub fn noise(seed: u64, size: usize) -> Vec<u8> {
    use rand::{RngCore, SeedableRng};
    let mut bytes = vec![0; size];
    rand::rngs::StdRng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

/// The SHA-256 of what the server keeps, read through the log that the process job reads.
pub async fn kept(server: &Server, url: &str) -> (u64, Vec<u8>) {
    use futures_util::TryStreamExt;
    let id = url.rsplit('/').next().unwrap_or_default().parse().expect("an upload's id");
    let stream = twotake::upload::log::follow(server.app.clone(), id, 0);
    let read = stream.try_fold((0_u64, Sha256::new()), |(size, mut hasher), bytes| async move {
        hasher.update(&bytes);
        Ok((size + bytes.len() as u64, hasher))
    });
    let (size, hasher) = read.await.unwrap_or_else(|e| panic!("{url} cannot be read back: {e}"));
    (size, hasher.finalize().to_vec())
}

/// Asserts that the server keeps exactly these bytes.
pub async fn keeps(server: &Server, url: &str, bytes: &[u8]) {
    assert_eq!(kept(server, url).await, (bytes.len() as u64, Sha256::digest(bytes).to_vec()), "{url}");
}
