//! Somebody who is sent requests: a server of the test's own that answers as it is told and keeps what came.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What came.
#[derive(Clone, Debug)]
pub struct Came {
    /// The request line.
    pub line: String,
    /// Headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Came {
    /// A header; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// A receiver; it ends with the test.
pub struct Receiver {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    /// Its port.
    pub port: u16,
    came: Arc<Mutex<Vec<Came>>>,
    answer: Arc<Mutex<(String, Duration)>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// One that answers 201.
    pub async fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (came, answer) =
            (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(("201 Created".to_owned(), Duration::ZERO))));
        let (kept, told) = (came.clone(), answer.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, told) = (kept.clone(), told.clone());
                tokio::spawn(async move { serve(stream, &kept, &told).await });
            }
        });
        Receiver { base: format!("http://127.0.0.1:{port}"), port, came, answer, task }
    }

    /// From now on it answers with this status line and whatever headers follow it.
    pub fn answers(&self, status: &str) {
        self.answers_slowly(status, Duration::ZERO);
    }

    /// The same after a while, as a receiver that is busy.
    pub fn answers_slowly(&self, status: &str, after: Duration) {
        *self.answer.lock().unwrap() = (status.to_owned(), after);
    }

    /// What came until now.
    pub fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, came: &Mutex<Vec<Came>>, answer: &Mutex<(String, Duration)>) -> Option<()> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let whole = end + 4 + length.unwrap_or(0);
    while bytes.len() < whole {
        (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
    }
    came.lock().unwrap().push(Came { line, headers, body: bytes[end + 4..whole].to_vec() });
    let (answer, after) = answer.lock().unwrap().clone();
    tokio::time::sleep(after).await;
    let said = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(said.as_bytes()).await.ok()
}
