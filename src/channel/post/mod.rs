//! Posts: a title, words, a document, a video, and what is asked of people.
//!
//! Life of a post:
//!
//! ```text
//!   draft ◀──▶ scheduled ──▶ published ──▶ retracted
//!     └───────────────────────▲
//! ```
//!
//! Before publication it is its author's alone and may be thrown away. From then on it has been read: each correction keeps
//! what it said before, and a retraction leaves a tombstone. Invariant: every way into `published` goes through
//! [`publish::enter`], in the transaction of the change of state.

pub mod change;
pub mod check;
pub mod draft;
pub mod publish;
pub mod receipt;
pub mod retract;
pub mod revision;
pub mod schedule;
pub mod view;

use chrono::{DateTime, Utc};

use crate::account::{Person, Role};
use crate::db::text_enum;
use crate::id::{ChannelId, OrganisationId, PersonId, PostId, RecordingId};

use super::ChannelRow;

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
    /// When it is to be published by itself.
    pub publish_at: Option<DateTime<Utc>>,
    /// The zone in which that was chosen.
    pub publish_zone: Option<String>,
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
    /// When it was retracted.
    pub retracted_at: Option<DateTime<Utc>>,
    /// By whom.
    pub retracted_by: Option<PersonId>,
    /// Why, in their words.
    pub retract_reason: String,
    /// When those who had not acknowledged it were reminded.
    pub reminded_at: Option<DateTime<Utc>>,
    /// How often it was corrected.
    pub corrections: i64,
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
    /// Whether the viewer leads a unit.
    pub leads: bool,
}

impl PostRow {
    /// A draft with nothing in it.
    #[must_use]
    pub fn blank(id: PostId, channel: &ChannelRow, author: PersonId, now: DateTime<Utc>) -> PostRow {
        PostRow {
            id,
            organisation: channel.organisation,
            channel: channel.id,
            channel_slug: channel.slug.clone(),
            channel_name: channel.name.clone(),
            author,
            title: String::new(),
            body: String::new(),
            document_url: None,
            recording: None,
            state: PostState::Draft,
            publish_at: None,
            publish_zone: None,
            published_at: None,
            acknowledge_by: None,
            pinned_until: None,
            revision: 1,
            created_at: now,
            edited_at: None,
            retracted_at: None,
            retracted_by: None,
            retract_reason: String::new(),
            reminded_at: None,
            corrections: 0,
            comments: 0,
            asked: 0,
            done: 0,
            opened_by: 0,
            watched_by: 0,
            mine_asked: false,
            mine_opened: None,
            mine_acknowledged: None,
            leads: channel.leads,
        }
    }

    /// Whether somebody who reads it may also see what each person did with it: its author, leads, administrators.
    #[must_use]
    pub fn may_oversee(&self, person: &Person) -> bool {
        person.id == self.author || person.role == Role::Admin || (self.leads && person.role == Role::Member)
    }

    /// Whether its words are as in another version.
    #[must_use]
    pub fn says_the_same(&self, other: &PostRow) -> bool {
        (&self.title, &self.body, &self.document_url, self.recording)
            == (&other.title, &other.body, &other.document_url, other.recording)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use uuid::Uuid;

    use super::*;

    /// A draft for tests of rules.
    pub(crate) fn row() -> PostRow {
        let channel = ChannelRow {
            id: ChannelId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            kind: crate::channel::ChannelKind::General,
            unit: None,
            unit_name: None,
            unit_kind: None,
            slug: "general".to_owned(),
            name: "General".to_owned(),
            purpose: String::new(),
            audience: crate::channel::Audience::Everyone,
            posting: crate::channel::Posting::Everyone,
            acknowledgement: crate::channel::Acknowledgement::Optional,
            document_required: false,
            revision: 1,
            listed: false,
            member: false,
            following: true,
            leads: false,
            unread: 0,
        };
        let now = DateTime::<Utc>::UNIX_EPOCH;
        PostRow::blank(PostId(Uuid::nil()), &channel, PersonId(Uuid::nil()), now)
    }
}
