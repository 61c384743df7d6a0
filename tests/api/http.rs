//! What every answer has in common: problems, headers, request ids, cross-site refusal, compression, health, numbers, the
//! description of the interface.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Backend, Client, Options, Server, both};

/// A client that says nothing of itself, as a program or an old browser would.
fn bare(server: &Server) -> Client {
    let http = reqwest::Client::builder().cookie_store(true).build().unwrap();
    Client { http, ..server.stranger() }
}

both! {
    async fn a_body_that_cannot_be_read_is_answered_with_a_problem(server: Server) {
        let admin = server.admin().await;
        let send = |kind: &'static str, body: &'static str| {
            let request = admin.request(Method::POST, "/api/tokens").header("content-type", kind).body(body);
            let admin = admin.clone();
            async move { admin.send(request).await }
        };
        send("application/json", "{\"name\": ").await.problem("bad_request");
        send("application/json", "{\"name\": 7}").await.problem("invalid");
        send("text/plain", "{}").await.problem("unsupported_media_type");
        let long: &'static str = Box::leak(format!("{{\"name\": \"{}\"}}", "x".repeat(1 << 20)).into_boxed_str());
        send("application/json", long).await.problem("body_too_large");
        admin.get("/api/people/not-an-id").await.problem("not_found");
        admin.get("/api/people?limit=many").await.problem("bad_request");
        admin.get("/api/people?after=garbage").await.problem("bad_request");
    }

    async fn an_unknown_address_is_a_404_and_a_known_one_names_its_methods(server: Server) {
        let admin = server.admin().await;
        admin.get("/api/nothing").await.problem("not_found");
        let answer = admin.put("/api/session", json!({})).await;
        answer.problem("method_not_allowed");
        assert_eq!(answer.header("allow"), "DELETE, GET, POST");
    }

    async fn every_answer_carries_the_usual_headers_and_a_request_id(server: Server) {
        let stranger = server.stranger();
        for path in ["/health/live", "/api/session", "/api/nothing", "/api/docs"] {
            let answer = stranger.get(path).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "strict-origin-when-cross-origin", "{path}");
            assert!(answer.header("permissions-policy").contains("camera=(self)"), "{path}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        }
        let named = stranger.request(Method::GET, "/health/live").header("x-request-id", "proxy-17");
        assert_eq!(stranger.send(named).await.header("x-request-id"), "proxy-17");
        let odd = stranger.request(Method::GET, "/health/live").header("x-request-id", "a b<script>");
        assert_eq!(stranger.send(odd).await.header("x-request-id").len(), 36);
    }

    async fn json_is_compressed_for_those_who_ask(server: Server) {
        let ask = server.stranger().request(Method::GET, "/api/openapi.json").header("accept-encoding", "gzip");
        let answer = server.stranger().send(ask).await.is(200);
        assert_eq!(answer.header("content-encoding"), "gzip");
        assert_eq!(answer.body[..2], [0x1f, 0x8b]);
        let plain = server.stranger().request(Method::GET, "/metrics").header("accept-encoding", "gzip");
        assert_eq!(server.stranger().send(plain).await.header("content-encoding"), "");
    }

    async fn a_change_that_another_site_asks_for_is_refused(server: Server) {
        let admin = server.admin().await;
        let ours = server.base.clone();
        let cookie = "twotake=whatever";
        // (Sec-Fetch-Site, Origin, cookie, allowed)
        type Case<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, bool);
        let cases: &[Case] = &[
            (Some("same-origin"), None, Some(cookie), true),
            (Some("none"), None, Some(cookie), true),
            (Some("cross-site"), None, Some(cookie), false),
            (Some("same-site"), Some(&ours), Some(cookie), false),
            (Some("cross-site"), None, None, false),
            (None, Some(&ours), Some(cookie), true),
            (None, Some("https://evil.example"), Some(cookie), false),
            (None, Some("null"), Some(cookie), false),
            (None, Some("https://evil.example"), None, false),
            (None, None, Some(cookie), false),
            (None, None, None, true),
        ];
        for (site, origin, cookie, allowed) in cases {
            let client = bare(&server);
            let mut request = client.request(Method::DELETE, "/api/session");
            for (name, value) in [("sec-fetch-site", site), ("origin", origin), ("cookie", cookie)] {
                if let Some(value) = value {
                    request = request.header(name, *value);
                }
            }
            let answer = client.send(request).await;
            match allowed {
                true => drop(answer.is(204)),
                false => drop(answer.problem("cross_site")),
            }
        }
        // A token is not sent by a browser on its own, so it is not concerned.
        let request = bare(&server).request(Method::POST, "/api/tokens").json(&json!({ "name": "script" }));
        let token = admin.token.clone().unwrap();
        let request = request.header("authorization", format!("Bearer {token}")).header("sec-fetch-site", "cross-site");
        bare(&server).send(request).await.is(201);
    }

    async fn health_says_what_does_not_answer(server: Server) {
        assert_eq!(server.stranger().get("/health/live").await.ok()["status"], "ok");
        assert_eq!(server.stranger().get("/health/ready").await.ok()["status"], "ok");
        server.app.db.close().await;
        server.stranger().get("/health/live").await.is(200);
        let answer = server.stranger().get("/health/ready").await;
        assert_eq!(answer.problem("unavailable")["part"], "database");
        assert!(!answer.header("retry-after").is_empty());
    }

    async fn the_numbers_count_by_route_and_not_by_address(server: Server) {
        let admin = server.admin().await;
        admin.get(&format!("/api/people/{}", admin.id)).await.is(200);
        let text = server.stranger().get("/metrics").await.is(200).text();
        let line = "twotake_http_requests_total{method=\"GET\",route=\"/api/people/{id}\",status=\"200\"} 1";
        assert!(text.contains(line), "{text}");
        assert!(text.contains("twotake_http_request_seconds_bucket"));
        assert!(text.contains("twotake_uploads_in_progress 0") && text.contains("twotake_upload_bytes_total 0"));
        assert!(text.contains("twotake_build_info{version="));
        assert!(!text.contains(&admin.id));
    }

    async fn the_description_names_every_route_and_reads_without_scripts(server: Server) {
        let document = server.stranger().get("/api/openapi.json").await.ok();
        assert_eq!(document["openapi"], "3.1.0");
        for path in ["/api/session", "/api/people/{id}", "/health/ready", "/metrics", "/api/audit"] {
            assert!(document["paths"][path].is_object(), "{path}");
        }
        let problem = &document["paths"]["/api/session"]["post"]["responses"]["default"]["content"];
        assert!(problem["application/problem+json"].is_object());
        every_reference_leads_somewhere(&document, &document);
        let page = server.stranger().get("/api/docs").await.is(200);
        let text = page.text();
        assert!(text.contains("/api/people/{id}") && !text.contains("<script"));
        assert!(page.header("content-security-policy").contains("style-src 'sha256-"));
    }
}

