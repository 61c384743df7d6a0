//! Filling the index from the rows that were there before it, or anew when its rules change. Owed once at a start; goes on where
//! it stopped. What is changed meanwhile is indexed by its own change, and never overwritten with what was read before.

use actix_web::web::Data;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::jobs::{self, Failure, Handler, NewJob, Outcome, Work};
use crate::org;

use super::{Kind, merge, put, sql};

/// The kind of job.
pub const KIND: &str = "search.fill";

/// Of the rules by which words are made; a change of `fold`, `plain` or `sql/source` that changes words raises it.
pub const VERSION: i64 = 2;

/// Things in one transaction: writers wait no longer than that.
const BATCH: i64 = 50;

/// Owes the filling when the index was not made by these rules. A server without an organisation has nothing to fill it from.
///
/// # Errors
/// The database's.
pub async fn owe(app: &App) -> Result<(), sqlx::Error> {
    if sql::index::version(&app.db).await? == Some(VERSION) {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    if org::sql::any_organisation(&mut tx).await? {
        jobs::enqueue(&mut tx, &app.clock, NewJob::new(KIND, json!({})).unique(KIND)).await?;
    } else {
        sql::index::made(&mut tx, app.clock.now()).await?;
    }
    tx.commit_quietly().await?;
    app.jobs.wake();
    Ok(())
}

/// How far it has come.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    /// Kinds that are done.
    kinds: usize,
    /// The last thing of the next kind that is done.
    after: Uuid,
}

/// Fills the index as a job.
pub struct Fill;

#[async_trait]
impl Handler for Fill {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let kept = work.job.checkpoint.clone().and_then(|kept| serde_json::from_value(kept.0).ok());
        let mut place: Place = kept.unwrap_or_default();
        while let Some(kind) = Kind::ALL.get(place.kinds) {
            let mut tx = app.db.begin().await?;
            let some = sql::source::after(&mut tx, *kind, place.after, BATCH).await?;
            for subject in &some {
                put(&mut tx, *kind, *subject, false).await?;
            }
            place = match some.last() {
                Some(last) => Place { after: *last, ..place },
                None => Place { kinds: place.kinds + 1, after: Uuid::nil() },
            };
            if !work.checkpoint_in(&mut tx, &json!(place)).await? {
                return Ok(Outcome::Finished); // another worker goes on
            }
            tx.commit_quietly().await?;
            work.alive();
        }
        forget_older(app, work).await?;
        merge::run(app, &|| work.alive()).await?;
        let mut tx = app.db.begin().await?;
        sql::index::made(&mut tx, app.clock.now()).await?;
        tx.commit_quietly().await?;
        tracing::info!(version = VERSION, "everything that can be found has been indexed");
        Ok(Outcome::Done)
    }
}

/// Takes away what only older rules had found.
async fn forget_older(app: &App, work: &Work) -> Result<(), sqlx::Error> {
    loop {
        let mut tx = app.db.begin().await?;
        let some = sql::index::older(&mut tx, BATCH).await?;
        for (kind, subject) in &some {
            if let Some(id) = sql::index::remove(&mut tx, *kind, *subject).await? {
                crate::db::words::remove(&mut tx, id).await?;
            }
        }
        tx.commit_quietly().await?;
        work.alive();
        if some.is_empty() {
            return Ok(());
        }
    }
}
