//! What a killed attempt has left is gone on with: no seam in picture or sound, nothing made twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;
use tokio::sync::mpsc;
use twotake::media::child::{self, Event, Job, Made, MadeSegment, Resume, Task};

use crate::bench::{BINARY, Run, joined, made, packets, plays, run_task, samples, shared};

/// Lets the child come as far as so many segments of each of the renditions, kills it, and answers what it has told of, lying in a
/// new folder as the next attempt finds it.
pub async fn interrupted(file: &Path, task: Task, renditions: usize, segments: usize) -> (TempDir, Resume) {
    let folder = tempfile::tempdir().unwrap();
    let job = Job::new(BINARY.into(), folder.path().to_owned(), task);
    let bytes = std::fs::read(file).unwrap();
    // Three quarters of the recording, and then nothing for ever.
    let pieces: Vec<_> =
        bytes[..bytes.len() * 3 / 4].chunks(20_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let (to, mut from) = mpsc::channel(16);
    let work = tokio::spawn(child::run(job, Box::pin(stream::iter(pieces).chain(stream::pending())), to));
    let mut all: BTreeMap<String, Made> = BTreeMap::new();
    while all.len() < renditions || all.values().any(|made| made.segments.len() < segments) {
        let told = tokio::time::timeout(Duration::from_secs(120), from.recv()).await;
        match told.expect("it comes that far").expect("it goes on") {
            Event::Segment { rendition, name, frames: 0, .. } => {
                all.insert(rendition.clone(), Made { rendition, init: name, segments: Vec::new() });
            }
            Event::Segment { rendition, name, ticks, frames, bytes, .. } => {
                all.get_mut(&rendition).unwrap().segments.push(MadeSegment { name, ticks, bytes, frames });
            }
            _ => {}
        }
    }
    work.abort();
    let _ = work.await;
    let next = tempfile::tempdir().unwrap();
    for made in all.values() {
        for name in std::iter::once(&made.init).chain(made.segments.iter().map(|segment| &segment.name)) {
            std::fs::copy(folder.path().join(name), next.path().join(name)).unwrap();
        }
    }
    (next, Resume { renditions: all.into_values().collect() })
}

pub fn resumed(run: &Run) -> u64 {
    let told = run.events.iter().find_map(|event| match event {
        Event::Resumed { segments } => Some(*segments),
        _ => None,
    });
    told.expect("it is said")
}

/// The largest difference of two recordings of sound.
fn difference(one: &[f32], other: &[f32]) -> f32 {
    assert!(one.len().abs_diff(other.len()) < 1100, "{} and {} samples", one.len(), other.len());
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_attempt_is_gone_on_with_without_a_seam() {
    let folder = tempfile::tempdir().unwrap();
    let steady = made(
        &folder,
        "steady.webm",
        "-f lavfi -i testsrc2=size=640x360:rate=30:duration=14 \
         -f lavfi -i aevalsrc=exprs=0.3*sin(2*PI*(300+20*t)*t)+0.1*sin(1500*t):s=48000:d=14 \
         -c:v libvpx -deadline realtime -cpu-used 16 -b:v 600k -g 100 -c:a libopus -live 1",
    );
    let fast = made(
        &folder,
        "fast.mp4",
        "-f lavfi -i testsrc=size=640x360:rate=50:duration=12 -f lavfi -i sine=frequency=440:duration=12 \
         -c:v libx264 -preset ultrafast -bf 2 -g 80 -pix_fmt yuv420p -c:a aac -movflags frag_keyframe+empty_moov",
    );
    let real = shared("firefox53.webm");
    let table: [(&str, Option<PathBuf>); 3] = [("steady", Some(steady)), ("fast", Some(fast)), ("real", real)];
    for (name, file) in table {
        let Some(file) = file else { continue };
        let task = Task { heights: vec![480, 360, 240], ..Task::default() };
        let whole = run_task(&file, task.clone(), tempfile::tempdir().unwrap()).await;
        let rungs = &whole.result().renditions;
        let (left, resume) = interrupted(&file, task.clone(), rungs.len() + 1, 2).await;
        let kept: Vec<String> =
            resume.renditions.iter().flat_map(|made| &made.segments).map(|segment| segment.name.clone()).collect();
        let again = run_task(&file, Task { resume: Some(resume), ..task }, left).await;
        assert!(resumed(&again) >= 2, "{name}: {:?}", again.outcome);
        let result = again.result();
        assert_eq!(result.measured_ms, whole.result().measured_ms, "{name}");
        for event in &again.events {
            if let Event::Segment { name: new, frames: 1.., .. } = event {
                assert!(!kept.contains(new), "{name}: {new} was there");
            }
        }
        for (rung, undisturbed) in result.renditions.iter().zip(rungs) {
            assert_eq!((&rung.name, rung.frames), (&undisturbed.name, undisturbed.frames), "{name}");
            let (file, other) = (joined(&again, &rung.name), joined(&whole, &rung.name));
            assert_eq!(packets(&file), packets(&other), "{name} {}", rung.name);
            plays(&file);
        }
        assert_eq!(packets(&again.path("video.mp4")), packets(&whole.path("video.mp4")), "{name}");
        for file in ["master.m3u8", "video.mp4"] {
            plays(&again.path(file));
        }
        let (sound, undisturbed) = (samples(&joined(&again, "audio")), samples(&joined(&whole, "audio")));
        let most = difference(&sound, &undisturbed);
        println!("{name}: {} segments kept, largest difference of a sample {most:.4}", kept.len());
        assert!(most < 0.06, "{name}: a click of {most}");
        assert!(difference(&samples(&again.path("video.mp4")), &samples(&whole.path("video.mp4"))) < 0.06, "{name}");
        let text = |run: &Run, name: &str| std::fs::read_to_string(run.path(name)).unwrap();
        for name in ["waveform.json", "storyboard.vtt", "audio.m3u8", &format!("{}.m3u8", rungs[0].name)] {
            assert_eq!(text(&again, name), text(&whole, name), "{name}");
        }
        let names = |run: &Run| run.result().files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&again), names(&whole), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let words = "-f lavfi -i testsrc2=size=640x480:rate=30:duration=10 -f lavfi -i sine=duration=10 \
                 -c:v libvpx -deadline realtime -cpu-used 16 -b:v 500k -c:a libopus -live 1";
    let file = made(&folder, "a.webm", words);
    let other = Task { heights: vec![240], ..Task::default() };
    let (left, resume) = interrupted(&file, other, 2, 2).await;
    let run = run_task(&file, Task { resume: Some(resume), ..Task::default() }, left).await;
    assert_eq!(resumed(&run), 0);
    let first = run.events.iter().find_map(|event| match event {
        Event::Segment { name, frames: 1.., .. } if !name.starts_with("audio") => Some(name.as_str()),
        _ => None,
    });
    assert_eq!(first, Some("480-00000.m4s"));
    // A segment that is not what was told.
    let (left, mut resume) = interrupted(&file, Task::default(), 2, 2).await;
    resume.renditions[0].segments[1].frames += 1;
    let run = run_task(&file, Task { resume: Some(resume), ..Task::default() }, left).await;
    assert_eq!((resumed(&run), run.result().renditions.len()), (0, 1));
}
