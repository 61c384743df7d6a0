//! Who may watch, and the bytes they get: access, share links, media and views over HTTP.

use ::bytes::Bytes;
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use twotake::id::{RecordingId, TakeId};
use twotake::recording::{access, bytes};

use crate::harness::{Answer, Client, Server, both};
use crate::recorded::recording;

/// Larger than what is kept in memory, so that both ways of answering are tried.
pub const LARGE: usize = 3 << 20;

pub async fn author(server: &Server) -> Client {
    server.admin().await;
    server.member("Leena").await
}

pub struct Shown {
    pub id: RecordingId,
    pub take: TakeId,
    /// `takes/…/1`
    pub folder: String,
}

impl Shown {
    pub fn path(&self, name: &str) -> String {
        format!("/media/{}/{}/1/{name}", self.id, self.take)
    }

    pub fn tokened(&self, server: &Server, name: &str) -> String {
        let until = server.app.clock.now() + bytes::playback::VALID;
        let token = bytes::playback::mint(&server.app.keys, self.id, self.take, until);
        format!("/media/~{token}/{}/{}/1/{name}", self.id, self.take)
    }
}

pub fn video() -> Vec<u8> {
    (0..LARGE).map(|i| u8::try_from(i % 251).unwrap()).collect()
}

/// A recording with a playlist (small) and a file (large) in the store.
pub async fn shown(server: &Server, author: &Client) -> Shown {
    let id = recording(server, author, "Calibration is down to 31 minutes").await;
    let (take, attempt) = access::sql::shown(&server.app.db, id).await.unwrap().unwrap();
    let folder = format!("takes/{take}/{attempt}");
    let put = async |name: &str, bytes: Vec<u8>, kind: &str| {
        server.app.store.put(&format!("{folder}/{name}"), Bytes::from(bytes), kind).await.unwrap();
    };
    put("master.m3u8", b"#EXTM3U\n".to_vec(), "application/vnd.apple.mpegurl").await;
    put("video.mp4", video(), "video/mp4").await;
    Shown { id, take, folder }
}

pub async fn share(author: &Client, id: RecordingId, mut with: serde_json::Value) -> serde_json::Value {
    with["audience"] = json!("link");
    author.post(&format!("/api/recordings/{id}/share-links"), with).await.is(201).json()
}

