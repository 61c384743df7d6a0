//! Channels and the posts in them: who sees one, who may post, what a post asks of people. Not a chat: answers are comments
//! and hang under their post (`comment`).
//!
//! Invariant: the people asked to acknowledge a post are frozen when it is published; nobody is asked later.

pub mod change;
pub mod post;
pub mod routes;
pub mod seed;
pub mod sql;
pub mod tick;
pub mod view;

use chrono::{DateTime, Utc};

use crate::account::{Person, Role};
use crate::db::text_enum;
use crate::id::{ChannelId, OrganisationId, UnitId};

pub use post::{PostRow, PostState};
pub use seed::seed;
pub use tick::tick;

text_enum! {
    /// What a channel is for. All but project channels exist from the start.
    ChannelKind {
        /// What is worth knowing.
        General = "general",
        /// What everyone has to know.
        Announcements = "announcements",
        /// Everything else.
        Fun = "fun",
        /// Thanks.
        Recognition = "recognition",
        /// How something is done.
        Training = "training",
        /// Made as needed, for everyone or for selected people.
        Project = "project",
    }
}

text_enum! {
    /// Who sees a channel.
    Audience {
        /// Every member of the organisation.
        Everyone = "everyone",
        /// Those who were added.
        Selected = "selected",
    }
}

text_enum! {
    /// Who may post.
    Posting {
        /// Whoever sees the channel.
        Everyone = "everyone",
        /// Leads of units, and administrators.
        Leads = "leads",
        /// Those who are listed, and administrators.
        Listed = "listed",
    }
}

text_enum! {
    /// Whether posts ask to be acknowledged.
    Acknowledgement {
        /// Never.
        Off = "off",
        /// When the author wants it.
        Optional = "optional",
        /// Every post does.
        Always = "always",
    }
}

/// A channel about to be made.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// Its id.
    pub id: ChannelId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// What it is for.
    pub kind: ChannelKind,
    /// The unit it belongs to; none for a project's.
    pub unit: Option<UnitId>,
    /// Its word in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What belongs in it, in a sentence.
    pub purpose: String,
    /// Who sees it.
    pub audience: Audience,
    /// Who may post.
    pub posting: Posting,
    /// Whether posts ask to be acknowledged.
    pub acknowledgement: Acknowledgement,
    /// Whether each post needs a document.
    pub document_required: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A channel as one person sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ChannelRow {
    /// Its id.
    pub id: ChannelId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// What it is for.
    pub kind: ChannelKind,
    /// The unit it belongs to.
    pub unit: Option<UnitId>,
    /// That unit's name.
    pub unit_name: Option<String>,
    /// That unit's kind.
    pub unit_kind: Option<String>,
    /// Its word in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What belongs in it.
    pub purpose: String,
    /// Who sees it.
    pub audience: Audience,
    /// Who may post.
    pub posting: Posting,
    /// Whether posts ask to be acknowledged.
    pub acknowledgement: Acknowledgement,
    /// Whether each post needs a document.
    pub document_required: bool,
    /// For optimistic locking.
    pub revision: i64,
    /// Whether the person is listed as allowed to post.
    pub listed: bool,
    /// Whether the person was added to it.
    pub member: bool,
    /// Whether the person follows it.
    pub following: bool,
    /// Whether the person leads a unit.
    pub leads: bool,
    /// Posts they have not read, at most a hundred are counted.
    pub unread: i64,
}

impl ChannelRow {
    /// Whether a person who sees the channel may post in it.
    #[must_use]
    pub fn may_post(&self, person: &Person) -> bool {
        match self.posting {
            Posting::Everyone => true,
            Posting::Leads => self.leads || person.role == Role::Admin,
            Posting::Listed => self.listed || person.role == Role::Admin,
        }
    }

    /// Whether a person may change it and say who is in it: administrators, and those listed in a project's channel.
    #[must_use]
    pub fn may_manage(&self, person: &Person) -> bool {
        person.role == Role::Admin || (self.kind == ChannelKind::Project && self.listed && person.role == Role::Member)
    }
}
