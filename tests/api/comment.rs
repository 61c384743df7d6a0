//! Comments and reactions from outside: two deep, at a second, with a video, taken back, settled.

use serde_json::{Value, json};

use crate::harness::{Client, both};
use crate::recorded::recording;

async fn comment(client: &Client, under: &str, body: Value) -> Value {
    client.post(&format!("/api/{under}/comments"), body).await.is(201).json()
}

fn path(comment: &Value) -> String {
    format!("/api/comments/{}", comment["id"].as_str().unwrap())
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn comments_hang_two_deep_under_a_recording_at_a_second(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let video = recording(&server, &admin, "Update").await;
        let under = format!("recordings/{video}");
        let top = comment(&omar, &under, json!({ "body": "Which *bath*?", "at_ms": 68_000 })).await;
        assert_eq!((&top["at_ms"], &top["body_html"]), (&json!(68_000), &json!("<p>Which <em>bath</em>?</p>")));
        let answer = comment(&admin, &under, json!({ "body": "The second.", "parent": top["id"] })).await;
        let deeper = json!({ "body": "And then?", "parent": answer["id"] });
        omar.post(&format!("/api/{under}/comments"), deeper).await.problem("too_deep");
        let listed = admin.get(&format!("/api/{under}/comments")).await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert_eq!(listed["items"][0]["replies"][0]["body"], "The second.");
        assert_eq!(listed["items"][0]["reply_count"], 1);
        for wrong in [json!({ "body": " " }), json!({ "body": "x", "at_ms": -1 }), json!({ "body": "x", "at_ms": 200_000 }),
            json!({ "body": "x".repeat(5_001) }), json!({ "body": "x", "parent": uuid::Uuid::nil() })] {
            omar.post(&format!("/api/{under}/comments"), wrong).await.problem("invalid");
        }
        let other = recording(&server, &admin, "Other").await;
        omar.post(&format!("/api/recordings/{other}/comments"), json!({ "body": "x", "parent": top["id"] })).await.problem("invalid");
        omar.get(&format!("/api/takes/{other}/comments")).await.is(404);
        server.stranger().get(&format!("/api/{under}/comments")).await.problem("unauthenticated");
    }

    async fn a_long_thread_is_read_from_its_end(server: Server) {
        let admin = server.admin().await;
        let under = format!("recordings/{}", recording(&server, &admin, "Update").await);
        for n in 1..=5 {
            comment(&admin, &under, json!({ "body": n.to_string() })).await;
        }
        let bodies = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|one| one["body"].as_str().unwrap().to_owned()).collect()
        };
        let mut backwards = bodies(&admin.get(&format!("/api/{under}/comments")).await.ok());
        backwards.reverse();
        let last = admin.get(&format!("/api/{under}/comments?newest_first=true&limit=3")).await.ok();
        assert_eq!(bodies(&last), backwards[..3]);
        let after = last["next"].as_str().unwrap();
        let first = admin.get(&format!("/api/{under}/comments?newest_first=true&limit=3&after={after}")).await.ok();
        assert_eq!((bodies(&first), &first["next"]), (backwards[3..].to_vec(), &Value::Null));
    }

    async fn one_comment_says_what_it_answers_and_one_that_is_gone_says_nothing(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let under = format!("recordings/{}", recording(&server, &admin, "Update").await);
        let top = comment(&omar, &under, json!({ "body": "Which?" })).await;
        let answer = comment(&admin, &under, json!({ "body": "The second.", "parent": top["id"] })).await;
        let (one, two) = (omar.get(&path(&top)).await.ok(), omar.get(&path(&answer)).await.ok());
        assert_eq!((&one["parent"], &one["replies"][0]["body"]), (&Value::Null, &json!("The second.")));
        assert_eq!((&two["parent"], &two["body"]), (&top["id"], &json!("The second.")));
        omar.delete(&path(&top)).await.is(204);
        assert_eq!(omar.get(&path(&top)).await.ok()["deleted"], true, "something hangs under it");
        admin.delete(&path(&answer)).await.is(204);
        for gone in [&answer, &top] {
            omar.get(&path(gone)).await.is(404);
        }
    }

    async fn an_answer_can_be_a_recording_of_ones_own(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let (hers, his) = (recording(&server, &admin, "Update").await, recording(&server, &omar, "Answer").await);
        let under = format!("recordings/{hers}");
        let made = comment(&omar, &under, json!({ "recording": his })).await;
        assert_eq!(made["recording"]["title"], "Answer");
        omar.post(&format!("/api/{under}/comments"), json!({ "recording": hers })).await.problem("invalid");
    }

    async fn an_answer_is_recorded_in_a_session_of_its_own_and_stands_there_before_it_plays(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let under = format!("recordings/{}", recording(&server, &admin, "Update").await);
        let top = comment(&admin, &under, json!({ "body": "Show me?", "at_ms": 9_000 })).await;
        let asked = json!({ "subject": { "kind": "comment", "id": top["id"] } });
        let session = omar.post("/api/take-sessions", asked).await.is(201).json();
        assert_eq!((&session["subject"]["kind"], &session["limit_ms"], &session["takes_allowed"]), (&json!("comment"), &json!(180_000), &json!(2)));
        let video = &session["recording"]["id"];
        let made = comment(&omar, &under, json!({ "recording": video, "parent": top["id"], "at_ms": 9_000 })).await;
        assert_eq!((&made["recording"]["id"], &made["at_ms"], &made["body_html"]), (video, &json!(9_000), &json!("")));
        let listed = admin.get(&format!("/api/{under}/comments")).await.ok();
        assert_eq!(listed["items"][0]["replies"][0]["recording"]["id"], *video);
        omar.delete(&path(&made)).await.is(204);
        assert_eq!(admin.get(&format!("/api/{under}/comments")).await.ok()["items"][0]["replies"], json!([]));
    }

    async fn a_comment_taken_back_keeps_its_place_and_its_answers(server: Server) {
        let admin = server.admin().await;
        let (omar, sofia) = (server.member("Omar").await, server.member("Sofia").await);
        let under = format!("recordings/{}", recording(&server, &admin, "Update").await);
        let top = comment(&omar, &under, json!({ "body": "Wrong." })).await;
        comment(&sofia, &under, json!({ "body": "No, right.", "parent": top["id"] })).await;
        sofia.delete(&path(&top)).await.problem("forbidden");
        sofia.patch(&path(&top), json!({ "body": "Mine", "revision": 1 })).await.problem("forbidden");
        omar.delete(&path(&top)).await.is(204);
        omar.delete(&path(&top)).await.is(204);
        let listed = admin.get(&format!("/api/{under}/comments")).await.ok();
        let tombstone = &listed["items"][0];
        assert_eq!((&tombstone["deleted"], &tombstone["body"]), (&json!(true), &json!("")));
        assert_eq!(tombstone["replies"][0]["body"], "No, right.");
        omar.patch(&path(&top), json!({ "body": "Again", "revision": 2 })).await.problem("gone");
        sofia.post(&format!("/api/{under}/comments"), json!({ "body": "x", "parent": top["id"] })).await.problem("invalid");
    }

    async fn a_comment_that_nobody_answered_leaves_nothing(server: Server) {
        let admin = server.admin().await;
        let under = format!("recordings/{}", recording(&server, &admin, "Update").await);
        let (alone, top) = (comment(&admin, &under, json!({ "body": "Alone." })).await, comment(&admin, &under, json!({ "body": "Top." })).await);
        let answer = comment(&admin, &under, json!({ "body": "Answer.", "parent": top["id"] })).await;
        let listed = async || {
            let all = admin.get(&format!("/api/{under}/comments")).await.ok()["items"].clone();
            all.as_array().unwrap().iter().map(|one| (one["body"].as_str().unwrap().to_owned(), one["replies"].as_array().unwrap().len()))
                .collect::<Vec<_>>()
        };
        admin.delete(&path(&alone)).await.is(204);
        assert_eq!(listed().await, [("Top.".to_owned(), 1)]);
        admin.delete(&path(&top)).await.is(204);
        assert_eq!(listed().await, [(String::new(), 1)], "something hangs under it");
        admin.delete(&path(&answer)).await.is(204);
        assert!(listed().await.is_empty());
    }

    async fn what_is_settled_can_be_opened_again_and_either_can_be_listed(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let under = format!("recordings/{}", recording(&server, &admin, "Update").await);
        let first = comment(&omar, &under, json!({ "body": "First?" })).await;
        comment(&omar, &under, json!({ "body": "Second?" })).await;
        let settled = admin.patch(&path(&first), json!({ "resolved": true, "revision": 1 })).await.ok();
        assert_eq!((&settled["resolved_at"], &settled["resolved_by"]["name"]), (&json!("2026-11-22T10:00:00Z"), &json!("Ada Byron")));
        assert_eq!(settled["edited_at"], Value::Null);
        let bodies = async |query: &str| -> Vec<String> {
            let all = admin.get(&format!("/api/{under}/comments?{query}")).await.ok();
            all["items"].as_array().unwrap().iter().map(|one| one["body"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(bodies("settled=true").await, ["First?"]);
        assert_eq!(bodies("settled=false&newest_first=true").await, ["Second?"]);
        let open = omar.patch(&path(&first), json!({ "resolved": false, "revision": 2 })).await.ok();
        assert_eq!((&open["resolved"], &open["resolved_by"]), (&json!(false), &Value::Null));
        assert_eq!(bodies("settled=false").await.len(), 2);
    }

    async fn its_author_edits_and_the_owner_of_the_subject_settles(server: Server) {
        let admin = server.admin().await;
        let (omar, sofia) = (server.member("Omar").await, server.member("Sofia").await);
        let under = format!("recordings/{}", recording(&server, &sofia, "Update").await);
        let top = comment(&omar, &under, json!({ "body": "Which?" })).await;
        let edited = omar.patch(&path(&top), json!({ "body": "Which one?", "revision": 1 })).await.ok();
        assert!(edited["edited_at"].is_string());
        assert_eq!(omar.patch(&path(&top), json!({ "body": "x", "revision": 1 })).await.problem("stale")["current"]["body"],
            "Which one?");
        let settled = sofia.patch(&path(&top), json!({ "resolved": true, "revision": 2 })).await.ok();
        assert_eq!((&settled["resolved"], &settled["revision"]), (&json!(true), &json!(3)));
        let tomasz = server.member("Tomasz").await;
        tomasz.patch(&path(&top), json!({ "resolved": false, "revision": 3 })).await.problem("forbidden");
        admin.patch(&path(&top), json!({ "resolved": false, "revision": 3 })).await.is(200);
    }

    async fn reactions_are_five_words_and_each_person_gives_one_once(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let made = admin.post("/api/channels/general/posts", json!({ "title": "News" })).await.is(201).json();
        let post = format!("/api/posts/{}", made["id"].as_str().unwrap());
        for kind in ["thanks", "thanks", "celebrate"] {
            omar.put(&format!("{post}/reactions/{kind}"), json!({})).await.is(204);
        }
        admin.put(&format!("{post}/reactions/thanks"), json!({})).await.is(204);
        assert_eq!(omar.get(&post).await.ok()["reactions"], json!([
            { "kind": "thanks", "count": 2, "mine": true }, { "kind": "celebrate", "count": 1, "mine": true }]));
        omar.delete(&format!("{post}/reactions/thanks")).await.is(204);
        assert_eq!(omar.get(&post).await.ok()["reactions"][0], json!({ "kind": "thanks", "count": 1, "mine": false }));
        assert_eq!(omar.get(&format!("{post}/reactions")).await.ok()["items"], omar.get(&post).await.ok()["reactions"]);
        server.stranger().get(&format!("{post}/reactions")).await.problem("unauthenticated");
        omar.put(&format!("{post}/reactions/angry"), json!({})).await.problem("not_found");
        let top = comment(&omar, &post["/api/".len()..], json!({ "body": "Good." })).await;
        admin.put(&format!("{}/reactions/idea", path(&top)), json!({})).await.is(204);
        let listed = admin.get(&format!("{post}/comments")).await.ok();
        assert_eq!(listed["items"][0]["reactions"][0]["kind"], "idea");
        assert_eq!(admin.get(&post).await.ok()["comments"], 1);
    }

    async fn goals_are_discussed_by_members_and_not_by_guests(server: Server) {
        let admin = server.admin().await;
        let new = json!({ "scope": "individual", "period_kind": "month", "period_start": "2026-11-01", "title": "Goal" });
        let goal = admin.post("/api/goals", new).await.is(201).json();
        let under = format!("goals/{}", goal["id"].as_str().unwrap());
        comment(&server.member("Omar").await, &under, json!({ "body": "How far?" })).await;
        server.guest("Gil").await.get(&format!("/api/{under}/comments")).await.problem("not_found");
    }

    async fn pages_of_comments_go_on_where_they_stopped(server: Server) {
        let admin = server.admin().await;
        let under = format!("recordings/{}", recording(&server, &admin, "Update").await);
        for n in 0..5 {
            comment(&admin, &under, json!({ "body": format!("{n}") })).await;
            server.app.clock.advance(chrono::TimeDelta::seconds(1));
        }
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("/api/{under}/comments?limit=2{after}")).await.ok();
            seen.extend(page["items"].as_array().unwrap().iter().map(|c| c["body"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen, ["0", "1", "2", "3", "4"]);
    }
}
