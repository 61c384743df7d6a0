//! Waking browsers, from outside: a receiver of the test's own stands for the push service and opens what it is sent.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hmac::{HMAC_SHA256, Key, sign};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Signer};
use serde_json::{Value, json};
use twotake::config::{Config, Role};
use twotake::jobs::drain;
use twotake::notify::push::new_key;
use twotake::notify::tick::tick;
use twotake::on_db;
use twotake::wiring;

use crate::harness::{Backend, Came, Client, Options, Receiver, Server};

const SECRET: [u8; 16] = [7; 16];

/// A browser: what only it knows.
struct Browser {
    key: EphemeralPrivateKey,
    public: Vec<u8>,
}

impl Browser {
    fn new() -> Browser {
        let key = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let public = key.compute_public_key().unwrap().as_ref().to_vec();
        Browser { key, public }
    }

    fn subscription(&self, endpoint: &str) -> Value {
        json!({ "endpoint": endpoint, "keys": {
            "p256dh": URL_SAFE_NO_PAD.encode(&self.public), "auth": URL_SAFE_NO_PAD.encode(SECRET) } })
    }

    /// Opens a message as RFC 8291 says, the other way round than the server.
    fn open(self, came: &Came) -> Value {
        assert_eq!(came.header("content-encoding"), "aes128gcm");
        let (salt, rest) = came.body.split_at(16);
        let (head, rest) = rest.split_at(5);
        assert_eq!(head, [0, 0, 16, 0, 65]);
        let (sender, sealed) = rest.split_at(65);
        let hmac = |key: &[u8], message: &[u8]| sign(&Key::new(HMAC_SHA256, key), message).as_ref().to_vec();
        let public = self.public.clone();
        let root = agree_ephemeral(self.key, &UnparsedPublicKey::new(&ECDH_P256, sender), |shared| {
            let input = hmac(&hmac(&SECRET, shared), &[b"WebPush: info\0".as_slice(), &public, sender, &[1]].concat());
            hmac(salt, &input)
        });
        let root = root.unwrap();
        let key = hmac(&root, b"Content-Encoding: aes128gcm\0\x01");
        let nonce = hmac(&root, b"Content-Encoding: nonce\0\x01");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
        let mut text = sealed.to_vec();
        let text = key.open_in_place(Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap(), Aad::empty(), &mut text);
        let text = text.unwrap();
        let end = text.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(text[end], 2, "the last record");
        serde_json::from_slice(&text[..end]).unwrap()
    }
}

/// A server that wakes browsers on this machine too, with a standing clock and nobody who works by himself.
async fn waking(backend: Backend, local: bool) -> Server {
    let configure: fn(&mut Config) = match local {
        true => {
            |config| (config.role, config.push_key, config.push_local) = (Role::Web, Some(new_key().unwrap()), true)
        }
        false => |config| (config.role, config.push_key) = (Role::Web, Some(new_key().unwrap())),
    };
    Server::with(Options { backend, start: Some("2026-11-24T09:30:00Z"), configure }).await
}

/// A comment by Omar under a post of the administrator's.
async fn said(admin: &Client, omar: &Client, title: &str) {
    let post = admin.post("/api/channels/general/posts", json!({ "title": title })).await.is(201).json();
    let path = format!("/api/posts/{}/comments", post["id"].as_str().unwrap());
    omar.post(&path, json!({ "body": "Secret words." })).await.is(201);
}

async fn run(server: &Server) -> u64 {
    let owed = tick(&server.app).await.unwrap().pushes;
    drain(&server.app, &wiring::jobs()).await.unwrap();
    owed
}

async fn count(server: &Server, sql: &'static str) -> i64 {
    on_db!(&server.app.db, |c| sqlx::query_scalar(sql).fetch_one(c).await).unwrap()
}

async fn a_browser_is_woken_with_a_sealed_message_that_names_no_title(backend: Backend) {
    let (server, receiver, browser) = (waking(backend, true).await, Receiver::start().await, Browser::new());
    let admin = server.admin().await;
    let omar = server.member("Omar Haddad").await;
    let key = admin.get("/api/me/push").await.ok()["key"].as_str().unwrap().to_owned();
    let endpoint = format!("{}/wake/ada", receiver.base);
    let made = admin.post("/api/me/push-subscriptions", browser.subscription(&endpoint)).await.is(201).json();
    let again = admin.post("/api/me/push-subscriptions", browser.subscription(&endpoint)).await.is(201).json();
    assert_eq!(made["id"], again["id"], "twice is once");

    said(&admin, &omar, "Confidential merger").await;
    assert_eq!(run(&server).await, 1);
    assert_eq!(run(&server).await, 0, "once");
    let came = receiver.came();
    assert_eq!((came.len(), came[0].line.as_str()), (1, "POST /wake/ada HTTP/1.1"));
    assert_eq!((came[0].header("ttl"), came[0].header("topic")), ("86400", "inbox"));
    assert!(!String::from_utf8_lossy(&came[0].body).contains("Omar"), "it is sealed");

    // The signature (RFC 8292) is by the key that the browser was given, for this receiver and for less than a day.
    let signed = came[0].header("authorization").strip_prefix("vapid t=").unwrap();
    let (token, by) = signed.split_once(", k=").unwrap();
    assert_eq!(by, key);
    let (text, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    Signer::new(&ECDSA_P256_SHA256_FIXED, URL_SAFE_NO_PAD.decode(by).unwrap())
        .verify(text.as_bytes(), &signature)
        .unwrap();
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.split_once('.').unwrap().1).unwrap()).unwrap();
    assert_eq!(claims["aud"], receiver.base.as_str());
    let lasts = claims["exp"].as_i64().unwrap() - server.app.clock.now().timestamp();
    assert!(lasts > 0 && lasts <= 86_400, "{lasts}");

    let message = browser.open(&came[0]);
    assert_eq!(message, json!({ "text": "Omar Haddad commented on your post", "url": "/inbox", "unread": 1 }));
    server.stop().await;
}

