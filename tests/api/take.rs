//! The rule of two takes, from outside and under races.

use serde_json::{Value, json};
use twotake::recording::take::{self, NewTake, Source, TakeError};

use crate::harness::{Client, Server, both, media};
use crate::sending::{begin, send, settled};

async fn author(server: &Server) -> Client {
    server.admin().await;
    server.member("Leena Koskinen").await
}

async fn session(client: &Client) -> Value {
    client.post("/api/take-sessions", json!({"title": "Week 47"})).await.is(201).json()
}

/// Begins a take that stays at its first bytes.
async fn begun(client: &Client, session: &Value) -> crate::harness::Answer {
    begin(client, 1000, vec![1; 10], &[("take_session", session["id"].as_str().unwrap())]).await
}

both! {
    async fn the_third_take_is_refused_and_both_are_offered(server: Server) {
        let leena = author(&server).await;
        let session = session(&leena).await;
        for ordinal in [1, 2] {
            let take = begun(&leena, &session).await.is(201).header("twotake-take").to_owned();
            let take = leena.get(&take).await.ok();
            assert_eq!((&take["ordinal"], &take["state"]), (&json!(ordinal), &json!("receiving")));
            assert_eq!(take["watch_url"], session["watch_url"]);
            assert_eq!(take["hls_url"], Value::Null);
        }
        let refused = begun(&leena, &session).await.problem("takes_used_up");
        assert_eq!(refused["takes"].as_array().unwrap().len(), 2);
        assert_eq!(refused["take_session"], session["id"]);
        assert_eq!(refused["detail"], "Both takes are used. Keep one of them: a third would make the first two worth less.");
        let now = leena.get(&format!("/api/take-sessions/{}", session["id"].as_str().unwrap())).await.ok();
        assert_eq!((&now["takes_used"], &now["takes_allowed"], &now["state"]), (&json!(2), &json!(2), &json!("open")));
    }

    async fn a_take_cancelled_in_the_middle_has_been_used(server: Server) {
        let leena = author(&server).await;
        let session = session(&leena).await;
        for _ in 0..2 {
            let upload = begun(&leena, &session).await.is(201);
            let end = leena.request(reqwest::Method::DELETE, upload.header("location")).header("tus-resumable", "1.0.0");
            leena.send(end).await.is(204);
        }
        begun(&leena, &session).await.problem("takes_used_up");
        let now = leena.get(&format!("/api/take-sessions/{}", session["id"].as_str().unwrap())).await.ok();
        assert_eq!(now["takes_used"], 2);
    }

    async fn a_session_opens_without_a_body_but_not_with_a_broken_one(server: Server) {
        let leena = author(&server).await;
        let open = || leena.request(reqwest::Method::POST, "/api/take-sessions");
        let session = leena.send(open()).await.is(201).json();
        assert_eq!((&session["subject"]["kind"], &session["limit_ms"]), (&json!("free"), &json!(180_000)));
        leena.send(open().body("{")).await.problem("bad_request");
        leena.post("/api/take-sessions", json!({"subject": {"kind": "dream"}})).await.problem("invalid");
    }

    async fn a_take_without_a_byte_is_replaced_and_takes_nothing_more(server: Server) {
        let leena = author(&server).await;
        let session = session(&leena).await;
        let id = session["id"].as_str().unwrap();
        let empty = begin(&leena, 1000, Vec::new(), &[("take_session", id)]).await.is(201);
        begun(&leena, &session).await.is(201);
        let now = leena.get(&format!("/api/take-sessions/{id}")).await.ok();
        assert_eq!(now["takes_used"], 1);
        let first = leena.get(empty.header("twotake-take")).await.ok();
        assert_eq!((&first["state"], &first["code"]), (&json!("failed"), &json!("gone")));
    }

    async fn a_declared_length_over_the_limit_is_refused_at_once_and_costs_nothing(server: Server) {
        let leena = author(&server).await;
        let session = session(&leena).await;
        let id = session["id"].as_str().unwrap();
        let long = [("take_session", id), ("declared_ms", "222000")];
        let refused = begin(&leena, 1000, Vec::new(), &long).await.problem("too_long");
        assert_eq!((&refused["measured_ms"], &refused["limit_ms"]), (&json!(222_000), &json!(180_000)));
        assert_eq!(
            refused["detail"],
            "This video runs 3:42. Updates stop at 3:00: trim it or record again; it has not cost you a take."
        );
        begin(&leena, 1000, Vec::new(), &[("take_session", id), ("declared_ms", "180400")]).await.is(201);
        assert_eq!(leena.get(&format!("/api/take-sessions/{id}")).await.ok()["takes_used"], 0);
    }

    async fn a_refused_take_gives_its_place_back(server: Server) {
        let leena = author(&server).await;
        let session = session(&leena).await;
        let id = session["id"].as_str().unwrap();
        for _ in 0..3 {
            let take = send(&leena, &media::sound_only(1.0), &[("take_session", id), ("filename", "talk.m4a")]).await;
            let take = settled(&leena, &take).await;
            assert_eq!((&take["state"], &take["code"], &take["ordinal"]), (&json!("refused"), &json!("not_video"), &json!(1)));
            assert!(take["detail"].as_str().unwrap().ends_with('.'), "{take}");
        }
        assert_eq!(leena.get(&format!("/api/take-sessions/{id}")).await.ok()["takes_used"], 0);
    }

    async fn whoever_races_at_most_two_takes_hold_a_place(server: Server) {
        let leena = author(&server).await;
        let session = session(&leena).await;
        let person = person(&server, &leena).await;
        let opened = (0..8).map(|_| {
            let (app, author, session) = (server.app.clone(), person.clone(), session["id"].as_str().unwrap().parse().unwrap());
            tokio::spawn(async move {
                let mut tx = app.db.begin().await.unwrap();
                let (filename, title) = (String::new(), String::new());
                let new = NewTake { author, session: Some(session), source: Source::Browser, filename, title, declared_ms: None };
                let take = take::open(&app, &mut tx, new).await?;
                take::began(&app, &mut tx, take.id, app.clock.id()).await?;
                tx.commit().await?;
                Ok::<_, TakeError>(take.ordinal)
            })
        });
        let mut places = Vec::new();
        for ended in opened.collect::<Vec<_>>() {
            match ended.await.unwrap() {
                Ok(ordinal) => places.push(ordinal),
                Err(TakeError::TakesUsedUp { takes, .. }) => assert_eq!(takes.len(), 2),
                Err(error) => panic!("{error}"),
            }
        }
        places.sort_unstable();
        assert_eq!(places, [1, 2]);
    }

    async fn a_session_belongs_to_its_author_and_closes_once(server: Server) {
        let leena = author(&server).await;
        let other = server.member("Tomasz Wilk").await;
        let session = session(&leena).await;
        let url = format!("/api/take-sessions/{}", session["id"].as_str().unwrap());
        other.get(&url).await.problem("not_found");
        begun(&other, &session).await.problem("not_found");
        let take = begun(&leena, &session).await.is(201).header("twotake-take").to_owned();
        let id = leena.get(&take).await.ok()["id"].clone();
        leena.post(&format!("{url}/keep"), json!({"take": id})).await.problem("not_ready");
        leena.delete(&url).await.is(204);
        leena.delete(&url).await.problem("session_closed");
        begun(&leena, &session).await.problem("session_closed");
        leena.get(&take).await.is(404);
    }
}

async fn person(server: &Server, client: &Client) -> twotake::account::Person {
    let (organisation, id) = (server.organisation().await, client.id.parse().unwrap());
    twotake::account::sql::person::one(&server.app.db, organisation, id).await.unwrap().expect("a person who was made")
}
