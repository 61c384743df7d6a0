//! Who is to be woken: once a minute, so that what happens together is one message.

use chrono::TimeDelta;
use serde_json::json;

use crate::app::App;
use crate::jobs::{self, NewJob};

use super::{job, sql};

/// What has shown for so long without being pushed is not news.
const FRESH: TimeDelta = TimeDelta::days(1);
/// People looked at in one statement.
const BATCH: i64 = 200;
/// How often a message is tried, over about ten minutes.
const ATTEMPTS: i32 = 6;

/// Owes a message to each browser of everybody for whom something new shows; answers how many.
///
/// # Errors
/// The database's; what was owed stays owed.
pub async fn owe(app: &App) -> Result<u64, sqlx::Error> {
    if app.push.is_none() {
        return Ok(0);
    }
    let (now, mut owed) = (app.clock.now(), 0);
    loop {
        let people = sql::due(&app.db, (now - FRESH, now), BATCH).await?;
        if people.is_empty() {
            return Ok(owed);
        }
        for person in people {
            let mut tx = app.db.begin().await?;
            if sql::pushed(&mut tx, person, now).await? {
                for browser in sql::of_person(&mut tx, person, now).await? {
                    let message = NewJob::new(job::KIND, json!({ "browser": browser.id }));
                    let message = NewJob { max_attempts: ATTEMPTS, ..message.unique(format!("push:{}", browser.id)) };
                    owed += u64::from(jobs::enqueue(&mut tx, &app.clock, message).await?.is_some());
                }
            }
            tx.commit_quietly().await?;
        }
        app.jobs.wake();
    }
}
