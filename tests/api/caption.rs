//! Captions from outside: who writes and reads them, what is refused with its line, where players find them, and that what is
//! said finds the second at which it is said.

use reqwest::Method;
use serde_json::{Value, json};
use twotake::id::RecordingId;

use crate::harness::{Client, Server, both};
use crate::page::open;
use crate::recorded::recording;
use crate::watching::{Shown, share, shown, with_header, word};

const FILE: &str = "WEBVTT\n\n00:01.000 --> 00:04.000\nGood morning from the quay\n\n01:08.500 --> 01:11.000\n<v Leena>The crane is back\n";

fn path(id: RecordingId, language: &str) -> String {
    format!("/api/recordings/{id}/captions/{language}")
}

async fn write(author: &Client, id: RecordingId, language: &str, text: &str) -> Value {
    author.put(&path(id, language), json!({ "text": text })).await.is(201).json()
}

async fn hits(client: &Client, q: &str) -> Vec<Value> {
    let found = client.get(&format!("/api/search?q={q}")).await.ok();
    found["items"].as_array().unwrap().iter().filter(|hit| hit["kind"] == "caption").cloned().collect()
}

fn said(pieces: &Value) -> String {
    pieces.as_array().unwrap().iter().map(|piece| piece["text"].as_str().unwrap()).collect()
}

/// What a page's player is given: the addresses of its tracks.
fn tracks(page: &str) -> Vec<String> {
    let sources = page.split("<track ").skip(1).filter_map(|track| track.split("src=\"").nth(1)?.split('"').next());
    sources.map(|source| source.replace("&#38;", "&")).collect()
}

