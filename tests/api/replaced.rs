//! A take's published set of files is replaced by a better one: who watches plays on, who comes later gets the new one, and what
//! was replaced goes a day later.

use std::sync::{Arc, Mutex};

use actix_web::web::Data;
use async_trait::async_trait;
use bytes::Bytes;
use chrono::TimeDelta;
use serde_json::{Value, json};
use twotake::app::App;
use twotake::id::TakeId;
use twotake::jobs::{self, Failure, Handler, NewJob, Outcome, Registry, Work, drain};
use twotake::recording::process::publish;
use twotake::recording::replaced::NewSet;
use twotake::recording::{access, live, take};
use twotake::{on_db, wiring};

use crate::harness::{Server, both};
use crate::watching::{Shown, author, share, shown, word};

/// What happens between a job's beginning and its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Nothing,
    Lost,
    Discarded,
}

/// A job that puts a set of two files under its claim and shows it; says what came of it.
struct Make {
    take: TakeId,
    also: Vec<String>,
    between: Between,
    said: Arc<Mutex<Option<(String, bool)>>>,
}

#[async_trait]
impl Handler for Make {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let take = take::sql::any(&app.db, self.take).await?.unwrap();
        let from = take.attempt.clone().unwrap();
        for (name, text) in [("master.m3u8", "#EXTM3U\n# new\n"), ("video.mp4", "new video")] {
            let key = format!("takes/{}/{}/{name}", take.id, work.claim());
            app.store.put(&key, Bytes::from_static(text.as_bytes()), "video/mp4").await?;
        }
        match self.between {
            Between::Nothing => {}
            Between::Lost => {
                const SQL: &str = "update job set worker = 'another' where id = $1";
                execute(app, SQL, work.job.id.0).await;
            }
            Between::Discarded => {
                let mut tx = app.db.begin().await?;
                take::sql::discard(&mut tx, take.session, None, app.clock.now()).await?;
                tx.commit().await?;
            }
        }
        let media = json!({ "files": [], "also": self.also });
        let set = NewSet { from: &from, media: &media, media_bytes: 9, because: "level" };
        let shown = publish::replace(app, work, app.db.begin().await?, &take, &set).await?;
        *self.said.lock().unwrap() = Some((work.claim().to_owned(), shown));
        Ok(Outcome::Finished)
    }
}

