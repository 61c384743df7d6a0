//! The second pass: a published take gets a smaller set of files while nothing else is to be done; who watches notices nothing.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use twotake::config::{Config, Role};
use twotake::jobs::{self, NewJob, Registry, drain};
use twotake::on_db;
use twotake::recording::level;
use twotake::recording::process::{self, second};

use crate::decode;
use crate::harness::{Backend, Client, Options, Server, media, until};
use crate::process::at_work_in;
use crate::sending::{PATIENCE, add, begin_live, send, settled};

/// Runs each test on both pairs of database and store: `by_hand` works only when told to, `by_itself` as a server does.
macro_rules! on_both {
    ($($how:ident $name:ident)+) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(super::server(super::Backend::Sqlite, super::$how).await).await; })+ }
        mod postgres { $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(super::server(super::Backend::Postgres, super::$how).await).await; })+ }
    };
}

on_both! {
    by_hand a_published_take_is_replaced_once_and_its_viewers_read_on
    by_hand a_killed_pass_goes_on_where_it_was
    by_hand it_is_owed_only_where_it_is_wanted_and_waits_for_the_sound
    by_itself it_gives_way_to_a_live_recording_and_goes_on_afterwards
    by_itself a_server_that_is_restarted_goes_on_with_it
}

async fn server(backend: Backend, configure: fn(&mut Config)) -> Server {
    Server::with(Options { backend, start: None, configure }).await
}

/// At the ordinary priority, or a busy machine would never come to it.
fn by_hand(config: &mut Config) {
    config.role = Role::Web;
    (config.second_pass, config.second_pass_lowest) = (true, false);
}

/// However much else the machine has to do.
fn by_itself(config: &mut Config) {
    (config.second_pass, config.second_pass_lowest) = (true, false);
    config.second_pass_load = f64::INFINITY;
}

async fn author(server: &Server) -> Client {
    server.admin().await;
    server.member("Leena Koskinen").await
}

fn first_pass() -> Registry {
    Registry::default().handle_long(process::KIND, process::Process).handle_long(level::KIND, level::LevelSound)
}

fn second_pass() -> Registry {
    Registry::default().handle_idle(second::KIND, second::Refine)
}

#[derive(sqlx::FromRow)]
struct Row {
    state: String,
    attempt: i32,
    worker: Option<String>,
    checkpoint: Option<sqlx::types::Json<Value>>,
}

/// The job of the second pass, when there is one.
async fn job(server: &Server, take: &Value) -> Option<Row> {
    const SQL: &str = "select state, attempt, worker, checkpoint from job where unique_key = $1";
    let key = format!("refine:{}", take["id"].as_str().unwrap());
    on_db!(&server.app.db, |c| sqlx::query_as(SQL).bind(&key).fetch_optional(c).await).unwrap()
}

/// The attempts whose pictures its checkpoint names, each once.
fn makers(row: &Row) -> Vec<String> {
    let Some(checkpoint) = &row.checkpoint else { return Vec::new() };
    let segments = checkpoint.0.as_object().unwrap().values().flat_map(|track| track["segments"].as_array().unwrap());
    let mut makers: Vec<_> = segments.map(|piece| piece["attempt"].as_str().unwrap().to_owned()).collect();
    makers.sort();
    makers.dedup();
    makers
}

/// Waits until it has stored segments of every rendition, and is at work.
async fn in_the_middle(server: &Server, take: &Value) {
    until("the second pass is in the middle", PATIENCE, async || {
        let Some(row) = job(server, take).await else { return false };
        let begun = |checkpoint: &Value| {
            let tracks = checkpoint.as_object().unwrap();
            tracks.len() > 1 && tracks.values().all(|track| track["segments"].as_array().unwrap().len() > 1)
        };
        assert_ne!(row.state, "done", "it was too quick for this test");
        row.state == "running" && row.checkpoint.is_some_and(|checkpoint| begun(&checkpoint.0))
    })
    .await;
}

async fn manifest(server: &Server, take: &Value) -> (String, Value, i64) {
    const SQL: &str = "select attempt, media, media_bytes from take where id = $1";
    let id: uuid::Uuid = take["id"].as_str().unwrap().parse().unwrap();
    let (attempt, media, bytes): (String, sqlx::types::Json<Value>, i64) =
        on_db!(&server.app.db, |c| sqlx::query_as(SQL).bind(id).fetch_one(c).await).unwrap();
    (attempt, media.0, bytes)
}

