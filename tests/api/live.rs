//! Pages that change by themselves, from outside: one stream a person, hints on this node and across nodes, and who gets none.

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::checkin::{at, slot, submitted};
use crate::checkin_blocker::{after_slots, raised};
use crate::harness::{Client, PATIENCE, both};
use crate::recorded::recording;

/// Somebody's stream, read as it comes.
struct Stream {
    answer: Response,
    text: String,
    /// The last counts that were said.
    counts: Value,
    events: VecDeque<(String, Value)>,
}

impl Stream {
    async fn open(client: &Client) -> Stream {
        let answer = client.request(Method::GET, "/api/me/events").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Stream { answer, text: String::new(), counts: Value::Null, events: VecDeque::new() }
    }

    /// The next event: its name and what it says; none at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, data)) = self.events.pop_front() {
                if event == "counts" {
                    self.counts = data.clone();
                }
                return Some((event, data));
            }
            let piece = tokio::time::timeout(PATIENCE, self.answer.chunk()).await.expect("something is said in time");
            self.text += std::str::from_utf8(&piece.ok().flatten()?).unwrap();
            while let Some((whole, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| whole.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                if let (Some(event), Some(data)) = (line("event: "), line("data: ")) {
                    self.events.push_back((event, serde_json::from_str(&data).unwrap()));
                }
                self.text = rest.to_owned();
            }
        }
    }

    /// Waits for a hint at a thing; everything that is said before it, hints only.
    async fn until_hint(&mut self, kind: &str, id: &str) -> Vec<(String, String)> {
        let mut before = Vec::new();
        loop {
            let (event, data) = self.next().await.expect("the stream goes on");
            if event != "changed" {
                continue;
            }
            for hint in data.as_array().unwrap() {
                let one = (hint["kind"].as_str().unwrap().to_owned(), hint["id"].as_str().unwrap().to_owned());
                if one == (kind.to_owned(), id.to_owned()) {
                    return before;
                }
                before.push(one);
            }
        }
    }

    /// Waits until the counts are so; they may have been said while a hint was waited for.
    async fn until_counts(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        while self.counts.is_null() || !wanted(&self.counts) {
            self.next().await.expect("the stream goes on");
        }
        self.counts.clone()
    }

    /// Waits for the end.
    async fn end(&mut self) {
        while self.next().await.is_some() {}
    }
}

async fn post(client: &Client, channel: &str, title: &str) -> String {
    let made = client.post(&format!("/api/channels/{channel}/posts"), json!({ "title": title })).await.is(201).json();
    made["id"].as_str().unwrap().to_owned()
}

async fn comment(client: &Client, post: &str) {
    client.post(&format!("/api/posts/{post}/comments"), json!({ "body": "Seen." })).await.is(201);
}

