//! Two `serve` processes on one PostgreSQL and one S3: they share the work, and one of them is killed in the middle of it.

use std::time::{Duration, Instant};

use twotake::config::Role;
use twotake::on_db;

use crate::decode;
use crate::harness::{Backend, Client, Options, Server, media, until};
use crate::process::{Node, working_in};
use crate::sending::{PATIENCE, begin, path_of, send, settled};

pub async fn shared_server() -> (Server, Client) {
    let configure = |config: &mut twotake::config::Config| config.role = Role::Web;
    let server = Server::with(Options { backend: Backend::Postgres, start: None, configure }).await;
    server.admin().await;
    let leena = server.member("Leena Koskinen").await;
    (server, leena)
}

pub async fn count(server: &Server, sql: &'static str) -> i64 {
    on_db!(&server.app.db, |c| sqlx::query_scalar(sql).fetch_one(c).await).unwrap()
}

/// Whole sets of outputs in the store: attempts that have a master playlist.
pub async fn sets(server: &Server, take: &str) -> Vec<String> {
    let found = server.app.store.list(&format!("takes/{take}/"), None, 1000).await.unwrap();
    found.into_iter().filter_map(|object| object.key.strip_suffix("/master.m3u8").map(str::to_owned)).collect()
}

/// The job of a take: how often it was begun, and how many segments every rendition has in its checkpoint.
pub async fn job_of(server: &Server, take: &str) -> (i32, usize) {
    const SQL: &str = "select attempt, checkpoint from job where unique_key = $1";
    type Row = (i32, Option<sqlx::types::Json<serde_json::Value>>);
    let key = format!("process:{}", id_in(take));
    let (attempt, checkpoint): Row =
        on_db!(&server.app.db, |c| sqlx::query_as(SQL).bind(&key).fetch_one(c).await).unwrap();
    let tracks = checkpoint.and_then(|kept| kept.0.as_object().cloned()).unwrap_or_default();
    (attempt, tracks.values().map(|track| track["segments"].as_array().unwrap().len()).min().unwrap_or(0))
}

/// For each rendition: how many segments the last attempt took over, and how many the first had put into the store.
pub async fn taken_over_segments(server: &Server, take: &str) -> Vec<(String, usize, usize)> {
    const SQL: &str = "select checkpoint, worker from job where unique_key = $1";
    let key = format!("process:{}", id_in(take));
    let (checkpoint, last): (sqlx::types::Json<serde_json::Value>, String) =
        on_db!(&server.app.db, |c| sqlx::query_as(SQL).bind(&key).fetch_one(c).await).unwrap();
    let objects = server.app.store.list(&format!("takes/{}/", id_in(take)), None, 1000).await.unwrap();
    let tracks = checkpoint.0.as_object().unwrap();
    let count = |(rendition, track): (&String, &serde_json::Value)| {
        let kept =
            track["segments"].as_array().unwrap().iter().filter(|piece| piece["attempt"] != last.as_str()).count();
        let (of, segment) = (format!("/{last}/"), format!("/{rendition}-"));
        let stored = objects
            .iter()
            .filter(|object| object.key.contains(&segment) && object.key.ends_with(".m4s") && !object.key.contains(&of))
            .count();
        (rendition.clone(), kept, stored)
    };
    tracks.iter().map(count).collect()
}

fn id_in(take: &str) -> &str {
    take.rsplit('/').next().unwrap()
}

