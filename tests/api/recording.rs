//! From an upload to a recording that plays, is listed, changed and deleted.

use std::process::Command;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use twotake::jobs::drain;
use twotake::wiring;

use crate::harness::{Backend, Client, Options, Server, both, media, until};
use crate::sending::{PATIENCE, send, settled};

async fn author(server: &Server) -> Client {
    server.admin().await;
    server.member("Leena Koskinen").await
}

/// Decodes everything behind an address and fails with what ffmpeg says of it; answers the number of pictures.
fn decoded(client: &Client, url: &str) -> u64 {
    let header = format!("Authorization: Bearer {}\r\n", client.token.as_deref().unwrap());
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-headers", &header, "-count_frames", "-select_streams", "v:0"])
        .args(["-show_entries", "stream=nb_read_frames", "-of", "default=nw=1:nk=1", url])
        .output()
        .unwrap();
    let (said, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && complaints.is_empty(), "{url}: {complaints}");
    said.lines().next().and_then(|line| line.trim().parse().ok()).unwrap_or_else(|| panic!("{url}: {said}"))
}

async fn ready(client: &Client, metadata: &[(&str, &str)]) -> Value {
    let take = send(client, &media::webm(4.0), metadata).await;
    let take = settled(client, &take).await;
    assert_eq!(take["state"], "ready", "{take}");
    take
}

