//! Slots and check-ins as they are shown, a whole page at once.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::{Person, PersonRef, people_by_ids};
use crate::app::App;
use crate::comment::SubjectKind;
use crate::comment::reaction::{self, Reaction};
use crate::goal::Status;
use crate::goal::view::GoalPeriod;
use crate::id::{CheckInId, GoalId, PersonId, RecordingId, SlotId};
use crate::recording::{RecordingBrief, briefs};

use super::blocker::{BlockedGoal, Blocker, BlockerRow};
use super::slots::{self, SlotRow, SlotState};
use super::{CheckInRow, CheckInState, Decision, Drift, FrozenMetric, ReviewEnd, SaidRow, sql, submit};

/// A dated duty to check in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Slot {
    /// Its id.
    pub id: SlotId,
    /// Whose duty.
    pub person: PersonRef,
    /// Who reviews.
    pub reviewer: Option<PersonRef>,
    /// The day, where the person is.
    pub local_date: NaiveDate,
    /// IANA name of the zone it was made in.
    pub time_zone: String,
    /// From when it can be answered.
    pub opens_at: DateTime<Utc>,
    /// Until when it is on time.
    pub due_at: DateTime<Utc>,
    /// Until when it is late rather than missed.
    pub grace_until: DateTime<Utc>,
    /// Where it stands.
    pub state: SlotState,
    /// The check-in in it; a draft only to its author.
    pub check_in: Option<CheckInId>,
}

/// A check-in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckIn {
    /// Its id.
    pub id: CheckInId,
    /// Who says it.
    pub author: PersonRef,
    /// Who reviews it.
    pub reviewer: Option<PersonRef>,
    /// The duty it answers; null for an extra one.
    pub slot: Option<Slot>,
    /// Draft or published.
    pub state: CheckInState,
    /// The one sentence.
    pub headline: String,
    /// What went well, Markdown.
    pub wins: String,
    /// What comes next, Markdown.
    pub next_actions: String,
    /// Its video.
    pub recording: Option<RecordingBrief>,
    /// What it says of goals.
    pub goals: Vec<Said>,
    /// Blockers raised in it, and on a single check-in those it carries.
    pub blockers: Vec<Blocker>,
    /// The reviewer's side; null while it is a draft or has no reviewer.
    pub review: Option<Review>,
    /// Reactions to it.
    pub reactions: Vec<Reaction>,
    /// The day, where its author is.
    pub local_date: NaiveDate,
    /// When it was said.
    pub published_at: Option<DateTime<Utc>>,
    /// For optimistic locking.
    pub revision: i64,
}

/// What a check-in says of one goal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Said {
    /// The goal.
    pub goal: SaidGoal,
    /// On track, caution, off track or done.
    pub status: Option<Status>,
    /// Said explicitly: nothing to say.
    pub no_change: bool,
    /// How sure, 1 to 10.
    pub confidence: Option<i16>,
    /// A line about it.
    pub note: String,
    /// Values before and after.
    pub metrics: Vec<FrozenMetric>,
    /// Lead metrics that moved away from their target for two slots while the status says on track.
    pub against: Vec<Drift>,
    /// Why it is on track all the same.
    pub reason: String,
}

/// The goal that is spoken of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SaidGoal {
    /// Its id.
    pub id: GoalId,
    /// Its title.
    pub title: String,
    /// Its period.
    pub period: GoalPeriod,
}

/// The reviewer's side.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Review {
    /// Who reviews.
    pub reviewer: PersonRef,
    /// Until when.
    pub due_at: DateTime<Utc>,
    /// What was decided; null until then.
    pub decision: Option<Decision>,
    /// What was written.
    pub note: String,
    /// What was recorded.
    pub recording: Option<RecordingBrief>,
    /// When.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// Whether it was there by the due time; null before that time while there is no answer.
    pub ended: Option<ReviewEnd>,
}

