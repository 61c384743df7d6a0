//! Goals as they are shown, a whole page at once: people, metrics, progress and the last videos come in a few statements
//! however many goals there are.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::{PersonRef, people_by_ids};
use crate::app::App;
use crate::id::{GoalId, UnitId};
use crate::recording::briefs;

use super::clip::{self, Clip, Link};
use super::metric::Metric;
use super::{GoalRow, GoalState, Outcome, Period, PeriodKind, Scope, Status, progress, sql};

/// A goal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Goal {
    /// Its id.
    pub id: GoalId,
    /// How wide it reaches.
    pub scope: Scope,
    /// The unit it belongs to.
    pub unit: Option<GoalUnit>,
    /// Who answers for it.
    pub owner: PersonRef,
    /// Who reviews it.
    pub reviewer: Option<PersonRef>,
    /// When it is to be reached.
    pub period: GoalPeriod,
    /// The wider goal it serves.
    pub parent: Option<GoalParent>,
    /// What is to be reached.
    pub title: String,
    /// More about it.
    pub description: String,
    /// Where it is in its life.
    pub state: GoalState,
    /// What the last check-in said.
    pub status: Option<Status>,
    /// How far it has come, 0 to 1; null when nothing under it is measured.
    pub progress: Option<f64>,
    /// What it is measured by.
    pub metrics: Vec<Metric>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What there is to say about its end.
    pub closing_note: String,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// Goals directly under it.
    pub children: i64,
    /// Its last two videos, newest first.
    pub last_clips: Vec<Clip>,
    /// Things outside that belong to it (only on the single goal).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub links: Option<Vec<Link>>,
    /// The goal of an earlier period that goes on in this one.
    pub carried_from: Option<GoalId>,
    /// This goal among those carried over one into the next, the earliest first; empty when it never was (only on the single goal).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub chain: Option<Vec<Step>>,
    /// For optimistic locking.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who changed it last.
    pub changed_by: Option<PersonRef>,
    /// When.
    pub changed_at: DateTime<Utc>,
}

/// The unit of a goal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GoalUnit {
    /// Its id.
    pub id: UnitId,
    /// Its name.
    pub name: String,
}

/// The period of a goal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GoalPeriod {
    /// Year, quarter, month or week.
    pub kind: PeriodKind,
    /// First day.
    pub start: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
    /// Its name, as in "November 2026".
    pub label: String,
}

impl From<&GoalRow> for GoalPeriod {
    fn from(row: &GoalRow) -> Self {
        Self::of(&row.period(), row.fiscal_year_start.unsigned_abs().into())
    }
}

impl GoalPeriod {
    /// A period with its name; `fiscal` is the month in which the organisation's year starts.
    #[must_use]
    pub fn of(period: &Period, fiscal: u32) -> Self {
        Self { kind: period.kind, start: period.start, end: period.end, label: period.label(fiscal) }
    }
}

/// The parent of a goal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GoalParent {
    /// Its id.
    pub id: GoalId,
    /// Its title.
    pub title: String,
}

/// One goal of those carried over one into the next.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = GoalStep)]
pub struct Step {
    /// The goal.
    pub id: GoalId,
    /// Its title.
    pub title: String,
    /// When it was to be reached.
    pub period: GoalPeriod,
    /// Where it is in its life.
    pub state: GoalState,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// How far it has come.
    pub progress: Option<f64>,
}

/// Goals as they are shown, in the same order.
///
/// # Errors
/// The database's.
pub async fn goals(app: &App, rows: Vec<GoalRow>) -> Result<Vec<Goal>, sqlx::Error> {
    let ids: Vec<GoalId> = rows.iter().map(|row| row.id).collect();
    let named: Vec<_> =
        rows.iter().flat_map(|row| [Some(row.owner), row.reviewer, Some(row.changed_by)]).flatten().collect();
    let (people, standing, mut clips) =
        tokio::try_join!(people_by_ids(&app.db, &named), progress::load(&app.db, &ids), last_clips(app, &ids))?;
    let show = |row: GoalRow| {
        let metrics = standing.metrics.get(&row.id).map(|rows| rows.iter().map(Metric::from).collect());
        Some(Goal {
            period: GoalPeriod::from(&row),
            unit: row.unit.zip(row.unit_name).map(|(id, name)| GoalUnit { id, name }),
            owner: people.get(&row.owner)?.clone(),
            reviewer: row.reviewer.and_then(|id| people.get(&id)).cloned(),
            parent: row.parent.zip(row.parent_title).map(|(id, title)| GoalParent { id, title }),
            progress: standing.progress(row.id),
            metrics: metrics.unwrap_or_default(),
            last_clips: clips.remove(&row.id).unwrap_or_default(),
            links: None,
            chain: None,
            carried_from: row.carried_from,
            changed_by: people.get(&row.changed_by).cloned(),
            changed_at: row.changed_at,
            id: row.id,
            scope: row.scope,
            title: row.title,
            description: row.description,
            state: row.state,
            status: row.status,
            outcome: row.outcome,
            closing_note: row.closing_note,
            closed_at: row.closed_at,
            children: row.children,
            revision: row.revision,
            created_at: row.created_at,
        })
    };
    Ok(rows.into_iter().filter_map(show).collect())
}

/// One goal with its links.
///
/// # Errors
/// The database's.
pub async fn goal(app: &App, row: GoalRow) -> Result<Option<Goal>, sqlx::Error> {
    let links = clip::sql::links(&app.db, row.id).await?;
    let chain = chain(app, &row).await?;
    let mut shown = goals(app, vec![row]).await?;
    Ok(shown.pop().map(|goal| Goal { links: Some(links), chain: Some(chain), ..goal }))
}

async fn chain(app: &App, row: &GoalRow) -> Result<Vec<Step>, sqlx::Error> {
    let rows = sql::chain(&app.db, row.id).await?;
    if rows.len() < 2 {
        return Ok(Vec::new());
    }
    let standing = progress::load(&app.db, &rows.iter().map(|step| step.id).collect::<Vec<_>>()).await?;
    let fiscal = row.fiscal_year_start.unsigned_abs().into();
    let step = |step: sql::StepRow| Step {
        period: GoalPeriod::of(
            &Period { kind: step.period_kind, start: step.period_start, end: step.period_end },
            fiscal,
        ),
        progress: standing.progress(step.id),
        id: step.id,
        title: step.title,
        state: step.state,
        outcome: step.outcome,
    };
    Ok(rows.into_iter().map(step).collect())
}

async fn last_clips(app: &App, goals: &[GoalId]) -> Result<HashMap<GoalId, Vec<Clip>>, sqlx::Error> {
    let rows = clip::sql::latest(&app.db, goals).await?;
    let recordings = briefs(app, &rows.iter().map(|row| row.recording).collect::<Vec<_>>()).await?;
    let mut found: HashMap<GoalId, Vec<Clip>> = HashMap::new();
    for row in rows {
        let Some(brief) = recordings.get(&row.recording) else { continue };
        found.entry(row.goal).or_default().push(Clip::of(brief, row.at));
    }
    Ok(found)
}
