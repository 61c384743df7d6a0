//! The page in a frame: who may frame it, and that it is small and carries nothing it does not need.

use serde_json::json;

use crate::harness::{Backend, Options, Server, both};
use crate::page::{open, share, slug};
use crate::recorded::recording;

fn ancestors(policy: &str) -> &str {
    policy.split("frame-ancestors ").nth(1).unwrap_or("")
}

both! {
    async fn an_unrestricted_link_may_stand_anywhere_and_every_other_page_nowhere(server: Server) {
        server.admin().await;
        let leena = server.member("Leena Koskela").await;
        let id = recording(&server, &leena, "Title").await;
        let (token, _) = share(&leena, id, json!({})).await;
        let framed = open(&server.stranger(), &format!("/embed/{token}")).await.is(200);
        assert_eq!(ancestors(framed.header("content-security-policy")), "*");
        for (asker, path) in [(&server.stranger(), format!("/w/{token}")), (&leena, format!("/w/{token}")),
            (&server.stranger(), "/w/none".into()), (&server.stranger(), "/".into())]
        {
            let answer = open(asker, &path).await;
            assert_eq!(ancestors(answer.header("content-security-policy")), "'none'", "{path}");
        }
        for path in [format!("/embed/{token}"), "/embed/none".into(), format!("/w/{token}")] {
            let answer = open(&server.stranger(), &path).await;
            assert!(answer.headers.get("x-frame-options").is_none(), "{path}");
            assert!(answer.headers.get("set-cookie").is_none(), "{path}");
            assert!(!answer.header("content-security-policy").contains("unsafe"), "{path}");
        }
    }

    async fn a_restricted_link_names_its_places_and_the_known_ones(server: Server) {
        server.admin().await;
        let leena = server.member("Leena Koskela").await;
        let id = recording(&server, &leena, "Title").await;
        let (token, _) = share(&leena, id, json!({"allowed_origins": ["https://wiki.example:8443"]})).await;
        const SQL: &str = "update organisation set allowed_origins = $1";
        let organisation = sqlx::types::Json(json!(["https://intranet.example", "not an origin; script-src *"]));
        let mut tx = server.app.db.begin().await.unwrap();
        twotake::on_tx!(&mut tx, |c| sqlx::query(SQL).bind(organisation).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        let answer = open(&server.stranger(), &format!("/embed/{token}")).await.is(200);
        let list: Vec<&str> = ancestors(answer.header("content-security-policy")).split(' ').collect();
        for origin in ["https://wiki.example:8443", "https://intranet.example", "https://*.slack.com", "https://*.slack-gov.com",
            "https://*.slack-mcps.com", "https://teams.microsoft.com", "https://*.cloud.microsoft", "https://*.atlassian.net"]
        {
            assert!(list.contains(&origin), "{origin} is missing from {list:?}");
        }
        assert!(!list.contains(&"*") && !answer.header("content-security-policy").contains("script-src *"));
        // A member who opens the embed of the recording itself: only where the organisation's embeds may stand.
        let own = open(&leena, &format!("/embed/{}", slug(&server, id).await)).await.is(200);
        assert!(!ancestors(own.header("content-security-policy")).contains("wiki.example"));
    }

    async fn the_frame_is_small_and_loads_only_the_poster_before_play(server: Server) {
        server.admin().await;
        let leena = server.member("Leena Koskela").await;
        let id = recording(&server, &leena, "Calibration is down to 31 minutes").await;
        let (token, _) = share(&leena, id, json!({})).await;
        let text = open(&server.stranger(), &format!("/embed/{token}")).await.is(200).text();
        assert!(text.len() < 8 * 1024, "{} bytes", text.len());
        assert!(!text.contains("<link rel=\"stylesheet\"") && !text.contains("<script src") && !text.contains("modulepreload"));
        assert!(text.contains("preload=\"none\"") && text.contains(">2:41<") && text.contains("2 minutes 41 seconds"));
        assert!(!text.contains(" autoplay"), "{text}");
        let loud = open(&server.stranger(), &format!("/embed/{token}?autoplay=1")).await.text();
        assert!(loud.contains(" autoplay>"), "{loud}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_add_places_of_their_own() {
    let options = Options {
        backend: Backend::Sqlite,
        start: None,
        configure: |config| config.frame_ancestors = vec!["https://confluence.intra.example".into()],
    };
    let server = Server::with(options).await;
    server.admin().await;
    let leena = server.member("Leena Koskela").await;
    let id = recording(&server, &leena, "Title").await;
    let (token, _) = share(&leena, id, json!({"allowed_origins": []})).await;
    let answer = open(&server.stranger(), &format!("/embed/{token}")).await.is(200);
    assert!(ancestors(answer.header("content-security-policy")).contains("'self' https://confluence.intra.example "));
    server.stop().await;
}
