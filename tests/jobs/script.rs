//! A handler that does what a test says, and a look at the job's row.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::json;
use twotake::app::App;
use twotake::clock::Clock;
use twotake::db::Tx;
use twotake::id::JobId;
use twotake::jobs::{self, Failure, Handler, Job, NewJob, Outcome, Registry, Work};
use twotake::on_db;

use crate::harness::Server;

pub type Ended = Result<Outcome, Failure>;
type Step =
    Arc<dyn for<'a> Fn(&'a Data<App>, &'a Work) -> Pin<Box<dyn Future<Output = Ended> + Send + 'a>> + Send + Sync>;

/// What happened to the jobs of one script.
#[derive(Default)]
pub struct Seen {
    pub begun: AtomicUsize,
    pub gave_up: Mutex<Vec<String>>,
}

impl Seen {
    pub fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }
}

struct Script(Step, Arc<Seen>);

#[async_trait]
impl Handler for Script {
    async fn run(&self, app: &Data<App>, work: &Work) -> Ended {
        self.1.begun.fetch_add(1, Ordering::SeqCst);
        (self.0)(app, work).await
    }

    async fn gave_up(&self, _: &Data<App>, _: &mut Tx, _: &Job, failure: &Failure) -> Result<(), sqlx::Error> {
        self.1.gave_up.lock().unwrap().push(failure.cause.clone());
        Ok(())
    }
}

/// A registry whose kind "test" does this.
pub fn script(
    step: impl for<'a> Fn(&'a Data<App>, &'a Work) -> Pin<Box<dyn Future<Output = Ended> + Send + 'a>>
    + Send
    + Sync
    + 'static,
) -> (Registry, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    (Registry::default().handle("test", Script(Arc::new(step), seen.clone())), seen)
}

/// A registry whose kind "test" always ends like this.
pub fn always(ended: Ended) -> (Registry, Arc<Seen>) {
    script(move |_, _| {
        let ended = ended.clone();
        Box::pin(async move { ended })
    })
}

/// Owes one job.
pub async fn owe(app: &App, job: NewJob) -> Option<JobId> {
    let mut tx = app.db.begin().await.unwrap();
    let id = jobs::enqueue(&mut tx, &app.clock, job).await.unwrap();
    tx.commit().await.unwrap();
    app.jobs.wake();
    id
}

/// A job of kind "test".
pub fn test_job() -> NewJob {
    NewJob::new("test", json!({}))
}

/// The row of a job.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    pub state: String,
    pub attempt: i32,
    pub run_at: DateTime<Utc>,
    pub error: Option<String>,
}

pub async fn row(app: &App, id: JobId) -> Row {
    const SQL: &str = "select state, attempt, run_at, error from job where id = $1";
    on_db!(&app.db, |c| sqlx::query_as(SQL).bind(id).fetch_one(c).await).unwrap()
}

/// Another node on the same database and store, with a clock of its own. It answers no requests and starts no workers.
pub async fn node(server: &Server, clock: Clock) -> Data<App> {
    Data::new(App::build(server.app.config.clone(), clock).await.unwrap())
}
