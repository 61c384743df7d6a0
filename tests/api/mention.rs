//! Mentions from outside: whom words name, who may name many, what is suggested, whom a text means.

use chrono::TimeDelta;
use serde_json::{Value, json};
use twotake::comment::{SubjectKind, mention};
use uuid::Uuid;

use crate::harness::{Client, Server, both};
use crate::recorded::recording;

async fn post(client: &Client, channel: &str, body: &str) -> Value {
    client.post(&format!("/api/channels/{channel}/posts"), json!({ "title": "x", "body": body })).await.is(201).json()
}

/// Names of everybody a text means since an instant of the test's day.
async fn told(server: &Server, kind: SubjectKind, of: &Value, since: &str) -> Vec<String> {
    let id: Uuid = of["id"].as_str().unwrap().parse().unwrap();
    let mut tx = server.app.db.begin().await.unwrap();
    let ids = mention::told(&mut tx, (kind, id), since.parse().unwrap(), None, 100).await.unwrap();
    drop(tx);
    let people = twotake::account::people_by_ids(&server.app.db, &ids).await.unwrap();
    let mut names: Vec<String> = people.into_values().map(|person| person.name).collect();
    names.sort();
    names
}

const START: &str = "2026-11-22T10:00:00Z";

both! {
    at "2026-11-22T10:00:00Z";

    async fn words_name_people_units_and_the_channel(server: Server) {
        let admin = server.admin().await;
        let (omar, sofia) = (server.member("Omar Haddad").await, server.member("Sofia").await);
        server.guest("Gil").await;
        let field = admin.post("/api/units", json!({ "kind": "division", "name": "Field" })).await.is(201).json();
        admin.put(&format!("/api/units/{}/members/{}", field["id"].as_str().unwrap(), sofia.id), json!({})).await.is(204);
        let made = post(&admin, "general", "@omar, not `@sofia` and not @gil or @nobody").await;
        let link = format!("<a class=\"mention\" href=\"/people?person={}\" title=\"Omar Haddad\">@omar</a>", omar.id);
        assert_eq!(made["body_html"], format!("<p>{link}, not <code>@sofia</code> and not @gil or @nobody</p>"));
        assert_eq!(told(&server, SubjectKind::Post, &made, START).await, ["Omar Haddad"]);
        let unit = post(&admin, "general", "For @field").await;
        assert!(unit["body_html"].as_str().unwrap().contains(&format!("/goals?unit={}", field["id"].as_str().unwrap())));
        assert_eq!(told(&server, SubjectKind::Post, &unit, START).await, ["Sofia"]);
        let all = post(&admin, "general", "@channel").await;
        assert!(all["body_html"].as_str().unwrap().contains("href=\"/channels/general\""));
        assert_eq!(told(&server, SubjectKind::Post, &all, START).await, ["Omar Haddad", "Sofia"]);
        let of_field = post(&admin, "field-general", "@channel").await;
        assert_eq!(told(&server, SubjectKind::Post, &of_field, START).await, ["Sofia"]);
        let crowd: Vec<String> = (0..51).map(|n| format!("@someone{n}")).collect();
        let crowd = json!({ "title": "x", "body": crowd.join(" ") });
        assert!(admin.post("/api/channels/general/posts", crowd).await.problem("invalid")["fields"]["body"].is_string());
    }

    async fn only_those_who_post_name_units_and_the_channel(server: Server) {
        let admin = server.admin().await;
        let (omar, sofia) = (server.member("Omar").await, server.member("Sofia").await);
        let made = post(&admin, "announcements", "News").await;
        let under = format!("/api/posts/{}/comments", made["id"].as_str().unwrap());
        omar.post(&under, json!({ "body": "@channel look" })).await.problem("invalid");
        omar.post(&under, json!({ "body": "`@channel` is a word" })).await.is(201);
        let said = omar.post(&under, json!({ "body": "@sofia look" })).await.is(201).json();
        assert_eq!(told(&server, SubjectKind::Comment, &said, START).await, ["Sofia"]);
        let loud = admin.post(&under, json!({ "body": "@channel look" })).await.is(201).json();
        assert_eq!(told(&server, SubjectKind::Comment, &loud, START).await, ["Omar", "Sofia"]);
        let video = recording(&server, &admin, "Update").await;
        let there = format!("/api/recordings/{video}/comments");
        let plain = sofia.post(&there, json!({ "body": "@channel @omar" })).await.is(201).json();
        assert!(plain["body_html"].as_str().unwrap().starts_with("<p>@channel <a class=\"mention\""), "no channel there");
        assert_eq!(told(&server, SubjectKind::Comment, &plain, START).await, ["Omar"]);
    }

    async fn a_correction_tells_only_whom_it_adds_and_a_retraction_nobody(server: Server) {
        let admin = server.admin().await;
        server.member("Omar").await;
        server.member("Sofia").await;
        let made = post(&admin, "general", "@omar").await;
        let path = format!("/api/posts/{}", made["id"].as_str().unwrap());
        server.app.clock.advance(TimeDelta::hours(1));
        admin.patch(&path, json!({ "body": "@omar and @sofia", "revision": 1 })).await.is(200);
        assert_eq!(told(&server, SubjectKind::Post, &made, "2026-11-22T11:00:00Z").await, ["Sofia"]);
        assert_eq!(told(&server, SubjectKind::Post, &made, START).await, ["Omar", "Sofia"]);
        admin.patch(&path, json!({ "body": "@sofia", "revision": 2 })).await.is(200);
        assert_eq!(told(&server, SubjectKind::Post, &made, START).await, ["Sofia"]);
        admin.delete(&path).await.is(204);
        assert_eq!(told(&server, SubjectKind::Post, &made, START).await, Vec::<String>::new());
        let draft = json!({ "state": "draft", "body": "@omar" });
        let draft = admin.post("/api/channels/general/posts", draft).await.is(201).json();
        assert_eq!(told(&server, SubjectKind::Post, &draft, START).await, Vec::<String>::new(), "nobody has read it");
    }

    async fn a_selected_channel_names_and_suggests_only_who_is_in_it(server: Server) {
        let admin = server.admin().await;
        let (omar, sofia) = (server.member("Omar Haddad").await, server.member("Sofia Rig").await);
        let gil = server.guest("Gil").await;
        let new = json!({ "name": "Rig", "audience": "selected", "members": [sofia.id, gil.id] });
        let rig = omar.post("/api/channels", new).await.is(201).json();
        let made = post(&omar, "rig", "@sofia @gil @ada @channel").await;
        assert_eq!(told(&server, SubjectKind::Post, &made, START).await, ["Gil", "Sofia Rig"]);
        assert!(made["body_html"].as_str().unwrap().contains(" @ada "));
        let suggested = async |who: &Client, word: &str, channel: &Value| -> Vec<String> {
            let place = channel["id"].as_str().map(|id| format!("&channel={id}")).unwrap_or_default();
            let list = who.get(&format!("/api/mentions/suggestions?word={word}{place}")).await.ok();
            list["items"].as_array().unwrap().iter().map(|one| one["word"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(suggested(&omar, "", &rig).await, ["gil", "omar", "sofia", "northwind", "channel"]);
        assert_eq!(suggested(&gil, "rI", &rig).await, ["sofia"], "a later word of a name");
        assert_eq!(suggested(&omar, "ch", &rig).await, ["channel"]);
        assert_eq!(suggested(&omar, "", &Value::Null).await, ["ada", "omar", "sofia"]);
        assert_eq!(suggested(&gil, "", &Value::Null).await, Vec::<String>::new());
        assert_eq!(suggested(&omar, "%25", &rig).await, Vec::<String>::new());
        admin.get(&format!("/api/mentions/suggestions?channel={}", rig["id"].as_str().unwrap())).await.problem("not_found");
    }
}

/// With the machine's own clock, which goes on while something is kept.
mod going {
    use super::post;
    use crate::harness::both;

    both! {
        async fn whoever_a_post_names_is_told(server: Server) {
            let admin = server.admin().await;
            let omar = server.member("Omar Haddad").await;
            for n in 1..=3 {
                post(&admin, "general", &format!("For @omar, {n}")).await;
                let told = omar.get("/api/me/inbox").await.ok();
                assert_eq!(told["items"].as_array().map(Vec::len), Some(n), "{told}");
            }
        }
    }
}
