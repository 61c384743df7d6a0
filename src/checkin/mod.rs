//! Check-ins: the dated duty (a slot), what a person says about their goals, and the reviewer's answer.
//!
//! Invariant: what happened is never rewritten. A slot ends once, as submitted, late, missed or excused; a published check-in
//! keeps its words and numbers; an extra check-in stands beside a missed slot, not in it.

pub mod slots;
pub mod sql;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::MetricId;

/// A metric as a check-in keeps it: the value before and the value it reported, frozen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FrozenMetric {
    /// Which metric.
    pub metric: MetricId,
    /// What it was called.
    pub name: String,
    /// Of what.
    #[serde(default)]
    pub unit: String,
    /// The value before; null when there was none.
    pub previous: Option<f64>,
    /// The value reported; null when none was.
    pub value: Option<f64>,
}
