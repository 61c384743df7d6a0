//! How far goals have come: the mean of their metrics, else of the goals under them, else none (shown as "no metric").
//! Loaded for a whole page of goals in three statements, however many they are.

use std::collections::HashMap;

use crate::db::Db;
use crate::id::GoalId;

use super::metric::{self, MetricRow};
use super::sql;

/// The metrics of a page of goals, and how far each has come.
#[derive(Debug, Default)]
pub struct Standing {
    /// Metrics by goal, in order.
    pub metrics: HashMap<GoalId, Vec<MetricRow>>,
    children: HashMap<GoalId, Vec<GoalId>>,
}

/// Reads what is needed to tell how far these goals have come.
///
/// # Errors
/// The database's.
pub async fn load(db: &Db, goals: &[GoalId]) -> Result<Standing, sqlx::Error> {
    let mut standing = Standing::default();
    standing.add(metric::sql::of_goals(db, goals).await?);
    let bare: Vec<GoalId> = goals.iter().copied().filter(|goal| !standing.metrics.contains_key(goal)).collect();
    let edges = sql::below(db, &bare).await?;
    let mut known: Vec<GoalId> = edges.iter().map(|(child, _)| *child).collect();
    known.retain(|goal| !standing.metrics.contains_key(goal));
    known.sort_unstable();
    known.dedup();
    for some in known.chunks(500) {
        standing.add(metric::sql::of_goals(db, some).await?);
    }
    for (child, parent) in edges {
        standing.children.entry(parent).or_default().push(child);
    }
    Ok(standing)
}

impl Standing {
    fn add(&mut self, rows: Vec<MetricRow>) {
        for row in rows {
            self.metrics.entry(row.goal).or_default().push(row);
        }
    }

    /// How far a goal has come, 0 to 1; none when nothing under it is measured.
    #[must_use]
    pub fn progress(&self, goal: GoalId) -> Option<f64> {
        self.walk(goal, 0)
    }

    fn walk(&self, goal: GoalId, depth: usize) -> Option<f64> {
        if let Some(metrics) = self.metrics.get(&goal) {
            return of_metrics(metrics);
        }
        // Writers keep goals free of cycles; a depth nobody builds by hand stands in for a set of those seen.
        if depth > 64 {
            return None;
        }
        mean(self.children.get(&goal)?.iter().filter_map(|child| self.walk(*child, depth + 1)))
    }
}

/// The mean of a goal's metrics. One without a value yet counts as standing at its start, once any other has a value:
/// leaving it out would make a goal look finished because half of it is not measured.
fn of_metrics(metrics: &[MetricRow]) -> Option<f64> {
    if metrics.iter().all(|metric| metric.value.is_none()) {
        return None;
    }
    mean(metrics.iter().map(|metric| metric.progress().unwrap_or(0.0)))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}
