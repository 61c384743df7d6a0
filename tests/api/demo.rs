//! The sample company: filled through the queue, looked at through the API, removed without a trace but the trail's.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use twotake::account::Person;
use twotake::db::Pool;
use twotake::sample::{self, Films};
use uuid::Uuid;

use crate::harness::{Client, Server, both, until};

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(400);
const SMALL: Films = Films { size: (160, 90), longest: 2 };

async fn person(server: &Server, client: &Client) -> Person {
    let id = client.id.parse().unwrap();
    twotake::account::sql::person::one(&server.app.db, server.organisation().await, id).await.unwrap().unwrap()
}

/// Waits for a state; the clock of the test moves a second each time, since what waits in the queue goes by it.
async fn becomes(server: &Server, admin: &Client, state: &str) {
    until(&format!("the sample is {state}"), PATIENCE, || async {
        let now = admin.get("/api/sample").await.ok();
        assert!(state == "failed" || now["state"] != "failed", "{now}");
        server.app.clock.advance(TimeDelta::seconds(1));
        now["state"] == state
    })
    .await;
}

async fn fill(server: &Server, admin: &Client) {
    sample::fill(&server.app, &person(server, admin).await, SMALL).await.unwrap();
    becomes(server, admin, "ready").await;
}

async fn all(client: &Client, path: &str) -> Vec<Value> {
    let (mut items, mut after) = (Vec::new(), String::new());
    loop {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = client.get(&format!("{path}{separator}limit=100{after}")).await.ok();
        items.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return items,
        }
    }
}

/// Every column of the database that can hold an id, with the ids in it.
async fn ids(server: &Server) -> BTreeMap<(String, String), BTreeSet<Uuid>> {
    let mut found = BTreeMap::new();
    match &server.app.db.pool {
        Pool::Sqlite { read, .. } => {
            let columns: Vec<(String, String)> = sqlx::query_as(
                "select m.name, i.name from sqlite_master m, pragma_table_info(m.name) i
                 where m.type = 'table' and lower(i.type) = 'blob'",
            )
            .fetch_all(read)
            .await
            .unwrap();
            for (table, column) in columns {
                let sql = format!("select distinct {column} from {table} where length({column}) = 16");
                let rows: Vec<Vec<u8>> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(read).await.unwrap();
                let set = rows.iter().map(|bytes| Uuid::from_slice(bytes).unwrap()).collect();
                found.insert((table, column), set);
            }
        }
        Pool::Postgres(pool) => {
            let columns: Vec<(String, String)> = sqlx::query_as(
                "select table_name::text, column_name::text from information_schema.columns
                 where table_schema = current_schema() and data_type = 'uuid'",
            )
            .fetch_all(pool)
            .await
            .unwrap();
            for (table, column) in columns {
                let sql = format!("select distinct {column} from {table} where {column} is not null");
                let rows: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
                found.insert((table, column), rows.into_iter().collect());
            }
        }
    }
    found
}

/// Tables that have no row.
async fn empty(server: &Server) -> BTreeSet<String> {
    let tables: Vec<String> = match &server.app.db.pool {
        Pool::Sqlite { read, .. } => {
            let sql = "select name from sqlite_master where type = 'table' and name not like 'sqlite%'";
            sqlx::query_scalar(sql).fetch_all(read).await.unwrap()
        }
        Pool::Postgres(pool) => {
            let sql = "select table_name::text from information_schema.tables where table_schema = current_schema()";
            sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
        }
    };
    let mut found = BTreeSet::new();
    for table in tables {
        let sql = format!("select count(*) from {table}");
        let rows: i64 =
            twotake::on_db!(&server.app.db, |c| sqlx::query_scalar(AssertSqlSafe(sql.clone())).fetch_one(c).await)
                .unwrap();
        if rows == 0 {
            found.insert(table);
        }
    }
    found
}

/// The ids of rows, but for jobs and the trail, which are about others.
fn rows(all: &BTreeMap<(String, String), BTreeSet<Uuid>>) -> BTreeSet<Uuid> {
    let own = |(table, column): &&(String, String)| column == "id" && table != "job" && table != "audit_event";
    all.keys().filter(own).flat_map(|key| all[key].clone()).collect()
}

