//! No mail goes to a member: no kind of work, no setting, no library and no source speaks of sending one; and a server that is
//! used for everything opens no connection but the one to a push receiver that a person asked for.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::agreement::{ECDH_P256, EphemeralPrivateKey};
use ring::rand::SystemRandom;
use serde_json::json;
use twotake::db::Db;
use twotake::notify::push::new_key;
use twotake::on_tx;

use crate::harness::{Client, PATIENCE, Receiver, media, until};

/// Ways in which a program would send mail, as words of its source, its settings or its packages.
const MAIL: [&str; 9] =
    ["lettre", "smtp", "sendmail", "mail-send", "mail_send", "mailgun", "sendgrid", "postmark", "mailer"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => sources(&path, found),
            path => found.push(path),
        }
    }
}

#[test]
fn no_kind_of_work_no_setting_and_no_package_sends_mail() {
    let kinds = twotake::wiring::jobs().names();
    assert!(kinds.contains(&"notify.push") && kinds.contains(&"notify.tick"), "{kinds:?}");
    let wrong: Vec<_> =
        kinds.iter().filter(|kind| kind.contains("mail") || MAIL.iter().any(|word| kind.contains(word))).collect();
    assert!(wrong.is_empty(), "{wrong:?}");

    let settings = twotake::config::table::markdown().to_lowercase();
    let locked = std::fs::read_to_string(root().join("Cargo.lock")).unwrap().to_lowercase();
    let names: BTreeSet<&str> = locked.lines().filter_map(|line| line.strip_prefix("name = ")).collect();
    for word in MAIL {
        assert!(!settings.contains(word), "the settings speak of {word}");
        assert!(!names.iter().any(|name| name.contains(word)), "a package is called {word}");
    }
    for line in settings.lines().filter(|line| line.contains("mail")) {
        assert!(line.starts_with("| `--push-contact`"), "only a push service's contact may be an address: {line}");
    }
    for kind in twotake::notify::Kind::ALL {
        assert!(!kind.as_str().contains("mail"));
    }
}

#[test]
fn only_known_places_open_connections() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let doors =
        ["reqwest::", "TcpStream::connect", "UdpSocket", "UnixStream::connect", "lookup_host", "PgListener::connect"];
    let mut found = BTreeSet::new();
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.strip_prefix(root().join("src")).unwrap().display().to_string();
        assert!(!MAIL.iter().any(|word| text.to_lowercase().contains(word)), "{name} speaks of sending mail");
        if doors.iter().any(|door| text.contains(door)) {
            found.insert(name);
        }
    }
    // The confined child opens a door to see that it cannot.
    let known = [
        "cli/upload/client.rs",
        "db/dialect.rs",
        "http/outgoing.rs",
        "media/child/layers.rs",
        "notify/push/job.rs",
        "notify/push/mod.rs",
    ];
    assert_eq!(found, known.map(str::to_owned).into(), "a new way out needs a reason here");
}

/// A server as an operator starts it; killed when dropped.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn twotake(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twotake"));
    command.env_remove("TWOTAKE_DATABASE").env("TWOTAKE_DATA", dir);
    command
}

/// A person made by the program's own commands.
fn person(dir: &Path, base: &str, name: &str, admin: bool) -> Client {
    let email = format!("{}@example.com", name.to_lowercase());
    let mut command = twotake(dir);
    command.args(["user", "add", &email, "--name", name, "--password-stdin"]).args(admin.then_some("--admin"));
    let mut made = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut made.stdin.take().unwrap(), b"correct horse battery\n").unwrap();
    assert!(made.wait().unwrap().success());
    let token = twotake(dir).args(["token", "create", &email, "--name", "test"]).output().unwrap();
    assert!(token.status.success());
    Client::new(base, Some(String::from_utf8(token.stdout).unwrap().trim().to_owned()))
}

/// Remote ends of a process's connections, as Linux tells them: sockets in /proc/PID/fd, looked up in its tables.
fn remote_ends(pid: u32, listening: u16) -> BTreeSet<SocketAddr> {
    let links = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let targets = links.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let own: BTreeSet<String> = targets
        .filter_map(|link| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']').map(str::to_owned))
        .collect();
    let mut found = BTreeSet::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (Some(local), Some(remote), Some(inode)) = (fields.get(1), fields.get(2), fields.get(9)) else {
                continue;
            };
            let (Some(local), Some(remote)) = (address(local), address(remote)) else { continue };
            if own.contains(*inode) && local.port() != listening && remote.port() != 0 {
                found.insert(remote);
            }
        }
    }
    found
}