/// Slots as they are shown. A slot whose time has come is open even if the clock's pass has not come by yet.
///
/// # Errors
/// The database's.
pub async fn slots(app: &App, viewer: PersonId, rows: Vec<SlotRow>) -> Result<Vec<Slot>, sqlx::Error> {
    let named: Vec<_> = rows.iter().flat_map(|row| [Some(row.person), row.reviewer]).flatten().collect();
    let people = people_by_ids(&app.db, &named).await?;
    let now = app.clock.now();
    Ok(rows.into_iter().filter_map(|row| slot(&people, viewer, row, now)).collect())
}

fn slot(people: &HashMap<PersonId, PersonRef>, viewer: PersonId, row: SlotRow, now: DateTime<Utc>) -> Option<Slot> {
    let opened = row.state == SlotState::Ahead && row.opens_at <= now;
    Some(Slot {
        person: people.get(&row.person)?.clone(),
        reviewer: row.reviewer.and_then(|id| people.get(&id)).cloned(),
        check_in: row.check_in.filter(|_| row.published || row.person == viewer),
        state: if opened { SlotState::Open } else { row.state },
        id: row.id,
        local_date: row.local_date,
        time_zone: row.time_zone,
        opens_at: row.opens_at,
        due_at: row.due_at,
        grace_until: row.grace_until,
    })
}

/// What is read beside a page of check-ins.
struct Around {
    people: HashMap<PersonId, PersonRef>,
    recordings: HashMap<RecordingId, RecordingBrief>,
    slots: HashMap<SlotId, Slot>,
    said: HashMap<CheckInId, Vec<SaidRow>>,
    blockers: HashMap<CheckInId, Vec<BlockerRow>>,
    reactions: HashMap<uuid::Uuid, Vec<Reaction>>,
}

/// Check-ins as they are shown, in the same order, with the blockers raised in each.
///
/// # Errors
/// The database's.
pub async fn check_ins(app: &App, viewer: &Person, rows: Vec<CheckInRow>) -> Result<Vec<CheckIn>, sqlx::Error> {
    let ids: Vec<CheckInId> = rows.iter().map(|row| row.id).collect();
    let mut raised: HashMap<CheckInId, Vec<BlockerRow>> = HashMap::new();
    for row in sql::blocker::raised_in(&app.db, &ids).await? {
        raised.entry(row.check_in).or_default().push(row);
    }
    show(app, viewer, rows, raised).await
}

/// One check-in, with the blockers it carries too.
///
/// # Errors
/// The database's.
pub async fn check_in(app: &App, viewer: &Person, row: CheckInRow) -> Result<Option<CheckIn>, sqlx::Error> {
    let at = row.published_at.unwrap_or_else(|| app.clock.now());
    let mut blockers = sql::blocker::carried(&app.db, row.author, row.id, at).await?;
    blockers.extend(sql::blocker::raised_in(&app.db, &[row.id]).await?);
    let blockers = HashMap::from([(row.id, blockers)]);
    Ok(show(app, viewer, vec![row], blockers).await?.pop())
}

