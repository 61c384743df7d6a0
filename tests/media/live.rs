//! A recording that is being made: it can be watched before its end, and a machine that is too slow falls back to a cheaper plan
//! instead of falling behind.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::sync::mpsc;
use twotake::media::child::{self, Event, Job, Outcome, Plan, Task};

use crate::bench::{BINARY, Run, joined, made, packets, plays};

/// A child that is fed piece by piece.
struct Live {
    folder: TempDir,
    feed: Option<mpsc::Sender<Bytes>>,
    events: Arc<Mutex<Vec<Event>>>,
    work: tokio::task::JoinHandle<Outcome>,
}

impl Live {
    fn start(binary: PathBuf, folder: TempDir, task: Task) -> Self {
        let job = Job::new(binary, folder.path().to_owned(), task);
        let (feed, fed) = mpsc::channel::<Bytes>(4);
        let input = stream::unfold(fed, |mut fed| async move { fed.recv().await.map(|bytes| (Ok(bytes), fed)) });
        let (to, mut from) = mpsc::channel(16);
        let events = Arc::new(Mutex::new(Vec::new()));
        let kept = events.clone();
        let work = tokio::spawn(async move {
            let collect = async {
                while let Some(event) = from.recv().await {
                    kept.lock().unwrap().push(event);
                }
            };
            tokio::join!(child::run(job, Box::pin(input), to), collect).0
        });
        Self { folder, feed: Some(feed), events, work }
    }

    /// Feeds a piece; it must be taken at once, whatever the encoders do.
    async fn feed(&self, piece: &[u8]) {
        let sent = self.feed.as_ref().unwrap().send(Bytes::copy_from_slice(piece));
        tokio::time::timeout(Duration::from_secs(60), sent).await.expect("the pipe is never blocked").unwrap();
    }

    fn seen<T>(&self, mut look: impl FnMut(&Event) -> Option<T>) -> Option<T> {
        self.events.lock().unwrap().iter().rev().find_map(&mut look)
    }

