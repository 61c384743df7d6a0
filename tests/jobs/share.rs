//! A file whose pictures are made by several at once: by one machine with cores to spare, and by two nodes of which one is killed. And
//! what becomes of a file that cannot be made in parts.
//!
//! Nodes are told to have two cores: the one that has the take has no room for its parts, so they are the other's.

use std::path::PathBuf;
use std::sync::Mutex;

use chrono::TimeDelta;
use serde_json::{Value, json};
use twotake::config::Config;
use twotake::jobs::{self, NewJob};
use twotake::on_db;
use twotake::recording::process::share;

use crate::decode;
use crate::harness::{Backend, Client, Options, Server, media, until, until_some};
use crate::process::{Node, at_work_in};
use crate::sending::{PATIENCE, add, begin, path_of, send, settled};
use crate::two_nodes::{count, sets, shared_server};

const SECONDS: u64 = 30;
/// What a front has not made on its own before a part has been made beside it, also on a busy machine.
const LONG: u64 = 60;
/// The same where the part has only what the front leaves of the machine.
const LONGEST: u64 = 120;
/// Bytes of a file with which a node begins; nothing of it can be made of so few.
const FIRST: usize = 1000;
const FLAGS: [&str; 6] = ["--media-cores", "2", "--share-from-s", "8", "--lease-ms", "2000"];
const AT_WORK: &str = "select count(*) from job where kind = 'process' and state = 'running'";
const PARTS: &str = "select count(*) from job where kind = 'process_part'";
const PARTS_AT_WORK: &str = "select count(*) from job where kind = 'process_part' and state = 'running'";
const PARTS_DONE: &str = "select count(*) from job where kind = 'process_part' and state = 'done'";
const PARTS_UNFIT: &str = "select count(*) from job where kind = 'process_part' and state = 'done' and cast(checkpoint as text) like '%unfit%'";
const PARTS_FAILED: &str = "select count(*) from job where kind = 'process_part' and state = 'failed'";
const PARTS_LOST: &str =
    "select count(*) from job where kind = 'process_part' and attempt > 0 and state in ('failed', 'cancelled')";
const PARTS_LEFT: &str = "select count(*) from job where kind = 'process_part' and state in ('ready', 'running')";
const SWEPT: &str = "select count(*) from job where kind = 'recording.sweep_attempts' and state = 'done'";

/// Runs each test on both pairs of database and store, in one process that is told to have four cores.
macro_rules! on_both {
    ($($name:ident)+) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(super::roomy(super::Backend::Sqlite, None).await).await; })+ }
        mod postgres { $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(super::roomy(super::Backend::Postgres, None).await).await; })+ }
    };
}

on_both! {
    a_machine_with_cores_to_spare_makes_one_file_twice_as_wide
    parts_that_do_not_fit_cost_no_attempt_and_what_viewers_saw_stays
    a_file_at_which_every_child_dies_fails_after_its_attempts_and_names_itself
}

async fn roomy(backend: Backend, start: Option<&'static str>) -> Server {
    let configure = |config: &mut Config| (config.media_cores, config.share_from_s) = (4, 8);
    Server::with(Options { backend, start, configure }).await
}

async fn author(server: &Server) -> Client {
    server.admin().await;
    server.member("Leena Koskinen").await
}

/// State and attempts of the only job of its kind, and whether it may be made in parts.
async fn process(server: &Server) -> (String, i32, bool) {
    const SQL: &str = "select state, attempt, payload from job where kind = 'process'";
    let (state, attempt, payload): (String, i32, sqlx::types::Json<Value>) =
        on_db!(&server.app.db, |c| sqlx::query_as(SQL).fetch_one(c).await).unwrap();
    (state, attempt, payload.0["share"] != json!(false))
}

