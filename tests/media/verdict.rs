//! Every shared recording gets the verdict of its README.

use std::fmt::Write as _;
use std::path::Path;

use twotake::media::child::Outcome;

use crate::bench::{joined, packets, run, samples, say, shared};

/// What is expected of a recording.
enum Verdict {
    /// Accepted, with the measured length, the size as shown, whether it has sound, and bounds for the pictures that come out.
    Accepted(u64, (u32, u32), bool, (u64, u64)),
    /// Refused with that code, and a length where there is one to tell.
    Refused(&'static str, Option<u64>),
}

use Verdict::{Accepted, Refused};

const TABLE: &[(&str, &str, Verdict)] = &[
    ("chrome52.webm", "nothing", Accepted(50_780, (640, 480), true, (330, 380))),
    ("firefox53.webm", "nothing", Accepted(10_020, (640, 480), true, (235, 260))),
    ("snapify-screen.webm", "nothing", Accepted(6_720, (1438, 874), true, (80, 200))),
    ("cursed-vfr.mp4", "8.73 s", Accepted(8_730, (3026, 1386), false, (50, 75))),
    ("rotate-buck-bunny.mp4", "2.0 s", Accepted(2_000, (1080, 1920), true, (44, 62))),
    ("video-h265.mp4", "10 s", Accepted(10_000, (1920, 1080), true, (295, 305))),
    ("sar_2x1.mp4", "5 s", Accepted(5_000, (1280, 360), false, (120, 155))),
    ("sample.avi", "4.1 s", Accepted(4_090, (960, 400), true, (90, 125))),
    ("hlg10-color-test.mp4", "0.3 s", Accepted(300, (1920, 1080), true, (8, 10))),
    ("portrait_4k60.mp4", "0.3 s", Accepted(310, (2160, 3840), true, (8, 11))),
    ("sample_edit_list.mp4", "2.5 s", Accepted(2_580, (1080, 1920), true, (60, 80))),
    (
        "sample_with_increasing_timestamps_320w_240h_fragmented.mp4",
        "15.6 s",
        Accepted(15_570, (320, 240), true, (455, 475)),
    ),
    ("vonly.mov", "10.4 s", Accepted(10_440, (640, 480), false, (20, 30))),
    ("sample_fragmented.mp4", "143165 s", Accepted(1_070, (1080, 720), true, (28, 34))),
    ("annex-b.mp4", "35.2 s", Accepted(500, (1920, 1080), false, (1, 10))),
    ("no_timescale.mp4", "6.0 s", Accepted(6_040, (320, 240), false, (140, 185))),
    ("long_1080p_lowbitrate.mp4", "362.8 s", Refused("too_long", Some(362_766))),
    ("long_1080p_videoonly_lowbitrate.mp4", "362.8 s", Refused("too_long", Some(362_766))),
    ("multiple-aac-tracks.mp4", "5 s", Refused("not_video", None)),
    ("aonly.mov", "10 s", Refused("not_video", None)),
    ("testspeech.mp4", "60 s", Refused("not_video", None)),
    ("issue76.webm", "nothing", Refused("damaged", None)),
];

/// How long a playlist says it lasts, in milliseconds.
fn shown(playlist: &Path) -> u64 {
    let text = std::fs::read_to_string(playlist).unwrap();
    let lengths = text.lines().filter_map(|line| line.strip_prefix("#EXTINF:")?.strip_suffix(','));
    (lengths.map(|length| length.parse::<f64>().unwrap()).sum::<f64>() * 1000.0).round() as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shared_recording_gets_its_verdict() {
    // One piece, so that the lines of tests beside this one do not come in between.
    let mut table = format!("\n{:<60} {:>9} {:>9} {:<12} {:>6}\n", "name", "says", "measured", "verdict", "frames");
    for (name, says, expected) in TABLE {
        let Some(file) = shared(name) else { continue };
        let run = run(&file).await;
        let (measured, word, frames) = match &run.outcome {
            Outcome::Done(result) => (Some(result.measured_ms), "accepted", result.renditions[0].frames),
            Outcome::Refused { code, measured_ms, .. } => (*measured_ms, code.name(), 0),
            Outcome::Failed { detail, .. } | Outcome::Unfit { detail } => panic!("{name}: {detail}"),
        };
        let measured_text = measured.map_or("-".into(), |ms| format!("{}.{:02} s", ms / 1000, ms % 1000 / 10));
        writeln!(table, "{name:<60} {says:>9} {measured_text:>9} {word:<12} {frames:>6}").unwrap();
        match expected {
            Refused(code, length) => {
                assert_eq!(run.refusal().0, *code, "{name}");
                if let (Some(length), Some(measured)) = (length, measured) {
                    assert!(measured.abs_diff(*length) <= 50, "{name}: {measured}");
                }
                assert_eq!(length.is_some(), measured.is_some(), "{name}");
            }
            Accepted(length, size, sound, (least, most)) => {
                let result = run.result();
                assert!(result.measured_ms.abs_diff(*length) <= 50, "{name}: {} ms", result.measured_ms);
                assert_eq!((result.width, result.height), *size, "{name}");
                assert_eq!(result.audio.is_some(), *sound, "{name}");
                assert!((*least..=*most).contains(&frames), "{name}: {frames} frames");
                assert_eq!(packets(&run.path("video.mp4")).len() as u64, frames, "{name}: frames in the MP4");
                for rung in &result.renditions {
                    assert!(rung.width <= size.0 && rung.height <= size.1, "{name}: {rung:?}");
                    assert!(rung.codec.starts_with("avc1.") && rung.frames == frames, "{name}: {rung:?}");
                    let there = packets(&joined(&run, &rung.name));
                    assert_eq!(there.len() as u64, frames, "{name}: frames in {}", rung.name);
                    assert!(
                        shown(&run.path(&rung.playlist)).abs_diff(result.measured_ms) <= 5,
                        "{name}: {}",
                        rung.name
                    );
                }
                if let Some(audio) = &result.audio {
                    let heard = samples(&run.path("video.mp4")).len() as u64 / 48;
                    assert!(heard.abs_diff(result.measured_ms) <= 60, "{name}: sound for {heard} ms");
                    assert!(shown(&run.path(&audio.playlist)).abs_diff(result.measured_ms) <= 60, "{name}: sound");
                }
                let bytes = |file: &str| std::fs::metadata(run.path(file)).unwrap().len();
                assert!(bytes("preview.gif") <= 500_000 && bytes("poster.jpg") > 1000, "{name}");
            }
        }
    }
    say(&table);
}
