//! How jobs end: done, failed for good, put back.

use std::time::Duration;

use chrono::TimeDelta;
use twotake::jobs::{Failure, Outcome, Registry, drain, periodic};

use crate::harness::both;
use crate::script::{always, owe, row, script, test_job};

both! {
    at "2026-11-22T10:00:00Z";

    async fn a_job_is_done_once(server: Server) {
        let (registry, seen) = always(Ok(Outcome::Done));
        let id = owe(&server.app, test_job()).await.unwrap();
        assert_eq!(drain(&server.app, &registry).await.unwrap(), 1);
        assert_eq!(drain(&server.app, &registry).await.unwrap(), 0);
        assert_eq!((row(&server.app, id).await.state.as_str(), seen.begun()), ("done", 1));
    }

    async fn a_key_is_owed_once_while_unfinished_and_again_afterwards(server: Server) {
        let (registry, seen) = always(Ok(Outcome::Done));
        assert!(owe(&server.app, test_job().unique("k")).await.is_some());
        assert!(owe(&server.app, test_job().unique("k")).await.is_none());
        drain(&server.app, &registry).await.unwrap();
        assert!(owe(&server.app, test_job().unique("k")).await.is_some());
        drain(&server.app, &registry).await.unwrap();
        assert_eq!(seen.begun(), 2);
    }

    async fn a_passing_failure_waits_in_its_row_and_ends_at_the_attempt_limit(server: Server) {
        let (registry, seen) = always(Err(Failure::passing("no luck")));
        let id = owe(&server.app, test_job()).await.unwrap();
        for (attempt, seconds) in [(1, 2), (2, 8)] {
            assert_eq!(drain(&server.app, &registry).await.unwrap(), 1);
            let row = row(&server.app, id).await;
            assert_eq!((row.state.as_str(), row.attempt), ("ready", attempt));
            assert_eq!(row.run_at, server.app.clock.now() + TimeDelta::seconds(seconds));
            server.app.clock.advance(TimeDelta::seconds(seconds));
        }
        drain(&server.app, &registry).await.unwrap();
        let row = row(&server.app, id).await;
        assert_eq!((row.state.as_str(), row.attempt, row.error.as_deref()), ("failed", 3, Some("no luck")));
        assert_eq!(*seen.gave_up.lock().unwrap(), ["no luck"]);
    }

    async fn a_permanent_failure_ends_at_once(server: Server) {
        let (registry, seen) = always(Err(Failure::permanent("never")));
        let id = owe(&server.app, test_job()).await.unwrap();
        drain(&server.app, &registry).await.unwrap();
        assert_eq!((row(&server.app, id).await.state.as_str(), seen.begun()), ("failed", 1));
        assert_eq!(seen.gave_up.lock().unwrap().len(), 1);
    }

    async fn a_panic_costs_an_attempt_and_nothing_else(server: Server) {
        let (registry, _) = script(|_, work| {
            let first = work.job.attempt == 1;
            Box::pin(async move { if first { panic!("a fault on purpose") } else { Ok(Outcome::Done) } })
        });
        let id = owe(&server.app, test_job()).await.unwrap();
        drain(&server.app, &registry).await.unwrap();
        server.app.clock.advance(TimeDelta::seconds(2));
        drain(&server.app, &registry).await.unwrap();
        assert_eq!(row(&server.app, id).await.state, "done");
    }

    async fn higher_priority_goes_first_and_later_work_waits(server: Server) {
        let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = order.clone();
        let (registry, _) = script(move |_, work| {
            seen.lock().unwrap().push(work.job.id);
            Box::pin(async { Ok(Outcome::Done) })
        });
        let mut later = test_job();
        later.run_at = Some(server.app.clock.now() + TimeDelta::seconds(5));
        let mut high = test_job();
        high.priority = 5;
        owe(&server.app, later).await.unwrap();
        let low = owe(&server.app, test_job()).await.unwrap();
        let high = owe(&server.app, high).await.unwrap();
        assert_eq!(drain(&server.app, &registry).await.unwrap(), 2);
        assert_eq!(*order.lock().unwrap(), [high, low]);
    }

    async fn a_checkpoint_reaches_the_next_attempt(server: Server) {
        let (registry, seen) = script(|app, work| {
            Box::pin(async move {
                match &work.job.checkpoint {
                    Some(kept) if kept.0["at"] == 7 => Ok(Outcome::Done),
                    _ => {
                        work.checkpoint(app, &serde_json::json!({"at": 7})).await?;
                        Err(Failure::passing("half way"))
                    }
                }
            })
        });
        let id = owe(&server.app, test_job()).await.unwrap();
        drain(&server.app, &registry).await.unwrap();
        server.app.clock.advance(TimeDelta::seconds(2));
        drain(&server.app, &registry).await.unwrap();
        assert_eq!((row(&server.app, id).await.state.as_str(), seen.begun()), ("done", 2));
    }

    async fn a_schedule_is_owed_once_however_many_nodes_and_missed_turns(server: Server) {
        let registry = || Registry::default().every(Duration::from_secs(3600), "test");
        let other = crate::script::node(&server, server.app.clock.clone()).await;
        let (worker, seen) = always(Ok(Outcome::Done));
        for hours in [0, 1, 5] {
            server.app.clock.advance(TimeDelta::hours(hours));
            let (a, b) = (registry(), registry());
            let (one, two) = tokio::join!(periodic::owe_due(&server.app, &a), periodic::owe_due(&other, &b));
            one.unwrap();
            two.unwrap();
            drain(&server.app, &worker).await.unwrap();
        }
        assert_eq!(seen.begun(), 3);
    }

    async fn ended_jobs_are_forgotten_when_they_are_old(server: Server) {
        let (registry, _) = always(Ok(Outcome::Done));
        owe(&server.app, test_job()).await.unwrap();
        drain(&server.app, &registry).await.unwrap();
        assert_eq!(periodic::sweep(&server.app).await.unwrap(), 0);
        server.app.clock.advance(TimeDelta::hours(25));
        // At least this one: the server's own schedules may have ended as well.
        assert!(periodic::sweep(&server.app).await.unwrap() >= 1);
    }
}
