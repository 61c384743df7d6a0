//! Takes: one attempt each at the thing being recorded, at most two that count.
//!
//! Invariant: the unique index on (session, ordinal) holds at most one living take a place, whoever races; a refused or failed
//! take gives its place back, and a take without a byte is replaced by the next one.

pub mod body;
pub mod sql;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::{Tx, text_enum};
use crate::error::{Code, Problem};
use crate::id::{OrganisationId, PersonId, RecordingId, TakeId, TakeSessionId, UploadId};
use crate::notify::{self, Kind, News};

use super::process;
use super::session::{self, NewSession, SessionState};

pub use body::TakeBody;

/// How much longer than the limit a recording may measure, for the rounding of containers.
pub const TOLERANCE_MS: i64 = 500;

text_enum! {
    /// Where a take comes from.
    Source {
        /// Recorded in the browser.
        Browser = "browser",
        /// A file that was there before.
        Upload = "upload",
    }
}

text_enum! {
    /// Where a take stands.
    TakeState {
        /// Bytes are arriving.
        Receiving = "receiving",
        /// All bytes are here; work is owed.
        Processing = "processing",
        /// It plays.
        Ready = "ready",
        /// It cannot be taken: code and detail say why. Costs nothing.
        Refused = "refused",
        /// The server could not do it: code and detail say why. Costs nothing.
        Failed = "failed",
    }
}

/// A take as the table has it.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are explained in migrations/postgres/0003_recording.sql")]
pub struct Take {
    pub id: TakeId,
    pub session: TakeSessionId,
    pub recording: RecordingId,
    pub author: PersonId,
    pub ordinal: i16,
    pub source: Source,
    pub state: TakeState,
    pub began: bool,
    pub watchable: bool,
    pub code: Option<String>,
    pub detail: Option<String>,
    pub filename: String,
    pub declared_ms: Option<i64>,
    pub measured_ms: Option<i64>,
    pub progress: f64,
    pub phase: String,
    pub seconds_left: Option<f64>,
    pub attempt: Option<String>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub created_at: DateTime<Utc>,
    pub discarded_at: Option<DateTime<Utc>>,
    /// Of its recording.
    pub organisation: OrganisationId,
    /// Of its session.
    pub limit_ms: i64,
    /// Of its recording.
    pub slug: String,
}

impl Take {
    /// Whether it is one of the two: media has arrived, and it did not come to nothing without its author's doing. One that its
    /// author cancelled in the middle counts, or cancelling would be a way to a third.
    #[must_use]
    pub fn counts(&self) -> bool {
        let nothing = matches!(self.state, TakeState::Refused | TakeState::Failed);
        self.began && (!nothing || self.code.as_deref() == Some(Code::UploadCancelled.name()))
    }
}

/// A take to be opened.
#[derive(Clone, Debug)]
pub struct NewTake {
    /// Who records.
    pub author: Person,
    /// The session it belongs to; a free-standing one that keeps itself is opened when absent.
    pub session: Option<TakeSessionId>,
    /// Where it comes from.
    pub source: Source,
    /// The file's own name, for the person who sent it.
    pub filename: String,
    /// Title of the recording, when the session is opened with it.
    pub title: String,
    /// Its length as the sender says.
    pub declared_ms: Option<i64>,
}

/// Why a take could not be opened or go on.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// Every take of the session counts already; here they are.
    #[error("both takes of session {session} are used")]
    TakesUsedUp {
        /// The session.
        session: TakeSessionId,
        /// The takes that may be kept, as clients see them.
        takes: Vec<TakeBody>,
    },
    /// The session has been kept or discarded.
    #[error("the take session is closed")]
    SessionClosed,
    /// No such session, or somebody else's.
    #[error("there is no such take session")]
    NoSession,
    /// The sender says that it is longer than allowed.
    #[error("declared {declared_ms} ms, the limit is {limit_ms} ms")]
    TooLong {
        /// What was declared.
        declared_ms: i64,
        /// What is allowed.
        limit_ms: i64,
    },
    /// The take is no longer receiving: refused, failed, discarded, or replaced before its first byte.
    #[error("the take is no longer receiving")]
    Over,
    /// The database's.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<TakeError> for Problem {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::TakesUsedUp { session, takes } => {
                let detail = match takes.len() {
                    1 => "Your take is used. Keep it: a second would make the first worth less.",
                    _ => "Both takes are used. Keep one of them: a third would make the first two worth less.",
                };
                Problem::new(Code::TakesUsedUp, detail).with("takes", json!(takes)).with("take_session", json!(session))
            }
            TakeError::SessionClosed => Problem::new(
                Code::SessionClosed,
                "A take of this session has been kept or the session was discarded. Start a new one to record again.",
            ),
            TakeError::NoSession => Problem::not_found(),
            TakeError::TooLong { declared_ms, limit_ms } => too_long(declared_ms, limit_ms),
            TakeError::Over => Problem::new(
                Code::Gone,
                "This take has ended and takes no more bytes. Start another; this one has not cost you a take.",
            ),
            TakeError::Database(error) => error.into(),
        }
    }
}

/// The refusal of a recording that is too long, with its length.
#[must_use]
pub fn too_long(length_ms: i64, limit_ms: i64) -> Problem {
    Problem::new(Code::TooLong, too_long_sentence(length_ms, limit_ms))
        .with("measured_ms", length_ms)
        .with("limit_ms", limit_ms)
}

/// The same as a sentence.
#[must_use]
pub fn too_long_sentence(length_ms: i64, limit_ms: i64) -> String {
    let (length, limit) = (clock_face(length_ms, true), clock_face(limit_ms, false));
    format!("This video runs {length}. Updates stop at {limit}: trim it or record again; it has not cost you a take.")
}

