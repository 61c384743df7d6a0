//! Drift: a goal said to be on track while a lead metric of it moved away from its target for two slots. Pure. It judges
//! nothing: the check-in says so beside the status, and its author may keep the status with a line.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::goal::Status;
use crate::goal::metric::{Direction, MetricKind, MetricRow};
use crate::id::MetricId;

use super::{FrozenMetric, SaidRow};

/// A lead metric that moved away from its target, as it stood at the check-in that says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Drift {
    /// Which metric.
    pub metric: MetricId,
    /// What it was called.
    pub name: String,
    /// Of what.
    pub unit: String,
    /// Where it is to be.
    pub target: f64,
    /// Where it stood two slots ago, a slot ago, and now.
    pub values: [f64; 3],
}

/// The lead metrics against what a check-in says of a goal. `earlier` is what the author's slots before said of the same goal,
/// the latest first.
#[must_use]
pub fn against(said: &SaidRow, metrics: &[MetricRow], earlier: &[Vec<FrozenMetric>]) -> Vec<Drift> {
    if said.no_change || said.status != Some(Status::OnTrack) {
        return Vec::new();
    }
    let lead = metrics.iter().filter(|metric| metric.goal == said.goal && metric.kind == MetricKind::Lead);
    lead.filter_map(|metric| drift(metric, &said.metrics.0, earlier)).collect()
}

fn drift(metric: &MetricRow, now: &[FrozenMetric], earlier: &[Vec<FrozenMetric>]) -> Option<Drift> {
    let of = |said: &[FrozenMetric]| said.iter().find(|frozen| frozen.metric == metric.id).cloned();
    let last = of(earlier.first()?)?;
    // Before the first slot of a goal there is still the value that it began from.
    let first = match earlier.get(1).and_then(|said| of(said)) {
        Some(before) => standing(&before)?,
        None => last.previous?,
    };
    let values = [first, standing(&last)?, standing(&of(now)?)?];
    let far = values.map(|value| distance(metric.direction, metric.target, value));
    (far[0] < far[1] && far[1] < far[2]).then(|| Drift {
        metric: metric.id,
        name: metric.name.clone(),
        unit: metric.unit.clone(),
        target: metric.target,
        values,
    })
}

/// Where a metric stood after a check-in: what it reported, else what was there.
fn standing(frozen: &FrozenMetric) -> Option<f64> {
    frozen.value.or(frozen.previous)
}

/// How much is missing to the target; nothing once it is reached, however far beyond.
fn distance(direction: Direction, target: f64, value: f64) -> f64 {
    match direction {
        Direction::Increase | Direction::StayAbove => (target - value).max(0.0),
        Direction::Decrease | Direction::StayBelow => (value - target).max(0.0),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::types::Json;
    use uuid::Uuid;

    use super::*;
    use crate::goal::PeriodKind;
    use crate::goal::metric::{Cadence, Format};
    use crate::id::{CheckInId, GoalId};

    fn frozen(previous: Option<f64>, value: Option<f64>) -> FrozenMetric {
        FrozenMetric { metric: MetricId(Uuid::nil()), name: "Boards".into(), unit: String::new(), previous, value }
    }

    fn metric(direction: Direction, kind: MetricKind) -> MetricRow {
        MetricRow {
            id: MetricId(Uuid::nil()),
            goal: GoalId(Uuid::nil()),
            name: "Boards".into(),
            kind,
            format: Format::Number,
            unit: String::new(),
            direction,
            baseline: 0.0,
            target: 60.0,
            cadence: Cadence::Week,
            value: None,
            carried_from: None,
        }
    }

    fn said(status: Status, now: FrozenMetric) -> SaidRow {
        SaidRow {
            check_in: CheckInId(Uuid::nil()),
            goal: GoalId(Uuid::nil()),
            title: String::new(),
            period_kind: PeriodKind::Month,
            period_start: chrono::NaiveDate::MIN,
            period_end: chrono::NaiveDate::MAX,
            fiscal_year_start: 1,
            status: Some(status),
            no_change: false,
            confidence: None,
            note: String::new(),
            metrics: Json(vec![now]),
            against: Json(Vec::new()),
            reason: String::new(),
        }
    }

    fn found(direction: Direction, values: [f64; 3]) -> bool {
        let earlier = [vec![frozen(None, Some(values[1]))], vec![frozen(None, Some(values[0]))]];
        let now = said(Status::OnTrack, frozen(Some(values[1]), Some(values[2])));
        !against(&now, &[metric(direction, MetricKind::Lead)], &earlier).is_empty()
    }

    #[test]
    fn two_slots_away_from_the_target_are_told_in_every_direction() {
        use Direction::{Decrease, Increase, StayAbove, StayBelow};
        for (direction, away, toward) in [
            (Increase, [50.0, 48.0, 47.0], [47.0, 48.0, 50.0]),
            (StayAbove, [59.0, 58.0, 57.0], [57.0, 58.0, 59.0]),
            (Decrease, [61.0, 64.0, 65.0], [65.0, 64.0, 61.0]),
            (StayBelow, [61.0, 64.0, 65.0], [65.0, 64.0, 61.0]),
        ] {
            assert!(found(direction, away), "{direction}");
            assert!(!found(direction, toward), "{direction}");
            assert!(!found(direction, [away[0], away[1], away[1]]), "{direction}: it stood still");
            assert!(!found(direction, [away[1], away[0], away[2]]), "{direction}: one slot only");
        }
        assert!(!found(Increase, [90.0, 80.0, 70.0]), "less, and still beyond the target");
    }

    #[test]
    fn only_on_track_and_only_lead_metrics_are_told_of() {
        let earlier = [vec![frozen(Some(50.0), Some(48.0))]];
        let now = |status| said(status, frozen(Some(48.0), Some(46.0)));
        let lead = [metric(Direction::Increase, MetricKind::Lead)];
        let told = against(&now(Status::OnTrack), &lead, &earlier);
        assert_eq!(told[0].values, [50.0, 48.0, 46.0], "the value before the first slot counts");
        assert!(against(&now(Status::Caution), &lead, &earlier).is_empty());
        assert!(against(&now(Status::OnTrack), &[metric(Direction::Increase, MetricKind::Lag)], &earlier).is_empty());
        assert!(against(&now(Status::OnTrack), &lead, &[]).is_empty(), "one slot is not two");
        let mut silent = now(Status::OnTrack);
        silent.no_change = true;
        assert!(against(&silent, &lead, &earlier).is_empty());
    }
}
