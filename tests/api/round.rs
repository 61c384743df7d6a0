//! Rounds: what a manager's reports or a unit said on a day, in order, and where somebody left it.

use chrono::TimeDelta;
use serde_json::{Value, json};
use twotake::checkin::tick::tick;

use crate::checkin::{at, away, begin, path, save, slot};
use crate::harness::{Client, Server, both};
use crate::recorded::recording;

/// A check-in of the day, a minute after the one before, with a video or without.
async fn said(server: &Server, person: &Client, day: &str, video: bool) -> Value {
    server.app.clock.advance(TimeDelta::minutes(1));
    let draft = begin(person, &slot(person, day).await).await;
    let mut change = json!({ "headline": format!("{} says", person.name) });
    if video {
        change["recording"] = json!(recording(server, person, "An update").await);
    }
    save(person, &draft, change).await;
    person.post(&path(&draft, "/submit"), json!({})).await.ok()
}

fn headlines(round: &Value) -> Vec<&str> {
    round["items"].as_array().unwrap().iter().map(|item| item["headline"].as_str().unwrap()).collect()
}

async fn unit(admin: &Client, name: &str, kind: &str, parent: Value) -> Value {
    admin.post("/api/units", json!({ "name": name, "kind": kind, "parent": parent })).await.is(201).json()
}

async fn joins(admin: &Client, unit: &Value, person: &Client) {
    let unit = unit["id"].as_str().unwrap();
    admin.put(&format!("/api/units/{unit}/members/{}", person.id), json!({})).await.is(204);
}

