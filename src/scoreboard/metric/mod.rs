//! Lead metrics on a scoreboard: those of the goals that are active in its circle, the widest first, each with its points of
//! the window (and of the metrics it was carried over from) and the last two videos of its goal.

pub mod sql;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::{Person, PersonRef, people_by_ids};
use crate::app::App;
use crate::goal::clip::{self, Clip};
use crate::goal::metric::{Direction, Format};
use crate::goal::view::GoalPeriod;
use crate::goal::{Period, PeriodKind, Scope, Status};
use crate::id::{GoalId, MetricId, PersonId};
use crate::recording::briefs;

use super::{Board, monday};

/// Lead metrics shown at most.
pub const MOST: i64 = 24;

/// The lead metrics of a scoreboard.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeadMetrics {
    /// Those of the widest goals first; at most 24.
    pub items: Vec<LeadMetric>,
}

/// A lead metric of an active goal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeadMetric {
    /// Its id.
    pub id: MetricId,
    /// What is measured.
    pub name: String,
    /// How a value is written.
    pub format: Format,
    /// Of what.
    pub unit: String,
    /// Which way is good.
    pub direction: Direction,
    /// Where it stood at the start.
    pub baseline: f64,
    /// Where it is to be.
    pub target: f64,
    /// Where it stands; null before the first value.
    pub value: Option<f64>,
    /// The goal it measures.
    pub goal: LeadGoal,
    /// Its values in the window, the earliest first; corrected ones as they were corrected, at most the last 200.
    pub points: Vec<LeadPoint>,
    /// The last two videos of its goal.
    pub clips: Vec<Clip>,
}

/// The goal of a lead metric.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeadGoal {
    /// Its id.
    pub id: GoalId,
    /// Its title.
    pub title: String,
    /// How wide it reaches.
    pub scope: Scope,
    /// Who answers for it.
    pub owner: PersonRef,
    /// What the last check-in said.
    pub status: Option<Status>,
    /// When it is to be reached.
    pub period: GoalPeriod,
}

/// A value at a time.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct LeadPoint {
    /// When.
    pub at: DateTime<Utc>,
    /// How much.
    pub value: f64,
}

/// A lead metric as the tables say it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LeadRow {
    /// Its id.
    pub id: MetricId,
    /// What is measured.
    pub name: String,
    /// How a value is written.
    pub format: Format,
    /// Of what.
    pub unit: String,
    /// Which way is good.
    pub direction: Direction,
    /// Where it stood at the start.
    pub baseline: f64,
    /// Where it is to be.
    pub target: f64,
    /// Where it stands.
    pub value: Option<f64>,
    /// Its goal.
    pub goal: GoalId,
    /// The goal's title.
    pub title: String,
    /// How wide the goal reaches.
    pub scope: Scope,
    /// The goal's owner.
    pub owner: PersonId,
    /// What the last check-in said.
    pub status: Option<Status>,
    /// The length of the goal's period.
    pub period_kind: PeriodKind,
    /// Its first day.
    pub period_start: NaiveDate,
    /// Its last day.
    pub period_end: NaiveDate,
}

/// The lead metrics of a scoreboard.
///
/// # Errors
/// The database's.
pub async fn lead(app: &App, asker: &Person, board: &Board) -> Result<Vec<LeadMetric>, sqlx::Error> {
    let rows = sql::lead(&app.db, asker.organisation, board, MOST).await?;
    let mut points: HashMap<MetricId, Vec<LeadPoint>> = HashMap::new();
    let metrics: Vec<MetricId> = rows.iter().map(|row| row.id).collect();
    for (metric, at, value) in sql::points(&app.db, &metrics, &board.window).await? {
        points.entry(metric).or_default().push(LeadPoint { at, value });
    }
    let owners = people_by_ids(&app.db, &rows.iter().map(|row| row.owner).collect::<Vec<_>>()).await?;
    let clips = clips(app, &rows).await?;
    let show = |row: LeadRow| {
        let period = Period { kind: row.period_kind, start: row.period_start, end: row.period_end };
        Some(LeadMetric {
            goal: LeadGoal {
                id: row.goal,
                owner: owners.get(&row.owner)?.clone(),
                title: row.title,
                scope: row.scope,
                status: row.status,
                period: GoalPeriod::of(&period, board.fiscal),
            },
            points: points.remove(&row.id).unwrap_or_default(),
            clips: clips.get(&row.goal).cloned().unwrap_or_default(),
            id: row.id,
            name: row.name,
            format: row.format,
            unit: row.unit,
            direction: row.direction,
            baseline: row.baseline,
            target: row.target,
            value: row.value,
        })
    };
    Ok(rows.into_iter().filter_map(show).collect())
}

async fn clips(app: &App, rows: &[LeadRow]) -> Result<HashMap<GoalId, Vec<Clip>>, sqlx::Error> {
    let mut goals: Vec<GoalId> = rows.iter().map(|row| row.goal).collect();
    goals.sort_unstable();
    goals.dedup();
    let latest = clip::sql::latest(&app.db, &goals).await?;
    let briefs = briefs(app, &latest.iter().map(|row| row.recording).collect::<Vec<_>>()).await?;
    let mut found: HashMap<GoalId, Vec<Clip>> = HashMap::new();
    for row in latest {
        if let Some(brief) = briefs.get(&row.recording) {
            found.entry(row.goal).or_default().push(Clip::of(brief, row.at));
        }
    }
    Ok(found)
}

/// The last value of each week that has one, the earliest first.
#[must_use]
pub fn weekly(points: &[LeadPoint]) -> Vec<(NaiveDate, f64)> {
    let mut weeks: Vec<(NaiveDate, f64)> = Vec::new();
    for point in points {
        let week = monday(point.at.date_naive());
        match weeks.last_mut() {
            Some(last) if last.0 == week => last.1 = point.value,
            _ => weeks.push((week, point.value)),
        }
    }
    weeks
}
