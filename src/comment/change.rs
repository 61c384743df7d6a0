//! Writing, changing, settling and taking back comments.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::{Person, Role};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::id::{CommentId, PersonId, RecordingId};
use crate::recording::brief;
use crate::search;

use super::mention::{self, Mention};
use super::subject::{self, Subject};
use super::{CommentRow, SubjectKind, sql, told};

/// Longest comment, in characters.
const LONGEST: usize = 5_000;

/// A comment to be written.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewComment {
    /// Markdown; may be empty when a recording says it.
    #[serde(default)]
    pub body: String,
    /// The moment of the video it is about.
    pub at_ms: Option<i64>,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// A recording of one's own as the answer.
    pub recording: Option<RecordingId>,
}

/// What is to change of a comment; absent fields stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct CommentChange {
    /// Markdown; only its author.
    pub body: Option<String>,
    /// Whether what it asks is settled: its author, or whoever the subject belongs to.
    pub resolved: Option<bool>,
    /// The revision that was read.
    pub revision: i64,
}

/// Writes a comment under something the asker may see.
///
/// # Errors
/// Nothing there; too deep; a field that needs another value.
pub async fn create(app: &App, by: &Person, under: Subject, new: NewComment) -> Result<CommentId, Problem> {
    under.check_open()?;
    let body = check(&new)?;
    let answered = match new.parent {
        Some(parent) => Some(check_parent(app, by, under, parent).await?),
        None => None,
    };
    let mentions = mentions(app, by, under, &body).await?;
    let mut tx = app.db.begin().await?;
    if let Some(recording) = new.recording {
        let author = brief::sql::author(&mut tx, by.organisation, recording).await?;
        if author != Some(by.id) {
            return Err(Problem::field("recording", "Answer with a recording of your own."));
        }
    }
    let row = CommentRow {
        id: app.clock.id(),
        subject_kind: under.kind,
        subject: under.id,
        parent: new.parent,
        author: by.id,
        body,
        at_ms: new.at_ms,
        recording: new.recording,
        revision: 1,
        created_at: app.clock.now(),
        edited_at: None,
        deleted_at: None,
        resolved_at: None,
        resolved_by: None,
        answers: 0,
    };
    sql::insert(&mut tx, by.organisation, &row).await?;
    mention::keep(&mut tx, (SubjectKind::Comment, row.id.0), &mentions, row.created_at).await?;
    let event = AuditEvent::by(&app.clock, by, "comment.created", "comment", row.id.0);
    audit::record(&mut tx, &event.detail(json!({ "under": under.kind, "subject": under.id }))).await?;
    search::refresh(&mut tx, search::Kind::Comment, row.id.0).await?;
    told::commented(&mut tx, &app.clock, under, &row, answered).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// What the words of a comment name, checked for whoever writes them.
async fn mentions(app: &App, by: &Person, under: Subject, body: &str) -> Result<Vec<Mention>, Problem> {
    let mut channel = None;
    let place = under.place(app, by, &mut channel).await?;
    mention::check(&app.db, place, body).await
}

fn check(new: &NewComment) -> Result<String, Problem> {
    let mut form = Form::new();
    let body = form.text("body", &new.body, LONGEST);
    if body.is_empty() && new.recording.is_none() {
        form.wrong("body", "Write something, or answer with a recording.");
    }
    // Three minutes and the tolerance: no video is longer.
    if new.at_ms.is_some_and(|at| !(0..=180_500).contains(&at)) {
        form.wrong("at_ms", "That moment is not in the video.");
    }
    form.done()?;
    Ok(body)
}

/// Whoever wrote the comment that is answered.
async fn check_parent(app: &App, by: &Person, under: Subject, parent: CommentId) -> Result<PersonId, Problem> {
    let found = sql::one(&app.db, by.organisation, parent).await?;
    let parent = found.filter(|parent| (parent.subject_kind, parent.subject) == (under.kind, under.id));
    match parent {
        None => Err(Problem::field("parent", "There is no such comment here.")),
        Some(parent) if parent.parent.is_some() => Err(Problem::new(
            Code::TooDeep,
            "Comments go two deep. Answer the comment above this one, or start a new one.",
        )),
        Some(parent) if parent.deleted_at.is_some() => Err(Problem::field("parent", "That comment was taken back.")),
        Some(parent) => Ok(parent.author),
    }
}

/// Changes a comment's words (its author) or settles it (its author, or whoever the subject belongs to).
///
/// # Errors
/// Nothing there; closed; not the asker's; stale.
pub async fn change(app: &App, by: &Person, id: CommentId, change: CommentChange) -> Result<CommentRow, Problem> {
    let old = sql::one(&app.db, by.organisation, id).await?.ok_or_else(Problem::not_found)?;
    let under = subject::open(app, by, old.subject_kind, old.subject).await?;
    if old.deleted_at.is_some() {
        return Err(Problem::new(Code::Gone, "This comment was taken back."));
    }
    under.check_open()?;
    let row = apply(app, by, under, &old, &change)?;
    let named = match row.body == old.body {
        true => None,
        false => Some(mentions(app, by, under, &row.body).await?),
    };
    let mut tx = app.db.begin().await?;
    if !sql::update(&mut tx, &row, change.revision).await? {
        return Err(stale(&old));
    }
    if let Some(named) = named {
        let now = app.clock.now();
        mention::keep(&mut tx, (SubjectKind::Comment, id.0), &named, now).await?;
        told::mentioned_in(&mut tx, &app.clock, &row, now, &[]).await?;
    }
    let event = AuditEvent::by(&app.clock, by, "comment.changed", "comment", id.0);
    audit::record(&mut tx, &event.detail(json!({ "resolved": change.resolved, "edited": change.body.is_some() })))
        .await?;
    search::refresh(&mut tx, search::Kind::Comment, id.0).await?;
    tx.commit().await?;
    Ok(CommentRow { revision: change.revision + 1, ..row })
}

fn apply(
    app: &App,
    by: &Person,
    under: Subject,
    old: &CommentRow,
    change: &CommentChange,
) -> Result<CommentRow, Problem> {
    let mut row = old.clone();
    if let Some(body) = &change.body {
        if by.id != old.author {
            return Err(Problem::new(Code::Forbidden, "Only its author changes a comment."));
        }
        let (at_ms, recording) = (old.at_ms, old.recording);
        row.body = check(&NewComment { body: body.clone(), at_ms, parent: None, recording })?;
        row.edited_at = if row.body == old.body { old.edited_at } else { Some(app.clock.now()) };
    }
    if let Some(resolved) = change.resolved {
        if by.id != old.author && by.id != under.owner && by.role != Role::Admin {
            return Err(Problem::new(
                Code::Forbidden,
                "Its author, or whoever this belongs to, says that it is settled.",
            ));
        }
        if resolved != old.resolved_at.is_some() {
            (row.resolved_at, row.resolved_by) = (resolved.then(|| app.clock.now()), resolved.then_some(by.id));
        }
    }
    Ok(row)
}

fn stale(now: &CommentRow) -> Problem {
    let current =
        json!({ "id": now.id, "body": now.body, "resolved": now.resolved_at.is_some(), "revision": now.revision });
    Problem::new(Code::Stale, "This comment changed while you were editing. Look at it again, then save.")
        .with("current", current)
}

/// Takes a comment back: its author, or an administrator. Taking it back twice changes nothing.
///
/// # Errors
/// Nothing there; somebody else's.
pub async fn delete(app: &App, by: &Person, id: CommentId) -> Result<(), Problem> {
    let row = sql::one(&app.db, by.organisation, id).await?.ok_or_else(Problem::not_found)?;
    subject::open(app, by, row.subject_kind, row.subject).await?;
    if by.id != row.author && by.role != Role::Admin {
        return Err(Problem::new(Code::Forbidden, "Its author takes a comment back, or an administrator."));
    }
    let mut tx = app.db.begin().await?;
    if sql::delete(&mut tx, id, app.clock.now()).await? {
        mention::sql::forget(&mut tx, (SubjectKind::Comment, id.0)).await?;
        audit::record(&mut tx, &AuditEvent::by(&app.clock, by, "comment.deleted", "comment", id.0)).await?;
        search::refresh(&mut tx, search::Kind::Comment, id.0).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether reactions and comments may hang under that kind in an address.
///
/// # Errors
/// Not one of them.
pub fn kind_of_path(segment: &str) -> Result<SubjectKind, Problem> {
    SubjectKind::of_path(segment).ok_or_else(Problem::not_found)
}
