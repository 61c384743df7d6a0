//! H.264 that fits becomes the top rendition as it is; what does not fit is encoded. Either way all rungs are cut at the same instants
//! and nothing is lost.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twotake::media::child::{Event, Outcome, Task};

use crate::bench::{Run, joined, made, packets, plays, run_task, say, tool};
use crate::resume::{interrupted, resumed};
use crate::sync::flash_and_beep;

/// Whether and how the picture was taken as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Taken {
    /// It was.
    Copied,
    /// It was seen beforehand that it does not fit.
    Encoded,
    /// It was seen on the way.
    Unfit,
}

fn task(copy: bool) -> Task {
    Task { heights: vec![360, 180], copy, ..Task::default() }
}

/// The lengths in ticks of a rung's segments, as they were told.
fn lengths(run: &Run, rung: &str) -> Vec<i64> {
    let told = run.events.iter().filter_map(|event| match event {
        Event::Segment { rendition, ticks, frames: 1.., .. } if rendition == rung => Some(*ticks),
        _ => None,
    });
    told.collect()
}

/// Runs a file as the process job does: once more without copying when that did not work out.
async fn process(file: &Path) -> (Taken, Run) {
    let run = run_task(file, task(true), tempfile::tempdir().unwrap()).await;
    let Outcome::Unfit { detail } = &run.outcome else {
        let taken = if run.result().renditions[0].copied { Taken::Copied } else { Taken::Encoded };
        return (taken, run);
    };
    say(&format!("{}: {detail}", file.file_name().unwrap().to_str().unwrap()));
    let shown = run.events.iter().find_map(|event| match event {
        Event::Copied { rendition, .. } => Some(lengths(&run, rendition)),
        _ => None,
    });
    let again = Task { cuts: shown.clone().unwrap_or_default(), ..task(false) };
    let second = run_task(file, again, tempfile::tempdir().unwrap()).await;
    let top = &second.result().renditions[0];
    assert!(!top.copied);
    let shown = shown.unwrap_or_default();
    assert_eq!(lengths(&second, &top.name)[..shown.len()], shown, "cut where it was cut before");
    (Taken::Unfit, second)
}

/// The units of a file's H.264, with a start code in front of each or none at all.
fn units(file: &Path) -> Vec<Vec<u8>> {
    let filter: &[&str] =
        if file.extension().is_some_and(|e| e == "ts") { &[] } else { &["-bsf:v", "h264_mp4toannexb"] };
    let words =
        [&["-v", "error", "-i", file.to_str().unwrap(), "-map", "0:v", "-c", "copy"], filter, &["-f", "h264", "-"]];
    let bytes = tool("ffmpeg", &words.concat());
    let (mut all, mut last, mut at) = (Vec::new(), None, 0);
    while at + 3 <= bytes.len() {
        if bytes[at..at + 3] == [0, 0, 1] {
            if let Some(last) = last.replace(at + 3) {
                all.push(trimmed(&bytes[last..at]));
            }
            at += 3;
        } else {
            at += 1;
        }
    }
    all.extend(last.map(|last| trimmed(&bytes[last..])));
    all
}

fn trimmed(unit: &[u8]) -> Vec<u8> {
    unit[..unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)].to_vec()
}

