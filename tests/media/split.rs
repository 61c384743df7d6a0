//! A file's pictures made in parts, by children that know nothing of each other: the same pictures at the same times as in one
//! piece, no seam in picture or sound; and what cannot be made in parts says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twotake::media::child::{Event, Made, MadeSegment, Outcome, Part, Place, Resume, Task};

use crate::bench::{Run, joined, made, packets, plays, run_task, samples, shared};

/// Where the segments of a run begin, as it foresaw them.
fn places(run: &Run) -> Vec<Place> {
    let told = run.events.iter().find_map(|event| match event {
        Event::Foreseen { places, .. } => Some(places.clone()),
        _ => None,
    });
    told.expect("it is foreseen")
}

/// The segments that a run has told of.
fn told(run: &Run) -> BTreeMap<String, Vec<MadeSegment>> {
    let mut all: BTreeMap<String, Vec<MadeSegment>> = BTreeMap::new();
    for event in &run.events {
        if let Event::Segment { rendition, name, ticks: ticks @ 1.., frames, bytes, .. } = event {
            let segment = MadeSegment { name: name.clone(), ticks: *ticks, bytes: *bytes, frames: *frames };
            all.entry(rendition.clone()).or_default().push(segment);
        }
    }
    all
}

/// A folder with the inits and these segments of several runs, and what is said of them.
fn folder(of: &[(&Run, BTreeMap<String, Vec<MadeSegment>>)]) -> (TempDir, Resume) {
    let folder = tempfile::tempdir().unwrap();
    let mut all: BTreeMap<String, Vec<MadeSegment>> = BTreeMap::new();
    for (run, renditions) in of {
        for (rendition, segments) in renditions {
            let init = format!("{rendition}-init.mp4");
            for name in segments.iter().map(|segment| &segment.name).chain([&init]) {
                std::fs::copy(run.path(name), folder.path().join(name)).unwrap();
            }
            all.entry(rendition.clone()).or_default().extend(segments.iter().cloned());
        }
    }
    let made = |(rendition, segments): (String, Vec<MadeSegment>)| {
        let init = format!("{rendition}-init.mp4");
        Made { rendition, init, segments }
    };
    (folder, Resume { renditions: all.into_iter().map(made).collect() })
}

/// The first segments of a run, with so many of its sound.
fn front(run: &Run, pictures: usize, sound: usize) -> BTreeMap<String, Vec<MadeSegment>> {
    let mut front = told(run);
    for (rendition, segments) in &mut front {
        segments.truncate(if rendition == "audio" { sound } else { pictures });
    }
    front.retain(|_, segments| !segments.is_empty());
    front
}

async fn part(file: &Path, task: &Task, whole: &Run, places: &[Place], (first, last): (usize, usize)) -> Run {
    let (left, resume) = folder(&[(whole, front(whole, 1, 0))]);
    let part = Part { first, begin: places[first], end: places.get(last).copied() };
    run_task(file, Task { part: Some(part), resume: Some(resume), foresee: false, ..task.clone() }, left).await
}

async fn join(file: &Path, task: &Task, pieces: &[(&Run, BTreeMap<String, Vec<MadeSegment>>)]) -> Run {
    let (left, resume) = folder(pieces);
    run_task(file, Task { joined: true, resume: Some(resume), foresee: false, ..task.clone() }, left).await
}

