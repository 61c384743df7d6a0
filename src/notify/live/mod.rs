//! Pages that change by themselves: one stream a browser, with how much waits for its person, and hints `{kind, id}` at what has
//! changed that they may read. Not the change itself: a page asks again, by the ways that check what it may see.
//!
//! Where hints come from: every change of state writes the audit trail in its transaction, and one task a node reads the trail
//! along ([`tail`]). Invariant: a hint goes only to people who may see the thing; and whoever cannot keep up is let go, comes
//! back, and looks at everything.

pub mod hint;
pub mod sql;
pub mod stream;
pub mod tail;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{Person, Role};
use crate::error::Problem;
use crate::events::crowded;
use crate::id::{OrganisationId, PersonId};

/// Streams of one person in this process.
pub const MOST_OF_ONE: usize = 20;
/// Pieces that may wait for one stream.
const WAITING: usize = 32;
/// Whoever comes is told of what happened so shortly before: between the answer their page was drawn from and their stream.
const RECENT: Duration = Duration::from_secs(10);
/// Changes remembered for that.
const MOST_RECENT: usize = 256;

/// Something that has changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, ToSchema)]
pub struct Hint {
    /// `post`, `comments`, `reactions`, `check_in`, `slot`, `blocker`, `goal`, `recording`, `channel`, `person`, `unit`,
    /// `organisation`, `absence`; `all` when too much happened to say what.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// Which one; of `comments` and `reactions`, what they hang under.
    pub id: Uuid,
}

/// Who may see a thing.
#[derive(Clone, Debug)]
pub struct Audience {
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Every member and administrator.
    pub members: bool,
    /// And these.
    pub people: HashSet<PersonId>,
}

/// What one entry of the trail means for pages.
#[derive(Clone, Debug)]
pub struct Change {
    /// What has changed.
    pub hints: Vec<Hint>,
    /// Who may see it.
    pub audience: Audience,
    /// Whether everybody who sees it may owe something else now.
    pub recount: bool,
    /// Who may owe something else now.
    pub touched: Vec<PersonId>,
    /// Whose right to listen may have ended.
    pub recheck: Option<PersonId>,
}

/// What one stream is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// What has changed.
    pub hints: Vec<Hint>,
    /// What waits may be more or less.
    pub recount: bool,
    /// The person may have lost the right to listen.
    pub recheck: bool,
}

#[derive(Debug)]
struct Listener {
    person: PersonId,
    organisation: OrganisationId,
    member: bool,
    tell: mpsc::Sender<Piece>,
}

/// Everybody who listens in this process.
#[derive(Debug, Default)]
pub struct Live {
    listeners: Mutex<HashMap<u64, Listener>>,
    recent: Mutex<VecDeque<(Instant, Arc<Change>)>>,
    next: AtomicU64,
    /// Somebody has come.
    arrived: Notify,
}

impl Live {
    /// A place for a person's stream: what it will be told. It goes when the receiving end is dropped.
    ///
    /// # Errors
    /// `unavailable` when the person has too many.
    pub fn join(&self, person: &Person) -> Result<mpsc::Receiver<Piece>, Problem> {
        let mut listeners = self.listeners();
        listeners.retain(|_, listener| !listener.tell.is_closed());
        if listeners.values().filter(|listener| listener.person == person.id).count() >= MOST_OF_ONE {
            return Err(crowded());
        }
        let (tell, told) = mpsc::channel(WAITING);
        let member = person.role != Role::Guest;
        let listener = Listener { person: person.id, organisation: person.organisation, member, tell };
        let now = Instant::now();
        let recent: Vec<Arc<Change>> = {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.iter().filter(|(at, _)| now - *at < RECENT).map(|(_, change)| change.clone()).collect()
        };
        if listener.tell(&piece(&listener, &recent, &HashSet::new())) {
            listeners.insert(self.next.fetch_add(1, Ordering::Relaxed), listener);
        }
        drop(listeners);
        self.arrived.notify_waiters();
        Ok(told)
    }

