//! The inbox from outside, with the clock moved by hand: who is told of what, what is held back, and what is forgotten.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use twotake::codes::Code;
use twotake::notify::tick::{KEEP, KEEP_READ, sweep};

use crate::harness::{Client, Server, both};
use crate::recorded::recording;

/// Moves the clock to an instant.
pub fn at(server: &Server, instant: &str) {
    let wanted: DateTime<Utc> = instant.parse().unwrap();
    server.app.clock.advance(wanted - server.app.clock.now());
}

pub async fn inbox(client: &Client) -> Vec<Value> {
    client.get("/api/me/inbox").await.ok()["items"].as_array().unwrap().clone()
}

/// What the inbox says, the newest first.
async fn texts(client: &Client) -> Vec<String> {
    inbox(client).await.iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
}

async fn counts(client: &Client) -> (i64, i64, i64) {
    let counts = client.get("/api/me/inbox/counts").await.ok();
    let of = |name: &str| counts[name].as_i64().unwrap();
    (of("unread"), of("held"), of("duties"))
}

pub async fn post(client: &Client, channel: &str, body: Value) -> String {
    let made = client.post(&format!("/api/channels/{channel}/posts"), body).await.is(201).json();
    format!("/api/posts/{}", made["id"].as_str().unwrap())
}

async fn comment(client: &Client, under: &str, body: Value) -> String {
    let made = client.post(&format!("{under}/comments"), body).await.is(201).json();
    made["id"].as_str().unwrap().to_owned()
}

pub async fn zone(client: &Client, zone: &str) {
    let revision = client.get("/api/me").await.ok()["revision"].clone();
    client.patch("/api/me", json!({ "time_zone": zone, "revision": revision })).await.is(200);
}

pub async fn quiet(client: &Client, change: Value) -> Value {
    let mut change = change;
    change["revision"] = client.get("/api/me/quiet-hours").await.ok()["revision"].clone();
    client.patch("/api/me/quiet-hours", change).await.is(200).json()
}

/// A check-in of today, with these blockers, submitted.
async fn check_in(client: &Client, blockers: Value) -> String {
    let slots = client.get("/api/slots?from=2026-11-24&to=2026-11-24").await.ok();
    let draft = client.post("/api/check-ins", json!({ "slot": slots["items"][0]["id"] })).await.ok();
    let path = format!("/api/check-ins/{}", draft["id"].as_str().unwrap());
    let revision = draft["revision"].clone();
    client.patch(&path, json!({ "headline": "Soak rig", "blockers": blockers, "revision": revision })).await.is(200);
    client.post(&format!("{path}/submit"), json!({})).await.is(200);
    path
}