/// The take's pictures are replaced: by a whole set of its own that is smaller, made by these attempts.
async fn is_replaced(server: &Server, leena: &Client, take: &Value) -> Vec<String> {
    let row = job(server, take).await.unwrap();
    assert_eq!(row.state, "done");
    let (attempt, media, _) = manifest(server, take).await;
    assert_eq!(Some(&attempt), row.worker.as_ref());
    assert!(media["second_pass"]["share_of_bytes"].as_f64().unwrap() <= 0.9, "{}", media["second_pass"]);
    assert_eq!(media["also"], json!([]));
    let now = leena.get(&format!("/api/takes/{}", take["id"].as_str().unwrap())).await.ok();
    assert_eq!(now["state"], "ready");
    let all = segments(leena, now["hls_url"].as_str().unwrap()).await;
    assert!(all.len() > 3 && all.iter().all(|path| path.contains(&attempt)));
    for path in &all {
        leena.get(path).await.is(200);
    }
    makers(&row)
}

/// The paths of all segments behind a master playlist, and of what they begin with.
async fn segments(client: &Client, master: &str) -> Vec<String> {
    let path = format!("/media/{}", master.split_once("/media/").unwrap().1);
    let folder = path.rsplit_once('/').unwrap().0.to_owned();
    let names = |text: &str| -> Vec<String> {
        let quoted = |line: &str| line.split_once("URI=\"").map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
        let named = |line: &str| (!line.is_empty() && !line.starts_with('#')).then(|| line.to_owned());
        text.lines().filter_map(|line| named(line).or_else(|| quoted(line))).collect()
    };
    let mut all = Vec::new();
    for playlist in names(&client.get(&path).await.is(200).text()) {
        let text = client.get(&format!("{folder}/{playlist}")).await.is(200).text();
        assert!(text.contains("#EXT-X-ENDLIST"), "{text}");
        all.extend(names(&text).iter().map(|name| format!("{folder}/{name}")));
    }
    all
}

/// A take that has been published and levelled, with the second pass owed.
async fn published(server: &Server, leena: &Client, file: &Path) -> Value {
    let take = send(leena, file, &[]).await;
    drain(&server.app, &first_pass()).await.unwrap();
    let take = settled(leena, &take).await;
    assert_eq!(take["state"], "ready", "{take}");
    take
}

async fn a_published_take_is_replaced_once_and_its_viewers_read_on(server: Server) {
    let leena = author(&server).await;
    let take = published(&server, &leena, &media::quiet_webm(8.0)).await;
    assert_eq!(job(&server, &take).await.unwrap().state, "ready");
    let (before, old, old_bytes) = manifest(&server, &take).await;
    let watched = segments(&leena, take["hls_url"].as_str().unwrap()).await;
    let (seen, to_come) = watched.split_at(watched.len() / 2);
    for path in seen {
        leena.get(path).await.is(200);
    }
    assert_eq!(drain(&server.app, &second_pass()).await.unwrap(), 1);
    let made = is_replaced(&server, &leena, &take).await;
    let (after, new, new_bytes) = manifest(&server, &take).await;
    assert_eq!(made, std::slice::from_ref(&after), "one attempt made it");
    assert!(after != before && new_bytes < old_bytes, "{new_bytes} of {old_bytes}");
    let pictures = |media: &Value| -> Vec<Value> {
        media["renditions"].as_array().unwrap().iter().map(|one| json!([one["name"], one["frames"]])).collect()
    };
    assert_eq!(pictures(&old), pictures(&new));
    assert!(old["audio"]["level"]["gain_db"].is_number() && new["audio"]["level"] == old["audio"]["level"], "{new}");
    // Read whole by another program.
    let set = format!("takes/{}/{after}", take["id"].as_str().unwrap());
    let frames = new["renditions"][0]["frames"].as_u64().unwrap();
    for (name, count) in decode::pictures(server.app.store.as_ref(), &set).await {
        assert!(name == "audio.m3u8" || count == frames, "{name}: {count} of {frames}");
    }
    for path in to_come {
        leena.get(path).await.is(200);
    }
    let film = leena.request(Method::GET, take["mp4_url"].as_str().unwrap()).header("range", "bytes=100-199");
    leena.send(film).await.is(206);
    assert_eq!(drain(&server.app, &second_pass()).await.unwrap(), 0, "once");
    server.stop().await;
}

