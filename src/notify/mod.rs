//! The inbox: duties first, then what happened. Duties are computed where they are owed (`home::owe`); what happened is told here,
//! in the transaction that causes it ([`tell`]). Not mail: nothing here, or anywhere, writes to a member's address.
//!
//! Invariants: nobody is told of their own act, of what they may not see, or after they left; one key a person has one row; and a
//! row that deep work or a day off holds back is neither counted nor pushed before [`quiet`] says so.

pub mod digest;
pub mod inbox;
pub mod live;
pub mod push;
pub mod quiet;
pub mod routes;
pub mod settings;
pub mod sql;
pub mod tick;

use uuid::Uuid;

use crate::clock::Clock;
use crate::db::{Tx, text_enum};
use crate::id::{CheckInId, GoalId, PersonId, PostId, RecordingId, SlotId};

text_enum! {
    /// What somebody is told of.
    Kind {
        /// A comment under something of theirs.
        Comment = "comment",
        /// An answer to their comment.
        Reply = "reply",
        /// Their handle in a post or a comment.
        Mention = "mention",
        /// Reactions to something of theirs.
        Reaction = "reaction",
        /// A post that wants to be acknowledged.
        Announcement = "announcement",
        /// Their check-in was acknowledged.
        ReviewAcknowledged = "review_acknowledged",
        /// The reviewer wants to talk about it.
        ReviewDiscuss = "review_discuss",
        /// The reviewer asks for a change.
        ReviewChange = "review_change",
        /// A blocker asks them.
        BlockerRaised = "blocker_raised",
        /// A blocker was passed up to them.
        BlockerEscalated = "blocker_escalated",
        /// A blocker of theirs is out of the way.
        BlockerResolved = "blocker_resolved",
        /// A goal became theirs.
        GoalHanded = "goal_handed",
        /// Their check-in was missed.
        CheckInMissed = "check_in_missed",
        /// Their recording could not be made to play.
        RecordingFailed = "recording_failed",
        /// What the day brings.
        Digest = "digest",
    }
}

/// What becomes of a row that is told a second time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Again {
    /// Nothing: it was told once.
    Never,
    /// It counts one more, and is unread again.
    More,
    /// It counts what it is told to count, and is unread again if that is another number.
    Counted,
}

impl Kind {
    const fn again(self) -> Again {
        match self {
            Kind::Comment | Kind::Reply | Kind::GoalHanded | Kind::RecordingFailed => Again::More,
            Kind::Reaction => Again::Counted,
            _ => Again::Never,
        }
    }
}

text_enum! {
    /// What a notification is about.
    AboutKind {
        /// A post.
        Post = "post",
        /// A check-in.
        CheckIn = "check_in",
        /// A recording.
        Recording = "recording",
        /// A goal.
        Goal = "goal",
        /// A dated duty to check in.
        Slot = "slot",
        /// A digest.
        Digest = "digest",
    }
}

/// The thing itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject {
    /// What it is.
    pub kind: AboutKind,
    /// Which one.
    pub id: Uuid,
}

macro_rules! subject_of {
    ($($id:ident => $kind:ident),+) => {$(
        impl From<$id> for Subject {
            fn from(id: $id) -> Subject {
                Subject { kind: AboutKind::$kind, id: id.0 }
            }
        }
    )+};
}
subject_of!(PostId => Post, CheckInId => CheckIn, RecordingId => Recording, GoalId => Goal, SlotId => Slot);

/// Something that somebody is to be told.
#[derive(Clone, Debug)]
pub struct News {
    kind: Kind,
    subject: Subject,
    part: Option<Uuid>,
    by: Option<PersonId>,
    count: i32,
}

impl News {
    /// What happened to a post, check-in, recording, goal or slot.
    #[must_use]
    pub fn of(kind: Kind, subject: impl Into<Subject>) -> News {
        News { kind, subject: subject.into(), part: None, by: None, count: 1 }
    }

    /// The same, done by somebody: they are not told.
    #[must_use]
    pub fn by(mut self, person: PersonId) -> News {
        self.by = Some(person);
        self
    }

    /// The same, about a comment or a blocker in it.
    #[must_use]
    pub fn part(mut self, part: Uuid) -> News {
        self.part = Some(part);
        self
    }

    /// The same, by so many people altogether.
    #[must_use]
    pub fn count(mut self, count: i32) -> News {
        self.count = count.max(1);
        self
    }

    /// One row a person has this key. What is grouped is grouped by its subject; the rest is told of each part.
    fn key(&self) -> String {
        let News { kind, subject, part, .. } = self;
        match (kind.again(), part) {
            (Again::Never, Some(part)) => format!("{kind}:{}:{part}", subject.id),
            (Again::Counted, Some(part)) => format!("{kind}:{part}"),
            _ => format!("{kind}:{}", subject.id),
        }
    }
}

/// Tells people, in the transaction that causes it. Whoever did it, has left, or may not see the subject is left out; what was
/// told before is not told twice (`Kind` says what is grouped).
///
/// # Errors
/// The database's.
pub async fn tell(tx: &mut Tx, clock: &Clock, to: &[PersonId], news: &News) -> Result<(), sqlx::Error> {
    let now = clock.now();
    let mut told: Vec<PersonId> = to.iter().copied().filter(|person| Some(*person) != news.by).collect();
    told.sort_unstable();
    told.dedup();
    for person in told {
        let Some(rhythm) = sql::told::recipient(tx, person, news.subject).await? else { continue };
        let shows_at = rhythm.quiet().opens(now);
        sql::told::put(tx, clock.id(), person, news, &news.key(), (now, shows_at)).await?;
    }
    Ok(())
}

/// Tells everybody whom a post asks for an acknowledgement; its audience was frozen in this transaction.
///
/// # Errors
/// The database's.
pub async fn announce(tx: &mut Tx, clock: &Clock, post: PostId, by: PersonId) -> Result<(), sqlx::Error> {
    let (now, news) = (clock.now(), News::of(Kind::Announcement, post).by(by));
    let asked = sql::told::asked(tx, post).await?;
    for some in asked.chunks(100) {
        let rows: Vec<_> = some.iter().map(|row| (clock.id(), row.person, row.rhythm.quiet().opens(now))).collect();
        sql::told::put_many(tx, &rows, &news, &news.key(), now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_grouped_has_one_key_a_subject_and_the_rest_one_a_part() {
        let (post, one, two) = (PostId(Uuid::from_u128(1)), Uuid::from_u128(2), Uuid::from_u128(3));
        let key = |kind, part| News::of(kind, post).part(part).key();
        assert_eq!(key(Kind::Comment, one), key(Kind::Comment, two));
        assert_ne!(key(Kind::Mention, one), key(Kind::Mention, two));
        assert_ne!(key(Kind::Reaction, one), News::of(Kind::Reaction, post).key(), "a comment's are its own");
        assert_ne!(key(Kind::Comment, one), key(Kind::Reply, one));
    }
}
