//! Schedules that wait while the sample is being filled: its eight weeks are played through with a clock of their own, and what
//! the server's clock would do to them (a duty that is "long over", a reminder that is "long due") would be wrong.

use actix_web::web::Data;
use async_trait::async_trait;

use crate::app::App;
use crate::db::Tx;
use crate::jobs::{Failure, Handler, Job, Outcome, Work};

use super::sql;

/// A handler that has nothing to do while the sample is being filled. Its schedule comes again within a minute or so.
pub struct Apart<H>(pub H);

#[async_trait]
impl<H: Handler> Handler for Apart<H> {
    async fn may_begin(&self, app: &Data<App>) -> bool {
        self.0.may_begin(app).await
    }

    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        if sql::is_being_filled(&app.db).await? {
            return Ok(Outcome::Done);
        }
        self.0.run(app, work).await
    }

    async fn gave_up(&self, app: &Data<App>, tx: &mut Tx, job: &Job, failure: &Failure) -> Result<(), sqlx::Error> {
        self.0.gave_up(app, tx, job, failure).await
    }
}
