//! The inbox as it is shown: a sentence, what it is about, and the way there.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{Person, PersonRef, people_by_ids};
use crate::app::App;
use crate::id::PersonId;

use super::digest::DigestLine;
use super::sql::inbox::{CountRow, Row};
use super::{AboutKind, Kind, sql};

/// Something a person was told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Notice {
    /// Its id.
    pub id: Uuid,
    /// What happened.
    pub kind: Kind,
    /// What it is about.
    pub subject_kind: AboutKind,
    /// Which one.
    pub subject: Uuid,
    /// A sentence: "Omar Haddad and 2 others commented on your post".
    pub text: String,
    /// The subject's title.
    pub title: String,
    /// Where it is, in the web app.
    pub url: String,
    /// Who did it last; null when the server did.
    pub person: Option<PersonRef>,
    /// How often it happened since it was last read, or how many people did it.
    pub count: i32,
    /// When it last happened.
    pub at: DateTime<Utc>,
    /// Whether it has been read.
    pub read: bool,
    /// Until when deep work or a day off holds it back; null when nothing does.
    pub held_until: Option<DateTime<Utc>>,
    /// What a digest says; empty for everything else.
    pub digest: Vec<DigestLine>,
}

/// How many things wait for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    /// Told and not read, without what is held back; 100 means a hundred or more.
    pub unread: i64,
    /// Held back until deep work or a day off ends, likewise.
    pub held: i64,
    /// When the first of those shows.
    pub held_until: Option<DateTime<Utc>>,
    /// What the person owes: check-ins, reviews, acknowledgements, answers to blockers.
    pub duties: i64,
}

impl From<CountRow> for Counts {
    fn from(row: CountRow) -> Self {
        let CountRow { unread, held, held_until, duties } = row;
        Self { unread, held, held_until, duties }
    }
}

/// How many things wait for a person now.
///
/// # Errors
/// The database's.
pub async fn counts(app: &App, person: PersonId) -> Result<Counts, sqlx::Error> {
    sql::inbox::counts(&app.db, person, app.clock.now()).await.map(Counts::from)
}

/// Rows as they are shown, in three statements however many there are.
///
/// # Errors
/// The database's.
pub async fn notices(app: &App, viewer: &Person, rows: Vec<Row>) -> Result<Vec<Notice>, sqlx::Error> {
    let people = people_by_ids(&app.db, &rows.iter().filter_map(|row| row.actor).collect::<Vec<_>>()).await?;
    let digests: Vec<Uuid> = rows.iter().filter(|row| row.kind == Kind::Digest).map(|row| row.subject).collect();
    let mut digests = sql::digest::by_ids(&app.db, viewer.id, &digests).await?;
    let now = app.clock.now();
    let show = |row: Row| {
        let person = row.actor.and_then(|id| people.get(&id)).cloned();
        Notice {
            text: sentence(
                row.kind,
                row.subject_kind,
                person.as_ref().map_or("Someone", |person| &person.name),
                row.count,
            ),
            url: url(&row),
            digest: digests.remove(&row.subject).unwrap_or_default(),
            id: row.id,
            kind: row.kind,
            subject_kind: row.subject_kind,
            subject: row.subject,
            title: row.title,
            person,
            count: row.count,
            at: row.at,
            read: row.read_at.is_some(),
            held_until: Some(row.shows_at).filter(|shows| *shows > now && row.read_at.is_none()),
        }
    };
    Ok(rows.into_iter().map(show).collect())
}

/// What happened, without the subject's title.
#[must_use]
pub fn sentence(kind: Kind, subject: AboutKind, who: &str, count: i32) -> String {
    let thing = match subject {
        AboutKind::Post => "post",
        AboutKind::Recording => "recording",
        AboutKind::Goal => "goal",
        AboutKind::CheckIn | AboutKind::Slot | AboutKind::Digest => "check-in",
    };
    let times = |times: &str| if count > 1 { format!(", {count} {times}") } else { String::new() };
    let people = match count - 1 {
        ..=0 => who.to_owned(),
        1 => format!("{who} and one other"),
        more => format!("{who} and {more} others"),
    };
    match kind {
        Kind::Comment => format!("{who} commented on your {thing}{}", times("comments")),
        Kind::Reply => format!("{who} answered you under a {thing}{}", times("answers")),
        Kind::Mention => format!("{who} mentioned you in a {thing}"),
        Kind::Reaction => format!("{people} reacted to what you said in a {thing}"),
        Kind::Announcement => format!("{who} asks you to acknowledge a post"),
        Kind::ReviewAcknowledged => format!("{who} acknowledged your check-in"),
        Kind::ReviewDiscuss => format!("{who} wants to discuss your check-in"),
        Kind::ReviewChange => format!("{who} asks for a change after your check-in"),
        Kind::BlockerRaised => format!("{who} is blocked and asks you"),
        Kind::BlockerEscalated => "A blocker was passed up to you".to_owned(),
        Kind::BlockerResolved => format!("{who} resolved your blocker"),
        Kind::GoalHanded => format!("{who} gave you a goal"),
        Kind::CheckInMissed => "A check-in of yours was missed".to_owned(),
        Kind::RecordingFailed => "A recording of yours could not be made ready".to_owned(),
        Kind::Digest => "Your day".to_owned(),
    }
}

fn url(row: &Row) -> String {
    let anchor = row.part.filter(|_| matches!(row.kind, Kind::Comment | Kind::Reply | Kind::Mention | Kind::Reaction));
    let anchor = anchor.map(|part| format!("#c-{part}")).unwrap_or_default();
    match row.subject_kind {
        AboutKind::Post => format!("/posts/{}{anchor}", row.subject),
        AboutKind::CheckIn => format!("/check-ins/{}{anchor}", row.subject),
        AboutKind::Goal => format!("/goals/{}{anchor}", row.subject),
        AboutKind::Recording => format!("/w/{}{anchor}", row.slug.as_deref().unwrap_or_default()),
        AboutKind::Slot => "/check-ins".to_owned(),
        AboutKind::Digest => "/inbox".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_one_sentence() {
        let say = |kind, count| sentence(kind, AboutKind::Post, "Omar Haddad", count);
        assert_eq!(say(Kind::Comment, 1), "Omar Haddad commented on your post");
        assert_eq!(say(Kind::Comment, 3), "Omar Haddad commented on your post, 3 comments");
        assert_eq!(say(Kind::Reaction, 1), "Omar Haddad reacted to what you said in a post");
        assert_eq!(say(Kind::Reaction, 2), "Omar Haddad and one other reacted to what you said in a post");
        assert_eq!(say(Kind::Reaction, 4), "Omar Haddad and 3 others reacted to what you said in a post");
    }
}
