//! Mentions: `@handle` names a person, `@unit-slug` a unit, `@channel` everybody a channel is for. Who is told is not decided
//! here: [`told`] says whom a text means, and whoever tells people asks it.
//!
//! Invariant: a mention is of somebody who may read what mentions them; whoever else is named stays plain text. Units and the
//! channel are named only by those who may post there.

pub mod sql;
pub mod word;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Db, Tx, text_enum};
use crate::error::Problem;
use crate::http::form::like;
use crate::id::{ChannelId, OrganisationId, PersonId};

use super::SubjectKind;

/// Different words with an @ in one text.
pub const MOST: usize = 50;

/// The word that means everybody a channel is for.
pub const EVERYBODY: &str = "channel";

text_enum! {
    /// What is mentioned.
    MentionKind {
        /// A person.
        Person = "person",
        /// Everybody in a unit.
        Unit = "unit",
        /// Everybody a channel is for.
        Channel = "channel",
    }
}

/// Somebody or something that a word with an @ names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Mention {
    /// What it is.
    pub kind: MentionKind,
    /// The person, the unit or the channel.
    pub id: Uuid,
    /// The word after the @.
    pub word: String,
    /// The name behind it.
    pub name: String,
}

/// Where words stand, and so what they can name.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The channel, for a post and what hangs under it: its id, slug and name.
    pub channel: Option<(ChannelId, &'a str, &'a str)>,
    /// Whether units and the channel may be named.
    pub wide: bool,
}

/// What words name, by word.
pub type Named = HashMap<String, Mention>;

/// What these words name where they stand.
///
/// # Errors
/// The database's.
pub async fn named(db: &Db, place: Place<'_>, words: &HashSet<String>) -> Result<Named, sqlx::Error> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let channel = place.channel.map(|(id, ..)| id);
    let mut found = Named::new();
    for some in words.chunks(200) {
        let mut rows = sql::people(db, (place.organisation, channel), some).await?;
        if place.channel.is_some() {
            rows.extend(sql::units(db, place.organisation, some).await?);
        }
        for row in rows {
            found.entry(row.word.clone()).or_insert(row);
        }
    }
    if let (Some((id, slug, _)), true) = (place.channel, words.contains(&EVERYBODY)) {
        let (word, name) = (EVERYBODY.to_owned(), slug.to_owned());
        found.insert(word.clone(), Mention { kind: MentionKind::Channel, id: id.0, word, name });
    }
    Ok(found)
}

/// What a text that is about to be kept names, once each; refused when it is too much or too wide.
///
/// # Errors
/// 422 `invalid` at the field `body`; the database's.
pub async fn check(db: &Db, place: Place<'_>, body: &str) -> Result<Vec<Mention>, Problem> {
    let words = word::words(body);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    if words.len() > MOST {
        let sentence = format!("At most {MOST} people are mentioned at once; this names {}.", words.len());
        return Err(Problem::field("body", sentence));
    }
    let found: Vec<Mention> = named(db, place, &words).await?.into_values().collect();
    let wide = found.iter().find(|mention| mention.kind != MentionKind::Person);
    match (wide, place.channel) {
        (Some(mention), Some((_, _, name))) if !place.wide => {
            let word = &mention.word;
            let sentence = format!("Only those who post in {name} mention everybody in @{word}. Name people instead.");
            Err(Problem::field("body", sentence))
        }
        _ => Ok(found),
    }
}

/// At most so many of a kind are suggested.
const SUGGESTED: i64 = 6;

/// What a word that is being typed after an @ may become: people first, then units, then the channel.
///
/// # Errors
/// The database's.
pub async fn suggest(db: &Db, place: Place<'_>, typed: &str) -> Result<Vec<Mention>, sqlx::Error> {
    let start = typed.to_lowercase();
    let pattern = like(&start);
    // `like` finds a part anywhere; here it has to be at the beginning, of the whole or of a later word.
    let begins = pattern.strip_prefix('%').unwrap_or(&pattern).to_owned();
    let later = format!("% {begins}");
    let channel = place.channel.map(|(id, ..)| id);
    let mut found = sql::suggest_people(db, (place.organisation, channel), (&begins, &later), SUGGESTED).await?;
    if let (true, Some((id, _, name))) = (place.wide, place.channel) {
        found.extend(sql::suggest_units(db, place.organisation, &begins, SUGGESTED).await?);
        if EVERYBODY.starts_with(&start) {
            let (word, name) = (EVERYBODY.to_owned(), format!("Everybody in {name}"));
            found.push(Mention { kind: MentionKind::Channel, id: id.0, word, name });
        }
    }
    Ok(found)
}

/// Keeps what a text names from now on. What it named before keeps its time, so that nobody is told twice.
///
/// # Errors
/// The database's.
pub async fn keep(
    tx: &mut Tx,
    (kind, subject): (SubjectKind, Uuid),
    mentions: &[Mention],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let before = sql::of(tx, (kind, subject)).await?;
    for gone in before.iter().filter(|old| !mentions.iter().any(|new| (new.kind, new.id) == **old)) {
        sql::delete(tx, (kind, subject), *gone).await?;
    }
    for new in mentions.iter().filter(|new| !before.contains(&(new.kind, new.id))) {
        sql::insert(tx, (kind, subject), (new.kind, new.id), now).await?;
    }
    Ok(())
}

/// Whom a post or a comment means since an instant: everybody it names, the people of its units, everybody its channel is for,
/// each once, its author left out, and only those who may read it. At most `limit` after a person.
///
/// # Errors
/// The database's.
pub async fn told(
    tx: &mut Tx,
    (kind, subject): (SubjectKind, Uuid),
    since: DateTime<Utc>,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<PersonId>, sqlx::Error> {
    sql::told(tx, (kind, subject), since, after.unwrap_or(PersonId(Uuid::nil())), limit).await
}
