//! The things that lines of the table ask for, each made when it is named: by its owner over HTTP where there is a way, else as
//! rows. Two things of one request may belong together (a goal and its link).

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::harness::{Client, Server};
use crate::recorded::recording;
use crate::sending::{begin, path_of};
use crate::watching::{Shown, share, shown, word};

/// Everybody who asks, and what the things are made with.
pub struct World {
    /// The server.
    pub server: Server,
    /// Who asks, in the order of the marks.
    pub actors: Vec<Client>,
    /// The owner's upload that was begun last.
    begun: Mutex<Option<String>>,
}

/// What one request names, by name.
pub type Made = HashMap<String, String>;

const MONTH: &str = "2026-11-24";

impl World {
    /// An organisation with everybody in it.
    pub async fn new(server: Server) -> World {
        let admin = server.admin().await;
        let (owner, reviewer) = (server.member("Leena").await, server.member("Rolf").await);
        let (member, listed) = (server.member("Omar").await, server.member("Lilo").await);
        let (inside, outside) = (server.guest("Gus").await, server.guest("Gil").await);
        server.reports_to(&owner, &reviewer).await;
        let launch = json!({ "name": "Launch", "audience": "selected", "members": [listed.id, inside.id] });
        listed.post("/api/channels", launch).await.is(201);
        let (script, gone) = (server.member("Sid").await, server.member("Lea").await);
        let tokens = script.get("/api/tokens").await.ok();
        let token = tokens["items"][0]["id"].as_str().unwrap();
        script.delete(&format!("/api/tokens/{token}")).await.is(204);
        admin.patch(&format!("/api/people/{}", gone.id), json!({ "state": "left", "revision": 1 })).await.is(200);
        let stranger = server.stranger();
        let actors = vec![admin, owner, reviewer, member, listed, inside, outside, stranger, script, gone];
        World { server, actors, begun: Mutex::default() }
    }

    fn admin(&self) -> &Client {
        &self.actors[0]
    }

    fn owner(&self) -> &Client {
        &self.actors[1]
    }

    fn listed(&self) -> &Client {
        &self.actors[4]
    }

    /// Makes the thing of that name for a request of `asker`, together with what it belongs to.
    pub async fn make(&self, name: &str, asker: &Client, made: &mut Made) {
        if made.contains_key(name) {
            return;
        }
        let value = match name {
            "base" => self.server.base.clone(),
            "word" => self.server.app.clock.word(12).to_lowercase(),
            "owner" => self.owner().id.clone(),
            "launch" => "launch".to_owned(),
            "absent" => self.server.app.clock.id::<uuid::Uuid>().to_string(),
            "goal" | "metric" | "link" | "clip" => return self.goal(name, made).await,
            "draft" | "check-in" | "blocker" => return self.check_in(name, made).await,
            "post" | "launch post" | "asking post" | "comment" | "launch comment" => self.said(name).await,
            _ if name.contains("record")
                || name.contains("caption")
                || ["slug", "shared", "revoked", "share", "watched", "launch watched", "playback"].contains(&name) =>
            {
                self.recorded(name, asker).await
            }
            "take session" | "taken session" | "taken" | "upload" => return self.taken(name, made).await,
            _ => self.of_an_account(name).await,
        };
        made.insert(name.to_owned(), value);
    }

    async fn goal(&self, name: &str, made: &mut Made) {
        let new = json!({ "scope": "individual", "period_kind": "month", "period_start": MONTH, "title": "Calibration",
            "metrics": [{ "name": "Boards", "target": 64, "unit": "boards" }] });
        if !made.contains_key("goal") {
            let goal = self.owner().post("/api/goals", new).await.is(201).json();
            made.insert("metric".into(), id(&goal["metrics"][0]));
            made.insert("goal".into(), id(&goal));
        }
        let path = format!("/api/goals/{}", made["goal"]);
        if name == "link" {
            let link = json!({ "url": "https://wiki.example/goal" });
            made.insert(name.into(), id(&self.owner().post(&format!("{path}/links"), link).await.is(201).json()));
        }
        if name == "clip" {
            let clip = recording(&self.server, self.owner(), "Calibration").await.to_string();
            self.owner().put(&format!("{path}/clips/{clip}"), json!({})).await.is(204);
            made.insert(name.into(), clip);
        }
    }

    async fn check_in(&self, name: &str, made: &mut Made) {
        let owner = self.owner();
        let draft = owner.post("/api/check-ins", json!({})).await.ok();
        let path = format!("/api/check-ins/{}", id(&draft));
        let goals = draft["goals"].as_array().expect("goals").iter();
        let goals: Vec<_> = goals.map(|said| json!({ "goal": said["goal"]["id"], "no_change": true })).collect();
        let said = json!({ "headline": "All well", "revision": draft["revision"], "goals": goals,
            "blockers": [{ "text": "No boards", "asks": self.actors[2].id }] });
        let draft = owner.patch(&path, said).await.ok();
        made.insert("revision".into(), draft["revision"].to_string());
        made.insert("draft".into(), id(&draft));
        if name != "draft" {
            let published = owner.post(&format!("{path}/submit"), json!({})).await.ok();
            made.insert("check-in".into(), id(&published));
            made.insert("blocker".into(), id(&published["blockers"][0]));
        }
    }

