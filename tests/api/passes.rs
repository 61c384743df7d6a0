//! Permissions to watch are remembered for a few seconds: that a right which ends is gone at once on the node where it ended,
//! and within five seconds on every other, and that remembering never opens more than was asked for.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Client, Server, both};
use crate::watching::{LARGE, Shown, author, share, shown, video, with_header, word};

/// What a node may at most repeat of what it knew.
const REPEATED: TimeDelta = TimeDelta::seconds(5);

fn at(node: &Server, person: &Client) -> Client {
    Client { base: node.base.clone(), ..person.clone() }
}

/// Asked twice, so that the second answer comes from what was remembered.
async fn watches(person: &Client, path: &str) {
    for _ in 0..2 {
        person.get(path).await.is(200);
    }
}

both! {
    at "2026-11-12T09:00:00Z";

    async fn a_session_that_ends_watches_no_more(server: Server) {
        let author = author(&server).await;
        let shown = shown(&server, &author).await;
        let (browser, other) = (server.browser_of(&author).await, server.browser_of(&author).await);
        let path = shown.path("master.m3u8");
        watches(&browser, &path).await;
        watches(&other, &path).await;
        browser.delete("/api/session").await.is(204);
        browser.get(&path).await.problem("unauthenticated");
        watches(&other, &path).await;
        let sessions = author.get("/api/sessions").await.ok();
        for session in sessions["items"].as_array().unwrap() {
            author.delete(&format!("/api/sessions/{}", session["id"].as_str().unwrap())).await.is(204);
        }
        other.get(&path).await.problem("unauthenticated");
    }

    async fn a_token_or_a_person_that_ends_watches_no_more(server: Server) {
        let (admin, leena) = (server.admin().await, server.member("Leena").await);
        let (shown, omar) = (shown(&server, &leena).await, server.member("Omar").await);
        let path = shown.path("video.mp4");
        watches(&omar, &path).await;
        let made = omar.post("/api/tokens", json!({ "name": "player" })).await.is(201).json();
        let script = Client::new(&server.base, made["token"].as_str().map(str::to_owned));
        watches(&script, &path).await;
        omar.delete(&format!("/api/tokens/{}", made["id"].as_str().unwrap())).await.is(204);
        script.get(&path).await.problem("unauthenticated");
        watches(&omar, &path).await;
        admin.patch(&format!("/api/people/{}", omar.id), json!({ "state": "left", "revision": 1 })).await.is(200);
        omar.get(&path).await.problem("unauthenticated");
    }

    async fn a_recording_that_is_deleted_opens_no_door(server: Server) {
        let author = author(&server).await;
        let (shown, stranger) = (shown(&server, &author).await, server.stranger());
        let link = share(&author, shown.id, json!({})).await;
        let (own, tokened) = (shown.path("video.mp4"), shown.tokened(&server, "video.mp4"));
        let shared = format!("/media/s/{}/video.mp4", word(&link));
        watches(&author, &own).await;
        watches(&stranger, &tokened).await;
        watches(&stranger, &shared).await;
        author.delete(&format!("/api/recordings/{}", shown.id)).await.is(204);
        author.get(&own).await.problem("not_found");
        stranger.get(&tokened).await.problem("not_found");
        stranger.get(&shared).await.problem("not_found");
    }

    async fn what_ends_on_one_node_ends_on_the_others_within_five_seconds(server: Server) {
        let author = author(&server).await;
        let (shown, stranger) = (shown(&server, &author).await, server.stranger());
        let link = share(&author, shown.id, json!({})).await;
        let browser = server.browser_of(&author).await;
        let node = server.another_node().await;
        let (browser_there, stranger_there) = (at(&node, &browser), at(&node, &stranger));
        let (own, shared) = (shown.path("master.m3u8"), format!("/media/s/{}/master.m3u8", word(&link)));
        watches(&browser_there, &own).await;
        watches(&stranger_there, &shared).await;
        browser.delete("/api/session").await.is(204);
        author.delete(&format!("/api/share-links/{}", link["id"].as_str().unwrap())).await.is(204);
        browser.get(&own).await.problem("unauthenticated");
        stranger.get(&shared).await.problem("not_found");
        server.app.clock.advance(REPEATED);
        browser_there.get(&own).await.problem("unauthenticated");
        stranger_there.get(&shared).await.problem("not_found");
        node.stop().await;
    }

    async fn one_permission_opens_nothing_else(server: Server) {
        let (author, guest) = (author(&server).await, server.guest("Gus").await);
        let (mine, other) = (shown(&server, &author).await, shown(&server, &author).await);
        watches(&author, &mine.path("master.m3u8")).await;
        guest.get(&mine.path("master.m3u8")).await.problem("not_found");
        server.stranger().get(&mine.path("master.m3u8")).await.problem("unauthenticated");
        let mixed = Shown { take: other.take, ..mine };
        author.get(&mixed.path("master.m3u8")).await.problem("not_found");
        let link = share(&author, other.id, json!({ "password": "second bath" })).await;
        let locked = format!("/media/s/{}/master.m3u8", word(&link));
        watches(&author, &locked).await;
        server.stranger().get(&locked).await.problem("forbidden");
        server.stranger().get(&format!("{locked}?proof=")).await.problem("forbidden");
    }

    async fn a_large_file_is_the_same_however_it_is_cut(server: Server) {
        let author = author(&server).await;
        let (shown, all) = (shown(&server, &author).await, video());
        let (path, block) = (shown.path("video.mp4"), 512 << 10);
        for (from, to) in [
            (0, 1),
            (0, block),
            (block - 1, block),
            (block - 1, block + 1),
            (block, 2 * block),
            (100, 3 * block + 100),
            (2 * block + 7, LARGE),
            (0, LARGE),
            (LARGE - 1, LARGE),
        ] {
            let range = format!("bytes={from}-{}", to - 1);
            let part = with_header(&author, Method::GET, &path, "range", &range).await.is(206);
            assert!(part.body == all[from..to], "{range}: {} bytes", part.body.len());
            assert_eq!(part.header("content-length"), (to - from).to_string(), "{range}");
            assert_eq!(part.header("content-range"), format!("bytes {from}-{}/{LARGE}", to - 1));
            assert!(part.headers.get("set-cookie").is_none());
        }
        assert!(author.get(&path).await.is(200).body == all);
        server.app.store.delete(&format!("{}/video.mp4", shown.folder)).await.unwrap();
        author.head(&path).await.is(404);
    }
}
