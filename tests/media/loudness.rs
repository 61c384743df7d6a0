//! How loud a recording is, and what levelling makes of it: measured by another program on what would be published.

use std::path::Path;
use std::process::Command;

use twotake::media::child::{Event, Level, Made, MadeSegment, Task};
use twotake::media::loudness::Loudness;

use crate::bench::{Run, joined, made, packets, plays, run, run_task, samples};

/// Integrated loudness and true peak, as the ffmpeg program's ebur128 measures them.
fn measured(file: &Path) -> (f64, f64) {
    let words = ["-hide_banner", "-nostats", "-i", file.to_str().unwrap(), "-vn"];
    let filter = ["-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"];
    let done = Command::new("ffmpeg").args(words).args(filter).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let number = |label: &str| -> f64 {
        let line = said.lines().rev().find(|line| line.trim().starts_with(label)).unwrap_or_else(|| panic!("{said}"));
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (number("I:"), number("Peak:"))
}

/// A video of that length with that sound.
fn video(seconds: u32, sound: &str) -> String {
    format!(
        "-f lavfi -i testsrc2=size=320x180:rate=30:duration={seconds} -f lavfi -i {sound} -shortest \
         -c:v libvpx -deadline realtime -cpu-used 16 -b:v 300k -c:a libopus -b:a 128k -live 1"
    )
}

/// The top rendition of a run, as the next one is told of it.
fn top(run: &Run) -> Made {
    let rendition = run.result().renditions[0].name.clone();
    let mut top = Made { rendition: rendition.clone(), init: String::new(), segments: Vec::new() };
    for event in &run.events {
        if let Event::Segment { rendition: of, name, ticks, frames, bytes, .. } = event
            && *of == rendition
        {
            match ticks {
                0 => top.init.clone_from(name),
                _ => {
                    top.segments.push(MadeSegment { name: name.clone(), ticks: *ticks, bytes: *bytes, frames: *frames })
                }
            }
        }
    }
    top
}

fn heard(run: &Run) -> Loudness {
    run.result().audio.as_ref().expect("sound").loudness()
}

/// Makes the sound of a run again at that level; the pictures stay.
async fn again(source: &Path, before: &Run, level: Level) -> Run {
    let (folder, top) = (tempfile::tempdir().unwrap(), top(before));
    for name in top.segments.iter().map(|segment| &segment.name).chain([&top.init]) {
        std::fs::copy(before.path(name), folder.path().join(name)).unwrap();
    }
    let task = Task { level: Some(level), only_sound: Some(top), ..Task::default() };
    run_task(source, task, folder).await
}

/// A recording that is levelled: what it was, what was done, what came out.
async fn levelled(name: &str, seconds: u32, sound: &str) -> (f64, Level, (f64, f64)) {
    let folder = tempfile::tempdir().unwrap();
    let source = made(&folder, "a.webm", &video(seconds, sound));
    let before = run(&source).await;
    let was = heard(&before);
    let (lufs, peak) = measured(&joined(&before, "audio"));
    println!("{name}: was {was:.2?}, by the other program {lufs} and {peak}");
    assert!((was.lufs.unwrap() - lufs).abs() <= 0.3, "{name}: {was:?}, by the other program {lufs}");
    let mut level = Level::of(was).expect("something to level");
    let mut after = again(&source, &before, level).await;
    // As the job does it: hard limiting makes the whole quieter, and that is made up for.
    if let Some(next) = level.mended(level.wanted(was), heard(&after)) {
        println!("{name}: {level:.2?} came out {:.2?}", heard(&after));
        level = next;
        after = again(&source, &before, level).await;
    }
    let (lufs, peak) = measured(&after.path("video.mp4"));
    let said = heard(&after);
    println!("{name}: {level:.2?}, came out {said:.2?}, by the other program {lufs} and {peak}");
    assert!((said.lufs.unwrap() - lufs).abs() <= 0.2 && (said.peak_db.unwrap() - peak).abs() <= 0.4, "{said:?}");
    assert_eq!(after.result().audio.as_ref().unwrap().level, Some(level));
    // Everything but the sound is as it was.
    assert_eq!(packets(&after.path("video.mp4")), packets(&before.path("video.mp4")));
    assert_eq!(samples(&after.path("video.mp4")).len(), samples(&before.path("video.mp4")).len());
    plays(&after.path("video.mp4"));
    plays(&joined(&after, "audio"));
    assert!(
        after.events.iter().all(|event| !matches!(event, Event::Segment { rendition, .. } if rendition != "audio"))
    );
    (was.lufs.unwrap(), level, (lufs, peak))
}

fn is_level((lufs, peak): (f64, f64)) {
    assert!((lufs + 16.0).abs() <= 1.0, "{lufs} LUFS");
    assert!(peak <= -1.0, "{peak} dB");
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_sound_like_speech_becomes_as_loud_as_everything_else() {
    // Noise in the band of voices that comes and goes four times a second, and pauses.
    let voice = "anoisesrc=color=pink:seed=7:sample_rate=48000:duration=12,highpass=f=150,lowpass=f=4000,tremolo=f=4:d=0.9,\
                 volume=volume='if(lt(mod(t\\,4)\\,3)\\,0.22\\,0)':eval=frame";
    let (was, level, out) = levelled("quiet", 12, voice).await;
    assert!((-42.0..-30.0).contains(&was), "{was}");
    assert!(level.gain_db > 13.0);
    is_level(out);
}

#[tokio::test(flavor = "multi_thread")]
async fn loud_clipped_sound_becomes_quieter() {
    let loud = "aevalsrc=exprs='clip(3*sin(2500*t)+2*sin(917*t)\\,-1\\,1)*0.98':s=48000:d=8";
    let (was, _, out) = levelled("loud", 8, loud).await;
    assert!(was > -8.0, "{was}");
    is_level(out);
}

#[tokio::test(flavor = "multi_thread")]
async fn high_peaks_are_limited_and_nothing_else() {
    // A tone with bursts ten times as high that last 5 ms, twice a second.
    let bursts = "aevalsrc=exprs='sin(3000*t)*if(lt(mod(t\\,0.5)\\,0.005)\\,0.5\\,0.05)':s=48000:d=10";
    let (was, level, out) = levelled("bursts", 10, bursts).await;
    assert!(was < -22.0 && level.gain_db > 5.0, "{was} {level:?}");
    is_level(out);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_and_a_quiet_room_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (name, sound) in [
        ("silence.webm", "anullsrc=sample_rate=48000:duration=4"),
        ("room.webm", "anoisesrc=color=brown:amplitude=0.002:seed=3:sample_rate=48000:duration=4"),
        ("blink.webm", "sine=duration=0.3:sample_rate=48000"),
    ] {
        let source = made(&folder, name, &video(4, sound).replace("-shortest ", ""));
        let run = run(&source).await;
        assert_eq!(Level::of(heard(&run)), None, "{name}: {:?}", heard(&run));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_run_can_level_as_well_and_comes_out_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let source = made(&folder, "a.webm", &video(5, "sine=frequency=500:sample_rate=48000:duration=5"));
    let before = run(&source).await;
    let level = Level::of(heard(&before)).unwrap();
    let sound = again(&source, &before, level).await;
    let task = Task { level: Some(level), ..Task::default() };
    let whole = run_task(&source, task, tempfile::tempdir().unwrap()).await;
    assert_eq!(heard(&whole), heard(&sound));
    let bytes = |run: &Run| std::fs::read(joined(run, "audio")).unwrap();
    assert!(bytes(&whole) == bytes(&sound), "the same sound, byte for byte");
    is_level(measured(&whole.path("video.mp4")));
}
