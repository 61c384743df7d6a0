//! The organisation: settings, units, absences; and who may do what with accounts and organisation alike.

use serde_json::{Value, json};

use crate::harness::{Client, both};

const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

async fn make_unit(admin: &Client, kind: &str, parent: Option<&Value>, name: &str) -> Value {
    admin.post("/api/units", json!({ "kind": kind, "parent": parent, "name": name })).await.is(201).json()
}

fn path(unit: &Value) -> String {
    format!("/api/units/{}", unit["id"].as_str().unwrap())
}

async fn actions(admin: &Client) -> Vec<String> {
    let page = admin.get("/api/audit?limit=100").await.ok();
    page["items"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
}

both! {
    async fn settings_change_within_the_products_limits(server: Server) {
        let admin = server.admin().await;
        let change = json!({ "name": "Northwind Ltd", "limit_ms": 120_000, "takes": 1, "check_in_weekdays": [5, 1, 1],
                             "due_local_time": "9:30", "fiscal_year_start": 4, "revision": 1,
                             "allowed_origins": ["https://Wiki.example.com/"] });
        let changed = admin.patch("/api/organisation", change).await.ok();
        assert_eq!((&changed["limit_ms"], &changed["takes"], &changed["revision"]), (&json!(120_000), &json!(1), &json!(2)));
        assert_eq!(changed["check_in_weekdays"], json!([1, 5]));
        assert_eq!((&changed["due_local_time"], &changed["fiscal_year_start"]), (&json!("09:30"), &json!(4)));
        assert_eq!(changed["allowed_origins"], json!(["https://wiki.example.com"]));
        assert_eq!(admin.get("/api/session").await.ok()["recording_limit_ms"], 120_000);

        let wrong = json!({ "limit_ms": 180_001, "takes": 3, "workdays": [], "due_local_time": "noon", "time_zone": "Mars",
                            "grace_minutes": -1, "allowed_origins": ["*"], "revision": 2 });
        let problem = admin.patch("/api/organisation", wrong).await.problem("invalid");
        assert_eq!(problem["fields"].as_object().unwrap().len(), 7, "{problem}");
        let stale = admin.patch("/api/organisation", json!({ "name": "Other", "revision": 1 })).await.problem("stale");
        assert_eq!(stale["current"]["name"], "Northwind Ltd");
        assert_eq!(admin.get("/api/organisation").await.ok()["name"], "Northwind Ltd");
        assert!(actions(&admin).await.contains(&"organisation.changed".to_owned()));
    }

    async fn units_form_a_tree_without_cycles(server: Server) {
        let admin = server.admin().await;
        let leena = server.member("Leena").await;
        let company = admin.get("/api/units").await.ok()["items"][0].clone();
        assert_eq!(company["kind"], "company");
        let product = make_unit(&admin, "division", None, "Product").await;
        assert_eq!((&product["parent"], &product["slug"]), (&company["id"], &json!("product")));
        let design = make_unit(&admin, "division", Some(&product["id"]), "Design").await;
        let team = make_unit(&admin, "team", Some(&design["id"]), "Product").await;
        assert_eq!(team["slug"], "product-2");

        let edit = |unit: &Value, change: Value| {
            let (admin, path) = (admin.clone(), path(unit));
            async move { admin.patch(&path, change).await }
        };
        edit(&product, json!({ "parent": design["id"], "revision": 1 })).await.problem("unit_cycle");
        edit(&product, json!({ "parent": product["id"], "revision": 1 })).await.problem("unit_cycle");
        edit(&product, json!({ "parent": team["id"], "revision": 1 })).await.problem("invalid");
        edit(&company, json!({ "parent": product["id"], "revision": 1 })).await.problem("invalid");
        edit(&product, json!({ "lead": NOBODY, "revision": 1 })).await.problem("invalid");
        let changed = edit(&product, json!({ "name": "Products", "lead": leena.id, "revision": 1 })).await.ok();
        assert_eq!((&changed["name"], &changed["lead"]["name"]), (&json!("Products"), &json!("Leena")));
        assert_eq!(edit(&product, json!({ "lead": null, "revision": 1 })).await.problem("stale")["current"]["revision"], 2);
        assert!(edit(&product, json!({ "lead": null, "revision": 2 })).await.ok()["lead"].is_null());
        let moved = edit(&team, json!({ "parent": company["id"], "revision": 1 })).await.ok();
        assert_eq!(moved["parent"], company["id"]);

        admin.post("/api/units", json!({ "kind": "company", "name": "Two" })).await.problem("invalid");
        admin.post("/api/units", json!({ "kind": "team", "name": " ", "parent": NOBODY })).await.problem("invalid");
        let kinds = |list: Value| list["items"].as_array().unwrap().iter().map(|u| u["kind"].clone()).collect::<Vec<_>>();
        assert_eq!(kinds(leena.get("/api/units").await.ok()), ["company", "division", "division", "team"]);
    }

    async fn a_unit_goes_when_nothing_is_left_in_it(server: Server) {
        let admin = server.admin().await;
        let leena = server.member("Leena").await;
        let company = admin.get("/api/units").await.ok()["items"][0].clone();
        admin.delete(&path(&company)).await.problem("conflict");
        let product = make_unit(&admin, "division", None, "Product").await;
        let design = make_unit(&admin, "team", Some(&product["id"]), "Design").await;
        let inside = format!("{}/members/{}", path(&design), leena.id);
        admin.put(&inside, json!({})).await.is(204);
        let problem = admin.delete(&path(&product)).await.problem("conflict");
        assert!(problem["detail"].as_str().unwrap().contains("1 unit"), "{problem}");
        let problem = admin.delete(&path(&design)).await.problem("conflict");
        assert!(problem["detail"].as_str().unwrap().contains("1 person"), "{problem}");
        leena.delete(&path(&design)).await.problem("forbidden");
        admin.delete(&inside).await.is(204);
        admin.delete(&path(&design)).await.is(204);
        leena.put("/api/channels/product-general/following", json!({ "following": true })).await;
        admin.delete(&path(&product)).await.is(204);
        admin.delete(&path(&product)).await.is(404);
        assert_eq!(admin.get("/api/units").await.ok()["items"].as_array().unwrap().len(), 1);
        let channels = admin.get("/api/channels").await.ok();
        assert!(channels["items"].as_array().unwrap().iter().all(|channel| channel["unit"]["id"] == company["id"]), "{channels}");
        assert!(actions(&admin).await.contains(&"unit.deleted".to_owned()));
    }

    async fn two_who_would_close_a_circle_of_units_together_do_not(server: Server) {
        let admin = server.admin().await;
        let (one, two) = (make_unit(&admin, "division", None, "One").await, make_unit(&admin, "division", None, "Two").await);
        let under = |unit: &Value, parent: &Value| {
            let (admin, path, change) = (admin.clone(), path(unit), json!({ "parent": parent["id"], "revision": 1 }));
            async move { admin.patch(&path, change).await.status.as_u16() }
        };
        let (a, b) = tokio::join!(under(&one, &two), under(&two, &one));
        let mut statuses = [a, b];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
    }

    async fn people_come_into_units_and_go(server: Server) {
        let admin = server.admin().await;
        let team = make_unit(&admin, "team", None, "Platform").await;
        for name in ["Bo", "Cy", "Di"] {
            let person = server.member(name).await;
            let member = format!("{}/members/{}", path(&team), person.id);
            admin.put(&member, json!({})).await.is(204);
            admin.put(&member, json!({})).await.is(204);
            let profile = person.get("/api/me").await.ok();
            assert_eq!(profile["units"], json!([{ "id": team["id"], "name": "Platform", "kind": "team" }]));
            if name == "Cy" {
                admin.delete(&member).await.is(204);
            }
        }
        let first = admin.get(&format!("{}/members?limit=1", path(&team))).await.ok();
        assert_eq!(first["items"][0]["name"], "Bo");
        let next = first["next"].as_str().unwrap();
        let rest = admin.get(&format!("{}/members?limit=1&after={next}", path(&team))).await.ok();
        assert_eq!((&rest["items"][0]["name"], &rest["next"]), (&json!("Di"), &Value::Null));
        let units = admin.get("/api/units").await.ok();
        assert_eq!(units["items"][1]["members"], 2);
        admin.put(&format!("{}/members/{NOBODY}", path(&team)), json!({})).await.problem("not_found");
        admin.get(&format!("/api/units/{NOBODY}/members")).await.problem("not_found");
        let added = actions(&admin).await.iter().filter(|action| *action == "unit.member_added").count();
        assert_eq!(added, 3);
    }

    async fn one_enters_ones_own_absences_and_administrators_those_of_others(server: Server) {
        let admin = server.admin().await;
        let (bo, cy) = (server.member("Bo").await, server.member("Cy").await);
        let days = |person: Option<&Client>, first: &str, last: &str| {
            json!({ "person": person.map(|p| p.id.clone()), "first_day": first, "last_day": last, "note": "walking" })
        };
        let own = bo.post("/api/absences", days(None, "2026-12-01", "2026-12-05")).await.is(201).json();
        assert_eq!((&own["person"]["name"], &own["note"]), (&json!("Bo"), &json!("walking")));
        bo.post("/api/absences", days(Some(&cy), "2026-12-01", "2026-12-05")).await.problem("forbidden");
        bo.post("/api/absences", days(None, "2026-12-05", "2026-12-01")).await.problem("invalid");
        bo.post("/api/absences", days(None, "2026-12-05", "2028-12-01")).await.problem("invalid");
        let others = admin.post("/api/absences", days(Some(&cy), "2026-11-01", "2026-11-02")).await.is(201).json();
        let listed = |who: String| {
            let bo = bo.clone();
            async move { bo.get(&format!("/api/absences?{who}")).await.ok()["items"].as_array().unwrap().len() }
        };
        assert_eq!(listed(String::new()).await, 2);
        assert_eq!(listed(format!("person={}", cy.id)).await, 1);
        assert_eq!(listed("from=2026-11-03".into()).await, 1);
        let path = |absence: &Value| format!("/api/absences/{}", absence["id"].as_str().unwrap());
        bo.delete(&path(&others)).await.problem("forbidden");
        cy.delete(&path(&others)).await.is(204);
        admin.delete(&path(&own)).await.is(204);
        bo.delete(&path(&own)).await.problem("not_found");
    }

    async fn the_trail_names_who_did_what_page_by_page(server: Server) {
        let admin = server.admin().await;
        let team = make_unit(&admin, "team", None, "Platform").await;
        admin.patch(&path(&team), json!({ "name": "Core", "revision": 1 })).await.is(200);
        let of_team = format!("/api/audit?limit=1&subject={}", team["id"].as_str().unwrap());
        let newest = admin.get(&of_team).await.ok();
        assert_eq!(newest["items"][0]["action"], "unit.changed");
        assert_eq!(newest["items"][0]["actor"]["name"], "Ada Byron");
        assert_eq!(newest["items"][0]["detail"]["name"], json!(["Platform", "Core"]));
        let next = admin.get(&format!("{of_team}&after={}", newest["next"].as_str().unwrap())).await.ok();
        assert_eq!((&next["items"][0]["action"], &next["next"]), (&json!("unit.created"), &Value::Null));
        let by = admin.get(&format!("/api/audit?actor={NOBODY}")).await.ok();
        assert_eq!(by["items"], json!([]));
    }

    /// One table for every route of accounts, organisation and administration: what a stranger, a guest, a member and an
    /// administrator are told. 401 to the stranger everywhere but at the doors.
    async fn every_route_asks_for_its_role(server: Server) {
        let admin = server.admin().await;
        let (guest, member, stranger) = (server.guest("Gus").await, server.member("Mia").await, server.stranger());
        let (person, unit) = (format!("/api/people/{NOBODY}"), format!("/api/units/{NOBODY}"));
        let routes: &[(&str, &str, [u16; 4])] = &[
            ("GET", "/api/setup", [200; 4]),
            ("GET", "/api/session", [401, 200, 200, 200]),
            ("GET", "/api/me", [401, 200, 200, 200]),
            ("GET", "/api/sessions", [401, 200, 200, 200]),
            ("DELETE", &format!("/api/sessions/{NOBODY}"), [401, 404, 404, 404]),
            ("GET", "/api/tokens", [401, 200, 200, 200]),
            ("DELETE", &format!("/api/tokens/{NOBODY}"), [401, 404, 404, 404]),
            ("GET", "/api/organisation", [401, 200, 200, 200]),
            ("PATCH", "/api/organisation", [401, 403, 403, 422]),
            ("GET", "/api/people", [401, 403, 200, 200]),
            ("GET", &person, [401, 403, 404, 404]),
            ("PATCH", &person, [401, 403, 403, 422]),
            ("POST", &format!("{person}/password"), [401, 403, 403, 422]),
            ("GET", "/api/invitations", [401, 403, 403, 200]),
            ("POST", "/api/invitations", [401, 403, 403, 422]),
            ("DELETE", &format!("/api/invitations/{NOBODY}"), [401, 403, 403, 404]),
            ("GET", "/api/units", [401, 403, 200, 200]),
            ("POST", "/api/units", [401, 403, 403, 422]),
            ("PATCH", &unit, [401, 403, 403, 422]),
            ("GET", &format!("{unit}/members"), [401, 403, 404, 404]),
            ("PUT", &format!("{unit}/members/{NOBODY}"), [401, 403, 403, 404]),
            ("DELETE", &format!("{unit}/members/{NOBODY}"), [401, 403, 403, 404]),
            ("GET", "/api/absences", [401, 403, 200, 200]),
            ("POST", "/api/absences", [401, 403, 422, 422]),
            ("DELETE", &format!("/api/absences/{NOBODY}"), [401, 403, 404, 404]),
            ("GET", "/api/audit", [401, 403, 403, 200]),
        ];
        for (method, path, expected) in routes {
            for (asker, status) in [&stranger, &guest, &member, &admin].into_iter().zip(expected) {
                let mut request = asker.request(method.parse().unwrap(), path);
                if matches!(*method, "POST" | "PATCH") {
                    request = request.json(&json!({}));
                }
                let answer = asker.send(request).await;
                assert_eq!(answer.status.as_u16(), *status, "{method} {path} by {:?}: {}", asker.name, answer.text());
            }
        }
        assert!(admin.get("/api/organisation").await.header("set-cookie").is_empty());
    }
}
