//! Accounts: set-up, invitations, sessions, tokens, people.

use serde_json::{Value, json};
use twotake::account::invitation;

use crate::harness::{Client, Server, both};

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
}
