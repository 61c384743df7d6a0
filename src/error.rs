//! The one public error: a problem document (RFC 9457) with a stable code, a sentence for people and fields for programs.
//! Every feature's own error type becomes a [`Problem`] by `From`; nothing else turns an error into an HTTP answer.
//!
//! Invariant: internal text (SQL, paths, library messages) is logged here and never sent.

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use serde_json::{Map, Value};

pub use crate::codes::Code;

/// What a request is answered with when it did not succeed.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The stable word; decides status and title.
    pub code: Code,
    /// One sentence (or two) for a person: what, the rule, the way on, what it did not cost.
    pub detail: String,
    /// Members a client can act on (`measured_ms`, `limit_ms`, `takes`, `fields` …).
    pub fields: Map<String, Value>,
    /// Seconds for `Retry-After`.
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem with its sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), fields: Map::new(), retry_after: None }
    }

    /// The same with one more member in the document.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// The same with a `Retry-After` of so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// One field of a form that needs another value: answered as 422 with `fields: {name: sentence}`.
    pub fn field(name: &str, sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        Self::new(Code::Invalid, sentence.clone()).with("fields", serde_json::json!({ name: sentence }))
    }

    /// "There is nothing here": also said of what the asker may not know to exist.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is nothing at this address, or you may not see it.")
    }

    /// Someone changed the row since it was read: 409 with the row as it stands now.
    #[must_use]
    pub fn stale(current: &impl serde::Serialize) -> Self {
        let current = serde_json::to_value(current).unwrap_or_default();
        Self::new(
            Code::Stale,
            "Someone changed this while you were editing. Look at what it says now and change it again.",
        )
        .with("current", current)
    }

    /// Something broke that is not the asker's doing. The cause is logged, not sent.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed on our side");
        Self::new(Code::Internal, "Something went wrong on our side. Nothing you sent was lost; try again in a moment.")
    }

    /// The document itself.
    #[must_use]
    pub fn document(&self) -> Value {
        let mut doc = Map::new();
        doc.insert("type".into(), format!("urn:twotake:problem:{}", self.code.name()).into());
        doc.insert("code".into(), self.code.name().into());
        doc.insert("title".into(), self.code.title().into());
        doc.insert("status".into(), self.code.status().as_u16().into());
        doc.insert("detail".into(), self.detail.clone().into());
        for (key, value) in &self.fields {
            doc.entry(key.clone()).or_insert_with(|| value.clone());
        }
        Value::Object(doc)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        answer.body(self.document().to_string())
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(cause) = &error
            && crate::db::dialect::is_off_the_calendar(cause.as_ref())
        {
            return Problem::new(Code::BadRequest, "A day or an instant in the request is on no calendar.");
        }
        let busy = match &error {
            // A connection that breaks in the middle of a message is told as a protocol that was not kept.
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
            sqlx::Error::Database(cause) => crate::db::dialect::is_passing(cause.as_ref()),
            _ => false,
        };
        if busy {
            tracing::warn!(%error, "the database is not available at the moment");
            return Problem::new(
                Code::Unavailable,
                "The database is not available at the moment. Try again in a few seconds.",
            )
            .retry_after(2);
        }
        Problem::internal(error)
    }
}
