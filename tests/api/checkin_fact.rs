//! What happened is never rewritten: slots across zones, daylight saving and changes of every setting; reviews that were not
//! there in time.

use serde_json::{Value, json};
use twotake::checkin::tick::tick;

use crate::checkin::{at, away, begin, path, person_zone, save, slot, slots, submitted};
use crate::harness::{Client, Server, both};

async fn actions(server: &Server, action: &'static str) -> i64 {
    const SQL: &str = "select count(*) from audit_event where action = $1";
    twotake::on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).bind(action).fetch_one(c).await).unwrap()
}

async fn settings(admin: &Client, change: Value) {
    let mut change = change;
    change["revision"] = admin.get("/api/organisation").await.ok()["revision"].clone();
    admin.patch("/api/organisation", change).await.is(200);
}

/// Day and due time of a person's slots.
async fn dues(client: &Client) -> Vec<String> {
    slots(client, "").await.iter().map(|slot| slot["due_at"].as_str().unwrap().to_owned()).collect()
}

both! {
    web at "2026-11-22T10:00:00Z";

    async fn no_change_of_a_setting_rewrites_a_slot_that_has_opened(server: Server) {
        let admin = server.admin().await;
        let (ann, tomasz, ingrid) = (server.member("Ann").await, server.member("Tomasz").await, server.member("Ingrid").await);
        server.reports_to(&ann, &tomasz).await;
        at(&server, "2026-11-24T09:00:00Z");
        tick(&server.app).await.unwrap();
        let said = submitted(&ann, &slot(&ann, "2026-11-24").await).await;
        at(&server, "2026-11-26T16:00:01Z");
        tick(&server.app).await.unwrap();
        away(&server, &ann, "2026-12-01", "2026-12-01").await;
        at(&server, "2026-12-01T08:00:00Z");
        tick(&server.app).await.unwrap();
        at(&server, "2026-12-03T08:00:00Z");
        tick(&server.app).await.unwrap();
        let mut before = Vec::new();
        for day in ["2026-11-24", "2026-11-26", "2026-12-01", "2026-12-03"] {
            before.push(slot(&ann, day).await);
        }
        let states: Vec<_> = before.iter().map(|slot| slot["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["submitted", "missed", "excused", "open"]);

        settings(&admin, json!({ "check_in_weekdays": [1, 5], "due_local_time": "10:00", "grace_minutes": 0,
            "review_due_hours": 2, "time_zone": "Asia/Kolkata" })).await;
        let me = ann.get("/api/me").await.ok();
        ann.patch("/api/me", json!({ "time_zone": "America/Sao_Paulo", "revision": me["revision"] })).await.is(200);
        server.reports_to(&ann, &ingrid).await;
        let absences = admin.get(&format!("/api/absences?person={}&from=2026-11-01", ann.id)).await.ok();
        let entered = absences["items"][0]["id"].as_str().unwrap();
        ann.delete(&format!("/api/absences/{entered}")).await.is(204);
        tick(&server.app).await.unwrap();
        let mut after = Vec::new();
        for day in ["2026-11-24", "2026-11-26", "2026-12-01", "2026-12-03"] {
            after.push(slot(&ann, day).await);
        }
        assert_eq!(before, after);
        let kept = ann.get(&path(&said, "")).await.ok();
        assert_eq!((&kept["review"]["due_at"], &kept["review"]["reviewer"]["name"]),
            (&said["review"]["due_at"], &json!("Tomasz")), "a reviewer's time is frozen too");
        let ahead = slot(&ann, "2026-12-04").await;
        assert_eq!((&ahead["due_at"], &ahead["reviewer"]["name"]), (&json!("2026-12-04T13:00:00Z"), &json!("Ingrid")));
        assert_eq!(submitted(&ann, &after[3]).await["review"]["reviewer"]["name"], "Tomasz", "frozen when it opened");
    }

    async fn a_review_that_is_not_there_in_time_is_the_reviewers_miss_for_good(server: Server) {
        server.admin().await;
        let (ann, ben, tomasz) = (server.member("Ann").await, server.member("Ben").await, server.member("Tomasz").await);
        server.reports_to(&ann, &tomasz).await;
        server.reports_to(&ben, &tomasz).await;
        at(&server, "2026-11-24T09:00:00Z");
        tick(&server.app).await.unwrap();
        let late = submitted(&ann, &slot(&ann, "2026-11-24").await).await;
        let punctual = submitted(&ben, &slot(&ben, "2026-11-24").await).await;
        assert_eq!((&late["review"]["due_at"], &late["review"]["ended"]), (&json!("2026-11-25T09:00:00Z"), &Value::Null));
        at(&server, "2026-11-25T09:00:00Z");
        assert_eq!(tick(&server.app).await.unwrap().unreviewed, 0, "the due second still counts");
        let answer = json!({ "decision": "acknowledged" });
        assert_eq!(tomasz.post(&path(&punctual, "/review"), answer.clone()).await.ok()["review"]["ended"], "on_time");
        at(&server, "2026-11-25T09:00:01Z");
        assert_eq!(tick(&server.app).await.unwrap().unreviewed, 1);
        assert_eq!(tick(&server.app).await.unwrap().unreviewed, 0);
        assert_eq!(actions(&server, "review.ended").await, 1);
        assert_eq!(ann.get(&path(&late, "")).await.ok()["review"]["ended"], "missed", "everybody reads it");
        let answered = tomasz.post(&path(&late, "/review"), answer).await.ok();
        assert_eq!((&answered["review"]["decision"], &answered["review"]["ended"]), (&json!("acknowledged"), &json!("missed")));
    }

    async fn a_late_review_is_a_miss_before_the_clock_has_passed_by_and_an_absence_excuses_it(server: Server) {
        server.admin().await;
        let (ann, ben, tomasz, kiri) =
            (server.member("Ann").await, server.member("Ben").await, server.member("Tomasz").await, server.member("Kiri").await);
        person_zone(&server, &kiri, "Pacific/Kiritimati").await;
        server.reports_to(&ann, &tomasz).await;
        server.reports_to(&ben, &kiri).await;
        at(&server, "2026-11-24T12:00:00Z");
        let anns = submitted(&ann, &slot(&ann, "2026-11-24").await).await;
        let bens = submitted(&ben, &slot(&ben, "2026-11-24").await).await;
        // Due on Wednesday at 12:00 UTC, which is Thursday at 02:00 where Kiri is.
        away(&server, &kiri, "2026-11-26", "2026-11-26").await;
        away(&server, &tomasz, "2026-11-26", "2026-11-26").await;
        at(&server, "2026-11-25T12:00:01Z");
        let answer = json!({ "decision": "acknowledged" });
        assert_eq!(tomasz.post(&path(&anns, "/review"), answer.clone()).await.ok()["review"]["ended"], "missed");
        assert_eq!(kiri.post(&path(&bens, "/review"), answer).await.ok()["review"]["ended"], "excused");
        assert_eq!(tick(&server.app).await.unwrap().unreviewed, 0);
    }
}

/// Sundays, the day on which the clocks change.
async fn sundays(server: &Server) -> [Client; 3] {
    let admin = server.admin().await;
    settings(&admin, json!({ "check_in_weekdays": [7] })).await;
    let mut people = Vec::new();
    for (name, zone) in [("Aino", "Europe/Helsinki"), ("Joe", "America/New_York"), ("Ravi", "Asia/Kolkata")] {
        let person = server.member(name).await;
        person_zone(server, &person, zone).await;
        people.push(person);
    }
    people.try_into().unwrap_or_else(|_| unreachable!())
}

mod clocks_go_forward {
    use super::*;

    both! {
        web at "2026-03-01T05:00:00Z";

        async fn a_slot_is_due_at_four_where_each_person_is(server: Server) {
            let [aino, joe, ravi] = sundays(&server).await;
            // New York goes to summer time on 8 March, Helsinki on the 29th, Kolkata never.
            assert_eq!(dues(&joe).await, ["2026-03-01T21:00:00Z", "2026-03-08T20:00:00Z", "2026-03-15T20:00:00Z"]);
            assert_eq!(dues(&ravi).await, ["2026-03-01T10:30:00Z", "2026-03-08T10:30:00Z", "2026-03-15T10:30:00Z"]);
            at(&server, "2026-03-16T05:00:00Z");
            tick(&server.app).await.unwrap();
            let spring = |all: Vec<String>| all.into_iter().filter(|due| due.as_str() > "2026-03-16").collect::<Vec<_>>();
            assert_eq!(spring(dues(&aino).await), ["2026-03-22T14:00:00Z", "2026-03-29T13:00:00Z"]);
            at(&server, "2026-03-29T14:00:00Z");
            tick(&server.app).await.unwrap();
            assert_eq!(slot(&aino, "2026-03-29").await["state"], "open", "the last instant of the grace, by the new hour");
            at(&server, "2026-03-29T14:00:01Z");
            tick(&server.app).await.unwrap();
            assert_eq!(slot(&aino, "2026-03-29").await["state"], "missed");
            assert_eq!(slot(&joe, "2026-03-29").await["state"], "open", "it is ten in the morning there");
            assert_eq!(slot(&ravi, "2026-03-29").await["state"], "missed");
        }
    }
}

mod clocks_go_back {
    use super::*;

    both! {
        web at "2026-10-19T05:00:00Z";

        async fn a_slot_is_due_at_four_where_each_person_is(server: Server) {
            let [aino, joe, ravi] = sundays(&server).await;
            assert_eq!(dues(&aino).await, ["2026-10-25T14:00:00Z", "2026-11-01T14:00:00Z"], "winter time since that morning");
            assert_eq!(dues(&joe).await, ["2026-10-25T20:00:00Z", "2026-11-01T21:00:00Z"]);
            assert_eq!(dues(&ravi).await, ["2026-10-25T10:30:00Z", "2026-11-01T10:30:00Z"]);
            at(&server, "2026-11-01T21:00:00Z");
            tick(&server.app).await.unwrap();
            assert_eq!(submitted(&joe, &slot(&joe, "2026-11-01").await).await["slot"]["state"], "submitted");
        }
    }
}

mod the_turn_of_the_year {
    use super::*;
    use crate::goal::{fiscal_year_starts_in, goal};

    async fn titles(client: &Client, draft: &Value) -> Vec<String> {
        let draft = client.get(&path(draft, "")).await.ok();
        draft["goals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|goal| goal["goal"]["title"].as_str().unwrap().to_owned())
            .collect()
    }

    both! {
        web at "2026-12-28T05:00:00Z";

        async fn week_53_is_asked_about_in_both_years_and_a_month_in_its_own(server: Server) {
            let admin = server.admin().await;
            fiscal_year_starts_in(&server, 4).await;
            for (kind, day, title) in [("week", "2027-01-01", "Week 53"), ("week", "2027-01-04", "Week 1"),
                ("month", "2026-12-31", "December"), ("month", "2027-01-01", "January"), ("quarter", "2026-12-31", "Quarter")]
            {
                goal(&admin, json!({ "period_kind": kind, "period_start": day, "title": title })).await;
            }
            at(&server, "2026-12-31T12:00:00Z");
            let thursday = begin(&admin, &slot(&admin, "2026-12-31").await).await;
            assert_eq!(titles(&admin, &thursday).await, ["December", "Week 53"]);
            let answers: Vec<Value> = thursday["goals"].as_array().unwrap().iter()
                .map(|goal| json!({ "goal": goal["goal"]["id"], "no_change": true })).collect();
            save(&admin, &thursday, json!({ "headline": "Done", "goals": answers })).await;
            admin.post(&path(&thursday, "/submit"), json!({})).await.is(200);
            // Half past eleven at night in UTC is already the new year in Berlin.
            at(&server, "2026-12-31T23:30:00Z");
            let extra = admin.post("/api/check-ins", json!({})).await.is(201).json();
            assert_eq!((&extra["local_date"], titles(&admin, &extra).await), (&json!("2027-01-01"),
                vec!["January".to_owned(), "Week 53".to_owned()]));
        }
    }
}

mod by_itself {
    use super::*;
    use crate::harness::{PATIENCE, until};

    both! {
        at "2026-11-24T09:00:00Z";

        async fn a_worker_passes_over_slots_without_being_asked(server: Server) {
            let admin = server.admin().await;
            at(&server, "2026-11-24T17:00:00Z");
            until("the slot is missed", PATIENCE, || async { slot(&admin, "2026-11-24").await["state"] == "missed" }).await;
            assert_eq!(slot(&admin, "2026-12-08").await["state"], "ahead", "and the missing ones are made");
        }
    }
}
