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
use crate::id::{PersonId, RecordingId};
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

/// One entry of a goal's timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// What it is.
    pub kind: EntryKind,
    /// The check-in's id, or the recording's.
    pub id: Uuid,
    /// When it was attached or published.
    pub at: DateTime<Utc>,
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
    /// The values it reported.
    pub metrics: Vec<FrozenMetric>,
}

/// Entries as they are shown; a clip whose recording was deleted in between is left out.
///
/// # Errors
/// The database's.
pub async fn show(app: &App, rows: Vec<EntryRow>) -> Result<Vec<TimelineEntry>, sqlx::Error> {
    let authors = people_by_ids(&app.db, &rows.iter().map(|row| row.author).collect::<Vec<_>>()).await?;
    let recordings = briefs(app, &rows.iter().filter_map(|row| row.recording).collect::<Vec<_>>()).await?;
    let entry = |row: EntryRow| {
        let recording = row.recording.and_then(|id| recordings.get(&id)).cloned();
        if row.kind == EntryKind::Clip && recording.is_none() {
            return None;
        }
        Some(TimelineEntry {
            title: row.headline.or_else(|| recording.as_ref().map(|r| r.title.clone())).unwrap_or_default(),
            author: authors.get(&row.author)?.clone(),
            kind: row.kind,
            id: row.id,
            at: row.at,
            recording,
            status: row.status,
            confidence: row.confidence,
            note: row.note.unwrap_or_default(),
            metrics: row.metrics.map(|metrics| metrics.0).unwrap_or_default(),
        })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}
