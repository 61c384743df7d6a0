//! The digest from outside, with the clock moved by hand: at whose hour it is made, and what it tells.

use serde_json::{Value, json};
use twotake::notify::tick::tick;

use crate::harness::{Client, both};
use crate::notify::{at, inbox, post, quiet, zone};

both! {
    @ Some("2026-11-24T09:30:00Z"), Web;

    async fn a_digest_is_made_once_a_day_at_the_persons_own_hour(server: Server) {
        let admin = server.admin().await;
        let (omar, kofi, idle) =
            (server.member("Omar Haddad").await, server.member("Kofi Mensah").await, server.member("Ida Idle").await);
        server.reports_to(&omar, &kofi).await;
        zone(&kofi, "America/New_York").await;
        zone(&idle, "Asia/Kolkata").await;
        quiet(&omar, json!({ "digest_at": "09:15" })).await;
        quiet(&idle, json!({ "digest_at": null })).await;
        // Wednesday: Berlin's 08:30 is 07:30 UTC, New York's 13:30.
        at(&server, "2026-11-24T20:00:00Z");
        post(&admin, "general", json!({ "title": "One" })).await;
        post(&admin, "announcements", json!({ "title": "Two", "acknowledge_by": "2026-11-25T12:00:00Z" })).await;
        let digests = async |client: &Client| -> Vec<Value> {
            inbox(client).await.into_iter().filter(|one| one["kind"] == "digest").collect()
        };
        at(&server, "2026-11-25T07:29:00Z");
        assert_eq!(tick(&server.app).await.unwrap().digests, 0);
        at(&server, "2026-11-25T08:14:00Z");
        assert_eq!(tick(&server.app).await.unwrap().digests, 0, "the administrator wrote what is new: nothing to say");
        at(&server, "2026-11-25T08:15:00Z");
        let (one, two) = tokio::join!(tick(&server.app), tick(&server.app));
        assert_eq!(one.unwrap().digests + two.unwrap().digests, 1, "Omar's, at 09:15, whoever runs it");
        let told = digests(&omar).await;
        let lines: Vec<(i64, &str)> = told[0]["digest"].as_array().unwrap().iter()
            .map(|line| (line["count"].as_i64().unwrap(), line["text"].as_str().unwrap())).collect();
        assert_eq!(lines, [(1, "due today"), (2, "new posts")]);
        at(&server, "2026-11-25T13:31:00Z");
        assert_eq!(tick(&server.app).await.unwrap().digests, 1, "Kofi's");
        assert_eq!((digests(&omar).await.len(), digests(&kofi).await.len(), digests(&idle).await.len()), (1, 1, 0));
        // A Saturday has none.
        at(&server, "2026-11-28T15:00:00Z");
        assert_eq!(tick(&server.app).await.unwrap().digests, 0);
    }

    async fn a_digest_tells_of_the_check_in_that_opens_after_it(server: Server) {
        server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let lines = async |client: &Client| -> Vec<Value> {
            let told = inbox(client).await.into_iter().filter(|one| one["kind"] == "digest");
            told.map(|one| one["digest"].clone()).collect()
        };
        // Thursday, 08:30 in Berlin: the slot opens at nine. Friday has none.
        at(&server, "2026-11-26T07:30:00Z");
        tick(&server.app).await.unwrap();
        assert_eq!(lines(&omar).await, [json!([{ "count": 1, "text": "due today", "url": "/" }])]);
        at(&server, "2026-11-27T07:30:00Z");
        tick(&server.app).await.unwrap();
        assert_eq!(lines(&omar).await.len(), 1);
        // On Tuesday the first look comes when it is open already: it is counted once.
        at(&server, "2026-12-01T09:00:00Z");
        tick(&server.app).await.unwrap();
        assert_eq!(lines(&omar).await[0], json!([{ "count": 1, "text": "due today", "url": "/" }]));
    }

    async fn a_digest_keeps_its_local_hour_across_daylight_saving(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        quiet(&omar, json!({ "workdays": [1, 2, 3, 4, 5, 6, 7] })).await;
        // Berlin begins summer time on 28 March 2027: 08:30 is 07:30 UTC before, 06:30 after.
        for (before, due) in [("2027-03-27T07:29:00Z", "2027-03-27T07:30:00Z"), ("2027-03-28T06:29:00Z", "2027-03-28T06:30:00Z")] {
            at(&server, before);
            post(&admin, "general", json!({ "title": "News" })).await;
            assert_eq!(tick(&server.app).await.unwrap().digests, 0, "{before}");
            at(&server, due);
            assert_eq!(tick(&server.app).await.unwrap().digests, 1, "{due}");
            assert_eq!(tick(&server.app).await.unwrap().digests, 0, "{due}");
        }
        // And ends it on 31 October.
        at(&server, "2027-10-31T07:29:00Z");
        post(&admin, "general", json!({ "title": "News" })).await;
        assert_eq!(tick(&server.app).await.unwrap().digests, 0);
        at(&server, "2027-10-31T07:30:00Z");
        assert_eq!(tick(&server.app).await.unwrap().digests, 1);
    }
}
