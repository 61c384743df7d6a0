//! The requests: begin, send and resume, ask for the take. A request that fails without an answer is tried again with
//! growing pauses; as long as bytes get through, for ever.

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::TryStreamExt;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Body, Response, StatusCode};
use serde_json::Value;
use tokio::io::AsyncSeekExt;
use tokio_util::io::ReaderStream;
use url::Url;

use super::progress::Progress;

/// How often the take is asked for.
pub const LOOK_AGAIN: Duration = Duration::from_millis(400);
/// Attempts without a byte getting through before it is given up: about two minutes.
const ATTEMPTS: u32 = 10;
/// Longest pause between two of them.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Codes that mean: this video will not become a take. Anything else is trouble on the way.
const REFUSALS: [&str; 9] = [
    "too_large",
    "too_long",
    "not_video",
    "unsupported_codec",
    "picture_too_large",
    "damaged",
    "quota_exceeded",
    "takes_used_up",
    "session_closed",
];

/// Why it did not go on.
pub enum Trouble {
    /// The server refused it: the problem document.
    Refused(Value),
    /// Anything else, as a sentence.
    Failed(String),
}

/// Where a begun upload is.
pub struct Begun {
    /// The upload.
    pub upload: Url,
    /// The take.
    pub take: Url,
}

/// How one attempt at sending ended.
enum Sent {
    /// Every byte is durable.
    All,
    /// The connection broke, or the server asks to go on from elsewhere.
    Broken(String),
}

/// A connection to one server as one person.
pub struct Client {
    http: reqwest::Client,
    server: Url,
}

