//! Check-ins from outside, with the clock moved by hand: slots, drafts, on time, late, missed, excused, reviews, blockers.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use twotake::checkin::tick::{Ticked, tick};
use twotake::id::PersonId;

use crate::harness::{Client, Server, both};
use crate::recorded::recording;

/// Moves the clock to an instant.
pub fn at(server: &Server, instant: &str) {
    let wanted: DateTime<Utc> = instant.parse().unwrap();
    server.app.clock.advance(wanted - server.app.clock.now());
}

pub async fn slots(client: &Client, query: &str) -> Vec<Value> {
    client.get(&format!("/api/slots{query}")).await.ok()["items"].as_array().unwrap().clone()
}

/// The slot of a day.
pub async fn slot(client: &Client, day: &str) -> Value {
    let found = slots(client, &format!("?from={day}&to={day}")).await;
    assert_eq!(found.len(), 1, "a slot on {day}");
    found[0].clone()
}

pub async fn begin(client: &Client, slot: &Value) -> Value {
    client.post("/api/check-ins", json!({ "slot": slot["id"] })).await.ok()
}

pub fn path(check_in: &Value, rest: &str) -> String {
    format!("/api/check-ins/{}{rest}", check_in["id"].as_str().unwrap())
}

pub async fn save(client: &Client, check_in: &Value, change: Value) -> Value {
    let revision = client.get(&path(check_in, "")).await.ok()["revision"].clone();
    let mut change = change;
    change["revision"] = revision;
    client.patch(&path(check_in, ""), change).await.ok()
}

async fn goal(client: &Client, kind: &str, title: &str) -> Value {
    let new = json!({ "scope": "individual", "period_kind": kind, "period_start": "2026-11-24", "title": title,
        "metrics": [{ "name": "Boards", "target": 64, "unit": "boards" }] });
    client.post("/api/goals", new).await.is(201).json()
}

/// A check-in for a slot with nothing but a headline, submitted now.
pub async fn submitted(client: &Client, slot: &Value) -> Value {
    let draft = begin(client, slot).await;
    save(client, &draft, json!({ "headline": "All well" })).await;
    client.post(&path(&draft, "/submit"), json!({})).await.ok()
}

