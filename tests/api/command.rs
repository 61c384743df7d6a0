//! The command line, through the real binary: people, tokens, doctor, and the lines that `serve` prints.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::harness::{Backend, Client, Options, Server, both};

/// The binary with an environment of its own.
fn twotake(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twotake"));
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("TWOTAKE_") && !name.starts_with("TWOTAKE_S3_"))
    {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(args: &[&str], input: &str) -> Output {
    let mut child = twotake(args).spawn().unwrap();
    // Whoever refuses its arguments has closed its end already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}: {}", output.status, err(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const PASSWORD: &str = "correct horse battery\n";

both! {
    async fn a_server_is_set_up_without_a_browser(server: Server) {
        let place = ["--data", server.dir().to_str().unwrap(), "--database", server.database_url()];
        let add = |email: &str, name: &str, more: &[&str], input: &str| {
            let args = [&["user", "add", email, "--name", name, "--password-stdin"], more, &place[..]].concat();
            run(&args, input)
        };
        let refused = add("bo@northwind.example", "Bo Berg", &[], PASSWORD);
        assert_eq!(refused.status.code(), Some(1));
        assert!(err(&refused).contains("--admin"), "{}", err(&refused));
        let added = out(&add("Ada@northwind.example", "Ada Byron", &["--admin"], PASSWORD));
        assert_eq!(added, "added ada@northwind.example (@ada, admin) to Northwind\n");
        out(&add("bo@northwind.example", "Bo Berg", &[], PASSWORD));
        assert!(err(&add("BO@northwind.example", "Bo", &[], PASSWORD)).contains("already"));
        assert!(err(&add("cy@northwind.example", "Cy", &[], "short\n")).contains("10 characters"));
        assert!(err(&add("cy", "Cy", &[], PASSWORD)).contains("e-mail"));

        assert_eq!(server.stranger().get("/api/setup").await.ok()["needed"], false);
        let ada = Client::sign_in(&server.base, "ada", PASSWORD.trim()).await;
        let session = ada.get("/api/session").await.ok();
        assert_eq!((&session["person"]["role"], &session["organisation"]["name"]), (&json!("admin"), &json!("Northwind")));
        assert_eq!(ada.get("/api/units").await.ok()["items"][0]["name"], "Northwind");

        let args = [&["token", "create", "bo@northwind.example", "--name", "laptop"], &place[..]].concat();
        let token = out(&run(&args, ""));
        assert!(token.starts_with("tt_") && token.ends_with('\n') && token.lines().count() == 1, "{token}");
        let bo = Client::new(&server.base, Some(token.trim().to_owned()));
        assert_eq!(bo.get("/api/me").await.ok()["name"], "Bo Berg");
        let nobody = [&["token", "create", "nobody@northwind.example", "--name", "x"], &place[..]].concat();
        assert_eq!(run(&nobody, "").status.code(), Some(1));

        let args = [&["user", "password", "bo@northwind.example", "--password-stdin"], &place[..]].concat();
        out(&run(&args, "another good phrase\n"));
        Client::sign_in(&server.base, "bo", "another good phrase").await;
    }

    async fn the_doctor_finds_a_working_machine_well(server: Server) {
        let args = ["doctor", "--json", "--data", server.dir().to_str().unwrap(), "--database", server.database_url(),
                    "--store", server.store_url()];
        let told = run(&args, "");
        let report: Value = serde_json::from_slice(&told.stdout).unwrap_or_else(|e| panic!("{e}: {}", err(&told)));
        let state = |name: &str| {
            let found = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
            found.unwrap_or_else(|| panic!("no check {name}"))["state"].as_str().unwrap().to_owned()
        };
        for name in ["ffmpeg", "codecs", "data folder", "database", "schema", "clock", "store"] {
            assert_eq!(state(name), "ok", "{report:#}");
        }
        assert!(report["checks"].as_array().unwrap().iter().any(|check| check["name"] == "disk"));
        assert_ne!(state("confinement"), "fail", "{report:#}");
        assert_eq!(report["ok"], told.status.success());
    }
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let told =
        run(&["doctor", "--data", data, "--database", "postgres://nobody@127.0.0.1:1/none", "--store", "ftp://x"], "");
    assert_eq!(told.status.code(), Some(1));
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    let line = |start: &str| text.lines().any(|line| line.starts_with(start));
    assert!(line("fail  database") && line("fail  store") && line("ok    ffmpeg"), "{text}");
    assert!(text.contains("→ look at --database") && text.contains("→ look at --store"), "{text}");
}

#[test]
fn the_interface_and_the_settings_describe_themselves() {
    let document: Value = serde_json::from_str(&out(&run(&["openapi"], ""))).unwrap();
    assert!(document["paths"]["/api/session"]["post"].is_object());
    assert!(out(&run(&["settings"], "")).contains("TWOTAKE_PUBLIC_URL"));
    for command in [&["--help"][..], &["user", "add", "--help"], &["token", "create", "--help"], &["doctor", "--help"]]
    {
        assert!(out(&run(command, "")).contains("Examples:"), "{command:?}");
    }
    assert!(err(&run(&["user", "add", "a@b", "--name", "A"], "")).contains("--password-stdin"));
}

/// A server in a process of its own. Killed when dropped.
struct Process {
    child: Child,
    lines: Vec<String>,
}

impl Process {
    /// Starts `serve` and reads its output until `wanted` lines have come.
    fn start(dir: &Path, wanted: usize) -> Process {
        let data = dir.to_str().unwrap();
        let args = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--log-format", "json"];
        let mut child = twotake(&args).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(wanted).map(Result::unwrap).collect();
        Process { child, lines }
    }

    fn address(&self) -> String {
        self.lines[0].strip_prefix("listening on ").expect(&self.lines[0]).to_owned()
    }

    /// Ends it as a supervisor would, and returns its log.
    fn stop(mut self) -> String {
        let pid = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        let mut log = String::new();
        std::io::Read::read_to_string(&mut self.child.stderr.take().unwrap(), &mut log).unwrap();
        assert!(self.child.wait().unwrap().success(), "{log}");
        log
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_prints_its_address_and_a_link_and_logs_no_secret() {
    // Reqwest and the server share one provider of TLS; the harness sets it for servers in this process only.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path(), 2);
    let address = process.address();
    let link = process.lines[1].strip_prefix("set up: ").expect(&process.lines[1]).to_owned();
    let token = link.strip_prefix(&format!("{address}/setup?token=")).expect(&link).to_owned();
    let client = Client::new(&address, None);
    let founding = json!({ "token": token, "organisation": "Northwind", "time_zone": "UTC", "name": "Ada Byron",
                           "email": "ada@example.org", "password": PASSWORD.trim() });
    let answer = client.post("/api/setup", founding).await.is(201);
    let cookie = answer.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
    let made = client.post("/api/invitations", json!({ "role": "member" })).await.is(201).json();
    let invitation = made["url"].as_str().unwrap().split("token=").nth(1).unwrap().to_owned();
    client.get(&format!("/api/invitations/by-token/{invitation}?token={token}")).await.is(200);
    let personal =
        client.post("/api/tokens", json!({ "name": "x" })).await.is(201).json()["token"].as_str().unwrap().to_owned();
    Client::new(&address, Some(personal.clone())).get("/api/me").await.is(200);
    client.post("/api/session", json!({ "login": "ada", "password": "not this password" })).await.is(401);

    let log = process.stop();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let asked = lines.iter().find(|line| line["message"] == "GET /api/me").unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&asked["status"], asked["span"]["person"].is_string()), (&json!(200), true), "{asked}");
    assert!(asked["span"]["id"].is_string());
    for secret in [token.as_str(), &cookie, &invitation, &personal, PASSWORD.trim(), "not this password"] {
        assert!(!log.contains(secret), "the log tells {secret}");
    }

    // Started again, it is set up and prints no link.
    let again = Process::start(dir.path(), 1);
    assert_eq!(Client::new(&again.address(), None).get("/api/setup").await.ok()["needed"], false);
    again.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_keeps_no_token_or_password_in_the_clear() {
    let server = Server::with(Options { backend: Backend::Sqlite, start: None, configure: |_| {} }).await;
    let place = ["--data", server.dir().to_str().unwrap(), "--database", server.database_url()];
    let args =
        [&["user", "add", "ada@example.org", "--name", "Ada", "--admin", "--password-stdin"], &place[..]].concat();
    out(&run(&args, PASSWORD));
    let token = out(&run(&[&["token", "create", "ada", "--name", "x"], &place[..]].concat(), ""));
    let ada = Client::sign_in(&server.base, "ada", PASSWORD.trim()).await;
    let session = ada.get("/api/sessions").await;
    assert!(!session.text().contains("token"));
    server.stop().await;
    for entry in std::fs::read_dir(server.dir()).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let bytes = std::fs::read(entry.path()).unwrap();
        for secret in [token.trim(), PASSWORD.trim()] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds {secret}", entry.path().display());
        }
    }
}
