//! Accounts: set-up, invitations, sessions, tokens, people.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use twotake::account::invitation;

use crate::harness::{Backend, Client, Options, Server, both};

const PASSWORD: &str = "correct horse battery";

/// Sets the server up through its link; returns the administrator, signed in by cookie.
async fn set_up(server: &Server) -> Client {
    let link = invitation::set_up_link(&server.app).await.unwrap().expect("nobody has set it up");
    let token = link.split("token=").nth(1).unwrap();
    let client = server.stranger();
    client.post("/api/setup", founding(token)).await.is(201);
    client
}

fn founding(token: &str) -> Value {
    json!({ "token": token, "organisation": "Northwind Ltd", "time_zone": "Europe/Warsaw", "name": "Ada Byron",
            "email": "Ada@Example.org", "password": PASSWORD })
}

/// Invites and accepts; returns the newcomer, signed in by cookie.
async fn join(server: &Server, admin: &Client, name: &str, role: &str) -> Client {
    let made = admin.post("/api/invitations", json!({ "role": role })).await.is(201).json();
    let token = made["url"].as_str().unwrap().split("token=").nth(1).unwrap().to_owned();
    let mut client = server.stranger();
    let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    let form = json!({ "name": name, "email": email, "password": PASSWORD });
    let session = client.post(&format!("/api/invitations/by-token/{token}/accept"), form).await.is(201).json();
    client.id = session["person"]["id"].as_str().unwrap().to_owned();
    client.email = email;
    client
}

