//! Pictures come out at the times at which they were recorded, whatever the pace of the recording.

use std::path::Path;

use crate::bench::{grey, made, packets, run, samples, say, tool};
use crate::sync::flash_and_beep;

const VP8: &str = "-c:v libvpx -deadline realtime -cpu-used 16 -b:v 500k";

/// Every picture of the source is there at its own time, counted from the first one; repetitions may stand between them.
fn keeps_times(source: &Path, film: &Path) -> usize {
    let (from, to) = (packets(source), packets(film));
    let begin = from.iter().map(|(at, _)| *at).fold(f64::MAX, f64::min);
    for (at, _) in &from {
        let at = at - begin;
        assert!(to.iter().any(|(there, _)| (there - at).abs() <= 0.001), "{at} of {}", source.display());
    }
    to.len() - from.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_pace_is_kept_to_the_millisecond() {
    let folder = tempfile::tempdir().unwrap();
    // Pictures of thirty a second, of which an uneven choice is there.
    let uneven =
        "-f lavfi -i testsrc2=size=320x240:rate=30:duration=6 -vf select='lt(mod(n*n,11),4)+lt(n,10)' -vsync vfr";
    // And times that fit no rate at all.
    let odd = "-f lavfi -i testsrc2=size=320x240:rate=20:duration=6 -vf settb=1/1000,setpts='N*50+mod(N*N*7,13)' -vsync passthrough";
    let table = [
        ("uneven.webm", uneven, format!("{VP8} -live 1")),
        ("uneven.mp4", uneven, "-c:v libx264 -bf 2 -pix_fmt yuv420p -video_track_timescale 90000".to_owned()),
        ("odd.webm", odd, format!("{VP8} -live 1")),
        ("odd.mp4", odd, "-c:v libx264 -pix_fmt yuv420p -enc_time_base 1/1000 -video_track_timescale 1000".to_owned()),
    ];
    for (name, words, codec) in table {
        let source = made(&folder, name, &format!("{words} {codec}"));
        let run = run(&source).await;
        let more = keeps_times(&source, &run.path("video.mp4"));
        assert!(more <= 3, "{name}: {more} pictures more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_that_paused_leaves_a_standing_picture_and_silence() {
    let folder = tempfile::tempdir().unwrap();
    // For eight seconds neither picture nor sound; a flash and a beep come two seconds later.
    let picture = "color=black:size=320x240:rate=30:duration=8,drawbox=color=white:t=fill:enable='gte(t,5)',\
                   setpts='PTS+if(gte(T,3),8/TB,0)'";
    let sound =
        "aevalsrc=exprs=0.5*sin(2000*t)*gte(t\\,5):s=48000:d=8,asetnsamples=480,asetpts='PTS+if(gte(T,3),8/TB,0)'";
    let words = format!("-f lavfi -i {picture} -f lavfi -i {sound}");
    let table = [
        ("pause.webm", format!("{words} {VP8} -c:a libopus -vsync passthrough -live 1")),
        (
            "pause.mp4",
            format!(
                "{words} -c:v libx264 -pix_fmt yuv420p -c:a aac -vsync passthrough -movflags frag_keyframe+empty_moov"
            ),
        ),
    ];
    for (name, words) in table {
        let source = made(&folder, name, &words);
        let run = run(&source).await;
        assert!(run.result().measured_ms.abs_diff(16_000) <= 100, "{name}: {}", run.result().measured_ms);
        let film = run.path("video.mp4");
        let (flash, beep) = flash_and_beep(&film);
        say(&format!("{name}: flash {flash:.4} beep {beep:.4}"));
        assert!((flash - beep).abs() <= 0.04 && (flash - 13.0).abs() <= 0.05, "{name}: flash {flash}, beep {beep}");
        let length = samples(&film).len() as f64 / 48_000.0;
        assert!((length - 16.0).abs() <= 0.1, "{name}: the sound lasts {length} s");
        // In the gap: one picture at each two-second instant, nothing more.
        let between = packets(&film).iter().filter(|(at, _)| *at > 3.1 && *at < 10.9).count();
        assert!((3..=5).contains(&between), "{name}: {between} pictures in the gap");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beginnings_before_zero_and_late_first_pictures_stay_in_sync() {
    let folder = tempfile::tempdir().unwrap();
    let black = "color=black:size=320x240:rate=30:duration=6,drawbox=color=white:t=fill:enable='gte(t,3)'";
    let beep = "aevalsrc=exprs=0.5*sin(2000*t)*gte(t\\,{}):s=48000:d=6";
    let codecs = "-c:v libx264 -preset ultrafast -bf 0 -pix_fmt yuv420p -c:a pcm_s16le";
    let table = [
        // Both begin half a second before zero.
        ("before.mkv", "-itsoffset -0.5", "-itsoffset -0.5", 3.0, "-avoid_negative_ts disabled"),
        // The first picture comes 1.5 seconds after the sound.
        ("late.mkv", "-itsoffset 1.5", "", 4.5, ""),
        // And the sound 1.5 seconds after the first picture.
        ("sound.mkv", "", "-itsoffset 1.5", 1.5, ""),
    ];
    for (name, picture, sound, at, more) in table {
        let beep = beep.replace("{}", &at.to_string());
        let words = format!(
            "{picture} -f lavfi -i {black} {sound} -f lavfi -i {beep} -map 0 -map 1 {codecs} {more} -muxdelay 0"
        );
        let run = run(&made(&folder, name, &words)).await;
        let (flash, heard) = flash_and_beep(&run.path("video.mp4"));
        say(&format!("{name}: flash {flash:.4} beep {heard:.4}"));
        assert!((flash - heard).abs() <= 0.04, "{name}: flash {flash}, beep {heard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn very_few_pictures_are_enough() {
    let folder = tempfile::tempdir().unwrap();
    let slow = format!("-f lavfi -i testsrc=size=320x240:rate=1:duration=12 {VP8} -live 1");
    let source = made(&folder, "slow.webm", &slow);
    let slow = run(&source).await;
    assert_eq!(slow.result().renditions[0].frames, 12);
    keeps_times(&source, &slow.path("video.mp4"));
    // A single picture, and five seconds of sound.
    let words = "-f lavfi -i testsrc=size=320x240:rate=1:duration=1 -f lavfi -i sine=duration=5 -c:v libvpx -c:a libopus -live 1";
    let one = run(&made(&folder, "one.webm", words)).await;
    assert!(one.result().measured_ms.abs_diff(5000) < 50, "{}", one.result().measured_ms);
    assert_eq!(grey(&one.path("video.mp4"), 2, 2).len(), 3, "at 0, 2 and 4 seconds");
    // A single picture and nothing else.
    for (name, codec) in [("still.webm", "-c:v libvpx -live 1"), ("still.mp4", "-c:v libx264 -pix_fmt yuv420p")] {
        let words = format!("-f lavfi -i testsrc=size=320x240:rate=25:duration=0.04 {codec}");
        let run = run(&made(&folder, name, &words)).await;
        assert_eq!(run.result().renditions[0].frames, 1, "{name}");
        tool("ffmpeg", &["-v", "error", "-i", run.path("video.mp4").to_str().unwrap(), "-f", "null", "-"]);
    }
}
