//! Take sessions: one for each thing being recorded. Each has its recording from the first moment, so that the link can be
//! copied when Stop is pressed.
//!
//! Invariant: a session leaves `open` once, by a guarded update, either kept with exactly one ready take or discarded.

pub mod body;
pub mod sql;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::{Tx, text_enum};
use crate::error::{Code, Problem};
use crate::id::{OrganisationId, PersonId, RecordingId, TakeId, TakeSessionId};
use crate::search;

use super::caption;
use super::deletion;
use super::library;
use super::process::second;
use super::take::{self, TakeState};

text_enum! {
    /// What a session records for.
    SubjectKind {
        /// Nothing in particular.
        Free = "free",
        /// A goal.
        Goal = "goal",
        /// A check-in.
        CheckIn = "check_in",
        /// A post in a channel.
        Post = "post",
        /// A comment.
        Comment = "comment",
        /// The review of a check-in.
        Review = "review",
    }
}

text_enum! {
    /// Where a session stands.
    SessionState {
        /// Takes may be added.
        Open = "open",
        /// One take has been kept.
        Kept = "kept",
        /// Every take has been thrown away.
        Discarded = "discarded",
    }
}

/// A session as the table has it, with its recording.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are explained in migrations/postgres/0003_recording.sql")]
pub struct Session {
    pub id: TakeSessionId,
    pub organisation: OrganisationId,
    pub author: PersonId,
    pub subject_kind: SubjectKind,
    pub subject: Option<Uuid>,
    pub title: String,
    pub limit_ms: i64,
    pub takes: i16,
    pub keeps_itself: bool,
    pub state: SessionState,
    pub created_at: DateTime<Utc>,
    pub recording: RecordingId,
    pub slug: String,
}

/// A session to be opened.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// Who records.
    pub author: &'a Person,
    /// What for.
    pub subject_kind: SubjectKind,
    /// Which one.
    pub subject: Option<Uuid>,
    /// Title of the recording to be.
    pub title: &'a str,
    /// Whether the first ready take is kept without asking.
    pub keeps_itself: bool,
}

impl<'a> NewSession<'a> {
    /// A free-standing session whose take is published by itself.
    #[must_use]
    pub fn keeping_itself(author: &'a Person, title: &'a str) -> Self {
        Self { author, subject_kind: SubjectKind::Free, subject: None, title, keeps_itself: true }
    }
}

/// Opens a session and its recording, with the limits of the organisation as they are now.
///
/// # Errors
/// The database's.
pub async fn open(app: &App, tx: &mut Tx, new: NewSession<'_>) -> Result<Session, sqlx::Error> {
    app.expect_media();
    let now = app.clock.now();
    let (limit_ms, takes) = sql::limits(tx, new.author.organisation).await?;
    let session = Session {
        id: app.clock.id(),
        organisation: new.author.organisation,
        author: new.author.id,
        subject_kind: new.subject_kind,
        subject: new.subject,
        title: new.title.to_owned(),
        limit_ms,
        takes,
        keeps_itself: new.keeps_itself,
        state: SessionState::Open,
        created_at: now,
        recording: app.clock.id(),
        slug: app.clock.word(10),
    };
    sql::insert(tx, &session).await?;
    library::sql::insert(tx, &session).await?;
    let event = AuditEvent::by(&app.clock, new.author, "take_session.opened", "take_session", session.id.0);
    audit::record(tx, &event).await?;
    Ok(session)
}

/// Keeps one take: publishes the recording with it, discards the others, owes the deletion of their bytes. For sessions
/// that keep themselves `person` is nobody.
///
/// # Errors
/// A session that is not open any more, a take that is not ready; the database's.
pub async fn keep(
    app: &App,
    tx: &mut Tx,
    session: &Session,
    kept: TakeId,
    named: Option<(&str, &str)>,
    person: Option<&Person>,
) -> Result<(), Problem> {
    let now = app.clock.now();
    let take = take::sql::in_tx(tx, kept).await?.filter(|take| take.session == session.id);
    let take = take.ok_or_else(Problem::not_found)?;
    if take.state != TakeState::Ready {
        return Err(Problem::new(Code::NotReady, "This take is not ready yet. Keep it once it plays."));
    }
    if !sql::close(tx, session.id, SessionState::Kept, now).await? {
        return Err(take::TakeError::SessionClosed.into());
    }
    let (title, description) = named.unwrap_or((&session.title, ""));
    let title = library::title_or_default(title, &take.filename, now);
    library::sql::publish(tx, session.recording, kept, &title, description, now).await?;
    second::owe(app, tx, &take).await?;
    for gone in take::sql::discard(tx, session.id, Some(kept), now).await? {
        deletion::owe_take(app, tx, gone).await?;
    }
    let mut event =
        AuditEvent::of(&app.clock, session.organisation, "recording.published", "recording", session.recording.0);
    event.actor = person.map(|person| person.id);
    audit::record(tx, &event.detail(json!({ "take": kept }))).await?;
    search::refresh(tx, search::Kind::Recording, session.recording.0).await?;
    caption::published(tx, session.recording).await?;
    Ok(())
}

/// Throws every take of a session away.
///
/// # Errors
/// A session that is not open any more; the database's.
pub async fn discard(app: &App, tx: &mut Tx, session: &Session, person: &Person) -> Result<(), Problem> {
    let now = app.clock.now();
    if !sql::close(tx, session.id, SessionState::Discarded, now).await? {
        return Err(take::TakeError::SessionClosed.into());
    }
    library::sql::delete(tx, session.recording).await?;
    caption::forget(tx, session.recording).await?;
    for gone in take::sql::discard(tx, session.id, None, now).await? {
        deletion::owe_take(app, tx, gone).await?;
    }
    let event = AuditEvent::by(&app.clock, person, "take_session.discarded", "take_session", session.id.0);
    audit::record(tx, &event).await?;
    Ok(())
}
