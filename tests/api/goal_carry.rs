//! Goals carried over into later periods, and what of the old one goes along.

use serde_json::{Value, json};

use crate::goal::{goal, path};
use crate::harness::both;
use crate::recorded::recording;

both! {
    at "2026-11-29T10:00:00Z";

    async fn an_unfinished_goal_ends_and_goes_on_in_one_step(server: Server) {
        let admin = server.admin().await;
        let leena = server.member("Leena").await;
        server.reports_to(&leena, &admin).await;
        let old = goal(&leena, json!({ "title": "64 boards", "metrics": [{ "name": "Boards", "target": 64 }] })).await;
        let points = format!("/api/metrics/{}/points", old["metrics"][0]["id"].as_str().unwrap());
        leena.post(&points, json!({ "value": 16 })).await.is(201);
        server.app.clock.advance(chrono::TimeDelta::minutes(1));
        leena.post(&points, json!({ "value": 48 })).await.is(201);
        leena.post(&path(&old, "/links"), json!({ "url": "https://x.zendesk.com/t/1", "title": "Ticket" })).await.is(201);
        let clip = recording(&server, &leena, "Boards arrive").await;
        leena.put(&path(&old, &format!("/clips/{clip}")), json!({})).await.is(204);
        server.app.clock.advance(chrono::TimeDelta::minutes(5));

        let carrying = json!({ "outcome": "partly", "note": "Two ovens were late.", "revision": 1 });
        let new = leena.post(&path(&old, "/carry"), carrying.clone()).await.is(201).json();
        assert_eq!((&new["title"], &new["period"]["label"]), (&json!("64 boards"), &json!("December 2026")));
        assert_eq!((&new["carried_from"], &new["reviewer"]["name"]), (&old["id"], &json!("Ada Byron")));
        assert_eq!((&new["metrics"][0]["value"], &new["progress"]), (&json!(48.0), &json!(0.75)), "progress goes on");
        assert_eq!((&new["links"][0]["kind"], &new["status"]), (&json!("zendesk"), &Value::Null));
        let ended = admin.get(&path(&old, "")).await.ok();
        assert_eq!((&ended["state"], &ended["outcome"]), (&json!("closed"), &json!("partly")));
        assert_eq!(ended["closing_note"], "Two ovens were late.");
        let names = |of: &Value| {
            of["chain"].as_array().unwrap().iter().map(|step| step["period"]["label"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((names(&new), names(&ended)), (vec!["November 2026".into(), "December 2026".into()], names(&new)));

        // Its history goes along: clips and values of the old one are read from the new one.
        let timeline = admin.get(&path(&new, "/timeline")).await.ok();
        assert_eq!((&timeline["items"][0]["title"], &timeline["items"][0]["goal"]), (&json!("Boards arrive"), &old["id"]));
        assert_eq!(timeline["items"][0]["metrics"][0]["value"], 48.0, "what stood when the clip was attached");
        let here = format!("/api/metrics/{}/points", new["metrics"][0]["id"].as_str().unwrap());
        let values = |of: Value| of["items"].as_array().unwrap().iter().map(|p| p["value"].as_f64().unwrap()).collect::<Vec<_>>();
        assert_eq!(values(admin.get(&here).await.ok()), [48.0]);
        assert_eq!(values(admin.get(&format!("{here}?history=true")).await.ok()), [48.0, 48.0, 16.0]);

        let again = json!({ "revision": ended["revision"] });
        assert_eq!(leena.post(&path(&old, "/carry"), again).await.problem("goal_carried")["goal"], new["id"]);
    }

    async fn carrying_over_needs_an_outcome_that_is_not_achieved_a_note_and_a_later_period(server: Server) {
        let admin = server.admin().await;
        let old = goal(&admin, json!({})).await;
        let carry = path(&old, "/carry");
        admin.post(&carry, json!({ "revision": 1 })).await.problem("outcome_needed");
        admin.post(&carry, json!({ "outcome": "missed", "revision": 1 })).await.problem("outcome_needed");
        admin.post(&carry, json!({ "outcome": "achieved", "note": "x", "revision": 1 })).await.problem("invalid");
        let same = json!({ "outcome": "missed", "note": "x", "period_start": "2026-11-02", "revision": 1 });
        assert!(admin.post(&carry, same).await.problem("invalid")["fields"]["period_start"].is_string());
        let stale = json!({ "outcome": "missed", "note": "x", "revision": 7 });
        assert_eq!(admin.post(&carry, stale).await.problem("stale")["current"]["revision"], 1);
        let other = server.member("Omar").await;
        other.post(&carry, json!({ "outcome": "missed", "note": "x", "revision": 1 })).await.problem("forbidden");
        assert_eq!(admin.get(&path(&old, "")).await.ok()["state"], "active", "a refusal leaves it as it was");
        let done = goal(&admin, json!({})).await;
        admin.post(&path(&done, "/close"), json!({ "outcome": "achieved", "note": "Yes.", "revision": 1 })).await.is(200);
        admin.post(&path(&done, "/carry"), json!({ "revision": 2 })).await.problem("invalid");
        let dropped = goal(&admin, json!({})).await;
        admin.post(&path(&dropped, "/cancel"), json!({ "note": "No." })).await.is(200);
        admin.post(&path(&dropped, "/carry"), json!({ "revision": 2 })).await.problem("goal_closed");
    }

    async fn one_closed_before_is_carried_over_later_and_stands_under_what_its_parent_goes_on_in(server: Server) {
        let admin = server.admin().await;
        let month = goal(&admin, json!({ "scope": "division" })).await;
        let week = goal(&admin, json!({ "period_kind": "week", "period_start": "2026-11-24", "parent": month["id"] })).await;
        admin.post(&path(&week, "/close"), json!({ "outcome": "missed", "note": "Ill.", "revision": 1 })).await.is(200);
        // The week after is December's: it does not fit under November until November goes on in December.
        let carried = json!({ "outcome": "partly", "note": "Half.", "revision": 1 });
        let december = admin.post(&path(&month, "/carry"), carried).await.is(201).json();
        let next = admin.post(&path(&week, "/carry"), json!({ "revision": 2, "title": "Again" })).await.is(201).json();
        assert_eq!((&next["period"]["label"], &next["title"]), (&json!("Week 49"), &json!("Again")));
        assert_eq!(next["parent"]["id"], december["id"]);
        assert_eq!(admin.get(&path(&week, "")).await.ok()["outcome"], "missed", "how it ended is not written again");
        // Cancelled, it no longer counts as going on: the old one may be carried over again.
        admin.post(&path(&next, "/cancel"), json!({ "note": "Wrong week." })).await.is(200);
        let third = json!({ "revision": 2, "period_kind": "month", "period_start": "2027-01-05", "parent": null });
        assert_eq!(admin.post(&path(&week, "/carry"), third).await.is(201).json()["period"]["label"], "January 2027");
    }
}
