//! Pictures come out upright, in their shape, in step over all rungs, also when the source changes on its way.

use std::path::Path;

use twotake::media::child::Event;

use crate::bench::{grey, joined, made, packets, run, shared, tool};

#[tokio::test(flavor = "multi_thread")]
async fn all_rungs_have_their_key_pictures_at_the_same_instants() {
    let folder = tempfile::tempdir().unwrap();
    let words = "-f lavfi -i testsrc2=size=1920x1080:rate=30:duration=7 -c:v libvpx -deadline realtime -cpu-used 16 -b:v 2M -live 1";
    let run = run(&made(&folder, "a.webm", words)).await;
    let rungs = &run.result().renditions;
    assert_eq!(rungs.iter().map(|rung| rung.name.as_str()).collect::<Vec<_>>(), ["1080", "720", "480"]);
    let all: Vec<_> = rungs.iter().map(|rung| packets(&joined(&run, &rung.name))).collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "the same times and keys in every rung");
    assert_eq!(all[0].len(), 210);
    let keys: Vec<f64> = all[0].iter().filter(|(_, key)| *key).map(|(at, _)| *at).collect();
    assert_eq!(keys.len(), 4);
    assert!(keys.iter().enumerate().all(|(n, at)| (at - 2.0 * n as f64).abs() < 0.05), "{keys:?}");
    // A playlist names nothing that was not told before.
    let mut told = Vec::new();
    for event in &run.events {
        match event {
            Event::Segment { name, .. } => told.push(name.clone()),
            Event::Playlist { name, text, .. } if name != "master.m3u8" => {
                let named = text.lines().filter(|line| !line.starts_with('#'));
                assert!(
                    named.clone().count() > 0 && named.into_iter().all(|line| told.iter().any(|t| t == line)),
                    "{name}"
                );
            }
            _ => {}
        }
    }
    let plays =
        |name: &str| tool("ffmpeg", &["-v", "error", "-i", run.path(name).to_str().unwrap(), "-f", "null", "-"]);
    plays("master.m3u8");
    plays("preview.gif");
    plays("poster.jpg");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turned_recording_comes_out_upright() {
    // The ffmpeg program turns by itself; the picture must be the one it shows.
    let folder = tempfile::tempdir().unwrap();
    let flat =
        made(&folder, "flat.mp4", "-f lavfi -i testsrc=size=640x360:rate=10:duration=1 -c:v libx264 -pix_fmt yuv420p");
    for turn in ["90", "180", "270"] {
        let words = format!("-i {} -c copy -metadata:s:v rotate={turn}", flat.display());
        let turned = made(&folder, &format!("{turn}.mp4"), &words);
        let run = run(&turned).await;
        let upright = if turn == "180" { (640, 360) } else { (360, 640) };
        assert_eq!((run.result().width, run.result().height), upright, "{turn}");
        assert_alike(&turned, &run.path("video.mp4"), turn);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recordings_of_phones_look_as_the_program_shows_them() {
    for name in ["rotate-buck-bunny.mp4", "sar_2x1.mp4"] {
        let Some(file) = shared(name) else { continue };
        let run = run(&file).await;
        assert_alike(&file, &run.path("video.mp4"), name);
    }
}

/// The first pictures of both files are nearly the same when made small.
fn assert_alike(one: &Path, other: &Path, name: &str) {
    let (one, other) = (&grey(one, 8, 8)[0], &grey(other, 8, 8)[0]);
    let difference: u32 = one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    assert!(difference < 64 * 10, "{name}: {difference}\n{one:?}\n{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_changes_its_size_goes_on_in_one_rendition() {
    let folder = tempfile::tempdir().unwrap();
    let vp8 = "-c:v libvpx -deadline realtime -cpu-used 16 -b:v 500k";
    for (n, size) in [(0, "640x480"), (1, "320x480"), (2, "1280x720")] {
        made(&folder, &format!("{n}.webm"), &format!("-f lavfi -i testsrc=size={size}:rate=30:duration=2 {vp8}"));
    }
    let list = folder.path().join("list.txt");
    std::fs::write(&list, "file 0.webm\nfile 1.webm\nfile 2.webm\n").unwrap();
    let joined = made(&folder, "all.webm", &format!("-f concat -i {} -c copy -live 1", list.display()));
    let run = run(&joined).await;
    let result = run.result();
    assert_eq!((result.width, result.height), (640, 480));
    assert_eq!(result.renditions[0].frames, 180);
    let pictures = grey(&run.path("video.mp4"), 16, 12);
    assert_eq!(pictures.len(), 180);
    let bars = |picture: &[u8], x: usize| (0..12).all(|y| picture[y * 16 + x] < 24);
    assert!(bars(&pictures[90], 0) && bars(&pictures[90], 15), "the narrow window stands between bars");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_at_rest_still_has_a_key_picture_every_two_seconds() {
    let folder = tempfile::tempdir().unwrap();
    // One picture, and the next after nine seconds.
    let words = "-f lavfi -i testsrc=size=320x240:rate=1/9:duration=18 -f lavfi -i sine=duration=18 -c:v libvpx -c:a libopus -live 1";
    let run = run(&made(&folder, "rest.webm", words)).await;
    let result = run.result();
    let text = std::fs::read_to_string(run.path(&result.renditions[0].playlist)).unwrap();
    let lengths: Vec<f64> =
        text.lines().filter_map(|line| line.strip_prefix("#EXTINF:")?.strip_suffix(',')?.parse().ok()).collect();
    assert!(lengths.len() >= 9 && lengths.iter().all(|length| *length < 2.2), "{lengths:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_sizes_ten_bits_and_full_range_become_ordinary() {
    let folder = tempfile::tempdir().unwrap();
    let table = [
        ("odd.mkv", "-pix_fmt yuv444p -c:v libx264 -qp 10", "437x273"),
        ("ten.mkv", "-pix_fmt yuv420p10le -c:v libx264", "640x360"),
        ("full.mkv", "-pix_fmt yuvj420p -c:v mjpeg", "640x360"),
        ("grey.mkv", "-pix_fmt gray -c:v libx264", "640x360"),
    ];
    for (name, codec, size) in table {
        let source = made(&folder, name, &format!("-f lavfi -i testsrc=size={size}:rate=10:duration=1 {codec}"));
        let run = run(&source).await;
        assert_eq!(run.result().renditions[0].frames, 10, "{name}");
        let words = ["-v", "error", "-show_entries", "stream=pix_fmt,color_range", "-of", "csv=p=0"];
        let text = tool("ffprobe", &[words.as_slice(), &[run.path("video.mp4").to_str().unwrap()]].concat());
        // Where nothing is said, the limited range is meant.
        assert!(["yuv420p,tv", "yuv420p,unknown"].contains(&String::from_utf8_lossy(&text).trim()), "{name}");
        assert_alike(&source, &run.path("video.mp4"), name);
    }
}
