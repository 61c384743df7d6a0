//! People as they come and go: many invited by a list, the chart, leaving and returning; and what guests may ask for.

use serde_json::{Value, json};

use crate::goal::goal;
use crate::harness::{Client, PASSWORD, Server, both};

async fn batch(admin: &Client, csv: &str, more: Value) -> Value {
    let mut body = json!({ "csv": csv });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    admin.post("/api/invitations/batch", body).await.ok()["lines"].clone()
}

fn states(lines: &Value) -> Vec<String> {
    lines.as_array().unwrap().iter().map(|line| line["state"].as_str().unwrap().to_owned()).collect()
}

/// Joins with the link of a line; the profile.
async fn join(server: &Server, line: &Value) -> Value {
    let token = line["url"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let form = json!({ "name": line["name"], "email": line["email"], "password": PASSWORD });
    server.stranger().post(&format!("/api/invitations/by-token/{token}/accept"), form).await.is(201).json()["person"]
        .clone()
}

fn path(person: &Client, rest: &str) -> String {
    format!("/api/people/{}{rest}", person.id)
}

fn names(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|one| one["person"]["name"].as_str().unwrap().to_owned()).collect()
}

async fn owner(client: &Client, goal: &Value) -> (Value, Value) {
    let now = client.get(&crate::goal::path(goal, "")).await.ok();
    (now["owner"]["name"].clone(), now["reviewer"]["name"].clone())
}