both! {
    async fn an_upload_becomes_a_recording_that_plays(server: Server) {
        let leena = author(&server).await;
        let take = ready(&leena, &[("filename", "week 47.webm"), ("filetype", "video/webm")]).await;
        assert_eq!((&take["watchable"], &take["progress"]), (&json!(true), &json!(1.0)));
        assert!((3900..4200).contains(&take["measured_ms"].as_i64().unwrap()), "{take}");
        assert_eq!((&take["width"], &take["height"]), (&json!(640), &json!(360)));
        let frames = decoded(&leena, take["hls_url"].as_str().unwrap());
        assert!((90..=125).contains(&frames), "{frames} pictures");
        assert_eq!(decoded(&leena, take["mp4_url"].as_str().unwrap()), frames);

        let whole = leena.get(take["mp4_url"].as_str().unwrap()).await.is(200);
        assert_eq!((whole.header("content-type"), whole.header("accept-ranges")), ("video/mp4", "bytes"));
        let ranged = leena.request(reqwest::Method::GET, take["mp4_url"].as_str().unwrap()).header("range", "bytes=100-199");
        let ranged = leena.send(ranged).await.is(206);
        assert_eq!(ranged.body, whole.body.slice(100..200));
        let poster = leena.get(take["poster_url"].as_str().unwrap()).await.is(200);
        assert_eq!(poster.header("content-type"), "image/jpeg");
        leena.get(take["preview_url"].as_str().unwrap()).await.is(200);

        let listed = leena.get("/api/recordings?author=me").await.ok();
        assert_eq!(listed["items"][0]["id"], take["recording"]);
        assert_eq!(listed["items"][0]["title"], "week 47");
        assert_eq!(listed["items"][0]["watch_url"], take["watch_url"]);
        assert_eq!(server.stranger().get(take["mp4_url"].as_str().unwrap()).await.status, 401);
    }

    async fn a_session_keeps_the_chosen_take_and_the_bytes_of_the_other_go(server: Server) {
        let leena = author(&server).await;
        let session = leena.post("/api/take-sessions", json!({"title": "Week 47"})).await.is(201).json();
        let id = session["id"].as_str().unwrap();
        let (first, second) = (ready(&leena, &[("take_session", id)]).await, ready(&leena, &[("take_session", id)]).await);
        assert!(leena.get("/api/recordings").await.ok()["items"].as_array().unwrap().is_empty(), "drafts are not listed");
        let kept = json!({"take": second["id"], "description": "Numbers first"});
        let recording = leena.post(&format!("/api/take-sessions/{id}/keep"), kept.clone()).await.ok();
        assert_eq!((&recording["title"], &recording["state"]), (&json!("Week 47"), &json!("published")));
        assert_eq!(recording["take"]["id"], second["id"]);
        leena.post(&format!("/api/take-sessions/{id}/keep"), kept).await.problem("session_closed");
        gone(&server, first["id"].as_str().unwrap()).await;
        leena.get(second["mp4_url"].as_str().unwrap()).await.is(200);
    }

    async fn a_recording_is_renamed_by_its_author_and_a_stale_change_is_told(server: Server) {
        let leena = author(&server).await;
        let tomasz = server.member("Tomasz Wilk").await;
        let take = ready(&leena, &[("title", "Draft")]).await;
        let url = format!("/api/recordings/{}", take["recording"].as_str().unwrap());
        let before = tomasz.get(&url).await.ok();
        assert_eq!((&before["title"], &before["attachments"]), (&json!("Draft"), &json!([])));
        let change = json!({"title": "Calibration is down", "revision": before["revision"]});
        tomasz.patch(&url, change.clone()).await.problem("forbidden");
        assert_eq!(leena.patch(&url, change.clone()).await.ok()["title"], "Calibration is down");
        let stale = leena.patch(&url, change).await.problem("stale");
        assert_eq!(stale["current"]["title"], "Calibration is down");
        let by_slug = format!("/api/recordings/{}", before["slug"].as_str().unwrap());
        assert_eq!(tomasz.get(&by_slug).await.ok()["id"], before["id"]);
        let found = tomasz.get("/api/recordings?q=CALIB").await.ok();
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
        assert!(tomasz.get("/api/recordings?q=%25").await.ok()["items"].as_array().unwrap().is_empty());
    }

    async fn a_deleted_recording_is_gone_at_once_and_its_bytes_follow(server: Server) {
        let leena = author(&server).await;
        let tomasz = server.member("Tomasz Wilk").await;
        let take = ready(&leena, &[]).await;
        let url = format!("/api/recordings/{}", take["recording"].as_str().unwrap());
        tomasz.delete(&url).await.problem("forbidden");
        leena.delete(&url).await.is(204);
        leena.get(&url).await.problem("not_found");
        leena.get(take["mp4_url"].as_str().unwrap()).await.is(404);
        gone(&server, take["id"].as_str().unwrap()).await;
    }

    async fn a_killed_media_child_costs_one_attempt_only(server: Server) {
        let leena = author(&server).await;
        let take = send(&leena, &media::webm(20.0), &[]).await;
        let dir = server.dir().to_owned();
        until("a media child has been killed", PATIENCE, async || kill_child_under(&dir)).await;
        let take = settled(&leena, &take).await;
        assert_eq!(take["state"], "ready", "{take}");
        const SQL: &str = "select attempt from job where kind = 'process'";
        let attempts: i32 = twotake::on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).fetch_one(c).await).unwrap();
        assert_eq!(attempts, 2);
        // What the first attempt had stored is swept an hour after the take ended; the published set stays.
        let id = take["id"].as_str().unwrap();
        let published = objects(&server, id).await;
        assert!(published.iter().any(|key| key.ends_with("/master.m3u8")), "{published:?}");
    }
}

/// What a page of the library names, and whether there is more.
fn titles(page: &Value) -> (Vec<&str>, bool) {
    let items = page["items"].as_array().unwrap();
    (items.iter().map(|item| item["title"].as_str().unwrap()).collect(), !page["next"].is_null())
}

mod listed {
    use super::*;
    use crate::recorded::recording;