fn difference(one: &[f32], other: &[f32]) -> f32 {
    assert!(one.len().abs_diff(other.len()) < 1100, "{} and {} samples", one.len(), other.len());
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn task() -> Task {
    Task { heights: vec![360, 240], foresee: true, ..Task::default() }
}

/// Odd distances of keys, pictures out of order, times that jump, more pictures than come out, a size that changes.
fn recordings(folder: &TempDir) -> Vec<(&'static str, PathBuf)> {
    let mut all = vec![
        (
            "vp8",
            made(
                folder,
                "vp8.webm",
                "-f lavfi -i testsrc2=size=640x360:rate=30:duration=13 \
             -f lavfi -i aevalsrc=exprs=0.3*sin(2*PI*(300+20*t)*t)+0.1*sin(1500*t):s=48000:d=13 \
             -c:v libvpx -deadline realtime -cpu-used 16 -b:v 600k -g 73 -c:a libopus -live 1",
            ),
        ),
        (
            "b-frames",
            made(
                folder,
                "b-frames.mp4",
                "-f lavfi -i testsrc2=size=640x360:rate=50:duration=12 -f lavfi -i sine=frequency=440:duration=12 \
             -c:v libx264 -preset ultrafast -bf 3 -g 80 -pix_fmt yuv420p -c:a aac -movflags +faststart",
            ),
        ),
        (
            "uneven",
            made(
                folder,
                "uneven.mp4",
                "-f lavfi -i testsrc2=size=640x360:rate=90:duration=13 -f lavfi -i sine=frequency=300:duration=13 \
             -vf select='not(between(t,2.5,6.2))*not(between(t,8,8.9))*lt(random(1),0.4)' -fps_mode vfr \
             -c:v libx264 -preset ultrafast -bf 2 -g 45 -pix_fmt yuv420p -c:a aac -shortest",
            ),
        ),
    ];
    all.extend(shared("firefox53.webm").map(|file| ("real", file)));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_the_same_pictures_as_one_piece_and_join_without_a_seam() {
    let fixtures = tempfile::tempdir().unwrap();
    for (name, file) in recordings(&fixtures) {
        let whole = run_task(&file, task(), tempfile::tempdir().unwrap()).await;
        let (places, rungs) = (places(&whole), &whole.result().renditions);
        let all = told(&whole);
        assert_eq!(places.len(), all[&rungs[0].name].len(), "{name}: as many segments as were foreseen");
        if places.len() < 5 {
            assert_eq!(name, "real", "the others are long enough");
            continue;
        }
        let cut = [2, 4, places.len()];
        let one = part(&file, &task(), &whole, &places, (cut[0], cut[1])).await;
        let other = part(&file, &task(), &whole, &places, (cut[1], cut[2])).await;
        for (run, segments) in [(&one, cut[1] - cut[0]), (&other, cut[2] - cut[1])] {
            assert!(matches!(run.outcome, Outcome::Done(_)), "{name}: {:?}", run.outcome);
            let told = told(run);
            assert_eq!(told.len(), rungs.len(), "{name}: pictures alone");
            assert!(told.values().all(|made| made.len() == segments), "{name}: {told:?}");
            assert!(!run.events.iter().any(|event| matches!(event, Event::File { .. })), "{name}: nothing else");
        }
        let pieces = [(&whole, front(&whole, cut[0], 3)), (&one, told(&one)), (&other, told(&other))];
        let again = join(&file, &task(), &pieces).await;
        let result = again.result();
        assert_eq!(result.measured_ms, whole.result().measured_ms, "{name}");
        for (rung, undisturbed) in result.renditions.iter().zip(rungs) {
            assert_eq!((&rung.name, rung.frames), (&undisturbed.name, undisturbed.frames), "{name}");
            let file = joined(&again, &rung.name);
            assert_eq!(packets(&file), packets(&joined(&whole, &rung.name)), "{name} {}", rung.name);
            plays(&file);
        }
        assert_eq!(packets(&again.path("video.mp4")), packets(&whole.path("video.mp4")), "{name}");
        for file in ["master.m3u8", "video.mp4", "preview.mp4"] {
            plays(&again.path(file));
        }
        let (sound, undisturbed) = (samples(&joined(&again, "audio")), samples(&joined(&whole, "audio")));
        let most = difference(&sound, &undisturbed);
        assert!(most < 0.06, "{name}: a click of {most}");
        let text = |run: &Run, name: &str| std::fs::read_to_string(run.path(name)).unwrap();
        for file in ["waveform.json", "storyboard.vtt", "audio.m3u8"] {
            assert_eq!(text(&again, file), text(&whole, file), "{name}");
        }
        let names = |run: &Run| run.result().files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&again), names(&whole), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_do_not_fit_are_not_believed() {
    let fixtures = tempfile::tempdir().unwrap();
    let words = "-f lavfi -i testsrc2=size=320x240:rate=30:duration=9 -c:v libvpx -deadline realtime -cpu-used 16 \
                 -b:v 300k -g 40 -live 1";
    let file = made(&fixtures, "a.webm", words);
    let whole = run_task(&file, task(), tempfile::tempdir().unwrap()).await;
    let places = places(&whole);
    // A part that was told of another choice of pictures than the recording leads to.
    let mut lie = places.clone();
    lie[3].at += 3000;
    let run = part(&file, &task(), &whole, &lie, (2, 3)).await;
    assert!(matches!(run.outcome, Outcome::Unfit { .. }), "{:?}", run.outcome);
    // One whose first segments were made otherwise.
    let other = run_task(&file, Task { heights: vec![160], ..task() }, tempfile::tempdir().unwrap()).await;
    let run = part(&file, &task(), &other, &places, (2, 4)).await;
    assert!(matches!(run.outcome, Outcome::Unfit { .. }), "{:?}", run.outcome);
    // Pictures that the recording does not have: those of another one, which is cut at the same places.
    let slow = made(&fixtures, "slow.webm", &words.replace("rate=30", "rate=20"));
    let slow = run_task(&slow, task(), tempfile::tempdir().unwrap()).await;
    let mut rest = told(&slow);
    rest.values_mut().for_each(|segments| drop(segments.drain(..2)));
    let run = join(&file, &task(), &[(&whole, front(&whole, 2, 0)), (&slow, rest)]).await;
    assert!(matches!(run.outcome, Outcome::Unfit { .. }), "{:?}", run.outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_depend_on_others_are_made_in_one_piece() {
    let fixtures = tempfile::tempdir().unwrap();
    let fields = made(
        &fixtures,
        "fields.mp4",
        "-f lavfi -i testsrc2=size=320x240:rate=50:duration=9 -vf interlace,setfield=tff -c:v libx264 \
         -preset ultrafast -flags +ildct+ilme -x264-params interlaced=1 -g 40 -pix_fmt yuv420p",
    );
    let whole = run_task(&fields, task(), tempfile::tempdir().unwrap()).await;
    let run = part(&fields, &task(), &whole, &places(&whole), (2, 4)).await;
    assert!(matches!(run.outcome, Outcome::Unfit { .. }), "{:?}", run.outcome);
    // A copied picture has its own cuts, which nobody foresees.
    let plain = made(
        &fixtures,
        "plain.mp4",
        "-f lavfi -i testsrc2=size=640x360:rate=30:duration=9 -c:v libx264 -preset ultrafast -g 60 -pix_fmt yuv420p \
         -b:v 700k -maxrate 800k -bufsize 800k -sc_threshold 0",
    );
    let copied = run_task(&plain, Task { copy: true, ..task() }, tempfile::tempdir().unwrap()).await;
    assert!(copied.result().renditions[0].copied);
    assert!(!copied.events.iter().any(|event| matches!(event, Event::Foreseen { .. })));
}
