//! "On track" while a lead metric moves away from its target: the check-in says so, and its author may keep it with a line.

use serde_json::{Value, json};

use crate::checkin::{at, begin, path, save, slot};
use crate::goal::goal;
use crate::harness::{Client, Server, both};

/// A check-in of a day that reports a value of the goal's first metric.
async fn drafted(client: &Client, day: &str, goal: &Value, status: &str, value: Option<f64>) -> Value {
    let draft = begin(client, &slot(client, day).await).await;
    let metrics = value.map_or(json!([]), |value| json!([{ "metric": goal["metrics"][0]["id"], "value": value }]));
    save(
        client,
        &draft,
        json!({ "headline": day, "goals": [
        { "goal": goal["id"], "status": status, "metrics": metrics }] }),
    )
    .await
}

async fn said(server: &Server, client: &Client, day: &str, goal: &Value, value: f64) -> Value {
    at(server, &format!("{day}T10:00:00Z"));
    let draft = drafted(client, day, goal, "on_track", Some(value)).await;
    client.post(&path(&draft, "/submit"), json!({})).await.ok()
}

both! {
    web at "2026-11-22T10:00:00Z";

    async fn two_slots_away_are_told_in_the_draft_and_frozen_in_the_check_in(server: Server) {
        let admin = server.admin().await;
        let made = goal(&admin, json!({ "period_kind": "month", "period_start": "2026-12-01",
            "metrics": [{ "name": "Boards", "target": 64, "unit": "boards" }] })).await;
        said(&server, &admin, "2026-12-01", &made, 60.0).await;
        let second = said(&server, &admin, "2026-12-03", &made, 58.0).await;
        assert_eq!(second["goals"][0]["against"], json!([]), "one slot away is not two");
        at(&server, "2026-12-08T10:00:00Z");
        twotake::checkin::tick(&server.app).await.unwrap();
        let caution = drafted(&admin, "2026-12-08", &made, "caution", Some(57.0)).await;
        assert_eq!(caution["goals"][0]["against"], json!([]), "who says caution is not contradicted");
        let draft = drafted(&admin, "2026-12-08", &made, "on_track", Some(57.0)).await;
        let against = json!([{ "metric": made["metrics"][0]["id"], "name": "Boards", "unit": "boards", "target": 64.0,
            "values": [60.0, 58.0, 57.0] }]);
        assert_eq!(draft["goals"][0]["against"], against);
        let told = admin.post(&path(&draft, "/submit"), json!({})).await.problem("invalid");
        assert!(told["fields"]["goals"].as_str().unwrap().contains("the number says otherwise"), "{told}");
        let reason = json!({ "goals": [{ "goal": made["id"], "status": "on_track", "reason": " The rig was down for a day. ",
            "metrics": [{ "metric": made["metrics"][0]["id"], "value": 57 }] }] });
        save(&admin, &draft, reason).await;
        let kept = admin.post(&path(&draft, "/submit"), json!({})).await.ok();
        assert_eq!((&kept["goals"][0]["against"], &kept["goals"][0]["reason"]), (&against, &json!("The rig was down for a day.")));
        let points = format!("/api/metrics/{}/points", made["metrics"][0]["id"].as_str().unwrap());
        server.app.clock.advance(chrono::TimeDelta::hours(1));
        admin.post(&points, json!({ "value": 90 })).await.is(201);
        assert_eq!(admin.get(&path(&kept, "")).await.ok()["goals"][0]["against"], against, "what was said stays said");
    }

    async fn a_number_that_recovers_between_two_slots_or_is_not_reported_is_judged_by_where_it_stands(server: Server) {
        let admin = server.admin().await;
        let made = goal(&admin, json!({ "period_start": "2026-12-01",
            "metrics": [{ "name": "Alarms", "direction": "decrease", "baseline": 20, "target": 3 }] })).await;
        said(&server, &admin, "2026-12-01", &made, 8.0).await;
        said(&server, &admin, "2026-12-03", &made, 9.0).await;
        let points = format!("/api/metrics/{}/points", made["metrics"][0]["id"].as_str().unwrap());
        at(&server, "2026-12-07T10:00:00Z");
        admin.post(&points, json!({ "value": 10 })).await.is(201);
        at(&server, "2026-12-08T10:00:00Z");
        twotake::checkin::tick(&server.app).await.unwrap();
        let silent = drafted(&admin, "2026-12-08", &made, "on_track", None).await;
        assert_eq!(silent["goals"][0]["against"][0]["values"], json!([8.0, 9.0, 10.0]), "noted between two check-ins");
        let better = drafted(&admin, "2026-12-08", &made, "on_track", Some(8.5)).await;
        assert_eq!(better["goals"][0]["against"], json!([]));
        let reason = json!({ "goals": [{ "goal": made["id"], "status": "on_track", "reason": "Needless",
            "metrics": [{ "metric": made["metrics"][0]["id"], "value": 8.5 }] }] });
        save(&admin, &better, reason).await;
        let sent = admin.post(&path(&better, "/submit"), json!({})).await.ok();
        assert_eq!(sent["goals"][0]["reason"], "", "a reason that nothing asks for is not kept");
    }
}
