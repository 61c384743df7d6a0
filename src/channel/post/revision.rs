//! What a post said before it was corrected: who wrote it, when, and the words.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::{Person, PersonRef, people_by_ids};
use crate::app::App;
use crate::channel::ChannelRow;
use crate::comment::markdown;
use crate::comment::mention::{self, word};
use crate::comment::subject::place;
use crate::error::Problem;
use crate::id::{PersonId, RecordingId};
use crate::recording::{RecordingBrief, briefs};

use super::PostRow;

/// A version of a post, as the table says.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RevisionRow {
    /// Which, from 1.
    pub number: i64,
    /// Who wrote it.
    pub author: PersonId,
    /// Its title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// The document it was about.
    pub document_url: Option<String>,
    /// Its video.
    pub recording: Option<RecordingId>,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// A version of a post.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Revision {
    /// Which, from 1.
    pub number: i64,
    /// Whether it is what the post says now.
    pub current: bool,
    /// Who wrote it.
    pub author: PersonRef,
    /// When.
    pub written_at: DateTime<Utc>,
    /// Its title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// The same as safe HTML.
    pub body_html: String,
    /// The document it was about.
    pub document_url: Option<String>,
    /// Its video.
    pub recording: Option<RecordingBrief>,
}

impl RevisionRow {
    /// What a published post says now, as its newest version.
    #[must_use]
    pub fn current(post: &PostRow) -> RevisionRow {
        RevisionRow {
            number: post.corrections + 1,
            author: post.author,
            title: post.title.clone(),
            body: post.body.clone(),
            document_url: post.document_url.clone(),
            recording: post.recording,
            written_at: post.edited_at.or(post.published_at).unwrap_or(post.created_at),
        }
    }
}

/// Versions as they are shown, in the same order.
///
/// # Errors
/// The database's.
pub async fn revisions(
    app: &App,
    viewer: &Person,
    channel: &ChannelRow,
    newest: i64,
    rows: Vec<RevisionRow>,
) -> Result<Vec<Revision>, Problem> {
    let people = people_by_ids(&app.db, &rows.iter().map(|row| row.author).collect::<Vec<_>>()).await?;
    let videos = briefs(app, &rows.iter().filter_map(|row| row.recording).collect::<Vec<_>>()).await?;
    let words = rows.iter().flat_map(|row| word::words(&row.body)).collect();
    let named = mention::named(&app.db, place(viewer, Some(channel)), &words).await?;
    let show = |row: RevisionRow| {
        Some(Revision {
            number: row.number,
            current: row.number == newest,
            author: people.get(&row.author)?.clone(),
            written_at: row.written_at,
            body_html: markdown::render(&row.body, &named),
            title: row.title,
            body: row.body,
            document_url: row.document_url,
            recording: row.recording.and_then(|id| videos.get(&id)).cloned(),
        })
    };
    Ok(rows.into_iter().filter_map(show).collect())
}