async fn deep_work_holds_a_message_back_and_what_was_read_is_not_sent(backend: Backend) {
    let (server, receiver, browser) = (waking(backend, true).await, Receiver::start().await, Browser::new());
    let admin = server.admin().await;
    let omar = server.member("Omar Haddad").await;
    admin.post("/api/me/push-subscriptions", browser.subscription(&receiver.base)).await.is(201);
    let revision = admin.get("/api/me/quiet-hours").await.ok()["revision"].clone();
    let deep = json!({ "deep_work": [{ "days": [2], "from": "09:00", "to": "11:30" }], "revision": revision });
    admin.patch("/api/me/quiet-hours", deep).await.is(200);
    said(&admin, &omar, "One").await;
    said(&admin, &omar, "Two").await;
    assert_eq!((run(&server).await, receiver.came().len()), (0, 0), "10:30 in Berlin");
    server.app.clock.advance(TimeDelta::hours(1));
    assert_eq!((run(&server).await, receiver.came().len()), (1, 1), "what was held back is one message");
    assert_eq!(browser.open(&receiver.came()[0])["text"], "2 new things in your inbox");
    said(&admin, &omar, "Three").await;
    admin.post("/api/me/inbox/read", json!({})).await.is(200);
    assert_eq!((run(&server).await, receiver.came().len()), (0, 1));
    server.stop().await;
}

async fn a_browser_that_is_gone_is_forgotten_and_one_that_is_busy_is_tried_again(backend: Backend) {
    let (server, receiver, browser) = (waking(backend, true).await, Receiver::start().await, Browser::new());
    let admin = server.admin().await;
    let omar = server.member("Omar Haddad").await;
    admin.post("/api/me/push-subscriptions", browser.subscription(&receiver.base)).await.is(201);
    receiver.answers("503 Service Unavailable");
    said(&admin, &omar, "One").await;
    run(&server).await;
    assert_eq!(receiver.came().len(), 1);
    // A redirect is not followed, and is no success.
    receiver.answers(&format!("307 Temporary Redirect\r\nlocation: {}/elsewhere", receiver.base));
    server.app.clock.advance(TimeDelta::minutes(1));
    drain(&server.app, &wiring::jobs()).await.unwrap();
    assert_eq!(receiver.came().len(), 2);
    assert_eq!(count(&server, "select count(*) from job where kind = 'notify.push' and state = 'failed'").await, 1);
    assert_eq!(count(&server, "select count(*) from push_subscription").await, 1);
    receiver.answers("410 Gone");
    said(&admin, &omar, "Two").await;
    run(&server).await;
    assert_eq!(receiver.came().len(), 3);
    assert_eq!(count(&server, "select count(*) from push_subscription").await, 0);
    server.stop().await;
}

async fn a_subscription_ends_with_its_session_and_reaches_nothing_inside(backend: Backend) {
    let (server, receiver, browser) = (waking(backend, true).await, Receiver::start().await, Browser::new());
    let admin = server.admin().await;
    let omar = server.member("Omar Haddad").await;
    let page = server.browser_of(&admin).await;
    let made = page.post("/api/me/push-subscriptions", browser.subscription(&receiver.base)).await.is(201).json();
    let path = format!("/api/me/push-subscriptions/{}", made["id"].as_str().unwrap());
    omar.delete(&path).await.problem("not_found");
    page.delete("/api/session").await.is(204);
    said(&admin, &omar, "One").await;
    assert_eq!((run(&server).await, receiver.came().len()), (0, 0));
    twotake::notify::tick::sweep(&server.app).await.unwrap();
    assert_eq!(count(&server, "select count(*) from push_subscription").await, 0);
    server.stop().await;

    let strict = waking(backend, false).await;
    let admin = strict.admin().await;
    for endpoint in [
        receiver.base.as_str(),
        "https://127.0.0.1/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://localhost/x",
        "http://push.example.com/x",
    ] {
        let refused = admin.post("/api/me/push-subscriptions", browser.subscription(endpoint)).await.problem("invalid");
        assert!(refused["fields"]["endpoint"].is_string(), "{endpoint}: {refused}");
    }
    let keys = json!({ "endpoint": "https://push.example.com/x", "keys": { "p256dh": "AAAA", "auth": "AAAA" } });
    let refused = admin.post("/api/me/push-subscriptions", keys).await.problem("invalid");
    assert!(refused["fields"]["keys"].is_string());
    strict.stop().await;
}

macro_rules! on_both {
    ($($name:ident)+) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Backend::Sqlite).await; })+ }
        mod postgres { $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Backend::Postgres).await; })+ }
    };
}
on_both! {
    a_browser_is_woken_with_a_sealed_message_that_names_no_title
    deep_work_holds_a_message_back_and_what_was_read_is_not_sent
    a_browser_that_is_gone_is_forgotten_and_one_that_is_busy_is_tried_again
    a_subscription_ends_with_its_session_and_reaches_nothing_inside
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_no_browser_is_offered_to_be_woken() {
    let server = Server::start(Backend::Sqlite).await;
    let admin = server.admin().await;
    assert_eq!(admin.get("/api/me/push").await.ok()["key"], Value::Null);
    let subscription = Browser::new().subscription("https://push.example.com/x");
    admin.post("/api/me/push-subscriptions", subscription).await.problem("not_implemented");
    server.stop().await;
}