/// One whole set that decodes, with every picture, and nothing owed any more.
async fn is_whole(server: &Server, leena: &Client, take: &Value, seconds: u64) {
    assert_eq!(take["state"], "ready", "{take}");
    let sets = sets(server, take["id"].as_str().unwrap()).await;
    assert_eq!(sets.len(), 1, "one whole set of outputs: {sets:?}");
    assert!(take["hls_url"].as_str().unwrap().contains(sets[0].rsplit('/').next().unwrap()));
    let made = decode::pictures(server.app.store.as_ref(), &sets[0]).await;
    assert!(made.len() >= 3, "{made:?}");
    for (name, pictures) in made {
        assert_eq!(pictures, if name == "audio.m3u8" { 0 } else { seconds * 30 }, "{name}");
    }
    assert_eq!(count(server, "select count(*) from audit_event where action = 'recording.published'").await, 1);
    assert_eq!(count(server, PARTS_LEFT).await, 0);
    // Whoever watched from the beginning finds every segment once, and the end.
    let live = format!("/media/{}/{}/live/360.m3u8", take["recording"].as_str().unwrap(), take["id"].as_str().unwrap());
    let playlist = leena.get(&live).await.is(200).text();
    assert_eq!(playlist.matches("#EXTINF").count() as u64, seconds / 2, "{playlist}");
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n"));
}

/// A node that has the take, and one that is up before the rest of the file arrives and makes a part of it.
async fn front_and_helper(server: &Server, leena: &Client) -> (Node, Node, String) {
    let front = Node::with_core(server, &FLAGS, 0);
    let client = front.client(leena);
    let bytes = std::fs::read(media::webm(LONG as f64)).unwrap();
    let begun = begin(&client, bytes.len(), bytes[..FIRST].to_vec(), &[]).await.is(201);
    let (upload, take) = (path_of(begun.header("location")), begun.header("twotake-take").to_owned());
    until("it is at work", PATIENCE, async || count(server, AT_WORK).await == 1).await;
    let helper = Node::with_core(server, &FLAGS, 1);
    add(&client, &upload, FIRST, &bytes[FIRST..], false).await.is(204);
    let over = async || process(server).await.0 != "running";
    until("the other makes a part of it", PATIENCE, async || count(server, PARTS_AT_WORK).await > 0 || over().await)
        .await;
    assert!(!over().await, "the front is not at its end before anybody has claimed a part");
    (front, helper, take)
}

async fn a_machine_with_cores_to_spare_makes_one_file_twice_as_wide(server: Server) {
    let leena = author(&server).await;
    let take = send(&leena, &media::webm(LONGEST as f64), &[]).await;
    let seen = Mutex::new(Vec::new());
    let ready = until_some("it is ready", PATIENCE, async || {
        let take = leena.get(&take).await.ok();
        seen.lock().unwrap().push(take["progress"].as_f64().unwrap());
        ["ready", "refused", "failed"].contains(&take["state"].as_str().unwrap()).then_some(take)
    })
    .await;
    is_whole(&server, &leena, &ready, LONGEST).await;
    assert!(count(&server, PARTS_DONE).await >= 1, "a part was made beside it");
    assert_eq!(process(&server).await, ("done".into(), 1, true));
    let seen = seen.into_inner().unwrap();
    assert!(seen.windows(2).all(|pair| pair[0] <= pair[1]), "it never goes back: {seen:?}");
    server.stop().await;
}

