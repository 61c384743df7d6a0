//! Comments as they are shown, with their answers, a whole page at once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{Person, PersonRef, people_by_ids};
use crate::app::App;
use crate::error::Problem;
use crate::id::{CommentId, PersonId, RecordingId};
use crate::recording::{RecordingBrief, briefs};

use super::mention::word::words;
use super::mention::{self, Named};
use super::reaction::{self, Reaction};
use super::subject::Subject;
use super::{CommentRow, SubjectKind, markdown, sql};

/// A comment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// Who wrote it.
    pub author: PersonRef,
    /// Markdown; empty when it was taken back.
    pub body: String,
    /// The same as safe HTML.
    pub body_html: String,
    /// The moment of the video it is about.
    pub at_ms: Option<i64>,
    /// A video as an answer.
    pub recording: Option<RecordingBrief>,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// The first answers to it.
    #[schema(no_recursion)]
    pub replies: Vec<Comment>,
    /// How many answers there are.
    pub reply_count: i64,
    /// Reactions to it.
    pub reactions: Vec<Reaction>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When its author changed it.
    pub edited_at: Option<DateTime<Utc>>,
    /// Whether it was taken back.
    pub deleted: bool,
    /// Whether what it asks is settled.
    pub resolved: bool,
    /// When that was said.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Who said so.
    pub resolved_by: Option<PersonRef>,
    /// For optimistic locking.
    pub revision: i64,
}

struct Around {
    named: Named,
    people: HashMap<PersonId, PersonRef>,
    recordings: HashMap<RecordingId, RecordingBrief>,
    reactions: HashMap<Uuid, Vec<Reaction>>,
}

/// Comments with their first answers, in the same order.
///
/// # Errors
/// The database's.
pub async fn comments(
    app: &App,
    viewer: &Person,
    under: Subject,
    rows: Vec<CommentRow>,
) -> Result<Vec<Comment>, Problem> {
    let mut channel = None;
    let place = under.place(app, viewer, &mut channel).await?;
    let parents: Vec<CommentId> = rows.iter().filter(|row| row.parent.is_none()).map(|row| row.id).collect();
    let answers = sql::answers(&app.db, &parents).await?;
    let all = || rows.iter().chain(&answers);
    let words = all().flat_map(|row| words(&row.body)).collect();
    let people = all().flat_map(|row| [Some(row.author), row.resolved_by]).flatten();
    let mut around = Around {
        named: mention::named(&app.db, place, &words).await?,
        people: people_by_ids(&app.db, &people.collect::<Vec<_>>()).await?,
        recordings: briefs(app, &all().filter_map(|row| row.recording).collect::<Vec<_>>()).await?,
        reactions: reaction::counts(
            &app.db,
            viewer.id,
            SubjectKind::Comment,
            &all().map(|row| row.id.0).collect::<Vec<_>>(),
        )
        .await?,
    };
    let mut under: HashMap<CommentId, Vec<Comment>> = HashMap::new();
    for row in answers {
        let Some(parent) = row.parent else { continue };
        under.entry(parent).or_default().extend(around.show(row));
    }
    let shown = rows.into_iter().filter_map(|row| around.show(row));
    Ok(shown.map(|comment| Comment { replies: under.remove(&comment.id).unwrap_or_default(), ..comment }).collect())
}

/// One comment with its answers.
///
/// # Errors
/// The database's.
pub async fn comment(app: &App, viewer: &Person, under: Subject, row: CommentRow) -> Result<Option<Comment>, Problem> {
    Ok(comments(app, viewer, under, vec![row]).await?.pop())
}

impl Around {
    fn show(&mut self, row: CommentRow) -> Option<Comment> {
        Some(Comment {
            author: self.people.get(&row.author)?.clone(),
            body_html: markdown::render(&row.body, &self.named),
            resolved_by: row.resolved_by.and_then(|id| self.people.get(&id)).cloned(),
            resolved_at: row.resolved_at,
            recording: row.recording.and_then(|id| self.recordings.get(&id)).cloned(),
            replies: Vec::new(),
            reactions: self.reactions.remove(&row.id.0).unwrap_or_default(),
            deleted: row.deleted_at.is_some(),
            resolved: row.resolved_at.is_some(),
            id: row.id,
            body: row.body,
            at_ms: row.at_ms,
            parent: row.parent,
            reply_count: row.answers,
            created_at: row.created_at,
            edited_at: row.edited_at,
            revision: row.revision,
        })
    }
}