/// Turns a Matroska file into one whose H.264 has start codes instead of lengths, as some recorders write it: in its place, for both
/// are four bytes.
fn with_start_codes(file: &Path, units: &[Vec<u8>]) {
    const CODE: [u8; 4] = [0, 0, 0, 1];
    let mut bytes = std::fs::read(file).unwrap();
    let find = |bytes: &[u8], what: &[u8], from: usize| {
        bytes[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    // CodecPrivate: the parameter sets as an MP4 has them.
    let private = find(&bytes, &[1, 0x42, 0xc0], 0).expect("the header of the codec");
    let set = |kind: u8| units.iter().find(|unit| unit[0] & 0x1f == kind).unwrap().as_slice();
    let header = [&CODE[..], set(7), &CODE, set(8), &[0; 3]].concat();
    bytes[private..private + header.len()].copy_from_slice(&header);
    let (mut at, mut found) = (private + header.len(), 0);
    for unit in units {
        let measured = [&u32::try_from(unit.len()).unwrap().to_be_bytes()[..], unit].concat();
        if let Some(place) = find(&bytes, &measured, at) {
            bytes[place..place + 4].copy_from_slice(&CODE);
            (at, found) = (place + measured.len(), found + 1);
        }
    }
    assert!(found >= 270, "every picture was found: {found}");
    std::fs::write(file, bytes).unwrap();
}

/// Every rung has the same times; the lower ones have their keys where the segments of the top begin; everything plays.
fn assert_in_step(run: &Run, name: &str) {
    let rungs = &run.result().renditions;
    let top = lengths(run, &rungs[0].name);
    let starts: Vec<i64> = top.iter().scan(0, |at, length| Some(std::mem::replace(at, *at + length))).collect();
    let files: Vec<PathBuf> = rungs.iter().map(|rung| joined(run, &rung.name)).collect();
    let all: Vec<_> = files.iter().map(|file| packets(file)).collect();
    for ((rung, file), found) in rungs.iter().zip(&files).zip(&all) {
        plays(file);
        assert_eq!(rung.frames, found.len() as u64, "{name} {}", rung.name);
        assert_eq!(lengths(run, &rung.name), top, "{name} {}", rung.name);
        assert!(found.iter().zip(&all[0]).all(|(a, b)| a.0 == b.0), "{name}: the same times in {}", rung.name);
        let keys: Vec<i64> =
            found.iter().filter(|(_, key)| *key).map(|(at, _)| (at * 90_000.0).round() as i64).collect();
        // A copied rung may have more of them than it is cut at.
        assert!(
            starts.iter().all(|start| keys.iter().any(|key| (key - start).abs() < 3)),
            "{name}: {keys:?} {starts:?}"
        );
        assert!(rung.copied || keys.len() == starts.len(), "{name} {}: {keys:?} {starts:?}", rung.name);
    }
    assert_eq!(packets(&run.path("video.mp4")).len(), all[0].len(), "{name}");
    plays(&run.path("video.mp4"));
    let master = std::fs::read_to_string(run.path("master.m3u8")).unwrap();
    assert!(rungs.iter().all(|rung| master.contains(&rung.codec)), "{master}");
}

const PICTURE: &str = "-f lavfi -i testsrc2=size=640x360:rate=30:duration=9,drawbox=w=320:h=180:color=black:t=fill,drawbox=color=white:t=fill:enable='between(t,3,3.5)' \
                       -f lavfi -i aevalsrc=exprs=0.5*sin(2000*t)*between(t\\,3\\,3.5):s=48000:d=9";
const FITS: &str =
    "-c:v libx264 -preset ultrafast -b:v 700k -maxrate 800k -bufsize 800k -pix_fmt yuv420p -sc_threshold 0 -c:a aac";

/// A flash with a beep at the third second, coded as `words` say.
fn source(folder: &TempDir, name: &str, words: &str) -> PathBuf {
    made(folder, name, &format!("{PICTURE} {FITS} {words}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_is_copied_to_the_byte_and_in_step_with_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let fragments = "-movflags frag_keyframe+empty_moov+default_base_moof";
    let table: [(&str, &str, &[f64]); 9] = [
        ("front.mp4", "-g 60 -movflags +faststart", &[2.0, 2.0, 2.0, 2.0, 1.0]),
        ("back.mp4", "-g 60", &[2.0, 2.0, 2.0, 2.0, 1.0]),
        ("short.mkv", "-g 39", &[2.6, 2.6, 2.6, 1.2]),
        ("long.mkv", "-g 111", &[3.7, 3.7, 1.6]),
        ("irregular.mp4", "-g 999 -force_key_frames 0,1.2,3.1,3.5,6.9 -movflags +faststart", &[3.1, 3.8, 2.1]),
        ("fragments.mp4", &format!("-g 30 {fragments}"), &[2.0, 2.0, 2.0, 2.0, 1.0]),
        ("transport.ts", "-g 60 -muxdelay 0", &[2.0, 2.0, 2.0, 2.0, 1.0]),
        ("startcodes.mkv", "-g 60 -write_crc32 0", &[2.0, 2.0, 2.0, 2.0, 1.0]),
        ("silent.mp4", "-g 60 -an", &[2.0, 2.0, 2.0, 2.0, 1.0]),
    ];
    for (name, words, expected) in table {
        let file = source(&folder, name, words);
        let meant = units(&file);
        if name == "startcodes.mkv" {
            with_start_codes(&file, &meant);
        }
        let (taken, run) = process(&file).await;
        assert_eq!(taken, Taken::Copied, "{name}");
        assert_in_step(&run, name);
        let result = run.result();
        assert_eq!(result.renditions.iter().map(|rung| rung.frames).collect::<Vec<_>>(), [270, 270], "{name}");
        assert!((8950..9100).contains(&result.measured_ms), "{name}: {}", result.measured_ms);
        let found: Vec<f64> = lengths(&run, "360").iter().map(|ticks| *ticks as f64 / 90_000.0).collect();
        let near = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.1);
        assert!(near, "{name}: {found:?}");
        assert!(meant == units(&joined(&run, "360")), "{name}: byte for byte");
        let playlist = |name: &str| std::fs::read_to_string(run.path(&format!("{name}.m3u8"))).unwrap();
        assert!(playlist("360").contains("#EXT-X-TARGETDURATION:4\n") && playlist("180").contains("DURATION:4\n"));
        if name != "silent.mp4" {
            let (flash, beep) = flash_and_beep(&run.path("video.mp4"));
            assert!((flash - beep).abs() <= 0.04 && (flash - 3.0).abs() < 0.1, "{name}: flash {flash}, beep {beep}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_encoded() {
    let folder = tempfile::tempdir().unwrap();
    let fits = source(&folder, "fits.mp4", "-g 60 -movflags +faststart");
    let fits = fits.to_str().unwrap();
    let lavfi = |source: &str, words: &str| {
        format!(
            "-f lavfi -i {source} -c:v libx264 -preset ultrafast -g 60 -b:v 700k -maxrate 800k -bufsize 800k {words}"
        )
    };
    let small = "testsrc2=size=640x360:rate=30:duration=6";
    let table = [
        ("keys.mp4", format!("{PICTURE} {FITS} -g 300"), Taken::Encoded),
        ("keys.mkv", format!("{PICTURE} {FITS} -g 300"), Taken::Unfit),
        ("reordered.mp4", format!("{PICTURE} {FITS} -g 60 -bf 2"), Taken::Encoded),
        ("reordered.mkv", format!("{PICTURE} {FITS} -g 60 -bf 2"), Taken::Encoded),
        ("open.mkv", format!("{PICTURE} {FITS} -g 60 -bf 2 -x264-params open-gop=1"), Taken::Encoded),
        ("refresh.mkv", format!("{PICTURE} {FITS} -g 60 -x264-params intra-refresh=1"), Taken::Unfit),
        ("edited.mp4", format!("-ss 2.5 -i {fits} -c copy"), Taken::Encoded),
        ("turned.mp4", format!("-i {fits} -c copy -metadata:s:v rotate=90"), Taken::Encoded),
        ("colours.mp4", lavfi(small, "-pix_fmt yuv444p"), Taken::Encoded),
        ("deep.mkv", lavfi(small, "-pix_fmt yuv420p10le"), Taken::Encoded),
        ("fields.mp4", lavfi(small, "-pix_fmt yuv420p -flags +ildct+ilme -x264-params interlaced=1"), Taken::Encoded),
        ("range.mp4", lavfi(small, "-pix_fmt yuvj420p"), Taken::Encoded),
        ("stretched.mp4", lavfi(&format!("{small},setsar=4/3"), "-pix_fmt yuv420p"), Taken::Encoded),
        ("fast.mkv", lavfi("testsrc2=size=640x360:rate=60:duration=6", "-pix_fmt yuv420p"), Taken::Encoded),
        ("large.mp4", lavfi("testsrc2=size=1280x720:rate=10:duration=3", "-pix_fmt yuv420p"), Taken::Encoded),
        ("odd.mp4", lavfi("testsrc2=size=638x357:rate=30:duration=3", "-pix_fmt yuv444p"), Taken::Encoded),
        (
            "rich.mp4",
            format!(
                "-f lavfi -i {small},noise=alls=40:allf=t -c:v libx264 -preset ultrafast -g 60 -b:v 6M -pix_fmt yuv420p"
            ),
            Taken::Encoded,
        ),
        (
            "rich.mkv",
            format!(
                "-f lavfi -i {small},noise=alls=40:allf=t -c:v libx264 -preset ultrafast -g 60 -b:v 6M -pix_fmt yuv420p"
            ),
            Taken::Unfit,
        ),
        ("missing.mkv", format!("-i {fits} -c copy -bsf:v noise=drop=eq(n\\,100)"), Taken::Unfit),
        (
            "other.mkv",
            format!("{PICTURE} -c:v libvpx -deadline realtime -cpu-used 16 -b:v 600k -c:a libopus"),
            Taken::Encoded,
        ),
    ];
    for (name, words, expected) in table {
        let file = made(&folder, name, &words);
        let (taken, run) = process(&file).await;
        assert_eq!(taken, expected, "{name}");
        assert_in_step(&run, name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_or_breaks_on_its_way_is_encoded_and_cut_where_it_was_cut_before() {
    let folder = tempfile::tempdir().unwrap();
    // Another size after nine seconds, in one stream.
    let one = source(&folder, "one.h264", "-g 60 -an");
    let words =
        "-f lavfi -i testsrc2=size=480x360:rate=30:duration=4 -c:v libx264 -preset ultrafast -g 60 -pix_fmt yuv420p";
    let other = made(&folder, "other.h264", words);
    let both = [std::fs::read(one).unwrap(), std::fs::read(other).unwrap()].concat();
    std::fs::write(folder.path().join("both.h264"), both).unwrap();
    let words = format!("-r 30 -i {} -c copy", folder.path().join("both.h264").display());
    let sizes = made(&folder, "sizes.mkv", &words);
    // Two keys, and then none any more.
    let keys = source(&folder, "stops.mkv", "-g 999 -force_key_frames 0,2.9");
    // Bytes in the middle of a picture are others.
    let front = source(&folder, "front.mp4", "-g 60 -movflags +faststart");
    let mut bytes = std::fs::read(&front).unwrap();
    let middle = bytes.len() * 6 / 10;
    bytes[middle..middle + 3000].iter_mut().for_each(|byte| *byte ^= 0x5a);
    let broken = folder.path().join("broken.mp4");
    std::fs::write(&broken, bytes).unwrap();
    for file in [sizes, keys, broken] {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let (taken, run) = process(&file).await;
        assert_eq!(taken, Taken::Unfit, "{name}");
        assert!(lengths(&run, "360").len() >= 4, "{name}");
        assert_in_step(&run, &name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_attempt_at_copying_is_gone_on_with_without_a_seam() {
    let folder = tempfile::tempdir().unwrap();
    for (name, words) in [
        ("fragments.mp4", "-g 39 -movflags frag_keyframe+empty_moov+default_base_moof"),
        ("transport.ts", "-g 75 -muxdelay 0"),
    ] {
        let file = source(&folder, name, words);
        let whole = run_task(&file, task(true), tempfile::tempdir().unwrap()).await;
        assert!(whole.result().renditions[0].copied, "{name}");
        let (left, resume) = interrupted(&file, task(true), 3, 2).await;
        let again = run_task(&file, Task { resume: Some(resume), ..task(true) }, left).await;
        assert!(resumed(&again) >= 2, "{name}: {:?}", again.outcome);
        assert!(again.result().renditions[0].copied, "{name}");
        for rung in ["360", "180"] {
            let (file, other) = (joined(&again, rung), joined(&whole, rung));
            assert_eq!(packets(&file), packets(&other), "{name} {rung}");
            plays(&file);
            let text = |run: &Run| std::fs::read_to_string(run.path(&format!("{rung}.m3u8"))).unwrap();
            assert_eq!(text(&again), text(&whole), "{name} {rung}");
        }
        assert!(units(&joined(&again, "360")) == units(&file), "{name}: byte for byte");
        assert_eq!(packets(&again.path("video.mp4")), packets(&whole.path("video.mp4")), "{name}");
        // What was copied is of no use to an attempt that encodes.
        let (left, resume) = interrupted(&file, task(true), 3, 1).await;
        let encoded = run_task(&file, Task { resume: Some(resume), ..task(false) }, left).await;
        assert_eq!((resumed(&encoded), encoded.result().renditions[0].copied), (0, false), "{name}");
    }
}