    both! {
        at "2026-11-22T10:00:00Z";

        async fn the_library_is_listed_newest_first_in_pages(server: Server) {
            let leena = author(&server).await;
            for title in ["first", "second", "third"] {
                recording(&server, &leena, title).await;
                server.app.clock.advance(TimeDelta::seconds(1));
            }
            let page = leena.get("/api/recordings?limit=2").await.ok();
            assert_eq!(titles(&page), (vec!["third", "second"], true));
            let after = page["next"].as_str().unwrap();
            let page = leena.get(&format!("/api/recordings?limit=2&after={after}")).await.ok();
            assert_eq!(titles(&page), (vec!["first"], false));
            let guest = server.guest("Ines Duarte").await;
            assert_eq!(titles(&guest.get("/api/recordings").await.ok()), (vec![], false), "guests have their own only");
        }

        async fn a_recording_says_what_it_hangs_on(server: Server) {
            let leena = author(&server).await;
            let id = recording(&server, &leena, "Calibration").await;
            let goal = json!({"scope": "individual", "period_kind": "week", "period_start": "2026-11-23", "title": "Ship it"});
            let goal = leena.post("/api/goals", goal).await.is(201).json();
            let clip = format!("/api/goals/{}/clips/{id}", goal["id"].as_str().unwrap());
            leena.put(&clip, json!({})).await.ok();
            let hung = leena.get(&format!("/api/recordings/{id}")).await.ok()["attachments"].clone();
            assert_eq!((&hung[0]["kind"], &hung[0]["title"]), (&json!("goal"), &json!("Ship it")), "{hung}");
        }
    }
}

/// A take whose every attempt fails ends failed, says so and costs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_poison_file_fails_after_its_attempts_and_names_itself() {
    let server = Server::with(Options {
        backend: Backend::Sqlite,
        start: Some("2026-11-22T10:00:00Z"),
        configure: |config| {
            config.child_binary = Some("/bin/false".into());
            config.role = twotake::config::Role::Web;
        },
    })
    .await;
    let leena = author(&server).await;
    let take = send(&leena, &media::webm(4.0), &[]).await;
    let registry = wiring::jobs();
    for seconds in [2, 8, 32] {
        drain(&server.app, &registry).await.unwrap();
        server.app.clock.advance(TimeDelta::seconds(seconds));
    }
    let take = settled(&leena, &take).await;
    assert_eq!((&take["state"], &take["code"]), (&json!("failed"), &json!("media_failed")));
    let detail = take["detail"].as_str().unwrap();
    assert!(detail.contains("3 times") && detail.contains(take["id"].as_str().unwrap()), "{detail}");
    assert!(leena.get("/api/recordings").await.ok()["items"].as_array().unwrap().is_empty());
    server.stop().await;
}

/// Outputs of an attempt that lost its lease are deleted later; the published set never is.
#[tokio::test(flavor = "multi_thread")]
async fn what_lost_attempts_left_behind_is_swept() {
    let server = Server::with(Options {
        backend: Backend::Sqlite,
        start: Some("2026-11-22T10:00:00Z"),
        configure: |config| config.role = twotake::config::Role::Web,
    })
    .await;
    let leena = author(&server).await;
    let take = send(&leena, &media::webm(4.0), &[]).await;
    let registry = wiring::jobs();
    drain(&server.app, &registry).await.unwrap();
    let take = settled(&leena, &take).await;
    assert_eq!(take["state"], "ready", "{take}");
    let id = take["id"].as_str().unwrap();
    let published = objects(&server, id).await;
    let lost = format!("takes/{id}/lostAttempt1/1080_1.m4s");
    server.app.store.put(&lost, bytes::Bytes::from_static(b"half"), "video/iso.segment").await.unwrap();
    for hours in [0, 2] {
        server.app.clock.advance(TimeDelta::hours(hours));
        twotake::jobs::periodic::owe_due(&server.app, &registry).await.unwrap();
        drain(&server.app, &registry).await.unwrap();
        assert_eq!(objects(&server, id).await.contains(&lost), hours == 0, "after {hours} hours");
    }
    assert_eq!(objects(&server, id).await, published);
    server.stop().await;
}

async fn objects(server: &Server, take: &str) -> Vec<String> {
    let found = server.app.store.list(&format!("takes/{take}/"), None, 1000).await.unwrap();
    found.into_iter().map(|object| object.key).collect()
}

async fn gone(server: &Server, take: &str) {
    until("the bytes have gone", Duration::from_secs(60), async || objects(server, take).await.is_empty()).await;
}

/// Kills a process that works below this folder; whether there was one.
fn kill_child_under(dir: &std::path::Path) -> bool {
    let dir = dir.canonicalize().unwrap();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<i32>() else { continue };
        let works_there = std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&dir));
        if works_there {
            return nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL).is_ok();
        }
    }
    false
}
