//! Comments and reactions: feedback stays on the post, check-in, recording or goal that it is about. Not a chat.
//!
//! Who sees the subject sees its comments and may answer. Invariant: comments go two deep; a deleted one leaves a tombstone
//! while there are answers under it, so that they keep their place.

pub mod change;
pub mod markdown;
pub mod mention;
pub mod reaction;
pub mod routes;
pub mod sql;
pub mod subject;
pub mod told;
pub mod view;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::text_enum;
use crate::id::{CommentId, PersonId, RecordingId};

text_enum! {
    /// What a comment or a reaction hangs under.
    SubjectKind {
        /// A post in a channel.
        Post = "post",
        /// A check-in.
        CheckIn = "check_in",
        /// A recording.
        Recording = "recording",
        /// A goal.
        Goal = "goal",
        /// A comment; only reactions hang there.
        Comment = "comment",
    }
}

impl SubjectKind {
    /// The kind behind the plural in an address.
    #[must_use]
    pub fn of_path(segment: &str) -> Option<SubjectKind> {
        Some(match segment {
            "posts" => SubjectKind::Post,
            "check-ins" => SubjectKind::CheckIn,
            "recordings" => SubjectKind::Recording,
            "goals" => SubjectKind::Goal,
            "comments" => SubjectKind::Comment,
            _ => return None,
        })
    }
}

/// A comment as the table says.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CommentRow {
    /// Its id.
    pub id: CommentId,
    /// What it hangs under.
    pub subject_kind: SubjectKind,
    /// Which one.
    pub subject: Uuid,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// Who wrote it.
    pub author: PersonId,
    /// Markdown.
    pub body: String,
    /// The second of the video it is about.
    pub at_ms: Option<i64>,
    /// A video as an answer.
    pub recording: Option<RecordingId>,
    /// For optimistic locking.
    pub revision: i64,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed by its author.
    pub edited_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When what it asks was settled.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Who said so.
    pub resolved_by: Option<PersonId>,
    /// Answers to it that were not taken back.
    pub answers: i64,
}
