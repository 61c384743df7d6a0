//! A child that waits: begins sooner, is locked in before the first byte like any other, and ends when nobody needs it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc;
use twotake::media::child::{self, Job, Outcome, Pool, Task};

use crate::bench::{BINARY, made, say};

/// Child processes of this one that have that argument.
fn children(argument: &str) -> Vec<PathBuf> {
    let own = format!("PPid:\t{}\n", std::process::id());
    let all = std::fs::read_dir("/proc").unwrap().flatten().map(|process| process.path());
    all.filter(|path| std::fs::read_to_string(path.join("status")).is_ok_and(|status| status.contains(&own)))
        .filter(|path| {
            std::fs::read(path.join("cmdline")).is_ok_and(|line| line.ends_with(format!("{argument}\0").as_bytes()))
        })
        .collect()
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Runs `bytes`, and tells how long it took until the child had read nearly all of the first piece.
async fn begun(folder: &Path, pool: Option<Pool>, bytes: Bytes) -> (Duration, Outcome) {
    let job = Job { pool, ..Job::new(BINARY.into(), folder.to_owned(), Task::default()) };
    let (start, mut read) = (Instant::now(), Duration::ZERO);
    let mut left = Some(bytes);
    let input = stream::poll_fn(|_| {
        let piece = left.take();
        if piece.is_none() && read.is_zero() {
            read = start.elapsed();
        }
        std::task::Poll::Ready(piece.map(Ok))
    });
    let (to, mut from) = mpsc::channel(16);
    let listen = async { while from.recv().await.is_some() {} };
    let (outcome, ()) = tokio::join!(child::run(job, input, to), listen);
    (read, outcome)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_waits_does_the_same_work_and_begins_sooner() {
    let folder = tempfile::tempdir().unwrap();
    let words = "-f lavfi -i testsrc2=size=320x240:rate=30:duration=1 -vf noise=alls=60:allf=t -c:v libvpx -deadline realtime \
                 -cpu-used 16 -b:v 8M -live 1";
    let bytes = Bytes::from(std::fs::read(made(&folder, "a.webm", words)).unwrap());
    assert!(bytes.len() > 200_000, "more than a pipe holds: {}", bytes.len());
    let pool = Pool::default();
    let mut all = Vec::new();
    for warm in [false, true] {
        let mut times = Vec::new();
        for _ in 0..5 {
            let work = tempfile::tempdir().unwrap();
            let pool = warm.then(|| pool.clone());
            if let Some(pool) = &pool {
                pool.expect(Path::new(BINARY));
                assert!(pool.is_warm());
                // It has loaded its libraries when it reads its pipe.
                until("it waits", || {
                    children("wait")
                        .iter()
                        .any(|path| std::fs::read_to_string(path.join("wchan")).is_ok_and(|at| at.contains("pipe")))
                })
                .await;
            }
            let (time, outcome) = begun(work.path(), pool, bytes.clone()).await;
            assert!(matches!(&outcome, Outcome::Done(result) if result.renditions[0].frames == 30), "{outcome:?}");
            assert!(work.path().join("video.mp4").is_file());
            times.push(time);
        }
        assert!(!pool.is_warm(), "one child serves one task");
        times.sort();
        all.push(times[times.len() / 2]);
        say(&format!("from the start until bytes are read, {}: {times:?}", if warm { "waiting" } else { "cold" }));
    }
    assert!(all[1] < all[0], "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_waited_is_locked_in_before_the_first_byte() {
    let work = tempfile::tempdir().unwrap();
    let path = work.path().canonicalize().unwrap();
    let pool = Pool::default();
    pool.expect(Path::new(BINARY));
    let job = Job { pool: Some(pool), ..Job::new(BINARY.into(), path.clone(), Task::default()) };
    let (to, _from) = mpsc::channel(16);
    let running = tokio::spawn(child::run(job, Box::pin(stream::pending()), to));
    let inside = || {
        let all = std::fs::read_dir("/proc").unwrap().flatten().map(|process| process.path());
        all.into_iter().find(|process| std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == path))
    };
    until("it goes into its folder and locks itself in", || {
        let status = inside().and_then(|process| std::fs::read_to_string(process.join("status")).ok());
        status.is_some_and(|status| status.contains("Seccomp:\t2\n") && status.contains("NoNewPrivs:\t1\n"))
    })
    .await;
    running.abort();
    until("it ends", || inside().is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_nobody_needs_goes_away() {
    let pool = Pool::with_patience(Duration::from_millis(300));
    pool.expect(Path::new("/bin/cat"));
    assert!(pool.is_warm());
    until("nobody came", || !pool.is_warm()).await;
    // One that died meanwhile is no reason to fail.
    let binary = Path::new("/bin/false");
    let pool = Pool::default();
    pool.expect(binary);
    let work = tempfile::tempdir().unwrap();
    let job = Job { pool: Some(pool), ..Job::new(binary.to_owned(), work.path().to_owned(), Task::default()) };
    let (to, _from) = mpsc::channel(16);
    let outcome = child::run(job, Box::pin(stream::empty()), to).await;
    assert!(matches!(&outcome, Outcome::Failed { detail, .. } if detail.contains("ended with")), "{outcome:?}");
}