async fn show(
    app: &App,
    viewer: &Person,
    rows: Vec<CheckInRow>,
    blockers: HashMap<CheckInId, Vec<BlockerRow>>,
) -> Result<Vec<CheckIn>, sqlx::Error> {
    let ids: Vec<CheckInId> = rows.iter().map(|row| row.id).collect();
    let named = rows.iter().flat_map(|row| [Some(row.author), row.reviewer]);
    let asked = blockers.values().flatten().flat_map(|blocker| [blocker.asks, blocker.escalated_to]);
    let videos = rows.iter().flat_map(|row| [row.recording, row.review_recording]).flatten();
    let (named, videos) = (named.chain(asked).flatten().collect::<Vec<_>>(), videos.collect::<Vec<_>>());
    let (subjects, of) =
        (ids.iter().map(|id| id.0).collect::<Vec<_>>(), rows.iter().filter_map(|row| row.slot).collect::<Vec<_>>());
    let slots = async { slots(app, viewer.id, slots::sql::by_ids(&app.db, &of).await?).await };
    let (people, recordings, slots, reactions, rows_said) = tokio::try_join!(
        people_by_ids(&app.db, &named),
        briefs(app, &videos),
        slots,
        reaction::counts(&app.db, viewer.id, SubjectKind::CheckIn, &subjects),
        sql::said::of(&app.db, &ids)
    )?;
    let mut said: HashMap<CheckInId, Vec<SaidRow>> = HashMap::new();
    for row in rows_said {
        said.entry(row.check_in).or_default().push(row);
    }
    // A draft is told while it is written what it will have to give a reason for.
    for draft in rows.iter().filter(|row| row.state == CheckInState::Draft) {
        if let Some(rows) = said.get_mut(&draft.id) {
            submit::foresee(app, draft, rows).await?;
        }
    }
    let slots = slots.into_iter().map(|slot| (slot.id, slot)).collect();
    let mut around = Around { people, recordings, slots, reactions, said, blockers };
    Ok(rows.into_iter().filter_map(|row| around.check_in(row)).collect())
}

impl Around {
    fn check_in(&mut self, row: CheckInRow) -> Option<CheckIn> {
        let blockers = self.blockers.remove(&row.id).unwrap_or_default();
        Some(CheckIn {
            author: self.people.get(&row.author)?.clone(),
            reviewer: row.reviewer.and_then(|id| self.people.get(&id)).cloned(),
            slot: row.slot.and_then(|id| self.slots.remove(&id)),
            recording: row.recording.and_then(|id| self.recordings.get(&id)).cloned(),
            goals: self.said.remove(&row.id).unwrap_or_default().into_iter().map(said).collect(),
            blockers: blockers.into_iter().map(|blocker| show_blocker(&self.people, blocker, row.id)).collect(),
            review: self.review(&row),
            reactions: self.reactions.remove(&row.id.0).unwrap_or_default(),
            id: row.id,
            state: row.state,
            headline: row.headline,
            wins: row.wins,
            next_actions: row.next_actions,
            local_date: row.local_date,
            published_at: row.published_at,
            revision: row.revision,
        })
    }

    fn review(&self, row: &CheckInRow) -> Option<Review> {
        Some(Review {
            due_at: row.review_due?,
            reviewer: self.people.get(&row.reviewer?)?.clone(),
            decision: row.review_decision,
            note: row.review_note.clone().unwrap_or_default(),
            recording: row.review_recording.and_then(|id| self.recordings.get(&id)).cloned(),
            reviewed_at: row.reviewed_at,
            ended: row.review_ended,
        })
    }
}

fn said(row: SaidRow) -> Said {
    let period = row.period();
    let label = period.label(row.fiscal_year_start.unsigned_abs().into());
    let period = GoalPeriod { kind: period.kind, start: period.start, end: period.end, label };
    Said {
        goal: SaidGoal { id: row.goal, title: row.title, period },
        status: row.status,
        no_change: row.no_change,
        confidence: row.confidence,
        note: row.note,
        metrics: row.metrics.0,
        against: row.against.0,
        reason: row.reason,
    }
}

/// A blocker as it is shown in a check-in.
#[must_use]
pub fn show_blocker(people: &HashMap<PersonId, PersonRef>, row: BlockerRow, shown_in: CheckInId) -> Blocker {
    Blocker {
        carried: row.check_in != shown_in,
        goal: row.goal.zip(row.goal_title).map(|(id, title)| BlockedGoal { id, title }),
        asks: row.asks.and_then(|id| people.get(&id)).cloned(),
        escalated_to: row.escalated_to.and_then(|id| people.get(&id)).cloned(),
        escalated_at: row.escalated_at,
        id: row.id,
        raised_in: row.check_in,
        at_ms: row.at_ms,
        text: row.text,
        state: row.state,
        answer: row.answer,
        slots_carried: row.slots_carried,
        created_at: row.created_at,
        resolved_at: row.resolved_at,
        revision: row.revision,
    }
}
