//! R5: how soon the jobs of a dead worker are taken over (15 s are promised). Several at once, because what counts is the slowest of
//! many. The times are printed; a busy machine is no fault.
//!
//! `TWOTAKE_TAKEOVERS` is how often a node is killed (once unless told), each time with [`AT_ONCE`] jobs at work.

use std::time::{Duration, Instant};

use twotake::on_db;

use crate::harness::{Server, media, until};
use crate::kill::number;
use crate::process::Node;
use crate::sending::{PATIENCE, send};
use crate::two_nodes::{count, shared_server};

/// Jobs that die with the node.
const AT_ONCE: usize = 3;
const BEGUN: &str = "select count(*) from job where kind = 'process' and state = 'running' and attempt = 1";

/// How many jobs have been begun by another worker.
async fn taken_over(server: &Server) -> usize {
    const SQL: &str = "select count(*) from job where kind = 'process' and attempt >= 2";
    let found: i64 = on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).fetch_one(c).await).unwrap();
    usize::try_from(found).unwrap()
}

/// Kills a node with all its jobs; how long after that each was begun by the other.
async fn kill_one() -> Vec<Duration> {
    let (server, leena) = shared_server().await;
    let slots = AT_ONCE.to_string();
    let flags = ["--workers", slots.as_str()];
    let mut first = Node::with(&server, &flags);
    let file = media::webm(24.0);
    for _ in 0..AT_ONCE {
        send(&first.client(&leena), &file, &[]).await;
    }
    until("all are at work", PATIENCE, async || usize::try_from(count(&server, BEGUN).await) == Ok(AT_ONCE)).await;
    let second = Node::with(&server, &flags);
    second.client(&leena).get("/api/me").await.is(200);
    first.kill();
    let killed = Instant::now();
    let mut times = Vec::new();
    for number in 1..=AT_ONCE {
        until("another is taken over", PATIENCE, async || taken_over(&server).await >= number).await;
        times.push(killed.elapsed());
    }
    server.stop().await;
    times
}

#[tokio::test(flavor = "multi_thread")]
async fn every_job_of_a_dead_worker_is_taken_over() {
    let kills = number("TWOTAKE_TAKEOVERS", 1);
    let mut times = Vec::new();
    for _ in 0..kills {
        times.extend(kill_one().await);
    }
    times.sort();
    let [half, most] = [50, 99].map(|percent| times[(times.len() * percent).div_ceil(100) - 1]);
    println!("{} takeovers after the kill: p50 {half:.1?}, p99 {most:.1?}", times.len());
}
