//! Channels as they are shown.

use serde::Serialize;
use utoipa::ToSchema;

use crate::account::Person;
use crate::id::{ChannelId, UnitId};

use super::{Acknowledgement, Audience, ChannelKind, ChannelRow, Posting};

/// A channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// What it is for.
    pub kind: ChannelKind,
    /// Its word in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The unit it belongs to.
    pub unit: Option<ChannelUnit>,
    /// What belongs in it.
    pub purpose: String,
    /// Who sees it.
    pub audience: Audience,
    /// Who may post.
    pub posting: Posting,
    /// Whether you may.
    pub may_post: bool,
    /// Whether you may change it.
    pub may_manage: bool,
    /// Whether you follow it.
    pub following: bool,
    /// Posts you have not read; 100 means a hundred or more.
    pub unread: i64,
    /// Whether each post needs a document.
    pub document_required: bool,
    /// Whether posts ask to be acknowledged.
    pub acknowledgement: Acknowledgement,
    /// For optimistic locking.
    pub revision: i64,
}

/// The unit of a channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChannelUnit {
    /// Its id.
    pub id: UnitId,
    /// Its name.
    pub name: String,
}

impl Channel {
    /// The channel as a person sees it.
    #[must_use]
    pub fn seen(row: ChannelRow, by: &Person) -> Channel {
        Channel {
            may_post: row.may_post(by),
            may_manage: row.may_manage(by),
            unit: row.unit.zip(row.unit_name).map(|(id, name)| ChannelUnit { id, name }),
            id: row.id,
            kind: row.kind,
            slug: row.slug,
            name: row.name,
            purpose: row.purpose,
            audience: row.audience,
            posting: row.posting,
            following: row.following,
            unread: row.unread,
            document_required: row.document_required,
            acknowledgement: row.acknowledgement,
            revision: row.revision,
        }
    }
}
