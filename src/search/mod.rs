//! Search over titles, posts, comments, goals, check-ins, recordings, what is said in them, and people: one interface over both
//! databases.
//!
//! A feature calls [`refresh`] in the transaction that changes something; what can be found of it is read from its own rows there.
//! Not a second copy of permissions: a search asks the rows themselves who may see them, so what was retracted, deleted, closed
//! to somebody or never published is not found, whatever the index holds.
//!
//! A new kind is a word in [`Kind`] and in the table's check, a statement in `sql/source.rs` that reads its text, and
//! one in `sql/find.rs` that says who sees it.

pub mod asked;
pub mod fill;
pub mod find;
pub mod fold;
pub mod merge;
pub mod plain;
pub mod routes;
pub mod said;
pub mod snippet;
pub mod sql;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{Tx, text_enum, words};
use crate::id::{OrganisationId, PersonId};

text_enum! {
    /// What can be found.
    FoundKind {
        /// Somebody who is here.
        Person = "person",
        /// A goal that is more than a draft.
        Goal = "goal",
        /// A published check-in.
        CheckIn = "check_in",
        /// A published post.
        Post = "post",
        /// A comment under any of them.
        Comment = "comment",
        /// A published recording.
        Recording = "recording",
        /// What is said in one, as its captions tell in one language.
        Caption = "caption",
    }
}

/// What can be found, by its name in here.
pub type Kind = FoundKind;

impl FoundKind {
    /// The kind as a letter of the index.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Kind::Person => 'p',
            Kind::Goal => 'g',
            Kind::CheckIn => 'k',
            Kind::Post => 'n',
            Kind::Comment => 'c',
            Kind::Recording => 'r',
            Kind::Caption => 's',
        }
    }

    /// Whether it has words of its own in a title.
    #[must_use]
    pub const fn has_title(self) -> bool {
        !matches!(self, Kind::Comment | Kind::Caption)
    }
}

/// Words of one text that are kept at most.
const MOST_WORDS: usize = 20_000;

/// What can be found of a thing, as its rows say.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Text {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Who made it, or answers for it.
    pub author: PersonId,
    /// Its title, perhaps none.
    pub title: String,
    /// More words of it: Markdown, or a line a cue.
    pub body: String,
    /// Newer goes first.
    pub at: DateTime<Utc>,
}

/// Brings what can be found of a thing in line with its rows, in the transaction that changed them. Nothing can be found of what
/// is not there (any more), or not to be read yet.
///
/// # Errors
/// The database's.
pub async fn refresh(tx: &mut Tx, kind: Kind, subject: Uuid) -> Result<(), sqlx::Error> {
    put(tx, kind, subject, true).await?;
    if matches!(kind, Kind::Post | Kind::Comment) {
        // A guest reaches a recording through what it hangs in.
        for (kind, subject) in sql::source::carried(tx, kind, subject).await? {
            put(tx, kind, subject, true).await?;
        }
    }
    Ok(())
}

/// The same; a row made by these rules already is left alone unless `again`.
async fn put(tx: &mut Tx, kind: Kind, subject: Uuid, again: bool) -> Result<(), sqlx::Error> {
    let Some(mut text) = sql::source::read(tx, kind, subject).await? else {
        return match sql::index::remove(tx, kind, subject).await? {
            Some(id) => words::remove(tx, id).await,
            None => Ok(()),
        };
    };
    if kind != Kind::Caption {
        text.body = plain::of(&text.body);
    }
    let Some(id) = sql::index::put(tx, (kind, subject), &text, again).await? else { return Ok(()) };
    let folded = |text: &str| fold::words(text).map(|word| word.text).take(MOST_WORDS).collect::<Vec<_>>();
    let (title, body) = (folded(&text.title), folded(&text.body));
    let places = sql::source::places(tx, kind, subject).await?;
    words::put(tx, id, &words::Words { kind: kind.letter(), title: &title, body: &body, places: &places }).await
}
