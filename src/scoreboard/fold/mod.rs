//! Folds what was added to the weeks of a company (`reliability_week`, migration 22) into one row a week, so that a scoreboard of a
//! company adds up as many rows as it has weeks, however many people there are.
//!
//! Invariant: a fold takes the rows away and puts their sum in within one transaction, so that readers always see either; what others
//! add meanwhile stays beside it for the next one. Two folds at once each sum what they took.

pub mod sql;

use actix_web::web::Data;
use async_trait::async_trait;

use crate::app::App;
use crate::jobs::{Failure, Handler, Outcome, Work};

use super::Tally;

/// The kind of job that runs this, and its schedule's name.
pub const KIND: &str = "scoreboard.fold";

/// Weeks looked up at once.
const BATCH: i64 = 100;

/// Folds every week that has more than one row; returns how many had. `alive` hears of each.
///
/// # Errors
/// The database's; what was folded stays so.
pub async fn run(app: &App, alive: &(dyn Fn() + Sync)) -> Result<usize, sqlx::Error> {
    let mut folded = 0;
    loop {
        let weeks = sql::unfolded(&app.db, BATCH).await?;
        for (organisation, monday) in &weeks {
            let mut tx = app.db.begin().await?;
            let mut sum = Tally::default();
            for added in sql::take_week(&mut tx, *organisation, *monday).await? {
                sum += added;
            }
            if sum != Tally::default() {
                sql::put_week(&mut tx, *organisation, *monday, sum).await?;
            }
            tx.commit_quietly().await?;
            alive();
        }
        folded += weeks.len();
        // A full batch may have left some; else whatever is there by now is the next run's.
        if !i64::try_from(weeks.len()).is_ok_and(|found| found == BATCH) {
            return Ok(folded);
        }
    }
}

/// Runs it as a job.
pub struct Fold;

#[async_trait]
impl Handler for Fold {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        run(app, &|| work.alive()).await.map_err(Failure::passing)?;
        Ok(Outcome::Done)
    }
}
