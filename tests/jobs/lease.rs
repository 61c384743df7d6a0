//! Leases: lost by whoever makes no progress, taken over by whoever watched long enough, never stolen early.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use chrono::TimeDelta;
use tokio::sync::Semaphore;
use twotake::app::App;
use twotake::clock::Clock;
use twotake::jobs::{Outcome, Registry, Worker, drain, rescue::rescue};

use crate::harness::{PATIENCE, both, until};
use crate::script::{always, node, owe, row, script, test_job};

/// Looks at the leases every second for so long; answers how many jobs were taken over.
async fn watch(app: &Data<App>, registry: &Registry, seconds: u32) -> usize {
    let mut rescued = rescue(app, registry).await.unwrap();
    for _ in 0..seconds {
        app.clock.advance(TimeDelta::seconds(1));
        rescued += rescue(app, registry).await.unwrap();
    }
    rescued
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn a_job_of_a_vanished_worker_is_taken_over_after_one_lease_and_not_before(server: Server) {
        let app = server.app.clone();
        let (stuck, begun) = script(|_, _| Box::pin(std::future::pending()));
        let (works, seen) = always(Ok(Outcome::Done));
        let id = owe(&app, test_job()).await.unwrap();
        let vanishing = tokio::spawn({
            let app = app.clone();
            async move { drain(&app, &stuck).await }
        });
        until("the job has begun", PATIENCE, async || begun.begun() == 1).await;
        vanishing.abort();
        let other = node(&server, app.clock.clone()).await;
        assert_eq!(watch(&other, &works, 9).await, 0, "not a whole lease yet");
        assert_eq!(watch(&other, &works, 1).await, 1);
        drain(&other, &works).await.unwrap();
        let row = row(&app, id).await;
        assert_eq!((row.state.as_str(), row.attempt, seen.begun()), ("done", 2, 1));
    }

    async fn while_nobody_could_look_no_lease_runs_out(server: Server) {
        let app = server.app.clone();
        let (stuck, begun) = script(|_, _| Box::pin(std::future::pending()));
        let (works, _) = always(Ok(Outcome::Done));
        owe(&app, test_job()).await.unwrap();
        let holder = tokio::spawn({
            let app = app.clone();
            async move { drain(&app, &stuck).await }
        });
        until("the job has begun", PATIENCE, async || begun.begun() == 1).await;
        let other = node(&server, app.clock.clone()).await;
        assert_eq!(watch(&other, &works, 5).await, 0);
        // A database that is away for an hour: whoever has the job could not extend its lease, and gets the time to do so.
        app.clock.advance(TimeDelta::hours(1));
        assert_eq!(watch(&other, &works, 2).await, 0);
        assert_eq!(watch(&other, &works, 3).await, 1);
        holder.abort();
    }

    async fn a_clock_that_is_ahead_steals_nothing(server: Server) {
        let app = server.app.clone();
        let (stuck, begun) = script(|_, _| Box::pin(std::future::pending()));
        let (works, _) = always(Ok(Outcome::Done));
        let id = owe(&app, test_job()).await.unwrap();
        let holder = tokio::spawn({
            let app = app.clone();
            async move { drain(&app, &stuck).await }
        });
        until("the job has begun", PATIENCE, async || begun.begun() == 1).await;
        let ahead = Clock::manual(app.clock.now() + TimeDelta::days(1), 9);
        let other = node(&server, ahead).await;
        for _ in 0..3 {
            assert_eq!(rescue(&other, &works).await.unwrap(), 0);
        }
        assert_eq!(row(&app, id).await.state, "running");
        holder.abort();
    }

    async fn a_job_that_kills_its_workers_ends_at_the_attempt_limit(server: Server) {
        let app = server.app.clone();
        let id = owe(&app, test_job()).await.unwrap();
        let (watcher, told) = always(Ok(Outcome::Done));
        let other = node(&server, app.clock.clone()).await;
        for attempt in 1..=3 {
            let (stuck, begun) = script(|_, _| Box::pin(std::future::pending()));
            let worker = tokio::spawn({
                let app = app.clone();
                async move { drain(&app, &stuck).await }
            });
            until("the job has begun", PATIENCE, async || begun.begun() == 1).await;
            worker.abort();
            assert_eq!(watch(&other, &watcher, 10).await, 1, "attempt {attempt}");
            app.clock.advance(TimeDelta::seconds(60));
        }
        let row = row(&app, id).await;
        assert_eq!((row.state.as_str(), row.attempt), ("failed", 3));
        assert_eq!(told.gave_up.lock().unwrap().len(), 1, "whoever waits is told by the rescuer");
    }

    async fn a_worker_that_slept_through_its_lease_writes_nothing_more(server: Server) {
        let app = server.app.clone();
        let gate = Arc::new(Semaphore::new(0));
        let wake = gate.clone();
        let (sleeper, begun) = script(move |app, work| {
            let gate = gate.clone();
            Box::pin(async move {
                gate.acquire().await.unwrap().forget();
                let mut tx = app.db.begin().await?;
                assert!(!work.finish(app, &mut tx).await?, "the fence holds");
                drop(tx);
                assert!(!work.checkpoint(app, &serde_json::json!({})).await?, "for checkpoints too");
                Ok(Outcome::Finished)
            })
        });
        let (works, seen) = always(Ok(Outcome::Done));
        let id = owe(&app, test_job()).await.unwrap();
        let asleep = tokio::spawn({
            let app = app.clone();
            async move { drain(&app, &sleeper).await }
        });
        until("the job has begun", PATIENCE, async || begun.begun() == 1).await;
        let other = node(&server, app.clock.clone()).await;
        assert_eq!(watch(&other, &works, 10).await, 1);
        drain(&other, &works).await.unwrap();
        wake.add_permits(1);
        asleep.await.unwrap().unwrap();
        assert_eq!((row(&app, id).await.state.as_str(), seen.begun()), ("done", 1));
    }

    async fn a_hung_handler_loses_its_job_though_its_process_lives(server: Server) {
        let app = server.app.clone();
        app.jobs.set_lease(Duration::from_millis(300));
        let (hangs, seen) = script(|_, _| Box::pin(std::future::pending()));
        let id = owe(&app, test_job()).await.unwrap();
        drain(&app, &hangs).await.unwrap();
        let row = row(&app, id).await;
        assert_eq!((row.state.as_str(), row.attempt, seen.begun()), ("ready", 1, 1));
        assert_eq!(row.error.as_deref(), Some("no sign of life for three leases"));
    }

    async fn progress_keeps_the_lease(server: Server) {
        let app = server.app.clone();
        app.jobs.set_lease(Duration::from_millis(1500));
        let (works, _) = script(|_, work| {
            Box::pin(async move {
                for step in 0..30 {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    work.progress(f64::from(step) / 30.0);
                }
                Ok(Outcome::Done)
            })
        });
        let id = owe(&app, test_job()).await.unwrap();
        drain(&app, &works).await.unwrap();
        let row = row(&app, id).await;
        assert_eq!((row.state.as_str(), row.attempt), ("done", 1));
    }

    async fn a_stopping_worker_hands_its_job_back_and_the_attempt_does_not_count(server: Server) {
        let app = server.app.clone();
        let (stuck, begun) = script(|_, _| Box::pin(std::future::pending()));
        let worker = Worker::start(&app, stuck, 1);
        let id = owe(&app, test_job()).await.unwrap();
        until("the job has begun", PATIENCE, async || begun.begun() == 1).await;
        worker.stop().await;
        let row = row(&app, id).await;
        assert_eq!((row.state.as_str(), row.attempt), ("ready", 0));
    }
}