pub async fn person_zone(server: &Server, client: &Client, zone: &str) {
    const SQL: &str = "update person set time_zone = $2 where id = $1";
    let id: PersonId = client.id.parse().unwrap();
    let mut tx = server.app.db.begin().await.unwrap();
    twotake::on_tx!(&mut tx, |c| sqlx::query(SQL).bind(id).bind(zone).execute(c).await.map(|_| ())).unwrap();
    twotake::checkin::slots::replan(&mut tx, id, &server.app.clock).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn away(server: &Server, client: &Client, first: &str, last: &str) {
    const SQL: &str = "insert into absence (id, person, first_day, last_day, created_at) values ($1, $2, $3, $4, $5)";
    let (id, person) = (server.app.clock.id::<uuid::Uuid>(), client.id.parse::<PersonId>().unwrap());
    let days = (first.parse::<chrono::NaiveDate>().unwrap(), last.parse::<chrono::NaiveDate>().unwrap());
    let now = server.app.clock.now();
    let mut tx = server.app.db.begin().await.unwrap();
    twotake::on_tx!(&mut tx, |c| sqlx::query(SQL)
        .bind(id)
        .bind(person)
        .bind(days.0)
        .bind(days.1)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
    .unwrap();
    tx.commit().await.unwrap();
}

// Sunday 22 November 2026; slots fall on Tuesday 24 and Thursday 26, due at 16:00 in Berlin, which is 15:00 UTC.
both! {
    web at "2026-11-22T10:00:00Z";

    async fn slots_are_made_fourteen_days_ahead_in_each_persons_own_zone(server: Server) {
        let admin = server.admin().await;
        let days: Vec<Value> = slots(&admin, "").await.iter().map(|slot| slot["local_date"].clone()).collect();
        assert_eq!(days, ["2026-11-24", "2026-11-26", "2026-12-01", "2026-12-03"]);
        let berlin = slot(&admin, "2026-11-24").await;
        assert_eq!((&berlin["opens_at"], &berlin["due_at"], &berlin["grace_until"], &berlin["state"]),
            (&json!("2026-11-24T08:00:00Z"), &json!("2026-11-24T15:00:00Z"), &json!("2026-11-24T16:00:00Z"), &json!("ahead")));
        for (name, zone, due) in [("Kim", "Asia/Seoul", "2026-11-24T07:00:00Z"), ("Joe", "America/New_York", "2026-11-24T21:00:00Z")] {
            let person = server.member(name).await;
            person_zone(&server, &person, zone).await;
            let there = slot(&person, "2026-11-24").await;
            assert_eq!((&there["due_at"], &there["time_zone"]), (&json!(due), &json!(zone)));
        }
        assert_eq!(slots(&server.member("Omar").await, &format!("?person={}", admin.id)).await.len(), 4);
        let guest = server.guest("Gil").await;
        guest.get("/api/slots").await.problem("forbidden");
        assert_eq!(slots(&admin, &format!("?person={}", guest.id)).await.len(), 0, "guests have no check-ins");
    }

    async fn what_is_ahead_follows_the_organisations_days_and_a_persons_zone(server: Server) {
        let admin = server.admin().await;
        at(&server, "2026-11-24T10:00:00Z");
        tick(&server.app).await.unwrap();
        let settings = admin.get("/api/organisation").await.ok();
        let change = json!({ "check_in_weekdays": [1, 3], "due_local_time": "12:00", "revision": settings["revision"] });
        admin.patch("/api/organisation", change).await.is(200);
        let days: Vec<Value> = slots(&admin, "").await.iter().map(|slot| slot["local_date"].clone()).collect();
        assert_eq!(days, ["2026-11-24", "2026-11-25", "2026-11-30", "2026-12-02", "2026-12-07"], "the open one stays");
        assert_eq!(slot(&admin, "2026-11-25").await["due_at"], "2026-11-25T11:00:00Z");
        let me = admin.get("/api/me").await.ok();
        admin.patch("/api/me", json!({ "time_zone": "Asia/Seoul", "revision": me["revision"] })).await.is(200);
        assert_eq!(slot(&admin, "2026-11-25").await["due_at"], "2026-11-25T03:00:00Z");
        assert_eq!(slot(&admin, "2026-11-24").await["due_at"], "2026-11-24T15:00:00Z");
    }

    async fn a_pass_of_the_clock_makes_opens_and_misses_and_doing_it_twice_does_nothing(server: Server) {
        let admin = server.admin().await;
        tick(&server.app).await.unwrap();
        assert_eq!(tick(&server.app).await.unwrap(), Ticked::default());
        at(&server, "2026-11-24T09:00:00Z");
        let opened = tick(&server.app).await.unwrap();
        assert_eq!((opened.opened, opened.missed), (1, 0));
        assert_eq!(opened.made, 1, "the Tuesday in two weeks");
        at(&server, "2026-11-24T16:00:00Z");
        assert_eq!(tick(&server.app).await.unwrap().missed, 0, "the last instant of the grace still counts");
        at(&server, "2026-11-24T16:00:01Z");
        assert_eq!(tick(&server.app).await.unwrap().missed, 1);
        assert_eq!(slot(&admin, "2026-11-24").await["state"], "missed");
        assert_eq!(tick(&server.app).await.unwrap(), Ticked::default());
        at(&server, "2026-11-27T12:00:00Z");
        let after_a_night_down = tick(&server.app).await.unwrap();
        assert_eq!((after_a_night_down.missed, after_a_night_down.opened), (1, 0));
    }

    async fn on_time_is_submitted_within_the_grace_late_and_after_it_an_extra_beside_the_miss(server: Server) {
        let admin = server.admin().await;
        let (ann, ben, eve) = (server.member("Ann").await, server.member("Ben").await, server.member("Eve").await);
        let tuesday = slot(&ann, "2026-11-24").await;
        ann.post("/api/check-ins", json!({ "slot": tuesday["id"] })).await.problem("slot_not_open");
        at(&server, "2026-11-24T15:00:00Z");
        assert_eq!(submitted(&ann, &tuesday).await["slot"]["state"], "submitted", "at the due time to the second");
        at(&server, "2026-11-24T15:00:01Z");
        let bens = slot(&ben, "2026-11-24").await;
        assert_eq!(submitted(&ben, &bens).await["slot"]["state"], "late");
        let eves = slot(&eve, "2026-11-24").await;
        let draft = begin(&eve, &eves).await;
        save(&eve, &draft, json!({ "headline": "Sorry" })).await;
        at(&server, "2026-11-24T18:00:00Z");
        let extra = eve.post(&path(&draft, "/submit"), json!({})).await.ok();
        assert_eq!((&extra["slot"], &extra["state"]), (&Value::Null, &json!("published")));
        tick(&server.app).await.unwrap();
        assert_eq!(slot(&eve, "2026-11-24").await["state"], "missed", "a missed check-in stays a fact");
        assert_eq!(slot(&ann, "2026-11-24").await["state"], "submitted");
        let again = begin(&eve, &eves).await;
        assert_eq!((&again["slot"], &again["state"]), (&Value::Null, &json!("draft")));
        ann.post("/api/check-ins", json!({ "slot": eves["id"] })).await.problem("not_found");
        assert_eq!(admin.get("/api/check-ins").await.ok()["items"].as_array().unwrap().len(), 3);
    }

    async fn an_absence_excuses_a_slot_and_never_rewrites_one(server: Server) {
        server.admin().await;
        let (ann, ben) = (server.member("Ann").await, server.member("Ben").await);
        away(&server, &ann, "2026-11-23", "2026-11-24").await;
        at(&server, "2026-11-24T09:00:00Z");
        assert_eq!(tick(&server.app).await.unwrap().excused, 1);
        at(&server, "2026-11-25T00:00:00Z");
        tick(&server.app).await.unwrap();
        assert_eq!(slot(&ann, "2026-11-24").await["state"], "excused");
        away(&server, &ben, "2026-11-24", "2026-11-24").await;
        tick(&server.app).await.unwrap();
        assert_eq!(slot(&ben, "2026-11-24").await["state"], "missed", "an absence entered afterwards changes nothing");
        let excused = slot(&ann, "2026-11-24").await;
        assert_eq!(begin(&ann, &excused).await["slot"], Value::Null);
    }

    async fn a_draft_lists_the_goals_of_the_week_and_the_month_and_each_needs_an_answer(server: Server) {
        let admin = server.admin().await;
        let (month, week) = (goal(&admin, "month", "Month").await, goal(&admin, "week", "Week").await);
        goal(&admin, "quarter", "Quarter").await;
        at(&server, "2026-11-24T09:00:00Z");
        let tuesday = slot(&admin, "2026-11-24").await;
        let draft = admin.post("/api/check-ins", json!({ "slot": tuesday["id"] })).await.is(201).json();
        let titles: Vec<_> = draft["goals"].as_array().unwrap().iter().map(|g| g["goal"]["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["Month", "Week"]);
        assert_eq!(admin.post("/api/check-ins", json!({ "slot": tuesday["id"] })).await.is(200).json()["id"], draft["id"]);
        let told = admin.post(&path(&draft, "/submit"), json!({})).await.problem("invalid");
        assert!(told["fields"]["headline"].is_string() && told["fields"]["goals"].is_string(), "{told}");
        let metric = month["metrics"][0]["id"].clone();
        save(&admin, &draft, json!({ "headline": "Second bath is gone", "goals": [
            { "goal": month["id"], "status": "on_track", "confidence": 8, "note": "Bath two runs.",
              "metrics": [{ "metric": metric, "value": 16 }] }] })).await;
        let told = admin.post(&path(&draft, "/submit"), json!({})).await.problem("invalid");
        assert!(told["fields"]["goals"].as_str().unwrap().contains("Week needs a status"), "{told}");
        let later = goal(&admin, "week", "Made meanwhile").await;
        let saved = save(&admin, &draft, json!({ "goals": [
            { "goal": week["id"], "no_change": true, "status": "off_track" }, { "goal": later["id"], "no_change": true }] })).await;
        assert_eq!(saved["goals"][1]["status"], Value::Null, "no change says nothing else");
        let said = admin.post(&path(&draft, "/submit"), json!({})).await.ok();
        assert_eq!(said["goals"][0]["metrics"][0], json!({
            "metric": metric, "name": "Boards", "unit": "boards", "previous": null, "value": 16.0 }));
        let now = admin.get(&format!("/api/goals/{}", month["id"].as_str().unwrap())).await.ok();
        assert_eq!((&now["status"], &now["progress"]), (&json!("on_track"), &json!(0.25)));
        let timeline = admin.get(&format!("/api/goals/{}/timeline", month["id"].as_str().unwrap())).await.ok();
        assert_eq!((&timeline["items"][0]["kind"], &timeline["items"][0]["metrics"][0]["value"]), (&json!("check_in"), &json!(16.0)));
        let of_week = admin.get(&format!("/api/goals/{}/timeline", week["id"].as_str().unwrap())).await.ok();
        assert_eq!(of_week["items"], json!([]), "no change is no entry");
        admin.post(&path(&draft, "/submit"), json!({})).await.problem("slot_done");
        admin.patch(&path(&draft, ""), json!({ "headline": "Other", "revision": said["revision"] })).await.problem("slot_done");
    }

    async fn the_value_before_is_frozen_with_the_value_reported(server: Server) {
        let admin = server.admin().await;
        let made = goal(&admin, "month", "Month").await;
        let metric = made["metrics"][0]["id"].clone();
        let answer = |value: i64| json!({ "headline": "Going", "goals": [{ "goal": made["id"], "status": "caution",
            "metrics": [{ "metric": metric, "value": value }] }] });
        let mut seen = Vec::new();
        for (value, instant) in [(16, "2026-11-24T09:00:00Z"), (20, "2026-11-24T10:00:00Z")] {
            at(&server, instant);
            let draft = admin.post("/api/check-ins", json!({})).await.is(201).json();
            save(&admin, &draft, answer(value)).await;
            let said = admin.post(&path(&draft, "/submit"), json!({})).await.ok();
            seen.push((said["goals"][0]["metrics"][0]["previous"].clone(), said["goals"][0]["metrics"][0]["value"].clone()));
        }
        assert_eq!(seen, [(Value::Null, json!(16.0)), (json!(16.0), json!(20.0))]);
    }

    async fn only_its_author_sees_and_writes_a_draft(server: Server) {
        let admin = server.admin().await;
        let (ann, ben) = (server.member("Ann").await, server.member("Ben").await);
        at(&server, "2026-11-24T09:00:00Z");
        let tuesday = slot(&ann, "2026-11-24").await;
        let draft = begin(&ann, &tuesday).await;
        for other in [&admin, &ben] {
            other.get(&path(&draft, "")).await.problem("not_found");
            other.patch(&path(&draft, ""), json!({ "headline": "x", "revision": 1 })).await.problem("not_found");
            other.post(&path(&draft, "/submit"), json!({})).await.problem("not_found");
            let seen = slots(other, &format!("?person={}&from=2026-11-24&to=2026-11-24", ann.id)).await;
            assert_eq!(seen[0]["check_in"], Value::Null);
        }
        let stale = ann.patch(&path(&draft, ""), json!({ "headline": "x", "revision": 7 })).await.problem("stale");
        assert_eq!(stale["current"]["id"], draft["id"]);
        let foreign = recording(&server, &ben, "His").await;
        ann.patch(&path(&draft, ""), json!({ "recording": foreign, "revision": 1 })).await.problem("invalid");
        let own = recording(&server, &ann, "Hers").await;
        assert_eq!(save(&ann, &draft, json!({ "headline": "Video", "recording": own })).await["recording"]["title"], "Hers");
        ann.post(&path(&draft, "/submit"), json!({})).await.is(200);
        assert_eq!(ben.get(&path(&draft, "")).await.ok()["recording"]["title"], "Hers", "every member reads every check-in");
        server.guest("Gil").await.get(&path(&draft, "")).await.problem("forbidden");
    }

    async fn the_reviewer_of_the_open_slot_answers_once_and_never_the_author(server: Server) {
        let admin = server.admin().await;
        let (ann, tomasz, ingrid) = (server.member("Ann").await, server.member("Tomasz").await, server.member("Ingrid").await);
        server.reports_to(&ann, &tomasz).await;
        at(&server, "2026-11-24T09:00:00Z");
        tick(&server.app).await.unwrap();
        server.reports_to(&ann, &ingrid).await;
        let tuesday = slot(&ann, "2026-11-24").await;
        assert_eq!(tuesday["reviewer"]["name"], "Tomasz", "frozen when the slot opened");
        assert_eq!(slot(&ann, "2026-11-26").await["reviewer"]["name"], "Ingrid", "what is ahead follows the manager");
        let said = submitted(&ann, &tuesday).await;
        assert_eq!((&said["review"]["due_at"], &said["review"]["decision"]), (&json!("2026-11-25T09:00:00Z"), &Value::Null));
        let queue = tomasz.get("/api/check-ins?reviewer=me&unreviewed=true").await.ok();
        assert_eq!(queue["items"][0]["id"], said["id"]);
        let review = json!({ "decision": "change_asked", "note": "Name the board." });
        ann.post(&path(&said, "/review"), review.clone()).await.problem("own_review");
        for other in [&admin, &ingrid] {
            other.post(&path(&said, "/review"), review.clone()).await.problem("forbidden");
        }
        tomasz.post(&path(&said, "/review"), json!({ "decision": "discuss" })).await.problem("invalid");
        let done = tomasz.post(&path(&said, "/review"), review.clone()).await.ok();
        assert_eq!((&done["review"]["decision"], &done["review"]["note"]), (&json!("change_asked"), &json!("Name the board.")));
        tomasz.post(&path(&said, "/review"), review).await.is(200);
        tomasz.post(&path(&said, "/review"), json!({ "decision": "acknowledged" })).await.problem("conflict");
        assert_eq!(tomasz.get("/api/check-ins?reviewer=me&unreviewed=true").await.ok()["items"], json!([]));
        ingrid.post(&path(&said, "/comments"), json!({ "body": "Well done." })).await.is(201);
    }

    async fn a_blocker_is_carried_into_every_later_check_in_until_it_is_resolved(server: Server) {
        server.admin().await;
        let (ann, bruno, eve) = (server.member("Ann").await, server.member("Bruno Quintela").await, server.member("Eve").await);
        at(&server, "2026-11-24T09:00:00Z");
        let draft = begin(&ann, &slot(&ann, "2026-11-24").await).await;
        let saved = save(&ann, &draft, json!({ "headline": "Stuck", "blockers": [
            { "text": "Rig B has no spare power supply", "asks": bruno.id, "at_ms": 124_000 }] })).await;
        let id = saved["blockers"][0]["id"].clone();
        let again = save(&ann, &draft, json!({ "blockers": [
            { "id": id, "text": "Rig B has no spare supply", "asks": bruno.id, "at_ms": 124_000 }] })).await;
        assert_eq!((&again["blockers"][0]["id"], again["blockers"].as_array().unwrap().len()), (&id, 1));
        assert_eq!(bruno.get("/api/home").await.ok()["owe"].as_array().unwrap().iter()
            .filter(|owed| owed["kind"] == "blocker").count(), 0, "a draft asks nobody");
        ann.post(&path(&draft, "/submit"), json!({})).await.is(200);
        at(&server, "2026-11-26T09:00:00Z");
        let thursday = begin(&ann, &slot(&ann, "2026-11-26").await).await;
        assert_eq!((&thursday["blockers"][0]["id"], &thursday["blockers"][0]["carried"]), (&id, &json!(true)));
        let echo = save(&ann, &thursday, json!({ "headline": "Still", "blockers": [{ "id": id, "text": "Other words" }] })).await;
        assert_eq!(echo["blockers"][0]["text"], "Rig B has no spare supply", "a carried one is only shown");
        ann.post(&path(&thursday, "/submit"), json!({})).await.is(200);
        let resolve = format!("/api/blockers/{}/resolve", id.as_str().unwrap());
        eve.post(&resolve, json!({ "answer": "x" })).await.problem("forbidden");
        server.app.clock.advance(TimeDelta::minutes(1));
        let done = bruno.post(&resolve, json!({ "answer": "Arrives on Friday." })).await.ok();
        assert_eq!((&done["state"], &done["slots_carried"]), (&json!("resolved"), &json!(1)));
        bruno.post(&resolve, json!({ "answer": "Again" })).await.is(200);
        ann.post(&resolve.replace("resolve", "withdraw"), json!({})).await.problem("conflict");
        let extra = ann.post("/api/check-ins", json!({})).await.is(201).json();
        assert_eq!(extra["blockers"], json!([]));
        assert_eq!(ann.get(&path(&thursday, "")).await.ok()["blockers"].as_array().unwrap().len(), 1, "what was said stays said");
        for wrong in [json!([{ "text": "" }]), json!([{ "text": "x", "asks": ann.id }]), json!([{ "text": "x", "at_ms": -5 }])] {
            ann.patch(&path(&extra, ""), json!({ "blockers": wrong, "revision": 1 })).await.problem("invalid");
        }
    }

    async fn two_submissions_at_once_publish_one_check_in(server: Server) {
        let admin = server.admin().await;
        at(&server, "2026-11-24T09:00:00Z");
        let draft = begin(&admin, &slot(&admin, "2026-11-24").await).await;
        save(&admin, &draft, json!({ "headline": "Once" })).await;
        let submit = path(&draft, "/submit");
        let both = tokio::join!(admin.post(&submit, json!({})), admin.post(&submit, json!({})));
        let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let begun = tokio::join!(admin.post("/api/check-ins", json!({})), admin.post("/api/check-ins", json!({})));
        assert_eq!(begun.0.ok()["id"], begun.1.ok()["id"], "one extra draft at a time");
    }

    async fn pages_of_check_ins_stay_in_place_while_others_are_published(server: Server) {
        let admin = server.admin().await;
        at(&server, "2026-11-24T09:00:00Z");
        let mut said = Vec::new();
        for n in 0..5 {
            server.app.clock.advance(TimeDelta::seconds(1));
            let draft = admin.post("/api/check-ins", json!({})).await.is(201).json();
            save(&admin, &draft, json!({ "headline": format!("{n}") })).await;
            admin.post(&path(&draft, "/submit"), json!({})).await.is(200);
            said.push(format!("{n}"));
        }
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("/api/check-ins?author=me&limit=2{after}")).await.ok();
            seen.extend(page["items"].as_array().unwrap().iter().map(|c| c["headline"].as_str().unwrap().to_owned()));
            if seen.len() == 2 {
                submitted(&admin, &slot(&admin, "2026-11-24").await).await;
            }
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        said.reverse();
        assert_eq!(seen, said);
    }
}

mod daylight_saving {
    use serde_json::Value;

    use super::slots;
    use crate::harness::both;

    both! {
        web at "2026-10-20T10:00:00Z";

        async fn a_slot_keeps_its_local_hour_when_the_clocks_change(server: Server) {
            let admin = server.admin().await;
            let due: Vec<Value> = slots(&admin, "").await.iter().map(|slot| slot["due_at"].clone()).collect();
            // Berlin leaves summer time on Sunday 25 October.
            assert_eq!(due, ["2026-10-20T14:00:00Z", "2026-10-22T14:00:00Z", "2026-10-27T15:00:00Z", "2026-10-29T15:00:00Z",
                "2026-11-03T15:00:00Z"]);
        }
    }
}
