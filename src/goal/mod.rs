//! Goals: what somebody wants to have reached by the end of a period, how it is measured, and what was said about it.
//!
//! Goals have no visibility setting: every member reads every goal. Each has exactly one owner, who writes it.
//! Invariant: nothing closes by silence; a closed goal has an outcome and a note and is not changed again.

pub mod carry;
pub mod change;
pub mod clip;
pub mod metric;
pub mod period;
pub mod progress;
pub mod routes;
pub mod sql;
pub mod timeline;
pub mod tree;
pub mod view;

use chrono::{DateTime, NaiveDate, Utc};

use crate::account::{Person, Role};
use crate::db::text_enum;
use crate::error::{Code, Problem};
use crate::id::{GoalId, OrganisationId, PersonId, UnitId};

pub use period::{Period, PeriodKind};

text_enum! {
    /// How wide a goal reaches, from the widest.
    Scope {
        /// The whole organisation.
        Company = "company",
        /// A division or team.
        Division = "division",
        /// A manager and their people.
        Manager = "manager",
        /// One person.
        Individual = "individual",
    }
}

text_enum! {
    /// Where a goal is in its life.
    GoalState {
        /// Being written; asked about in no check-in.
        Draft = "draft",
        /// Being worked on.
        Active = "active",
        /// Ended with an outcome and a note.
        Closed = "closed",
        /// Given up before its end, with a note.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What the last check-in said of a goal.
    Status {
        /// It will be reached.
        OnTrack = "on_track",
        /// It may not be.
        Caution = "caution",
        /// It will not be, as things stand.
        OffTrack = "off_track",
        /// It is reached.
        Done = "done",
    }
}

text_enum! {
    /// How a closed goal ended.
    Outcome {
        /// Reached.
        Achieved = "achieved",
        /// Partly reached.
        Partly = "partly",
        /// Not reached.
        Missed = "missed",
        /// Given up.
        Dropped = "dropped",
    }
}

/// A goal with what is joined to show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct GoalRow {
    /// Its id.
    pub id: GoalId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// How wide it reaches.
    pub scope: Scope,
    /// The unit it belongs to, if any.
    pub unit: Option<UnitId>,
    /// That unit's name.
    pub unit_name: Option<String>,
    /// Who answers for it.
    pub owner: PersonId,
    /// Who reviews it; never the owner.
    pub reviewer: Option<PersonId>,
    /// Year, quarter, month or week.
    pub period_kind: PeriodKind,
    /// First day.
    pub period_start: NaiveDate,
    /// Last day.
    pub period_end: NaiveDate,
    /// Month in which the organisation's year starts, for the period's name.
    pub fiscal_year_start: i16,
    /// The wider goal it serves.
    pub parent: Option<GoalId>,
    /// That goal's title.
    pub parent_title: Option<String>,
    /// What is to be reached.
    pub title: String,
    /// More about it.
    pub description: String,
    /// Where it is in its life.
    pub state: GoalState,
    /// What the last check-in said.
    pub status: Option<Status>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What there is to say about its end.
    pub closing_note: String,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// Goals directly under it that were not cancelled.
    pub children: i64,
    /// The goal of an earlier period that goes on in this one.
    pub carried_from: Option<GoalId>,
    /// For optimistic locking.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who changed it last.
    pub changed_by: PersonId,
    /// When.
    pub changed_at: DateTime<Utc>,
}

impl GoalRow {
    /// Its period.
    #[must_use]
    pub fn period(&self) -> Period {
        Period { kind: self.period_kind, start: self.period_start, end: self.period_end }
    }

    /// Whether a person may write it: its owner, or an administrator.
    #[must_use]
    pub fn is_written_by(&self, person: &Person) -> bool {
        person.id == self.owner || person.role == Role::Admin
    }

    /// Whether it still changes.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.state, GoalState::Draft | GoalState::Active)
    }
}

/// Why a goal could not be written.
#[derive(Debug, thiserror::Error)]
pub enum GoalError {
    /// There is none of that id.
    #[error("no such goal")]
    NotFound,
    /// Somebody else's.
    #[error("only the owner writes a goal")]
    NotYours,
    /// Closed or cancelled.
    #[error("the goal has ended")]
    Closed,
    /// Changed since it was read.
    #[error("the goal changed in the meantime")]
    Stale(Box<GoalRow>),
    /// It would stand under itself.
    #[error("a cycle of goals")]
    Cycle,
    /// Its parent is narrower.
    #[error("the parent's scope is narrower")]
    ParentScope(Scope),
    /// Its parent's period does not contain its own.
    #[error("the parent's period does not contain the goal's")]
    ParentPeriod(String),
    /// A goal under it would fall out of its period or scope.
    #[error("a child would no longer fit")]
    ChildLeft(String),
    /// It goes on in another goal already.
    #[error("the goal was carried over before")]
    Carried(GoalId),
    /// Closing without outcome or note.
    #[error("closing needs an outcome and a note")]
    OutcomeNeeded,
    /// A field needs another value.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// The form said so.
    #[error("{0}")]
    Form(Problem),
    /// The database's.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<Problem> for GoalError {
    fn from(problem: Problem) -> Self {
        GoalError::Form(problem)
    }
}

impl From<GoalError> for Problem {
    fn from(error: GoalError) -> Self {
        match error {
            GoalError::NotFound => Problem::not_found(),
            GoalError::NotYours => Problem::new(
                Code::Forbidden,
                "Its owner writes a goal; managers above the owner may set the reviewer. You can say what you think in a comment.",
            ),
            GoalError::Closed => {
                Problem::new(Code::GoalClosed, "This goal has ended and stays as it is. Start a new one to go on.")
            }
            GoalError::Stale(row) => Problem::new(
                Code::Stale,
                "Someone changed this goal while you were editing. Look at what it says now, then save again.",
            )
            .with("revision", row.revision),
            GoalError::Cycle => {
                Problem::new(Code::GoalCycle, "That goal stands under this one, so it cannot be its parent.")
            }
            GoalError::ParentScope(scope) => Problem::new(
                Code::ParentScope,
                format!(
                    "The parent is a goal of scope {scope}, which is narrower. Choose a parent of the same scope or a wider one."
                ),
            ),
            GoalError::ParentPeriod(label) => Problem::new(
                Code::ParentPeriod,
                format!(
                    "The parent runs in {label}, which does not contain this goal's period. A week belongs to the month of its Thursday."
                ),
            ),
            GoalError::ChildLeft(title) => Problem::new(
                Code::ParentPeriod,
                format!("\u{201c}{title}\u{201d} stands under this goal and would no longer fit. Move it first."),
            ),
            GoalError::Carried(into) => Problem::new(Code::GoalCarried, "This goal goes on in a later period already.")
                .with("goal", into.to_string()),
            GoalError::OutcomeNeeded => Problem::new(
                Code::OutcomeNeeded,
                "Say how it ended (achieved, partly, missed or dropped) and write a line about it. Nothing closes by silence.",
            ),
            GoalError::Field(name, sentence) => Problem::field(name, sentence),
            GoalError::Form(problem) => problem,
            GoalError::Database(error) => error.into(),
        }
    }
}