both! {
    at "2026-11-24T10:30:00Z";

    async fn a_newcomer_sees_a_company_at_work_and_it_goes_without_a_trace(server: Server) {
        let admin = server.admin().await;
        let (before, bare) = (ids(&server).await, empty(&server).await);
        assert_eq!(admin.get("/api/sample").await.ok()["state"], "none");
        fill(&server, &admin).await;
        it_is_a_company_at_work(&server, &admin).await;
        it_waits_for_the_administrator(&admin).await;
        it_can_be_watched(&server, &admin).await;
        let with = ids(&server).await;
        let own: BTreeSet<Uuid> = rows(&with).difference(&rows(&before)).copied().collect();
        assert!(own.len() > 3000, "{}", own.len());

        let real = the_administrator_takes_part(&admin).await;
        admin.delete("/api/sample").await.is(202);
        becomes(&server, &admin, "none").await;
        for (place, found) in ids(&server).await {
            let left = found.intersection(&own).count();
            assert!(left == 0 || place.0 == "job", "{place:?} names {left} rows of the sample");
        }
        let mut filled = empty(&server).await;
        // The administrator's own slot may have opened meanwhile.
        filled.extend(["job", "goal", "post", "reliability", "reliability_week"].map(str::to_owned));
        assert_eq!(bare.difference(&filled).collect::<Vec<_>>(), Vec::<&String>::new(), "tables that were empty");
        what_is_real_stays(&admin, &real).await;
        let trail = all(&admin, "/api/audit").await;
        let said: Vec<&str> = trail.iter().filter_map(|entry| entry["action"].as_str()).collect();
        for action in ["sample.begun", "sample.filled", "sample.removal_begun", "sample.removed"] {
            assert_eq!(said.iter().filter(|said| **said == action).count(), 1, "{action} in {said:?}");
        }
        no_file_is_left(&server).await;

        fill(&server, &admin).await;
        assert_eq!(all(&admin, "/api/people").await.len(), 41, "it can come again");
    }

    async fn where_people_work_there_is_no_place_for_a_sample(server: Server) {
        let admin = server.admin().await;
        let guest = server.member("Omar Haddad").await;
        assert!(admin.get("/api/sample").await.ok()["refused"].as_str().unwrap().starts_with("2 people work here already"));
        admin.post("/api/sample", json!({})).await.problem("conflict");
        admin.delete("/api/sample").await.problem("conflict");
        for answer in [guest.get("/api/sample").await, guest.post("/api/sample", json!({})).await, guest.delete("/api/sample").await] {
            answer.problem("forbidden");
        }
    }
}