/// Pictures that become fields in the last three seconds: the part that has them says that it cannot be made alone, the one before is
/// made. It is long, so that a front does not come there on its own before the part has been looked at, and of few bytes, since a part
/// reads all of them.
fn fields_at_the_end(seconds: u64) -> PathBuf {
    let stream = |name: &str, seconds: u64, more: &str| {
        let line = format!(
            "-f lavfi -i testsrc2=size=640x360:rate=30:duration={seconds} {more} -c:v libx264 -preset superfast -crf 45 -bf 0 -g 60 -pix_fmt yuv444p"
        );
        std::fs::read(media::made(name, &words(&line))).unwrap()
    };
    let before = seconds - 3;
    let mut both = stream(&format!("small-{before}.h264"), before, "");
    both.extend(stream("small-fields-3.h264", 3, "-vf setfield=tff -flags +ildct+ilme -x264-params interlaced=1"));
    let joined = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(joined.path(), both).unwrap();
    let line = format!("-fflags +genpts -r 30 -f h264 -i {} -c copy", joined.path().display());
    media::made(&format!("small-with-fields-at-the-end-of-{seconds}.mkv"), &words(&line))
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

async fn parts_that_do_not_fit_cost_no_attempt_and_what_viewers_saw_stays(server: Server) {
    let leena = author(&server).await;
    let sent = send(&leena, &fields_at_the_end(LONGEST), &[]).await;
    let live = async |take: &Value| {
        let (recording, take) = (take["recording"].as_str().unwrap(), take["id"].as_str().unwrap());
        leena.get(&format!("/media/{recording}/{take}/live/360.m3u8")).await.is(200).text()
    };
    let before = until_some("something of it can be watched", PATIENCE, async || {
        let take = leena.get(&sent).await.ok();
        if take["watchable"] == true { Some(live(&take).await) } else { None }
    })
    .await;
    let take = settled(&leena, &sent).await;
    assert_eq!(take["state"], "ready", "{take}");
    // Whoever is quicker decides how: the front hears of it before it meets the part and goes on, or meets it and begins anew.
    let (state, attempt, _) = process(&server).await;
    assert_eq!((state.as_str(), attempt), ("done", 1), "made in one piece, and no attempt was lost");
    let (all, done) = (count(&server, PARTS).await, count(&server, PARTS_DONE).await);
    let (failed, unfit) = (count(&server, PARTS_FAILED).await, count(&server, PARTS_UNFIT).await);
    assert!(unfit >= 1, "a part has said that it does not fit: of {all} parts {done} are done and {failed} failed");
    assert_eq!(count(&server, PARTS_LEFT).await, 0);
    let sets = sets(&server, take["id"].as_str().unwrap()).await;
    assert_eq!(sets.len(), 1, "{sets:?}");
    for (name, pictures) in decode::pictures(server.app.store.as_ref(), &sets[0]).await {
        assert_eq!(pictures, LONGEST * 30, "{name}");
    }
    let after = live(&take).await;
    assert!(after.starts_with(&before) && after.ends_with("#EXT-X-ENDLIST\n"), "what was told stays: {before} {after}");
    server.stop().await;
}

async fn a_file_at_which_every_child_dies_fails_after_its_attempts_and_names_itself(server: Server) {
    let leena = author(&server).await;
    let sent = send(&leena, &media::webm(SECONDS as f64), &[]).await;
    until("a part is at work", PATIENCE, async || count(&server, PARTS_AT_WORK).await > 0).await;
    let take = until_some("it has failed", PATIENCE, async || {
        for child in at_work_in(server.dir()) {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(child), nix::sys::signal::Signal::SIGKILL);
        }
        let take = leena.get(&sent).await.ok();
        ["ready", "refused", "failed"].contains(&take["state"].as_str().unwrap()).then_some(take)
    })
    .await;
    assert_eq!((&take["state"], &take["code"]), (&json!("failed"), &json!("media_failed")), "{take}");
    let detail = take["detail"].as_str().unwrap();
    assert!(detail.contains("3 times") && detail.contains(take["id"].as_str().unwrap()), "{detail}");
    assert_eq!(process(&server).await.1, 3);
    assert_eq!(count(&server, PARTS_LEFT).await, 0, "its parts are called off");
    server.stop().await;
}

