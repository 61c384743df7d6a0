//! Metrics: what a goal is measured by, and the points of its plot. Points are only ever added; a correction is a new point
//! that names the one it supersedes.
//!
//! Progress is clamp((value − baseline) / (target − baseline)); stay-above and stay-below are yes or no.

pub mod change;
pub mod sql;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::text_enum;
use crate::http::form::Form;
use crate::id::{GoalId, MetricId, PersonId};

text_enum! {
    /// What a metric tells.
    MetricKind {
        /// What moves first, and can be acted on.
        Lead = "lead",
        /// What follows.
        Lag = "lag",
    }
}

text_enum! {
    /// How a value is written.
    Format {
        /// A plain number.
        Number = "number",
        /// Hundredths.
        Percent = "percent",
        /// An amount in the metric's unit.
        Money = "money",
        /// 0 or 1.
        YesNo = "yes_no",
    }
}

text_enum! {
    /// Which way is good.
    Direction {
        /// Up from the baseline to the target.
        Increase = "increase",
        /// Down from the baseline to the target.
        Decrease = "decrease",
        /// At the target or above it.
        StayAbove = "stay_above",
        /// At the target or below it.
        StayBelow = "stay_below",
    }
}

text_enum! {
    /// How often a value is expected.
    Cadence {
        /// Each day.
        Day = "day",
        /// Each week.
        Week = "week",
        /// Each month.
        Month = "month",
    }
}

/// A metric and its latest value.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MetricRow {
    /// Its id.
    pub id: MetricId,
    /// The goal it measures.
    pub goal: GoalId,
    /// What is measured.
    pub name: String,
    /// Lead or lag.
    pub kind: MetricKind,
    /// How a value is written.
    pub format: Format,
    /// Of what: minutes, sites, EUR.
    pub unit: String,
    /// Which way is good.
    pub direction: Direction,
    /// Where it stood at the start.
    pub baseline: f64,
    /// Where it is to be.
    pub target: f64,
    /// How often a value is expected.
    pub cadence: Cadence,
    /// The latest value, if there is one.
    pub value: Option<f64>,
    /// The metric of an earlier goal that goes on in this one.
    pub carried_from: Option<MetricId>,
}

impl MetricRow {
    /// How far it has come, 0 to 1; none before the first value.
    #[must_use]
    pub fn progress(&self) -> Option<f64> {
        let value = self.value?;
        Some(match self.direction {
            Direction::Increase | Direction::Decrease => {
                let way = self.target - self.baseline;
                // Cannot be made so; a row that is so counts as reached or not.
                if way == 0.0 {
                    f64::from(u8::from(value == self.target))
                } else {
                    ((value - self.baseline) / way).clamp(0.0, 1.0)
                }
            }
            Direction::StayAbove => f64::from(u8::from(value >= self.target)),
            Direction::StayBelow => f64::from(u8::from(value <= self.target)),
        })
    }
}

/// A metric as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Metric {
    /// Its id.
    pub id: MetricId,
    /// What is measured.
    pub name: String,
    /// Lead or lag.
    pub kind: MetricKind,
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
    /// How often a value is expected.
    pub cadence: Cadence,
    /// The latest value; null before the first.
    pub value: Option<f64>,
    /// How far it has come, 0 to 1; null before the first value.
    pub progress: Option<f64>,
}

impl From<&MetricRow> for Metric {
    fn from(row: &MetricRow) -> Self {
        let MetricRow { id, name, kind, format, unit, direction, baseline, target, cadence, value, .. } = row.clone();
        Self { id, name, kind, format, unit, direction, baseline, target, cadence, value, progress: row.progress() }
    }
}

/// A metric to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewMetric {
    /// What is measured.
    pub name: String,
    /// Lead (what moves first) or lag; lead when absent.
    #[serde(default = "lead")]
    pub kind: MetricKind,
    /// How a value is written; a number when absent.
    #[serde(default = "number")]
    pub format: Format,
    /// Of what.
    #[serde(default)]
    pub unit: String,
    /// Which way is good; an increase when absent.
    #[serde(default = "increase")]
    pub direction: Direction,
    /// Where it stands at the start; 0 when absent.
    pub baseline: Option<f64>,
    /// Where it is to be; 1 when absent for yes or no.
    pub target: Option<f64>,
    /// How often a value is expected; each week when absent.
    #[serde(default = "week")]
    pub cadence: Cadence,
}

