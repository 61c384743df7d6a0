//! Sending a recording and waiting for what becomes of it.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, Client, until_some};

/// Encoding takes its time on a machine that does much else.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// Begins an upload of `size` bytes and sends the first `bytes` of it with the same request.
pub async fn begin(client: &Client, size: usize, bytes: Vec<u8>, metadata: &[(&str, &str)]) -> Answer {
    let metadata: Vec<_> =
        metadata.iter().map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value))).collect();
    let mut request = client
        .request(Method::POST, "/api/uploads")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", size.to_string())
        .header("upload-metadata", metadata.join(","));
    if !bytes.is_empty() {
        request = request.header("content-type", "application/offset+octet-stream").body(bytes);
    }
    client.send(request).await
}

/// Sends a whole file; returns the take's address.
pub async fn send(client: &Client, file: &Path, metadata: &[(&str, &str)]) -> String {
    let bytes = std::fs::read(file).unwrap();
    let sent = begin(client, bytes.len(), bytes, metadata).await.is(201);
    sent.header("twotake-take").to_owned()
}

/// The take once it is ready, refused or failed.
pub async fn settled(client: &Client, take: &str) -> Value {
    until_some("the take has settled", PATIENCE, async || {
        let take = client.get(take).await.ok();
        let state = take["state"].as_str().unwrap_or_default().to_owned();
        ["ready", "refused", "failed"].contains(&state.as_str()).then_some(take)
    })
    .await
}

/// Begins an upload whose size is told at its end, as a recorder does; returns its address and the take's.
pub async fn begin_live(client: &Client) -> (String, String) {
    let request = client
        .request(Method::POST, "/api/uploads")
        .header("tus-resumable", "1.0.0")
        .header("upload-defer-length", "1");
    let begun = client.send(request).await.is(201);
    (path_of(begun.header("location")), path_of(begun.header("twotake-take")))
}

/// Adds bytes to an upload; with the last ones its size is told.
pub async fn add(client: &Client, upload: &str, at: usize, bytes: &[u8], last: bool) -> Answer {
    let mut request = client
        .request(Method::PATCH, upload)
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", at.to_string())
        .header("content-type", "application/offset+octet-stream")
        .body(bytes.to_vec());
    if last {
        request = request.header("upload-length", (at + bytes.len()).to_string());
    }
    client.send(request).await
}

/// The path of an API address that was told.
pub fn path_of(url: &str) -> String {
    url.split_once("/api/").map(|(_, path)| format!("/api/{path}")).unwrap()
}