/// How times are counted: "taken over" is when another worker has begun the job, seen from the kill, with the lease the program
/// ships with (10 s; R5 asks for 15 s in all). "Ready" is seen from the moment at which the lease has surely run out, one lease
/// after the kill, because the last extension was before it.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_in_mid_transcode_leaves_nothing_stuck_and_nothing_twice() {
    const SECONDS: u64 = 14;
    let (server, leena) = shared_server().await;
    let lease = server.app.jobs.lease();
    let mut nodes = [Node::start(&server), Node::start(&server)];
    let lost = send(&nodes[0].client(&leena), &media::large_webm(SECONDS as f64), &[]).await;
    until("one node is at work", PATIENCE, async || nodes.iter().any(|node| node.children() > 0)).await;
    until("it has left something to go on from", PATIENCE, async || job_of(&server, &lost).await.1 >= 2).await;
    let at = usize::from(nodes[0].children() == 0);
    nodes[at].kill();
    let killed = Instant::now();
    let left = job_of(&server, &lost).await;
    assert_eq!(left.0, 1);
    let dir = nodes[at].dir.path().to_owned();
    until("its media child has ended with it", Duration::from_secs(20), async || working_in(&dir) == 0).await;
    until("another node has begun", PATIENCE, async || job_of(&server, &lost).await.0 == 2).await;
    let taken_over = killed.elapsed();
    assert!(taken_over <= Duration::from_secs(15), "taken over only after {taken_over:?}");

    let survivor = nodes[1 - at].client(&leena);
    let take = settled(&survivor, &path_of(&lost)).await;
    let ready = killed.elapsed().saturating_sub(lease);
    assert_eq!(take["state"], "ready", "{take}");
    assert!(ready <= Duration::from_secs(30), "ready only {ready:?} after the lease ran out");
    println!(
        "killed with {} segments kept: taken over {taken_over:.1?} after the kill, ready {ready:.1?} after its lease",
        left.1
    );
    for (rendition, kept, stored) in taken_over_segments(&server, &lost).await {
        assert!(kept >= left.1, "{rendition}: {kept} of {stored} stored segments were taken over");
        // Sound runs ahead of the pictures when a file comes at once; making it again costs next to nothing.
        let redone = if rendition == "audio" { 0 } else { stored - kept };
        assert!(redone <= 1, "{rendition}: {kept} of {stored} stored segments were taken over");
    }
    let sets = sets(&server, take["id"].as_str().unwrap()).await;
    assert_eq!(sets.len(), 1, "one whole set of outputs: {sets:?}");
    assert!(take["hls_url"].as_str().unwrap().contains(sets[0].rsplit('/').next().unwrap()));
    survivor.get(&mp4_path(&take)).await.is(200);
    for (name, pictures) in decode::pictures(server.app.store.as_ref(), &sets[0]).await {
        let wanted = if name == "audio.m3u8" { 0 } else { SECONDS * 30 };
        assert_eq!(pictures, wanted, "{name}");
    }
    assert_eq!(count(&server, "select count(*) from audit_event where action = 'recording.published'").await, 1);
    assert_eq!(
        count(&server, "select count(*) from job where kind = 'process' and state = 'done' and attempt = 2").await,
        1
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_told_to_stop_hands_its_job_to_the_other_at_once() {
    let (server, leena) = shared_server().await;
    let mut first = Node::start(&server);
    let take = send(&first.client(&leena), &media::webm(30.0), &[]).await;
    until("it is at work", PATIENCE, async || first.children() > 0).await;
    let second = Node::start(&server);
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(first.id()), nix::sys::signal::Signal::SIGTERM).unwrap();
    assert!(first.wait().success(), "it stops in order");
    until("the other is at work", PATIENCE, async || second.children() > 0).await;
    let take = settled(&second.client(&leena), &path_of(&take)).await;
    assert_eq!(take["state"], "ready", "{take}");
    assert_eq!(count(&server, "select count(*) from job where kind = 'process' and attempt = 1").await, 1);
    server.stop().await;
}

/// An upload may begin on one node and end on the other; the one that works reads what both have stored.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_came_in_by_two_nodes_become_one_recording() {
    let (server, leena) = shared_server().await;
    let nodes = [Node::start(&server), Node::start(&server)];
    let bytes = std::fs::read(media::webm(4.0)).unwrap();
    let half = bytes.len() / 2;
    let begun = begin(&nodes[0].client(&leena), bytes.len(), bytes[..half].to_vec(), &[]).await.is(201);
    let (upload, take) = (begun.header("location").to_owned(), begun.header("twotake-take").to_owned());
    let other = nodes[1].client(&leena);
    let rest = other
        .request(reqwest::Method::PATCH, &path_of(&upload))
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", half.to_string())
        .header("content-type", "application/offset+octet-stream")
        .body(bytes[half..].to_vec());
    other.send(rest).await.is(204);
    let take = settled(&other, &path_of(&take)).await;
    assert_eq!(take["state"], "ready", "{take}");
    server.stop().await;
}

fn mp4_path(take: &serde_json::Value) -> String {
    let url = take["mp4_url"].as_str().unwrap();
    format!("/media/{}", url.split_once("/media/").unwrap().1)
}
