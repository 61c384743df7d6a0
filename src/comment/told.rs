//! Who is told of a comment or a reaction: whoever the subject belongs to, whoever is answered, and whoever is named.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::clock::Clock;
use crate::db::Tx;
use crate::id::{CheckInId, GoalId, PersonId, PostId, RecordingId};
use crate::notify::{self, Kind, News, tell};

use super::subject::Subject;
use super::{CommentRow, SubjectKind, mention, reaction};

/// So many people are told at a time.
const AT_ONCE: i64 = 100;

/// The subject as the inbox names it; a comment has none of its own.
fn about(under: SubjectKind, id: Uuid) -> Option<notify::Subject> {
    Some(match under {
        SubjectKind::Post => PostId(id).into(),
        SubjectKind::CheckIn => CheckInId(id).into(),
        SubjectKind::Recording => RecordingId(id).into(),
        SubjectKind::Goal => GoalId(id).into(),
        SubjectKind::Comment => return None,
    })
}

/// Tells of a comment: whoever is answered that they are, and whoever the subject belongs to, unless that is the same person.
pub(super) async fn commented(
    tx: &mut Tx,
    clock: &Clock,
    under: Subject,
    row: &CommentRow,
    answered: Option<PersonId>,
) -> Result<(), sqlx::Error> {
    let Some(subject) = about(under.kind, under.id) else { return Ok(()) };
    let news = |kind| News::of(kind, subject).by(row.author).part(row.id.0);
    if let Some(answered) = answered {
        tell(tx, clock, &[answered], &news(Kind::Reply)).await?;
    }
    if answered != Some(under.owner) {
        tell(tx, clock, &[under.owner], &news(Kind::Comment)).await?;
    }
    let told: Vec<PersonId> = answered.into_iter().chain([under.owner]).collect();
    mentioned_in(tx, clock, row, row.created_at, &told).await
}

/// Tells whoever a comment names since an instant, but for those who were told of it as their own.
pub(super) async fn mentioned_in(
    tx: &mut Tx,
    clock: &Clock,
    row: &CommentRow,
    since: DateTime<Utc>,
    but: &[PersonId],
) -> Result<(), sqlx::Error> {
    let Some(subject) = about(row.subject_kind, row.subject) else { return Ok(()) };
    let news = News::of(Kind::Mention, subject).by(row.author).part(row.id.0);
    mentioned(tx, clock, (SubjectKind::Comment, row.id.0), since, but, &news).await
}

/// Tells whoever a post or a comment names since an instant.
///
/// # Errors
/// The database's.
pub async fn mentioned(
    tx: &mut Tx,
    clock: &Clock,
    by: (SubjectKind, Uuid),
    since: DateTime<Utc>,
    but: &[PersonId],
    news: &News,
) -> Result<(), sqlx::Error> {
    let mut last = None;
    loop {
        let mut named = mention::told(tx, by, since, last, AT_ONCE).await?;
        last = named.last().copied();
        let more = i64::try_from(named.len()).is_ok_and(|count| count == AT_ONCE);
        named.retain(|person| !but.contains(person));
        tell(tx, clock, &named, news).await?;
        if !more {
            return Ok(());
        }
    }
}

/// Tells of a reaction whoever it is for, with how many people have given one.
pub(super) async fn reacted(
    tx: &mut Tx,
    clock: &Clock,
    on: Subject,
    comment: Option<&CommentRow>,
    by: PersonId,
) -> Result<(), sqlx::Error> {
    let (subject, whose) = match comment {
        Some(comment) => (about(comment.subject_kind, comment.subject), comment.author),
        None => (about(on.kind, on.id), on.owner),
    };
    let Some(subject) = subject else { return Ok(()) };
    let people = reaction::sql::people(tx, (on.kind, on.id), whose).await?;
    let news = News::of(Kind::Reaction, subject).by(by).count(i32::try_from(people).unwrap_or(i32::MAX));
    let news = comment.map_or(news.clone(), |comment| news.part(comment.id.0));
    tell(tx, clock, &[whose], &news).await
}
