//! Channels and posts from outside: who sees, who posts, what is asked, what stays of a retracted post.

use serde_json::{Value, json};

use crate::harness::{Client, Server, both};
use crate::recorded::recording;

async fn post(client: &Client, channel: &str, body: Value) -> Value {
    client.post(&format!("/api/channels/{channel}/posts"), body).await.is(201).json()
}

fn path(post: &Value, rest: &str) -> String {
    format!("/api/posts/{}{rest}", post["id"].as_str().unwrap())
}

fn names(list: &Value, field: &str) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

async fn titles(client: &Client, channel: &str) -> Vec<String> {
    names(&client.get(&format!("/api/channels/{channel}/posts")).await.ok(), "title")
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn five_channels_are_there_from_the_start_and_announcements_are_for_leads(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let channels = omar.get("/api/channels").await.ok();
        assert_eq!(names(&channels, "slug"), ["announcements", "fun", "general", "recognition", "training"]);
        let may: Vec<bool> = channels["items"].as_array().unwrap().iter().map(|c| c["may_post"].as_bool().unwrap()).collect();
        assert_eq!(may, [false, true, true, true, true]);
        let new = json!({ "title": "Winter on-call" });
        omar.post("/api/channels/announcements/posts", new.clone()).await.problem("posting_restricted");
        assert_eq!(post(&admin, "announcements", new.clone()).await["channel"]["name"], "Announcements");
        lead(&server, &omar).await;
        post(&omar, "announcements", new).await;
        server.stranger().get("/api/channels").await.problem("unauthenticated");
    }

    async fn a_post_carries_its_words_its_document_and_its_video(server: Server) {
        let admin = server.admin().await;
        let video = recording(&server, &admin, "Winter on-call").await;
        let made = post(&admin, "general", json!({
            "title": "Winter on-call starts Monday",
            "body": "**Four** people. <script>alert(1)</script>",
            "document_url": "https://example.com/rota", "recording": video })).await;
        assert_eq!(made["body_html"], "<p><strong>Four</strong> people. &lt;script&gt;alert(1)&lt;/script&gt;</p>");
        assert_eq!(made["recording"]["measured_ms"], 161_200);
        assert!(made["recording"]["hls_url"].as_str().unwrap().ends_with("/1/master.m3u8"));
        assert_eq!(made["acknowledgement"], Value::Null);
        let omar = server.member("Omar").await;
        omar.post("/api/channels/general/posts", json!({ "title": "Mine", "recording": video })).await.problem("invalid");
        omar.post("/api/channels/general/posts", json!({ "title": "  " })).await.problem("invalid");
        omar.post("/api/channels/general/posts", json!({ "title": "x", "document_url": "javascript:alert(1)" })).await
            .problem("invalid");
        omar.post("/api/channels/nowhere/posts", json!({ "title": "x" })).await.problem("not_found");
    }

    async fn the_audience_of_an_acknowledgement_is_frozen_at_publication(server: Server) {
        let admin = server.admin().await;
        let (omar, sofia) = (server.member("Omar").await, server.member("Sofia").await);
        server.guest("Gil").await;
        let made = post(&admin, "announcements", json!({
            "title": "Rota", "acknowledge_by": "2026-11-27T15:00:00Z" })).await;
        assert_eq!(made["acknowledgement"], json!({ "asked": 2, "done": 0, "mine": "none" }));
        let done = omar.post(&path(&made, "/acknowledge"), json!({})).await.ok();
        assert_eq!(done["acknowledgement"], json!({ "asked": 2, "done": 1, "mine": "done" }));
        omar.post(&path(&made, "/acknowledge"), json!({})).await.is(200);
        sofia.post(&path(&made, "/opened"), json!({})).await.is(204);
        let receipts = admin.get(&path(&made, "/receipts")).await.ok();
        let facts: Vec<_> = receipts["items"].as_array().unwrap().iter()
            .map(|r| (r["person"]["name"].as_str().unwrap(), r["opened_at"].is_string(), r["acknowledged_at"].is_string()))
            .collect();
        assert_eq!(facts, [("Omar", false, true), ("Sofia", true, false)], "opened and acknowledged are two facts");
        let general = json!({ "title": "x", "acknowledge_by": "2026-11-27T15:00:00Z" });
        admin.post("/api/channels/general/posts", general).await.problem("invalid");
        admin.post("/api/channels/announcements/posts", json!({ "title": "x", "acknowledge_by": "2026-11-20T15:00:00Z" })).await
            .problem("invalid");
    }

    async fn a_division_has_its_five_channels_when_it_is_made_and_a_team_has_none(server: Server) {
        let admin = server.admin().await;
        admin.post("/api/units", json!({ "kind": "division", "name": "Field" })).await.is(201);
        admin.post("/api/units", json!({ "kind": "team", "name": "Vans" })).await.is(201);
        let slugs = names(&admin.get("/api/channels").await.ok(), "slug");
        let of_field: Vec<&String> = slugs.iter().filter(|slug| slug.starts_with("field-")).collect();
        assert_eq!(of_field, ["field-announcements", "field-fun", "field-general", "field-recognition", "field-training"]);
        assert_eq!(slugs.len(), 10);
        assert_eq!(admin.get("/api/channels/field-general").await.ok()["unit"]["name"], "Field");
    }

    async fn a_channel_can_need_a_document_with_each_post(server: Server) {
        let admin = server.admin().await;
        let training = admin.get("/api/channels/training").await.ok();
        let change = json!({ "document_required": true, "revision": training["revision"] });
        server.member("Omar").await.patch("/api/channels/training", change.clone()).await.problem("forbidden");
        admin.patch("/api/channels/training", change.clone()).await.is(200);
        assert_eq!(admin.patch("/api/channels/training", change).await.problem("stale")["current"]["revision"], 2);
        admin.post("/api/channels/training/posts", json!({ "title": "How" })).await.problem("document_needed");
        post(&admin, "training", json!({ "title": "How", "document_url": "https://example.com/how" })).await;
    }

    async fn a_retracted_post_leaves_a_tombstone(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let made = post(&omar, "general", json!({ "title": "Oops", "body": "Wrong numbers." })).await;
        server.member("Sofia").await.delete(&path(&made, "")).await.problem("forbidden");
        omar.delete(&path(&made, "")).await.is(204);
        omar.delete(&path(&made, "")).await.is(204);
        let tombstone = admin.get(&path(&made, "")).await.ok();
        assert_eq!((&tombstone["state"], &tombstone["title"], &tombstone["body"]), (&json!("retracted"), &json!(""), &json!("")));
        assert_eq!(tombstone["author"]["name"], "Omar");
        assert_eq!(titles(&admin, "general").await, [""]);
        omar.patch(&path(&made, ""), json!({ "title": "x", "revision": 2 })).await.problem("gone");
        omar.post(&path(&made, "/opened"), json!({})).await.problem("gone");
    }

    async fn its_author_changes_a_post_and_an_administrator_pins_it(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let made = post(&omar, "general", json!({ "title": "First" })).await;
        admin.patch(&path(&made, ""), json!({ "title": "Second", "revision": 1 })).await.problem("forbidden");
        let pinned = admin.patch(&path(&made, ""), json!({ "pinned_until": "2026-11-23T10:00:00Z", "revision": 1 })).await.ok();
        assert_eq!(pinned["edited_at"], Value::Null, "pinning is not editing");
        let edited = omar.patch(&path(&made, ""), json!({ "title": "Second", "revision": 2 })).await.ok();
        assert!(edited["edited_at"].is_string());
        assert_eq!(omar.patch(&path(&made, ""), json!({ "title": "x", "revision": 2 })).await.problem("stale")["current"]["title"],
            "Second");
        assert_eq!(names(&admin.get("/api/channels/general/posts?pinned=true").await.ok(), "title"), ["Second"]);
        server.app.clock.advance(chrono::TimeDelta::days(2));
        assert_eq!(admin.get("/api/channels/general/posts?pinned=true").await.ok()["items"], json!([]), "a pin ends");
    }

    async fn unread_posts_are_counted_until_the_channel_is_read(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        server.app.clock.advance(chrono::TimeDelta::minutes(1));
        post(&admin, "general", json!({ "title": "One" })).await;
        post(&omar, "general", json!({ "title": "His own" })).await;
        assert_eq!(omar.get("/api/channels/general").await.ok()["unread"], 1);
        omar.post("/api/channels/general/read", json!({})).await.is(204);
        assert_eq!(omar.get("/api/channels/general").await.ok()["unread"], 0);
        server.app.clock.advance(chrono::TimeDelta::minutes(1));
        post(&admin, "general", json!({ "title": "Two" })).await;
        assert_eq!(omar.get("/api/channels/general").await.ok()["unread"], 1);
        omar.put("/api/channels/general/following", json!({ "following": false })).await.is(204);
        assert_eq!(omar.get("/api/channels/general").await.ok()["following"], false);
        assert_eq!(admin.get("/api/channels/general").await.ok()["following"], true);
    }

    async fn guests_see_only_the_project_channels_they_were_added_to(server: Server) {
        let admin = server.admin().await;
        let (omar, gil) = (server.member("Omar").await, server.guest("Gil").await);
        let open = omar.post("/api/channels", json!({ "name": "Probe 3 launch" })).await.is(201).json();
        assert_eq!(open["slug"], "probe-3-launch");
        let closed = omar.post("/api/channels", json!({ "name": "Probe 3 launch", "audience": "selected", "members": [gil.id] }))
            .await.is(201).json();
        assert_eq!(closed["slug"], "probe-3-launch-2");
        assert_eq!(names(&gil.get("/api/channels").await.ok(), "slug"), ["probe-3-launch-2"]);
        let made = post(&omar, "probe-3-launch-2", json!({ "title": "Welcome" })).await;
        let video = recording(&server, &omar, "Inside").await;
        let elsewhere = post(&omar, "general", json!({ "title": "Inside", "recording": video })).await;
        gil.get(&path(&elsewhere, "")).await.problem("not_found");
        gil.get(&format!("/api/recordings/{video}/comments")).await.problem("not_found");
        gil.post(&path(&made, "/comments"), json!({ "body": "Thank you." })).await.is(201);
        post(&omar, "probe-3-launch-2", json!({ "title": "Video", "recording": video })).await;
        gil.get(&format!("/api/recordings/{video}/comments")).await.is(200);
        gil.get("/api/channels/general/posts").await.problem("not_found");
        gil.post("/api/channels", json!({ "name": "Mine" })).await.problem("forbidden");
        admin.get("/api/channels/probe-3-launch-2").await.problem("not_found");
        let gone = format!("/api/channels/probe-3-launch-2/members/{}", gil.id);
        omar.delete(&gone).await.is(204);
        assert_eq!(gil.get("/api/channels").await.ok()["items"], json!([]));
        gil.get(&path(&made, "")).await.problem("not_found");
        omar.put(&format!("/api/channels/general/members/{}", gil.id), json!({})).await.problem("forbidden");
        admin.put(&format!("/api/channels/general/members/{}", gil.id), json!({})).await.problem("invalid");
        assert_eq!(names(&gil.get("/api/channels").await.ok(), "slug"), Vec::<String>::new());
    }

    async fn a_selected_channel_asks_only_those_who_were_added(server: Server) {
        server.admin().await;
        let (omar, sofia) = (server.member("Omar").await, server.member("Sofia").await);
        server.member("Elsewhere").await;
        let new = json!({ "name": "Rig", "audience": "selected", "posting": "listed", "members": [sofia.id] });
        omar.post("/api/channels", new).await.is(201);
        sofia.post("/api/channels/rig/posts", json!({ "title": "x" })).await.problem("posting_restricted");
        let made = post(&omar, "rig", json!({ "title": "Fuse", "acknowledge_by": "2026-11-27T15:00:00Z" })).await;
        assert_eq!(made["acknowledgement"]["asked"], 1);
        omar.put(&format!("/api/channels/rig/members/{}", sofia.id), json!({ "may_post": true })).await.is(204);
        post(&sofia, "rig", json!({ "title": "Now I may" })).await;
        let members = sofia.get("/api/channels/rig/members").await.ok();
        assert_eq!(members["items"].as_array().unwrap().len(), 2);
    }

    async fn pages_of_posts_stay_in_place_while_others_are_published(server: Server) {
        let admin = server.admin().await;
        for n in 0..5 {
            post(&admin, "general", json!({ "title": format!("Post {n}") })).await;
            server.app.clock.advance(chrono::TimeDelta::seconds(1));
        }
        let first = admin.get("/api/channels/general/posts?limit=2").await.ok();
        assert_eq!(names(&first, "title"), ["Post 4", "Post 3"]);
        post(&admin, "general", json!({ "title": "Newcomer" })).await;
        let next = format!("/api/channels/general/posts?limit=2&after={}", first["next"].as_str().unwrap());
        let second = admin.get(&next).await.ok();
        assert_eq!(names(&second, "title"), ["Post 2", "Post 1"]);
        let last = admin.get(&format!("/api/channels/general/posts?limit=2&after={}", second["next"].as_str().unwrap())).await.ok();
        assert_eq!((names(&last, "title"), &last["next"]), (vec!["Post 0".to_owned()], &Value::Null));
    }
}

async fn lead(server: &Server, person: &Client) {
    const SQL: &str = "update unit set lead = $1";
    let id: twotake::id::PersonId = person.id.parse().unwrap();
    let mut tx = server.app.db.begin().await.unwrap();
    twotake::on_tx!(&mut tx, |c| sqlx::query(SQL).bind(id).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}
