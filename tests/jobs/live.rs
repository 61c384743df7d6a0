//! Work while the bytes arrive: what can be watched before the end, what is refused in the middle, what becomes of silence.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use twotake::on_db;

use crate::decode;
use crate::harness::{Client, Server, both, media, until, until_some};
use crate::sending::{PATIENCE, add, begin_live, send, settled};

async fn author(server: &Server) -> Client {
    server.admin().await;
    server.member("Leena Koskinen").await
}

/// State of the take's job, and whether it is asleep.
async fn job(server: &Server, take: &str) -> (String, bool, i32) {
    const SQL: &str = "select state, asleep, attempt from job where unique_key = $1";
    let key = format!("process:{}", take.rsplit('/').next().unwrap());
    on_db!(&server.app.db, |c| sqlx::query_as(SQL).bind(&key).fetch_one(c).await).unwrap()
}

/// The path under which a file beside the live master playlist is found.
fn beside(master: &str, name: &str) -> String {
    let path = format!("/media/{}", master.split_once("/media/").unwrap().1);
    let folder = path.rsplit_once('/').unwrap().0;
    match name.strip_prefix("../") {
        Some(name) => format!("{}/{name}", folder.rsplit_once('/').unwrap().0),
        None => format!("{folder}/{name}"),
    }
}

