//! Work that is owed from time to time: a row per schedule, won by a guarded update, so that many nodes owe it once.

use std::time::Duration;

use chrono::TimeDelta;

use crate::app::App;

use super::{NewJob, Registry, enqueue, sql};

/// A kind of job that is owed again and again. It is owed once even when it has been missed many times.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How often.
    pub every: Duration,
    /// The kind of job; also the schedule's name.
    pub kind: &'static str,
}

/// Owes whatever is due. A new schedule is due at once.
///
/// # Errors
/// The database's.
pub async fn owe_due(app: &App, registry: &Registry) -> Result<(), sqlx::Error> {
    for schedule in &registry.schedules {
        owe_if_due(app, schedule).await?;
    }
    Ok(())
}

async fn owe_if_due(app: &App, schedule: &Schedule) -> Result<(), sqlx::Error> {
    let now = app.clock.now();
    let due = match sql::due_at(&app.db, schedule.kind).await? {
        Some(due) => due,
        None => {
            let mut tx = app.db.begin().await?;
            sql::put_schedule(&mut tx, schedule.kind, now).await?;
            tx.commit().await?;
            now
        }
    };
    if due > now {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let next = now + TimeDelta::from_std(schedule.every).unwrap_or_default();
    if sql::win_schedule(&mut tx, schedule.kind, due, next, now).await? {
        enqueue(&mut tx, &app.clock, NewJob::new(schedule.kind, serde_json::json!({})).unique(schedule.kind)).await?;
        tx.commit().await?;
        app.jobs.wake();
    }
    Ok(())
}

/// Forgets jobs that have ended: done for a day, failed for thirty.
///
/// # Errors
/// The database's.
pub async fn sweep(app: &App) -> Result<u64, sqlx::Error> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let swept = sql::sweep(&mut tx, now - TimeDelta::days(1), now - TimeDelta::days(30)).await?;
    tx.commit().await?;
    Ok(swept)
}
