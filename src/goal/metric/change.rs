//! Adding metrics and points. Nothing here changes or removes one.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::goal::{GoalError, clip};
use crate::http::calendar;
use crate::http::form::Form;
use crate::id::{GoalId, MetricId};

use super::{Format, Metric, MetricRow, NewMetric, Point, sql};

/// A value to be noted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewPoint {
    /// What it is.
    pub value: f64,
    /// When it was so; now when absent, or the time of the point that is corrected.
    #[serde(default, deserialize_with = "calendar::within")]
    pub at: Option<DateTime<Utc>>,
    /// What there is to say about it.
    #[serde(default)]
    pub note: String,
    /// The point it corrects.
    pub supersedes: Option<Uuid>,
}

/// Adds a metric to a live goal that the asker writes.
///
/// # Errors
/// A field that needs another value; not the asker's goal, or ended.
pub async fn add(app: &App, by: &Person, goal: GoalId, new: NewMetric) -> Result<Metric, GoalError> {
    let mut form = Form::new();
    let row = new.check(&mut form, "metric");
    form.done()?;
    let row = MetricRow { id: app.clock.id(), goal, ..row };
    let mut tx = app.db.begin().await?;
    if !clip::written(&mut tx, by, goal).await?.is_live() {
        return Err(GoalError::Closed);
    }
    if sql::of_goals_in(&mut tx, &[goal]).await?.len() >= 10 {
        return Err(GoalError::Field("metric", "A goal has at most ten metrics.".to_owned()));
    }
    sql::insert(&mut tx, &row, app.clock.now()).await?;
    let event = AuditEvent::by(&app.clock, by, "metric.created", "goal", goal.0);
    audit::record(&mut tx, &event.detail(json!({ "metric": row.id, "name": row.name }))).await?;
    tx.commit().await?;
    Ok(Metric::from(&row))
}

/// Notes a value of a metric whose goal the asker writes; a correction names the point it supersedes.
///
/// # Errors
/// A field that needs another value; not the asker's goal, or ended; a point that was corrected already.
pub async fn note(app: &App, by: &Person, metric: MetricId, new: NewPoint) -> Result<Point, GoalError> {
    let row = sql::one(&app.db, by.organisation, metric).await?.ok_or(GoalError::NotFound)?;
    let corrected = match new.supersedes {
        Some(id) => Some(
            sql::point(&app.db, metric, id)
                .await?
                .ok_or_else(|| GoalError::Field("supersedes", "This metric has no such point.".to_owned()))?,
        ),
        None => None,
    };
    let now = app.clock.now();
    let at = new.at.or(corrected.map(|point| point.at)).unwrap_or(now);
    let note = check(&row, &new, at, now)?;
    let mut tx = app.db.begin().await?;
    if !clip::written(&mut tx, by, row.goal).await?.is_live() {
        return Err(GoalError::Closed);
    }
    let (id, supersedes) = (app.clock.id(), new.supersedes);
    let point = Point { id, metric, at, value: new.value, note, supersedes, author: by.id, created_at: now };
    if !sql::insert_point(&mut tx, &point).await? {
        let sentence = "That point has been corrected already. Correct the correction.";
        return Err(GoalError::Field("supersedes", sentence.to_owned()));
    }
    let event = AuditEvent::by(&app.clock, by, "metric.point_added", "goal", row.goal.0);
    let detail = json!({ "metric": metric, "point": id, "value": new.value, "supersedes": supersedes });
    audit::record(&mut tx, &event.detail(detail)).await?;
    tx.commit().await?;
    Ok(point)
}

fn check(metric: &MetricRow, new: &NewPoint, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<String, GoalError> {
    let mut form = Form::new();
    if let Some(sentence) = wrong_value(metric, new.value) {
        form.wrong("value", sentence);
    }
    // A day's slack: a date picked in a zone ahead of ours is not from the future.
    if at > now + TimeDelta::days(1) {
        form.wrong("at", "A value is noted once it is known, not ahead.");
    }
    let note = form.text("note", &new.note, 2_000);
    form.done()?;
    Ok(note)
}

/// What is wrong with a value for a metric, if anything.
#[must_use]
pub fn wrong_value(metric: &MetricRow, value: f64) -> Option<&'static str> {
    if !value.is_finite() {
        return Some("A value is a plain number.");
    }
    (metric.format == Format::YesNo && value != 0.0 && value != 1.0).then_some("Yes is 1 and no is 0.")
}