/// 222,000 ms as 3:42. A length is rounded up, so that 180.6 s never reads as the 3:00 that it is refused for passing.
fn clock_face(ms: i64, up: bool) -> String {
    let seconds = if up { (ms + 999) / 1000 } else { ms / 1000 };
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Opens a take: in its session, or in a new session of its own that keeps itself once the take is ready. Nothing counts yet.
///
/// # Errors
/// A declared length over the limit, a session that is closed or has no place left, the database's.
pub async fn open(app: &App, tx: &mut Tx, new: NewTake) -> Result<Take, TakeError> {
    app.expect_media();
    let now = app.clock.now();
    let session = match new.session {
        Some(id) => session::sql::of_author(tx, id, new.author.id).await?.ok_or(TakeError::NoSession)?,
        None => session::open(app, tx, NewSession::keeping_itself(&new.author, &new.title)).await?,
    };
    if session.state != SessionState::Open {
        return Err(TakeError::SessionClosed);
    }
    if let Some(declared_ms) = new.declared_ms.filter(|ms| *ms > session.limit_ms + TOLERANCE_MS) {
        return Err(TakeError::TooLong { declared_ms, limit_ms: session.limit_ms });
    }
    sql::replace_without_bytes(tx, session.id, "Another take was begun before a byte of this one arrived.", now)
        .await?;
    loop {
        let living = sql::living(tx, session.id).await?;
        let free = (1..=session.takes).find(|place| living.iter().all(|take| take.ordinal != *place));
        let Some(ordinal) = free else {
            let takes = living.iter().map(|take| TakeBody::of(app, take)).collect();
            return Err(TakeError::TakesUsedUp { session: session.id, takes });
        };
        let id: TakeId = app.clock.id();
        // No row: somebody took the place between the look and the insert. Look again.
        if sql::insert(tx, id, &session, ordinal, &new, now).await? {
            return sql::in_tx(tx, id).await?.ok_or_else(|| sqlx::Error::RowNotFound.into());
        }
    }
}

/// Media has begun to arrive durably: from here on the take counts, and the work is owed, in this transaction. Call
/// `app.jobs.wake()` after the commit.
///
/// # Errors
/// [`TakeError::Over`] when the take is no longer receiving; the database's.
pub async fn began(app: &App, tx: &mut Tx, take: TakeId, upload: UploadId) -> Result<(), TakeError> {
    if !sql::began(tx, take).await? {
        return Err(TakeError::Over);
    }
    Ok(process::owe(app, tx, take, upload).await?)
}

/// Every byte is here and durable: the take is processing. The work is owed since its first byte; if none of it is left, it is
/// owed again. Call `app.jobs.wake()` after the commit.
///
/// # Errors
/// [`TakeError::Over`] when the take is no longer receiving; the database's.
pub async fn received(app: &App, tx: &mut Tx, take: TakeId, upload: UploadId, bytes: u64) -> Result<(), TakeError> {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    if !sql::received(tx, take, bytes, app.clock.now()).await? {
        return Err(TakeError::Over);
    }
    Ok(process::owe(app, tx, take, upload).await?)
}

/// The take cannot be taken; says why, in words its author can act on. A take that has ended stays as it ended.
///
/// # Errors
/// The database's.
pub async fn refused(app: &App, tx: &mut Tx, take: TakeId, code: Code, detail: &str) -> Result<bool, sqlx::Error> {
    end(app, tx, take, TakeState::Refused, code, detail, None).await
}

/// The take came to nothing without its author's doing (or by their leaving: an upload that was never finished).
///
/// # Errors
/// The database's.
pub async fn failed(app: &App, tx: &mut Tx, take: TakeId, code: Code, detail: &str) -> Result<bool, sqlx::Error> {
    end(app, tx, take, TakeState::Failed, code, detail, None).await
}

/// Ends a take that has not ended, with the length that was measured, and writes it into the audit trail.
pub(super) async fn end(
    app: &App,
    tx: &mut Tx,
    take: TakeId,
    state: TakeState,
    code: Code,
    detail: &str,
    measured_ms: Option<i64>,
) -> Result<bool, sqlx::Error> {
    if !sql::end(tx, take, state, code, detail, measured_ms, app.clock.now()).await? {
        return Ok(false);
    }
    let action = if state == TakeState::Refused { "take.refused" } else { "take.failed" };
    note(app, tx, take, action, json!({ "code": code.name(), "measured_ms": measured_ms })).await?;
    // Who called it off knows.
    if let Some(ended) = sql::in_tx(tx, take).await?.filter(|_| code != Code::UploadCancelled) {
        notify::tell(tx, &app.clock, &[ended.author], &News::of(Kind::RecordingFailed, ended.recording)).await?;
    }
    Ok(true)
}

/// Writes a change of a take, made by the server itself, into the audit trail.
pub(super) async fn note(
    app: &App,
    tx: &mut Tx,
    take: TakeId,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<(), sqlx::Error> {
    let organisation = sql::in_tx(tx, take).await?.ok_or(sqlx::Error::RowNotFound)?.organisation;
    audit::record(tx, &AuditEvent::of(&app.clock, organisation, action, "take", take.0).detail(detail)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_gives_the_length_the_rule_the_way_on_and_what_it_did_not_cost() {
        assert_eq!(
            too_long_sentence(222_000, 180_000),
            "This video runs 3:42. Updates stop at 3:00: trim it or record again; it has not cost you a take."
        );
        assert!(too_long_sentence(180_600, 180_000).starts_with("This video runs 3:01."));
    }
}