fn lead() -> MetricKind {
    MetricKind::Lead
}

fn number() -> Format {
    Format::Number
}

fn increase() -> Direction {
    Direction::Increase
}

fn week() -> Cadence {
    Cadence::Week
}

impl NewMetric {
    /// The metric, checked; what is wrong is noted in the form under `field`.
    pub fn check(&self, form: &mut Form, field: &str) -> MetricRow {
        let target = match (self.target, self.format) {
            (Some(target), _) => target,
            (None, Format::YesNo) => 1.0,
            (None, _) => {
                form.wrong(field, "A metric needs a target.");
                0.0
            }
        };
        let stays = matches!(self.direction, Direction::StayAbove | Direction::StayBelow);
        let baseline = self.baseline.unwrap_or(if stays { target } else { 0.0 });
        match self.direction {
            _ if !baseline.is_finite() || !target.is_finite() => {
                form.wrong(field, "Baseline and target are plain numbers.")
            }
            Direction::Increase if target <= baseline => {
                form.wrong(field, "An increase needs a target above its baseline.")
            }
            Direction::Decrease if target >= baseline => {
                form.wrong(field, "A decrease needs a target below its baseline.")
            }
            _ => {}
        }
        MetricRow {
            id: MetricId(Uuid::nil()),
            goal: GoalId(Uuid::nil()),
            name: form.line(field, &self.name, 1, 120),
            kind: self.kind,
            format: self.format,
            unit: form.line(field, &self.unit, 0, 40),
            direction: self.direction,
            baseline,
            target,
            cadence: self.cadence,
            value: None,
            carried_from: None,
        }
    }
}

/// One value at one time.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct Point {
    /// Its id.
    pub id: Uuid,
    /// Of which metric.
    pub metric: MetricId,
    /// When it was so.
    pub at: DateTime<Utc>,
    /// What it was.
    pub value: f64,
    /// What there is to say about it.
    pub note: String,
    /// The point it corrects, if it does.
    pub supersedes: Option<Uuid>,
    /// Who said so.
    pub author: PersonId,
    /// When they said so.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(direction: Direction, baseline: f64, target: f64, value: Option<f64>) -> MetricRow {
        let mut form = Form::new();
        let new = NewMetric {
            name: "Median minutes".into(),
            kind: MetricKind::Lead,
            format: Format::Number,
            unit: String::new(),
            direction,
            baseline: Some(baseline),
            target: Some(target),
            cadence: Cadence::Week,
        };
        let row = new.check(&mut form, "metrics");
        form.done().unwrap();
        MetricRow { value, ..row }
    }

    #[test]
    fn progress_is_the_way_gone_between_baseline_and_target() {
        let cases = [
            (Direction::Increase, 0.0, 64.0, Some(16.0), Some(0.25)),
            (Direction::Increase, 0.0, 64.0, Some(100.0), Some(1.0)),
            (Direction::Increase, 10.0, 20.0, Some(5.0), Some(0.0)),
            (Direction::Decrease, 42.0, 20.0, Some(31.0), Some(0.5)),
            (Direction::Decrease, 42.0, 20.0, Some(50.0), Some(0.0)),
            (Direction::StayAbove, 99.0, 99.0, Some(99.0), Some(1.0)),
            (Direction::StayAbove, 99.0, 99.0, Some(98.9), Some(0.0)),
            (Direction::StayBelow, 5.0, 5.0, Some(5.0), Some(1.0)),
            (Direction::StayBelow, 5.0, 5.0, Some(5.1), Some(0.0)),
            (Direction::Increase, 0.0, 1.0, None, None),
        ];
        for (direction, baseline, target, value, progress) in cases {
            assert_eq!(metric(direction, baseline, target, value).progress(), progress, "{direction} {value:?}");
        }
    }
}
