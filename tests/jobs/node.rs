//! Many workers, several nodes, one queue.

use twotake::jobs::{Outcome, Worker, drain};

use crate::harness::{PATIENCE, both, until};
use crate::script::{always, node, owe, row, test_job};

both! {
    async fn eight_workers_on_two_nodes_do_each_job_once(server: Server) {
        let other = node(&server, server.app.clock.clone()).await;
        let mut ids = Vec::new();
        for _ in 0..60 {
            ids.push(owe(&server.app, test_job()).await.unwrap());
        }
        let mut workers = Vec::new();
        let mut seen = Vec::new();
        for n in 0..8 {
            let (registry, begun) = always(Ok(Outcome::Done));
            seen.push(begun);
            let app = if n % 2 == 0 { server.app.clone() } else { other.clone() };
            workers.push(tokio::spawn(async move { drain(&app, &registry).await }));
        }
        for worker in workers {
            worker.await.unwrap().unwrap();
        }
        assert_eq!(seen.iter().map(|s| s.begun()).sum::<usize>(), 60);
        for id in ids {
            let row = row(&server.app, id).await;
            assert_eq!((row.state.as_str(), row.attempt), ("done", 1));
        }
    }

    async fn work_owed_on_one_node_is_begun_on_another(server: Server) {
        let other = node(&server, server.app.clock.clone()).await;
        let (registry, begun) = always(Ok(Outcome::Done));
        let worker = Worker::start(&other, registry, 2);
        for n in 1..=5 {
            owe(&server.app, test_job()).await.unwrap();
            until("the other node has done it", PATIENCE, async || begun.begun() == n).await;
        }
        worker.stop().await;
    }
}