both! {
    web at "2026-11-22T10:00:00Z";

    async fn a_managers_round_holds_what_the_reports_said_in_order_with_its_length(server: Server) {
        let admin = server.admin().await;
        let (ann, ben, cy, dot) =
            (server.member("Ann").await, server.member("Ben").await, server.member("Cy").await, server.member("Dot").await);
        for person in [&ann, &ben, &cy] {
            server.reports_to(person, &admin).await;
        }
        away(&server, &cy, "2026-11-24", "2026-11-24").await;
        at(&server, "2026-11-24T09:00:00Z");
        tick(&server.app).await.unwrap();
        said(&server, &ben, "2026-11-24", true).await;
        said(&server, &dot, "2026-11-24", true).await;
        said(&server, &ann, "2026-11-24", false).await;
        let round = admin.get("/api/rounds").await.ok();
        assert_eq!((&round["date"], &round["circle"]["kind"], &round["circle"]["name"]),
            (&json!("2026-11-24"), &json!("manager"), &json!("Ada Byron")));
        assert_eq!(headlines(&round), ["Ben says", "Ann says"]);
        assert_eq!((&round["total_ms"], &round["items"][1]["recording"]), (&json!(161_200), &Value::Null));
        assert_eq!(round["silent"], json!([{ "person": round["silent"][0]["person"], "state": "excused" }]));
        assert_eq!(round["silent"][0]["person"]["name"], "Cy");
        assert_eq!((&round["place"], &round["speed"]), (&Value::Null, &json!(1.0)));
        assert_eq!(headlines(&ann.get("/api/rounds").await.ok()), ["Ben says", "Ann says"], "a report sees the colleagues'");
        assert_eq!(headlines(&dot.get("/api/rounds").await.ok()).len(), 3, "who has neither sees everybody's");
        let others = ann.get(&format!("/api/rounds?manager={}&date=2026-11-24", admin.id)).await.ok();
        assert_eq!(headlines(&others).len(), 2, "every member reads every check-in");
        assert_eq!(headlines(&ann.get("/api/rounds?manager=me").await.ok()).len(), 0);
        let guest = server.guest("Gil").await;
        guest.get("/api/rounds").await.problem("forbidden");
        server.stranger().get("/api/rounds").await.problem("unauthenticated");
        ann.get("/api/rounds?manager=nobody").await.problem("invalid");
        ann.get("/api/rounds?unit=00000000-0000-0000-0000-000000000000").await.problem("not_found");
    }

    async fn a_units_round_holds_the_units_under_it_and_leads_to_the_days_before_and_after(server: Server) {
        let admin = server.admin().await;
        let (ann, ben) = (server.member("Ann").await, server.member("Ben").await);
        let units = admin.get("/api/units").await.ok();
        let company = units["items"][0].clone();
        let product = unit(&admin, "Product", "division", company["id"].clone()).await;
        let firmware = unit(&admin, "Firmware", "team", product["id"].clone()).await;
        joins(&admin, &firmware, &ann).await;
        joins(&admin, &product, &ben).await;
        for day in ["2026-11-24", "2026-11-26", "2026-12-01"] {
            at(&server, &format!("{day}T09:00:00Z"));
            said(&server, &ann, day, true).await;
            said(&server, &admin, day, false).await;
            if day != "2026-11-26" {
                said(&server, &ben, day, true).await;
            }
        }
        let of = |unit: &Value, more: &str| format!("/api/rounds?unit={}{more}", unit["id"].as_str().unwrap());
        let latest = ben.get(&of(&product, "")).await.ok();
        assert_eq!((&latest["date"], headlines(&latest)), (&json!("2026-12-01"), vec!["Ann says", "Ben says"]));
        assert_eq!((&latest["before"], &latest["after"]), (&json!("2026-11-26"), &Value::Null));
        let middle = ben.get(&of(&product, "&date=2026-11-26")).await.ok();
        assert_eq!(headlines(&middle), ["Ann says"]);
        assert_eq!((&middle["before"], &middle["after"]), (&json!("2026-11-24"), &json!("2026-12-01")));
        assert_eq!(middle["silent"][0]["person"]["name"], "Ben");
        assert_eq!(headlines(&ben.get(&of(&firmware, "")).await.ok()), ["Ann says"]);
        let everybody = ben.get(&of(&company, "")).await.ok();
        assert_eq!((&everybody["circle"]["kind"], headlines(&everybody).len()), (&json!("company"), 3));
        let empty = ben.get(&of(&product, "&date=2026-11-25")).await.ok();
        assert_eq!((&empty["items"], &empty["total_ms"]), (&json!([]), &json!(0)));
    }

    async fn where_one_left_is_kept_for_every_screen_of_that_person_with_the_speed(server: Server) {
        let admin = server.admin().await;
        let (ann, ben) = (server.member("Ann").await, server.member("Ben").await);
        for person in [&ann, &ben] {
            server.reports_to(person, &admin).await;
        }
        at(&server, "2026-11-24T09:00:00Z");
        said(&server, &ann, "2026-11-24", true).await;
        let second = said(&server, &ben, "2026-11-24", true).await;
        let place = "/api/rounds/place?manager=me&date=2026-11-24";
        let at_ms = |ms: i64| json!({ "check_in": second["id"], "at_ms": ms, "speed": 1.5 });
        admin.put(place, at_ms(41_000)).await.is(204);
        admin.put(place, at_ms(72_500)).await.is(204);
        let elsewhere = server.browser_of(&admin).await;
        let round = elsewhere.get("/api/rounds?manager=me&date=2026-11-24").await.ok();
        assert_eq!((&round["place"]["check_in"], &round["place"]["at_ms"], &round["place"]["finished"], &round["speed"]),
            (&second["id"], &json!(72_500), &json!(false), &json!(1.5)));
        let other = elsewhere.get("/api/rounds?manager=me&date=2026-11-26").await.ok();
        assert_eq!((&other["place"], &other["speed"]), (&Value::Null, &json!(1.5)), "the speed goes with the person");
        assert_eq!(ann.get(&format!("/api/rounds?manager={}", admin.id)).await.ok()["place"], Value::Null, "a place is one's own");
        let done = json!({ "check_in": second["id"], "at_ms": 0, "speed": 2, "finished": true });
        elsewhere.put(place, done).await.is(204);
        assert_eq!(admin.get("/api/rounds").await.ok()["place"]["finished"], true);
        for (wrong, field) in [(json!({ "check_in": second["id"], "at_ms": -1, "speed": 1 }), "at_ms"),
            (json!({ "check_in": second["id"], "at_ms": 0, "speed": 9 }), "speed"),
            (json!({ "check_in": admin.id, "at_ms": 0, "speed": 1 }), "check_in")]
        {
            let told = admin.put(place, wrong).await.problem("invalid");
            assert!(told["fields"][field].is_string(), "{told}");
        }
        admin.put("/api/rounds/place?manager=me&date=2026-11-26", at_ms(0)).await.problem("invalid");
        admin.put("/api/rounds/place?manager=me", at_ms(0)).await.problem("invalid");
    }
}
