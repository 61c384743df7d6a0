//! The child is locked in, and it ends when nobody wants it any more.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;
use twotake::codes::Code;
use twotake::media::child::{self, Job, Outcome, Task};

use crate::bench::{BINARY, made};

/// As a browser records it, with enough in every picture to keep a child at work for seconds.
const LIVE: &str = "-f lavfi -i testsrc2=size=1920x1080:rate=30:duration=6 -vf noise=alls=20:allf=t \
    -c:v libvpx -deadline realtime -cpu-used 16 -b:v 4M -live 1";

#[test]
fn sockets_and_other_files_are_refused_inside_the_child() {
    let layers = child::layers(Path::new(BINARY)).unwrap();
    println!("{layers:#?}");
    assert_eq!(layers.len(), 3);
    assert!(layers.iter().all(|layer| layer.active), "{layers:?}");
}

/// Processes whose current folder is that one.
fn at_work(folder: &Path) -> usize {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter(|process| std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == folder)).count()
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_work_ends_the_child() {
    let folder = tempfile::tempdir().unwrap();
    let work = tempfile::tempdir().unwrap();
    let path = work.path().canonicalize().unwrap();
    let job = Job::new(BINARY.into(), path.clone(), Task::default());
    // The first bytes of a recording, and then nothing for ever.
    let head = Bytes::from(std::fs::read(made(&folder, "head.webm", LIVE)).unwrap()).slice(..100_000);
    let input = stream::iter([Ok(head)]).chain(stream::pending());
    let (to, _from) = mpsc::channel(16);
    let running = tokio::spawn(child::run(job, Box::pin(input), to));
    until("the child starts", || at_work(&path) > 0).await;
    running.abort();
    until("the child ends", || at_work(&path) == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn input_that_breaks_off_and_time_that_runs_out_are_failures() {
    let folder = tempfile::tempdir().unwrap();
    let head = Bytes::from(std::fs::read(made(&folder, "busy.webm", LIVE)).unwrap());
    let broken = stream::iter([Ok(head.slice(..1000)), Err(std::io::Error::other("the disk is gone"))]);
    let outcome = start(Duration::from_secs(600), broken).await;
    assert!(
        matches!(&outcome, Outcome::Failed { code: Code::MediaFailed, detail } if detail.contains("disk is gone")),
        "{outcome:?}"
    );
    let outcome = start(Duration::from_millis(300), stream::iter([Ok(head)])).await;
    assert!(matches!(outcome, Outcome::Failed { code: Code::MediaTimeout, .. }), "{outcome:?}");
}

async fn start(wall_clock: Duration, input: impl stream::Stream<Item = std::io::Result<Bytes>> + Send) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let job = Job { wall_clock, ..Job::new(BINARY.into(), folder.path().to_owned(), Task::default()) };
    let (to, _from) = mpsc::channel(1000);
    child::run(job, input, to).await
}

#[test]
fn the_command_line_keeps_its_contract() {
    let folder = tempfile::tempdir().unwrap();
    let twotake = |words: &[&str]| Command::new(BINARY).arg("media").args(words).output().unwrap();
    let good = made(&folder, "good.mp4", "-f lavfi -i testsrc2=size=320x180:rate=30:duration=1.5 -c:v libx264");
    let out = folder.path().join("out");
    let (good, out) = (good.to_str().unwrap(), out.to_str().unwrap());

    let done = twotake(&["transcode", good, "--out", out, "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let said: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let kept: serde_json::Value =
        serde_json::from_slice(&std::fs::read(Path::new(out).join("result.json")).unwrap()).unwrap();
    assert_eq!((&said["measured_ms"], &said["renditions"]), (&kept["measured_ms"], &kept["renditions"]));
    for name in ["master.m3u8", "video.mp4", "poster.jpg", "preview.gif"] {
        assert!(Path::new(out).join(name).is_file(), "{name}");
    }

    let probed = twotake(&["probe", good, "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&probed.stdout).unwrap();
    assert_eq!((said["measured_ms"].as_u64(), said["state"].as_str()), (Some(1500), Some("accepted")));

    let long = made(&folder, "long.mp4", "-f lavfi -i testsrc=size=160x120:rate=5:duration=200 -c:v mpeg4 -b:v 60k");
    let refused = twotake(&["probe", long.to_str().unwrap(), "--json"]);
    assert_eq!(refused.status.code(), Some(2));
    let said: serde_json::Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!((said["code"].as_str(), said["measured_ms"].as_u64()), (Some("too_long"), Some(200_000)));

    let silent = made(&folder, "tone.m4a", "-f lavfi -i sine=duration=1");
    let refused = twotake(&["transcode", silent.to_str().unwrap(), "--out", out]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).starts_with("not_video: "));
    assert_eq!(twotake(&["probe", "/nowhere"]).status.code(), Some(1));
}
