//! The rules of goals, one by one and in every combination that matters: periods, scopes, owner and reviewer, directions,
//! links, and that nothing hides one.

use serde_json::{Value, json};

use crate::goal::{fiscal_year_starts_in, goal, path};
use crate::harness::both;

const SCOPES: [&str; 4] = ["company", "division", "manager", "individual"];
const KINDS: [&str; 4] = ["year", "quarter", "month", "week"];

both! {
    web at "2026-11-22T10:00:00Z";

    async fn a_goal_stands_only_under_a_longer_period_and_a_wider_or_equal_scope(server: Server) {
        let admin = server.admin().await;
        let mut parents = Vec::new();
        for scope in SCOPES {
            for kind in KINDS {
                parents.push((scope, kind, goal(&admin, json!({ "scope": scope, "period_kind": kind })).await));
            }
        }
        for (narrow, scope) in SCOPES.iter().enumerate() {
            for (short, kind) in KINDS.iter().enumerate() {
                for (above, long, parent) in &parents {
                    let new = json!({ "scope": scope, "period_kind": kind, "period_start": "2026-11-22", "title": "x",
                        "parent": parent["id"] });
                    let wide = SCOPES.iter().position(|one| one == above).unwrap() <= narrow;
                    let around = KINDS.iter().position(|one| one == long).unwrap() <= short;
                    let answer = admin.post("/api/goals", new).await;
                    match (wide, around) {
                        (true, true) => drop(answer.is(201)),
                        (false, _) => drop(answer.problem("parent_scope")),
                        (true, false) => drop(answer.problem("parent_period")),
                    }
                }
            }
        }
    }

    async fn a_period_follows_the_fiscal_year_in_every_month_it_can_start_in(server: Server) {
        let admin = server.admin().await;
        for (month, year, quarter) in [(1, ("2026-01-01", "2026-12-31", "2026"), ("2026-10-01", "2026-12-31")),
            (4, ("2026-04-01", "2027-03-31", "2026/27"), ("2026-10-01", "2026-12-31")),
            (10, ("2026-10-01", "2027-09-30", "2026/27"), ("2026-10-01", "2026-12-31")),
            (12, ("2025-12-01", "2026-11-30", "2025/26"), ("2026-09-01", "2026-11-30"))]
        {
            fiscal_year_starts_in(&server, month).await;
            let whole = goal(&admin, json!({ "period_kind": "year" })).await;
            assert_eq!(whole["period"], json!({ "kind": "year", "start": year.0, "end": year.1, "label": year.2 }));
            let part = goal(&admin, json!({ "period_kind": "quarter", "parent": whole["id"] })).await;
            assert_eq!((&part["period"]["start"], &part["period"]["end"]), (&json!(quarter.0), &json!(quarter.1)));
        }
    }

    async fn week_53_of_2026_stands_under_december_and_its_year_only(server: Server) {
        let admin = server.admin().await;
        let week = |parent: &Value| json!({ "scope": "individual", "period_kind": "week", "period_start": "2027-01-01",
            "title": "Week 53", "parent": parent["id"] });
        for (kind, day, fits) in [("month", "2026-12-01", true), ("quarter", "2026-12-01", true), ("year", "2026-12-01", true),
            ("month", "2027-01-01", false), ("quarter", "2027-01-01", false), ("year", "2027-01-01", false)]
        {
            let parent = goal(&admin, json!({ "period_kind": kind, "period_start": day })).await;
            let answer = admin.post("/api/goals", week(&parent)).await;
            if fits {
                let made = answer.is(201).json();
                assert_eq!(made["period"], json!({ "kind": "week", "start": "2026-12-28", "end": "2027-01-03", "label": "Week 53" }));
            } else {
                answer.problem("parent_period");
            }
        }
        // With a fiscal year from July both turns of the calendar lie in one year.
        fiscal_year_starts_in(&server, 7).await;
        let year = goal(&admin, json!({ "period_kind": "year", "period_start": "2027-01-01" })).await;
        admin.post("/api/goals", week(&year)).await.is(201);
    }

    async fn no_goal_stands_under_itself_however_far_down(server: Server) {
        let admin = server.admin().await;
        let mut chain = vec![goal(&admin, json!({ "title": "0" })).await];
        for n in 1..6 {
            let parent = chain[n - 1]["id"].clone();
            chain.push(goal(&admin, json!({ "title": n.to_string(), "parent": parent })).await);
        }
        for below in &chain[1..] {
            admin.patch(&path(&chain[0], ""), json!({ "parent": below["id"], "revision": 1 })).await.problem("goal_cycle");
        }
        let (one, two) = (goal(&admin, json!({})).await, goal(&admin, json!({})).await);
        let (a, b) = (json!({ "parent": two["id"], "revision": 1 }), json!({ "parent": one["id"], "revision": 1 }));
        let (one_path, two_path) = (path(&one, ""), path(&two, ""));
        let (a, b) = tokio::join!(admin.patch(&one_path, a), admin.patch(&two_path, b));
        let refused = [a, b].into_iter().filter(|answer| answer.status.as_u16() != 200).collect::<Vec<_>>();
        assert_eq!(refused.len(), 1, "each under the other at once: one is refused");
        assert_eq!(refused[0].json()["code"], "goal_cycle");
    }

    async fn a_goal_has_exactly_one_owner_whose_manager_reviews_it_unless_somebody_else_does(server: Server) {
        let admin = server.admin().await;
        let (ann, ben, tomasz) = (server.member("Ann").await, server.member("Ben").await, server.member("Tomasz").await);
        server.reports_to(&ann, &tomasz).await;
        server.reports_to(&ben, &admin).await;
        let made = goal(&ann, json!({})).await;
        assert_eq!((&made["owner"]["name"], &made["reviewer"]["name"]), (&json!("Ann"), &json!("Tomasz")));
        let given = admin.patch(&path(&made, ""), json!({ "owner": ben.id, "revision": 1 })).await.ok();
        assert_eq!((&given["owner"]["name"], &given["reviewer"]["name"]), (&json!("Ben"), &json!("Ada Byron")));
        admin.patch(&path(&made, ""), json!({ "reviewer": ben.id, "revision": 2 })).await.problem("invalid");
        let kept = admin.patch(&path(&made, ""), json!({ "owner": null, "title": "Still his", "revision": 2 })).await.ok();
        assert_eq!(kept["owner"]["name"], "Ben", "a goal is given away, never left without an owner");
        let other = admin.patch(&path(&made, ""), json!({ "reviewer": tomasz.id, "revision": 3 })).await.ok();
        assert_eq!(other["reviewer"]["name"], "Tomasz");
        let his = admin.patch(&path(&made, ""), json!({ "owner": tomasz.id, "revision": 4 })).await.ok();
        assert_eq!((&his["owner"]["name"], &his["reviewer"]), (&json!("Tomasz"), &Value::Null), "and never reviews it himself");
        let new = |more: Value| {
            let mut body = json!({ "scope": "individual", "period_kind": "month", "period_start": "2026-11-22", "title": "x" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        ann.post("/api/goals", new(json!({ "reviewer": ann.id }))).await.problem("invalid");
        let guest = server.guest("Gil").await;
        admin.post("/api/goals", new(json!({ "owner": guest.id }))).await.problem("invalid");
        admin.post("/api/goals", new(json!({ "reviewer": guest.id }))).await.problem("invalid");
        assert_eq!(goal(&ann, json!({ "reviewer": null })).await["reviewer"], Value::Null);
    }

    async fn progress_is_measured_in_all_four_directions(server: Server) {
        let admin = server.admin().await;
        for (direction, baseline, target, values) in [
            ("increase", 10, 20, [(5, 0.0), (10, 0.0), (15, 0.5), (20, 1.0), (30, 1.0)]),
            ("decrease", 20, 10, [(30, 0.0), (20, 0.0), (15, 0.5), (10, 1.0), (5, 1.0)]),
            ("stay_above", 0, 10, [(0, 0.0), (9, 0.0), (10, 1.0), (11, 1.0), (99, 1.0)]),
            ("stay_below", 0, 10, [(99, 0.0), (11, 0.0), (10, 1.0), (9, 1.0), (0, 1.0)]),
        ] {
            let metric = json!([{ "name": direction, "direction": direction, "baseline": baseline, "target": target }]);
            let made = goal(&admin, json!({ "metrics": metric })).await;
            let points = format!("/api/metrics/{}/points", made["metrics"][0]["id"].as_str().unwrap());
            for (value, progress) in values {
                server.app.clock.advance(chrono::TimeDelta::seconds(1));
                admin.post(&points, json!({ "value": value })).await.is(201);
                assert_eq!(admin.get(&path(&made, "")).await.ok()["progress"], json!(progress), "{direction} {value}");
            }
        }
        let flat = json!({ "scope": "individual", "period_kind": "month", "period_start": "2026-11-22", "title": "x",
            "metrics": [{ "name": "Flat", "baseline": 10, "target": 10 }] });
        admin.post("/api/goals", flat).await.problem("invalid");
    }

    async fn five_kinds_of_links_lead_outside(server: Server) {
        let admin = server.admin().await;
        let made = goal(&admin, json!({})).await;
        for (kind, url) in [("confluence", "https://acme.atlassian.net/wiki/spaces/FW/pages/1"), ("jira", "https://acme.atlassian.net/browse/FW-12"),
            ("monday", "https://acme.monday.com/boards/1/pulses/2"), ("zendesk", "https://acme.zendesk.com/agent/tickets/3"),
            ("document", "https://docs.example.com/plan.pdf")]
        {
            let link = admin.post(&path(&made, "/links"), json!({ "url": url, "title": kind })).await.is(201).json();
            assert_eq!(link["kind"], kind, "{url}");
            let said = admin.post(&path(&made, "/links"), json!({ "url": "https://example.com/x", "kind": kind })).await.is(201).json();
            assert_eq!(said["kind"], kind, "as it is said, whatever the address");
        }
        assert_eq!(admin.get(&path(&made, "")).await.ok()["links"].as_array().unwrap().len(), 10);
        admin.post(&path(&made, "/links"), json!({ "url": "https://example.com", "kind": "sharepoint" })).await.problem("invalid");
    }

    async fn nothing_hides_a_goal(server: Server) {
        let admin = server.admin().await;
        let (ann, ben) = (server.member("Ann").await, server.member("Ben").await);
        for state in ["draft", "active"] {
            let hidden = json!({ "title": state, "state": state, "visibility": "private", "hidden": true, "audience": "selected" });
            let made = goal(&ann, hidden.clone()).await;
            let change = json!({ "visibility": "private", "hidden": true, "revision": 1 });
            ann.patch(&path(&made, ""), change).await.is(200);
            let seen = ben.get(&path(&made, "")).await.ok();
            assert_eq!((&seen["title"], &seen["visibility"]), (&json!(state), &Value::Null));
        }
        assert_eq!(ben.get("/api/goals").await.ok()["items"].as_array().unwrap().len(), 2);
        let document = admin.get("/api/openapi.json").await.ok();
        for shape in ["NewGoal", "GoalChange", "Goal"] {
            let fields = document["components"]["schemas"][shape]["properties"].as_object().unwrap();
            for word in ["visib", "private", "hidden", "audience", "secret"] {
                assert!(fields.keys().all(|field| !field.contains(word)), "{shape} has a field like {word}");
            }
        }
    }

    async fn a_goal_closes_with_an_outcome_and_a_note_and_by_nothing_else(server: Server) {
        let admin = server.admin().await;
        for outcome in ["achieved", "partly", "missed", "dropped"] {
            let made = goal(&admin, json!({})).await;
            for lacking in [json!({ "revision": 1 }), json!({ "outcome": outcome, "revision": 1 }),
                json!({ "outcome": outcome, "note": "  ", "revision": 1 }), json!({ "note": "Why.", "revision": 1 })]
            {
                admin.post(&path(&made, "/close"), lacking).await.problem("outcome_needed");
            }
            admin.patch(&path(&made, ""), json!({ "state": "closed", "revision": 1 })).await.problem("invalid");
            let closing = json!({ "outcome": outcome, "note": "Why.", "revision": 1 });
            assert_eq!(admin.post(&path(&made, "/close"), closing).await.ok()["outcome"], outcome);
        }
        let open = goal(&admin, json!({ "period_start": "2026-11-22" })).await;
        server.app.clock.advance(chrono::TimeDelta::days(400));
        assert_eq!(admin.get(&path(&open, "")).await.ok()["state"], "active", "no time closes it");
    }
}
