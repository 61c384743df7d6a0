//! `twotake upload` as a script meets it: one JSON object, one exit code, and a broken connection that is resumed.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Client, Server, both, media};
use crate::tus::{keeps, noise};

/// Runs `twotake upload` and returns its exit code, the JSON on standard output and what it said beside it.
async fn upload(client: &Client, server: &str, file: &Path, more: &[&str]) -> (i32, Value, String) {
    let done = tokio::process::Command::new(env!("CARGO_BIN_EXE_twotake"))
        .arg("upload")
        .arg(file)
        .args(["--server", server, "--json"])
        .args(more)
        .env("TWOTAKE_TOKEN", client.token.as_deref().unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    let json =
        serde_json::from_str(&printed).unwrap_or_else(|e| panic!("not one JSON object ({e}): {printed:?}; {said}"));
    (done.status.code().unwrap(), json, said)
}

fn file(server: &Server, bytes: &[u8]) -> std::path::PathBuf {
    let path = server.dir().join("update.webm");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The one upload on the server.
async fn only_upload(server: &Server) -> String {
    const SQL: &str = "select id from upload";
    let id: twotake::id::UploadId =
        twotake::on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).fetch_one(c).await).unwrap();
    format!("/api/uploads/{id}")
}

/// Passes connections through to `to`, cutting each off after another few hundred kilobytes, `cuts` times; then lets everything
/// through.
async fn flaky(to: String, cuts: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let left = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(cuts));
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let (to, left) = (to.clone(), left.clone());
            tokio::spawn(async move {
                let mut far = TcpStream::connect(to.strip_prefix("http://").unwrap()).await.unwrap();
                let (mut near_in, mut near_out) = near.split();
                let (mut far_in, mut far_out) = far.split();
                let up = async {
                    let mut through = 0;
                    let mut piece = vec![0; 32 * 1024];
                    loop {
                        let n = tokio::io::AsyncReadExt::read(&mut near_in, &mut piece).await.unwrap_or(0);
                        through += n;
                        let cut =
                            through > 700_000 && left.fetch_update(SEEN, SEEN, |cuts| cuts.checked_sub(1)).is_ok();
                        if n == 0 || cut || far_out.write_all(&piece[..n]).await.is_err() {
                            return;
                        }
                    }
                };
                tokio::select! { () = up => {}, _ = tokio::io::copy(&mut far_in, &mut near_out) => {} }
            });
        }
    });
    address
}

const SEEN: std::sync::atomic::Ordering = std::sync::atomic::Ordering::SeqCst;

both! {
    async fn what_is_no_video_is_refused_with_exit_code_2(server: Server) {
        let ada = server.admin().await;
        let (code, json, said) = upload(&ada, &server.base, &file(&server, b"not a video at all"), &["--wait"]).await;
        assert_eq!((code, json["state"].as_str(), json["code"].as_str()), (2, Some("refused"), Some("not_video")), "{said}");
    }

    async fn two_takes_become_ready_and_the_third_is_refused_with_both_offered(server: Server) {
        let ada = server.admin().await;
        let session = ada.post("/api/take-sessions", serde_json::json!({"title": "Week 47"})).await.is(201).json();
        let words = ["--wait", "--take-session", session["id"].as_str().unwrap()];
        let file = media::webm(1.0);
        let mut ready = Vec::new();
        for _ in 0..2 {
            let (code, json, said) = upload(&ada, &server.base, &file, &words).await;
            assert_eq!((code, json["state"].as_str()), (0, Some("ready")), "{json} {said}");
            assert!(json["measured_ms"].as_u64().unwrap().abs_diff(1000) <= 100, "{json}");
            ready.push(json["id"].clone());
        }
        let (code, json, said) = upload(&ada, &server.base, &file, &words).await;
        assert_eq!((code, json["state"].as_str(), json["code"].as_str()), (2, Some("refused"), Some("takes_used_up")), "{said}");
        let offered: Vec<Value> = json["takes"].as_array().unwrap().iter().map(|take| take["id"].clone()).collect();
        assert_eq!(offered, ready);
    }

    async fn anything_else_is_exit_code_1(server: Server) {
        let ada = server.admin().await;
        let nobody = Client { token: Some("wrong".into()), ..ada.clone() };
        let path = file(&server, b"x");
        let (code, json, said) = upload(&nobody, &server.base, &path, &[]).await;
        assert_eq!((code, json["state"].as_str()), (1, Some("failed")), "{said}");
        let (code, _, said) = upload(&ada, &server.base, &server.dir().join("missing.webm"), &[]).await;
        assert_eq!(code, 1);
        assert!(said.contains("missing.webm"), "{said}");
        let unknown = ["--take-session", "0190f6b2-0000-7000-8000-000000000000"];
        assert_eq!(upload(&ada, &server.base, &path, &unknown).await.0, 1);
    }
}

/// Where what is sent need not be a video.
mod bytes {
    use super::*;

    both! {
        web;

        async fn a_file_is_sent_and_the_take_is_told(server: Server) {
            let ada = server.admin().await;
            let bytes = noise(1, 3_000_000);
            let (code, json, said) = upload(&ada, &server.base, &file(&server, &bytes), &["--title", "Week 46"]).await;
            assert_eq!(code, 0, "{json} {said}");
            assert!(json["id"].is_string() && json["watch_url"].as_str().unwrap().contains("/w/"), "{json}");
            for key in ["id", "state", "code", "measured_ms", "watch_url"] {
                assert!(json.get(key).is_some(), "{key} is missing in {json}");
            }
            keeps(&server, &only_upload(&server).await, &bytes).await;
        }

        async fn a_broken_connection_is_resumed_where_it_broke(server: Server) {
            let ada = server.admin().await;
            let bytes = noise(2, 6_000_000);
            let through = flaky(server.base.clone(), 4).await;
            let (code, json, said) = upload(&ada, &through, &file(&server, &bytes), &[]).await;
            assert_eq!(code, 0, "{json} {said}");
            keeps(&server, &only_upload(&server).await, &bytes).await;
        }
    }
}
