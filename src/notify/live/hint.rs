//! What an entry of the trail means for pages: which things to look at again, and who may see them. A kind of entry that is not
//! named here tells nobody anything.
//!
//! Invariant: the audience is that of the thing's own page (`channel::sql`, `recording::access`, `comment::subject`), looked up
//! as it is now: who was taken out of a channel a moment ago is not told what happens there.

use std::collections::HashSet;

use uuid::Uuid;

use crate::db::Db;
use crate::id::{OrganisationId, PersonId};

use super::sql::{self, Entry, Room};
use super::{Audience, Change, Hint};

/// What an entry means; nothing when it means nothing to any page.
///
/// # Errors
/// The database's.
pub async fn of(db: &Db, entry: &Entry) -> Result<Option<Change>, sqlx::Error> {
    let (Some(organisation), Some(subject)) = (entry.organisation, entry.subject) else { return Ok(None) };
    let found = match entry.subject_kind.as_str() {
        "post" => post(db, organisation, entry, subject).await?,
        "comment" => comment(db, organisation, subject, "comments").await?,
        "reaction" => reaction(db, organisation, entry, subject).await?,
        "check_in" => check_in(db, organisation, entry, subject).await?,
        "check_in_slot" if entry.action != "slot.made" => {
            let whose = sql::slot_of(db, subject).await?;
            Some(Change { touched: whose.into_iter().collect(), ..open(organisation, "slot", subject) })
        }
        "blocker" => blocker(db, organisation, subject).await?,
        "goal" => Some(open(organisation, "goal", subject)),
        "recording" => Some(recording(db, organisation, subject).await?),
        "take" => match sql::recording_of(db, subject).await? {
            Some(recording_id) => Some(recording(db, organisation, recording_id).await?),
            None => None,
        },
        "channel" => channel(db, organisation, entry, subject).await?,
        "unit" => Some(open(organisation, "unit", subject)),
        "organisation" => Some(open(organisation, "organisation", subject)),
        "absence" => Some(open(organisation, "absence", subject)),
        "person" => Some(Change { recheck: Some(PersonId(subject)), ..open(organisation, "person", subject) }),
        "session" | "api_token" | "token" => entry.actor.map(|actor| Change {
            hints: Vec::new(),
            recheck: Some(actor),
            ..open(organisation, "session", subject)
        }),
        _ => None,
    };
    Ok(found)
}

/// Something that every member sees.
fn open(organisation: OrganisationId, kind: &'static str, id: Uuid) -> Change {
    let audience = Audience { organisation, members: true, people: HashSet::new() };
    Change { hints: vec![Hint { kind, id }], audience, recount: false, touched: Vec::new(), recheck: None }
}

/// Whoever sees a channel.
async fn room(db: &Db, organisation: OrganisationId, (id, everyone, project): Room) -> Result<Audience, sqlx::Error> {
    let people = match everyone && !project {
        true => HashSet::new(),
        false => sql::added(db, id, project).await?.into_iter().collect(),
    };
    Ok(Audience { organisation, members: everyone, people })
}

async fn post(
    db: &Db,
    organisation: OrganisationId,
    entry: &Entry,
    subject: Uuid,
) -> Result<Option<Change>, sqlx::Error> {
    let Some(found) = sql::room_of(db, subject).await? else { return Ok(None) };
    let hints = vec![Hint { kind: "post", id: subject }, Hint { kind: "channel", id: found.0 }];
    // An acknowledgement is one person's; a post that appears or goes may ask everybody who sees it.
    let one = entry.action == "post.acknowledged";
    Ok(Some(Change {
        hints,
        audience: room(db, organisation, found).await?,
        recount: !one,
        touched: entry.actor.filter(|_| one).into_iter().collect(),
        recheck: None,
    }))
}

async fn channel(
    db: &Db,
    organisation: OrganisationId,
    entry: &Entry,
    subject: Uuid,
) -> Result<Option<Change>, sqlx::Error> {
    let Some(found) = sql::room(db, subject).await? else { return Ok(None) };
    let mut audience = room(db, organisation, found).await?;
    // Who was added or taken out sees another list of channels.
    audience.people.extend(entry.detail["person"].as_str().and_then(|id| id.parse::<PersonId>().ok()));
    let hints = vec![Hint { kind: "channel", id: subject }];
    Ok(Some(Change { hints, audience, recount: true, touched: Vec::new(), recheck: None }))
}

/// Something that hangs under a comment's subject, for whoever sees that.
async fn comment(
    db: &Db,
    organisation: OrganisationId,
    comment: Uuid,
    kind: &'static str,
) -> Result<Option<Change>, sqlx::Error> {
    let Some((under, id)) = sql::under(db, comment).await? else { return Ok(None) };
    hanging(db, organisation, &under, Hint { kind, id }).await
}

async fn reaction(
    db: &Db,
    organisation: OrganisationId,
    entry: &Entry,
    subject: Uuid,
) -> Result<Option<Change>, sqlx::Error> {
    match entry.detail["under"].as_str().unwrap_or_default() {
        "comment" => comment(db, organisation, subject, "comments").await,
        under => hanging(db, organisation, under, Hint { kind: "reactions", id: subject }).await,
    }
}

async fn hanging(
    db: &Db,
    organisation: OrganisationId,
    under: &str,
    hint: Hint,
) -> Result<Option<Change>, sqlx::Error> {
    let mut change = match under {
        "post" => {
            let Some(found) = sql::room_of(db, hint.id).await? else { return Ok(None) };
            Change { audience: room(db, organisation, found).await?, ..open(organisation, hint.kind, hint.id) }
        }
        "recording" => recording(db, organisation, hint.id).await?,
        _ => open(organisation, hint.kind, hint.id),
    };
    change.hints = vec![hint];
    Ok(Some(change))
}

async fn recording(db: &Db, organisation: OrganisationId, subject: Uuid) -> Result<Change, sqlx::Error> {
    let mut change = open(organisation, "recording", subject);
    change.audience.people = sql::guests_of(db, subject).await?.into_iter().collect();
    Ok(change)
}

async fn check_in(
    db: &Db,
    organisation: OrganisationId,
    entry: &Entry,
    subject: Uuid,
) -> Result<Option<Change>, sqlx::Error> {
    let Some((author, reviewer, said)) = sql::check_in(db, subject).await? else { return Ok(None) };
    let mut change = open(organisation, "check_in", subject);
    if !said {
        // A draft is its author's.
        change.audience = Audience { organisation, members: false, people: HashSet::from([author]) };
        return Ok(Some(change));
    }
    change.touched = sql::asked_in(db, subject).await?;
    change.touched.extend([author].into_iter().chain(reviewer));
    if entry.action == "check_in.published" {
        let goals = sql::goals_in(db, subject).await?;
        change.hints.extend(goals.into_iter().map(|id| Hint { kind: "goal", id }));
    }
    Ok(Some(change))
}

async fn blocker(db: &Db, organisation: OrganisationId, subject: Uuid) -> Result<Option<Change>, sqlx::Error> {
    let Some((check_in, author, asks)) = sql::blocker(db, subject).await? else { return Ok(None) };
    let mut change = open(organisation, "blocker", subject);
    change.hints.push(Hint { kind: "check_in", id: check_in });
    change.touched = [author].into_iter().chain(asks).chain(sql::passed_up(db, subject).await?).collect();
    Ok(Some(change))
}