/// An address as the tables write it: words in the machine's order, in hexadecimal.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let bytes: Vec<u8> =
        hex::decode(ip).ok()?.chunks(4).flat_map(|word| word.iter().rev().copied().collect::<Vec<_>>()).collect();
    let port = u16::from_str_radix(port, 16).ok()?;
    match bytes.len() {
        4 => Some(SocketAddr::from((<[u8; 4]>::try_from(bytes).ok()?, port))),
        _ => Some(SocketAddr::from((<[u8; 16]>::try_from(bytes).ok()?, port))),
    }
}

#[test]
fn an_address_of_the_tables_is_read() {
    assert_eq!(address("0100007F:1F90").unwrap(), "127.0.0.1:8080".parse().unwrap());
    assert_eq!(address("00000000000000000000000001000000:0019").unwrap(), "[::1]:25".parse().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_everything_speaks_to_nobody_but_the_push_receiver() {
    let (dir, receiver) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let push = new_key().unwrap();
    let mut process = twotake(dir.path())
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--second-pass",
            "false",
            "--push-local",
            "true",
            "--push-key",
            &push,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut said = lines.map_while(Result::ok);
    let base = said.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).unwrap();
    std::thread::spawn(move || said.for_each(drop));
    let node = Node(process);
    let (pid, over) = (node.0.id(), Arc::new(AtomicBool::new(false)));
    let listening: u16 = base.rsplit(':').next().unwrap().parse().unwrap();
    let watched = over.clone();
    // Looked at all the time: a connection that is open for a few milliseconds is seen.
    let watch = std::thread::spawn(move || {
        let mut seen: HashMap<SocketAddr, usize> = HashMap::new();
        while !watched.load(Ordering::SeqCst) {
            for remote in remote_ends(pid, listening) {
                *seen.entry(remote).or_default() += 1;
            }
            std::thread::yield_now();
        }
        seen
    });

    let ada = person(dir.path(), &base, "Ada", true);
    let omar = person(dir.path(), &base, "Omar", false);
    let browser =
        EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap().compute_public_key().unwrap();
    let keys = json!({ "p256dh": URL_SAFE_NO_PAD.encode(browser), "auth": URL_SAFE_NO_PAD.encode([7; 16]) });
    let all_week = json!({ "workdays": [1, 2, 3, 4, 5, 6, 7], "revision": ada.get("/api/me").await.ok()["revision"] });
    ada.patch("/api/me/quiet-hours", all_week).await.is(200);
    // It keeps the connection waiting for a moment, so that whoever looks sees it, and is asked again.
    receiver.answers_slowly("503 Service Unavailable", Duration::from_secs(1));
    ada.post("/api/me/push-subscriptions", json!({ "endpoint": format!("{}/wake", receiver.base), "keys": keys }))
        .await
        .is(201);
    ada.post("/api/invitations", json!({ "name": "Kofi", "email": "kofi@example.com", "role": "member" }))
        .await
        .is(201);
    let post = ada.post("/api/channels/general/posts", json!({ "title": "Rota" })).await.is(201).json();
    let path = format!("/api/posts/{}", post["id"].as_str().unwrap());
    omar.post(&format!("{path}/comments"), json!({ "body": "[seen](https://example.com) mailto:ada@example.com" }))
        .await
        .is(201);
    omar.put(&format!("{path}/reactions/thanks"), json!({})).await.is(204);
    let day = twotake::clock::Clock::system().now().date_naive();
    let goal = json!({ "scope": "individual", "period_kind": "month", "period_start": day, "title": "Rig" });
    omar.post("/api/goals", goal).await.is(201);
    omar.post("/api/check-ins", json!({})).await.is(201);
    let sent = tokio::process::Command::new(env!("CARGO_BIN_EXE_twotake"))
        .args(["upload", "--wait", "--server", &base, "--token", omar.token.as_deref().unwrap()])
        .arg(media::mp4(2.0))
        .output()
        .await
        .unwrap();
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    // The pass of the clock comes once a minute; it is said to be due now.
    let database = Db::open(&format!("sqlite:{}", dir.path().join("twotake.db").display())).await.unwrap();
    let mut tx = database.begin().await.unwrap();
    let due = "update schedule set next_run_at = '2026-01-01T00:00:00+00:00' where name = 'notify.tick'";
    on_tx!(&mut tx, |c| sqlx::query(due).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    database.close().await;
    until("the push receiver has been asked", PATIENCE * 2, async || receiver.came().len() >= 2).await;
    over.store(true, Ordering::SeqCst);
    let seen = watch.join().unwrap();
    let others: Vec<_> = seen.keys().filter(|remote| remote.port() != receiver.port).collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(seen.keys().any(|remote| remote.port() == receiver.port), "the watch sees what there is to see");
}