/// A check-in of somebody, published; its id.
async fn check_in(client: &Client) -> Value {
    let draft = client.post("/api/check-ins", json!({})).await.ok();
    let path = format!("/api/check-ins/{}", draft["id"].as_str().unwrap());
    let goals: Vec<Value> = draft["goals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|said| json!({ "goal": said["goal"]["id"], "no_change": true }))
        .collect();
    client.patch(&path, json!({ "headline": "All well", "goals": goals, "revision": draft["revision"] })).await.ok();
    client.post(&format!("{path}/submit"), json!({})).await.ok()
}

async fn reviewer(client: &Client, check_in: &Value) -> Value {
    client.get(&format!("/api/check-ins/{}", check_in["id"].as_str().unwrap())).await.ok()["review"]["reviewer"]["name"]
        .clone()
}

both! {
    at "2026-11-18T10:00:00Z";

    async fn a_list_is_looked_at_line_by_line_before_anybody_is_invited(server: Server) {
        let admin = server.admin().await;
        server.member("Leena").await;
        let list = "name,email,manager,role\nBo,bo@x.org,ada.byron@example.com,member\n,cy,nobody,king\nLeena,leena@example.com,,\n";
        let seen = batch(&admin, list, json!({ "dry_run": true })).await;
        assert_eq!(states(&seen), ["new", "wrong", "here"]);
        assert_eq!((&seen[1]["line"], seen[1]["errors"].as_array().unwrap().len()), (&json!(3), 4));
        assert!(seen[0]["url"].is_null());
        let problem = admin.post("/api/invitations/batch", json!({ "csv": list })).await.problem("invalid");
        assert_eq!(states(&problem["lines"]), ["new", "wrong", "here"]);
        assert_eq!(admin.get("/api/invitations").await.ok()["items"], json!([]), "nobody was invited");
        for wrong in ["", "name,email", "name\nBo", "name,email,shoes\nBo,bo@x.org,43"] {
            admin.post("/api/invitations/batch", json!({ "csv": wrong, "dry_run": true })).await.problem("invalid");
        }
        let long = (0..501).fold("name,email".to_owned(), |list, n| list + &format!("\nP{n},p{n}@x.org"));
        admin.post("/api/invitations/batch", json!({ "csv": long, "dry_run": true })).await.problem("invalid");
        let leena = server.browser_of(&server.member("Mo").await).await;
        leena.post("/api/invitations/batch", json!({ "csv": list })).await.problem("forbidden");
    }

    async fn a_list_makes_links_once_and_managers_join_in_any_order(server: Server) {
        let admin = server.admin().await;
        let team = admin.post("/api/units", json!({ "kind": "team", "name": "Platform" })).await.is(201).json();
        let list = "Name;E-mail;Handle;Title;Manager;Unit;Role;Zone\nBo Berg;bo@x.org;boss;Engineer;cy@x.org;platform;;Europe/Oslo\n\
                    Cy Dahl;cy@x.org;;Lead;@ada;;admin;\n";
        let made = batch(&admin, list, json!({})).await;
        assert_eq!(states(&made), ["new", "new"]);
        let again = batch(&admin, list, json!({})).await;
        assert_eq!((states(&again), &again[0]["url"]), (vec!["invited".to_owned(); 2], &Value::Null));
        assert_eq!(admin.get("/api/invitations").await.ok()["items"].as_array().unwrap().len(), 2);

        let bo = join(&server, &made[0]).await;
        assert_eq!((&bo["handle"], &bo["title"], &bo["time_zone"]), (&json!("boss"), &json!("Engineer"), &json!("Europe/Oslo")));
        assert_eq!((&bo["manager"], &bo["units"][0]["id"]), (&Value::Null, &team["id"]));
        assert_eq!(states(&batch(&admin, list, json!({})).await), ["here", "invited"]);
        let renewed = batch(&admin, list, json!({ "renew": true })).await;
        assert_eq!(states(&renewed), ["here", "new"]);
        let old = made[1]["url"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
        server.stranger().get(&format!("/api/invitations/by-token/{old}")).await.problem("link_used");
        let cy = join(&server, &renewed[1]).await;
        assert_eq!((&cy["role"], &cy["manager"]["name"]), (&json!("admin"), &json!("Ada Byron")));
        let bo = admin.get(&format!("/api/people/{}", bo["id"].as_str().unwrap())).await.ok();
        assert_eq!(bo["manager"]["name"], "Cy Dahl", "the manager of the list has come later");
        assert_eq!(states(&batch(&admin, list, json!({})).await), ["here", "here"]);
    }

    async fn the_chart_is_read_a_level_at_a_time(server: Server) {
        let admin = server.admin().await;
        let (bo, cy, di) = (server.member("Bo").await, server.member("Cy").await, server.member("Di").await);
        server.guest("Guest").await;
        for (who, manager) in [(&bo, &admin), (&cy, &admin), (&di, &bo)] {
            server.reports_to(who, manager).await;
        }
        let top = di.get("/api/people/chart").await.ok();
        assert_eq!((names(&top), &top["items"][0]["reports"]), (vec!["Ada Byron".to_owned()], &json!(2)));
        assert_eq!(top["items"][0]["leads"], json!(["Northwind"]));
        let under = di.get(&format!("/api/people/chart?under={}&limit=1", admin.id)).await.ok();
        assert_eq!((names(&under), &under["items"][0]["reports"]), (vec!["Bo".to_owned()], &json!(1)));
        let rest = format!("/api/people/chart?under={}&after={}", admin.id, under["next"].as_str().unwrap());
        assert_eq!(names(&di.get(&rest).await.ok()), ["Cy"]);
        let line = cy.get(&path(&di, "/line")).await.ok();
        let line: Vec<&str> = line["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(line, ["Ada Byron", "Bo", "Di"]);
        admin.patch(&path(&admin, ""), json!({ "manager": di.id, "revision": 1 })).await.problem("manager_cycle");
        cy.get("/api/people/01900000-0000-7000-8000-000000000000/line").await.is(404);
    }

    async fn who_leaves_hands_over_what_is_open_and_gets_back_what_still_waits(server: Server) {
        let admin = server.admin().await;
        let (bo, cy, di) = (server.member("Bo").await, server.member("Cy").await, server.member("Di").await);
        for (who, manager) in [(&bo, &admin), (&cy, &bo), (&di, &bo)] {
            server.reports_to(who, manager).await;
        }
        let company = admin.get("/api/units").await.ok()["items"][0].clone();
        let unit = format!("/api/units/{}", company["id"].as_str().unwrap());
        admin.patch(&unit, json!({ "lead": bo.id, "revision": company["revision"] })).await.ok();
        let (one, two) = (goal(&bo, json!({ "title": "One" })).await, goal(&bo, json!({ "title": "Two", "state": "draft" })).await);
        let reviewed = goal(&cy, json!({ "title": "Reviewed" })).await;
        let done = goal(&bo, json!({ "title": "Done" })).await;
        bo.post(&crate::goal::path(&done, "/close"), json!({ "outcome": "achieved", "note": "There.", "revision": 1 })).await.ok();
        let said = check_in(&di).await;
        assert_eq!(reviewer(&admin, &said).await, "Bo");
        let before = admin.get(&path(&bo, "/departure")).await.ok();
        assert_eq!(before["goals"].as_array().unwrap().len(), 2);
        assert_eq!(json!([before["reviewed_goals"], before["reviews"], before["reports"], before["units"]]), json!([1, 1, 2, 1]));
        assert_eq!(before["manager"]["name"], "Ada Byron");
        di.get(&path(&bo, "/departure")).await.problem("forbidden");

        let wrong = json!({ "revision": 1, "goals": { (one["id"].as_str().unwrap()): bo.id } });
        admin.post(&path(&bo, "/departure"), wrong).await.problem("invalid");
        let over = json!({ "revision": 1, "goals": { (one["id"].as_str().unwrap()): cy.id } });
        let left = admin.post(&path(&bo, "/departure"), over.clone()).await.ok();
        assert_eq!(left["state"], "left");
        admin.post(&path(&bo, "/departure"), over).await.problem("stale");
        bo.get("/api/me").await.problem("unauthenticated");
        assert_eq!(owner(&admin, &one).await, (json!("Cy"), json!("Ada Byron")), "reviewed by the manager of now");
        assert_eq!(owner(&admin, &two).await, (json!("Ada Byron"), Value::Null));
        assert_eq!(owner(&admin, &reviewed).await, (json!("Cy"), json!("Ada Byron")));
        assert_eq!(owner(&admin, &done).await.0, "Bo", "what has ended stays");
        assert_eq!(reviewer(&admin, &said).await, "Ada Byron");
        assert_eq!(names(&admin.get(&format!("/api/people/chart?under={}", admin.id)).await.ok()), ["Cy", "Di"]);
        assert_eq!(admin.get("/api/units").await.ok()["items"][0]["lead"]["name"], "Ada Byron");
        let ahead = admin.get(&format!("/api/slots?person={}&from=2026-11-19&to=2026-12-01", bo.id)).await.ok();
        assert_eq!(ahead["items"], json!([]), "no slot is to come");

        // Meanwhile Cy has given the goal to Di: that stays. Di reports to somebody else: that stays too.
        admin.patch(&crate::goal::path(&one, ""), json!({ "owner": di.id, "revision": 2 })).await.ok();
        let now = admin.get(&path(&di, "")).await.ok();
        admin.patch(&path(&di, ""), json!({ "manager": cy.id, "revision": now["revision"] })).await.ok();
        admin.patch(&path(&bo, ""), json!({ "state": "active", "revision": left["revision"] })).await.ok();
        assert_eq!(owner(&admin, &one).await.0, "Di");
        assert_eq!(owner(&admin, &two).await, (json!("Bo"), json!("Ada Byron")));
        assert_eq!(owner(&admin, &reviewed).await.1, "Bo");
        assert_eq!(reviewer(&admin, &said).await, "Bo");
        assert_eq!(names(&admin.get(&format!("/api/people/chart?under={}", bo.id)).await.ok()), ["Cy"]);
        assert_eq!(admin.get("/api/units").await.ok()["items"][0]["lead"]["name"], "Bo");
        let ahead = admin.get(&format!("/api/slots?person={}&from=2026-11-19&to=2026-12-01", bo.id)).await.ok();
        assert!(ahead["items"].as_array().unwrap().len() >= 3, "slots are made again: {ahead}");
    }

    async fn nobody_leaves_without_somebody_who_goes_on(server: Server) {
        let admin = server.admin().await;
        let bo = server.member("Bo").await;
        let one = goal(&bo, json!({ "title": "One" })).await;
        let problem = admin.patch(&path(&bo, ""), json!({ "state": "left", "revision": 1 })).await.problem("invalid");
        assert!(problem["fields"]["successor"].is_string(), "{problem}");
        bo.get("/api/me").await.ok();
        let guest = server.guest("Sofia").await;
        admin.post(&path(&bo, "/departure"), json!({ "revision": 1, "successor": guest.id })).await.problem("invalid");
        admin.post(&path(&bo, "/departure"), json!({ "revision": 1, "successor": admin.id })).await.ok();
        assert_eq!(owner(&admin, &one).await.0, "Ada Byron");
        let actions = admin.get("/api/audit?limit=100").await.ok();
        let actions: Vec<&str> = actions["items"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
        assert!(actions.contains(&"person.left") && actions.contains(&"goal.handed_over"), "{actions:?}");
    }

    async fn the_links_of_an_administrator_who_leaves_work_no_longer(server: Server) {
        let admin = server.admin().await;
        let bo = server.member("Bo").await;
        admin.patch(&path(&bo, ""), json!({ "role": "admin", "revision": 1 })).await.ok();
        let link = bo.post("/api/invitations", json!({ "role": "member" })).await.is(201).json();
        let token = link["url"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
        admin.post(&path(&bo, "/departure"), json!({ "revision": 2 })).await.ok();
        server.stranger().get(&format!("/api/invitations/by-token/{token}")).await.problem("link_used");
    }

    async fn a_guest_may_ask_for_nothing_beyond_their_channels(server: Server) {
        let admin = server.admin().await;
        let sofia = server.guest("Sofia").await;
        let made = goal(&admin, json!({ "title": "Lantern goal" })).await;
        let said = check_in(&admin).await;
        admin.post("/api/channels/general/posts", json!({ "title": "Lantern post" })).await.is(201);
        // Every address without a variable part that the interface's document names: who is forgotten here is found out.
        let document = admin.get("/api/openapi.json").await.ok();
        let open = ["/api/session", "/api/sessions", "/api/tokens", "/api/me", "/api/setup", "/api/organisation", "/api/channels", "/api/home",
            "/api/search", "/api/recordings", "/api/uploads", "/api/openapi.json"];
        let mut refused = 0;
        for (path, methods) in document["paths"].as_object().unwrap() {
            if methods.get("get").is_none() || path.contains('{') || !path.starts_with("/api/") || path.ends_with("/events") {
                continue;
            }
            let answer = sofia.get(path).await;
            let text = answer.text();
            assert!(!text.contains("Lantern") && !text.contains("ada.byron@example.com"), "{path}: {text}");
            if open.contains(&path.as_str()) {
                continue;
            }
            refused += 1;
            assert_eq!(answer.status.as_u16(), 403, "{path}: {text}");
        }
        assert!(refused >= 8, "{refused}");
        let goal = made["id"].as_str().unwrap();
        let said = said["id"].as_str().unwrap();
        for path in [format!("/api/goals/{goal}"), format!("/api/goals/{goal}/timeline"), format!("/api/goals/{goal}/comments"), format!("/api/check-ins/{said}"),
            format!("/api/check-ins/{said}/comments"), format!("/api/people/{}", admin.id), format!("/api/people/{}/line", admin.id), "/api/channels/general".to_owned(),
            "/api/channels/general/posts".to_owned()] {
            let status = sofia.get(&path).await.status.as_u16();
            assert!([403, 404].contains(&status), "{path}: {status}");
        }
    }
}