fn every_reference_leads_somewhere(part: &Value, whole: &Value) {
    if let Some(reference) = part.get("$ref").and_then(Value::as_str) {
        let pointer = reference.trim_start_matches('#');
        assert!(whole.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    match part {
        Value::Object(members) => members.values().for_each(|member| every_reference_leads_somewhere(member, whole)),
        Value::Array(items) => items.iter().for_each(|item| every_reference_leads_somewhere(item, whole)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_ask_for_their_token_when_one_is_set() {
    let configure = |config: &mut twotake::config::Config| config.metrics_token = Some("counting".into());
    let server = Server::with(Options { backend: Backend::Sqlite, start: None, configure }).await;
    server.stranger().get("/metrics").await.problem("unauthenticated");
    Client::new(&server.base, Some("counted".into())).get("/metrics").await.problem("unauthenticated");
    Client::new(&server.base, Some("counting".into())).get("/metrics").await.is(200);
    server.stop().await;
}

/// A proxy or a client keeps a connection for later. One that the server closes just as it is used again is an error to whoever
/// asked through it, so it must lie idle for longer than the five seconds a server closes it after when nobody says otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_lay_idle_is_answered_on() {
    let server = Server::start(Backend::Sqlite).await;
    let host = server.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /health/live HTTP/1.1\r\nhost: {host}\r\n\r\n");
    for idle in [0, 7] {
        tokio::time::sleep(Duration::from_secs(idle)).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "closed after {idle} s");
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    }
    server.stop().await;
}
