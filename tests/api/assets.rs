//! The web app as files: its pages, its caching, its policy; and that programs are never answered with HTML.

use reqwest::{Method, StatusCode};

use crate::harness::{Client, both};

async fn page(client: &Client, path: &str) -> crate::harness::Answer {
    client.send(client.request(Method::GET, path).header("accept", "text/html,*/*;q=0.8")).await
}

both! {
    async fn every_page_of_the_app_is_its_index_under_a_strict_policy(server: Server) {
        let stranger = server.stranger();
        for path in ["/", "/goals", "/channels/announcements", "/signin", "/setup?token=x", "/admin/people"] {
            let answer = page(&stranger, path).await;
            // Without a built web app the same routes say so; the headers are those of every page.
            assert!(matches!(answer.status, StatusCode::OK | StatusCode::NOT_FOUND), "{path}: {}", answer.status);
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{path}: {policy}");
            assert!(policy.ends_with("frame-ancestors 'none'"), "{path}: {policy}");
            assert!(!policy.contains("script-src 'self' 'unsafe") && !policy.contains("unsafe-eval"), "{policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("referrer-policy"), "same-origin");
            assert_eq!(answer.header("cache-control"), "no-cache");
            assert!(answer.headers.get("set-cookie").is_none());
            let text = answer.text();
            assert!(text.contains("id=\"app\"") || text.contains("The web app was not built"), "{path}: {text}");
        }
    }

    async fn programs_are_never_answered_with_html(server: Server) {
        let stranger = server.stranger();
        for path in ["/api/nothing", "/api", "/media/nothing", "/player/nothing.js", "/_app/immutable/nothing.js"] {
            page(&stranger, path).await.problem("not_found");
        }
        stranger.get("/favicon-of-nobody.png").await.problem("not_found");
        stranger.delete("/goals").await.problem("method_not_allowed");
        stranger.post("/api/nothing", serde_json::json!({})).await.problem("not_found");
    }

    async fn nothing_outside_the_built_folder_is_served(server: Server) {
        let stranger = server.stranger();
        for path in ["/..%2fCargo.toml", "/player/..%2f..%2f..%2fCargo.toml", "/%2e%2e/Cargo.toml", "/index.html.br"] {
            let answer = stranger.get(path).await;
            assert!(!answer.text().contains("[package]"), "{path}");
            assert_ne!(answer.status, StatusCode::OK, "{path}");
        }
    }
}