pub fn word(link: &serde_json::Value) -> String {
    link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

pub async fn with_header(client: &Client, method: Method, path: &str, name: &str, value: &str) -> Answer {
    client.send(client.request(method, path).header(name, value)).await
}

both! {
    at "2026-11-12T09:00:00Z";

    async fn a_file_is_answered_whole_in_parts_and_not_again(server: Server) {
        let author = author(&server).await;
        let shown = shown(&server, &author).await;
        let (path, all) = (shown.path("video.mp4"), video());
        let whole = author.get(&path).await.is(200);
        assert_eq!(whole.body, all);
        assert_eq!(whole.header("content-type"), "video/mp4");
        assert_eq!(whole.header("x-content-type-options"), "nosniff");
        assert_eq!(whole.header("accept-ranges"), "bytes");
        assert_eq!(whole.header("cache-control"), "private, max-age=31536000, immutable");
        assert!(whole.header("access-control-allow-origin").is_empty());
        assert!(whole.headers.get("set-cookie").is_none());
        let tag = whole.header("etag").to_owned();
        assert!(tag.starts_with('"'), "a strong validator: {tag}");

        let part = with_header(&author, Method::GET, &path, "range", "bytes=1000000-1000099").await.is(206);
        assert_eq!(part.body, all[1_000_000..1_000_100]);
        assert_eq!(part.header("content-range"), format!("bytes 1000000-1000099/{LARGE}"));
        let tail = with_header(&author, Method::GET, &path, "range", "bytes=-7").await.is(206);
        assert_eq!(tail.body, all[LARGE - 7..]);
        let beyond = with_header(&author, Method::GET, &path, "range", &format!("bytes={LARGE}-")).await.is(416);
        assert_eq!(beyond.header("content-range"), format!("bytes */{LARGE}"));
        with_header(&author, Method::GET, &path, "if-none-match", &tag).await.is(304);

        let old = author.request(Method::GET, &path).header("range", "bytes=0-9").header("if-range", "\"other\"");
        assert_eq!(author.send(old).await.is(200).body.len(), LARGE);
        let same = author.request(Method::GET, &path).header("range", "bytes=0-9").header("if-range", &tag);
        assert_eq!(author.send(same).await.is(206).body, all[..10]);
    }

    async fn head_says_what_get_would(server: Server) {
        let author = author(&server).await;
        let shown = shown(&server, &author).await;
        for (name, size) in [("video.mp4", LARGE), ("master.m3u8", 8)] {
            let head = author.head(&shown.path(name)).await.is(200);
            assert_eq!(head.header("content-length"), size.to_string(), "{name}");
            assert!(head.body.is_empty());
        }
        author.head(&shown.path("nothing.mp4")).await.is(404);
    }

    async fn a_small_file_is_the_same_the_second_time(server: Server) {
        let author = author(&server).await;
        let shown = shown(&server, &author).await;
        for _ in 0..2 {
            let playlist = author.get(&shown.path("master.m3u8")).await.is(200);
            assert_eq!(playlist.text(), "#EXTM3U\n");
            assert_eq!(playlist.header("content-type"), "application/vnd.apple.mpegurl");
            let part = with_header(&author, Method::GET, &shown.path("master.m3u8"), "range", "bytes=1-3").await.is(206);
            assert_eq!(part.text(), "EXT");
        }
    }

    async fn names_that_lead_elsewhere_are_not_found(server: Server) {
        let author = author(&server).await;
        let (mine, other) = (shown(&server, &author).await, shown(&server, &author).await);
        for path in [
            mine.path("..%2f..%2fsecret"),
            mine.path("%2e%2e"),
            mine.path(".hidden"),
            format!("/media/{}/{}/1/video.mp4", mine.id, other.take),
            format!("/media/{}/{}/..%2f1/video.mp4", mine.id, mine.take),
            "/media/not-an-id/x/1/video.mp4".to_owned(),
        ] {
            assert_eq!(author.get(&path).await.status, 404, "{path}");
        }
        assert!(other.folder.starts_with("takes/"));
    }

    async fn a_stranger_gets_no_byte_without_a_word_that_opens_it(server: Server) {
        let author = author(&server).await;
        let (shown, other) = (shown(&server, &author).await, shown(&server, &author).await);
        let stranger = server.stranger();
        stranger.get(&shown.path("video.mp4")).await.problem("unauthenticated");
        let path = shown.tokened(&server, "master.m3u8");
        let answer = stranger.get(&path).await.is(200);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
        assert!(answer.headers.get("set-cookie").is_none());
        let foreign = path.replace(&shown.take.to_string(), &other.take.to_string());
        stranger.get(&foreign).await.problem("not_found");
        server.app.clock.advance(bytes::playback::VALID);
        stranger.get(&path).await.problem("not_found");
    }

    async fn a_link_opens_a_recording_until_it_is_ended(server: Server) {
        let author = author(&server).await;
        let (shown, stranger) = (shown(&server, &author).await, server.stranger());
        let link = share(&author, shown.id, json!({})).await;
        let word = word(&link);
        assert_eq!(word.len(), 22);
        assert!(link["embed_html"].as_str().unwrap().starts_with("<iframe src=\""));
        let path = format!("/media/s/{word}/video.mp4");
        let answer = stranger.get(&path).await.is(200);
        assert_eq!(answer.body.len(), LARGE);
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        stranger.head(&path).await.is(200);
        let listed = author.get(&format!("/api/recordings/{}/share-links", shown.id)).await.ok();
        assert_eq!(listed["items"][0]["url"], link["url"], "the dialog can show it again");

        author.delete(&format!("/api/share-links/{}", link["id"].as_str().unwrap())).await.is(204);
        stranger.get(&path).await.problem("not_found");
        stranger.get("/media/s/1111111111111111111111/video.mp4").await.problem("not_found");
        let again = share(&author, shown.id, json!({})).await;
        assert_ne!(again["url"], link["url"], "an ended link never comes back");
    }

    async fn a_link_runs_out(server: Server) {
        let author = author(&server).await;
        let shown = shown(&server, &author).await;
        let until = server.app.clock.now() + TimeDelta::hours(1);
        let link = share(&author, shown.id, json!({ "expires_at": until })).await;
        let path = format!("/media/s/{}/master.m3u8", word(&link));
        server.stranger().get(&path).await.is(200);
        server.app.clock.advance(TimeDelta::hours(1));
        server.stranger().get(&path).await.problem("not_found");
        let past = json!({"audience": "link", "expires_at": until});
        let refused = author.post(&format!("/api/recordings/{}/share-links", shown.id), past).await.problem("invalid");
        assert!(refused["fields"]["expires_at"].is_string());
    }

    async fn a_password_opens_its_own_link_only(server: Server) {
        let author = author(&server).await;
        let shown = shown(&server, &author).await;
        let link = share(&author, shown.id, json!({"password": "second bath"})).await;
        let word = word(&link);
        let path = format!("/media/s/{word}/master.m3u8");
        server.stranger().get(&path).await.problem("forbidden");
        let unlock = async |word: &str, password: &str| {
            twotake::recording::share::unlock(&server.app, word, password.to_owned()).await.unwrap()
        };
        assert_eq!(unlock(&word, "first bath").await, None);
        assert_eq!(unlock("1111111111111111111111", "second bath").await, None);
        let proof = unlock(&word, "second bath").await.expect("the password is right");
        server.stranger().get(&format!("{path}?proof={proof}")).await.is(200);
        let other = share(&author, shown.id, json!({"password": "second bath"})).await;
        let elsewhere = format!("/media/s/{}/master.m3u8?proof={proof}", self::word(&other));
        server.stranger().get(&elsewhere).await.problem("forbidden");
        author.get(&path).await.is(200);
    }

    async fn only_the_author_and_administrators_share(server: Server) {
        let (admin, author, other) = (server.admin().await, server.member("Leena").await, server.member("Omar").await);
        let shown = shown(&server, &author).await;
        let path = format!("/api/recordings/{}/share-links", shown.id);
        let new = json!({"audience": "link"});
        other.post(&path, new.clone()).await.problem("forbidden");
        other.get(&path).await.problem("forbidden");
        server.stranger().post(&path, new.clone()).await.problem("unauthenticated");
        let made = admin.post(&path, new.clone()).await.is(201).json();
        other.delete(&format!("/api/share-links/{}", made["id"].as_str().unwrap())).await.problem("forbidden");
        author.delete(&format!("/api/share-links/{}", made["id"].as_str().unwrap())).await.is(204);
        let odd = json!({"audience": "link", "allowed_origins": ["https://wiki.example/path", "javascript:alert(1)"]});
        author.post(&path, odd).await.problem("invalid");
        let good = json!({"audience": "link", "allowed_origins": ["https://wiki.example:8443"]});
        let link = author.post(&path, good).await.is(201).json();
        assert_eq!(link["allowed_origins"], json!(["https://wiki.example:8443"]));
    }

    async fn a_guest_watches_only_what_is_theirs_or_hangs_in_their_channels(server: Server) {
        let (author, guest) = (author(&server).await, server.guest("Gus").await);
        let (theirs, mine) = (shown(&server, &author).await, shown(&server, &guest).await);
        guest.get(&theirs.path("master.m3u8")).await.problem("not_found");
        guest.get(&mine.path("master.m3u8")).await.is(200);
        author.get(&mine.path("master.m3u8")).await.is(200);
        let link = share(&author, theirs.id, json!({})).await;
        guest.get(&format!("/media/s/{}/master.m3u8", word(&link))).await.is(200);
    }

    async fn opened_and_watched_are_two_facts(server: Server) {
        let (author, viewer) = (author(&server).await, server.member("Omar").await);
        let shown = shown(&server, &author).await;
        let path = format!("/api/recordings/{}/views", shown.id);
        viewer.get(&shown.path("video.mp4")).await.is(200);
        assert_eq!(author.get(&path).await.ok()["items"], json!([]), "bytes are no view");
        author.post(&path, json!({"position_ms": 0, "ranges": [[0, 161200]]})).await.is(204);
        assert_eq!(author.get(&path).await.ok()["items"], json!([]), "nor is the author's own watching");

        viewer.post(&path, json!({"position_ms": 0, "ranges": []})).await.is(204);
        viewer.post(&path, json!({"position_ms": 60_000, "ranges": [[0, 60_000], [30_000, 60_000]]})).await.is(204);
        let seen = author.get(&path).await.ok();
        assert_eq!(seen["items"][0]["person"]["name"], "Omar");
        assert_eq!((seen["items"][0]["watched_ms"].as_i64(), seen["items"][0]["watched"].as_bool()), (Some(60_000), Some(false)));
        viewer.post(&path, json!({"position_ms": 161_200, "ranges": [[60_000, 900_000]]})).await.is(204);
        let seen = author.get(&path).await.ok();
        assert_eq!((seen["items"][0]["watched_ms"].as_i64(), seen["items"][0]["watched"].as_bool()), (Some(161_200), Some(true)));
        viewer.post(&path, json!({"position_ms": -1, "ranges": [[5, 1]]})).await.problem("invalid");
        server.stranger().post(&path, json!({"position_ms": 0, "ranges": []})).await.problem("unauthenticated");
    }

    async fn two_tabs_report_at_once_and_nothing_is_lost(server: Server) {
        let (author, viewer) = (author(&server).await, server.member("Omar").await);
        let shown = shown(&server, &author).await;
        let path = format!("/api/recordings/{}/views", shown.id);
        let reports = (0..6).map(|i| {
            let (viewer, path) = (viewer.clone(), path.clone());
            async move { viewer.post(&path, json!({"position_ms": 0, "ranges": [[i * 10_000, i * 10_000 + 5_000]]})).await }
        });
        for answer in futures_util::future::join_all(reports).await {
            answer.is(204);
        }
        assert_eq!(author.get(&path).await.ok()["items"][0]["watched_ms"], 30_000);
    }
}
