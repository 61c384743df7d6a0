//! The scoreboard: what slots and reviews became, by week, manager and person; lead metrics with their points and videos; CSV.

use serde_json::{Value, json};
use twotake::checkin::tick::tick;

use crate::checkin::{at, away, begin, path, save, slot, submitted};
use crate::goal::{fiscal_year_starts_in, goal};
use crate::harness::{Answer, Client, Server, both};
use crate::recorded::recording;

async fn board(client: &Client, query: &str) -> Value {
    client.get(&format!("/api/scoreboard?{query}")).await.ok()
}

async fn lead(client: &Client, query: &str) -> Value {
    client.get(&format!("/api/scoreboard/metrics?{query}")).await.ok()["items"].clone()
}

/// submitted, late, missed, excused, open
fn slots_of(tally: &Value) -> [i64; 5] {
    ["submitted", "late", "missed", "excused", "open"].map(|field| tally[field].as_i64().unwrap())
}

/// on time, missed, excused
fn reviews_of(tally: &Value) -> [i64; 3] {
    ["reviews_on_time", "reviews_missed", "reviews_excused"].map(|field| tally[field].as_i64().unwrap())
}

fn row<'a>(board: &'a Value, name: &str) -> &'a Value {
    board["people"]["items"].as_array().unwrap().iter().find(|row| row["person"]["name"] == name).unwrap()
}

fn lines(answer: &Answer) -> Vec<String> {
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.ends_with("\r\n"), "{text}");
    text.trim_end().split("\r\n").map(str::to_owned).collect()
}

/// Ann and Ben report to Tomasz. Ann: on time, missed, on time. Ben: late, excused, open. Tomasz: missed, missed, open; of the three
/// reviews he owes, one is on time, one missed, one not yet due.
pub async fn three_slots(server: &Server) -> [Client; 4] {
    let admin = server.admin().await;
    let (ann, ben, tomasz) = (server.member("Ann").await, server.member("Ben").await, server.member("Tomasz").await);
    server.reports_to(&ann, &tomasz).await;
    server.reports_to(&ben, &tomasz).await;
    away(server, &ben, "2026-11-26", "2026-11-27").await;
    at(server, "2026-11-24T09:00:00Z");
    tick(&server.app).await.unwrap();
    let first = submitted(&ann, &slot(&ann, "2026-11-24").await).await;
    tomasz.post(&path(&first, "/review"), json!({ "decision": "acknowledged" })).await.is(200);
    at(server, "2026-11-24T15:30:00Z");
    submitted(&ben, &slot(&ben, "2026-11-24").await).await;
    for instant in ["2026-11-24T17:00:00Z", "2026-11-26T09:00:00Z", "2026-11-26T17:00:00Z", "2026-12-01T08:30:00Z"] {
        at(server, instant);
        tick(&server.app).await.unwrap();
    }
    submitted(&ann, &slot(&ann, "2026-12-01").await).await;
    [admin, ann, ben, tomasz]
}