async fn execute(app: &App, sql: &'static str, id: uuid::Uuid) {
    let mut tx = app.db.begin().await.unwrap();
    twotake::on_tx!(&mut tx, |c| sqlx::query(sql).bind(id).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}

/// Runs such a job; the attempt it made and whether that is shown.
async fn made(server: &Server, take: TakeId, also: &[&str], between: Between) -> (String, bool) {
    let said = Arc::default();
    let also = also.iter().map(|&word| word.to_owned()).collect();
    let registry = Registry::default().handle("level", Make { take, also, between, said: Arc::clone(&said) });
    let mut tx = server.app.db.begin().await.unwrap();
    let job = NewJob::new("level", json!({ "take": take })).unique(format!("level:{take}"));
    jobs::enqueue(&mut tx, &server.app.clock, job).await.unwrap();
    tx.commit().await.unwrap();
    drain(&server.app, &registry).await.unwrap();
    said.lock().unwrap().take().expect("the job ran to its end")
}

/// The hourly sweep, once.
async fn sweep(server: &Server) {
    let registry = wiring::jobs();
    jobs::periodic::owe_due(&server.app, &registry).await.unwrap();
    drain(&server.app, &registry).await.unwrap();
}

async fn later(server: &Server, hours: i64) {
    server.app.clock.advance(TimeDelta::minutes(hours * 60 + 1));
    sweep(server).await;
}

/// The sets that lie in the store.
async fn sets(server: &Server, take: TakeId) -> Vec<String> {
    let found = server.app.store.list(&format!("takes/{take}/"), None, 1000).await.unwrap();
    let mut sets: Vec<_> = found.iter().map(|object| object.key.split('/').nth(2).unwrap().to_owned()).collect();
    sets.dedup();
    sets
}

async fn attempt(server: &Server, shown: &Shown) -> String {
    access::sql::shown(&server.app.db, shown.id).await.unwrap().unwrap().1
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words
}

both! {
    @ Some("2026-11-12T09:00:00Z"), Web;

    async fn who_watches_a_replaced_set_plays_on_and_stable_addresses_lead_to_the_new_one(server: Server) {
        let leena = author(&server).await;
        let shown = shown(&server, &leena).await;
        let other = server.another_node().await;
        let there = crate::harness::Client::new(&other.base, None);
        let link = word(&share(&leena, shown.id, json!({})).await);
        let stable = format!("/media/s/{link}/video.mp4");
        let before = there.get(&stable).await.is(200);
        assert_eq!(server.stranger().get(&stable).await.is(200).body, before.body);
        let path = format!("/api/recordings/{}", shown.id);
        let told = leena.get(&path).await.ok()["take"]["hls_url"].as_str().unwrap().to_owned();
        let runs = live_rows(&server, &shown).await;

        let (new, yes) = made(&server, shown.take, &[], Between::Nothing).await;
        assert!(yes);
        // Whoever is in the middle of the old one, by whichever door.
        let old = [shown.path("video.mp4"), shown.tokened(&server, "video.mp4"), shown.path("master.m3u8")];
        for path in &old {
            leena.get(path).await.is(200);
        }
        // The playlist of who watched while it was made: the same entries, ended.
        let playlist = leena.get(&format!("/media/{}/{}/live/720.m3u8", shown.id, shown.take)).await.is(200).text();
        assert_eq!(playlist, live::playlist(&runs, true));
        // Whoever comes now: at once on this node, and after the few seconds for which a right is remembered on any other.
        let now = server.stranger().get(&stable).await.is(200);
        assert_eq!(now.body, "new video");
        assert_ne!(now.header("etag"), before.header("etag"));
        server.app.clock.advance(TimeDelta::seconds(6));
        assert_eq!(there.get(&stable).await.is(200).body, "new video");
        let tells = leena.get(&path).await.ok()["take"]["hls_url"].as_str().unwrap().to_owned();
        assert_eq!(tells, told.replace("/1/", &format!("/{new}/")));
        let page = server.stranger().request(reqwest::Method::GET, &format!("/w/{link}")).header("accept", "text/html");
        assert!(server.stranger().send(page).await.is(200).text().contains(&format!("/{new}/master.m3u8")));

        // A day later, and not before.
        later(&server, 22).await;
        assert_eq!(sets(&server, shown.take).await, sorted(vec!["1".into(), new.clone()]));
        leena.get(&shown.path("master.m3u8")).await.is(200);
        later(&server, 3).await;
        assert_eq!(sets(&server, shown.take).await, std::slice::from_ref(&new));
        leena.head(&shown.path("video.mp4")).await.is(404);
        assert_eq!(server.stranger().get(&stable).await.is(200).body, "new video");
        later(&server, 48).await;
        assert_eq!(sets(&server, shown.take).await, [new]);
        other.stop().await;
    }

    async fn a_set_stays_as_long_as_one_that_names_it_is_watched(server: Server) {
        let leena = author(&server).await;
        let shown = shown(&server, &leena).await;
        let (second, _) = made(&server, shown.take, &["1"], Between::Nothing).await;
        later(&server, 30).await;
        assert_eq!(sets(&server, shown.take).await, sorted(vec!["1".into(), second.clone()]), "it leans on the first");
        let (third, _) = made(&server, shown.take, &[], Between::Nothing).await;
        later(&server, 23).await;
        assert_eq!(sets(&server, shown.take).await, sorted(vec!["1".into(), second, third.clone()]));
        later(&server, 2).await;
        assert_eq!(sets(&server, shown.take).await, [third]);
    }

    async fn a_job_that_was_lost_replaces_nothing_and_what_it_left_is_swept(server: Server) {
        let leena = author(&server).await;
        let shown = shown(&server, &leena).await;
        let (lost, yes) = made(&server, shown.take, &[], Between::Lost).await;
        assert!(!yes);
        assert_eq!(attempt(&server, &shown).await, "1");
        const GIVE_UP: &str = "update job set state = 'cancelled', finished_at = created_at, lease_until = null where kind = 'level' and id <> $1";
        // While the job is somebody's nothing of the take is swept.
        let mut tx = server.app.db.begin().await.unwrap();
        twotake::recording::replaced::sql::sweep_at(&mut tx, shown.take, server.app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        later(&server, 1).await;
        assert_eq!(sets(&server, shown.take).await.len(), 2);
        execute(&server.app, GIVE_UP, uuid::Uuid::nil()).await;
        let (new, _) = made(&server, shown.take, &[], Between::Nothing).await;
        later(&server, 2).await;
        let left = sets(&server, shown.take).await;
        assert!(left.contains(&new) && left.contains(&"1".into()) && !left.contains(&lost), "{left:?}");
    }

    async fn a_take_that_was_discarded_in_between_is_not_replaced_and_nothing_of_it_stays(server: Server) {
        let leena = author(&server).await;
        let shown = shown(&server, &leena).await;
        let (_, yes) = made(&server, shown.take, &[], Between::Discarded).await;
        assert!(!yes);
        later(&server, 2).await;
        assert!(sets(&server, shown.take).await.is_empty());
    }

    async fn a_deleted_recording_takes_every_set_along_and_calls_the_work_off(server: Server) {
        let leena = author(&server).await;
        let shown = shown(&server, &leena).await;
        made(&server, shown.take, &["1"], Between::Nothing).await;
        let mut tx = server.app.db.begin().await.unwrap();
        let job = NewJob::new("level", json!({ "take": shown.take })).unique(format!("level:{}", shown.take));
        let job = jobs::enqueue(&mut tx, &server.app.clock, job).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        leena.delete(&format!("/api/recordings/{}", shown.id)).await.is(204);
        leena.get(&shown.path("master.m3u8")).await.is(404);
        const STATE: &str = "select state from job where id = $1";
        let state: String = on_db!(&server.app.db, |c| sqlx::query_scalar(STATE).bind(job).fetch_one(c).await).unwrap();
        assert_eq!(state, "cancelled");
        sweep(&server).await;
        assert!(sets(&server, shown.take).await.is_empty());
    }

    async fn a_quota_counts_what_is_shown(server: Server) {
        let leena = author(&server).await;
        let shown = shown(&server, &leena).await;
        made(&server, shown.take, &[], Between::Nothing).await;
        const SQL: &str = "select media_bytes from take where id = $1";
        let take = shown.take;
        let bytes: i64 = on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).bind(take).fetch_one(c).await).unwrap();
        assert_eq!(bytes, 9);
        let trail: Value = {
            const SQL: &str = "select detail from audit_event where action = 'take.replaced' and subject = $1";
            let found: sqlx::types::Json<Value> =
                on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).bind(take.0).fetch_one(c).await).unwrap();
            found.0
        };
        assert_eq!(trail, json!({ "because": "level", "bytes": 9 }));
    }
}

/// What somebody who watched while the take was made has been shown of one rendition.
async fn live_rows(server: &Server, shown: &Shown) -> Vec<live::Run> {
    let mut runs = Vec::new();
    for n in 0..3 {
        live::add(&mut runs, "1", ("1", "720-init.mp4"), (&format!("720-{n:05}.m4s"), 180_000), 0);
    }
    let mut tx = server.app.db.begin().await.unwrap();
    live::sql::put(&mut tx, shown.take, "#EXTM3U\n", &[("720".to_owned(), runs.clone())].into()).await.unwrap();
    tx.commit().await.unwrap();
    runs
}
