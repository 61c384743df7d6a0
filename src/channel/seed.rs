//! The five channels that the company and each division have from the start.

use crate::admin::audit::{self, AuditEvent};
use crate::clock::Clock;
use crate::db::Tx;
use crate::id::{ChannelId, OrganisationId, UnitId};

use super::{Acknowledgement, Audience, ChannelKind, NewChannel, Posting, sql};

/// Kind, name, purpose, who posts, whether acknowledgements may be asked for.
const FIVE: [(ChannelKind, &str, &str, Posting, Acknowledgement); 5] = [
    (
        ChannelKind::Announcements,
        "Announcements",
        "What everyone has to know. Leads post; anyone may answer.",
        Posting::Leads,
        Acknowledgement::Optional,
    ),
    (
        ChannelKind::General,
        "General",
        "What is worth knowing and fits nowhere else.",
        Posting::Everyone,
        Acknowledgement::Off,
    ),
    (
        ChannelKind::Recognition,
        "Recognition",
        "Say who did what, and what it changed.",
        Posting::Everyone,
        Acknowledgement::Off,
    ),
    (
        ChannelKind::Training,
        "Training",
        "How something is done, shown once and found again.",
        Posting::Everyone,
        Acknowledgement::Optional,
    ),
    (ChannelKind::Fun, "Fun", "Everything else that makes a good day.", Posting::Everyone, Acknowledgement::Off),
];

/// Makes the five channels of a unit. A company's have plain slugs (`announcements`), another unit's carry its own in front
/// (`product-announcements`). A channel that is there already is left as it is.
///
/// # Errors
/// The database's.
pub async fn seed(tx: &mut Tx, organisation: OrganisationId, unit: UnitId, clock: &Clock) -> Result<(), sqlx::Error> {
    let Some((kind, unit_slug)) = sql::channel::unit_name(tx, unit).await? else {
        return Err(sqlx::Error::RowNotFound);
    };
    for (channel, name, purpose, posting, acknowledgement) in FIVE {
        let plain = kind == "company";
        let slug = if plain { channel.as_str().to_owned() } else { format!("{unit_slug}-{channel}") };
        let new = NewChannel {
            id: clock.id::<ChannelId>(),
            organisation,
            kind: channel,
            unit: Some(unit),
            slug,
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            audience: Audience::Everyone,
            posting,
            acknowledgement,
            document_required: false,
            created_at: clock.now(),
        };
        if sql::channel::insert(tx, &new).await? {
            audit::record(tx, &AuditEvent::of(clock, organisation, "channel.created", "channel", new.id.0)).await?;
        }
    }
    Ok(())
}