both! {
    @ Some("2026-11-24T09:30:00Z"), Web;

    async fn comments_answers_and_reactions_are_told_to_whom_they_are_for_and_grouped(server: Server) {
        let admin = server.admin().await;
        let (omar, leena) = (server.member("Omar Haddad").await, server.member("Leena Koskinen").await);
        let rota = post(&admin, "general", json!({ "title": "Rota" })).await;
        let first = comment(&omar, &rota, json!({ "body": "Who is on call?" })).await;
        assert_eq!(texts(&admin).await, ["Omar Haddad commented on your post"]);
        let told = inbox(&admin).await[0].clone();
        assert_eq!((&told["title"], &told["read"]), (&json!("Rota"), &json!(false)));
        assert_eq!(told["url"], format!("{}#c-{first}", rota.replace("/api", "")));
        assert_eq!(told["person"]["id"], omar.id.as_str());
        server.app.clock.advance(TimeDelta::minutes(1));
        comment(&leena, &rota, json!({ "body": "I am." })).await;
        assert_eq!(texts(&admin).await, ["Leena Koskinen commented on your post, 2 comments"]);
        assert_eq!(counts(&admin).await, (1, 0, 1), "one group; and the check-in of today");

        let reply = comment(&leena, &rota, json!({ "body": "Me.", "parent": first })).await;
        assert_eq!(texts(&omar).await, ["Leena Koskinen answered you under a post"]);
        for (who, kind) in [(&omar, "thanks"), (&omar, "idea"), (&admin, "thanks")] {
            server.app.clock.advance(TimeDelta::minutes(1));
            who.put(&format!("/api/comments/{reply}/reactions/{kind}"), json!({})).await.is(204);
        }
        assert_eq!(texts(&leena).await, ["Ada Byron and one other reacted to what you said in a post"]);
        assert_eq!(counts(&leena).await.0, 1);

        // What is read begins anew; a reaction that is taken back and given again is not news.
        let id = inbox(&leena).await[0]["id"].as_str().unwrap().to_owned();
        leena.put(&format!("/api/me/inbox/{id}/read"), json!({})).await.is(204);
        admin.delete(&format!("/api/comments/{reply}/reactions/thanks")).await.is(204);
        admin.put(&format!("/api/comments/{reply}/reactions/thanks"), json!({})).await.is(204);
        assert_eq!(counts(&leena).await.0, 0);
        admin.post("/api/me/inbox/read", json!({})).await.is(200);
        comment(&omar, &rota, json!({ "body": "Thanks." })).await;
        assert_eq!(texts(&admin).await, ["Omar Haddad commented on your post"], "counted since it was read");
    }

    async fn nobody_is_told_of_their_own_act_or_after_they_left(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let note = post(&omar, "general", json!({ "title": "Note" })).await;
        let own = comment(&omar, &note, json!({ "body": "And this." })).await;
        comment(&omar, &note, json!({ "body": "And that.", "parent": own })).await;
        omar.put(&format!("{note}/reactions/celebrate"), json!({})).await.is(204);
        assert_eq!(texts(&omar).await, [""; 0]);
        let profile = admin.get(&format!("/api/people/{}", omar.id)).await.ok();
        let change = json!({ "state": "left", "revision": profile["revision"] });
        admin.patch(&format!("/api/people/{}", omar.id), change).await.is(200);
        comment(&admin, &note, json!({ "body": "Thank you." })).await;
        let rows: i64 = twotake::on_db!(&server.app.db, |c| sqlx::query_scalar("select count(*) from notification").fetch_one(c).await).unwrap();
        assert_eq!(rows, 0);
    }

    async fn a_guest_is_told_only_of_what_they_may_see_and_only_while_they_may(server: Server) {
        let admin = server.admin().await;
        let gil = server.guest("Gil").await;
        admin.post("/api/channels", json!({ "name": "Rig", "audience": "selected", "members": [gil.id] })).await.is(201);
        let fuse = post(&admin, "rig", json!({ "title": "Fuse" })).await;
        let asked = comment(&gil, &fuse, json!({ "body": "Which one?" })).await;
        comment(&admin, &fuse, json!({ "body": "The red one.", "parent": asked })).await;
        assert_eq!(texts(&gil).await, ["Ada Byron answered you under a post"]);
        assert_eq!(counts(&gil).await, (1, 0, 0));

        let channel = admin.get("/api/channels/rig").await.ok()["id"].as_str().unwrap().to_owned();
        admin.delete(&format!("/api/channels/{channel}/members/{}", gil.id)).await.is(204);
        assert_eq!((texts(&gil).await, counts(&gil).await), (Vec::new(), (0, 0, 0)), "no more than the post itself");
        comment(&admin, &fuse, json!({ "body": "The blue one, sorry.", "parent": asked })).await;
        admin.put(&format!("/api/channels/{channel}/members/{}", gil.id), json!({})).await;
        let kept = inbox(&gil).await;
        assert_eq!((kept.len(), &kept[0]["count"]), (1, &json!(1)), "nothing was told while they did not see it");
    }

    async fn reviews_blockers_goals_and_misses_are_told(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        server.reports_to(&omar, &admin).await;
        let path = check_in(&omar, json!([{ "text": "No fuse", "asks": admin.id }])).await;
        assert_eq!(texts(&admin).await, ["Omar Haddad is blocked and asks you"]);
        assert_eq!(counts(&admin).await.2, 3, "a check-in, a review and a blocker");
        assert_eq!(inbox(&admin).await[0]["title"], "Soak rig");
        server.app.clock.advance(TimeDelta::minutes(1));
        admin.post(&format!("{path}/review"), json!({ "decision": "discuss", "note": "How?" })).await.is(200);
        let blocker = omar.get(&path).await.ok()["blockers"][0]["id"].as_str().unwrap().to_owned();
        server.app.clock.advance(TimeDelta::minutes(1));
        admin.post(&format!("/api/blockers/{blocker}/resolve"), json!({ "answer": "Ordered." })).await.is(200);
        server.app.clock.advance(TimeDelta::minutes(1));
        let goal = json!({ "scope": "individual", "period_kind": "month", "period_start": "2026-11-24", "title": "Rig",
            "owner": omar.id });
        admin.post("/api/goals", goal).await.is(201);
        assert_eq!(counts(&admin).await.2, 1);
        assert_eq!(texts(&omar).await, [
            "Ada Byron gave you a goal", "Ada Byron resolved your blocker", "Ada Byron wants to discuss your check-in"]);
        // Thursday's slot is due at 16:00 in Berlin, with its grace.
        at(&server, "2026-11-27T12:00:00Z");
        twotake::checkin::tick::tick(&server.app).await.unwrap();
        twotake::checkin::tick::tick(&server.app).await.unwrap();
        let told = inbox(&omar).await;
        assert_eq!(told[0]["text"], "A check-in of yours was missed");
        assert_eq!(told.len(), 4, "once");
    }

    async fn an_announcement_is_told_to_whom_it_asks(server: Server) {
        let admin = server.admin().await;
        let (omar, gil) = (server.member("Omar Haddad").await, server.guest("Gil").await);
        let by = json!({ "title": "Fire drill", "acknowledge_by": "2026-11-25T12:00:00Z" });
        post(&admin, "announcements", by).await;
        assert_eq!(texts(&omar).await, ["Ada Byron asks you to acknowledge a post"]);
        assert_eq!(counts(&omar).await, (1, 0, 2));
        let duties = omar.get("/api/me/duties").await.ok();
        let titles: Vec<&Value> = duties["items"].as_array().unwrap().iter().map(|one| &one["title"]).collect();
        assert_eq!(titles, ["Your Tuesday check-in", "Acknowledge: Fire drill"]);
        assert_eq!(texts(&gil).await, [""; 0]);
        assert_eq!(texts(&admin).await, [""; 0], "its author asks");
    }

    async fn a_recording_that_fails_is_told_to_its_author(server: Server) {
        server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let id = recording(&server, &omar, "Rig walk").await;
        let take = omar.get(&format!("/api/recordings/{id}")).await.ok()["take"]["id"].as_str().unwrap().to_owned();
        let back = "update take set state = 'processing' where recording = $1";
        let mut tx = server.app.db.begin().await.unwrap();
        twotake::on_tx!(&mut tx, |c| sqlx::query(back).bind(id).execute(c).await.map(|_| ())).unwrap();
        let take = take.parse().unwrap();
        twotake::recording::take::failed(&server.app, &mut tx, take, Code::MediaFailed, "No.").await.unwrap();
        tx.commit().await.unwrap();
        let told = inbox(&omar).await;
        assert_eq!((told.len(), &told[0]["text"]), (1, &json!("A recording of yours could not be made ready")));
        assert_eq!(told[0]["title"], "Rig walk");
    }

    async fn the_inbox_comes_in_pages_and_is_read_one_by_one_or_at_once(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let mut posts = Vec::new();
        for n in 0..5 {
            server.app.clock.advance(TimeDelta::minutes(1));
            let path = post(&admin, "general", json!({ "title": format!("Post {n}") })).await;
            comment(&omar, &path, json!({ "body": "Seen." })).await;
            posts.push(path.rsplit('/').next().unwrap().to_owned());
        }
        let first = admin.get("/api/me/inbox?limit=2").await.ok();
        let titles = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(titles(&first), ["Post 4", "Post 3"]);
        let next = first["next"].as_str().unwrap();
        let second = admin.get(&format!("/api/me/inbox?limit=3&after={next}")).await.ok();
        assert_eq!(titles(&second), ["Post 2", "Post 1", "Post 0"]);
        assert_eq!(second["next"], Value::Null);

        let id = first["items"][0]["id"].as_str().unwrap();
        admin.put(&format!("/api/me/inbox/{id}/read"), json!({})).await.is(204);
        assert_eq!(titles(&admin.get("/api/me/inbox?unread=true").await.ok()).len(), 4);
        admin.delete(&format!("/api/me/inbox/{id}/read")).await.is(204);
        assert_eq!(counts(&admin).await.0, 5);
        omar.put(&format!("/api/me/inbox/{id}/read"), json!({})).await.problem("not_found");
        let about = json!({ "subject": posts[0] });
        assert_eq!(admin.post("/api/me/inbox/read-about", about).await.ok()["unread"], 4);
        let until = second["items"][0]["at"].clone();
        assert_eq!(admin.post("/api/me/inbox/read", json!({ "until": until })).await.ok()["unread"], 2, "what came later stays");
        assert_eq!(admin.post("/api/me/inbox/read", json!({})).await.ok()["unread"], 0);
        server.stranger().get("/api/me/inbox").await.problem("unauthenticated");
    }

    async fn deep_work_and_days_off_hold_back_where_each_person_is(server: Server) {
        let admin = server.admin().await;
        let people = [("Omar Haddad", "Europe/Berlin"), ("Priya Nair", "Asia/Kolkata"), ("Kofi Mensah", "America/New_York")];
        let mut clients = Vec::new();
        for (name, place) in people {
            let person = server.member(name).await;
            zone(&person, place).await;
            let said = quiet(&person, json!({ "deep_work": [{ "days": [1, 2, 3, 4, 5], "from": "9:00", "to": "11:30" }] })).await;
            assert_eq!(said["deep_work"][0]["from"], "09:00");
            clients.push(person);
        }
        // 10:30 in Berlin, 15:00 in Kolkata, 04:30 in New York.
        let by = json!({ "title": "Fire drill", "acknowledge_by": "2026-12-25T12:00:00Z" });
        post(&admin, "announcements", by).await;
        let all = async || {
            let mut found = Vec::new();
            for client in &clients {
                let (unread, held, _) = counts(client).await;
                found.push((unread, held));
            }
            found
        };
        assert_eq!(all().await, [(0, 1), (1, 0), (1, 0)]);
        let held = inbox(&clients[0]).await;
        assert_eq!(held[0]["held_until"], "2026-11-24T10:30:00Z", "it lies in the inbox all the same");
        at(&server, "2026-11-24T10:30:00Z");
        assert_eq!(all().await, [(1, 0); 3]);

        // Changing the window lets go of what it holds, or holds it longer.
        at(&server, "2026-11-25T08:30:00Z");
        let note = post(&clients[0], "general", json!({ "title": "Note" })).await;
        comment(&admin, &note, json!({ "body": "Seen." })).await;
        assert_eq!(counts(&clients[0]).await.1, 1);
        quiet(&clients[0], json!({ "deep_work": [{ "days": [3], "from": "09:00", "to": "12:00" }] })).await;
        assert_eq!(clients[0].get("/api/me/inbox/counts").await.ok()["held_until"], "2026-11-25T11:00:00Z");
        quiet(&clients[0], json!({ "deep_work": [] })).await;
        assert_eq!(counts(&clients[0]).await, (2, 0, 1));

        // Saturday, until Monday where they are.
        at(&server, "2026-11-28T12:00:00Z");
        for (client, until) in clients.iter().zip(["2026-11-29T23:00:00Z", "2026-11-29T18:30:00Z", "2026-11-30T05:00:00Z"]) {
            let path = post(client, "general", json!({ "title": "Weekend" })).await;
            comment(&admin, &path, json!({ "body": "Seen." })).await;
            assert_eq!(client.get("/api/me/inbox/counts").await.ok()["held_until"], until);
        }
        quiet(&clients[2], json!({ "workdays": [6, 7] })).await;
        assert_eq!(clients[2].get("/api/me/inbox/counts").await.ok()["held"], 0);
    }

    async fn a_night_window_keeps_its_local_times_when_the_clock_is_set(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        quiet(&omar, json!({ "workdays": [1, 2, 3, 4, 5, 6, 7],
            "deep_work": [{ "days": [1, 2, 3, 4, 5, 6, 7], "from": "22:00", "to": "07:00" }] })).await;
        let note = post(&omar, "general", json!({ "title": "Note" })).await;
        // Berlin begins summer time in the night to 28 March 2027.
        for (now, until) in [("2027-03-26T22:00:00Z", "2027-03-27T06:00:00Z"), ("2027-03-27T22:00:00Z", "2027-03-28T05:00:00Z")] {
            at(&server, now);
            comment(&admin, &note, json!({ "body": "Seen." })).await;
            assert_eq!(omar.get("/api/me/inbox/counts").await.ok()["held_until"], until);
            omar.post("/api/me/inbox/read", json!({})).await.is(200);
        }
    }

    async fn quiet_hours_are_checked_and_optimistically_locked(server: Server) {
        let admin = server.admin().await;
        let revision = admin.get("/api/me/quiet-hours").await.ok()["revision"].clone();
        let wrong = json!({ "workdays": [], "deep_work": [{ "days": [1], "from": "9", "to": "10:00" }], "digest_at": "noon",
            "revision": revision });
        let fields = admin.patch("/api/me/quiet-hours", wrong).await.problem("invalid")["fields"].clone();
        assert_eq!(fields.as_object().unwrap().len(), 3, "{fields}");
        let stale = admin.patch("/api/me/quiet-hours", json!({ "digest_at": null, "revision": 77 })).await.problem("stale");
        assert_eq!(stale["current"]["digest_at"], "08:30");
        let said = quiet(&admin, json!({ "digest_at": null, "workdays": [3, 1, 1] })).await;
        assert_eq!((&said["digest_at"], &said["workdays"], &said["usual_workdays"]), (&Value::Null, &json!([1, 3]), &json!(false)));
        assert_eq!(quiet(&admin, json!({ "workdays": null })).await["workdays"], json!([1, 2, 3, 4, 5]));
    }

    async fn old_notifications_are_forgotten(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        for title in ["Read", "Unread"] {
            let path = post(&admin, "general", json!({ "title": title })).await;
            comment(&omar, &path, json!({ "body": "Seen." })).await;
        }
        let read = inbox(&admin).await.into_iter().find(|one| one["title"] == "Read").unwrap();
        admin.put(&format!("/api/me/inbox/{}/read", read["id"].as_str().unwrap()), json!({})).await.is(204);
        server.app.clock.advance(KEEP_READ - TimeDelta::minutes(1));
        assert_eq!(sweep(&server.app).await.unwrap(), 0);
        server.app.clock.advance(TimeDelta::minutes(2));
        assert_eq!(sweep(&server.app).await.unwrap(), 1);
        assert_eq!(inbox(&admin).await[0]["title"], "Unread");
        server.app.clock.advance(KEEP);
        assert_eq!(sweep(&server.app).await.unwrap(), 1);
        assert_eq!(inbox(&admin).await.len(), 0);
    }
}
