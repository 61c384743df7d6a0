//! Goals as trees and lists: by period in three zones, across fiscal years and week 53; by scope, unit and person; and that
//! none can be hidden.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use twotake::id::PersonId;

use crate::goal::{fiscal_year_starts_in, goal, path};
use crate::harness::{Client, Server, both};
use crate::recorded::recording;

fn at(server: &Server, instant: &str) {
    let wanted: DateTime<Utc> = instant.parse().unwrap();
    server.app.clock.advance(wanted - server.app.clock.now());
}

async fn zone(server: &Server, client: &Client, zone: &str) {
    const SQL: &str = "update person set time_zone = $2 where id = $1";
    let id: PersonId = client.id.parse().unwrap();
    let mut tx = server.app.db.begin().await.unwrap();
    twotake::on_tx!(&mut tx, |c| sqlx::query(SQL).bind(id).bind(zone).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(&format!("/api/goals?{query}")).await.ok();
    let mut titles: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|goal| goal["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

async fn named(client: &Client, title: &str, kind: &str, day: &str, more: Value) -> Value {
    let mut body = json!({ "title": title, "period_kind": kind, "period_start": day });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    goal(client, body).await
}

async fn unit(client: &Client, name: &str, kind: &str, parent: Value) -> Value {
    client.post("/api/units", json!({ "name": name, "kind": kind, "parent": parent })).await.is(201).json()
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn the_current_period_is_that_of_each_readers_zone(server: Server) {
        let admin = server.admin().await;
        let (kiritimati, lisbon, honolulu) =
            (server.member("Kiri").await, server.member("Lis").await, server.member("Hono").await);
        zone(&server, &kiritimati, "Pacific/Kiritimati").await; // +14
        zone(&server, &lisbon, "Europe/Lisbon").await; // 0, with daylight saving
        zone(&server, &honolulu, "Pacific/Honolulu").await; // -10
        named(&admin, "november", "month", "2026-11-01", json!({})).await;
        named(&admin, "december", "month", "2026-12-01", json!({})).await;
        at(&server, "2026-11-30T12:00:00Z");
        assert_eq!(titles(&kiritimati, "within=month").await, ["december"], "already the first there");
        assert_eq!(titles(&lisbon, "within=month").await, ["november"]);
        at(&server, "2026-12-01T09:00:00Z");
        assert_eq!(titles(&lisbon, "within=month").await, ["december"]);
        assert_eq!(titles(&honolulu, "within=month").await, ["november"], "still the thirtieth there");
        assert_eq!(titles(&honolulu, "within=month&period=2026-12-31").await, ["december"], "a day asked for is a day");
    }

    async fn a_day_of_23_or_25_hours_starts_a_week_at_its_own_midnight(server: Server) {
        let admin = server.admin().await;
        let lisbon = server.member("Lis").await;
        zone(&server, &lisbon, "Europe/Lisbon").await;
        named(&admin, "thirteenth", "week", "2027-03-28", json!({})).await;
        named(&admin, "fourteenth", "week", "2027-03-29", json!({})).await;
        // Clocks went forward on Sunday 28 March 2027: Monday begins at 23:00 UTC.
        at(&server, "2027-03-28T22:59:59Z");
        assert_eq!(titles(&lisbon, "within=week").await, ["thirteenth"]);
        at(&server, "2027-03-28T23:00:00Z");
        assert_eq!(titles(&lisbon, "within=week").await, ["fourteenth"]);
        named(&admin, "forty-fourth", "week", "2027-11-01", json!({})).await;
        // And back on Sunday 31 October: Monday begins at 00:00 UTC again.
        at(&server, "2027-10-31T23:30:00Z");
        assert_eq!(titles(&lisbon, "within=week").await, [""; 0]);
        at(&server, "2027-11-01T00:00:00Z");
        assert_eq!(titles(&lisbon, "within=week").await, ["forty-fourth"]);
    }

    async fn a_window_takes_whole_periods_and_a_week_where_its_thursday_is(server: Server) {
        let admin = server.admin().await;
        fiscal_year_starts_in(&server, 4).await;
        named(&admin, "year", "year", "2026-12-01", json!({})).await;
        named(&admin, "q3", "quarter", "2026-12-01", json!({})).await;
        named(&admin, "q4", "quarter", "2027-01-01", json!({})).await;
        named(&admin, "december", "month", "2026-12-01", json!({})).await;
        named(&admin, "week 53", "week", "2027-01-02", json!({})).await;
        named(&admin, "week 1", "week", "2027-01-04", json!({})).await;
        named(&admin, "week 13", "week", "2027-03-31", json!({})).await; // 29 March to 4 April, Thursday 1 April
        assert_eq!(titles(&admin, "within=month&period=2026-12-31").await, ["december", "week 53"]);
        assert_eq!(titles(&admin, "within=month&period=2027-01-01").await, ["week 1"]);
        assert_eq!(titles(&admin, "within=quarter&period=2026-12-31").await, ["december", "q3", "week 53"]);
        assert_eq!(titles(&admin, "within=quarter&period=2027-03-31").await, ["q4", "week 1"]);
        assert_eq!(titles(&admin, "within=year&period=2027-03-31").await, ["december", "q3", "q4", "week 1", "week 53", "year"]);
        assert_eq!(titles(&admin, "within=year&period=2027-04-01").await, ["week 13"], "of the fiscal year of its Thursday");
        assert_eq!(titles(&admin, "within=week&period=2027-01-03").await, ["week 53"]);
        assert_eq!(titles(&admin, "period_kind=week&period=2027-01-03").await, ["week 53"]);
    }

    async fn a_tree_begins_where_the_parent_is_left_out_and_opens_level_by_level(server: Server) {
        let admin = server.admin().await;
        let leena = server.member("Leena").await;
        let product = unit(&admin, "Product", "division", Value::Null).await;
        let probes = unit(&admin, "Probes", "team", product["id"].clone()).await;
        let year = named(&admin, "year", "year", "2026-11-01", json!({ "scope": "company" })).await;
        let quarter = named(&admin, "quarter", "quarter", "2026-11-01", json!({ "scope": "company", "parent": year["id"] })).await;
        let month = named(&admin, "month", "month", "2026-11-01",
            json!({ "scope": "division", "parent": quarter["id"], "unit": product["id"] })).await;
        named(&leena, "week", "week", "2026-11-18", json!({ "parent": month["id"], "unit": probes["id"] })).await;
        named(&leena, "stray", "week", "2026-11-18", json!({})).await;
        let query = "within=quarter&period=2026-11-18";
        assert_eq!(titles(&admin, &format!("{query}&tops=true")).await, ["quarter", "stray"]);
        assert_eq!(titles(&admin, "within=year&period=2026-11-18&tops=true").await, ["stray", "year"]);
        let ids = format!("{},{}", quarter["id"].as_str().unwrap(), month["id"].as_str().unwrap());
        assert_eq!(titles(&admin, &format!("parent={ids}")).await, ["month", "week"]);
        assert_eq!(titles(&admin, &format!("{query}&tops=true&owner={}", leena.id)).await, ["stray", "week"]);
        let in_product = format!("{query}&unit={}", product["id"].as_str().unwrap());
        assert_eq!(titles(&admin, &in_product).await, ["month", "week"], "a unit with those under it");
        assert_eq!(titles(&admin, &format!("{in_product}&tops=true")).await, ["month"]);
        assert_eq!(titles(&admin, &format!("{query}&tops=true&scope=individual")).await, ["stray", "week"]);
        assert_eq!(titles(&admin, &format!("{query}&tops=true&unit={}", admin.id)).await, [""; 0], "no such unit");
        assert_eq!(titles(&admin, &format!("{query}&look=true")).await, [""; 0]);
        admin.get("/api/goals?parent=one,two").await.problem("invalid");
        admin.get("/api/goals?within=fortnight").await.is(400);
    }

    async fn no_goal_can_be_hidden_from_a_member_and_a_guest_sees_none(server: Server) {
        let admin = server.admin().await;
        let (owner, peer) = (server.member("Owner").await, server.member("Peer").await);
        let apart = unit(&admin, "Apart", "division", Value::Null).await;
        // Whatever is sent along, whatever its state, scope, unit or owner.
        let secret = json!({ "unit": apart["id"], "visibility": "private", "hidden": true, "private": true, "audience": "selected",
            "metrics": [{ "name": "Boards", "target": 64 }] });
        let mut all = Vec::new();
        for (state, scope) in [("draft", "individual"), ("active", "manager"), ("active", "division"), ("active", "company")] {
            let mut body = secret.clone();
            body["state"] = json!(state);
            body["scope"] = json!(scope);
            body["title"] = json!(format!("{state} {scope}"));
            all.push(goal(&owner, body).await);
        }
        let clip = recording(&server, &owner, "Said").await;
        owner.put(&path(&all[1], &format!("/clips/{clip}")), json!({})).await.is(204);
        owner.patch(&path(&all[1], ""), json!({ "private": true, "visibility": "me", "revision": 1 })).await.is(200);
        owner.post(&path(&all[2], "/close"), json!({ "outcome": "missed", "note": "No.", "private": true, "revision": 1 })).await.is(200);
        owner.post(&path(&all[3], "/cancel"), json!({ "note": "No." })).await.is(200);
        let guest = server.guest("Gil").await;
        for goal in &all {
            let metric = goal["metrics"][0]["id"].as_str().unwrap();
            let routes = [path(goal, ""), path(goal, "/timeline"), path(goal, "/comments"), format!("/api/metrics/{metric}/points")];
            for route in &routes {
                let said = owner.get(route).await.ok();
                for member in [&peer, &admin] {
                    assert_eq!(member.get(route).await.ok(), said, "{} reads {route} as its owner does", member.name);
                }
                let refused = guest.get(route).await;
                assert!(matches!(refused.status.as_u16(), 403 | 404), "a guest at {route}: {}", refused.status);
                assert!(!refused.text().contains(goal["title"].as_str().unwrap()), "{}", refused.text());
                server.stranger().get(route).await.problem("unauthenticated");
            }
        }
        let listed = titles(&peer, "limit=100").await;
        assert_eq!(listed, ["active division", "active manager", "draft individual"]);
        assert_eq!(titles(&peer, "state=cancelled").await, ["active company"]);
        for query in ["", "?within=month", "?owner=me", "?state=cancelled"] {
            guest.get(&format!("/api/goals{query}")).await.problem("forbidden");
        }
        // Whoever has left takes no goal along.
        let left: PersonId = owner.id.parse().unwrap();
        const SQL: &str = "update person set state = 'left' where id = $1";
        let mut tx = server.app.db.begin().await.unwrap();
        twotake::on_tx!(&mut tx, |c| sqlx::query(SQL).bind(left).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(titles(&peer, "limit=100").await, listed);
        // The description of the interface knows no field by which one could.
        let document = server.stranger().get("/api/openapi.json").await.text();
        let schemas = serde_json::from_str::<Value>(&document).unwrap()["components"]["schemas"].clone();
        for shape in ["Goal", "NewGoal", "GoalChange", "Carrying", "Closing"] {
            let fields: Vec<_> = schemas[shape]["properties"].as_object().unwrap().keys().cloned().collect();
            for word in ["visib", "private", "hidden", "audience", "secret"] {
                assert!(fields.iter().all(|field| !field.contains(word)), "{shape}: {fields:?}");
            }
        }
    }
}
