//! A goal's timeline: the videos attached to it and the check-ins that spoke of it, newest first, with the values each
//! reported.

pub mod sql;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{PersonRef, people_by_ids};
use crate::app::App;
use crate::checkin::FrozenMetric;
use crate::db::text_enum;
use crate::id::{GoalId, MetricId, PersonId, RecordingId};
use crate::recording::{RecordingBrief, briefs};

use super::Status;

text_enum! {
    /// What an entry of a goal's timeline is.
    EntryKind {
        /// A recording that was attached.
        Clip = "clip",
        /// What a check-in said of the goal.
        CheckIn = "check_in",
    }
}

/// One entry as the tables say.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EntryRow {
    /// What it is.
    pub kind: EntryKind,
    /// When.
    pub at: DateTime<Utc>,
    /// The check-in's id, or the recording's.
    pub id: Uuid,
    /// The goal: the one asked for, or one that it was carried over from.
    pub goal: GoalId,
    /// Who.
    pub author: PersonId,
    /// The video.
    pub recording: Option<RecordingId>,
    /// The check-in's headline.
    pub headline: Option<String>,
    /// What it said of the goal.
    pub status: Option<Status>,
    /// How sure, 1 to 10.
    pub confidence: Option<i16>,
    /// A line about it.
    pub note: Option<String>,
    /// Values before and after.
    pub metrics: Option<Json<Vec<FrozenMetric>>>,
}

/// Where a metric stood at some time.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoodRow {
    /// Of which goal.
    pub goal: GoalId,
    /// Which metric.
    pub metric: MetricId,
    /// What it is called.
    pub name: String,
    /// Of what.
    pub unit: String,
    /// Since when.
    pub at: DateTime<Utc>,
    /// At what.
    pub value: f64,
}

/// One entry of a goal's timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// What it is.
    pub kind: EntryKind,
    /// The check-in's id, or the recording's.
    pub id: Uuid,
    /// When it was attached or published.
    pub at: DateTime<Utc>,
    /// The goal: the one asked for, or one that it was carried over from.
    pub goal: GoalId,
    /// Who.
    pub author: PersonRef,
    /// The check-in's headline or the recording's title.
    pub title: String,
    /// The video, if there is one.
    pub recording: Option<RecordingBrief>,
    /// What the check-in said of the goal.
    pub status: Option<Status>,
    /// How sure, 1 to 10.
    pub confidence: Option<i16>,
    /// A line about it.
    pub note: String,
    /// The values a check-in reported; for a clip those that stood when it was attached.
    pub metrics: Vec<FrozenMetric>,
}

/// Entries as they are shown; a clip whose recording was deleted in between is left out.
///
/// # Errors
/// The database's.
pub async fn show(app: &App, rows: Vec<EntryRow>) -> Result<Vec<TimelineEntry>, sqlx::Error> {
    let authors = people_by_ids(&app.db, &rows.iter().map(|row| row.author).collect::<Vec<_>>()).await?;
    let recordings = briefs(app, &rows.iter().filter_map(|row| row.recording).collect::<Vec<_>>()).await?;
    let stood = stood(app, &rows).await?;
    let entry = |row: EntryRow| {
        let recording = row.recording.and_then(|id| recordings.get(&id)).cloned();
        if row.kind == EntryKind::Clip && recording.is_none() {
            return None;
        }
        Some(TimelineEntry {
            title: row.headline.or_else(|| recording.as_ref().map(|r| r.title.clone())).unwrap_or_default(),
            author: authors.get(&row.author)?.clone(),
            kind: row.kind,
            metrics: match row.metrics {
                Some(said) => said.0,
                None => standing(&stood, row.goal, row.at),
            },
            id: row.id,
            goal: row.goal,
            at: row.at,
            recording,
            status: row.status,
            confidence: row.confidence,
            note: row.note.unwrap_or_default(),
        })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}

async fn stood(app: &App, rows: &[EntryRow]) -> Result<Vec<StoodRow>, sqlx::Error> {
    let clips = || rows.iter().filter(|row| row.kind == EntryKind::Clip);
    let Some(until) = clips().map(|row| row.at).max() else { return Ok(Vec::new()) };
    let mut goals: Vec<GoalId> = clips().map(|row| row.goal).collect();
    goals.sort_unstable();
    goals.dedup();
    sql::stood(&app.db, &goals, until).await
}

/// The last value of each metric of a goal at a time, from rows with the latest first.
fn standing(stood: &[StoodRow], goal: GoalId, at: DateTime<Utc>) -> Vec<FrozenMetric> {
    let mut found: Vec<FrozenMetric> = Vec::new();
    for row in stood.iter().filter(|row| row.goal == goal && row.at <= at) {
        if found.iter().all(|known| known.metric != row.metric) {
            let StoodRow { metric, name, unit, value, .. } = row.clone();
            found.push(FrozenMetric { metric, name, unit, previous: None, value: Some(value) });
        }
    }
    found
}
