//! R5: how much a killed worker loses. At most one segment of pictures is made again, also where the pictures are so small that a segment
//! takes no longer than a few writings.
//!
//! `TWOTAKE_REDONE` is how often a node is killed (once unless told), each time a segment later than the time before.

use crate::harness::{media, until};
use crate::kill::number;
use crate::process::{Node, working_in};
use crate::sending::{PATIENCE, path_of, send, settled};
use crate::two_nodes::{job_of, shared_server, taken_over_segments};

/// Kills the node at work once it keeps so many segments; for each rung, how many of those that it had stored were made again.
async fn kill_after(segments: usize) -> Vec<(String, usize)> {
    let (server, leena) = shared_server().await;
    // Each alone: what others would make of it is none of theirs to lose.
    let start = || Node::with(&server, &["--share-from-s", "0"]);
    let mut nodes = [start(), start()];
    let take = send(&nodes[0].client(&leena), &media::webm(60.0), &[]).await;
    until("it has left something to go on from", PATIENCE, async || job_of(&server, &take).await.1 >= segments).await;
    let at = usize::from(nodes[0].children() == 0);
    nodes[at].kill();
    let dir = nodes[at].dir.path().to_owned();
    until("its media child has ended with it", PATIENCE, async || working_in(&dir) == 0).await;
    let ended = settled(&nodes[1 - at].client(&leena), &path_of(&take)).await;
    assert_eq!(ended["state"], "ready", "{ended}");
    let rungs = taken_over_segments(&server, &take).await.into_iter().filter(|(rendition, ..)| rendition != "audio");
    let redone = rungs.map(|(rendition, kept, stored)| (rendition, stored - kept)).collect();
    server.stop().await;
    redone
}

#[tokio::test(flavor = "multi_thread")]
async fn of_small_pictures_at_most_one_segment_is_made_again() {
    let kills = number("TWOTAKE_REDONE", 1);
    let mut all = Vec::new();
    for kill in 0..kills {
        all.extend(kill_after(2 + usize::try_from(kill % 8).unwrap()).await);
    }
    println!("segments made again, in {kills} kills: {all:?}");
    assert!(!all.is_empty() && all.iter().all(|(_, redone)| *redone <= 1), "{all:?}");
}