async fn trail(admin: &Client) -> Vec<String> {
    let trail = admin.get("/api/audit").await.ok();
    let actions = trail["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned());
    actions.filter(|action| action.starts_with("caption.")).collect()
}

async fn people(server: &Server) -> (Client, Client, Client, Shown) {
    let admin = server.admin().await;
    let (leena, omar) = (server.member("Leena").await, server.member("Omar").await);
    let shown = shown(server, &leena).await;
    (admin, leena, omar, shown)
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn a_track_is_written_read_changed_and_deleted(server: Server) {
        let (admin, leena, omar, shown) = people(&server).await;
        let list = format!("/api/recordings/{}/captions", shown.id);
        assert_eq!(omar.get(&list).await.ok()["items"], json!([]));
        let made = write(&leena, shown.id, "EN-gb", &format!("\u{feff}{}", FILE.replace('\n', "\r\n"))).await;
        assert_eq!((&made["language"], &made["cues"], &made["revision"]), (&json!("en-GB"), &json!(2), &json!(1)));
        assert_eq!(made["changed_at"], "2026-11-22T10:00:00Z");
        let read = omar.get(made["url"].as_str().unwrap()).await.is(200);
        assert_eq!(read.header("content-type"), "text/vtt; charset=utf-8");
        assert_eq!(read.header("x-content-type-options"), "nosniff");
        assert_eq!(read.text(), FILE.replace("back\n", "back</v>\n"));
        assert_eq!(omar.get(&path(shown.id, "en-gb")).await.is(200).text(), read.text(), "whatever its case");

        let subrip = "1\n00:00:02,000 --> 00:00:03,000\n<font color=red>Bonjour</font>\n";
        let changed = leena.put(&path(shown.id, "en-GB"), json!({ "text": subrip, "revision": 1 })).await.is(200).json();
        assert_eq!((&changed["cues"], &changed["revision"]), (&json!(1), &json!(2)));
        assert_eq!(leena.get(&path(shown.id, "en-GB")).await.text(), "WEBVTT\n\n00:02.000 --> 00:03.000\nBonjour\n");
        write(&admin, shown.id, "de", FILE).await;
        let items = omar.get(&list).await.ok()["items"].clone();
        let languages: Vec<&str> = items.as_array().unwrap().iter().map(|one| one["language"].as_str().unwrap()).collect();
        assert_eq!(languages, ["de", "en-GB"]);

        leena.delete(&path(shown.id, "de")).await.is(204);
        leena.delete(&path(shown.id, "de")).await.problem("not_found");
        leena.get(&path(shown.id, "de")).await.problem("not_found");
        let mut trail = trail(&admin).await;
        trail.sort_unstable();
        assert_eq!(trail, ["caption.deleted", "caption.written", "caption.written", "caption.written"]);
    }

    async fn only_the_author_and_administrators_write(server: Server) {
        let (admin, leena, omar, shown) = people(&server).await;
        write(&admin, shown.id, "en", FILE).await;
        omar.put(&path(shown.id, "en"), json!({ "text": FILE, "revision": 1 })).await.problem("forbidden");
        omar.put(&path(shown.id, "fi"), json!({ "text": FILE })).await.problem("forbidden");
        omar.delete(&path(shown.id, "en")).await.problem("forbidden");
        let (stranger, guest) = (server.stranger(), server.guest("Gus").await);
        for (asker, code) in [(&stranger, "unauthenticated"), (&guest, "not_found")] {
            asker.get(&format!("/api/recordings/{}/captions", shown.id)).await.problem(code);
            asker.get(&path(shown.id, "en")).await.problem(code);
            asker.put(&path(shown.id, "en"), json!({ "text": FILE, "revision": 1 })).await.problem(code);
            asker.delete(&path(shown.id, "en")).await.problem(code);
        }
        assert_eq!(leena.get(&path(shown.id, "en")).await.is(200).text(), FILE.replace("back\n", "back</v>\n"));
    }

    async fn who_looked_at_an_older_track_is_told_of_the_newer_one(server: Server) {
        let (admin, leena, _, shown) = people(&server).await;
        write(&leena, shown.id, "en", FILE).await;
        let again = leena.put(&path(shown.id, "en"), json!({ "text": FILE })).await.problem("stale");
        assert_eq!((&again["current"]["revision"], &again["current"]["cues"]), (&json!(1), &json!(2)));
        let newer = FILE.replace("quay", "dock");
        admin.put(&path(shown.id, "en"), json!({ "text": newer, "revision": 1 })).await.is(200);
        let stale = leena.put(&path(shown.id, "en"), json!({ "text": FILE, "revision": 1 })).await.problem("stale");
        assert_eq!(stale["current"]["revision"], 2);
        assert!(stale["current"]["text"].as_str().unwrap().contains("from the dock"));
        leena.put(&path(shown.id, "en"), json!({ "text": FILE, "revision": 2 })).await.is(200);
        leena.put(&path(shown.id, "sv"), json!({ "text": FILE, "revision": 1 })).await.problem("not_found");
    }

    async fn a_file_that_cannot_be_taken_is_refused_with_its_line(server: Server) {
        let (_, leena, _, shown) = people(&server).await;
        for (text, line, says) in [
            ("hello", 1, "not a file of captions"),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n\n00:0x.000 --> 00:05.000\nyou", 6, "“00:0x.000” is not a time"),
            ("WEBVTT\r\n\r\n00:05.000 --> 00:04.000\r\nhi", 3, "not after its beginning"),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n\nmore", 6, "no times above it"),
        ] {
            let problem = leena.put(&path(shown.id, "en"), json!({ "text": text })).await.problem("invalid");
            assert_eq!(problem["line"], line, "{text:?}");
            let sentence = problem["fields"]["text"].as_str().unwrap();
            assert!(sentence.starts_with(&format!("Line {line}: ")) && sentence.contains(says), "{sentence}");
        }
        let large = format!("WEBVTT\n\nNOTE {}\n\n00:01.000 --> 00:02.000\nhi", "x".repeat(512 << 10));
        let problem = leena.put(&path(shown.id, "en"), json!({ "text": large })).await.problem("invalid");
        assert_eq!(problem["fields"]["text"], "At most 512 KiB; this has 513.");
        for language in ["english", "en_GB", "e", "..%2fen"] {
            let problem = leena.put(&path(shown.id, language), json!({ "text": FILE })).await.problem("invalid");
            assert!(problem["fields"]["language"].is_string(), "{language}");
        }
        leena.put(&path(shown.id, "en"), json!({ "revision": 1 })).await.problem("invalid");
        leena.get(&path(shown.id, "en")).await.problem("not_found");
    }

    async fn no_recording_has_more_than_twenty_tracks(server: Server) {
        let (_, leena, _, shown) = people(&server).await;
        for n in 0..20_u8 {
            write(&leena, shown.id, &format!("q{}", char::from(b'a' + n)), FILE).await;
        }
        let problem = leena.put(&path(shown.id, "en"), json!({ "text": FILE })).await.problem("conflict");
        assert!(problem["detail"].as_str().unwrap().contains("at most 20 languages"));
        leena.put(&path(shown.id, "qa"), json!({ "text": FILE, "revision": 1 })).await.is(200);
    }

    async fn nothing_that_runs_is_ever_served(server: Server) {
        let (_, leena, _, shown) = people(&server).await;
        let evil = "WEBVTT\n\nSTYLE\n::cue { background: url(https://spy.example/x) }\n\n00:01.000 --> 00:02.000\n<script>alert(1)</script><img src=x onerror=alert(1)><b onclick=x>bold</b> &lt;script&gt; a --> b";
        let refused = leena.put(&path(shown.id, "en"), json!({ "text": evil })).await.problem("invalid");
        assert_eq!(refused["line"], 7, "an arrow in a text is the times of a cue");
        write(&leena, shown.id, "en", &evil.replace(" a --> b", "")).await;
        let text = leena.get(&path(shown.id, "en")).await.text();
        assert_eq!(text, "WEBVTT\n\n00:01.000 --> 00:02.000\nalert(1)<b>bold</b> &lt;script&gt;\n");
    }

    async fn players_find_tracks_behind_the_rule_of_the_other_media(server: Server) {
        let (_, leena, omar, shown) = people(&server).await;
        write(&leena, shown.id, "fi", &FILE.replace("Good morning", "Huomenta")).await;
        write(&leena, shown.id, "en", FILE).await;
        let link = share(&leena, shown.id, json!({})).await;
        let (stranger, token) = (server.stranger(), word(&link));

        let told = omar.get(&format!("/api/recordings/{}", shown.id)).await.ok()["captions"].clone();
        let languages: Vec<&str> = told.as_array().unwrap().iter().map(|one| one["language"].as_str().unwrap()).collect();
        assert_eq!(languages, ["en", "fi"]);
        let own = told[0]["url"].as_str().unwrap();
        let answer = omar.get(own).await.is(200);
        assert_eq!(answer.header("content-type"), "text/vtt");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        assert!(answer.text().contains("Good morning") && answer.header("access-control-allow-origin").is_empty());
        let tag = answer.header("etag").to_owned();
        with_header(&omar, Method::GET, own, "if-none-match", &tag).await.is(304);
        stranger.get(own).await.problem("unauthenticated");
        server.guest("Gus").await.get(own).await.problem("not_found");

        for page in [format!("/w/{token}"), format!("/embed/{token}")] {
            let text = open(&stranger, &page).await.is(200).text();
            let found = tracks(&text);
            assert_eq!(found.len(), 2, "{text}");
            assert!(text.contains("srclang=\"en\"") && found.iter().all(|track| track.starts_with("/media/~")));
            let answer = stranger.get(&found[0]).await.is(200);
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            assert!(answer.text().contains("Good morning"));
        }
        let stable = format!("/media/s/{token}/captions-fi.vtt");
        assert!(stranger.get(&stable).await.is(200).text().contains("Huomenta"));
        for odd in ["captions-sv.vtt", "captions-fi", "captions-..vtt", "captions-.vtt"] {
            stranger.get(&format!("/media/s/{token}/{odd}")).await.is(404);
        }

        // A changed track has another address, and the old one shows it too.
        leena.put(&path(shown.id, "en"), json!({ "text": FILE.replace("quay", "dock"), "revision": 1 })).await.is(200);
        let told = omar.get(&format!("/api/recordings/{}", shown.id)).await.ok()["captions"].clone();
        assert_ne!(told[0]["url"], own);
        assert!(with_header(&omar, Method::GET, own, "if-none-match", &tag).await.is(200).text().contains("dock"));
    }

    async fn a_refusal_names_no_track_and_a_link_that_ended_opens_none(server: Server) {
        let (_, leena, _, shown) = people(&server).await;
        write(&leena, shown.id, "en", FILE).await;
        let link = share(&leena, shown.id, json!({})).await;
        let locked = word(&share(&leena, shown.id, json!({ "password": "three baths and a probe" })).await);
        let (stranger, token) = (server.stranger(), word(&link));
        leena.delete(&format!("/api/share-links/{}", link["id"].as_str().unwrap())).await.is(204);
        let slug = leena.get(&format!("/api/recordings/{}", shown.id)).await.ok()["slug"].as_str().unwrap().to_owned();
        for page in [format!("/w/{token}"), format!("/embed/{token}"), format!("/w/{slug}"), format!("/embed/{slug}"), format!("/w/{locked}"), format!("/embed/{locked}")] {
            let text = open(&stranger, &page).await.text();
            assert!(!text.contains("<track") && !text.contains(".vtt") && !text.contains("quay"), "{page}: {text}");
        }
        stranger.get(&format!("/media/s/{token}/captions-en.vtt")).await.is(404);
        stranger.get(&format!("/media/s/{locked}/captions-en.vtt")).await.problem("forbidden");
        // A token opens the take it was made for, and nothing of another recording.
        let other = crate::watching::shown(&server, &leena).await;
        let mixed = shown.tokened(&server, "x").replace(&shown.id.to_string(), &other.id.to_string());
        stranger.get(&mixed.replace("/1/x", "/captions/en.vtt")).await.is(404);
        let right = shown.tokened(&server, "x").replace("/1/x", "/captions/en.vtt");
        stranger.get(&right).await.is(200);
        leena.delete(&format!("/api/recordings/{}", shown.id)).await.is(204);
        stranger.get(&right).await.is(404);
    }

    async fn posts_and_goals_hand_the_tracks_to_their_players(server: Server) {
        let (_, leena, omar, shown) = people(&server).await;
        write(&leena, shown.id, "en", FILE).await;
        let post = json!({ "title": "Look", "recording": shown.id });
        let post = leena.post("/api/channels/general/posts", post).await.is(201).json();
        let seen = omar.get(&format!("/api/posts/{}", post["id"].as_str().unwrap())).await.ok();
        let track = &seen["recording"]["captions"][0];
        assert_eq!(track["language"], "en");
        assert!(omar.get(track["url"].as_str().unwrap()).await.is(200).text().contains("quay"));
    }

    async fn what_is_said_is_found_with_its_second(server: Server) {
        let (admin, leena, omar, shown) = people(&server).await;
        write(&leena, shown.id, "en", FILE).await;
        let found = hits(&omar, "crane").await;
        assert_eq!(found.len(), 1);
        assert_eq!((said(&found[0]["title"]), said(&found[0]["snippet"])), ("Calibration is down to 31 minutes".into(), "The crane is back".into()));
        assert_eq!((&found[0]["at_ms"], &found[0]["author"]["name"]), (&json!(68_500), &json!("Leena")));
        let url = found[0]["url"].as_str().unwrap();
        assert!(url.starts_with("/w/") && url.ends_with("?t=68"), "{url}");
        open(&omar, url).await.is(200);
        assert_eq!(hits(&omar, "quay%20crane").await.len(), 1, "words may stand in different cues");
        assert_eq!(hits(&omar, "voice").await.len(), 0);
        let only = omar.get("/api/search?q=crane&kind=caption").await.ok();
        assert_eq!(only["items"].as_array().unwrap().len(), 1);

        // Changed, added, taken away.
        leena.put(&path(shown.id, "en"), json!({ "text": FILE.replace("crane", "winch"), "revision": 1 })).await.is(200);
        assert_eq!((hits(&omar, "crane").await.len(), hits(&omar, "winch").await.len()), (0, 1));
        write(&admin, shown.id, "de", &FILE.replace("crane", "winch")).await;
        assert_eq!(hits(&omar, "winch").await.len(), 2);
        leena.delete(&path(shown.id, "de")).await.is(204);
        assert_eq!(hits(&omar, "winch").await.len(), 1);
        leena.delete(&format!("/api/recordings/{}", shown.id)).await.is(204);
        assert_eq!(hits(&omar, "winch").await.len(), 0);
        assert_eq!(rows(&server).await, 0, "nothing is left of them");
        leena.put(&path(shown.id, "en"), json!({ "text": FILE })).await.problem("not_found");
    }

    async fn who_may_not_watch_finds_nothing_that_is_said(server: Server) {
        let (admin, leena, omar, shown) = people(&server).await;
        let guest = server.guest("Gus").await;
        write(&leena, shown.id, "en", FILE).await;
        assert_eq!((hits(&omar, "crane").await.len(), hits(&guest, "crane").await.len()), (1, 0));
        let channel = json!({ "name": "Harbour", "audience": "selected", "members": [guest.id, leena.id] });
        let slug = admin.post("/api/channels", channel).await.is(201).json()["slug"].as_str().unwrap().to_owned();
        let post = json!({ "title": "Look", "recording": shown.id });
        leena.post(&format!("/api/channels/{slug}/posts"), post).await.is(201);
        assert_eq!(hits(&guest, "crane").await.len(), 1, "as soon as it hangs where they are");
        server.stranger().get("/api/search?q=crane").await.problem("unauthenticated");
    }

    async fn captions_of_a_draft_are_found_once_it_is_published(server: Server) {
        let (_, leena, omar, _) = people(&server).await;
        let id = recording(&server, &leena, "Draft").await;
        set(&server, id, "draft").await;
        write(&leena, id, "en", FILE).await;
        assert_eq!(hits(&omar, "crane").await.len(), 0);
        set(&server, id, "published").await;
        let mut tx = server.app.db.begin().await.unwrap();
        twotake::recording::caption::published(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(hits(&omar, "crane").await.len(), 1);
    }

    async fn a_discarded_session_takes_its_captions_along(server: Server) {
        let (_, leena, _, _) = people(&server).await;
        let session = leena.post("/api/take-sessions", json!({ "title": "Week 47" })).await.is(201).json();
        let id: RecordingId = session["recording"]["id"].as_str().unwrap().parse().unwrap();
        write(&leena, id, "en", FILE).await;
        assert_eq!(rows(&server).await, 1);
        leena.delete(&format!("/api/take-sessions/{}", session["id"].as_str().unwrap())).await.is(204);
        assert_eq!(rows(&server).await, 0);
    }

    async fn what_was_there_before_the_index_is_filled_in(server: Server) {
        let (_, leena, omar, shown) = people(&server).await;
        write(&leena, shown.id, "en", FILE).await;
        let mut tx = server.app.db.begin().await.unwrap();
        let kind = twotake::search::Kind::Caption;
        for id in twotake::search::sql::source::after(&mut tx, kind, uuid::Uuid::nil(), 10).await.unwrap() {
            let row = twotake::search::sql::index::remove(&mut tx, kind, id).await.unwrap().unwrap();
            twotake::db::words::remove(&mut tx, row).await.unwrap();
        }
        twotake::on_tx!(&mut tx, |c| sqlx::query("delete from search_state").execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(hits(&omar, "crane").await.len(), 0);
        twotake::search::fill::owe(&server.app).await.unwrap();
        crate::harness::until("the index is filled", crate::harness::PATIENCE, || async { hits(&omar, "crane").await.len() == 1 }).await;
    }
}

async fn rows(server: &Server) -> i64 {
    const SQL: &str =
        "select (select count(*) from caption) + (select count(*) from search_text where kind = 'caption')";
    let rows: i64 = twotake::on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).fetch_one(c).await).unwrap();
    // A draft has no words in the index.
    rows
}

async fn set(server: &Server, id: RecordingId, state: &str) {
    const SQL: &str = "update recording set state = $2 where id = $1";
    let mut tx = server.app.db.begin().await.unwrap();
    twotake::on_tx!(&mut tx, |c| sqlx::query(SQL).bind(id).bind(state).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}
