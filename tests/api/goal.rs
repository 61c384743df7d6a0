//! Goals from outside: periods, parents, who writes, progress, closing, clips, paging.

use serde_json::{Value, json};

use crate::harness::{Client, Server, both};
use crate::recorded::recording;

pub async fn goal(client: &Client, body: Value) -> Value {
    let mut goal =
        json!({ "scope": "individual", "period_kind": "month", "period_start": "2026-11-22", "title": "A goal" });
    for (key, value) in body.as_object().unwrap() {
        goal[key] = value.clone();
    }
    client.post("/api/goals", goal).await.is(201).json()
}

pub fn path(goal: &Value, rest: &str) -> String {
    format!("/api/goals/{}{rest}", goal["id"].as_str().unwrap())
}

pub async fn fiscal_year_starts_in(server: &Server, month: i16) {
    const SQL: &str = "update organisation set fiscal_year_start = $1";
    let mut tx = server.app.db.begin().await.unwrap();
    twotake::on_tx!(&mut tx, |c| sqlx::query(SQL).bind(month).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn a_goal_is_made_for_the_whole_period_with_the_manager_as_reviewer(server: Server) {
        let admin = server.admin().await;
        let leena = server.member("Leena Koskela").await;
        server.reports_to(&leena, &admin).await;
        let made = goal(&leena, json!({ "title": "  Calibration under 20 minutes " })).await;
        assert_eq!(made["title"], "Calibration under 20 minutes");
        assert_eq!(made["owner"]["name"], "Leena Koskela");
        assert_eq!(made["reviewer"]["name"], "Ada Byron");
        assert_eq!(made["period"], json!({
            "kind": "month", "start": "2026-11-01", "end": "2026-11-30", "label": "November 2026" }));
        assert_eq!((&made["state"], &made["progress"], &made["status"]), (&json!("active"), &Value::Null, &Value::Null));
        let own = goal(&admin, json!({})).await;
        assert_eq!(own["reviewer"], Value::Null, "nobody above the administrator");
        leena.patch(&path(&made, ""), json!({ "reviewer": leena.id, "revision": 1 })).await.problem("invalid");
    }

    async fn periods_follow_the_organisations_year_and_week_53_its_thursday(server: Server) {
        let admin = server.admin().await;
        fiscal_year_starts_in(&server, 4).await;
        let year = goal(&admin, json!({ "scope": "company", "period_kind": "year", "period_start": "2027-02-01" })).await;
        assert_eq!(year["period"]["start"], "2026-04-01");
        assert_eq!(year["period"]["label"], "2026/27");
        let month = goal(&admin, json!({ "period_start": "2026-12-05", "parent": year["id"] })).await;
        let week = goal(&admin, json!({
            "period_kind": "week", "period_start": "2027-01-03", "parent": month["id"] })).await;
        assert_eq!(week["period"]["label"], "Week 53");
        assert_eq!(week["parent"]["id"], month["id"]);
        let january = goal(&admin, json!({ "period_start": "2027-01-01" })).await;
        let wrong = json!({ "scope": "individual", "period_kind": "week", "period_start": "2027-01-03", "title": "x",
            "parent": january["id"] });
        admin.post("/api/goals", wrong).await.problem("parent_period");
    }

    async fn a_parent_contains_the_period_is_as_wide_and_never_below(server: Server) {
        let admin = server.admin().await;
        let quarter = goal(&admin, json!({ "scope": "division", "period_kind": "quarter" })).await;
        let month = goal(&admin, json!({ "scope": "manager", "parent": quarter["id"] })).await;
        let narrow = json!({ "scope": "company", "period_kind": "month", "period_start": "2026-11-01", "title": "x",
            "parent": quarter["id"] });
        admin.post("/api/goals", narrow).await.problem("parent_scope");
        let twin = goal(&admin, json!({ "scope": "division", "period_kind": "quarter", "parent": quarter["id"] })).await;
        admin.patch(&path(&quarter, ""), json!({ "parent": twin["id"], "revision": 1 })).await.problem("goal_cycle");
        admin.patch(&path(&quarter, ""), json!({ "parent": quarter["id"], "revision": 1 })).await.problem("goal_cycle");
        let moved = json!({ "period_start": "2027-01-01", "revision": 1 });
        let told = admin.patch(&path(&quarter, ""), moved).await.problem("parent_period");
        assert!(told["detail"].as_str().unwrap().contains("stands under this goal"), "{told}");
        admin.patch(&path(&month, ""), json!({ "parent": null, "revision": 1 })).await.is(200);
        assert_eq!(admin.get(&path(&quarter, "")).await.ok()["children"], 1);
    }

    async fn only_the_owner_writes_a_goal_and_managers_above_set_the_reviewer(server: Server) {
        let admin = server.admin().await;
        let (ingrid, tomasz, leena) =
            (server.member("Ingrid Solvang").await, server.member("Tomasz Wilk").await, server.member("Leena").await);
        server.reports_to(&tomasz, &ingrid).await;
        server.reports_to(&leena, &tomasz).await;
        let made = goal(&leena, json!({})).await;
        ingrid.patch(&path(&made, ""), json!({ "title": "Mine", "revision": 1 })).await.problem("forbidden");
        let by_ingrid = json!({ "reviewer": ingrid.id, "revision": 1 });
        assert_eq!(ingrid.patch(&path(&made, ""), by_ingrid).await.ok()["reviewer"]["name"], "Ingrid Solvang");
        server.member("Omar").await.patch(&path(&made, ""), json!({ "reviewer": null, "revision": 2 })).await.problem("forbidden");
        let given = goal(&tomasz, json!({ "owner": leena.id })).await;
        assert_eq!(given["owner"]["name"], "Leena");
        let upward = json!({ "scope": "individual", "period_kind": "week", "period_start": "2026-11-22", "title": "x",
            "owner": ingrid.id });
        leena.post("/api/goals", upward).await.problem("invalid");
        assert_eq!(admin.get(&path(&made, "")).await.ok()["owner"]["name"], "Leena", "every member reads every goal");
        let guest = server.guest("Gil Guest").await;
        guest.get(&path(&made, "")).await.problem("forbidden");
        guest.get("/api/goals").await.problem("forbidden");
        server.stranger().get("/api/goals").await.problem("unauthenticated");
    }

    async fn a_stale_change_is_answered_with_the_goal_as_it_is_now(server: Server) {
        let admin = server.admin().await;
        let made = goal(&admin, json!({})).await;
        admin.patch(&path(&made, ""), json!({ "title": "First", "revision": 1 })).await.is(200);
        let stale = admin.patch(&path(&made, ""), json!({ "title": "Second", "revision": 1 })).await.problem("stale");
        assert_eq!((&stale["current"]["title"], &stale["current"]["revision"]), (&json!("First"), &json!(2)));
        assert_eq!(stale["current"]["changed_by"]["name"], "Ada Byron");
        assert!(stale["detail"].as_str().unwrap().starts_with("Ada Byron changed this goal"), "{stale}");
    }

    async fn progress_comes_from_metrics_else_from_the_goals_below(server: Server) {
        let admin = server.admin().await;
        let top = goal(&admin, json!({ "scope": "company", "period_kind": "quarter" })).await;
        let between = goal(&admin, json!({ "scope": "division", "parent": top["id"] })).await;
        let below = goal(&admin, json!({ "parent": between["id"], "metrics": [
            { "name": "Median minutes", "direction": "decrease", "baseline": 42, "target": 20, "unit": "min" },
            { "name": "Errors", "kind": "lag", "direction": "stay_below", "target": 5 }] })).await;
        goal(&admin, json!({ "parent": top["id"] })).await;
        assert_eq!(below["progress"], Value::Null, "nothing measured yet");
        let metric = |n: usize| format!("/api/metrics/{}/points", below["metrics"][n]["id"].as_str().unwrap());
        admin.post(&metric(0), json!({ "value": 31 })).await.is(201);
        admin.post(&metric(1), json!({ "value": 4 })).await.is(201);
        for at in [&below, &between, &top] {
            assert_eq!(admin.get(&path(at, "")).await.ok()["progress"], json!(0.75), "{}", at["scope"]);
        }
    }

    async fn a_correction_supersedes_its_point_and_nothing_is_lost(server: Server) {
        let admin = server.admin().await;
        let made = goal(&admin, json!({ "metrics": [{ "name": "Boards", "target": 64 }] })).await;
        let points = format!("/api/metrics/{}/points", made["metrics"][0]["id"].as_str().unwrap());
        let first = admin.post(&points, json!({ "value": 46, "at": "2026-11-20T12:00:00Z" })).await.is(201).json();
        admin.post(&points, json!({ "value": 32, "at": "2026-11-19T12:00:00Z" })).await.is(201);
        let corrected = json!({ "value": 48, "supersedes": first["id"], "note": "Two were counted late." });
        let second = admin.post(&points, corrected.clone()).await.is(201).json();
        assert_eq!(second["at"], first["at"], "a correction stands at the time of what it corrects");
        admin.post(&points, corrected).await.problem("invalid");
        assert_eq!(admin.get(&path(&made, "")).await.ok()["metrics"][0]["value"], 48.0);
        assert_eq!(admin.get(&points).await.ok()["items"].as_array().unwrap().len(), 3);
        admin.post(&points, json!({ "value": 1, "at": "2027-01-01T00:00:00Z" })).await.problem("invalid");
        server.member("Omar").await.post(&points, json!({ "value": 1 })).await.problem("forbidden");
    }

    async fn nothing_closes_by_silence_and_a_closed_goal_stays(server: Server) {
        let admin = server.admin().await;
        let made = goal(&admin, json!({})).await;
        admin.post(&path(&made, "/close"), json!({ "outcome": "achieved", "revision": 1 })).await.problem("outcome_needed");
        admin.post(&path(&made, "/close"), json!({ "note": "Done.", "revision": 1 })).await.problem("outcome_needed");
        let closing = json!({ "outcome": "partly", "note": "Nine of ten sites.", "revision": 1 });
        server.member("Omar").await.post(&path(&made, "/close"), closing.clone()).await.problem("forbidden");
        let closed = admin.post(&path(&made, "/close"), closing.clone()).await.ok();
        assert_eq!((&closed["state"], &closed["outcome"], &closed["closing_note"]),
            (&json!("closed"), &json!("partly"), &json!("Nine of ten sites.")));
        admin.post(&path(&made, "/close"), closing).await.problem("goal_closed");
        admin.patch(&path(&made, ""), json!({ "title": "Other", "revision": 2 })).await.problem("goal_closed");
        let other = goal(&admin, json!({})).await;
        admin.post(&path(&other, "/cancel"), json!({})).await.problem("invalid");
        assert_eq!(admin.post(&path(&other, "/cancel"), json!({ "note": "No longer ours." })).await.ok()["state"], "cancelled");
        let listed = admin.get("/api/goals").await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "cancelled ones only on demand");
    }

    async fn a_video_and_a_link_hang_on_a_goal(server: Server) {
        let admin = server.admin().await;
        let leena = server.member("Leena").await;
        let made = goal(&leena, json!({})).await;
        for title in ["One", "Two", "Three"] {
            let clip = recording(&server, &leena, title).await;
            leena.put(&path(&made, &format!("/clips/{clip}")), json!({})).await.is(204);
            leena.put(&path(&made, &format!("/clips/{clip}")), json!({})).await.is(204);
            server.app.clock.advance(chrono::TimeDelta::minutes(1));
        }
        let foreign = recording(&server, &admin, "Not hers").await;
        leena.put(&path(&made, &format!("/clips/{foreign}")), json!({})).await.is(204);
        server.member("Omar").await.put(&path(&made, &format!("/clips/{foreign}")), json!({})).await.problem("forbidden");
        leena.delete(&path(&made, &format!("/clips/{foreign}"))).await.is(204);
        let clips = admin.get(&path(&made, "")).await.ok()["last_clips"].clone();
        assert_eq!(clips.as_array().unwrap().len(), 2);
        assert_eq!((&clips[0]["measured_ms"], &clips[0]["author"]["name"]), (&json!(161200), &json!("Leena")));
        let timeline = admin.get(&path(&made, "/timeline")).await.ok();
        let titles: Vec<_> = timeline["items"].as_array().unwrap().iter().map(|e| e["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["Three", "Two", "One"]);
        leena.post(&path(&made, "/links"), json!({ "url": "javascript:alert(1)" })).await.problem("invalid");
        let link = leena.post(&path(&made, "/links"), json!({ "url": "https://x.atlassian.net/browse/TT-1" })).await.is(201).json();
        assert_eq!(link["kind"], "jira");
        assert_eq!(admin.get(&path(&made, "")).await.ok()["links"][0]["id"], link["id"]);
        leena.delete(&path(&made, &format!("/links/{}", link["id"].as_str().unwrap()))).await.is(204);
    }

    async fn pages_of_goals_stay_in_place_while_others_are_added(server: Server) {
        let admin = server.admin().await;
        for n in 0..5 {
            goal(&admin, json!({ "title": format!("Goal {n}"), "period_kind": "week" })).await;
        }
        let first = admin.get("/api/goals?limit=2").await.ok();
        goal(&admin, json!({ "title": "Newcomer", "period_start": "2027-05-01" })).await;
        let mut titles: Vec<String> = Vec::new();
        let mut page = first;
        loop {
            titles.extend(page["items"].as_array().unwrap().iter().map(|g| g["title"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            page = admin.get(&format!("/api/goals?limit=2&after={next}")).await.ok();
        }
        titles.sort();
        assert_eq!(titles, ["Goal 0", "Goal 1", "Goal 2", "Goal 3", "Goal 4"]);
        assert_eq!(admin.get("/api/goals?period=2026-11-18&owner=me").await.ok()["items"].as_array().unwrap().len(), 5);
        assert_eq!(admin.get("/api/goals?period_kind=month").await.ok()["items"][0]["title"], "Newcomer");
        assert_eq!(admin.get("/api/goals?parent=none&scope=company").await.ok()["items"], json!([]));
        admin.get("/api/goals?after=nonsense").await.problem("bad_request");
        admin.get("/api/goals?owner=nobody").await.problem("invalid");
    }

    async fn every_change_of_a_goal_leaves_a_row_in_the_trail(server: Server) {
        let admin = server.admin().await;
        let made = goal(&admin, json!({})).await;
        admin.patch(&path(&made, ""), json!({ "title": "Other", "revision": 1 })).await.is(200);
        admin.post(&path(&made, "/close"), json!({ "outcome": "missed", "note": "No.", "revision": 2 })).await.is(200);
        const SQL: &str = "select action from audit_event where subject_kind = 'goal' order by id, action";
        let mut actions: Vec<String> =
            twotake::on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).fetch_all(c).await).unwrap();
        actions.sort();
        assert_eq!(actions, ["goal.changed", "goal.closed", "goal.created"]);
    }
}
