//! Posts from outside before and after publication: drafts, the hour they are published at, corrections, what stays of a
//! retracted one, pins.

use chrono::TimeDelta;
use serde_json::{Value, json};
use twotake::channel::tick;

use crate::harness::{Client, Server, both};
use crate::recorded::recording;

async fn post(client: &Client, channel: &str, body: Value) -> Value {
    client.post(&format!("/api/channels/{channel}/posts"), body).await.is(201).json()
}

fn path(post: &Value, rest: &str) -> String {
    format!("/api/posts/{}{rest}", post["id"].as_str().unwrap())
}

fn titles(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

async fn listed(client: &Client, channel: &str) -> Vec<String> {
    titles(&client.get(&format!("/api/channels/{channel}/posts")).await.ok())
}

async fn pass(server: &Server, minutes: i64) {
    server.app.clock.advance(TimeDelta::minutes(minutes));
    tick(&server.app).await.unwrap();
}

/// What the trail says of posts, sorted: events of one instant have no order.
async fn trail(admin: &Client) -> Vec<String> {
    let all = admin.get("/api/audit?limit=100").await.ok();
    let mut actions: Vec<String> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["subject_kind"] == "post")
        .map(|one| one["action"].as_str().unwrap().to_owned())
        .collect();
    actions.sort();
    actions
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn a_draft_is_its_authors_alone_until_it_is_published(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let draft = post(&omar, "general", json!({ "state": "draft", "body": "Half a thought" })).await;
        assert_eq!((&draft["state"], &draft["title"], &draft["published_at"]), (&json!("draft"), &json!(""), &Value::Null));
        admin.get(&path(&draft, "")).await.problem("not_found");
        admin.patch(&path(&draft, ""), json!({ "pinned_until": "2026-11-25T10:00:00Z", "revision": 1 })).await.problem("not_found");
        assert_eq!(listed(&omar, "general").await, Vec::<String>::new());
        assert_eq!(admin.get("/api/channels/general").await.ok()["unread"], 0);
        assert_eq!(omar.get("/api/channels/general/drafts").await.ok()["items"][0]["body"], "Half a thought");
        assert_eq!(admin.get("/api/channels/general/drafts").await.ok()["items"], json!([]));
        omar.post(&path(&draft, "/opened"), json!({})).await.problem("gone");
        omar.get(&path(&draft, "/comments")).await.problem("not_found");
        omar.post(&path(&draft, "/retract"), json!({})).await.problem("conflict");
        omar.patch(&path(&draft, ""), json!({ "state": "published", "revision": 1 })).await.problem("invalid");
        omar.patch(&path(&draft, ""), json!({ "title": "Whole", "revision": 1 })).await.is(200);
        let published = omar.patch(&path(&draft, ""), json!({ "state": "published", "revision": 2 })).await.ok();
        assert_eq!((&published["state"], &published["edited_at"]), (&json!("published"), &Value::Null));
        assert_eq!(listed(&admin, "general").await, ["Whole"]);
        let other = post(&omar, "general", json!({ "state": "draft", "title": "Nothing" })).await;
        omar.delete(&path(&other, "")).await.is(204);
        omar.get(&path(&other, "")).await.problem("not_found");
        assert_eq!(trail(&admin).await,
            ["post.discarded", "post.drafted", "post.drafted", "post.drafted", "post.published"]);
    }

    async fn a_scheduled_post_is_published_in_its_hour_and_freezes_who_is_there_then(server: Server) {
        let admin = server.admin().await;
        server.member("Omar").await;
        let new = json!({ "title": "Rota", "state": "scheduled", "acknowledge_by": "2026-11-27T15:00:00Z",
            "schedule": { "local": "2026-11-23T09:00", "zone": "Europe/Berlin" } });
        let made = post(&admin, "announcements", new).await;
        assert_eq!((&made["publish_at"], &made["publish_zone"]), (&json!("2026-11-23T08:00:00Z"), &json!("Europe/Berlin")));
        assert_eq!(made["acknowledgement"]["asked"], 0);
        let sofia = server.member("Sofia").await;
        pass(&server, 21 * 60 + 59).await;
        sofia.get(&path(&made, "")).await.problem("not_found");
        // The server is started anew in between: what was scheduled is in the database and nowhere else.
        let restarted = server.another_node().await;
        pass(&restarted, 1).await;
        restarted.stop().await;
        let read = sofia.get(&path(&made, "")).await.ok();
        assert_eq!((&read["state"], &read["published_at"]), (&json!("published"), &json!("2026-11-23T08:00:00Z")));
        assert_eq!(read["acknowledgement"], json!({ "asked": 2, "done": 0, "mine": "asked" }), "Sofia was there by then");
        let late = server.member("Late").await;
        assert_eq!(late.get(&path(&made, "")).await.ok()["acknowledgement"]["mine"], "late");
        tick(&server.app).await.unwrap();
        assert_eq!(trail(&admin).await.iter().filter(|action| *action == "post.published").count(), 1);
    }

    async fn a_scheduled_post_is_changed_called_off_or_thrown_away_until_then(server: Server) {
        let omar = { server.admin().await; server.member("Omar").await };
        let at = |local: &str| json!({ "local": local, "zone": "Asia/Tokyo" });
        let new = json!({ "title": "A", "state": "scheduled", "schedule": at("2026-11-23T09:00") });
        let made = post(&omar, "general", new.clone()).await;
        let moved = omar.patch(&path(&made, ""), json!({ "title": "B", "schedule": at("2026-11-24T09:00"), "revision": 1 })).await.ok();
        assert_eq!((&moved["publish_at"], &moved["state"]), (&json!("2026-11-24T00:00:00Z"), &json!("scheduled")));
        pass(&server, 24 * 60).await;
        assert_eq!(listed(&omar, "general").await, Vec::<String>::new(), "the old hour is forgotten");
        let off = omar.patch(&path(&made, ""), json!({ "state": "draft", "revision": 2 })).await.ok();
        assert_eq!((&off["state"], &off["publish_at"]), (&json!("draft"), &Value::Null));
        let second = post(&omar, "general", json!({ "title": "C", "state": "scheduled", "schedule": at("2026-11-25T09:00") })).await;
        omar.delete(&path(&second, "")).await.is(204);
        pass(&server, 7 * 24 * 60).await;
        assert_eq!(listed(&omar, "general").await, Vec::<String>::new());
        for wrong in [json!({ "title": "x", "state": "scheduled" }), new,
            json!({ "title": "x", "state": "scheduled", "schedule": { "local": "soon", "zone": "Asia/Tokyo" } }),
            json!({ "title": "x", "state": "scheduled", "schedule": { "local": "2026-12-23T09:00", "zone": "Mars" } }),
            json!({ "title": "x", "state": "retracted" })] {
            omar.post("/api/channels/general/posts", wrong).await.problem("invalid");
        }
    }

    async fn a_post_whose_author_may_not_post_any_more_becomes_a_draft_again(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let made = post(&omar, "general", json!({ "title": "A", "state": "scheduled",
            "schedule": { "local": "2026-11-23T09:00", "zone": "UTC" } })).await;
        admin.patch("/api/channels/general", json!({ "posting": "leads", "revision": 1 })).await.is(200);
        pass(&server, 24 * 60).await;
        assert_eq!(omar.get(&path(&made, "")).await.ok()["state"], "draft");
        assert_eq!(trail(&admin).await, ["post.drafted", "post.held_back"]);
    }

    async fn every_correction_keeps_what_was_read_before(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let video = recording(&server, &omar, "Rota").await;
        let made = post(&omar, "general", json!({ "title": "Four people", "body": "From *Monday*.", "recording": video })).await;
        server.app.clock.advance(TimeDelta::hours(1));
        let same = omar.patch(&path(&made, ""), json!({ "title": "Four people", "revision": 1 })).await.ok();
        assert_eq!((&same["edited_at"], &same["corrections"]), (&Value::Null, &json!(0)), "the same words are no correction");
        omar.patch(&path(&made, ""), json!({ "title": "Five people", "revision": 2 })).await.is(200);
        server.app.clock.advance(TimeDelta::hours(1));
        let now = omar.patch(&path(&made, ""), json!({ "body": "From Tuesday.", "recording": null, "revision": 3 })).await.ok();
        assert_eq!((&now["edited_at"], &now["corrections"]), (&json!("2026-11-22T12:00:00Z"), &json!(2)));
        let all = admin.get(&path(&made, "/revisions")).await.ok();
        let said: Vec<_> = all["items"].as_array().unwrap().iter().map(|one| (one["number"].as_i64().unwrap(),
            one["title"].as_str().unwrap(), one["body"].as_str().unwrap(), one["written_at"].as_str().unwrap(),
            one["recording"].is_object(), one["current"].as_bool().unwrap())).collect();
        assert_eq!(said, [
            (3, "Five people", "From Tuesday.", "2026-11-22T12:00:00Z", false, true),
            (2, "Five people", "From *Monday*.", "2026-11-22T11:00:00Z", true, false),
            (1, "Four people", "From *Monday*.", "2026-11-22T10:00:00Z", true, false)]);
        assert_eq!((&all["items"][2]["author"]["name"], &all["items"][2]["body_html"]),
            (&json!("Omar"), &json!("<p>From <em>Monday</em>.</p>")));
        let first = admin.get(&path(&made, "/revisions?limit=1")).await.ok();
        let after = first["next"].as_str().unwrap();
        let rest = admin.get(&path(&made, &format!("/revisions?after={after}"))).await.ok();
        assert_eq!(titles(&rest), ["Five people", "Four people"]);
        omar.patch(&path(&made, ""), json!({ "state": "draft", "revision": 4 })).await.problem("invalid");
        assert_eq!(trail(&admin).await, ["post.changed", "post.corrected", "post.corrected", "post.published"]);
    }

    async fn of_a_retracted_post_who_when_and_why_stay_and_its_words_are_gone(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let made = post(&omar, "general", json!({ "title": "Secret", "body": "Secret numbers", "document_url": "https://example.com/secret" })).await;
        omar.patch(&path(&made, ""), json!({ "body": "Still secret", "revision": 1 })).await.is(200);
        let said = admin.post(&path(&made, "/comments"), json!({ "body": "Are you sure?" })).await.is(201).json();
        admin.put(&path(&made, "/reactions/question"), json!({})).await.is(204);
        server.member("Sofia").await.post(&path(&made, "/retract"), json!({})).await.problem("forbidden");
        server.app.clock.advance(TimeDelta::minutes(5));
        omar.post(&path(&made, "/retract"), json!({ "reason": "x".repeat(301) })).await.problem("invalid");
        let stone = admin.post(&path(&made, "/retract"), json!({ "reason": "Wrong channel." })).await.ok();
        assert_eq!(stone["retraction"]["by"]["name"], "Ada Byron");
        assert_eq!((&stone["retraction"]["at"], &stone["retraction"]["reason"]), (&json!("2026-11-22T10:05:00Z"), &json!("Wrong channel.")));
        omar.post(&path(&made, "/retract"), json!({ "reason": "Another" })).await.is(200);
        omar.get(&path(&made, "/revisions")).await.problem("gone");
        for place in [path(&made, ""), "/api/channels/general/posts".to_owned(), "/api/home".to_owned(), path(&made, "/comments")] {
            let text = admin.get(&place).await.is(200).text();
            assert!(!text.to_lowercase().contains("secret"), "{place}: {text}");
        }
        let kept = omar.get(&path(&made, "/comments")).await.ok();
        assert_eq!(kept["items"][0]["body"], "Are you sure?");
        admin.post(&path(&made, "/comments"), json!({ "body": "And now?" })).await.problem("gone");
        let comment = format!("/api/comments/{}", said["id"].as_str().unwrap());
        admin.patch(&comment, json!({ "body": "x", "revision": 1 })).await.problem("gone");
        admin.put(&format!("{comment}/reactions/thanks"), json!({})).await.problem("gone");
        admin.put(&path(&made, "/reactions/thanks"), json!({})).await.problem("gone");
        admin.delete(&comment).await.is(204);
    }

    async fn a_pin_has_an_end_that_is_still_to_come(server: Server) {
        let admin = server.admin().await;
        for wrong in ["2026-11-22T10:00:00Z", "2028-11-22T10:00:00Z"] {
            admin.post("/api/channels/general/posts", json!({ "title": "x", "pinned_until": wrong })).await.problem("invalid");
        }
        let made = post(&admin, "general", json!({ "title": "Top", "pinned_until": "2026-11-23T10:00:00Z" })).await;
        assert_eq!(made["pinned"], true);
        server.app.clock.advance(TimeDelta::hours(24));
        assert_eq!(admin.get(&path(&made, "")).await.ok()["pinned"], false);
        assert_eq!(titles(&admin.get("/api/channels/general/posts?pinned=true").await.ok()), Vec::<String>::new());
        let again = admin.patch(&path(&made, ""), json!({ "pinned_until": "2026-11-25T10:00:00Z", "revision": 1 })).await.ok();
        assert_eq!(again["pinned"], true);
        let off = admin.patch(&path(&made, ""), json!({ "pinned_until": null, "revision": 2 })).await.ok();
        assert_eq!((&off["pinned"], &off["corrections"]), (&json!(false), &json!(0)));
    }
}
