//! Once a take is ready its sound is levelled, and the set with it takes the place of the first.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use futures_util::TryStreamExt;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use twotake::on_db;
use twotake::store::Store;

use crate::decode;
use crate::harness::{Client, Server, both, media, until, until_some};
use crate::process::{Node, at_work_in};
use crate::sending::{PATIENCE, path_of, send, settled};
use crate::two_nodes::{count, sets, shared_server};

/// Integrated loudness and true peak of a file, as the ffmpeg program's ebur128 measures them.
fn measured(bytes: &[u8]) -> (f64, f64) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.mp4");
    std::fs::write(&file, bytes).unwrap();
    loudness(&file)
}

fn loudness(file: &Path) -> (f64, f64) {
    let words = ["-hide_banner", "-nostats", "-i", file.to_str().unwrap(), "-vn"];
    let filter = ["-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"];
    let done = Command::new("ffmpeg").args(words).args(filter).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let number = |label: &str| -> f64 {
        let line = said.lines().rev().find(|line| line.trim().starts_with(label)).unwrap_or_else(|| panic!("{said}"));
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (number("I:"), number("Peak:"))
}

fn path(url: &Value) -> String {
    format!("/media/{}", url.as_str().unwrap().split_once("/media/").unwrap().1)
}

/// How the job of that kind for a take stands: state and attempts; none when none was ever owed.
async fn level_job(server: &Server, take: &str) -> Option<(String, i32)> {
    const SQL: &str = "select state, attempt from job where unique_key = $1";
    let key = format!("level:{}", take.rsplit('/').next().unwrap());
    on_db!(&server.app.db, |c| sqlx::query_as(SQL).bind(&key).fetch_optional(c).await).unwrap()
}

async fn levelled(server: &Server, client: &Client, take: &str) -> Value {
    until_some("the sound has been levelled", PATIENCE, async || {
        let (state, _) = level_job(server, take).await.expect("it is owed");
        assert_ne!(state, "failed");
        if state != "done" {
            return None;
        }
        Some(client.get(take).await.ok())
    })
    .await
}

/// The whole set in the store, with everything that its playlists name elsewhere, decoded.
async fn decodes(store: &dyn Store, set: &str, pictures: u64) {
    let dir = tempfile::tempdir().unwrap();
    let take = set.rsplit_once('/').unwrap().0;
    for object in store.list(&format!("{take}/"), None, 5000).await.unwrap() {
        let to = dir.path().join(object.key.strip_prefix("takes/").unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let pieces: Vec<_> = store.get(&object.key, None).await.unwrap().body.try_collect().await.unwrap();
        std::fs::write(to, pieces.concat()).unwrap();
    }
    let here = dir.path().join(set.strip_prefix("takes/").unwrap());
    for entry in std::fs::read_dir(here).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "video.mp4" || name.ends_with(".m3u8") {
            let wanted = if name == "audio.m3u8" { 0 } else { pictures };
            assert_eq!(decode::decode(&file), wanted, "{name}");
        }
    }
}

both! {
    async fn a_ready_take_gets_levelled_sound_and_whoever_watches_the_first_set_plays_on(server: Server) {
        server.admin().await;
        let leena = server.member("Leena Koskinen").await;
        let address = path_of(&send(&leena, &media::quiet_webm(6.0), &[("title", "Quiet")]).await);
        let ready = settled(&leena, &address).await;
        assert_eq!(ready["state"], "ready", "{ready}");
        let take = levelled(&server, &leena, &address).await;
        let all = sets(&server, take["id"].as_str().unwrap()).await;
        assert_eq!(all.len(), 2, "the first and the levelled: {all:?}");
        let shown = all.iter().find(|set| take["hls_url"].as_str().unwrap().contains(set.rsplit('/').next().unwrap()));
        let shown = shown.expect("the set that is shown");
        let first = all.iter().find(|set| *set != shown).unwrap();
        decodes(server.app.store.as_ref(), shown, 180).await;

        let answer = leena.get(&path(&take["mp4_url"])).await.is(200);
        let (lufs, peak) = measured(&answer.body);
        assert!((lufs + 16.0).abs() <= 1.0 && peak <= -1.0, "{lufs} {peak}");
        // The first set is still there, as it was.
        let before = path(&take["mp4_url"]).replace(shown.rsplit('/').next().unwrap(), first.rsplit('/').next().unwrap());
        let (was, _) = measured(&leena.get(&before).await.is(200).body);
        assert!(was < -24.0, "{was}");
        for name in ["master.m3u8", "360.m3u8", "audio.m3u8", "poster.jpg", "preview.gif", "waveform.json"] {
            let at = |set: &str| format!("{}{name}", before.replace("video.mp4", "").replace(first.rsplit('/').next().unwrap(), set));
            let (old, new) = (leena.get(&at(first.rsplit('/').next().unwrap())).await, leena.get(&at(shown.rsplit('/').next().unwrap())).await);
            assert_eq!(old.status, new.status, "{name}");
        }
        // The stable address of a link serves the new sound.
        let recording = take["recording"].as_str().unwrap();
        let link = leena.post(&format!("/api/recordings/{recording}/share-links"), json!({ "audience": "link" })).await.is(201).json();
        let word = link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let shared = server.stranger().get(&format!("/media/s/{word}/video.mp4")).await.is(200);
        assert!(shared.body == answer.body);
        assert_eq!(count(&server, "select count(*) from audit_event where action = 'take.replaced'").await, 1);
    }

    async fn what_is_well_or_silent_owes_nothing(server: Server) {
        server.admin().await;
        let leena = server.member("Leena Koskinen").await;
        let address = path_of(&send(&leena, &media::webm(3.0), &[]).await);
        let take = settled(&leena, &address).await;
        assert_eq!(take["state"], "ready", "{take}");
        assert_eq!(level_job(&server, &address).await, None);
        assert_eq!(sets(&server, take["id"].as_str().unwrap()).await.len(), 1);
    }
}

/// Kills whoever works on the sound, and at last a whole node.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_while_levelling_the_first_set_stays_until_one_levelled_set_takes_its_place() {
    let (server, leena) = shared_server().await;
    server.app.jobs.set_lease(Duration::from_millis(2000));
    let lease = ["--lease-ms", "2000"];
    let mut nodes = [Node::with(&server, &lease), Node::with(&server, &lease)];
    let address = path_of(&send(&nodes[0].client(&leena), &media::quiet_webm(60.0), &[]).await);
    settled(&nodes[0].client(&leena), &address).await;
    let running = async || level_job(&server, &address).await.is_some_and(|(state, _)| state == "running");
    until("the levelling has begun", PATIENCE, running).await;
    let at_work = || nodes.iter().position(|node| node.children() > 0);
    until("its child is at work", PATIENCE, async || at_work().is_some()).await;
    let node = at_work().expect("it was seen at work");
    if let Some(child) = at_work_in(nodes[node].dir.path()).first() {
        kill(Pid::from_raw(*child), Signal::SIGKILL).unwrap();
    }
    nodes[node].kill();
    let survivor = nodes[1 - node].client(&leena);
    let shown = survivor.get(&address).await.ok();
    assert_eq!(shown["state"], "ready", "{shown}");
    survivor.get(&path(&shown["mp4_url"])).await.is(200);
    let take = levelled(&server, &survivor, &address).await;
    let (_, attempts) = level_job(&server, &address).await.unwrap();
    assert!(attempts >= 2, "it was begun {attempts} times");
    assert_eq!(count(&server, "select count(*) from audit_event where action = 'take.replaced'").await, 1);
    let (lufs, peak) = measured(&survivor.get(&path(&take["mp4_url"])).await.is(200).body);
    assert!((lufs + 16.0).abs() <= 1.0 && peak <= -1.0, "{lufs} {peak}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_take_that_is_discarded_while_it_is_levelled_stays_discarded() {
    let (server, leena) = shared_server().await;
    let node = Node::start(&server);
    let client = node.client(&leena);
    let address = path_of(&send(&client, &media::quiet_webm(60.0), &[]).await);
    let take = settled(&client, &address).await;
    assert!(level_job(&server, &address).await.is_some(), "it is owed with the same commit");
    client.delete(&format!("/api/recordings/{}", take["recording"].as_str().unwrap())).await.is(204);
    until("the job is over", PATIENCE, async || {
        level_job(&server, &address).await.is_some_and(|(state, _)| ["cancelled", "done"].contains(&state.as_str()))
    })
    .await;
    until("nobody works on it", PATIENCE, async || node.children() == 0).await;
    until("nothing of it stays", PATIENCE, async || {
        let left = server.app.store.list(&format!("takes/{}/", take["id"].as_str().unwrap()), None, 10).await.unwrap();
        left.is_empty()
    })
    .await;
    server.stop().await;
}
