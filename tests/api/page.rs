//! Pages: who sees what at which address, and that a refusal tells nothing.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use twotake::id::RecordingId;

use crate::harness::{Answer, Client, Server, both};
use crate::recorded::recording;

const TITLE: &str = "Calibration is down to 31 minutes";
const AUTHOR: &str = "Leena Koskela";
const PASSWORD: &str = "three baths and a probe";

/// Asks as a browser does when somebody follows a link.
pub async fn open(client: &Client, path: &str) -> Answer {
    client.send(client.request(Method::GET, path).header("accept", "text/html,application/xhtml+xml")).await
}

/// A share link of the recording; answers its token and its id.
pub async fn share(author: &Client, id: RecordingId, more: Value) -> (String, String) {
    let mut asked = json!({"audience": "link"});
    asked.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    let link = author.post(&format!("/api/recordings/{id}/share-links"), asked).await.is(201).json();
    let token = link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    (token, link["id"].as_str().unwrap().to_owned())
}

/// The slug of a recording.
pub async fn slug(server: &Server, id: RecordingId) -> String {
    const SQL: &str = "select slug from recording where id = $1";
    twotake::on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).bind(id).fetch_one(c).await).unwrap()
}

/// Changes a column of the recording's take, for states that take long to come about.
async fn set_take(server: &Server, id: RecordingId, state: &str) {
    const SQL: &str = "
        update take set state = $2, watchable = false, attempt = null, measured_ms = null, width = null, height = null
        where recording = $1";
    let mut tx = server.app.db.begin().await.unwrap();
    twotake::on_tx!(&mut tx, |c| sqlx::query(SQL).bind(id).bind(state).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}

/// Nothing of the recording in head or body.
fn tells_nothing(answer: &Answer, words: &[&str]) {
    let text = answer.text();
    for word in words {
        assert!(!text.contains(word), "{}: tells {word:?}: {text}", answer.asked);
    }
    for sign in ["og:", "twitter:", "oembed", "<img", "/media/", "<twotake-player", "canonical"] {
        assert!(!text.contains(sign), "{}: has {sign:?}: {text}", answer.asked);
    }
    assert!(text.contains("noindex"), "{}", answer.asked);
    assert_eq!(answer.header("x-robots-tag"), "noindex");
    assert!(answer.headers.get("link").is_none() && answer.headers.get("set-cookie").is_none());
}

both! {
    async fn every_asker_gets_the_page_the_rule_says(server: Server) {
        server.admin().await;
        let (leena, tomasz) = (server.member(AUTHOR).await, server.member("Tomasz Wilk").await);
        let (guest, stranger) = (server.guest("Gail Guest").await, server.stranger());
        let id = recording(&server, &leena, TITLE).await;
        let slug = slug(&server, id).await;
        let (open_link, _) = share(&leena, id, json!({})).await;
        let (locked, _) = share(&leena, id, json!({"password": PASSWORD})).await;
        let (ended, ended_id) = share(&leena, id, json!({})).await;
        leena.delete(&format!("/api/share-links/{ended_id}")).await.is(204);
        let unknown = "1".repeat(22);

        // What each asker is shown: the player, the form for a password, or the neutral page with its status.
        #[derive(PartialEq, Debug)]
        enum Page { Player, Password, Neutral(u16) }
        use Page::{Neutral, Password, Player};
        let table = [
            (&leena, [Player, Player, Player, Player, Neutral(404)]),
            (&tomasz, [Player, Player, Player, Player, Neutral(404)]),
            (&guest, [Neutral(404), Player, Password, Neutral(404), Neutral(404)]),
            (&stranger, [Neutral(200), Player, Password, Neutral(404), Neutral(404)]),
        ];
        for (asker, expected) in table {
            for (word, expected) in [&slug, &open_link, &locked, &ended, &unknown].into_iter().zip(expected) {
                for place in ["w", "embed"] {
                    let answer = open(asker, &format!("/{place}/{word}")).await;
                    let text = answer.text();
                    let got = match answer.status.as_u16() {
                        _ if text.contains("<twotake-player") => Player,
                        _ if text.contains("This link has a password") => Password,
                        status => Neutral(status),
                    };
                    assert_eq!(got, expected, "{:?} opens /{place}/{word}", asker.name);
                    assert_eq!(text.contains(TITLE), got == Player);
                    if got != Player {
                        tells_nothing(&answer, &[TITLE, AUTHOR, "Koskela", "Northwind"]);
                    }
                    let state = asker.get(&format!("/embed/{word}/state")).await.status.as_u16();
                    let told = match expected { Player => 200, Password => 403, Neutral(200) => 401, Neutral(other) => other };
                    assert_eq!(state, told, "{:?} asks for the state of {word}", asker.name);
                }
            }
        }
    }

    async fn a_refusal_is_the_same_page_whatever_it_refuses(server: Server) {
        server.admin().await;
        let leena = server.member(AUTHOR).await;
        let stranger = server.stranger();
        let id = recording(&server, &leena, TITLE).await;
        let slug = slug(&server, id).await;
        let members_only = open(&stranger, &format!("/w/{slug}")).await.is(200);
        let unknown = open(&stranger, "/w/zzzzzzzzzz").await.is(404);
        let odd = open(&stranger, "/w/%3Cscript%3Ealert(1)%3C%2Fscript%3E").await.is(404);
        assert_eq!(members_only.text(), unknown.text());
        assert_eq!(members_only.text(), odd.text());
        assert!(!members_only.text().contains(&slug));
        let names = |answer: &Answer| {
            let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names(&members_only), names(&unknown));
        let framed = open(&stranger, "/embed/%22%3E%3Cscript%3E").await.is(404);
        assert!(!framed.text().contains("\"><script"));
    }

    async fn a_deleted_recording_and_a_link_that_ran_out_are_gone(server: Server) {
        server.admin().await;
        let leena = server.member(AUTHOR).await;
        let id = recording(&server, &leena, TITLE).await;
        let (token, _) = share(&leena, id, json!({})).await;
        open(&server.stranger(), &format!("/w/{token}")).await.is(200);
        const SQL: &str = "update recording set state = 'deleted' where id = $1";
        let mut tx = server.app.db.begin().await.unwrap();
        twotake::on_tx!(&mut tx, |c| sqlx::query(SQL).bind(id).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        for place in ["w", "embed"] {
            let answer = open(&server.stranger(), &format!("/{place}/{token}")).await.is(404);
            tells_nothing(&answer, &[TITLE, AUTHOR]);
        }
        open(&leena, &format!("/w/{}", slug(&server, id).await)).await.is(404);
    }

    async fn a_password_opens_a_link_and_a_wrong_one_tells_nothing(server: Server) {
        server.admin().await;
        let leena = server.member(AUTHOR).await;
        let stranger = server.stranger();
        let id = recording(&server, &leena, TITLE).await;
        let (token, _) = share(&leena, id, json!({"password": PASSWORD})).await;
        for place in ["w", "embed"] {
            let path = format!("/{place}/{token}");
            let give = |password: &str| stranger.request(Method::POST, &path).form(&[("password", password)]);
            let wrong = stranger.send(give("guess")).await.is(403);
            tells_nothing(&wrong, &[TITLE, AUTHOR]);
            let right = stranger.send(give(PASSWORD)).await.is(200);
            assert!(right.text().contains(TITLE) && right.text().contains("/media/~"), "{}", right.text());
            // Told to whoever knows the password, not to programs that read pages.
            assert!(!right.text().contains("og:") && !right.text().contains("oembed"));
            assert!(right.headers.get("set-cookie").is_none());
        }
    }

    async fn guessing_passwords_is_slowed_down(server: Server) {
        server.admin().await;
        let leena = server.member(AUTHOR).await;
        let stranger = server.stranger();
        let id = recording(&server, &leena, TITLE).await;
        let (token, _) = share(&leena, id, json!({"password": PASSWORD})).await;
        let path = format!("/w/{token}");
        let mut last = StatusCode::OK;
        for _ in 0..40 {
            last = stranger.send(stranger.request(Method::POST, &path).form(&[("password", "x")])).await.status;
            if last == StatusCode::TOO_MANY_REQUESTS {
                break;
            }
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    }

    async fn a_title_is_only_ever_text(server: Server) {
        server.admin().await;
        let leena = server.member("\"><img src=x onerror=alert(1)>").await;
        let evil = "</title></script><script>alert(1)</script>\" onload=\"alert(2)' {{7*7}} &amp;";
        let id = recording(&server, &leena, evil).await;
        let (token, _) = share(&leena, id, json!({})).await;
        let slug = slug(&server, id).await;
        for (asker, path) in [(&server.stranger(), format!("/w/{token}")), (&server.stranger(), format!("/embed/{token}")),
            (&leena, format!("/w/{slug}")), (&leena, format!("/embed/{slug}"))]
        {
            let text = open(asker, &path).await.is(200).text();
            assert!(!text.contains("<script>alert") && !text.contains("<img src=x"), "{path}: {text}");
            assert!(!text.contains("\" onload=\"") && text.contains("{{7*7}}"), "{path}: {text}");
        }
        let told = server.stranger().get(&oembed_of(&server, &token)).await.ok();
        assert_eq!(told["title"], evil);
        assert!(!told["html"].as_str().unwrap().contains("<script"));
    }

    async fn a_link_page_tells_programs_what_they_need(server: Server) {
        server.admin().await;
        let leena = server.member(AUTHOR).await;
        let id = recording(&server, &leena, TITLE).await;
        let (token, _) = share(&leena, id, json!({})).await;
        let origin = server.app.config.origin();
        let answer = open(&server.stranger(), &format!("/w/{token}?t=68")).await.is(200);
        let text = answer.text();
        for tag in [
            format!("<meta property=\"og:video\" content=\"{origin}/media/s/{token}/video.mp4\">"),
            "<meta property=\"og:video:type\" content=\"video/mp4\">".into(),
            "<meta property=\"og:video:width\" content=\"1920\">".into(),
            "<meta property=\"video:duration\" content=\"161\">".into(),
            "<meta property=\"og:type\" content=\"video.other\">".into(),
            format!("<meta property=\"og:image\" content=\"{origin}/embed/{token}/poster.jpg?width=1280&#38;height=720&#38;play=2:41\">"),
            format!("<meta property=\"og:url\" content=\"{origin}/w/{token}\">"),
            "<meta name=\"twitter:card\" content=\"player\">".into(),
            format!("<meta name=\"twitter:player\" content=\"{origin}/embed/{token}\">"),
            format!("<meta name=\"twitter:player:stream\" content=\"{origin}/media/s/{token}/video.mp4\">"),
            format!("<title>{TITLE}</title>"),
        ] {
            assert!(text.contains(&tag), "{tag} is missing: {text}");
        }
        assert_eq!(text.matches("property=\"og:video\"").count(), 1);
        assert!(!text.contains("og:video:url") && !text.contains("og:video:secure_url"));
        let head = text.find("</head>").unwrap();
        assert!(text.find("application/json+oembed").unwrap() < text.find("<style>").unwrap() && head < 32 * 1024);
        assert!(text.contains("start=\"68\"") && text.contains("/media/~"), "{text}");
        assert!(answer.headers.get("set-cookie").is_none());
    }

    async fn a_member_page_carries_the_session_and_no_tags_for_strangers(server: Server) {
        server.admin().await;
        let leena = server.member(AUTHOR).await;
        let id = recording(&server, &leena, TITLE).await;
        let text = open(&leena, &format!("/w/{}", slug(&server, id).await)).await.is(200).text();
        assert!(text.contains(TITLE) && text.contains(AUTHOR) && text.contains("state=\"ready\""));
        assert!(text.contains(&format!("mp4=\"/media/{id}/")), "{text}");
        assert!(!text.contains("og:") && !text.contains("oembed"));
        // With the app built, what it would ask for stands in the page.
        if let Some((_, data)) = text.split_once("id=\"twotake-data\">") {
            let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
            assert_eq!(data["session"]["person"]["name"], AUTHOR);
        }
    }

    async fn comments_stand_beneath_a_member_page_and_nowhere_else(server: Server) {
        server.admin().await;
        let (leena, tomasz) = (server.member(AUTHOR).await, server.member("Tomasz Wilk").await);
        let id = recording(&server, &leena, TITLE).await;
        let (token, _) = share(&leena, id, json!({})).await;
        let path = format!("/api/recordings/{id}/comments");
        let said = json!({"body": "Which sites were the 41 from? <script>alert(1)</script>", "at_ms": 37_000});
        let first = tomasz.post(&path, said).await.is(201).json();
        leena.post(&path, json!({"body": "Bergen and Tromsø.", "parent": first["id"]})).await.is(201);
        let text = open(&leena, &format!("/w/{}", slug(&server, id).await)).await.is(200).text();
        if let Some((page, data)) = text.split_once("id=\"twotake-data\">") {
            let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
            assert_eq!(data["recording"]["id"], json!(id));
            assert_eq!(data["comments"]["items"][0]["replies"][0]["body"], "Bergen and Tromsø.");
            assert!(page.contains("Which sites") && page.contains("Bergen") && page.contains(">0:37</a>"), "{page}");
            assert!(!page.contains("<script>alert"), "{page}");
        }
        for path in [format!("/w/{token}"), format!("/embed/{token}")] {
            assert!(!open(&server.stranger(), &path).await.text().contains("Which sites"), "{path}");
        }
    }

    async fn a_take_in_the_making_is_shown_as_such_and_its_state_can_be_followed(server: Server) {
        server.admin().await;
        let leena = server.member(AUTHOR).await;
        let id = recording(&server, &leena, TITLE).await;
        let (token, _) = share(&leena, id, json!({})).await;
        set_take(&server, id, "processing").await;
        let text = open(&server.stranger(), &format!("/embed/{token}")).await.is(200).text();
        assert!(text.contains("state=\"processing\"") && text.contains(&format!("status=\"/embed/{token}/state\"")), "{text}");
        assert!(!text.contains(" mp4=") && !text.contains("og:video"));
        let state = server.stranger().get(&format!("/embed/{token}/state")).await.ok();
        assert_eq!((&state["state"], &state["mp4_url"]), (&json!("processing"), &Value::Null));
        set_take(&server, id, "failed").await;
        assert!(open(&server.stranger(), &format!("/w/{token}")).await.text().contains("state=\"failed\""));
    }

    async fn a_robot_that_reads_a_page_is_no_viewer(server: Server) {
        server.admin().await;
        let leena = server.member(AUTHOR).await;
        let id = recording(&server, &leena, TITLE).await;
        let (token, _) = share(&leena, id, json!({})).await;
        for agent in ["Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1", "Iframely/1.3.1", "Mozilla/5.0"] {
            for path in [format!("/w/{token}"), format!("/embed/{token}")] {
                let stranger = server.stranger();
                stranger.send(stranger.request(Method::GET, &path).header("user-agent", agent)).await.is(200);
                stranger.send(stranger.request(Method::HEAD, &path).header("user-agent", agent)).await.is(200);
            }
        }
        open(&leena, &format!("/w/{}", slug(&server, id).await)).await.is(200);
        const SQL: &str = "select count(*) from view";
        let views: i64 = twotake::on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).fetch_one(c).await).unwrap();
        assert_eq!(views, 0);
    }
}

/// The oEmbed question for a link.
pub fn oembed_of(server: &Server, token: &str) -> String {
    let url = format!("{}/w/{token}", server.app.config.origin());
    format!("/oembed?url={}", url.replace(':', "%3A").replace('/', "%2F"))
}
