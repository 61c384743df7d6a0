//! F8, F9 while somebody watches: the database and the store vanish and come back during a live recording. No attempt is lost, who
//! watches is told to come again, and does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::decode;
use crate::harness::{Client, media, until};
use crate::process::Node;
use crate::sending::{PATIENCE, begin_live, settled};
use crate::two_nodes::{count, sets, shared_server};

/// A way to another server that can be shut: every connection on it breaks, and new ones break at once.
struct Gate {
    address: String,
    open: watch::Sender<bool>,
}

impl Gate {
    async fn to(to: String) -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (open, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (to, mut state) = (to.clone(), state.clone());
                tokio::spawn(async move {
                    if !*state.borrow() {
                        return;
                    }
                    let Ok(mut far) = TcpStream::connect(to).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = state.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Gate { address, open }
    }

    async fn shut_for(&self, time: Duration) {
        self.open.send_replace(false);
        tokio::time::sleep(time).await;
        self.open.send_replace(true);
    }
}

/// The address with another host and port in place of its own, and those.
fn through(url: &str) -> (String, String) {
    let after = url.split_once('@').map_or_else(|| url.split_once("//").unwrap().1, |(_, rest)| rest);
    let place = after.split(['/', '?', '&']).next().unwrap();
    (place.to_owned(), url.to_owned())
}

/// Looks at a live playlist as a player does, until told to stop; every answer is the playlist or says when to come again.
async fn watch_on(viewer: Client, playlist: String, over: Arc<AtomicBool>) -> (usize, usize, usize) {
    let (mut good, mut asked_again, mut most) = (0, 0, 0);
    while !over.load(Ordering::Relaxed) {
        let answer = viewer.get(&playlist).await;
        match answer.status.as_u16() {
            200 => {
                good += 1;
                let segments = answer.text().matches("#EXTINF").count();
                assert!(segments >= most, "nothing that was told is taken back: {segments} after {most}");
                most = segments;
            }
            503 => {
                assert!(!answer.header("retry-after").is_empty(), "it says when to come again");
                asked_again += 1;
            }
            other => panic!("{other}: {}", answer.text()),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    (good, asked_again, most)
}

/// Sends a slice, until the server has it.
async fn slice(leena: &Client, upload: &str, at: &mut usize, bytes: &[u8], size: usize) {
    let end = (*at + size).min(bytes.len());
    let request = leena
        .request(reqwest::Method::PATCH, upload)
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", at.to_string())
        .header("content-type", "application/offset+octet-stream")
        .body(bytes[*at..end].to_vec());
    if request.send().await.is_ok_and(|answer| answer.status() == 204) {
        *at = end;
        return;
    }
    let head = leena.request(reqwest::Method::HEAD, upload).header("tus-resumable", "1.0.0");
    if let Ok(answer) = head.send().await {
        let stands = answer.headers().get("upload-offset").and_then(|offset| offset.to_str().ok()?.parse().ok());
        *at = stands.unwrap_or(*at);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn database_and_store_vanish_and_come_back_while_a_live_recording_is_watched() {
    let (server, leena) = shared_server().await;
    let (database, url) = through(server.database_url());
    let endpoint = server.store_url().split_once("endpoint=").unwrap().1.split('&').next().unwrap().to_owned();
    let endpoint = endpoint.replace("%3A", ":").replace("%2F", "/");
    let (place, _) = through(&endpoint);
    let (rows, bytes_gate) = (Gate::to(database.clone()).await, Gate::to(place.clone()).await);
    let store = server.store_url().replace(&place, &bytes_gate.address);
    assert_ne!(store, server.store_url(), "the store's address names its place as it is");
    let node = Node::on(&url.replace(&database, &rows.address), &store, &[]);
    let leena = node.client(&leena);

    let bytes = std::fs::read(media::webm(24.0)).unwrap();
    let (upload, take) = begin_live(&leena).await;
    let (mut at, piece) = (0, bytes.len() / 96);
    let begun = Instant::now();
    let standing = loop {
        assert!(begun.elapsed() < PATIENCE, "something of it can be watched");
        if at < bytes.len() / 2 {
            slice(&leena, &upload, &mut at, &bytes, piece).await;
        }
        let take = leena.get(&take).await.ok();
        if take["watchable"] == true {
            break take;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let master = format!("/media/{}", standing["hls_url"].as_str().unwrap().split_once("/media/").unwrap().1);
    let playlist = format!("{}/360.m3u8", master.rsplit_once('/').unwrap().0);
    let over = Arc::new(AtomicBool::new(false));
    let viewer = tokio::spawn(watch_on(leena.clone(), playlist, over.clone()));

    let begun = Instant::now();
    let faults = async {
        for gate in [&rows, &bytes_gate] {
            gate.shut_for(Duration::from_secs(4)).await;
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    };
    let sending = async {
        while at < bytes.len() || begun.elapsed() < Duration::from_secs(14) {
            if at < bytes.len() {
                slice(&leena, &upload, &mut at, &bytes, piece).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::join!(faults, sending);
    until("every byte is there", PATIENCE, async || {
        let answer = crate::sending::add(&leena, &upload, bytes.len(), &[], true).await;
        answer.status == 204
    })
    .await;
    let ready = settled(&leena, &take).await;
    over.store(true, Ordering::Relaxed);
    let (good, asked_again, segments) = viewer.await.unwrap();
    assert_eq!(ready["state"], "ready", "{ready}");
    println!("{good} answers, {asked_again} times \"come again\", {segments} segments seen before the end");
    assert!(good > 20 && segments >= 2, "the viewer went on");
    assert_eq!(
        count(&server, "select max(attempt)::bigint from job where kind = 'process'").await,
        1,
        "no attempt was lost"
    );
    let set = sets(&server, ready["id"].as_str().unwrap()).await.into_iter().next().unwrap();
    for (name, pictures) in decode::pictures(server.app.store.as_ref(), &set).await {
        assert_eq!(pictures, if name == "audio.m3u8" { 0 } else { 720 }, "{name}");
    }
    server.stop().await;
}
