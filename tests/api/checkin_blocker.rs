//! Blockers that stay: counted by slots, passed up one manager after the organisation's number of them.

use serde_json::{Value, json};
use twotake::checkin::tick::tick;

use crate::checkin::{at, away, begin, path, save, slot, submitted};
use crate::harness::{Client, Server, both};

/// Raises a blocker in the slot of Tuesday 24 November.
pub async fn raised(client: &Client, asks: Value) -> Value {
    let draft = begin(client, &slot(client, "2026-11-24").await).await;
    let blockers = json!([{ "text": "No spare supply", "asks": asks }]);
    save(client, &draft, json!({ "headline": "Stuck", "blockers": blockers })).await;
    client.post(&path(&draft, "/submit"), json!({})).await.ok()
}

async fn blocker(client: &Client, check_in: &Value) -> Value {
    client.get(&path(check_in, "")).await.ok()["blockers"][0].clone()
}

async fn asked(client: &Client) -> usize {
    let home = client.get("/api/home").await.ok();
    home["owe"].as_array().unwrap().iter().filter(|owed| owed["kind"] == "blocker").count()
}

pub async fn after_slots(server: &Server, admin: &Client, number: i64) {
    let revision = admin.get("/api/organisation").await.ok()["revision"].clone();
    admin.patch("/api/organisation", json!({ "escalate_after": number, "revision": revision })).await.is(200);
    at(server, "2026-11-24T09:00:00Z");
}

both! {
    web at "2026-11-22T10:00:00Z";

    async fn a_blocker_passes_up_one_manager_after_so_many_slots_answered_or_missed(server: Server) {
        let admin = server.admin().await;
        let (ann, bruno) = (server.member("Ann").await, server.member("Bruno").await);
        let (tomasz, ingrid) = (server.member("Tomasz").await, server.member("Ingrid").await);
        server.reports_to(&bruno, &tomasz).await;
        server.reports_to(&tomasz, &ingrid).await;
        after_slots(&server, &admin, 2).await;
        let said = raised(&ann, json!(bruno.id)).await;
        assert_eq!((&said["blockers"][0]["state"], &said["blockers"][0]["slots_carried"]), (&json!("open"), &json!(0)));
        // Thursday is answered, the next Tuesday missed: two slots.
        at(&server, "2026-11-26T10:00:00Z");
        submitted(&ann, &slot(&ann, "2026-11-26").await).await;
        assert_eq!(blocker(&ann, &said).await["state"], "open");
        assert_eq!(asked(&tomasz).await, 0);
        at(&server, "2026-12-01T16:00:01Z");
        tick(&server.app).await.unwrap();
        let up = blocker(&ann, &said).await;
        assert_eq!((&up["state"], &up["slots_carried"]), (&json!("escalated"), &json!(2)));
        assert_eq!((&up["asks"]["name"], &up["escalated_to"]["name"]), (&json!("Bruno"), &json!("Tomasz")));
        assert_eq!(up["escalated_at"], "2026-12-01T16:00:01Z");
        assert_eq!((asked(&bruno).await, asked(&tomasz).await, asked(&ingrid).await), (1, 1, 0));
        tick(&server.app).await.unwrap();
        assert_eq!(blocker(&ann, &said).await["slots_carried"], 2, "a second pass counts nothing twice");
        for (day, hour) in [("2026-12-03", "2026-12-03T10:00:00Z"), ("2026-12-08", "2026-12-08T10:00:00Z")] {
            at(&server, hour);
            tick(&server.app).await.unwrap();
            submitted(&ann, &slot(&ann, day).await).await;
        }
        assert_eq!(blocker(&ann, &said).await["escalated_to"]["name"], "Ingrid", "two more slots, one more manager");
        let resolve = format!("/api/blockers/{}/resolve", up["id"].as_str().unwrap());
        tomasz.post(&resolve, json!({})).await.problem("forbidden");
        assert_eq!(ingrid.post(&resolve, json!({ "answer": "Bought." })).await.ok()["state"], "resolved");
        const SQL: &str = "select count(*) from audit_event where action = 'blocker.escalated'";
        let told: i64 = twotake::on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).fetch_one(c).await).unwrap();
        assert_eq!(told, 2);
    }

    async fn one_that_asks_nobody_passes_to_the_authors_manager_and_never_to_the_author(server: Server) {
        let admin = server.admin().await;
        let (ann, ben, tomasz) = (server.member("Ann").await, server.member("Ben").await, server.member("Tomasz").await);
        server.reports_to(&ann, &tomasz).await;
        server.reports_to(&ben, &ann).await;
        after_slots(&server, &admin, 1).await;
        let nobody = raised(&ann, Value::Null).await;
        let of_ben = raised(&ben, json!(ann.id)).await;
        let eve = server.member("Eve").await;
        let alone = raised(&eve, Value::Null).await;
        at(&server, "2026-11-26T10:00:00Z");
        for person in [&ann, &ben, &eve] {
            submitted(person, &slot(person, "2026-11-26").await).await;
        }
        assert_eq!(blocker(&ann, &nobody).await["escalated_to"]["name"], "Tomasz");
        assert_eq!(blocker(&ben, &of_ben).await["escalated_to"]["name"], "Tomasz", "above Ann");
        let top = blocker(&eve, &alone).await;
        assert_eq!((&top["state"], &top["escalated_to"]), (&json!("open"), &Value::Null), "nobody is above her");
    }

    async fn an_excused_slot_and_an_extra_check_in_count_for_nothing(server: Server) {
        let admin = server.admin().await;
        let (ann, tomasz) = (server.member("Ann").await, server.member("Tomasz").await);
        server.reports_to(&ann, &tomasz).await;
        after_slots(&server, &admin, 1).await;
        let said = raised(&ann, Value::Null).await;
        away(&server, &ann, "2026-11-26", "2026-11-26").await;
        at(&server, "2026-11-26T17:00:00Z");
        tick(&server.app).await.unwrap();
        let extra = ann.post("/api/check-ins", json!({})).await.is(201).json();
        save(&ann, &extra, json!({ "headline": "Beside" })).await;
        let extra = ann.post(&path(&extra, "/submit"), json!({})).await.ok();
        assert_eq!(extra["blockers"][0]["carried"], true, "it is carried all the same");
        let still = blocker(&ann, &said).await;
        assert_eq!((&still["state"], &still["slots_carried"]), (&json!("open"), &json!(0)));
        admin.patch("/api/organisation", json!({ "escalate_after": 0, "revision": 2 })).await.problem("invalid");
    }
}