    async fn until(&self, what: &str, mut holds: impl FnMut(&Event) -> bool) {
        let start = Instant::now();
        while self.seen(|event| holds(event).then_some(())).is_none() {
            assert!(start.elapsed() < Duration::from_secs(120), "{what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn end(mut self) -> Run {
        self.feed = None;
        let outcome = self.work.await.unwrap();
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        Run { folder: self.folder, events, outcome }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_can_be_watched_before_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let words = "-f lavfi -i testsrc2=size=640x360:rate=30:duration=10 -f lavfi -i sine=duration=10 \
                 -c:v libvpx -deadline realtime -cpu-used 16 -b:v 500k -c:a libopus -live 1";
    let bytes = std::fs::read(made(&folder, "a.webm", words)).unwrap();
    let task = Task { heights: vec![360, 240], ..Task::default() };
    let live = Live::start(BINARY.into(), tempfile::tempdir().unwrap(), task);
    let (first, rest) = bytes.split_at(bytes.len() * 7 / 10);
    live.feed(first).await;
    let is_master =
        |event: &Event| matches!(event, Event::Playlist { name, ended: false, .. } if name == "master.m3u8");
    live.until("the master playlist comes before the end", is_master).await;
    live.until(
        "three segments of the sound",
        |event| matches!(event, Event::Segment { name, .. } if name == "audio-00002.m4s"),
    )
    .await;
    live.until(
        "three segments of each",
        |event| matches!(event, Event::Progress { media_ms, .. } if *media_ms >= 6000),
    )
    .await;
    // What a player finds then, for as long as it wants to look.
    let text = |name: &str| std::fs::read_to_string(live.folder.path().join(name)).unwrap();
    for name in ["360.m3u8", "240.m3u8", "audio.m3u8"] {
        let playlist = text(name);
        assert!(playlist.contains("TYPE:EVENT") && !playlist.contains("ENDLIST"), "{playlist}");
        assert!(
            playlist.lines().filter(|line| line.ends_with(".m4s")).all(|line| live.folder.path().join(line).is_file())
        );
    }
    let master = text("master.m3u8");
    assert!(
        master.contains("360.m3u8") && master.contains("240.m3u8") && master.contains("CODECS=\"avc1.64"),
        "{master}"
    );
    plays(&live.folder.path().join("master.m3u8"));
    live.feed(rest).await;
    let run = live.end().await;
    assert_eq!(run.result().renditions.iter().map(|rung| rung.frames).collect::<Vec<_>>(), [300, 300]);
    // Nothing in a growing playlist ever changes.
    let mut before = String::new();
    for event in &run.events {
        if let Event::Playlist { name, text, ended: false } = event
            && name == "360.m3u8"
        {
            assert!(text.starts_with(&before), "{before}\n{text}");
            before.clone_from(text);
        }
    }
}

/// The program behind a script that leaves its process's number in the work folder.
fn numbered(folder: &Path) -> PathBuf {
    let script = folder.join("numbered");
    std::fs::write(&script, format!("#!/bin/sh\necho $$ > number\nexec {BINARY} \"$@\"\n")).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    script
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_too_slow_gets_a_cheaper_plan_and_a_fast_one_the_full_plan_again() {
    let tools = tempfile::tempdir().unwrap();
    let words = "-f lavfi -i testsrc2=size=320x180:rate=30:duration=10,noise=alls=20:allf=t -f lavfi -i sine=duration=10 \
                 -c:v libvpx -deadline realtime -cpu-used 16 -b:v 800k -g 100 -c:a libopus";
    let short = made(&tools, "short.webm", words);
    let words = format!("-stream_loop 14 -i {} -c copy -live 1", short.display());
    let bytes = std::fs::read(made(&tools, "noise.webm", &words)).unwrap();
    let task = Task { heights: vec![180, 120], ..Task::default() };
    let live = Live::start(numbered(tools.path()), tempfile::tempdir().unwrap(), task);
    let number = live.folder.path().join("number");
    let plan = || live.seen(|event| if let Event::Progress { plan, .. } = event { Some(*plan) } else { None });
    let mut slices = bytes.chunks(bytes.len() / (150 * 4));
    let mut clock = tokio::time::interval(Duration::from_millis(250));
    let (mut stopped, mut recovered) = (false, false);
    // How long the child may work in each quarter of a second. A slow machine is one that is slow for this work, so it is halved for as
    // long as that is enough to keep in step.
    let mut works = Duration::from_millis(24);
    // In real time, until it has seen both.
    for (n, slice) in (&mut slices).enumerate() {
        clock.tick().await;
        live.feed(slice).await;
        let lag = live.seen(|event| if let Event::Progress { lag_ms, .. } = event { Some(*lag_ms) } else { None });
        if n % 8 == 7 && lag.is_some_and(|lag| lag < 1000) {
            works = (works / 2).max(Duration::from_millis(1));
        }
        let Ok(text) = std::fs::read_to_string(&number) else { continue };
        let Ok(child) = text.trim().parse::<i32>() else { continue };
        stopped |= plan() == Some(Plan::Sparse);
        recovered = stopped && plan() == Some(Plan::Full);
        if recovered {
            break;
        }
        if !stopped {
            kill(Pid::from_raw(child), Signal::SIGSTOP).unwrap();
            tokio::time::sleep(Duration::from_millis(250) - works).await;
            kill(Pid::from_raw(child), Signal::SIGCONT).unwrap();
        }
    }
    assert!(stopped, "the plan became as cheap as can be");
    assert!(recovered, "and full again: {:?}", plan());
    let run = live.end().await;
    let result = run.result();
    assert_eq!(result.renditions.len(), 2);
    let all: Vec<_> = result.renditions.iter().map(|rung| packets(&joined(&run, &rung.name))).collect();
    assert_eq!(all[0], all[1], "the same times and keys in every rung");
    for rung in &result.renditions {
        let file = joined(&run, &rung.name);
        plays(&file);
    }
    assert_eq!(packets(&run.path("video.mp4")), all[0]);
    let plans: BTreeSet<Plan> = run
        .events
        .iter()
        .filter_map(|event| if let Event::Progress { plan, .. } = event { Some(*plan) } else { None })
        .collect();
    assert_eq!(plans.len(), 4, "{plans:?}");
}
