//! F3, F4: children, workers and servers are killed at random moments while recordings arrive and while files are worked on. Every
//! take ends ready or failed with a reason, every rendition of what is ready decodes whole, and each has one published set.
//!
//! `TWOTAKE_KILLS` is the number of kills (12 unless told), `TWOTAKE_SEED` where they begin.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::decode;
use crate::harness::{Client, Server, media, until};
use crate::process::{Node, at_work_in};
use crate::sending::{PATIENCE, add, begin_live, settled};
use crate::two_nodes::{count, sets, shared_server};

const SECONDS: u64 = 8;
/// How long a child that is to be killed is waited for; then the work is done, and it is the worker's turn.
const NO_CHILD: Duration = Duration::from_secs(4);
const WORKER: u32 = 1;
/// Short, so that a kill costs little time; every node and the server of the test agree on it.
const LEASE: [&str; 2] = ["--lease-ms", "2000"];

pub fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A node that takes bytes and one that works, each replaced when it has been killed.
struct Cluster<'a> {
    server: &'a Server,
    web: Node,
    worker: Node,
}

impl<'a> Cluster<'a> {
    fn start(server: &'a Server) -> Self {
        Cluster { server, web: Self::web(server), worker: Self::worker(server) }
    }

    fn web(server: &Server) -> Node {
        Node::with(server, &["--role", "web", LEASE[0], LEASE[1]])
    }

    fn worker(server: &Server) -> Node {
        Node::with(server, &["--role", "worker", LEASE[0], LEASE[1]])
    }

    /// Kills one of the three and says which; none when it was to be the child and there is none at this moment.
    fn strike(&mut self, at: u32) -> Option<&'static str> {
        match at % 3 {
            0 => {
                let child = *at_work_in(self.worker.dir.path()).first()?;
                kill(Pid::from_raw(child), Signal::SIGKILL).ok()?;
                Some("the child")
            }
            1 => {
                self.worker.kill();
                self.worker = Self::worker(self.server);
                Some("the worker")
            }
            _ => {
                self.web.kill();
                self.web = Self::web(self.server);
                Some("the server")
            }
        }
    }
}

/// Sends the next slice, as a recorder does: asks where the upload stands when the server did not answer.
async fn slice(leena: &Client, upload: &str, at: &mut usize, bytes: &[u8], size: usize) {
    let end = (*at + size).min(bytes.len());
    let last = end == bytes.len();
    let mut request = leena
        .request(reqwest::Method::PATCH, upload)
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", at.to_string())
        .header("content-type", "application/offset+octet-stream")
        .body(bytes[*at..end].to_vec());
    if last {
        request = request.header("upload-length", bytes.len().to_string());
    }
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
async fn whoever_is_killed_every_take_ends_and_nothing_is_published_twice_or_torn() {
    let (kills, seed) = (number("TWOTAKE_KILLS", 12), number("TWOTAKE_SEED", 1));
    let (server, leena) = shared_server().await;
    let mut cluster = Cluster::start(&server);
    let bytes = std::fs::read(media::webm(SECONDS as f64)).unwrap();
    let (mut ready, mut failed, mut struck) = (0, 0, std::collections::BTreeMap::<&str, u32>::new());
    for round in 0..kills {
        let mut rng = StdRng::seed_from_u64(seed * 1000 + round);
        let live = round % 2 == 0;
        let (upload, take) = begin_live(&cluster.web.client(&leena)).await;
        let (mut at, begun) = (0, Instant::now());
        let moment = Duration::from_millis(rng.random_range(50..4000));
        let mut victim = Some(rng.random_range(0..3));
        while at < bytes.len() || victim.is_some() {
            if begun.elapsed() >= moment
                && let Some(of) = victim
            {
                if let Some(killed) = cluster.strike(of) {
                    *struck.entry(killed).or_default() += 1;
                    victim = None;
                } else if begun.elapsed() >= moment + NO_CHILD {
                    victim = Some(WORKER);
                }
            }
            let client = cluster.web.client(&leena);
            if at == bytes.len() || live {
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
            if at < bytes.len() {
                slice(&client, &upload, &mut at, &bytes, if live { 6_000 } else { bytes.len() }).await;
            }
        }
        // The last byte's answer may have been lost with the server: said again, it changes nothing.
        until("every byte is there", PATIENCE, async || {
            let answer = add(&cluster.web.client(&leena), &upload, bytes.len(), &[], true).await;
            answer.status == 204
        })
        .await;
        let take = settled(&cluster.web.client(&leena), &take).await;
        let what = format!("round {round} of seed {seed}: {take}");
        if take["state"] != "ready" {
            assert!(take["state"] == "failed" && take["detail"].as_str().is_some_and(|why| !why.is_empty()), "{what}");
            failed += 1;
            continue;
        }
        ready += 1;
        let sets = sets(&server, take["id"].as_str().unwrap()).await;
        let hls = take["hls_url"].as_str().unwrap();
        let published: Vec<_> = sets.iter().filter(|set| hls.contains(set.rsplit('/').next().unwrap())).collect();
        assert_eq!(published.len(), 1, "{what} {sets:?}");
        for (name, pictures) in decode::pictures(server.app.store.as_ref(), published[0]).await {
            let expected = match (name.as_str(), live) {
                ("audio.m3u8", _) => 0..=0,
                // A machine that is busy leaves out pictures of what arrives live, down to ten a second.
                (_, true) => SECONDS * 10..=SECONDS * 30,
                (_, false) => SECONDS * 30..=SECONDS * 30,
            };
            assert!(expected.contains(&pictures), "{pictures} pictures in {name} in {what}");
        }
    }
    assert_eq!(u64::from(struck.values().sum::<u32>()), kills, "somebody was killed in each round");
    println!("{kills} kills from seed {seed} ({struck:?}): {ready} ready, {failed} failed with a reason");
    assert_eq!(count(&server, "select count(*) from audit_event where action = 'take.ready'").await, ready);
    assert_eq!(count(&server, "select count(*) from job where kind = 'process' and state = 'done'").await, ready);
    assert_eq!(failed, 0, "one kill costs no take");
    server.stop().await;
}