impl Client {
    /// Prepares a client.
    pub fn new(server: &Url, token: &str) -> Result<Client, Trouble> {
        let mut headers = HeaderMap::new();
        headers.insert("Tus-Resumable", HeaderValue::from_static("1.0.0"));
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Trouble::Failed("the token has characters that no token has".into()))?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(concat!("twotake/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(90))
            .build()
            .map_err(|e| Trouble::Failed(format!("cannot prepare the connection: {}", chain(&e))))?;
        Ok(Client { http, server: server.clone() })
    }

    /// Begins an upload of `size` bytes.
    pub async fn begin(&self, size: u64, pairs: &[(&str, &str)]) -> Result<Begun, Trouble> {
        let metadata: Vec<String> =
            pairs.iter().map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value))).collect();
        let url = self.at("/api/uploads")?;
        let mut attempt = 0;
        let answer = loop {
            let request =
                self.http.post(url.clone()).header("Upload-Length", size).header("Upload-Metadata", metadata.join(","));
            match request.send().await {
                Ok(answer) if answer.status() == StatusCode::CREATED => break answer,
                Ok(answer) if !passes(answer.status()) || attempt >= ATTEMPTS => return Err(problem(answer).await),
                // Whether a request without an answer was carried out is not known; one without a connection was not.
                Err(error) if !error.is_connect() || attempt >= 3 => return Err(unreachable(&self.server, &error)),
                Ok(_) | Err(_) => pause(&mut attempt, None).await,
            }
        };
        Ok(Begun { upload: self.told(&answer, LOCATION.as_str())?, take: self.told(&answer, "Twotake-Take")? })
    }

    /// Sends the file, resuming until every byte is durable.
    pub async fn send(&self, file: &Path, size: u64, upload: &Url, progress: &Progress) -> Result<(), Trouble> {
        let (mut at, mut attempt) = (0, 0);
        loop {
            match self.send_from(file, at, size, upload, progress).await? {
                Sent::All => return Ok(()),
                Sent::Broken(why) if attempt >= ATTEMPTS => {
                    return Err(Trouble::Failed(format!(
                        "the upload broke off at byte {at} of {size} and could not be resumed: {why}"
                    )));
                }
                Sent::Broken(_) => pause(&mut attempt, Some(progress)).await,
            }
            if let Some(stands) = self.offset(upload).await? {
                attempt = if stands > at { 0 } else { attempt };
                at = stands;
            }
        }
    }

    async fn send_from(
        &self,
        file: &Path,
        at: u64,
        size: u64,
        upload: &Url,
        progress: &Progress,
    ) -> Result<Sent, Trouble> {
        if at >= size {
            return Ok(Sent::All);
        }
        progress.sending(at, size);
        let unreadable = |e: std::io::Error| Trouble::Failed(format!("cannot read {}: {e}", file.display()));
        let mut reader = tokio::fs::File::open(file).await.map_err(unreadable)?;
        reader.seek(std::io::SeekFrom::Start(at)).await.map_err(unreadable)?;
        let bar = progress.clone();
        let body =
            ReaderStream::with_capacity(reader, 256 * 1024).inspect_ok(move |bytes| bar.sent(bytes.len() as u64));
        let request = self.http.patch(upload.clone()).header("Upload-Offset", at).header(CONTENT_LENGTH, size - at);
        let request = request.header(CONTENT_TYPE, "application/offset+octet-stream").body(Body::wrap_stream(body));
        match request.send().await {
            Err(error) => Ok(Sent::Broken(chain(&error))),
            Ok(answer) if answer.status() == StatusCode::NO_CONTENT => {
                let stands = number(&answer, "Upload-Offset");
                Ok(if stands == Some(size) { Sent::All } else { Sent::Broken("not all of it arrived".into()) })
            }
            // Elsewhere than we believed, or held by the request that broke: ask and go on.
            Ok(answer) if passes(answer.status()) || matches!(answer.status().as_u16(), 409 | 423) => {
                Ok(Sent::Broken(format!("the server answered {}", answer.status())))
            }
            Ok(answer) => Err(problem(answer).await),
        }
    }

    /// Where the upload stands, or `None` when the server cannot be asked at the moment.
    async fn offset(&self, upload: &Url) -> Result<Option<u64>, Trouble> {
        match self.http.head(upload.clone()).send().await {
            Ok(answer) if answer.status().is_success() => Ok(number(&answer, "Upload-Offset")),
            Ok(answer) if passes(answer.status()) => Ok(None),
            Ok(answer) => Err(Trouble::Failed(format!("the upload is gone: the server answered {}", answer.status()))),
            Err(_) => Ok(None),
        }
    }

    /// The take as it stands.
    pub async fn take(&self, take: &Url) -> Result<Value, Trouble> {
        let mut attempt = 0;
        loop {
            match self.http.get(take.clone()).send().await {
                Ok(answer) if answer.status().is_success() => {
                    return answer
                        .json()
                        .await
                        .map_err(|e| Trouble::Failed(format!("the take cannot be read: {}", chain(&e))));
                }
                Ok(answer) if !passes(answer.status()) || attempt >= ATTEMPTS => {
                    return Err(problem(answer).await);
                }
                Err(error) if attempt >= ATTEMPTS => return Err(unreachable(&self.server, &error)),
                Ok(_) | Err(_) => pause(&mut attempt, None).await,
            }
        }
    }

    fn at(&self, path: &str) -> Result<Url, Trouble> {
        self.server
            .join(path)
            .map_err(|e| Trouble::Failed(format!("{} is not the address of a server: {e}", self.server)))
    }

    /// An address told in a header, at the server as we know it: a proxy may have hidden its scheme or name from it.
    fn told(&self, answer: &Response, header: &str) -> Result<Url, Trouble> {
        let told = answer.headers().get(header).and_then(|value| value.to_str().ok());
        let told = told.and_then(|told| self.server.join(told).ok());
        let told = told.ok_or_else(|| {
            Trouble::Failed(format!("{} does not answer like Twotake: {header} is missing", self.server))
        })?;
        self.at(told.path())
    }
}

/// Whether an answer passes by itself.
fn passes(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502..=504)
}

async fn pause(attempt: &mut u32, progress: Option<&Progress>) {
    let pause = Duration::from_millis(250 << (*attempt).min(8)).min(LONGEST_PAUSE);
    *attempt += 1;
    if let Some(progress) = progress {
        progress.resuming(pause);
    }
    tokio::time::sleep(pause).await;
}

fn number(answer: &Response, header: &str) -> Option<u64> {
    answer.headers().get(header)?.to_str().ok()?.parse().ok()
}

/// What an answer that is no success means, in the server's own words where it has any.
async fn problem(answer: Response) -> Trouble {
    let status = answer.status();
    let Ok(problem) = answer.json::<Value>().await else {
        return Trouble::Failed(format!("the server answered {status}"));
    };
    match problem["code"].as_str() {
        Some(code) if REFUSALS.contains(&code) => Trouble::Refused(problem),
        _ => Trouble::Failed(problem["detail"].as_str().unwrap_or("the server refused").to_owned()),
    }
}

fn unreachable(server: &Url, error: &reqwest::Error) -> Trouble {
    Trouble::Failed(format!("{server} cannot be reached: {}", chain(error)))
}

/// An error with its causes, which say more than it does.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
