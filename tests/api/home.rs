//! Home from outside: what is owed, in the order in which it is due; the week, the goals, the news.

use serde_json::{Value, json};

use crate::harness::both;
use crate::recorded::recording;

fn kinds(home: &Value, list: &str) -> Vec<String> {
    home[list].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

both! {
    at "2026-11-24T08:30:00Z";

    async fn home_says_what_is_owed_then_what_is_new(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        server.reports_to(&omar, &admin).await;
        let goal = json!({ "scope": "individual", "period_kind": "month", "period_start": "2026-11-24", "title": "Rig" });
        omar.post("/api/goals", goal).await.is(201);
        let video = recording(&server, &omar, "Free").await;
        server.app.clock.advance(chrono::TimeDelta::minutes(1));
        let slots = omar.get("/api/slots?from=2026-11-24&to=2026-11-24").await.ok();
        let draft = omar.post("/api/check-ins", json!({ "slot": slots["items"][0]["id"] })).await.is(201).json();
        let path = format!("/api/check-ins/{}", draft["id"].as_str().unwrap());
        omar.patch(&path, json!({ "headline": "Soak rig", "revision": 1, "goals": [
            { "goal": draft["goals"][0]["goal"]["id"], "no_change": true }],
            "blockers": [{ "text": "No fuse", "asks": admin.id }] })).await.is(200);
        omar.post(&format!("{path}/submit"), json!({})).await.is(200);
        let post = json!({ "title": "Rota", "acknowledge_by": "2026-11-24T12:00:00Z" });
        admin.post("/api/channels/announcements/posts", post).await.is(201);

        let home = admin.get("/api/home").await.ok();
        assert_eq!(home["date"], "2026-11-24");
        assert_eq!(kinds(&home, "owe"), ["check_in", "review", "blocker"]);
        assert_eq!(home["owe"][0]["title"], "Your Tuesday check-in");
        assert_eq!(home["owe"][1]["title"], "Review Omar’s check-in");
        assert_eq!(home["owe"][2]["detail"], "No fuse");
        assert_eq!(home["week"].as_array().unwrap().len(), 2);
        assert_eq!(kinds(&home, "news"), ["check_in", "recording"]);
        assert!(home["news"].as_array().unwrap().iter().any(|news| news["id"] == json!(video)));

        let his = omar.get("/api/home").await.ok();
        assert_eq!(kinds(&his, "owe"), ["acknowledge"]);
        assert_eq!((&his["owe"][0]["title"], &his["owe"][0]["person"]["name"]), (&json!("Acknowledge: Rota"), &json!("Ada Byron")));
        assert_eq!(his["goals"][0]["title"], "Rig");
        assert_eq!(his["week"][0]["state"], "submitted");
        assert_eq!(kinds(&his, "news"), ["post"]);
    }

    async fn a_guest_sees_only_their_channels_at_home(server: Server) {
        let admin = server.admin().await;
        let gil = server.guest("Gil").await;
        admin.post("/api/channels/general/posts", json!({ "title": "Inside" })).await.is(201);
        admin.post("/api/channels", json!({ "name": "Rig", "audience": "selected", "members": [gil.id] })).await.is(201);
        admin.post("/api/channels/rig/posts", json!({ "title": "Fuse" })).await.is(201);
        recording(&server, &admin, "Free").await;
        let home = gil.get("/api/home").await.ok();
        assert_eq!(home["news"].as_array().unwrap().len(), 1);
        assert_eq!(home["news"][0]["title"], "Fuse");
        assert_eq!((&home["owe"], &home["week"], &home["goals"]), (&json!([]), &json!([]), &json!([])));
        server.stranger().get("/api/home").await.problem("unauthenticated");
    }
}
