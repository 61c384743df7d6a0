//! A client of the HTTP interface: one person (or nobody), one base address. Answers are read whole, so that a failing
//! assertion can show what was said.

use bytes::Bytes;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Somebody who asks.
#[derive(Clone)]
pub struct Client {
    /// For requests that need more than the helpers.
    pub http: reqwest::Client,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    /// The bearer token, if any.
    pub token: Option<String>,
    /// Their id, or an empty string for nobody.
    pub id: String,
    /// Their name, likewise.
    pub name: String,
    /// The address they sign in with, likewise.
    pub email: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Method and path, for messages.
    pub asked: String,
}

impl Client {
    /// A client with this token, or without.
    pub fn new(base: &str, token: Option<String>) -> Client {
        let mut headers = HeaderMap::new();
        if let Some(token) = &token {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        }
        // What a browser says on a request of our own page.
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(120))
            // The server closes what is idle for five seconds: a request that takes it up at that very moment would be lost.
            .pool_idle_timeout(std::time::Duration::from_secs(2))
            .build()
            .unwrap();
        let nobody = String::new;
        Client { http, base: base.to_owned(), token, id: nobody(), name: nobody(), email: nobody() }
    }

    /// Signs in with a password; later requests carry the session cookie.
    pub async fn sign_in(base: &str, login: &str, password: &str) -> Client {
        let mut client = Self::new(base, None);
        let session = client.post("/api/session", json!({"login": login, "password": password})).await.ok();
        client.id = session["person"]["id"].as_str().unwrap_or_default().to_owned();
        client.name = session["person"]["name"].as_str().unwrap_or_default().to_owned();
        client.email = session["person"]["email"].as_str().unwrap_or_default().to_owned();
        client
    }

    /// A request to be completed by hand. `path` may be a path or a whole address.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.http.request(method, url)
    }

    /// Sends a request made with [`Client::request`].
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let asked = format!("{} {}", request.method(), request.url().path());
        let answer = self.http.execute(request).await.unwrap_or_else(|e| panic!("{asked}: {e}"));
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.unwrap_or_else(|e| panic!("{asked}: the body broke off: {e}"));
        Answer { status, headers, body, asked }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// HEAD.
    pub async fn head(&self, path: &str) -> Answer {
        self.send(self.request(Method::HEAD, path)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }
}

impl Answer {
    /// The body as JSON, whatever the status.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{}: {} is not JSON ({e}): {}", self.asked, self.status, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The JSON of a success (null for an empty body); panics otherwise.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{}: {} {}", self.asked, self.status, self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The same, as a type.
    #[track_caller]
    pub fn ok_as<T: DeserializeOwned>(&self) -> T {
        serde_json::from_value(self.ok()).unwrap_or_else(|e| panic!("{}: {e}: {}", self.asked, self.text()))
    }

    /// Asserts the status and hands the answer on.
    #[track_caller]
    pub fn is(self, status: u16) -> Answer {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.asked, self.text());
        self
    }

    /// Asserts a problem document with this code, its status and its content type, and returns it.
    #[track_caller]
    pub fn problem(&self, code: &str) -> Value {
        let expected = twotake::codes::Code::from_name(code).unwrap_or_else(|| panic!("there is no code {code}"));
        assert!(!self.status.is_success(), "{}: expected {code}, got {} {}", self.asked, self.status, self.text());
        let document = self.json();
        assert_eq!(document["code"], code, "{}: {document}", self.asked);
        assert_eq!(self.status.as_u16(), expected.status().as_u16(), "{}: {document}", self.asked);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.asked);
        document
    }
}