    /// Posts of the owner in General, of the listed member in Launch, and what was said under them.
    async fn said(&self, name: &str) -> String {
        let new = json!({ "title": "Hello" });
        let (by, channel) =
            if name.starts_with("launch") { (self.listed(), "launch") } else { (self.owner(), "general") };
        if name == "asking post" {
            let asking = json!({ "title": "Rota", "acknowledge_by": "2026-11-27T15:00:00Z" });
            return id(&self.admin().post("/api/channels/announcements/posts", asking).await.is(201).json());
        }
        let post = id(&by.post(&format!("/api/channels/{channel}/posts"), new).await.is(201).json());
        if !name.ends_with("comment") {
            return post;
        }
        id(&by.post(&format!("/api/posts/{post}/comments"), json!({ "body": "Well done" })).await.is(201).json())
    }

    async fn recorded(&self, name: &str, asker: &Client) -> String {
        if name == "own recording" {
            // Whoever cannot have one asks with the owner's.
            let author = if asker.id.is_empty() { self.owner() } else { asker };
            return recording(&self.server, author, "Mine").await.to_string();
        }
        let by = if name.starts_with("launch") { self.listed() } else { self.owner() };
        let shown: Shown = shown(&self.server, by).await;
        if name.starts_with("launch") {
            let post = json!({ "title": "Look", "recording": shown.id });
            by.post("/api/channels/launch/posts", post).await.is(201);
        }
        if name.starts_with("captioned") {
            let said = json!({ "text": "WEBVTT\n\n00:01.000 --> 00:02.000\nThe dock is dry" });
            by.put(&format!("/api/recordings/{}/captions/en", shown.id), said).await.is(201);
        }
        match name {
            "captioned take" => format!("{}/{}", shown.id, shown.take),
            "captioned playback" => {
                let path = shown.tokened(&self.server, "x");
                path.trim_start_matches("/media/~").trim_end_matches("/1/x").to_owned()
            }
            "captioned link" => word(&share(by, shown.id, json!({})).await),
            "slug" => self.owner().get(&format!("/api/recordings/{}", shown.id)).await.ok()["slug"]
                .as_str()
                .unwrap()
                .to_owned(),
            "share" => id(&share(by, shown.id, json!({})).await),
            "shared" => word(&share(by, shown.id, json!({})).await),
            "revoked" => {
                let link = share(by, shown.id, json!({})).await;
                by.delete(&format!("/api/share-links/{}", id(&link))).await.is(204);
                word(&link)
            }
            "watched" | "launch watched" => {
                shown.path("x").trim_start_matches("/media/").trim_end_matches("/x").to_owned()
            }
            "playback" => {
                shown.tokened(&self.server, "x").trim_start_matches("/media/~").trim_end_matches("/x").to_owned()
            }
            _ => shown.id.to_string(),
        }
    }

    async fn taken(&self, name: &str, made: &mut Made) {
        let owner = self.owner();
        let session = id(&owner.post("/api/take-sessions", json!({ "title": "Week 47" })).await.is(201).json());
        if name != "take session" {
            // One person has so many uploads at once: that of the line before is ended.
            let before = self.begun.lock().unwrap().take();
            if let Some(before) = before {
                let end = owner.request(reqwest::Method::DELETE, &before).header("tus-resumable", "1.0.0");
                owner.send(end).await;
            }
            let begun = begin(owner, 1000, Vec::new(), &[("take_session", &session)]).await.is(201);
            let last = |header: &str| path_of(begun.header(header)).rsplit('/').next().unwrap_or_default().to_owned();
            *self.begun.lock().unwrap() = Some(path_of(begun.header("location")));
            made.insert("upload".into(), last("location"));
            made.insert("taken".into(), last("twotake-take"));
            made.insert("taken session".into(), session);
        } else {
            made.insert(name.into(), session);
        }
    }

    async fn of_an_account(&self, name: &str) -> String {
        let (admin, owner) = (self.admin(), self.owner());
        match name {
            "person" => self.server.member(&format!("New {}", self.server.app.clock.word(8))).await.id,
            "session" => {
                self.server.browser_of(owner).await;
                id(&owner.get("/api/sessions").await.ok()["items"][0])
            }
            "token" => id(&owner.post("/api/tokens", json!({ "name": "script" })).await.is(201).json()),
            "invitation" => id(&admin.post("/api/invitations", json!({ "role": "member" })).await.is(201).json()),
            "invited" => {
                let made = admin.post("/api/invitations", json!({ "role": "member" })).await.is(201).json();
                made["url"].as_str().unwrap().rsplit(['=', '/']).next().unwrap().to_owned()
            }
            "unit" => {
                let unit = json!({ "kind": "team", "name": self.server.app.clock.word(8) });
                id(&admin.post("/api/units", unit).await.is(201).json())
            }
            "absence" => {
                let days = json!({ "first_day": "2027-01-04", "last_day": "2027-01-08" });
                id(&owner.post("/api/absences", days).await.is(201).json())
            }
            "slot" => id(&owner.get(&format!("/api/slots?from={MONTH}&to={MONTH}")).await.ok()["items"][0]),
            "project" => {
                let project = json!({ "name": self.server.app.clock.word(8) });
                owner.post("/api/channels", project).await.is(201).json()["slug"].as_str().unwrap().to_owned()
            }
            "revision of general" => admin.get("/api/channels/general").await.ok()["revision"].to_string(),
            other => panic!("nothing makes {{{other}}}: add it to tests/permission/thing.rs"),
        }
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}")).to_owned()
}