async fn a_killed_pass_goes_on_where_it_was(server: Server) {
    let leena = author(&server).await;
    let take = published(&server, &leena, &media::webm(30.0)).await;
    let app = server.app.clone();
    let first = tokio::spawn(async move { drain(&app, &second_pass()).await.unwrap() });
    in_the_middle(&server, &take).await;
    let killed = job(&server, &take).await.unwrap().worker.unwrap();
    for id in at_work_in(server.dir()) {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), nix::sys::signal::Signal::SIGKILL).unwrap();
    }
    assert_eq!(first.await.unwrap(), 1);
    assert_eq!(manifest(&server, &take).await.0, take["hls_url"].as_str().unwrap().rsplit('/').nth(1).unwrap());
    until("it has been tried again", PATIENCE, async || drain(&server.app, &second_pass()).await.unwrap() > 0).await;
    let made = is_replaced(&server, &leena, &take).await;
    assert_eq!(made.len(), 2, "{made:?}");
    assert!(made.contains(&killed), "what the killed attempt had stored was not made again");
    assert_eq!(job(&server, &take).await.unwrap().attempt, 2);
    server.stop().await;
}

async fn it_is_owed_only_where_it_is_wanted_and_waits_for_the_sound(server: Server) {
    let leena = author(&server).await;
    let short = published(&server, &leena, &media::webm(4.0)).await;
    assert!(job(&server, &short).await.is_none(), "there is nothing to gain");
    // A draft: nothing is owed before it is published.
    let session = leena.post("/api/take-sessions", json!({"title": "Week 47"})).await.is(201).json();
    let id = session["id"].as_str().unwrap();
    let draft = send(&leena, &media::webm(8.0), &[("take_session", id)]).await;
    drain(&server.app, &first_pass()).await.unwrap();
    let draft = settled(&leena, &draft).await;
    assert!(job(&server, &draft).await.is_none());
    leena.post(&format!("/api/take-sessions/{id}/keep"), json!({"take": draft["id"]})).await.ok();
    assert_eq!(job(&server, &draft).await.unwrap().state, "ready");
    // Its sound is to be levelled first: asleep, and the attempt does not count.
    let mut tx = server.app.db.begin().await.unwrap();
    let level = format!("level:{}", draft["id"].as_str().unwrap());
    jobs::enqueue(&mut tx, &server.app.clock, NewJob::new("level", json!({})).unique(&level)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(drain(&server.app, &second_pass()).await.unwrap(), 1);
    let row = job(&server, &draft).await.unwrap();
    assert_eq!((row.state.as_str(), row.attempt), ("ready", 0));
    // Deleted meanwhile: called off.
    leena.delete(&format!("/api/recordings/{}", draft["recording"].as_str().unwrap())).await.is(204);
    assert_eq!(job(&server, &draft).await.unwrap().state, "cancelled");

    let configure = |config: &mut Config| config.role = Role::Web;
    let off = Server::with(Options { backend: server.backend, start: None, configure }).await;
    let tomasz = author(&off).await;
    let take = published(&off, &tomasz, &media::webm(8.0)).await;
    assert!(job(&off, &take).await.is_none(), "the setting says so");
    off.stop().await;
    server.stop().await;
}

async fn it_gives_way_to_a_live_recording_and_goes_on_afterwards(server: Server) {
    let leena = author(&server).await;
    let take = settled(&leena, &send(&leena, &media::webm(30.0), &[]).await).await;
    in_the_middle(&server, &take).await;
    let bytes = std::fs::read(media::webm(4.0)).unwrap();
    let (upload, live) = begin_live(&leena).await;
    let half = bytes.len() / 2;
    add(&leena, &upload, 0, &bytes[..half], false).await.is(204);
    until("the second pass has given way", PATIENCE, async || {
        let row = job(&server, &take).await.unwrap();
        assert_ne!(row.state, "done", "it went on beside a live recording");
        (row.state.as_str(), row.attempt) == ("ready", 0)
    })
    .await;
    add(&leena, &upload, half, &bytes[half..], true).await.is(204);
    assert_eq!(settled(&leena, &live).await["state"], "ready");
    until("it has gone on to its end", PATIENCE, async || job(&server, &take).await.unwrap().state == "done").await;
    assert!(is_replaced(&server, &leena, &take).await.len() > 1, "it began where it had stopped");
    server.stop().await;
}

async fn a_server_that_is_restarted_goes_on_with_it(server: Server) {
    let leena = author(&server).await;
    let take = settled(&leena, &send(&leena, &media::webm(30.0), &[]).await).await;
    in_the_middle(&server, &take).await;
    server.stop().await;
    let again = server.another_node_with(by_itself).await;
    let leena = Client::new(&again.base, leena.token.clone());
    until("it has gone on to its end", PATIENCE, async || job(&again, &take).await.unwrap().state == "done").await;
    assert_eq!(is_replaced(&again, &leena, &take).await.len(), 2, "it began where it had stopped");
    assert!(at_work_in(server.dir()).is_empty());
    again.stop().await;
}
