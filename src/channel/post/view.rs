//! Posts as they are shown, a whole page at once. Of a retracted post only its place, its author and its times are shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::{Person, PersonRef, people_by_ids};
use crate::app::App;
use crate::comment::reaction::{self, Reaction};
use crate::comment::{SubjectKind, markdown};
use crate::db::text_enum;
use crate::id::{ChannelId, PostId};
use crate::recording::{RecordingBrief, briefs};

use super::{PostRow, PostState};

text_enum! {
    /// Where the viewer stands with an acknowledgement.
    Mine {
        /// Asked, and not given yet.
        Asked = "asked",
        /// Given.
        Done = "done",
        /// Not asked.
        None = "none",
    }
}

/// A post.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// The channel it is in.
    pub channel: PostChannel,
    /// Who wrote it.
    pub author: PersonRef,
    /// Its title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// The same as safe HTML.
    pub body_html: String,
    /// The document it is about.
    pub document_url: Option<String>,
    /// Its video.
    pub recording: Option<RecordingBrief>,
    /// Published or retracted.
    pub state: PostState,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When its author changed it.
    pub edited_at: Option<DateTime<Utc>>,
    /// Until when it wants to be acknowledged.
    pub acknowledge_by: Option<DateTime<Utc>>,
    /// How far that is; null when it is not asked for.
    pub acknowledgement: Option<AcknowledgementProgress>,
    /// Until when it stands on top.
    pub pinned_until: Option<DateTime<Utc>>,
    /// Comments under it.
    pub comments: i64,
    /// People who opened it.
    pub opened_by: i64,
    /// People who watched some of its video.
    pub watched_by: i64,
    /// Whether the viewer has opened it.
    pub opened: bool,
    /// Reactions to it.
    pub reactions: Vec<Reaction>,
    /// For optimistic locking.
    pub revision: i64,
}

/// The channel of a post.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PostChannel {
    /// Its id.
    pub id: ChannelId,
    /// Its word in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// How many of those asked have acknowledged.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AcknowledgementProgress {
    /// People asked.
    pub asked: i64,
    /// Those who did.
    pub done: i64,
    /// Where the viewer stands.
    pub mine: Mine,
}

/// Posts as they are shown, in the same order.
///
/// # Errors
/// The database's.
pub async fn posts(app: &App, viewer: &Person, rows: Vec<PostRow>) -> Result<Vec<Post>, sqlx::Error> {
    let authors = people_by_ids(&app.db, &rows.iter().map(|row| row.author).collect::<Vec<_>>()).await?;
    let recordings = briefs(app, &rows.iter().filter_map(|row| row.recording).collect::<Vec<_>>()).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
    let mut reactions = reaction::counts(&app.db, viewer.id, SubjectKind::Post, &ids).await?;
    let show = |row: PostRow| {
        let row = if row.state == PostState::Retracted { tombstone(row) } else { row };
        Some(Post {
            author: authors.get(&row.author)?.clone(),
            acknowledgement: acknowledgement(&row),
            body_html: markdown::to_html(&row.body),
            recording: row.recording.and_then(|id| recordings.get(&id)).cloned(),
            reactions: reactions.remove(&row.id.0).filter(|_| row.state == PostState::Published).unwrap_or_default(),
            opened: row.mine_opened.is_some(),
            channel: PostChannel { id: row.channel, slug: row.channel_slug, name: row.channel_name },
            id: row.id,
            title: row.title,
            body: row.body,
            document_url: row.document_url,
            state: row.state,
            published_at: row.published_at,
            edited_at: row.edited_at,
            acknowledge_by: row.acknowledge_by,
            pinned_until: row.pinned_until,
            comments: row.comments,
            opened_by: row.opened_by,
            watched_by: row.watched_by,
            revision: row.revision,
        })
    };
    Ok(rows.into_iter().filter_map(show).collect())
}

/// One post.
///
/// # Errors
/// The database's.
pub async fn post(app: &App, viewer: &Person, row: PostRow) -> Result<Option<Post>, sqlx::Error> {
    Ok(posts(app, viewer, vec![row]).await?.pop())
}

fn acknowledgement(row: &PostRow) -> Option<AcknowledgementProgress> {
    row.acknowledge_by?;
    let mine = match (row.mine_asked, row.mine_acknowledged) {
        (true, None) => Mine::Asked,
        (true, Some(_)) => Mine::Done,
        (false, _) => Mine::None,
    };
    Some(AcknowledgementProgress { asked: row.asked, done: row.done, mine })
}

fn tombstone(row: PostRow) -> PostRow {
    let (title, body) = (String::new(), String::new());
    PostRow {
        title,
        body,
        document_url: None,
        recording: None,
        acknowledge_by: None,
        pinned_until: None,
        comments: 0,
        ..row
    }
}