    /// Whether nobody listens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let mut listeners = self.listeners();
        listeners.retain(|_, listener| !listener.tell.is_closed());
        listeners.is_empty()
    }

    /// Tells everybody of what they may see; `told` are people whose notifications changed.
    fn tell(&self, changes: Vec<Change>, told: &HashSet<PersonId>) {
        let changes: Vec<Arc<Change>> = changes.into_iter().map(Arc::new).collect();
        let now = Instant::now();
        {
            // Remembered before it is told: whoever joins in between hears of it twice rather than never.
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.extend(changes.iter().map(|change| (now, change.clone())));
            while recent.len() > MOST_RECENT || recent.front().is_some_and(|(at, _)| now - *at >= RECENT) {
                recent.pop_front();
            }
        }
        self.listeners().retain(|_, listener| listener.tell(&piece(listener, &changes, told)));
    }

    /// Tells everybody to look at everything: too much has happened.
    fn tell_all(&self) {
        let all = Piece { hints: vec![Hint { kind: "all", id: Uuid::nil() }], recount: true, recheck: true };
        self.listeners().retain(|_, listener| listener.tell(&all));
    }

    fn listeners(&self) -> MutexGuard<'_, HashMap<u64, Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    fn sees(&self, audience: &Audience) -> bool {
        self.organisation == audience.organisation
            && ((audience.members && self.member) || audience.people.contains(&self.person))
    }

    /// Passes it on; false when the stream has gone or is too slow.
    fn tell(&self, piece: &Piece) -> bool {
        *piece == Piece::default() || self.tell.try_send(piece.clone()).is_ok()
    }
}

/// What some changes are for one listener.
fn piece(listener: &Listener, changes: &[Arc<Change>], told: &HashSet<PersonId>) -> Piece {
    let mut piece = Piece { recount: told.contains(&listener.person), ..Piece::default() };
    let mut said = HashSet::new();
    for change in changes {
        piece.recheck |= change.recheck == Some(listener.person);
        piece.recount |= change.touched.contains(&listener.person);
        if listener.sees(&change.audience) {
            piece.recount |= change.recount;
            piece.hints.extend(change.hints.iter().filter(|hint| said.insert(**hint)));
        }
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(member: bool) -> (Listener, mpsc::Receiver<Piece>) {
        let (tell, told) = mpsc::channel(WAITING);
        let (person, organisation) = (PersonId(Uuid::from_u128(1)), OrganisationId(Uuid::from_u128(9)));
        (Listener { person, organisation, member, tell }, told)
    }

    fn change(members: bool, people: &[u128], organisation: u128) -> Arc<Change> {
        let people = people.iter().map(|id| PersonId(Uuid::from_u128(*id))).collect();
        let audience = Audience { organisation: OrganisationId(Uuid::from_u128(organisation)), members, people };
        let hints = vec![Hint { kind: "post", id: Uuid::from_u128(7) }];
        Arc::new(Change { hints, audience, recount: false, touched: Vec::new(), recheck: None })
    }

    #[test]
    fn a_hint_goes_to_those_who_may_see_the_thing_and_once() {
        let hints = |member, changes: &[Arc<Change>]| piece(&listener(member).0, changes, &HashSet::new()).hints.len();
        assert_eq!(hints(true, &[change(true, &[], 9), change(true, &[], 9)]), 1);
        assert_eq!(hints(false, &[change(true, &[2], 9)]), 0, "a guest is not a member");
        assert_eq!(hints(false, &[change(true, &[1], 9)]), 1);
        assert_eq!(hints(true, &[change(false, &[2], 9)]), 0, "selected people only");
        assert_eq!(hints(true, &[change(true, &[1], 8)]), 0, "another organisation");
    }

    #[test]
    fn whoever_cannot_keep_up_is_let_go() {
        let (slow, mut told) = listener(true);
        let piece = Piece { recount: true, ..Piece::default() };
        assert!((0..WAITING).all(|_| slow.tell(&piece)));
        assert!(!slow.tell(&piece));
        assert!(told.try_recv().is_ok());
        drop(told);
        assert!(!slow.tell(&piece) && slow.tell(&Piece::default()), "nothing is told of nothing");
    }
}