both! {
    @ Some("2026-11-24T09:30:00Z"), Web;

    async fn what_somebody_else_does_is_hinted_at_and_counted_at_once(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let rota = post(&admin, "general", "Rota").await;
        let mut stream = Stream::open(&admin).await;
        let counts = stream.until_counts(|_| true).await;
        assert_eq!((&counts["unread"], &counts["duties"]), (&json!(0), &json!(1)));
        comment(&omar, &rota).await;
        stream.until_hint("comments", &rota).await;
        stream.until_counts(|counts| counts["unread"] == 1).await;
        // What is read in another tab is read in this one.
        admin.post("/api/me/inbox/read", json!({})).await.is(200);
        stream.until_counts(|counts| counts["unread"] == 0).await;
        omar.put(&format!("/api/posts/{rota}/reactions/thanks"), json!({})).await.is(204);
        stream.until_hint("reactions", &rota).await;
        let goal = json!({ "scope": "individual", "period_kind": "month", "period_start": "2026-11-24", "title": "Rig" });
        let goal = omar.post("/api/goals", goal).await.is(201).json();
        stream.until_hint("goal", goal["id"].as_str().unwrap()).await;
    }

    async fn what_happens_on_another_node_is_hinted_at_too(server: Server) {
        let other = server.another_node().await;
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let rota = post(&admin, "general", "Rota").await;
        let mut stream = Stream::open(&admin).await;
        stream.until_counts(|_| true).await;
        let there = Client { base: other.base.clone(), ..omar };
        for _ in 0..3 {
            comment(&there, &rota).await;
            stream.until_hint("comments", &rota).await;
        }
        stream.until_counts(|counts| counts["unread"] == 1).await;
        let fire = json!({ "title": "Fire drill", "acknowledge_by": "2026-11-25T12:00:00Z" });
        let profile = there.get("/api/me").await.ok();
        assert_eq!(profile["name"], "Omar Haddad");
        let there = Client { base: other.base.clone(), ..admin.clone() };
        let made = there.post("/api/channels/announcements/posts", fire).await.is(201).json();
        stream.until_hint("post", made["id"].as_str().unwrap()).await;
        other.stop().await;
    }

    async fn whoever_comes_late_is_told_of_the_last_moments(server: Server) {
        let admin = server.admin().await;
        let rota = post(&admin, "general", "Rota").await;
        let mut first = Stream::open(&admin).await;
        comment(&admin, &rota).await;
        first.until_hint("comments", &rota).await;
        let mut second = Stream::open(&admin).await;
        second.until_hint("comments", &rota).await;
    }

    async fn a_blocker_that_passed_up_is_counted_and_hinted_at_there(server: Server) {
        let admin = server.admin().await;
        let (ann, bruno) = (server.member("Ann").await, server.member("Bruno").await);
        let tomasz = server.member("Tomasz").await;
        server.reports_to(&bruno, &tomasz).await;
        after_slots(&server, &admin, 1).await;
        let said = raised(&ann, json!(bruno.id)).await;
        let id = said["blockers"][0]["id"].as_str().unwrap();
        at(&server, "2026-11-26T10:00:00Z");
        let duties = |counts: &Value| counts["duties"].as_i64().unwrap();
        let mut stream = Stream::open(&tomasz).await;
        let before = duties(&stream.until_counts(|_| true).await);
        submitted(&ann, &slot(&ann, "2026-11-26").await).await;
        stream.until_hint("blocker", id).await;
        stream.until_counts(|counts| duties(counts) == before + 1).await;
        tomasz.post(&format!("/api/blockers/{id}/resolve"), json!({ "answer": "Bought." })).await.ok();
        stream.until_counts(|counts| duties(counts) == before).await;
    }

    async fn a_guest_is_hinted_at_nothing_but_what_they_may_see(server: Server) {
        let admin = server.admin().await;
        let (gil, omar) = (server.guest("Gil").await, server.member("Omar Haddad").await);
        let rig = json!({ "name": "Rig", "audience": "selected", "members": [gil.id] });
        let rig = admin.post("/api/channels", rig).await.is(201).json();
        let (mut guest, mut member) = (Stream::open(&gil).await, Stream::open(&omar).await);
        let inside = post(&admin, "general", "Inside").await;
        comment(&admin, &inside).await;
        let goal = json!({ "scope": "individual", "period_kind": "month", "period_start": "2026-11-24", "title": "Rig" });
        admin.post("/api/goals", goal).await.is(201);
        let free = recording(&server, &admin, "Free").await;
        admin.patch(&format!("/api/recordings/{free}"), json!({ "title": "Free still" })).await;
        let fuse = post(&admin, "rig", "Fuse").await;
        let before = guest.until_hint("post", &fuse).await;
        let channel = ("channel".to_owned(), rig["id"].as_str().unwrap().to_owned());
        assert!(before.iter().all(|hint| *hint == channel), "{before:?}");
        // Omar is a member and was not added: he hears of the goal and of what is inside, and not of the rig.
        let last = post(&admin, "general", "Last").await;
        let before = member.until_hint("post", &last).await;
        assert!(before.contains(&("comments".to_owned(), inside)), "{before:?}");
        assert!(!before.iter().any(|(_, id)| *id == fuse), "{before:?}");
        // Who is taken out is told that their channels are others now, and nothing more of it.
        admin.delete(&format!("/api/channels/{}/members/{}", channel.1, gil.id)).await.is(204);
        guest.until_hint("channel", &channel.1).await;
        comment(&admin, &fuse).await;
        let mut own = Stream::open(&admin).await;
        let seen = post(&admin, "rig", "Gone").await;
        // Hints are for who may see the thing when they are given: they have been given before the guest is back.
        own.until_hint("post", &seen).await;
        admin.put(&format!("/api/channels/{}/members/{}", channel.1, gil.id), json!({})).await;
        let before = guest.until_hint("channel", &channel.1).await;
        assert!(!before.iter().any(|(_, id)| *id == seen || *id == fuse), "{before:?}");
    }

    async fn a_stream_ends_with_the_right_to_listen(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let page = server.browser_of(&omar).await;
        let (mut by_session, mut by_token) = (Stream::open(&page).await, Stream::open(&omar).await);
        let session = page.get("/api/sessions").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
        omar.delete(&format!("/api/sessions/{session}")).await.is(204);
        by_session.end().await;
        let page = server.browser_of(&omar).await;
        let mut signed_out = Stream::open(&page).await;
        page.delete("/api/session").await.is(204);
        signed_out.end().await;
        let profile = admin.get(&format!("/api/people/{}", omar.id)).await.ok();
        let change = json!({ "state": "left", "revision": profile["revision"] });
        admin.patch(&format!("/api/people/{}", omar.id), change).await.is(200);
        by_token.end().await;
        server.stranger().get("/api/me/events").await.problem("unauthenticated");
    }

    async fn one_person_has_only_so_many_streams_and_they_end_with_the_server(server: Server) {
        let admin = server.admin().await;
        let mut open = Vec::new();
        for _ in 0..twotake::notify::live::MOST_OF_ONE {
            open.push(Stream::open(&admin).await);
        }
        let refused = admin.get("/api/me/events").await;
        refused.problem("unavailable");
        assert_eq!(refused.header("retry-after"), "5");
        drop(open.pop());
        crate::harness::until("a place is free again", PATIENCE, async || {
            let answer = admin.request(Method::GET, "/api/me/events").send().await.unwrap();
            answer.status() == 200
        }).await;
        let began = std::time::Instant::now();
        server.stop().await;
        for stream in &mut open {
            stream.end().await;
        }
        assert!(began.elapsed() < Duration::from_secs(8), "streams do not keep a server from stopping");
    }
}
