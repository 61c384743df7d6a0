//! Search from outside: what is found, in which order, by whom, and that no question is a mistake.

use chrono::TimeDelta;
use serde_json::{Value, json};
use twotake::db::Pool;
use twotake::db::words::{Newest, Question, Reach};
use twotake::search::{Kind, merge, refresh};
use uuid::Uuid;

use crate::goal::goal;
use crate::harness::{Client, PATIENCE, Server, both, until};
use crate::recorded::recording;

async fn found(client: &Client, q: &str) -> Vec<Value> {
    let path =
        format!("/api/search?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish());
    client.get(&path).await.ok()["items"].as_array().unwrap().clone()
}

fn words(pieces: &Value) -> String {
    pieces.as_array().unwrap().iter().map(|piece| piece["text"].as_str().unwrap()).collect()
}

/// Kind and title of each hit.
async fn titles(client: &Client, q: &str) -> Vec<String> {
    let show = |hit: Value| format!("{}: {}", hit["kind"].as_str().unwrap(), words(&hit["title"]));
    found(client, q).await.into_iter().map(show).collect()
}

async fn kinds(client: &Client, q: &str) -> Vec<String> {
    let mut kinds: Vec<String> =
        found(client, q).await.iter().map(|hit| hit["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort_unstable();
    kinds
}

async fn post(client: &Client, channel: &str, title: &str, body: &str) -> Value {
    client.post(&format!("/api/channels/{channel}/posts"), json!({ "title": title, "body": body })).await.is(201).json()
}

async fn comment(client: &Client, under: &str, id: &Value, body: &str) -> Value {
    let path = format!("/api/{under}/{}/comments", id.as_str().unwrap());
    client.post(&path, json!({ "body": body })).await.is(201).json()
}

async fn channel(admin: &Client, name: &str, members: &[&Client]) -> String {
    let members: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    let new = json!({ "name": name, "audience": "selected", "members": members });
    admin.post("/api/channels", new).await.is(201).json()["slug"].as_str().unwrap().to_owned()
}

/// A recording that can be found.
async fn video(server: &Server, author: &Client, title: &str) -> Value {
    let id = recording(server, author, title).await;
    let mut tx = server.app.db.begin().await.unwrap();
    refresh(&mut tx, Kind::Recording, id.0).await.unwrap();
    tx.commit().await.unwrap();
    json!(id)
}

/// A published check-in without goals.
async fn check_in(client: &Client, headline: &str, wins: &str) -> Value {
    let draft = client.post("/api/check-ins", json!({})).await.ok();
    let path = format!("/api/check-ins/{}", draft["id"].as_str().unwrap());
    client.patch(&path, json!({ "headline": headline, "wins": wins, "revision": draft["revision"] })).await.ok();
    client.post(&format!("{path}/submit"), json!({})).await.ok()
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn every_kind_is_found_with_its_words_marked_and_its_address(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let checked = check_in(&omar, "The harbour is dry", "- pumped **all** night").await;
        let made = goal(&omar, json!({ "title": "Reopen the harbour", "description": "By *Friday*." })).await;
        let posted = post(&admin, "general", "Harbour news", "The crane at the **harbour** moves.").await;
        let video = video(&server, &admin, "Harbour tour").await;
        let said = comment(&omar, "posts", &posted["id"], "Which harbour, north or south?").await;
        let hits = found(&omar, "harbour").await;
        let of = |kind: &str| hits.iter().find(|hit| hit["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {hits:?}"));
        assert_eq!(hits.len(), 5);
        assert_eq!(of("post")["url"], format!("/posts/{}", posted["id"].as_str().unwrap()));
        assert_eq!((&of("post")["place"], &of("post")["author"]["name"]), (&json!("General"), &json!("Ada Byron")));
        let snippet = json!([{ "text": "The crane at the ", "hit": false }, { "text": "harbour", "hit": true }, { "text": " moves.", "hit": false }]);
        assert_eq!(of("post")["snippet"], snippet);
        assert_eq!(of("post")["title"][0], json!({ "text": "Harbour", "hit": true }));
        let comment = of("comment");
        assert_eq!(comment["url"], format!("/posts/{}#c-{}", posted["id"].as_str().unwrap(), said["id"].as_str().unwrap()));
        assert_eq!((words(&comment["title"]), &comment["place"]), ("Harbour news".to_owned(), &json!("General")));
        assert_eq!(of("goal")["url"], format!("/goals/{}", made["id"].as_str().unwrap()));
        assert_eq!(words(&of("goal")["snippet"]), "By Friday.");
        assert_eq!(of("check_in")["url"], format!("/check-ins/{}", checked["id"].as_str().unwrap()));
        assert!(of("recording")["url"].as_str().unwrap().starts_with("/w/"));
        assert_eq!(of("recording")["id"], video);
        assert_eq!(titles(&admin, "haddad").await, ["person: Omar Haddad"]);
        assert_eq!(found(&admin, "haddad").await[0]["url"], format!("/people?person={}", omar.id));
        let only: Vec<Value> = omar.get("/api/search?q=harbour&kind=goal").await.ok()["items"].as_array().unwrap().clone();
        assert_eq!((only.len(), &only[0]["kind"]), (1, &json!("goal")));
        assert_eq!(omar.get("/api/search?q=harbour&kind=secret").await.status, 400);
        server.stranger().get("/api/search?q=harbour").await.problem("unauthenticated");
    }

    async fn all_words_in_any_order_the_last_begun_without_case_or_accents(server: Server) {
        let admin = server.admin().await;
        post(&admin, "general", "Überführung der Straße nach Łódź", "Ein Café wird verlegt.").await;
        post(&admin, "general", "東京の会議", "").await;
        for asked in ["uberfuhrung", "ÜBERFÜHRUNG", "lodz strasse", "cafe LODZ", "cafe ver", "łódź", "東京", "会議"] {
            assert_eq!(found(&admin, asked).await.len(), 1, "{asked}");
        }
        for asked in ["cafe oslo", "fuhrung", "verl cafe", "京都"] {
            assert_eq!(found(&admin, asked).await.len(), 0, "{asked}");
        }
        assert_eq!(found(&admin, "cafe v").await.len(), 1, "a lone letter waits for its second");
        assert_eq!(words(&json!([found(&admin, "strasse").await[0]["title"][1]])), "Straße");
    }

    async fn a_title_goes_before_a_text_and_the_newer_before_the_older(server: Server) {
        let admin = server.admin().await;
        post(&admin, "general", "An old dock", "").await;
        server.app.clock.advance(TimeDelta::days(200));
        post(&admin, "general", "First", "Something about a dock.").await;
        server.app.clock.advance(TimeDelta::days(60));
        post(&admin, "general", "Second", "More about the dock.").await;
        post(&admin, "general", "The new dock", "").await;
        assert_eq!(titles(&admin, "dock").await, ["post: The new dock", "post: An old dock", "post: Second", "post: First"]);
        for n in 0..25 {
            post(&admin, "general", &format!("Dock {n}"), "").await;
            goal(&admin, json!({ "title": format!("Dock {n}") })).await;
        }
        assert_eq!(found(&admin, "dock").await.len(), 40, "twenty of a kind");
    }

    async fn no_text_is_a_mistake(server: Server) {
        let admin = server.admin().await;
        post(&admin, "general", "It's 50% \"done\": a-b_c (NEAR) * ^ OR NOT AND {x} [y] \\ ' -- ;", "kind : post AND title").await;
        let mut odd: Vec<String> = ["", " ", "\"", "'", "\\", "%", "*", "NEAR(", "NEAR(a, 2)", "a AND", "NOT", "OR OR", "title:x", "kind : \"post\"", "{title} :",
            "(((", ")", "^a", "-a", "a*", "a:*", "a & | ! <-> b", "'a':*A", "\u{0}", "\u{202e}x", "\u{1f600}", "' || (select 1) || '", "$1 ?1 :a @b"]
            .iter().map(|text| (*text).to_owned()).collect();
        odd.extend(["x".repeat(5_000), "ab ".repeat(2_000), "\"".repeat(3_000), "é".repeat(1_000)]);
        for _ in 0..60 {
            // Printable ASCII and a little beyond, from the test's own seed.
            odd.push(server.app.clock.random::<24>().iter().map(|byte| char::from(32 + byte % 95)).collect());
            odd.push(server.app.clock.random::<8>().chunks(2).map(|two| char::from_u32(u32::from(two[0]) * 256 + u32::from(two[1])).unwrap_or('\'')).collect());
        }
        for asked in odd {
            found(&admin, &asked).await;
        }
        for asked in ["near", "50", "done", "its 50 done", "c", "kind post"] {
            let some = found(&admin, asked).await.len();
            assert_eq!(some, usize::from(asked != "its 50 done"), "{asked}");
        }
    }

    async fn what_was_taken_back_deleted_or_never_published_is_found_by_nobody(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar").await;
        let posted = post(&omar, "general", "Walrus one", "").await;
        let said = comment(&omar, "posts", &posted["id"], "walrus two").await;
        let video = video(&server, &omar, "Walrus three").await;
        let under = comment(&admin, "recordings", &video, "walrus four").await;
        let draft = goal(&omar, json!({ "title": "Walrus five", "state": "draft" })).await;
        omar.post("/api/check-ins", json!({})).await.ok();
        let begun = omar.post("/api/check-ins", json!({})).await.ok();
        let path = format!("/api/check-ins/{}", begun["id"].as_str().unwrap());
        omar.patch(&path, json!({ "headline": "Walrus six", "revision": begun["revision"] })).await.ok();
        assert_eq!(kinds(&omar, "walrus").await, ["comment", "comment", "post", "recording"]);
        let changed = json!({ "body": "a seal, rather", "revision": said["revision"] });
        omar.patch(&format!("/api/comments/{}", said["id"].as_str().unwrap()), changed).await.ok();
        assert_eq!(kinds(&omar, "walrus").await, ["comment", "post", "recording"]);
        admin.delete(&format!("/api/comments/{}", under["id"].as_str().unwrap())).await.is(204);
        assert_eq!(kinds(&omar, "walrus").await, ["post", "recording"]);
        let shown = omar.patch(&crate::goal::path(&draft, ""), json!({ "state": "active", "revision": 1 })).await.ok();
        assert_eq!(kinds(&admin, "walrus").await, ["goal", "post", "recording"]);
        assert_eq!(shown["state"], "active");
        comment(&admin, "posts", &posted["id"], "walrus seven").await;
        comment(&admin, "recordings", &video, "walrus eight").await;
        omar.delete(&format!("/api/posts/{}", posted["id"].as_str().unwrap())).await.ok();
        assert_eq!(kinds(&omar, "walrus").await, ["comment", "goal", "recording"], "nothing hangs under a retracted post");
        omar.delete(&format!("/api/recordings/{}", video.as_str().unwrap())).await.ok();
        assert_eq!(kinds(&omar, "walrus").await, ["goal"]);
        omar.patch(&crate::goal::path(&draft, ""), json!({ "title": "Seal", "revision": 2 })).await.ok();
        assert_eq!(found(&omar, "walrus").await.len(), 0);
        assert_eq!(titles(&omar, "seal").await, ["goal: Seal"], "the comment with a seal hangs under a retracted post");
    }

    async fn a_channel_of_some_is_found_by_them_and_by_nobody_else(server: Server) {
        let admin = server.admin().await;
        let (omar, leena) = (server.member("Omar").await, server.member("Leena").await);
        let slug = channel(&admin, "Secret", &[&omar]).await;
        let posted = post(&omar, &slug, "Merger with Umbrella", "").await;
        comment(&admin, "posts", &posted["id"], "umbrella it is").await;
        for insider in [&omar, &admin] {
            assert_eq!(kinds(insider, "umbrella").await, ["comment", "post"]);
        }
        assert_eq!(found(&leena, "umbrella").await.len(), 0);
        let list = admin.get("/api/channels").await.ok();
        let secret = list["items"].as_array().unwrap().iter().find(|one| one["slug"] == slug.as_str()).unwrap().clone();
        let member = format!("/api/channels/{}/members/{}", secret["id"].as_str().unwrap(), leena.id);
        admin.put(&member, json!({ "may_post": false })).await;
        assert_eq!(kinds(&leena, "umbrella").await, ["comment", "post"], "as soon as she is added");
        admin.delete(&member).await;
        assert_eq!(found(&leena, "umbrella").await.len(), 0, "and no longer than she is in it");
    }

    async fn a_guest_finds_their_project_channels_and_nothing_else(server: Server) {
        let admin = server.admin().await;
        let sofia = server.guest("Sofia").await;
        let slug = channel(&admin, "Harbour", &[&sofia]).await;
        let (inside, outside) = (video(&server, &admin, "Lantern inside").await, video(&server, &admin, "Lantern outside").await);
        let posted = admin.post(&format!("/api/channels/{slug}/posts"), json!({ "title": "Lantern plan", "recording": inside })).await.is(201).json();
        comment(&admin, "posts", &posted["id"], "lantern oil").await;
        comment(&admin, "recordings", &inside, "lantern light").await;
        comment(&admin, "recordings", &outside, "lantern dark").await;
        post(&admin, "general", "Lantern party", "").await;
        check_in(&admin, "Lantern check-in", "").await;
        let made = goal(&admin, json!({ "title": "Lantern goal" })).await;
        comment(&admin, "goals", &made["id"], "lantern under a goal").await;
        server.member("Lantern Smith").await;
        assert_eq!(found(&admin, "lantern").await.len(), 11);
        let seen = found(&sofia, "lantern").await;
        let mut shown: Vec<String> = seen.iter().map(|hit| format!("{} {}", words(&hit["title"]), words(&hit["snippet"]))).collect();
        shown.sort_unstable();
        assert_eq!(shown, ["Lantern inside ", "Lantern inside lantern light", "Lantern plan ", "Lantern plan lantern oil"]);
        for kind in ["person", "goal", "check_in"] {
            assert_eq!(sofia.get(&format!("/api/search?q=lantern&kind={kind}")).await.ok()["items"], json!([]), "{kind}");
        }
    }

    async fn what_comes_into_a_guests_channel_later_is_found_with_all_that_hangs_under_it(server: Server) {
        let admin = server.admin().await;
        let sofia = server.guest("Sofia").await;
        let slug = channel(&admin, "Harbour", &[&sofia]).await;
        let (shown, answer) = (video(&server, &admin, "Lantern tour").await, video(&server, &admin, "Lantern answer").await);
        comment(&admin, "recordings", &shown, "lantern said before").await;
        comment(&admin, "recordings", &answer, "lantern answered before").await;
        assert_eq!(found(&sofia, "lantern").await.len(), 0);
        let posted = admin.post(&format!("/api/channels/{slug}/posts"), json!({ "title": "Look", "recording": shown })).await.is(201).json();
        assert_eq!(kinds(&sofia, "lantern").await, ["comment", "recording"]);
        let path = format!("/api/posts/{}/comments", posted["id"].as_str().unwrap());
        let under = admin.post(&path, json!({ "body": "", "recording": answer })).await.is(201).json();
        assert_eq!(kinds(&sofia, "lantern").await, ["comment", "comment", "recording", "recording"]);
        admin.delete(&format!("/api/comments/{}", under["id"].as_str().unwrap())).await.is(204);
        assert_eq!(kinds(&sofia, "lantern").await, ["comment", "recording"], "and no longer than it hangs there");
        let own = video(&server, &sofia, "Lantern by Sofia").await;
        comment(&sofia, "recordings", &own, "lantern of her own").await;
        assert_eq!(kinds(&sofia, "lantern").await, ["comment", "comment", "recording", "recording"]);
    }

    async fn who_left_is_not_found_until_they_are_back(server: Server) {
        let admin = server.admin().await;
        let omar = server.member("Omar Haddad").await;
        let path = format!("/api/people/{}", omar.id);
        let left = admin.patch(&path, json!({ "state": "left", "revision": 1 })).await.ok();
        assert_eq!(found(&admin, "haddad").await.len(), 0);
        admin.patch(&path, json!({ "state": "active", "name": "Omar Hadid", "revision": left["revision"] })).await.ok();
        assert_eq!(titles(&admin, "had").await, ["person: Omar Hadid"]);
    }

    async fn what_was_there_before_the_index_is_indexed_by_a_job_that_goes_on_where_it_stopped(server: Server) {
        let admin = server.admin().await;
        for n in 0..60 {
            post(&admin, "general", &format!("Barnacle {n}"), "").await;
        }
        let video = recording(&server, &admin, "Barnacle tour").await;
        empty(&server).await;
        assert_eq!(found(&admin, "barnacle").await.len(), 0);
        twotake::search::fill::owe(&server.app).await.unwrap();
        until("the index is filled", PATIENCE, || async { found(&admin, "barnacle").await.len() == 21 }).await;
        until("and known to be", PATIENCE, || async { version(&server).await == Some(twotake::search::fill::VERSION) }).await;
        assert!(found(&admin, "barnacle tour").await.iter().any(|hit| hit["id"] == json!(video)));
        let owed = || async { twotake::jobs::owed(&server.app.db, twotake::search::fill::KIND).await.unwrap() };
        until("the job is over", PATIENCE, || async { !owed().await }).await;
        twotake::search::fill::owe(&server.app).await.unwrap();
        assert!(!owed().await, "owed once");
        assert_eq!(segments(&server).await, 1, "what was filled is merged");
    }

    async fn segments_of_the_index_are_merged_and_the_same_is_found(server: Server) {
        let admin = server.admin().await;
        let mut posts = Vec::new();
        // FTS5 merges some by itself, and now and then all.
        while posts.len() < 30 || (server.app.db.kind() == "sqlite" && segments(&server).await == 1) {
            posts.push(post(&admin, "general", &format!("Barnacle {}", posts.len()), "scraped off").await);
            assert!(posts.len() < 100, "it never leaves segments");
        }
        let before = titles(&admin, "barnacle scraped").await;
        assert_eq!(before.len(), 20);
        merge::run(&server.app, &|| {}).await.unwrap();
        assert_eq!(segments(&server).await, 1);
        assert_eq!(titles(&admin, "barnacle scraped").await, before);
        // What was merged can be changed, and merged again.
        let last = posts.last().unwrap();
        let path = format!("/api/posts/{}", last["id"].as_str().unwrap());
        admin.patch(&path, json!({ "title": "Limpet", "revision": last["revision"] })).await.ok();
        merge::run(&server.app, &|| {}).await.unwrap();
        assert_eq!(titles(&admin, "barnacle scraped").await[0], format!("post: Barnacle {}", posts.len() - 2));
        assert_eq!(titles(&admin, "limpet").await, ["post: Limpet"]);
        merge::run(&server.app, &|| {}).await.unwrap();
        assert_eq!(segments(&server).await, 1, "there is nothing left to do");
    }

    async fn what_is_old_is_found_behind_however_much_is_newer(server: Server) {
        let admin = server.admin().await;
        for n in 0..330 {
            let title = if n < 3 { format!("Kestrel {n}") } else if n % 60 == 0 { format!("Heron {n}") } else { format!("Filler {n}") };
            post(&admin, "general", &title, "").await;
        }
        assert_eq!(titles(&admin, "kestrel").await, ["post: Kestrel 2", "post: Kestrel 1", "post: Kestrel 0"]);
        let herons: Vec<String> = (1..6).rev().map(|n| format!("post: Heron {}", 60 * n)).collect();
        assert_eq!(titles(&admin, "heron").await, herons, "some of them near, some far");
        let fillers = titles(&admin, "filler").await;
        assert_eq!((fillers.len(), fillers[0].as_str(), fillers[19].as_str()), (20, "post: Filler 329", "post: Filler 310"));
    }

    async fn a_rare_word_is_looked_up_and_a_common_one_is_met_walking_from_the_newest(server: Server) {
        server.admin().await;
        let (db, sqlite) = (&server.app.db, server.app.db.kind() == "sqlite");
        if !sqlite {
            // What PostgreSQL does depends on how much there is, which it knows of a table that was looked at.
            const MANY: &str = "
                insert into search_text (kind, subject, organisation, author, title, body, at, version, words)
                select 'post', gen_random_uuid(), p.organisation, p.id, '', '', now(), 1,
                       cast(case when n % 1000 = 0 then 'nacommon narare' else 'nacommon' end as tsvector)
                from person p, generate_series(1, 5000) n";
            twotake::on_db!(db, |c| {
                sqlx::query(MANY).execute(c).await.unwrap();
                sqlx::query("analyze search_text").execute(c).await.map(|_| ())
            })
            .unwrap();
        }
        let ways = [("rare", Reach::All, "search_text_words"), ("common", Reach::Back(256), "Backward using search_text_newest")];
        for (word, reach, index) in ways {
            let words = [word.to_owned()];
            let asked = Question { kind: Kind::Post.letter(), words: &words, prefix: false, title: false, places: None };
            let literal = format!("'{}'", twotake::db::words::expression(db, &asked).replace('\'', "''"));
            let seen = "exists (select 1 from post p where p.id = t.subject limit 1 offset 0)";
            let (columns, and) = ("t.id, t.subject", "t.version > 0");
            let wanted = Newest { columns, kind: "post", parameter: &literal, wanted: "1 = 1", reach, and, seen, limit: 20 };
            let sql = twotake::db::words::newest(db, &wanted);
            let plan = twotake::db::words::plan(db, &sql).await.unwrap();
            let index = if sqlite { "SCAN search_words VIRTUAL TABLE INDEX" } else { index };
            assert!(plan.contains(index) && !plan.contains("SCAN t"), "{word}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{word}: {plan}");
        }
    }
}

/// As a server that was there before there was an index.
async fn empty(server: &Server) {
    let mut tx = server.app.db.begin().await.unwrap();
    for kind in [Kind::Person, Kind::Post] {
        for id in twotake::search::sql::source::after(&mut tx, kind, Uuid::nil(), 500).await.unwrap() {
            if let Some(row) = twotake::search::sql::index::remove(&mut tx, kind, id).await.unwrap() {
                twotake::db::words::remove(&mut tx, row).await.unwrap();
            }
        }
    }
    twotake::on_tx!(&mut tx, |c| sqlx::query("delete from search_state").execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}

/// In how many segments FTS5 keeps its index: the upper bits of a page's number are those of its segment, and none is left for its own notes.
/// PostgreSQL has one.
async fn segments(server: &Server) -> i64 {
    const SQL: &str = "select count(distinct id >> 37) from search_words_data where id >> 37 > 0";
    match &server.app.db.pool {
        Pool::Sqlite { read, .. } => sqlx::query_scalar(SQL).fetch_one(read).await.unwrap(),
        Pool::Postgres(_) => 1,
    }
}

async fn version(server: &Server) -> Option<i64> {
    twotake::search::sql::index::version(&server.app.db).await.unwrap()
}
