//! F1: the server is killed at a random moment of an upload, again and again. No byte it acknowledged is missing, the offset
//! is never lower than what it acknowledged, and every upload ends with the bytes that were sent.

use std::process::Stdio;
use std::time::Duration;

use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::harness::{Backend, Client, Options, PATIENCE, Server, until_some};
use crate::tus::{begun, keeps, noise, patching, request};

/// A real server process on the same database and store as `server`.
async fn process(server: &Server) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_twotake"))
        .args(["serve", "--role", "web", "--listen", "127.0.0.1:0", "--log", "warn", "--data"])
        .arg(server.dir().join("process"))
        .args(["--database", server.database_url(), "--store", server.store_url()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().expect("the server ended before it listened");
        if let Some(base) = line.strip_prefix("listening on ") {
            return (child, base.to_owned());
        }
    }
}

/// What the upload stands at, asked until the server answers.
async fn stands(client: &Client, path: &str) -> usize {
    let ask = || async {
        let answer = client.http.execute(request(client, reqwest::Method::HEAD, path).build().unwrap()).await.ok()?;
        answer.headers().get("upload-offset")?.to_str().ok()?.parse().ok()
    };
    until_some("HEAD is answered", PATIENCE, ask).await
}

async fn killed_again_and_again(backend: Backend, seed: u64) {
    let configure = |config: &mut twotake::config::Config| config.role = twotake::config::Role::Web;
    let server = Server::with(Options { backend, start: None, configure }).await;
    let ada = server.admin().await;
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut kills, mut acknowledged_total) = (0, 0);
    let (mut child, mut base) = process(&server).await;
    for round in 0..5 {
        let bytes = noise(seed * 100 + round, rng.random_range(2_000_000..6_000_000));
        let path = begun(&ada, bytes.len()).await.strip_prefix(&server.base).unwrap().to_owned();
        let mut acknowledged = 0;
        let mut left = 3;
        while acknowledged < bytes.len() {
            let client = Client { base: base.clone(), ..ada.clone() };
            let at = stands(&client, &path).await;
            assert!(
                at >= acknowledged,
                "seed {seed} round {round}: {acknowledged} bytes were acknowledged, {at} are there"
            );
            let end = (at + rng.random_range(1..2_000_000)).min(bytes.len());
            let sent = patching(&client, &path, at, bytes[at..end].to_vec());
            let sent = tokio::spawn(sent.send());
            if left > 0 {
                left -= 1;
                kills += 1;
                tokio::time::sleep(Duration::from_micros(rng.random_range(0..60_000))).await;
                child.kill().await.unwrap();
                (child, base) = process(&server).await;
            }
            acknowledged = at;
            if let Ok(answer) = sent.await.unwrap()
                && answer.status() == 204
            {
                acknowledged = end;
            }
        }
        acknowledged_total += bytes.len();
        keeps(&server, &path, &bytes).await;
    }
    println!("F1 on {backend:?}, seed {seed}: {kills} kills, 5 uploads, {acknowledged_total} bytes, 0 lost");
    child.kill().await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f1_no_acknowledged_byte_is_lost_on_sqlite_and_local_files() {
    killed_again_and_again(Backend::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f1_no_acknowledged_byte_is_lost_on_postgres_and_s3() {
    killed_again_and_again(Backend::Postgres, 2).await;
}