/// The words under which files of a take lie.
async fn lying(server: &Server, take: &str) -> Vec<String> {
    let found = server.app.store.list(&format!("takes/{take}/"), None, 5000).await.unwrap();
    let mut all: Vec<_> = found.iter().map(|object| object.key.split('/').nth(2).unwrap().to_owned()).collect();
    all.dedup();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_parts_have_left_is_swept_once_none_is_owed() {
    let server = roomy(Backend::Sqlite, Some("2026-11-22T10:00:00Z")).await;
    let leena = author(&server).await;
    let take = settled(&leena, &send(&leena, &media::webm(SECONDS as f64), &[]).await).await;
    is_whole(&server, &leena, &take, SECONDS).await;
    let id = take["id"].as_str().unwrap();
    let words = lying(&server, id).await;
    assert!(words.len() >= 2, "parts lie under words of their own: {words:?}");
    // One that is owed still may put more there.
    let key = share::keys(id.parse().unwrap()).next().unwrap();
    let (mut tx, clock) = (server.app.db.begin().await.unwrap(), &server.app.clock);
    let mut owed = NewJob::new(share::KIND, json!({})).unique(key.clone());
    owed.run_at = Some(clock.now() + TimeDelta::days(9));
    jobs::enqueue(&mut tx, clock, owed).await.unwrap();
    tx.commit().await.unwrap();
    let swept = async |server: &Server| {
        let before = count(server, SWEPT).await;
        server.app.clock.advance(TimeDelta::hours(2));
        until("it was swept", PATIENCE, async || count(server, SWEPT).await > before).await;
        lying(server, id).await
    };
    assert_eq!(swept(&server).await, words);
    let mut tx = server.app.db.begin().await.unwrap();
    assert!(jobs::cancel(&mut tx, clock, &key).await.unwrap());
    tx.commit().await.unwrap();
    let published = take["hls_url"].as_str().unwrap().rsplit('/').nth(1).unwrap();
    assert_eq!(swept(&server).await, [published]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_make_one_file_together() {
    let (server, leena) = shared_server().await;
    let (front, _helper, take) = front_and_helper(&server, &leena).await;
    let take = settled(&front.client(&leena), &path_of(&take)).await;
    assert!(count(&server, PARTS_DONE).await >= 1, "the other node has made a part");
    is_whole(&server, &front.client(&leena), &take, LONG).await;
    assert_eq!(process(&server).await, ("done".into(), 1, true));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_that_is_killed_in_the_middle_of_its_part_costs_nothing_but_its_part() {
    let (server, leena) = shared_server().await;
    let (front, mut helper, take) = front_and_helper(&server, &leena).await;
    helper.kill();
    let take = settled(&front.client(&leena), &path_of(&take)).await;
    is_whole(&server, &front.client(&leena), &take, LONG).await;
    // Its part failed once its lease had run out, unless the front came there first and took it.
    assert!(count(&server, PARTS_LOST).await >= 1, "it had a part when it died");
    assert_eq!(process(&server).await, ("done".into(), 1, true));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_while_others_help_is_followed_by_one_that_takes_over_their_parts() {
    let (server, leena) = shared_server().await;
    let (mut front, helper, take) = front_and_helper(&server, &leena).await;
    // A front that came to its end says at once that nobody could help it, rather than that time ran out.
    let over = async || process(&server).await.0 != "running";
    until("a part is done", PATIENCE, async || count(&server, PARTS_DONE).await > 0 || over().await).await;
    assert!(!over().await, "the front is not at its end; {} parts failed", count(&server, PARTS_FAILED).await);
    front.kill();
    let take = settled(&helper.client(&leena), &path_of(&take)).await;
    is_whole(&server, &helper.client(&leena), &take, LONG).await;
    assert_eq!(process(&server).await, ("done".into(), 2, true), "another attempt has taken over");
    // What the first attempt had asked for was not asked for twice.
    const PAYLOADS: &str = "select count(*) from (select payload from job where kind = 'process_part' group by payload \
                            having count(*) > 1) twice";
    assert_eq!(count(&server, PAYLOADS).await, 0);
    server.stop().await;
}
