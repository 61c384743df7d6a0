//! Check-ins: the dated duty (a slot), what a person says about their goals, and the reviewer's answer.
//!
//! Invariant: what happened is never rewritten. A slot ends once, as submitted, late, missed or excused; a published check-in
//! keeps its words and numbers; an extra check-in stands beside a missed slot, not in it.

pub mod blocker;
pub mod draft;
pub mod drift;
pub mod review;
pub mod round;
pub mod routes;
pub mod slots;
pub mod sql;
pub mod submit;
pub mod tick;
pub mod view;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::account::Person;
use crate::db::text_enum;
use crate::error::{Code, Problem};
use crate::goal::{Period, PeriodKind, Status};
use crate::id::{CheckInId, GoalId, MetricId, OrganisationId, PersonId, RecordingId, SlotId};

pub use drift::Drift;
pub use tick::tick;

text_enum! {
    /// Where a check-in is in its life.
    CheckInState {
        /// Being written; only its author sees it.
        Draft = "draft",
        /// Said. It stays as it is.
        Published = "published",
    }
}

text_enum! {
    /// What a reviewer answers.
    Decision {
        /// Read and understood.
        Acknowledged = "acknowledged",
        /// Let us talk about it, in the comments.
        Discuss = "discuss",
        /// Something is to be done differently.
        ChangeAsked = "change_asked",
    }
}

text_enum! {
    /// What became of a review by its due time. Written once.
    ReviewEnd {
        /// It was there in time.
        OnTime = "on_time",
        /// It was not: the reviewer's miss.
        Missed = "missed",
        /// The reviewer was away on the day it was due.
        Excused = "excused",
    }
}

/// A metric as a check-in keeps it: the value before and the value it reported, frozen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FrozenMetric {
    /// Which metric.
    pub metric: MetricId,
    /// What it was called.
    pub name: String,
    /// Of what.
    #[serde(default)]
    #[schema(required = true)]
    pub unit: String,
    /// The value before; null when there was none.
    pub previous: Option<f64>,
    /// The value reported; null when none was.
    pub value: Option<f64>,
}

/// A check-in with its review.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CheckInRow {
    /// Its id.
    pub id: CheckInId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Who says it.
    pub author: PersonId,
    /// The duty it answers; none for an extra one.
    pub slot: Option<SlotId>,
    /// Who reviews it.
    pub reviewer: Option<PersonId>,
    /// Draft or published.
    pub state: CheckInState,
    /// The one sentence.
    pub headline: String,
    /// What went well, Markdown.
    pub wins: String,
    /// What comes next, Markdown.
    pub next_actions: String,
    /// Its video.
    pub recording: Option<RecordingId>,
    /// The day, where its author is.
    pub local_date: NaiveDate,
    /// For optimistic locking.
    pub revision: i64,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was said.
    pub published_at: Option<DateTime<Utc>>,
    /// Until when it is to be reviewed.
    pub review_due: Option<DateTime<Utc>>,
    /// What the reviewer decided.
    pub review_decision: Option<Decision>,
    /// What the reviewer wrote.
    pub review_note: Option<String>,
    /// What the reviewer recorded.
    pub review_recording: Option<RecordingId>,
    /// When it was reviewed.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// What became of the review by its due time; none before.
    pub review_ended: Option<ReviewEnd>,
}

impl CheckInRow {
    /// An empty extra draft of a person.
    #[must_use]
    pub fn empty(by: &Person, now: DateTime<Utc>) -> CheckInRow {
        CheckInRow {
            id: CheckInId(uuid::Uuid::nil()),
            organisation: by.organisation,
            author: by.id,
            slot: None,
            reviewer: None,
            state: CheckInState::Draft,
            headline: String::new(),
            wins: String::new(),
            next_actions: String::new(),
            recording: None,
            local_date: now.date_naive(),
            revision: 1,
            created_at: now,
            published_at: None,
            review_due: None,
            review_decision: None,
            review_note: None,
            review_recording: None,
            reviewed_at: None,
            review_ended: None,
        }
    }
}

/// What a check-in says of one goal.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SaidRow {
    /// The check-in.
    pub check_in: CheckInId,
    /// The goal.
    pub goal: GoalId,
    /// Its title.
    pub title: String,
    /// The length of its period.
    pub period_kind: PeriodKind,
    /// The first day of its period.
    pub period_start: NaiveDate,
    /// The last day of its period.
    pub period_end: NaiveDate,
    /// Month in which the organisation's year starts.
    pub fiscal_year_start: i16,
    /// On track, caution, off track or done.
    pub status: Option<Status>,
    /// Said explicitly: nothing to say.
    pub no_change: bool,
    /// How sure, 1 to 10.
    pub confidence: Option<i16>,
    /// A line about it.
    pub note: String,
    /// Values before and after.
    pub metrics: Json<Vec<FrozenMetric>>,
    /// Lead metrics that speak against "on track", frozen.
    pub against: Json<Vec<Drift>>,
    /// Why it is on track all the same.
    pub reason: String,
}

impl SaidRow {
    /// Whether it says anything, be it "no change".
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.no_change || self.status.is_some()
    }

    /// The goal's period.
    #[must_use]
    pub fn period(&self) -> Period {
        Period { kind: self.period_kind, start: self.period_start, end: self.period_end }
    }
}

/// Why a check-in could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CheckInError {
    /// There is none, or it is not the asker's.
    #[error("no such check-in")]
    NotFound,
    /// Its slot opens later.
    #[error("the slot is not open yet")]
    NotOpen(DateTime<Utc>),
    /// Said already.
    #[error("the check-in has been submitted")]
    Done,
    /// Changed since it was read.
    #[error("the check-in changed in the meantime")]
    Stale,
    /// The author cannot review it.
    #[error("nobody reviews their own check-in")]
    OwnReview,
    /// Somebody else reviews it.
    #[error("somebody else reviews it")]
    NotReviewer,
    /// Reviewed already, with another answer.
    #[error("the check-in has been reviewed")]
    Reviewed,
    /// Fields need another value.
    #[error("{0}")]
    Form(Problem),
    /// The database's.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<Problem> for CheckInError {
    fn from(problem: Problem) -> Self {
        CheckInError::Form(problem)
    }
}

impl From<CheckInError> for Problem {
    fn from(error: CheckInError) -> Self {
        match error {
            CheckInError::NotFound => Problem::not_found(),
            CheckInError::NotOpen(at) => Problem::new(
                Code::SlotNotOpen,
                "This check-in is not open yet. An extra check-in can be sent at any time.",
            )
            .with("opens_at", at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            CheckInError::Done => Problem::new(
                Code::SlotDone,
                "This check-in has been submitted and stays as it is. An extra one can stand beside it.",
            ),
            CheckInError::Stale => Problem::new(
                Code::Stale,
                "This check-in changed while you were editing, perhaps in another window. Look at it again, then save.",
            ),
            CheckInError::OwnReview => Problem::new(Code::OwnReview, "Nobody reviews their own check-in."),
            CheckInError::NotReviewer => Problem::new(
                Code::Forbidden,
                "Somebody else reviews this check-in. You can say what you think in a comment.",
            ),
            CheckInError::Reviewed => Problem::new(
                Code::Conflict,
                "This check-in has been reviewed and the answer stays. Go on in the comments under it.",
            ),
            CheckInError::Form(problem) => problem,
            CheckInError::Database(error) => error.into(),
        }
    }
}
