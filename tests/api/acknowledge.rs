//! Acknowledgements from outside: who is asked, who is missing, the one reminder, who came later, and what counts as having
//! looked.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use twotake::channel::tick;

use crate::harness::{Client, both};
use crate::recorded::recording;

async fn rota(client: &Client, more: Value) -> Value {
    let mut new = json!({ "title": "Rota", "acknowledge_by": "2026-11-27T10:00:00Z" });
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.post("/api/channels/announcements/posts", new).await.is(201).json()
}

fn path(post: &Value, rest: &str) -> String {
    format!("/api/posts/{}{rest}", post["id"].as_str().unwrap())
}

async fn names(client: &Client, post: &Value, who: &str) -> Vec<String> {
    let list = client.get(&path(post, &format!("/receipts?who={who}"))).await.ok();
    list["items"].as_array().unwrap().iter().map(|one| one["person"]["name"].as_str().unwrap().to_owned()).collect()
}

async fn reminded(client: &Client, post: &Value) -> Vec<(String, String)> {
    let list = client.get(&path(post, "/receipts")).await.ok();
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["reminded_at"].is_string())
        .map(|one| {
            (one["person"]["name"].as_str().unwrap().to_owned(), one["reminded_at"].as_str().unwrap().to_owned())
        })
        .collect()
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn its_author_leads_and_administrators_see_who_is_missing(server: Server) {
        let admin = server.admin().await;
        let (omar, sofia) = (server.member("Omar").await, server.member("Sofia").await);
        let made = rota(&admin, json!({})).await;
        assert_eq!(names(&admin, &made, "missing").await, ["Omar", "Sofia"]);
        omar.post(&path(&made, "/acknowledge"), json!({})).await.is(200);
        assert_eq!((names(&admin, &made, "missing").await, names(&admin, &made, "done").await),
            (vec!["Sofia".to_owned()], vec!["Omar".to_owned()]));
        omar.get(&path(&made, "/receipts?who=missing")).await.problem("forbidden");
        assert_eq!(omar.get(&path(&made, "")).await.ok()["may_oversee"], false);
        let units = admin.get("/api/units").await.ok();
        let company = units["items"].as_array().unwrap().iter().find(|unit| unit["kind"] == "company").unwrap().clone();
        let lead = json!({ "lead": sofia.id, "revision": company["revision"] });
        admin.patch(&format!("/api/units/{}", company["id"].as_str().unwrap()), lead).await.is(200);
        assert_eq!(names(&sofia, &made, "missing").await, ["Sofia"]);
        assert_eq!(sofia.get(&path(&made, "")).await.ok()["may_oversee"], true);
        admin.get(&path(&made, "/receipts?who=nobody")).await.is(400);
    }

    async fn whoever_came_later_is_listed_apart_and_not_counted(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let made = rota(&admin, json!({})).await;
        let late = server.member("Late").await;
        assert_eq!(names(&admin, &made, "late").await, ["Late"]);
        let done = late.post(&path(&made, "/acknowledge"), json!({})).await.ok();
        assert_eq!(done["acknowledgement"], json!({ "asked": 1, "done": 0, "mine": "done" }));
        assert_eq!(names(&admin, &made, "late").await, ["Late"]);
        assert_eq!(names(&admin, &made, "done").await, Vec::<String>::new());
        assert_eq!(names(&admin, &made, "missing").await, ["Omar"]);
        assert_eq!(late.get("/api/home").await.ok()["owe"], json!([]), "what nobody asked is not owed");
        admin.post(&path(&made, "/acknowledge"), json!({})).await.problem("forbidden");
        let plain = omar.post("/api/channels/general/posts", json!({ "title": "x" })).await.is(201).json();
        late.post(&path(&plain, "/acknowledge"), json!({})).await.problem("forbidden");
    }

    async fn a_division_asks_its_own_people_and_what_is_inside_it(server: Server) {
        let admin = server.admin().await;
        let (omar, sofia, tomasz) = (server.member("Omar").await, server.member("Sofia").await, server.member("Tomasz").await);
        let field = admin.post("/api/units", json!({ "kind": "division", "name": "Field", "lead": omar.id })).await.is(201).json();
        let vans = admin.post("/api/units", json!({ "kind": "team", "name": "Vans", "parent": field["id"] })).await.is(201).json();
        admin.put(&format!("/api/units/{}/members/{}", vans["id"].as_str().unwrap(), sofia.id), json!({})).await.is(204);
        let new = json!({ "title": "Vans", "acknowledge_by": "2026-11-27T10:00:00Z" });
        let made = admin.post("/api/channels/field-announcements/posts", new).await.is(201).json();
        assert_eq!(names(&admin, &made, "missing").await, ["Omar", "Sofia"]);
        assert_eq!(tomasz.get(&path(&made, "")).await.ok()["acknowledgement"]["mine"], "none");
        tomasz.post(&path(&made, "/acknowledge"), json!({})).await.problem("forbidden");
    }

    async fn there_is_one_reminder_shortly_before_it_is_due(server: Server) {
        let admin = server.admin().await;
        let (omar, _) = (server.member("Omar").await, server.member("Sofia").await);
        let made = rota(&admin, json!({})).await;
        omar.post(&path(&made, "/acknowledge"), json!({})).await.is(200);
        let step = async |hours: i64| {
            server.app.clock.advance(TimeDelta::hours(hours));
            tick(&server.app).await.unwrap();
            reminded(&admin, &made).await
        };
        assert!(step(95).await.is_empty());
        let once = [("Sofia".to_owned(), "2026-11-26T10:00:00Z".to_owned())];
        assert_eq!(step(1).await, once, "a day ahead");
        assert_eq!(admin.get(&path(&made, "")).await.ok()["reminded_at"], "2026-11-26T10:00:00Z");
        let later = json!({ "acknowledge_by": "2026-12-05T10:00:00Z", "revision": 1 });
        admin.patch(&path(&made, ""), later).await.is(200);
        assert_eq!(step(14 * 24).await, once, "another due time gives no second one");
        let trail = admin.get("/api/audit?limit=100").await.ok();
        let events: Vec<_> = trail["items"].as_array().unwrap().iter().filter(|one| one["action"] == "post.reminded").collect();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["detail"]["people"], 1);
    }

    async fn a_due_time_that_moves_moves_the_reminder_and_a_retracted_post_gives_none(server: Server) {
        let admin = server.admin().await;
        server.member("Omar").await;
        let (moved, gone) = (rota(&admin, json!({})).await, rota(&admin, json!({})).await);
        admin.patch(&path(&moved, ""), json!({ "acknowledge_by": "2026-12-05T10:00:00Z", "revision": 1 })).await.is(200);
        admin.patch(&path(&moved, ""), json!({ "acknowledge_by": null, "revision": 2 })).await.problem("invalid");
        admin.delete(&path(&gone, "")).await.is(204);
        server.app.clock.advance(TimeDelta::days(6));
        tick(&server.app).await.unwrap();
        assert!(reminded(&admin, &moved).await.is_empty() && reminded(&admin, &gone).await.is_empty());
        server.app.clock.advance(TimeDelta::days(6));
        tick(&server.app).await.unwrap();
        assert_eq!(reminded(&admin, &moved).await, [("Omar".to_owned(), "2026-12-04T10:00:00Z".to_owned())]);
    }

    async fn opened_watched_and_acknowledged_are_three_facts_and_robots_make_none(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let video = recording(&server, &admin, "Rota").await;
        let made = rota(&admin, json!({ "recording": video })).await;
        let facts = async || {
            let one = admin.get(&path(&made, "/receipts")).await.ok()["items"][0].clone();
            (one["opened_at"].is_string(), one["watched_ms"].as_i64().unwrap(), one["acknowledged_at"].is_string())
        };
        let (opened, views) = (path(&made, "/opened"), format!("/api/recordings/{video}/views"));
        let watched = json!({ "position_ms": 9000, "ranges": [[0, 9000]] });
        omar.get(&path(&made, "")).await.is(200);
        omar.head(&path(&made, "")).await;
        omar.get("/api/channels/announcements/posts").await.is(200);
        omar.get(&format!("/posts/{}", made["id"].as_str().unwrap())).await;
        for (name, value) in [("user-agent", "Slackbot-LinkExpanding 1.0"), ("sec-purpose", "prefetch"), ("purpose", "prefetch")] {
            omar.send(omar.request(Method::POST, &opened).header(name, value).json(&json!({}))).await.is(204);
            omar.send(omar.request(Method::POST, &views).header(name, value).json(&watched)).await.is(204);
        }
        assert_eq!(facts().await, (false, 0, false));
        omar.post(&views, watched).await.is(204);
        assert_eq!(facts().await, (false, 9000, false));
        omar.post(&opened, json!({})).await.is(204);
        assert_eq!(facts().await, (true, 9000, false));
        omar.post(&path(&made, "/acknowledge"), json!({})).await.is(200);
        assert_eq!(facts().await, (true, 9000, true));
        admin.post(&opened, json!({})).await.is(204);
        assert_eq!(admin.get(&path(&made, "")).await.ok()["opened_by"], 1, "its author is no reader");
    }
}