fn uris(playlist: &str) -> impl Iterator<Item = &str> {
    playlist.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

async fn live(client: &Client, take: &str) -> Value {
    until_some("something of it can be watched", PATIENCE, async || {
        let take = client.get(take).await.ok();
        assert!(!["refused", "failed"].contains(&take["state"].as_str().unwrap()), "{take}");
        (take["watchable"] == true).then_some(take)
    })
    .await
}

both! {
    async fn a_recording_is_watched_while_it_is_made_and_goes_on_without_a_break_when_it_is_ready(server: Server) {
        let leena = author(&server).await;
        let bytes = std::fs::read(media::webm(12.0)).unwrap();
        let (upload, take) = begin_live(&leena).await;
        let half = bytes.len() * 2 / 3;
        for (n, slice) in bytes[..half].chunks(20_000).enumerate() {
            add(&leena, &upload, n * 20_000, slice, false).await.is(204);
        }
        let standing = live(&leena, &take).await;
        assert_eq!((&standing["state"], &standing["mp4_url"], &standing["poster_url"]), (&json!("receiving"), &Value::Null, &Value::Null));
        assert_eq!((&standing["width"], &standing["height"]), (&json!(640), &json!(360)));
        let master = standing["hls_url"].as_str().unwrap().to_owned();
        assert!(master.ends_with("/live/master.m3u8"), "{master}");

        let text = leena.get(&beside(&master, "master.m3u8")).await.is(200).text();
        let mut before = Vec::new();
        for name in uris(&text).chain(["audio.m3u8"]) {
            let answer = leena.get(&beside(&master, name)).await.is(200);
            assert_eq!(answer.header("cache-control"), "private, no-cache");
            let again = leena.request(Method::GET, &beside(&master, name)).header("if-none-match", answer.header("etag"));
            let (status, playlist) = (leena.send(again).await.status, answer.text());
            assert!(playlist.contains("TYPE:EVENT") && !playlist.contains("ENDLIST"), "{playlist}");
            assert!([200, 304].contains(&status.as_u16()), "it may have grown meanwhile");
            assert!(uris(&playlist).count() > 0);
            for uri in uris(&playlist) {
                leena.get(&beside(&master, uri)).await.is(200);
            }
            before.push((name.to_owned(), playlist));
        }
        // The one rule decides here too.
        server.stranger().get(&beside(&master, "master.m3u8")).await.is(401);
        leena.get(&beside(&master, "999.m3u8")).await.is(404);
        let page = leena.get(&format!("/w/{}", standing["watch_url"].as_str().unwrap().rsplit('/').next().unwrap())).await;
        assert!(page.is(200).text().contains("/live/master.m3u8"));

        add(&leena, &upload, half, &bytes[half..], true).await.is(204);
        let ready = settled(&leena, &take).await;
        assert_eq!(ready["state"], "ready", "{ready}");
        assert!(!ready["hls_url"].as_str().unwrap().contains("/live/"));
        for (name, playlist) in before {
            let after = leena.get(&beside(&master, &name)).await.is(200).text();
            assert!(after.ends_with("#EXT-X-ENDLIST\n"), "{after}");
            assert!(after.starts_with(playlist.as_str()), "what was told stays: {playlist} {after}");
            // Sound may end with a blink of its own.
            let segments = uris(&after).count();
            assert!(segments == 6 || name == "audio.m3u8" && segments == 7, "{name}: {after}");
        }
        let hls = ready["hls_url"].as_str().unwrap();
        let set = format!("takes/{}/{}", ready["id"].as_str().unwrap(), hls.split('/').rev().nth(1).unwrap());
        for (name, pictures) in decode::pictures(server.app.store.as_ref(), &set).await {
            assert_eq!(pictures, if name == "audio.m3u8" { 0 } else { 360 }, "{name}");
        }
        assert_eq!(job(&server, &take).await, ("done".into(), false, 1));
    }

    async fn what_is_no_video_is_refused_while_it_is_being_sent(server: Server) {
        let leena = author(&server).await;
        let (upload, take) = begin_live(&leena).await;
        // One request that would go on for ever: it is answered in its middle.
        let words = || Some(Ok::<_, std::io::Error>(bytes::Bytes::from("This is a letter and no video.\n".repeat(1000))));
        let endless = stream::unfold((), move |()| async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            words().map(|piece| (piece, ()))
        });
        let request = leena
            .request(Method::PATCH, &upload)
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", "0")
            .header("content-type", "application/offset+octet-stream")
            .body(reqwest::Body::wrap_stream(endless));
        let answer = tokio::time::timeout(PATIENCE, leena.send(request)).await.expect("it is answered");
        answer.problem("not_video");
        let head = leena.request(Method::HEAD, &upload).header("tus-resumable", "1.0.0");
        assert_eq!(leena.send(head).await.status, 422);
        add(&leena, &upload, 0, b"more", false).await.problem("not_video");
        let take = leena.get(&take).await.ok();
        assert_eq!((&take["state"], &take["code"]), (&json!("refused"), &json!("not_video")), "{take}");
    }

    async fn what_is_too_long_is_refused_with_its_length_before_the_last_byte(server: Server) {
        let leena = author(&server).await;
        let bytes = std::fs::read(media::webm(200.0)).unwrap();
        let (upload, take) = begin_live(&leena).await;
        // The last twentieth is never sent.
        let most = bytes.len() / 20 * 19;
        for (n, slice) in bytes[..most].chunks(200_000).enumerate() {
            if add(&leena, &upload, n * 200_000, slice, false).await.status != 204 {
                break;
            }
        }
        let head = || leena.request(Method::HEAD, &upload).header("tus-resumable", "1.0.0");
        until("it is refused", PATIENCE, async || leena.send(head()).await.status == 422).await;
        let problem = add(&leena, &upload, most, b"more", false).await.problem("too_long");
        let measured = problem["measured_ms"].as_i64().unwrap();
        assert!((180_500..200_000).contains(&measured), "{problem}");
        let take = settled(&leena, &take).await;
        assert_eq!((&take["state"], &take["code"], &take["watchable"]), (&json!("refused"), &json!("too_long"), &json!(false)));
        assert_eq!(take["measured_ms"], measured);
    }

    async fn a_cancelled_upload_calls_its_work_off(server: Server) {
        let leena = author(&server).await;
        let bytes = std::fs::read(media::webm(12.0)).unwrap();
        let (upload, take) = begin_live(&leena).await;
        add(&leena, &upload, 0, &bytes[..bytes.len() / 2], false).await.is(204);
        let dir = server.dir().to_owned();
        until("it is worked on", PATIENCE, async || crate::process::working_in(&dir) > 0).await;
        let cancel = leena.request(Method::DELETE, &upload).header("tus-resumable", "1.0.0");
        leena.send(cancel).await.is(204);
        assert_eq!(job(&server, &take).await.0, "cancelled");
        until("the work has ended", PATIENCE, async || crate::process::working_in(&dir) == 0).await;
        assert_eq!(leena.get(&take).await.ok()["code"], "upload_cancelled");
    }

    async fn an_upload_that_is_silent_holds_no_slot_and_its_next_byte_wakes_it(server: Server) {
        let leena = author(&server).await;
        let bytes = std::fs::read(media::webm(12.0)).unwrap();
        let (upload, silent) = begin_live(&leena).await;
        let half = bytes.len() / 2;
        add(&leena, &upload, 0, &bytes[..half], false).await.is(204);
        until("it sleeps", PATIENCE, async || job(&server, &silent).await == ("ready".into(), true, 0)).await;
        // The one slot is free.
        let other = settled(&leena, &send(&leena, &media::webm(2.0), &[]).await).await;
        assert_eq!(other["state"], "ready", "{other}");
        assert!(job(&server, &silent).await.1, "it still sleeps");
        add(&leena, &upload, half, &bytes[half..], true).await.is(204);
        let take = settled(&leena, &silent).await;
        assert_eq!(take["state"], "ready", "{take}");
        assert_eq!(job(&server, &silent).await, ("done".into(), false, 1));
    }

    async fn the_owner_is_told_of_every_step_and_of_the_end(server: Server) {
        let leena = author(&server).await;
        let bytes = std::fs::read(media::webm(6.0)).unwrap();
        let (upload, take) = begin_live(&leena).await;
        assert_eq!(server.stranger().get(&format!("{take}/events")).await.status, 401);
        let response = leena.request(Method::GET, &format!("{take}/events")).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut heard = response.bytes_stream();
        let half = bytes.len() / 2;
        add(&leena, &upload, 0, &bytes[..half], false).await.is(204);
        add(&leena, &upload, half, &bytes[half..], true).await.is(204);
        let mut said = String::new();
        let read = async {
            while let Some(piece) = heard.next().await {
                said += std::str::from_utf8(&piece.unwrap()).unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the stream ends with the take");
        let takes: Vec<Value> = said
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        assert_eq!(takes.first().unwrap()["state"], "receiving");
        assert_eq!(takes.last().unwrap()["state"], "ready", "{said}");
        assert!(takes.iter().any(|take| take["state"] == "processing"), "{said}");
        assert!(takes.iter().all(|now| take.ends_with(now["id"].as_str().unwrap())));
    }
}
