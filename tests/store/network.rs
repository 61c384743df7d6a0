//! F9: between us and the S3 server stands a proxy that answers 503, cuts connections and loses answers. What was reported
//! stored is there, whole; what is read is right or an error, never less than it should be.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::TryStreamExt;
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use twotake::store::{Store, StoreError};

use crate::conformance::{opened, s3_address};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Busy,
    Refused,
    AnswerLost,
    AnswerCut,
}

/// A proxy to `to` that meddles as `decide` says, one request a connection.
async fn meddling(to: String, decide: impl Fn() -> Fault + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let decide = Arc::new(decide);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (to, decide) = (to.clone(), decide.clone());
            tokio::spawn(async move { pass(near, &to, decide()).await });
        }
    });
    format!("http://{address}")
}

async fn pass(mut near: TcpStream, to: &str, fault: Fault) -> Option<()> {
    let request = read_request(&mut near).await?;
    if fault == Fault::Refused {
        return None;
    }
    if fault == Fault::Busy {
        let body = "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>";
        let head =
            format!("HTTP/1.1 503 Slow Down\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        return near.write_all(head.as_bytes()).await.ok();
    }
    let mut far = TcpStream::connect(to).await.ok()?;
    far.write_all(&request).await.ok()?;
    let mut answer = Vec::new();
    far.read_to_end(&mut answer).await.ok()?;
    let kept = match fault {
        Fault::AnswerLost => 0,
        Fault::AnswerCut => answer.len() / 2,
        _ => answer.len(),
    };
    near.write_all(&answer[..kept]).await.ok()
}

/// A whole request, made to be the last on its connection.
async fn read_request(near: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let end = loop {
        if let Some(at) = read.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if near.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0_usize);
    if head.contains("expect: 100-continue") {
        near.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
    }
    while read.len() < end + 4 + length {
        if near.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
    read.splice(end..end, b"\r\nConnection: close".iter().copied());
    Some(read)
}

async fn whole(store: &dyn Store, key: &str) -> Result<Vec<u8>, StoreError> {
    let pieces: Vec<Bytes> = store.get(key, None).await?.body.try_collect().await?;
    Ok(pieces.concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn f9_what_was_reported_stored_is_there_whatever_the_network_does() {
    let direct = s3_address();
    let (place, query) = direct.split_once('?').unwrap();
    let endpoint = query.split('&').find_map(|pair| pair.strip_prefix("endpoint=http://")).unwrap().to_owned();
    let rng = Mutex::new(StdRng::seed_from_u64(9));
    let decide = move || match rng.lock().unwrap().random_range(0..100) {
        0..8 => Fault::Busy,
        8..14 => Fault::Refused,
        14..20 => Fault::AnswerLost,
        20..26 => Fault::AnswerCut,
        _ => Fault::None,
    };
    let through = meddling(endpoint.clone(), decide).await;
    let shaky = opened(&format!("{place}?{}", query.replace(&format!("http://{endpoint}"), &through))).await;
    let clean = opened(&direct).await;
    let (mut stored, mut gave_up, mut read) = (0, 0, 0);
    for n in 0..24_usize {
        let size = [10, 100_000, 1_000_000, 9 << 20][n % 4];
        let bytes = Bytes::from((0..size).map(|at| (at / 3 + n) as u8).collect::<Vec<u8>>());
        let key = format!("f9/{n}");
        match put(shaky.store.as_ref(), &key, &bytes, n).await {
            Ok(()) => {
                stored += 1;
                assert!(whole(clean.store.as_ref(), &key).await.unwrap() == bytes, "{key} was reported stored");
            }
            Err(StoreError::Failed { passing: true, .. }) => gave_up += 1,
            Err(other) => panic!("{key}: a fault of the network was taken for something lasting: {other}"),
        }
        if let Ok(found) = whole(shaky.store.as_ref(), &key).await {
            read += 1;
            assert!(found == bytes, "{key} was read as something else");
        }
    }
    println!(
        "F9, seed 9: 24 objects, {stored} stored, {gave_up} given up, {read} read through the faults, 0 lost or wrong"
    );
    assert!(stored >= 18, "only {stored} of 24 were stored");
}

/// Small objects by put and by draft, large ones as a file in parts.
async fn put(store: &dyn Store, key: &str, bytes: &Bytes, n: usize) -> Result<(), StoreError> {
    if bytes.len() > 8 << 20 {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        return store.put_file(key, file.path(), "video/mp4").await;
    }
    if n.is_multiple_of(2) {
        return store.put(key, bytes.clone(), "video/mp4").await;
    }
    let mut draft = store.begin(key, "video/mp4").await?;
    for piece in bytes.chunks(60_000) {
        draft.write(bytes.slice_ref(piece)).await?;
    }
    draft.finish().await
}
