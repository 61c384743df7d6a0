//! The sample's videos become ready: each take is kept once its files are there, at the time at which it was recorded. Holds no
//! slot while it waits, for the work it waits for needs one.

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::TimeDelta;

use crate::app::App;
use crate::clock::Clock;
use crate::db::Tx;
use crate::id::OrganisationId;
use crate::jobs::{Failure, Handler, Job, Outcome, Work};
use crate::recording::session;
use crate::recording::take::TakeState;

use super::sql::{self, Unkept};
use super::{Payload, SampleState, note};

/// The kind of job that keeps the sample's takes.
pub const KIND: &str = "sample.prepare";

/// How long to wait before looking again.
const SOON: TimeDelta = TimeDelta::seconds(1);
/// Videos of a sample, for how far it has come.
const VIDEOS: f64 = 12.0;

/// Keeps as a job.
pub struct Prepare;

#[async_trait]
impl Handler for Prepare {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let Payload { organisation, .. } = work.payload()?;
        let (mut left, mut done) = (0, VIDEOS);
        for take in sql::unkept(&app.db).await? {
            match take.state {
                TakeState::Ready => keep(app, &take).await?,
                TakeState::Receiving | TakeState::Processing => (left, done) = (left + 1, done - 1.0 + take.progress),
                // It stays unpublished: a sample with a video less is better than none.
                TakeState::Refused | TakeState::Failed => {}
            }
            work.alive();
        }
        let mut tx = app.db.begin().await?;
        if left == 0 {
            return finish(app, work, tx, organisation).await;
        }
        sql::progress(&mut tx, organisation, (done / VIDEOS).clamp(0.0, 1.0)).await?;
        if work.snooze(&mut tx, app.clock.now() + SOON).await? {
            tx.commit_quietly().await?;
        }
        Ok(Outcome::Finished)
    }

    async fn gave_up(&self, app: &Data<App>, tx: &mut Tx, job: &Job, _: &Failure) -> Result<(), sqlx::Error> {
        super::failed(app, tx, job).await
    }
}

async fn finish(app: &App, work: &Work, mut tx: Tx, organisation: OrganisationId) -> Result<Outcome, Failure> {
    if !work.finish(app, &mut tx).await? {
        return Ok(Outcome::Finished);
    }
    sql::set(&mut tx, organisation, SampleState::Ready, app.clock.now()).await?;
    sql::progress(&mut tx, organisation, 1.0).await?;
    let people = sql::people(&app.db).await?;
    note(app, &mut tx, None, organisation, "sample.filled", people).await?;
    tx.commit().await?;
    tracing::info!(people, "the sample company is here");
    Ok(Outcome::Finished)
}

/// Keeps a take as its author did back then.
async fn keep(app: &App, take: &Unkept) -> Result<(), Failure> {
    let then = Clock::manual(take.created_at, u64::from_le_bytes(app.clock.random::<8>()));
    let past = app.beside(then).map_err(Failure::passing)?;
    let Some(session) = session::sql::session(&app.db, take.session, take.author).await? else { return Ok(()) };
    let mut tx = app.db.begin().await?;
    session::keep(&past, &mut tx, &session, take.take, None, None).await.map_err(Failure::passing)?;
    tx.commit().await?;
    app.jobs.wake();
    Ok(())
}
