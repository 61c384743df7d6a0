//! A take that is being made is watched through every door before its last byte: a session, a share link's page and frame with their
//! playback token; and who came by a link is told of it as it happens.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, both, media, until_some};
use crate::sending::{PATIENCE, add, begin_live, settled};

/// The take as it stands when something of it can be watched.
async fn watchable(client: &Client, take: &str) -> Value {
    until_some("something of it can be watched", PATIENCE, async || {
        let take = client.get(take).await.ok();
        (take["watchable"] == true).then_some(take)
    })
    .await
}

fn uris(playlist: &str) -> Vec<String> {
    playlist.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

fn path(url: &str) -> String {
    format!("/media/{}", url.split_once("/media/").unwrap().1)
}

/// Reads a master playlist that grows, every playlist it names and every segment those name; answers how many segments.
async fn read_all(client: &Client, master: &str) -> usize {
    let folder = master.rsplit_once('/').unwrap().0;
    let text = client.get(master).await.is(200).text();
    let (mut segments, mut names) = (0, uris(&text));
    names.push("audio.m3u8".into());
    for name in names {
        let playlist = client.get(&format!("{folder}/{name}")).await.is(200).text();
        assert!(playlist.contains("TYPE:EVENT"), "{name}: {playlist}");
        for uri in uris(&playlist) {
            let (above, rest) = match uri.strip_prefix("../") {
                Some(rest) => (folder.rsplit_once('/').unwrap().0, rest),
                None => (folder, uri.as_str()),
            };
            client.get(&format!("{above}/{rest}")).await.is(200);
            segments += 1;
        }
    }
    segments
}

both! {
    async fn a_live_take_plays_through_every_door_before_its_last_byte(server: Server) {
        server.admin().await;
        let leena = server.member("Leena Koskinen").await;
        let bytes = std::fs::read(media::webm(12.0)).unwrap();
        let (upload, take) = begin_live(&leena).await;
        let most = bytes.len() * 2 / 3;
        add(&leena, &upload, 0, &bytes[..most], false).await.is(204);
        let standing = watchable(&leena, &take).await;
        let recording = standing["recording"].as_str().unwrap().to_owned();
        let share = async |with: Value| {
            let link = leena.post(&format!("/api/recordings/{recording}/share-links"), with).await.is(201).json();
            link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
        };
        let open = share(json!({ "audience": "link" })).await;
        let guarded = share(json!({ "audience": "link", "password": "second bath" })).await;

        // The session's door.
        assert!(read_all(&leena, &path(standing["hls_url"].as_str().unwrap())).await >= 1);
        // The link's: its state names addresses with a playback token, and its page and frame carry them.
        let stranger = server.stranger();
        let state = stranger.get(&format!("/embed/{open}/state")).await.ok();
        let master = state["hls_url"].as_str().unwrap().to_owned();
        assert!(master.starts_with("/media/~") && master.ends_with("/live/master.m3u8"), "{state}");
        assert!(read_all(&stranger, &master).await >= 1);
        for page in ["w", "embed"] {
            let html = stranger.get(&format!("/{page}/{open}")).await.is(200).text();
            let (_, rest) = html.split_once("hls=\"").expect("the player is told where it plays");
            assert!(read_all(&stranger, rest.split_once('"').unwrap().0).await >= 1, "{page}");
        }
        // A link with a password opens with its proof only, and nothing is told without.
        stranger.get(&format!("/embed/{guarded}/state")).await.problem("forbidden");
        stranger.get(&format!("/embed/{guarded}/state/events")).await.problem("forbidden");
        let proof = twotake::recording::share::unlock(&server.app, &guarded, "second bath".into()).await.unwrap().unwrap();
        let state = stranger.get(&format!("/embed/{guarded}/state?proof={proof}")).await.ok();
        assert!(read_all(&stranger, state["hls_url"].as_str().unwrap()).await >= 1);
        stranger.get("/embed/1111111111111111111111/state/events").await.problem("not_found");

        // And the end: the same addresses go on, to their last line.
        add(&leena, &upload, most, &bytes[most..], true).await.is(204);
        assert_eq!(settled(&leena, &take).await["state"], "ready");
        let folder = master.rsplit_once('/').unwrap().0;
        for name in uris(&stranger.get(&master).await.is(200).text()) {
            let playlist = stranger.get(&format!("{folder}/{name}")).await.is(200).text();
            assert!(playlist.ends_with("#EXT-X-ENDLIST\n") && uris(&playlist).len() == 6, "{playlist}");
        }
    }

    async fn who_came_by_a_link_is_told_of_every_step_until_the_link_ends_or_the_take_does(server: Server) {
        server.admin().await;
        let leena = server.member("Leena Koskinen").await;
        let bytes = std::fs::read(media::webm(6.0)).unwrap();
        let (upload, take) = begin_live(&leena).await;
        add(&leena, &upload, 0, &bytes[..bytes.len() / 2], false).await.is(204);
        let standing = leena.get(&take).await.ok();
        let recording = standing["recording"].as_str().unwrap().to_owned();
        let links = format!("/api/recordings/{recording}/share-links");
        let (mut words, mut ids) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let link = leena.post(&links, json!({ "audience": "link" })).await.is(201).json();
            words.push(link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned());
            ids.push(link["id"].as_str().unwrap().to_owned());
        }
        let stranger = server.stranger();
        let listen = async |word: &str| {
            let response = stranger.request(Method::GET, &format!("/embed/{word}/state/events")).send().await.unwrap();
            assert_eq!(response.status(), 200);
            assert_eq!(response.headers()["content-type"], "text/event-stream");
            response.bytes_stream()
        };
        let (mut kept, mut ended) = (listen(&words[0]).await, listen(&words[1]).await);
        // One that ends while somebody listens: nothing more is told, and the stream is over.
        ended.next().await.unwrap().unwrap();
        leena.delete(&format!("/api/share-links/{}", ids[1])).await.is(204);
        let rest = async { while ended.next().await.is_some_and(|piece| piece.is_ok()) {} };
        tokio::time::timeout(Duration::from_secs(60), rest).await.expect("it ends with its link");

        add(&leena, &upload, bytes.len() / 2, &bytes[bytes.len() / 2..], true).await.is(204);
        let mut said = String::new();
        let read = async {
            while let Some(piece) = kept.next().await {
                said += std::str::from_utf8(&piece.unwrap()).unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("it ends with the take");
        let told: Vec<Value> =
            said.lines().filter_map(|line| line.strip_prefix("data: ")).map(|data| serde_json::from_str(data).unwrap()).collect();
        assert!(said.starts_with("event: take\n"), "{said}");
        assert!(["receiving", "processing"].contains(&told[0]["state"].as_str().unwrap()), "{said}");
        let last = told.last().unwrap();
        assert_eq!(last["state"], "ready", "{said}");
        assert!(last["hls_url"].as_str().unwrap().starts_with("/media/~") && last["mp4_url"].is_string(), "{last}");
        stranger.get(last["mp4_url"].as_str().unwrap()).await.is(200);
    }
}