both! {
    web at "2026-11-22T10:00:00Z";

    async fn reliability_counts_what_slots_and_reviews_became_for_each_scope(server: Server) {
        let [admin, ann, ben, tomasz] = three_slots(&server).await;
        let company = board(&ann, "scope=company&weeks=4").await;
        assert_eq!((&company["from"], &company["to"]), (&json!("2026-11-09"), &json!("2026-12-06")));
        // Ada misses twice like Tomasz, and both wait for today's.
        assert_eq!((slots_of(&company["total"]), reviews_of(&company["total"])), ([2, 1, 5, 1, 3], [1, 1, 0]));
        let weeks: Vec<_> = company["by_week"].as_array().unwrap().iter().map(|week| (week["week"].as_u64().unwrap(), slots_of(week))).collect();
        assert_eq!(weeks, [(46, [0; 5]), (47, [0; 5]), (48, [1, 1, 5, 1, 0]), (49, [1, 0, 0, 0, 3])]);
        let names: Vec<_> = company["people"]["items"].as_array().unwrap().iter().map(|row| row["person"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Ada Byron", "Tomasz", "Ann", "Ben"], "by manager, those of nobody first");
        let anns = row(&company, "Ann");
        assert_eq!(anns["slots"], json!([{ "date": "2026-11-24", "state": "submitted" }, { "date": "2026-11-26", "state": "missed" },
            { "date": "2026-12-01", "state": "submitted" }]));
        assert_eq!((slots_of(anns), &anns["manager"]["name"]), ([2, 0, 1, 0, 0], &json!("Tomasz")));
        assert_eq!(reviews_of(row(&company, "Tomasz")), [1, 1, 0]);
        let groups: Vec<_> = company["groups"].as_array().unwrap().iter().map(|group| (group["manager"]["name"].as_str(), slots_of(group))).collect();
        assert_eq!(groups, [(None, [0, 0, 4, 0, 2]), (Some("Tomasz"), [2, 1, 1, 1, 1])]);

        let reports = board(&tomasz, "scope=manager").await;
        assert_eq!((slots_of(&reports["total"]), &reports["circle"]["name"], &reports["weeks"]),
            ([2, 1, 1, 1, 1], &json!("Tomasz"), &json!(12)));
        assert_eq!(reviews_of(&reports["total"]), [0, 0, 0], "what he owed is his own");
        let alone = board(&admin, &format!("scope=person&of={}&weeks=26", ben.id)).await;
        assert_eq!((slots_of(&alone["total"]), alone["by_week"].as_array().unwrap().len()), ([0, 1, 0, 1, 1], 26));
        admin.get("/api/scoreboard?weeks=5").await.problem("invalid");
        admin.get("/api/scoreboard?scope=division").await.problem("not_found");
        server.guest("Gil").await.get("/api/scoreboard").await.problem("forbidden");
        server.stranger().get("/api/scoreboard").await.problem("unauthenticated");
    }

    async fn a_division_counts_the_people_of_its_teams_and_pages_stay_in_place(server: Server) {
        let [admin, ann, ben, tomasz] = three_slots(&server).await;
        let company = admin.get("/api/units").await.ok()["items"][0].clone();
        let division = admin.post("/api/units", json!({ "name": "Product", "kind": "division", "parent": company["id"] })).await.is(201).json();
        let team = admin.post("/api/units", json!({ "name": "Firmware", "kind": "team", "parent": division["id"] })).await.is(201).json();
        for (unit, person) in [(&team, &ann), (&division, &tomasz)] {
            let unit = unit["id"].as_str().unwrap();
            admin.put(&format!("/api/units/{unit}/members/{}", person.id), json!({})).await.is(204);
        }
        let own = board(&ann, "scope=division").await;
        assert_eq!((&own["circle"]["name"], slots_of(&own["total"])), (&json!("Product"), [2, 0, 3, 0, 1]));
        assert_eq!(board(&ben, "scope=division").await["circle"]["name"], "Product", "who is in none sees the first");
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let page = board(&ann, &format!("limit=1{after}")).await;
            assert_eq!(slots_of(&page["total"]), [2, 1, 5, 1, 3], "totals are the whole circle's on every page");
            let [group] = page["groups"].as_array().unwrap().as_slice() else { panic!("{page}") };
            assert_eq!(group["manager"]["name"], page["people"]["items"][0]["manager"]["name"], "and its groups those of its people");
            seen.push(page["people"]["items"][0]["person"]["name"].as_str().unwrap().to_owned());
            let Some(next) = page["people"]["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen, ["Ada Byron", "Tomasz", "Ann", "Ben"]);
    }

    async fn lead_metrics_come_with_their_points_corrected_carried_and_the_last_two_videos(server: Server) {
        let admin = server.admin().await;
        let ann = server.member("Ann").await;
        let metrics = json!([{ "name": "Boards", "target": 64, "unit": "boards" }, { "name": "Sales", "kind": "lag", "target": 9 }]);
        let made = goal(&ann, json!({ "metrics": metrics, "title": "Soak" })).await;
        let wide = json!({ "scope": "company", "period_kind": "quarter", "title": "Sites", "metrics": [{ "name": "Called", "target": 20 }] });
        goal(&admin, wide).await;
        let points = format!("/api/metrics/{}/points", made["metrics"][0]["id"].as_str().unwrap());
        let first = ann.post(&points, json!({ "value": 40, "at": "2026-11-18T12:00:00Z" })).await.is(201).json();
        ann.post(&points, json!({ "value": 44, "supersedes": first["id"] })).await.is(201);
        ann.post(&points, json!({ "value": 48, "at": "2026-11-20T12:00:00Z" })).await.is(201);
        ann.post(&points, json!({ "value": 3, "at": "2025-11-20T12:00:00Z" })).await.is(201);
        for title in ["One", "Two", "Three"] {
            let clip = recording(&server, &ann, title).await;
            ann.put(&format!("/api/goals/{}/clips/{clip}", made["id"].as_str().unwrap()), json!({})).await.is(204);
            server.app.clock.advance(chrono::TimeDelta::minutes(1));
        }
        let company = lead(&admin, "scope=company").await;
        let names: Vec<_> = company.as_array().unwrap().iter().map(|metric| metric["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Called", "Boards"], "lead only, the widest first");
        let boards = &company[1];
        let values: Vec<_> = boards["points"].as_array().unwrap().iter().map(|point| point["value"].as_f64().unwrap()).collect();
        assert_eq!((values, &boards["value"], boards["clips"].as_array().unwrap().len()), (vec![44.0, 48.0], &json!(48.0), 2));
        assert_eq!((&boards["goal"]["title"], &boards["goal"]["owner"]["name"]), (&json!("Soak"), &json!("Ann")));
        assert_eq!(lead(&admin, "scope=person").await[0]["name"], "Called");
        let carrying = json!({ "outcome": "partly", "note": "Goes on.", "revision": made["revision"] });
        ann.post(&format!("/api/goals/{}/carry", made["id"].as_str().unwrap()), carrying).await.is(201);
        at(&server, "2026-12-02T10:00:00Z");
        let carried = lead(&ann, "scope=person").await[0].clone();
        let values: Vec<_> = carried["points"].as_array().unwrap().iter().map(|point| point["value"].as_f64().unwrap()).collect();
        assert_eq!((carried["name"].as_str(), values), (Some("Boards"), vec![44.0, 48.0, 48.0]), "the old goal's points go on");
        assert_eq!(lead(&ann, "scope=manager").await.as_array().unwrap().len(), 1);
        admin.get("/api/scoreboard/metrics?weeks=5").await.problem("invalid");
        server.guest("Gil").await.get("/api/scoreboard/metrics").await.problem("forbidden");
    }

    async fn confidence_and_videos_stand_beside_a_person(server: Server) {
        let admin = server.admin().await;
        let (made, other) = (goal(&admin, json!({})).await, goal(&admin, json!({ "title": "Other" })).await);
        for (day, sure) in [("2026-11-24", 4), ("2026-11-26", 6)] {
            at(&server, &format!("{day}T10:00:00Z"));
            let draft = begin(&admin, &slot(&admin, day).await).await;
            let video = recording(&server, &admin, day).await;
            let answer = |goal: &Value, sure: i64| json!({ "goal": goal["id"], "status": "on_track", "confidence": sure });
            save(&admin, &draft, json!({ "headline": day, "recording": video, "goals": [answer(&made, sure), answer(&other, sure + 2)] })).await;
            admin.post(&path(&draft, "/submit"), json!({})).await.is(200);
        }
        let board = board(&admin, "scope=person").await;
        let ada = row(&board, "Ada Byron");
        assert_eq!(ada["confidence"], json!([6.0]), "the mean of the week's means, 5 and 7");
        let titles: Vec<_> = ada["videos"].as_array().unwrap().iter().map(|video| video["recording"]["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["2026-11-26", "2026-11-24"]);
    }

    async fn the_tables_are_csv_that_no_spreadsheet_runs(server: Server) {
        let [admin, ann, ..] = three_slots(&server).await;
        let reliability = admin.get("/api/scoreboard.csv?weeks=4").await.is(200);
        assert_eq!(reliability.headers["content-type"], "text/csv; charset=utf-8; header=present");
        assert_eq!(reliability.headers["content-disposition"], "attachment; filename=\"reliability-company-2026-W49-4-weeks.csv\"");
        let told = lines(&reliability);
        assert_eq!(told[0], "week,monday,name,handle,manager,submitted,late,missed,excused,open,reviews_on_time,reviews_missed,reviews_excused");
        assert!(told.contains(&"2026-W48,2026-11-23,Ann,ann,Tomasz,1,0,1,0,0,0,0,0".to_owned()), "{told:?}");
        assert!(told.contains(&"2026-W48,2026-11-23,Tomasz,tomasz,,0,0,2,0,0,1,1,0".to_owned()), "{told:?}");
        assert_eq!(told.len(), 1 + 2 * 4);
        let formula = json!({ "title": "=HYPERLINK(\"http://evil.example\"), now", "metrics": [
            { "name": "@SUM(A1:A9)", "direction": "decrease", "baseline": 9, "target": -2, "unit": "-" }] });
        let made = goal(&ann, formula).await;
        let points = format!("/api/metrics/{}/points", made["metrics"][0]["id"].as_str().unwrap());
        ann.post(&points, json!({ "value": -1.5 })).await.is(201);
        let metrics = lines(&admin.get("/api/scoreboard.csv?table=metrics").await.is(200));
        assert_eq!(metrics[1], "2026-W49,2026-11-30,\"'=HYPERLINK(\"\"http://evil.example\"\"), now\",individual,Ann,'@SUM(A1:A9),'-,decrease,9,-2,-1.5");
        server.guest("Gil").await.get("/api/scoreboard.csv").await.problem("forbidden");
    }
}

mod the_turn_of_the_year {
    use super::*;

    both! {
        web at "2026-12-20T10:00:00Z";

        async fn week_53_stands_between_52_and_1_whatever_the_fiscal_year(server: Server) {
            let admin = server.admin().await;
            fiscal_year_starts_in(&server, 4).await;
            for day in ["2026-12-22", "2026-12-24", "2026-12-29"] {
                at(&server, &format!("{day}T10:00:00Z"));
                tick(&server.app).await.unwrap();
                submitted(&admin, &slot(&admin, day).await).await;
            }
            for instant in ["2026-12-31T10:00:00Z", "2027-01-01T10:00:00Z", "2027-01-05T10:00:00Z"] {
                at(&server, instant);
                tick(&server.app).await.unwrap();
            }
            submitted(&admin, &slot(&admin, "2027-01-05").await).await;
            let board = board(&admin, "scope=person&weeks=4").await;
            let weeks: Vec<_> = board["by_week"].as_array().unwrap().iter()
                .map(|week| (week["year"].as_i64().unwrap(), week["week"].as_i64().unwrap(), slots_of(week)[0], slots_of(week)[2])).collect();
            assert_eq!(weeks, [(2026, 51, 0, 0), (2026, 52, 2, 0), (2026, 53, 1, 1), (2027, 1, 1, 0)]);
            let told = lines(&admin.get("/api/scoreboard.csv?scope=person&weeks=4").await.is(200));
            assert!(told[2].starts_with("2026-W53,2026-12-28,Ada Byron,"), "{told:?}");
            assert!(told[3].starts_with("2027-W01,2027-01-04,Ada Byron,"), "{told:?}");
        }
    }
}