both! {
    async fn the_set_up_link_founds_the_organisation_once(server: Server) {
        assert_eq!(server.stranger().get("/api/setup").await.ok()["needed"], true);
        let first = invitation::set_up_link(&server.app).await.unwrap().unwrap();
        let second = invitation::set_up_link(&server.app).await.unwrap().unwrap();
        let (first, second) = (first.split("token=").nth(1).unwrap(), second.split("token=").nth(1).unwrap());
        server.stranger().post("/api/setup", founding(first)).await.problem("link_used");

        let client = server.stranger();
        let session = client.post("/api/setup", founding(second)).await.is(201).json();
        assert_eq!(session["person"]["email"], "ada@example.org");
        assert_eq!(session["person"]["role"], "admin");
        assert_eq!(session["person"]["units"][0]["kind"], "company");
        assert_eq!(session["organisation"]["name"], "Northwind Ltd");
        assert_eq!((&session["recording_limit_ms"], &session["takes"]), (&json!(180_000), &json!(2)));
        assert_eq!(client.get("/api/session").await.ok()["person"]["handle"], "ada");

        server.stranger().post("/api/setup", founding(second)).await.problem("set_up_done");
        assert_eq!(server.stranger().get("/api/setup").await.ok()["needed"], false);
        assert!(invitation::set_up_link(&server.app).await.unwrap().is_none());
    }

    async fn an_invitation_makes_one_account_with_its_role_manager_and_unit(server: Server) {
        let admin = set_up(&server).await;
        let units = admin.get("/api/units").await.ok();
        let (me, company) = (admin.get("/api/me").await.ok(), units["items"][0]["id"].clone());
        let form = json!({ "name": "Leena", "email": "Leena@Example.org", "role": "member", "manager": me["id"],
                           "unit": company });
        let made = admin.post("/api/invitations", form).await.is(201).json();
        let url = made["url"].as_str().unwrap();
        assert!(url.starts_with(&format!("{}/join?token=", server.base)), "{url}");
        let path = format!("/api/invitations/by-token/{}", url.split("token=").nth(1).unwrap());

        let stranger = server.stranger();
        let shown = stranger.get(&path).await.ok();
        assert_eq!(shown["organisation"], "Northwind Ltd");
        assert_eq!((&shown["name"], &shown["email"]), (&json!("Leena"), &json!("leena@example.org")));
        let form = |email: &str, password: &str| json!({ "name": "Leena Koskinen", "email": email, "password": password,
                                                         "time_zone": "Europe/Helsinki" });
        let accept = format!("{path}/accept");
        stranger.post(&accept, form("leena", PASSWORD)).await.problem("invalid");
        stranger.post(&accept, form("leena@example.org", "short")).await.problem("password_too_short");
        stranger.post(&accept, form("ADA@example.org", PASSWORD)).await.problem("email_taken");
        let session = stranger.post(&accept, form("leena@example.org", PASSWORD)).await.is(201).json();
        let person = &session["person"];
        assert_eq!((&person["role"], &person["handle"]), (&json!("member"), &json!("leena")));
        assert_eq!((&person["manager"]["id"], &person["units"][0]["id"]), (&me["id"], &company));
        assert_eq!(person["time_zone"], "Europe/Helsinki");
        assert_eq!(stranger.get("/api/me").await.ok()["email"], "leena@example.org");

        server.stranger().get(&path).await.problem("link_used");
        server.stranger().post(&accept, form("other@example.org", PASSWORD)).await.problem("link_used");
        assert_eq!(admin.get("/api/invitations").await.ok()["items"], json!([]));
        let slots = stranger.get("/api/slots?person=me").await.ok();
        assert!(!slots["items"].as_array().unwrap().is_empty(), "{slots}");
    }

    async fn a_withdrawn_invitation_makes_nobody(server: Server) {
        let admin = set_up(&server).await;
        let made = admin.post("/api/invitations", json!({ "role": "guest" })).await.is(201).json();
        assert_eq!(admin.get("/api/invitations").await.ok()["items"][0]["id"], made["id"]);
        let path = format!("/api/invitations/{}", made["id"].as_str().unwrap());
        admin.delete(&path).await.is(204);
        admin.delete(&path).await.problem("not_found");
        let token = made["url"].as_str().unwrap().split("token=").nth(1).unwrap();
        server.stranger().get(&format!("/api/invitations/by-token/{token}")).await.problem("link_used");
        admin.post("/api/invitations", json!({ "role": "owner" })).await.problem("invalid");
        let nobody = "01900000-0000-7000-8000-000000000000";
        let wrong = admin.post("/api/invitations", json!({ "role": "member", "manager": nobody, "unit": nobody })).await;
        assert_eq!(wrong.problem("invalid")["fields"].as_object().unwrap().len(), 2);
    }

    async fn one_signs_in_with_address_or_handle_and_out_again(server: Server) {
        set_up(&server).await;
        let wrong = json!({ "login": "ada@example.org", "password": "not this one" });
        server.stranger().post("/api/session", wrong).await.problem("wrong_credentials");
        let nobody = json!({ "login": "nobody@example.org", "password": PASSWORD });
        server.stranger().post("/api/session", nobody).await.problem("wrong_credentials");
        server.stranger().get("/api/session").await.problem("unauthenticated");

        let answer = server.stranger().post("/api/session", json!({ "login": " ADA@example.org ", "password": PASSWORD })).await;
        let cookie = answer.header("set-cookie").to_owned();
        assert!(cookie.starts_with("twotake=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains("Domain") && !cookie.contains("Secure") && cookie.contains("Path=/"), "{cookie}");
        assert_eq!(answer.header("cache-control"), "no-store");

        let client = Client::sign_in(&server.base, "ada", PASSWORD).await;
        client.get("/api/session").await.is(200);
        assert!(client.delete("/api/session").await.is(204).header("set-cookie").contains("Max-Age=0"));
        client.get("/api/session").await.problem("unauthenticated");
    }

    async fn signing_in_again_takes_another_session_and_ends_the_old_one(server: Server) {
        let client = set_up(&server).await;
        let before = client.get("/api/sessions").await.ok();
        assert_eq!(before["items"].as_array().unwrap().len(), 1);
        assert_eq!(before["items"][0]["current"], true);
        client.post("/api/session", json!({ "login": "ada", "password": PASSWORD })).await.is(200);
        let after = client.get("/api/sessions").await.ok();
        assert_eq!(after["items"].as_array().unwrap().len(), 1);
        assert_ne!(before["items"][0]["id"], after["items"][0]["id"]);
    }

    async fn one_ends_sessions_elsewhere_and_a_new_password_ends_them_all(server: Server) {
        let here = set_up(&server).await;
        let (there, elsewhere) =
            (Client::sign_in(&server.base, "ada", PASSWORD).await, Client::sign_in(&server.base, "ada", PASSWORD).await);
        let sessions = there.get("/api/sessions").await.ok();
        let current = |s: &&Value| s["current"] == true;
        let id = sessions["items"].as_array().unwrap().iter().find(current).unwrap()["id"].as_str().unwrap().to_owned();
        here.delete(&format!("/api/sessions/{id}")).await.is(204);
        there.get("/api/session").await.problem("unauthenticated");

        let change = |current: &str, new: &str| json!({ "current": current, "new": new });
        here.post("/api/me/password", change("not this one", "another good phrase")).await.problem("wrong_credentials");
        here.post("/api/me/password", change(PASSWORD, "password123")).await.problem("invalid");
        here.post("/api/me/password", change(PASSWORD, "another good phrase")).await.is(204);
        here.get("/api/session").await.is(200);
        elsewhere.get("/api/session").await.problem("unauthenticated");
        let old = json!({ "login": "ada", "password": PASSWORD });
        server.stranger().post("/api/session", old).await.problem("wrong_credentials");
        Client::sign_in(&server.base, "ada", "another good phrase").await;
    }

    async fn a_personal_token_is_shown_once_and_ends_when_revoked(server: Server) {
        let admin = set_up(&server).await;
        let made = admin.post("/api/tokens", json!({ "name": "laptop" })).await.is(201).json();
        let token = made["token"].as_str().unwrap().to_owned();
        assert!(token.starts_with("tt_") && token.len() > 40);
        let listed = admin.get("/api/tokens").await.ok();
        assert!(!listed.to_string().contains(&token) && listed["items"][0]["used_at"].is_null());
        let program = Client::new(&server.base, Some(token));
        program.get("/api/me").await.is(200);
        assert!(!admin.get("/api/tokens").await.ok()["items"][0]["used_at"].is_null());
        admin.post("/api/tokens", json!({ "name": "", "expires_at": "2020-01-01T00:00:00Z" })).await.problem("invalid");
        admin.delete(&format!("/api/tokens/{}", made["id"].as_str().unwrap())).await.is(204);
        program.get("/api/me").await.problem("unauthenticated");
    }

    async fn an_address_a_handle_and_a_revision_are_kept_from_being_lost(server: Server) {
        let admin = set_up(&server).await;
        let leena = join(&server, &admin, "Leena Koskinen", "member").await;
        let me = leena.get("/api/me").await.ok();
        assert_eq!(me["revision"], 1);
        let change = |field: &str, value: Value, revision: i64| {
            let mut change = json!({ "revision": revision });
            change[field] = value;
            change
        };
        let changed = leena.patch("/api/me", change("title", json!("Engineer"), 1)).await.ok();
        assert_eq!((&changed["title"], &changed["revision"]), (&json!("Engineer"), &json!(2)));
        let stale = leena.patch("/api/me", change("title", json!("Designer"), 1)).await.problem("stale");
        assert_eq!((&stale["current"]["title"], &stale["current"]["revision"]), (&json!("Engineer"), &json!(2)));
        leena.patch("/api/me", change("handle", json!("ada"), 2)).await.problem("handle_taken");
        leena.patch("/api/me", change("handle", json!("Ä"), 2)).await.problem("invalid");
        leena.patch("/api/me", change("time_zone", json!("Mars/Olympus"), 2)).await.problem("invalid");
        assert_eq!(leena.patch("/api/me", change("time_zone", json!("Asia/Tokyo"), 2)).await.ok()["time_zone"], "Asia/Tokyo");
        assert!(leena.patch("/api/me", change("time_zone", Value::Null, 3)).await.ok()["time_zone"].is_null());
    }

    async fn nobody_becomes_their_own_manager(server: Server) {
        let admin = set_up(&server).await;
        let mut people = Vec::new();
        for name in ["Bo Berg", "Cy Cole", "Di Dunn"] {
            people.push(join(&server, &admin, name, "member").await.id);
        }
        let manage = |person: &str, manager: Value, revision: i64| {
            let (admin, path) = (admin.clone(), format!("/api/people/{person}"));
            async move { admin.patch(&path, json!({ "manager": manager, "revision": revision })).await }
        };
        assert_eq!(manage(&people[1], json!(people[0]), 1).await.ok()["manager"]["name"], "Bo Berg");
        manage(&people[2], json!(people[1]), 1).await.is(200);
        manage(&people[0], json!(people[2]), 1).await.problem("manager_cycle");
        manage(&people[0], json!(people[0]), 1).await.problem("manager_cycle");
        manage(&people[0], json!("01900000-0000-7000-8000-000000000000"), 1).await.problem("invalid");
        manage(&people[1], Value::Null, 2).await.is(200);
        manage(&people[0], json!(people[2]), 1).await.is(200);
    }

    async fn two_who_would_close_a_cycle_together_do_not(server: Server) {
        let admin = set_up(&server).await;
        let bo = join(&server, &admin, "Bo Berg", "member").await.id;
        let cy = join(&server, &admin, "Cy Cole", "member").await.id;
        let manage = |person: &str, manager: &str| {
            let (admin, path) = (admin.clone(), format!("/api/people/{person}"));
            let body = json!({ "manager": manager, "revision": 1 });
            async move { admin.patch(&path, body).await.status.as_u16() }
        };
        let (one, other) = tokio::join!(manage(&bo, &cy), manage(&cy, &bo));
        let mut statuses = [one, other];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
    }

    async fn the_last_administrator_stays_one(server: Server) {
        let admin = set_up(&server).await;
        let me = admin.get("/api/me").await.ok()["id"].as_str().unwrap().to_owned();
        let path = format!("/api/people/{me}");
        admin.patch(&path, json!({ "role": "member", "revision": 1 })).await.problem("last_admin");
        admin.patch(&path, json!({ "state": "left", "revision": 1 })).await.problem("last_admin");
        join(&server, &admin, "Bo Berg", "admin").await;
        admin.patch(&path, json!({ "role": "member", "revision": 1 })).await.is(200);
        admin.patch(&path, json!({ "role": "admin", "revision": 2 })).await.problem("forbidden");
    }

    async fn whoever_leaves_is_signed_out_everywhere_and_stays_on_record(server: Server) {
        let admin = set_up(&server).await;
        let bo = join(&server, &admin, "Bo Berg", "member").await;
        let token = bo.post("/api/tokens", json!({ "name": "script" })).await.is(201).json()["token"].clone();
        let program = Client::new(&server.base, token.as_str().map(str::to_owned));
        program.get("/api/me").await.is(200);
        admin.patch(&format!("/api/people/{}", bo.id), json!({ "state": "left", "revision": 1 })).await.is(200);
        bo.get("/api/me").await.problem("unauthenticated");
        program.get("/api/me").await.problem("unauthenticated");
        let login = json!({ "login": bo.email, "password": PASSWORD });
        server.stranger().post("/api/session", login).await.problem("wrong_credentials");
        let names = |page: Value| page["items"].as_array().unwrap().iter().map(|p| p["name"].clone()).collect::<Vec<_>>();
        assert_eq!(names(admin.get("/api/people").await.ok()), ["Ada Byron"]);
        assert_eq!(names(admin.get("/api/people?left=true").await.ok()), ["Ada Byron", "Bo Berg"]);
    }

    async fn an_administrator_gives_a_new_password_to_who_forgot_theirs(server: Server) {
        let admin = set_up(&server).await;
        let bo = join(&server, &admin, "Bo Berg", "member").await;
        let path = format!("/api/people/{}/password", bo.id);
        bo.post(&path, json!({ "password": "another good phrase" })).await.problem("forbidden");
        admin.post(&path, json!({ "password": "short" })).await.problem("password_too_short");
        admin.post(&path, json!({ "password": "another good phrase" })).await.is(204);
        bo.get("/api/me").await.problem("unauthenticated");
        Client::sign_in(&server.base, &bo.email, "another good phrase").await.get("/api/me").await.is(200);
    }

    async fn people_are_found_page_by_page(server: Server) {
        let admin = server.admin().await;
        for name in ["Bo Berg", "Cy Cole", "Di Dunn", "Ed 100%"] {
            server.member(name).await;
        }
        let mut names = Vec::new();
        let mut path = "/api/people?limit=2".to_owned();
        loop {
            let page = admin.get(&path).await.ok();
            names.extend(page["items"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => path = format!("/api/people?limit=2&after={next}"),
                None => break,
            }
        }
        assert_eq!(names, ["Ada Byron", "Bo Berg", "Cy Cole", "Di Dunn", "Ed 100%"]);
        let found = |q: &'static str| {
            let admin = admin.clone();
            async move { admin.get(&format!("/api/people?q={q}")).await.ok()["items"].as_array().unwrap().len() }
        };
        assert_eq!((found("BER").await, found("cy.cole%40").await, found("%25").await, found("zz").await), (1, 1, 1, 0));
    }
}

/// With a clock that stands until it is moved.
mod over_time {
    use super::*;

    both! { at "2026-11-16T09:00:00Z";
        async fn a_session_ends_when_idle_and_in_any_case_after_ninety_days(server: Server) {
            let idle = set_up(&server).await;
            let busy = Client::sign_in(&server.base, "ada", PASSWORD).await;
            let clock = &server.app.clock;
            clock.advance(TimeDelta::days(13));
            busy.get("/api/session").await.is(200);
            clock.advance(TimeDelta::days(2));
            idle.get("/api/session").await.problem("unauthenticated");
            for _ in 0..7 {
                busy.get("/api/session").await.is(200);
                clock.advance(TimeDelta::days(10));
            }
            busy.get("/api/session").await.is(200);
            clock.advance(TimeDelta::days(6));
            busy.get("/api/session").await.problem("unauthenticated");
        }

        async fn a_use_of_a_session_is_noted_at_most_once_a_minute(server: Server) {
            let client = set_up(&server).await;
            let seen = || async { client.get("/api/sessions").await.ok()["items"][0]["seen_at"].as_str().unwrap().to_owned() };
            let first = seen().await;
            server.app.clock.advance(TimeDelta::seconds(59));
            assert_eq!(seen().await, first);
            server.app.clock.advance(TimeDelta::seconds(1));
            client.get("/api/session").await.is(200);
            assert_eq!(seen().await, "2026-11-16T09:01:00Z");
        }

        async fn links_run_out_after_a_week(server: Server) {
            let admin = set_up(&server).await;
            let made = admin.post("/api/invitations", json!({ "role": "member" })).await.is(201).json();
            assert_eq!(made["expires_at"], "2026-11-23T09:00:00Z");
            server.app.clock.advance(TimeDelta::days(7));
            let token = made["url"].as_str().unwrap().split("token=").nth(1).unwrap();
            server.stranger().get(&format!("/api/invitations/by-token/{token}")).await.problem("link_used");
            let form = json!({ "name": "Bo", "email": "bo@example.org", "password": PASSWORD });
            server.stranger().post(&format!("/api/invitations/by-token/{token}/accept"), form).await.problem("link_used");
        }

        async fn too_many_tries_of_one_login_have_to_wait(server: Server) {
            set_up(&server).await;
            let stranger = server.stranger();
            let wrong = json!({ "login": "ada", "password": "not this one" });
            for _ in 0..10 {
                stranger.post("/api/session", wrong.clone()).await.problem("wrong_credentials");
            }
            let answer = stranger.post("/api/session", json!({ "login": "ADA", "password": PASSWORD })).await;
            answer.problem("too_many_requests");
            let wait: i64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=11).contains(&wait), "{wait}");
            server.app.clock.advance(TimeDelta::seconds(wait));
            stranger.post("/api/session", json!({ "login": "ada", "password": PASSWORD })).await.is(200);
        }

        async fn too_many_tries_from_one_address_have_to_wait(server: Server) {
            set_up(&server).await;
            let stranger = server.stranger();
            let mut refused = 0;
            for n in 0..70 {
                let answer = stranger.get(&format!("/api/invitations/by-token/guess{n}")).await;
                refused += u32::from(answer.status == 429);
            }
            assert!((9..=12).contains(&refused), "{refused} of 70 refused");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_the_cookie_is_secure_and_bound_to_its_host() {
    let configure = |config: &mut twotake::config::Config| config.public_url = Some("https://two.example.com".into());
    let server = Server::with(Options { backend: Backend::Sqlite, start: None, configure }).await;
    let link = invitation::set_up_link(&server.app).await.unwrap().unwrap();
    assert!(link.starts_with("https://two.example.com/setup?token="));
    let answer = server.stranger().post("/api/setup", founding(link.split("token=").nth(1).unwrap())).await.is(201);
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("__Host-twotake=") && cookie.contains("; Secure") && !cookie.contains("Domain"),
        "{cookie}"
    );

    // A plain cookie, which a neighbouring host could have planted, is not looked at.
    let token = cookie.split(['=', ';']).nth(1).unwrap();
    let ask =
        |name: &str| server.stranger().request(Method::GET, "/api/me").header("cookie", format!("{name}={token}"));
    server.stranger().send(ask("twotake")).await.problem("unauthenticated");
    server.stranger().send(ask("__Host-twotake")).await.is(200);
    server.stop().await;
}
