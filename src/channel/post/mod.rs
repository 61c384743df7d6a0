//! Posts: a title, words, a document, a video, and what is asked of people. A retracted post leaves a tombstone in its place.

pub mod change;
pub mod view;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::PersonRef;
use crate::db::text_enum;
use crate::id::{ChannelId, OrganisationId, PersonId, PostId, RecordingId};

text_enum! {
    /// Where a post is in its life.
    PostState {
        /// Being written.
        Draft = "draft",
        /// Waiting for its hour.
        Scheduled = "scheduled",
        /// To be read.
        Published = "published",
        /// Taken back; its place stays.
        Retracted = "retracted",
    }
}

/// A post as one person sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PostRow {
    /// Its id.
    pub id: PostId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The channel it is in.
    pub channel: ChannelId,
    /// That channel's word in addresses.
    pub channel_slug: String,
    /// That channel's name.
    pub channel_name: String,
    /// Who wrote it.
    pub author: PersonId,
    /// Its title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// The document it is about.
    pub document_url: Option<String>,
    /// Its video.
    pub recording: Option<RecordingId>,
    /// Where it is in its life.
    pub state: PostState,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// Until when it wants to be acknowledged, if it does.
    pub acknowledge_by: Option<DateTime<Utc>>,
    /// Until when it stands on top.
    pub pinned_until: Option<DateTime<Utc>>,
    /// For optimistic locking.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its author changed it.
    pub edited_at: Option<DateTime<Utc>>,
    /// Comments under it.
    pub comments: i64,
    /// People asked to acknowledge it.
    pub asked: i64,
    /// Those of them who did.
    pub done: i64,
    /// People who opened it.
    pub opened_by: i64,
    /// People who watched some of its video.
    pub watched_by: i64,
    /// Whether the viewer was asked.
    pub mine_asked: bool,
    /// When the viewer opened it.
    pub mine_opened: Option<DateTime<Utc>>,
    /// When the viewer acknowledged it.
    pub mine_acknowledged: Option<DateTime<Utc>>,
}

/// What one person did with a post, as the table says.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReceiptRow {
    /// The person.
    #[sqlx(flatten)]
    pub person: PersonRef,
    /// Whether they were asked to acknowledge it.
    pub asked: bool,
    /// When they opened it.
    pub opened_at: Option<DateTime<Utc>>,
    /// When they acknowledged it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// How much of its video they watched.
    pub watched_ms: i64,
}

/// What one person did with a post: opened, watched and acknowledged are three facts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// The person.
    pub person: PersonRef,
    /// Whether they were asked to acknowledge it.
    pub asked: bool,
    /// When they opened it.
    pub opened_at: Option<DateTime<Utc>>,
    /// How much of its video they watched, in milliseconds.
    pub watched_ms: i64,
    /// When they acknowledged it.
    pub acknowledged_at: Option<DateTime<Utc>>,
}

impl From<ReceiptRow> for Receipt {
    fn from(row: ReceiptRow) -> Self {
        let ReceiptRow { person, asked, opened_at, acknowledged_at, watched_ms } = row;
        Self { person, asked, opened_at, watched_ms, acknowledged_at }
    }
}
