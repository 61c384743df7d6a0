//! A file whose pictures are made by several nodes at once, and what becomes of it when one of them is killed.
//!
//! Both nodes are told to have two cores: the one that has the take has no room for its parts, so they are the other's.

use twotake::on_db;

use crate::decode;
use crate::harness::{Client, Server, media, until};
use crate::process::Node;
use crate::sending::{PATIENCE, path_of, send, settled};
use crate::two_nodes::{count, sets, shared_server};

const SECONDS: u64 = 30;
const FLAGS: [&str; 8] = ["--media-cores", "2", "--share-from-s", "8", "--lease-ms", "2000", "--workers", "1"];
const PARTS_AT_WORK: &str = "select count(*) from job where kind = 'process_part' and state = 'running'";
const PARTS_DONE: &str = "select count(*) from job where kind = 'process_part' and state = 'done'";
const PARTS_LEFT: &str = "select count(*) from job where kind = 'process_part' and state in ('ready', 'running')";

/// One whole set that decodes, with every picture, and nothing owed any more.
async fn is_whole(server: &Server, leena: &Client, take: &serde_json::Value) {
    assert_eq!(take["state"], "ready", "{take}");
    let sets = sets(server, take["id"].as_str().unwrap()).await;
    assert_eq!(sets.len(), 1, "one whole set of outputs: {sets:?}");
    assert!(take["hls_url"].as_str().unwrap().contains(sets[0].rsplit('/').next().unwrap()));
    let made = decode::pictures(server.app.store.as_ref(), &sets[0]).await;
    assert!(made.len() >= 3, "{made:?}");
    for (name, pictures) in made {
        assert_eq!(pictures, if name == "audio.m3u8" { 0 } else { SECONDS * 30 }, "{name}");
    }
    assert_eq!(count(server, "select count(*) from audit_event where action = 'recording.published'").await, 1);
    assert_eq!(count(server, PARTS_LEFT).await, 0);
    // Whoever watched from the beginning finds every segment, and the end.
    let live = format!("/media/{}/{}/live/360.m3u8", take["recording"].as_str().unwrap(), take["id"].as_str().unwrap());
    let playlist = leena.get(&live).await.is(200).text();
    assert_eq!(playlist.matches("#EXTINF").count() as u64, SECONDS / 2, "{playlist}");
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n"));
}

/// Which node has the take: the one whose child runs while no part is claimed yet, seen by the job's own slot.
async fn begun(server: &Server, nodes: &[Node; 2]) -> usize {
    until("one node is at work", PATIENCE, async || nodes.iter().any(|node| node.children() > 0)).await;
    let at = usize::from(nodes[0].children() == 0);
    until("the other makes a part of it", PATIENCE, async || count(server, PARTS_AT_WORK).await > 0).await;
    at
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_make_one_file_together() {
    let (server, leena) = shared_server().await;
    let nodes = [Node::with(&server, &FLAGS), Node::with(&server, &FLAGS)];
    let take = send(&nodes[0].client(&leena), &media::webm(SECONDS as f64), &[]).await;
    let at = begun(&server, &nodes).await;
    assert!(nodes[1 - at].children() > 0 || count(&server, PARTS_DONE).await > 0);
    let take = settled(&nodes[0].client(&leena), &path_of(&take)).await;
    assert!(count(&server, PARTS_DONE).await >= 1, "the other node has made a part");
    is_whole(&server, &nodes[0].client(&leena), &take).await;
    assert_eq!(count(&server, "select max(attempt) from job where kind = 'process'").await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_that_is_killed_in_the_middle_of_its_part_costs_nothing_but_its_part() {
    let (server, leena) = shared_server().await;
    let mut nodes = [Node::with(&server, &FLAGS), Node::with(&server, &FLAGS)];
    let take = send(&nodes[0].client(&leena), &media::webm(SECONDS as f64), &[]).await;
    let helper = 1 - begun(&server, &nodes).await;
    nodes[helper].kill();
    let survivor = nodes[1 - helper].client(&leena);
    let take = settled(&survivor, &path_of(&take)).await;
    is_whole(&server, &survivor, &take).await;
    assert_eq!(count(&server, "select max(attempt) from job where kind = 'process'").await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_while_others_help_is_followed_by_one_that_takes_over_their_parts() {
    let (server, leena) = shared_server().await;
    let mut nodes = [Node::with(&server, &FLAGS), Node::with(&server, &FLAGS)];
    let take = send(&nodes[0].client(&leena), &media::webm(SECONDS as f64), &[]).await;
    let front = begun(&server, &nodes).await;
    until("a part is done", PATIENCE, async || count(&server, PARTS_DONE).await > 0).await;
    nodes[front].kill();
    let survivor = nodes[1 - front].client(&leena);
    let take = settled(&survivor, &path_of(&take)).await;
    is_whole(&server, &survivor, &take).await;
    // What the first attempt had asked for was not asked for twice.
    const PAYLOADS: &str = "select count(*) from (select payload from job where kind = 'process_part' group by payload \
                            having count(*) > 1) twice";
    let twice: i64 = on_db!(&server.app.db, |c| sqlx::query_scalar(PAYLOADS).fetch_one(c).await).unwrap();
    assert_eq!(twice, 0);
    server.stop().await;
}