async fn it_is_a_company_at_work(server: &Server, admin: &Client) {
    let people = all(admin, "/api/people").await;
    assert_eq!(people.len(), 41);
    let sample: Vec<&Value> = people.iter().filter(|person| person["id"] != admin.id.as_str()).collect();
    assert!(sample.iter().all(|person| person["email"].as_str().unwrap().ends_with("@sample.tidemark.example")));
    let entered = json!({ "login": sample[0]["email"], "password": "correct horse battery" });
    server.stranger().post("/api/session", entered).await.problem("wrong_credentials");
    let units = all(admin, "/api/units").await;
    let of = |kind: &str| units.iter().filter(|unit| unit["kind"] == kind).count();
    assert_eq!((of("company"), of("division"), of("team")), (1, 3, 9));

    let check_ins = all(admin, "/api/check-ins").await;
    assert!((520..=680).contains(&check_ins.len()), "{}", check_ins.len());
    let headlines: BTreeSet<&str> = check_ins.iter().map(|said| said["headline"].as_str().unwrap()).collect();
    assert!(headlines.len() * 100 > check_ins.len() * 90, "{} of {}", headlines.len(), check_ins.len());
    let reviewed = check_ins.iter().filter(|said| !said["review"]["reviewed_at"].is_null()).count();
    assert!(reviewed * 10 > check_ins.len() * 7 && reviewed < check_ins.len(), "{reviewed}");

    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for person in &sample {
        let path = format!("/api/slots?person={}&from=2026-09-28&to=2026-11-24", person["id"].as_str().unwrap());
        for slot in all(admin, &path).await {
            *ends.entry(slot["state"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    let count = |state: &str| ends.get(state).copied().unwrap_or_default();
    assert!(count("submitted") > 450 && count("submitted") > 8 * count("late"), "{ends:?}");
    assert!(count("late") > 3 && count("missed") > 2 && count("excused") > 0, "{ends:?}");
    let past = all(admin, "/api/slots?from=2026-09-01&to=2026-11-23").await;
    assert!(past.is_empty(), "the administrator has a past: {past:?}");

    let goals = all(admin, "/api/goals").await;
    for kind in ["year", "quarter", "month", "week"] {
        let of: Vec<&Value> = goals.iter().filter(|goal| goal["period"]["kind"] == kind).collect();
        assert!(!of.is_empty(), "{kind}");
        assert!(kind == "year" || of.iter().all(|goal| !goal["parent"].is_null()), "{kind} without a parent");
    }
    let ended = |word: &str| goals.iter().filter(|goal| goal["outcome"] == word).count();
    assert!(ended("achieved") > 20 && ended("partly") > 20 && ended("missed") > 0);
}

async fn it_waits_for_the_administrator(admin: &Client) {
    let home = admin.get("/api/home").await.ok();
    let owed: BTreeSet<&str> =
        home["owe"].as_array().unwrap().iter().map(|owed| owed["kind"].as_str().unwrap()).collect();
    assert_eq!(owed, BTreeSet::from(["acknowledge", "blocker", "check_in", "review"]), "{home}");
    assert_eq!(home["news"].as_array().unwrap().len(), 12);
    let posts = all(admin, "/api/channels/announcements/posts").await;
    let rota = posts.iter().find(|post| post["title"].as_str().unwrap().starts_with("Winter on-call")).unwrap();
    let (asked, done) = (&rota["acknowledgement"]["asked"], &rota["acknowledgement"]["done"]);
    let (asked, done) = (asked.as_i64().unwrap_or_default(), done.as_i64().unwrap_or_default());
    assert!(asked == 40 && done >= 20 && done < asked, "{rota}");
    let path = format!("/api/posts/{}/comments", rota["id"].as_str().unwrap());
    let comments = all(admin, &path).await;
    assert!(comments.iter().any(|comment| comment["at_ms"] == 9000), "{comments:?}");
    assert!(
        comments.iter().any(|comment| comment["replies"].as_array().is_some_and(|replies| replies.len() == 2)),
        "{comments:?}"
    );
}

async fn it_can_be_watched(server: &Server, admin: &Client) {
    let recordings = all(admin, "/api/recordings").await;
    assert_eq!(recordings.len(), 12);
    let now = server.app.clock.now().to_rfc3339();
    for recording in &recordings {
        assert!(recording["poster_url"].is_string(), "{recording}");
        assert!(recording["published_at"].as_str().unwrap() < now.as_str(), "{recording}");
    }
    let past = recordings.iter().filter(|one| one["published_at"].as_str().unwrap() < "2026-11-17").count();
    assert!(past >= 4, "kept when they were recorded: {past}");
    let poster = recordings[0]["poster_url"].as_str().unwrap();
    assert!(admin.get(poster).await.is(200).body.starts_with(&[0xff, 0xd8]));
}

/// What the administrator does with it: each of these stays in some form.
struct Real {
    goal: String,
    post: String,
    recording: usize,
}

async fn the_administrator_takes_part(admin: &Client) -> Real {
    let year = all(admin, "/api/goals?period_kind=year").await.remove(0);
    let new = json!({ "scope": "company", "period_kind": "year", "period_start": "2026-05-01", "parent": year["id"], "title": "My own goal" });
    let goal = admin.post("/api/goals", new).await.ok();
    let channels = all(admin, "/api/channels").await;
    let channel = channels.iter().find(|channel| channel["slug"] == "product-general").unwrap();
    let posts = format!("/api/channels/{}/posts", channel["slug"].as_str().unwrap());
    let theirs = all(admin, &posts).await;
    let theirs = theirs.iter().find(|one| one["author"]["id"] != admin.id.as_str()).unwrap();
    let words = format!("What does @{} say?", theirs["author"]["handle"].as_str().unwrap());
    let post = admin.post(&posts, json!({ "title": "My own post", "body": words })).await.ok();
    let under = format!("/api/posts/{}/comments", theirs["id"].as_str().unwrap());
    admin.post(&under, json!({ "body": "Under something that goes." })).await.ok();
    for owed in admin.get("/api/home").await.ok()["owe"].as_array().unwrap() {
        let url = owed["url"].as_str().unwrap();
        if let (Some(id), "acknowledge") = (url.strip_prefix("/posts/"), owed["kind"].as_str().unwrap()) {
            admin.post(&format!("/api/posts/{id}/acknowledge"), json!({})).await.ok();
        }
    }
    let recordings = all(admin, "/api/recordings").await;
    Real {
        goal: goal["id"].as_str().unwrap().to_owned(),
        post: post["id"].as_str().unwrap().to_owned(),
        recording: recordings.len(),
    }
}

async fn what_is_real_stays(admin: &Client, real: &Real) {
    assert_eq!(all(admin, "/api/people").await.len(), 1);
    assert_eq!(all(admin, "/api/units").await.len(), 1);
    assert_eq!(all(admin, "/api/channels").await.len(), 5);
    assert_eq!(all(admin, "/api/recordings").await.len(), real.recording - 12);
    let goals = all(admin, "/api/goals").await;
    assert_eq!(goals.len(), 1);
    assert_eq!((goals[0]["id"].as_str().unwrap(), &goals[0]["parent"]), (real.goal.as_str(), &Value::Null));
    let posts = all(admin, "/api/channels/general/posts").await;
    assert_eq!(posts.iter().map(|post| post["id"].as_str().unwrap()).collect::<Vec<_>>(), [real.post.as_str()]);
    assert!(!all(admin, "/api/slots").await.is_empty(), "their own slots");
}

async fn no_file_is_left(server: &Server) {
    until("every file of the sample is deleted", PATIENCE, || async {
        server.app.clock.advance(TimeDelta::seconds(60));
        let mut left = 0;
        for prefix in ["takes/", "uploads/"] {
            left += server.app.store.list(prefix, None, 100).await.unwrap().len();
        }
        left == 0
    })
    .await;
}

/// The real command on the server's database and store.
fn demo(server: &Server, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twotake"));
    let dir = server.dir().join("command");
    command.args(["demo", "--yes", "--small-films", "--lease-ms", "5000"]).args(more);
    command.args(["--data", dir.to_str().unwrap(), "--database", server.database_url(), "--store", server.store_url()]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    format!("{} {}{}", output.status, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

mod command {
    use super::*;

    both! {
        web;

        async fn a_filling_that_is_killed_begins_anew_and_nothing_is_there_twice(server: Server) {
            let nobody = demo(&server, &[]).output().unwrap();
            assert_eq!(nobody.status.code(), Some(2), "{}", said(&nobody));
            let admin = server.admin().await;
            let mut first = demo(&server, &[]).spawn().unwrap();
            until("a good part is there", PATIENCE, || async {
                admin.get("/api/sample").await.ok()["progress"].as_f64().unwrap() > 0.15
            })
            .await;
            first.kill().unwrap();
            first.wait().unwrap();
            assert!(all(&admin, "/api/check-ins").await.len() > 10, "killed in the middle");
            let second = demo(&server, &[]).output().unwrap();
            assert!(second.status.success() && said(&second).contains("40 people of Tidemark"), "{}", said(&second));
            assert_eq!(all(&admin, "/api/people").await.len(), 41);
            assert_eq!(all(&admin, "/api/units").await.len(), 13);
            assert_eq!(all(&admin, "/api/recordings").await.len(), 12);
            let channels = all(&admin, "/api/channels").await;
            assert_eq!(channels.len(), 21, "{channels:?}");
            let again = demo(&server, &[]).output().unwrap();
            assert_eq!(again.status.code(), Some(2), "{}", said(&again));
            assert!(said(&again).contains("here already"), "{}", said(&again));
            let gone = demo(&server, &["--remove"]).output().unwrap();
            assert!(gone.status.success(), "{}", said(&gone));
            assert_eq!(all(&admin, "/api/people").await.len(), 1);
            let files = server.app.store.list("takes/", None, 10).await.unwrap();
            assert!(files.is_empty(), "no server runs, so the command deletes them itself: {files:?}");
            let nothing = demo(&server, &["--remove"]).output().unwrap();
            assert_eq!(nothing.status.code(), Some(2), "{}", said(&nothing));
        }
    }
}
