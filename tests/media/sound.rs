//! Every kind of sound a file can hold comes out as 48 kHz stereo that belongs to its pictures from the first second to the last: flashes
//! and beeps that go together in, flashes and beeps that go together out.

use std::path::Path;

use tempfile::TempDir;
use twotake::media::child::{Level, Task};

use crate::bench::{Run, grey, joined, made, packets, plays, run, run_task, samples, shared, tool};

/// The most that sound and picture may be apart, in seconds.
const APART: f64 = 0.04;
/// The codecs of an ordinary video in Matroska.
const VIDEO: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 60";

/// Black, with a flash of a fifth of a second at 1, 6, 11 … seconds.
fn flashes(seconds: u32) -> String {
    format!(
        "-f lavfi -i color=black:size=160x120:rate=30:duration={seconds},\
         drawbox=color=white:t=fill:enable='lt(mod(t+4,5),0.2)' "
    )
}

/// A beep at the same times, in each of these channels.
fn beeps(seconds: u32, rate: u32, channels: &str) -> String {
    let one = "0.5*sin(6000*t)*lt(mod(t+4\\,5)\\,0.2)";
    let all: Vec<&str> = channels.chars().map(|channel| if channel == '1' { one } else { "0" }).collect();
    format!("-f lavfi -i aevalsrc=exprs='{}':s={rate}:d={seconds}", all.join("|"))
}

/// The seconds at which something begins after a quiet time.
fn beginnings(loud: impl Iterator<Item = (f64, bool)>) -> Vec<f64> {
    let (mut found, mut last) = (Vec::new(), f64::MIN);
    for (at, is_loud) in loud {
        if is_loud {
            if at - last > 0.5 {
                found.push(at);
            }
            last = at;
        }
    }
    found
}

fn heard(file: &Path) -> Vec<f64> {
    let sound = samples(file);
    let most = sound.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    beginnings(sound.iter().enumerate().map(|(n, sample)| (n as f64 / 48_000.0, sample.abs() > most * 0.3)))
}

fn seen(file: &Path) -> Vec<f64> {
    let pictures = grey(file, 1, 1);
    let times = packets(file);
    assert_eq!(pictures.len(), times.len(), "as many pictures as packets");
    beginnings(times.iter().zip(pictures).map(|((at, _), picture)| (*at, picture[0] > 128)))
}

fn seconds(text: &str) -> f64 {
    let lengths = text.lines().filter_map(|line| line.strip_prefix("#EXTINF:"));
    lengths.map(|length| length.trim_end_matches(',').parse::<f64>().unwrap()).sum()
}

/// The sound has no holes, and is as long as the picture.
fn is_whole(name: &str, run: &Run) {
    let file = joined(run, "audio");
    let words = ["-v", "error", "-show_entries", "packet=pts", "-of", "csv=p=0", file.to_str().unwrap()];
    let text = String::from_utf8(tool("ffprobe", &words)).unwrap();
    let times: Vec<i64> = text.lines().filter_map(|line| line.trim_matches(',').parse().ok()).collect();
    assert_eq!(times.first(), Some(&0), "{name}");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 1024), "{name}: a hole in the sound");
    let text = |name: &str| std::fs::read_to_string(run.path(name)).unwrap();
    let top = &run.result().renditions[0].playlist;
    let (sound, picture) = (seconds(&text("audio.m3u8")), seconds(&text(top)));
    assert!((sound - picture).abs() <= 0.025, "{name}: {sound} s of sound, {picture} s of pictures");
    plays(&run.path("video.mp4"));
    plays(&file);
}

/// Both together: these flashes are seen, and heard with them.
fn is_together(name: &str, run: &Run, wanted: &[f64]) {
    let film = run.path("video.mp4");
    let (seen, heard) = (seen(&film), heard(&film));
    println!("{name:<16} seen {seen:.3?} heard {heard:.3?}");
    assert_eq!((seen.len(), heard.len()), (wanted.len(), wanted.len()), "{name}: seen {seen:?}, heard {heard:?}");
    for ((seen, heard), wanted) in seen.iter().zip(&heard).zip(wanted) {
        assert!((seen - heard).abs() <= APART, "{name}: seen at {seen}, heard at {heard}");
        assert!((seen - wanted).abs() <= 0.1, "{name}: seen at {seen}, not {wanted}");
    }
    is_whole(name, run);
}

fn make(folder: &TempDir, name: &str, video: &str, sound: &str, rest: &str) -> std::path::PathBuf {
    made(folder, name, &format!("{video} {sound} {VIDEO} {rest}"))
}

fn loudest(run: &Run) -> f32 {
    samples(&run.path("video.mp4")).iter().fold(0.0, |most, sample| most.max(sample.abs()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_of_channels_and_every_rate_comes_out_in_time_and_at_a_sane_level() {
    let folder = tempfile::tempdir().unwrap();
    let table = [
        ("mono.mkv", 48_000, "1", "-c:a libopus", 0.2),
        ("stereo441.mp4", 44_100, "11", "-c:a aac", 0.4),
        // Only the centre speaks: that is where voices are.
        ("five.mp4", 48_000, "001000", "-c:a aac", 0.1),
        ("five.mkv", 48_000, "111111", "-c:a flac -sample_fmt s16", 0.3),
        ("seven.mkv", 48_000, "00100000", "-c:a pcm_s16le", 0.1),
        ("eight.mov", 8000, "1", "-c:a pcm_mulaw", 0.2),
        ("ninetysix.mkv", 96_000, "11", "-c:a flac", 0.4),
        ("mp3.avi", 44_100, "11", "-c:a libmp3lame", 0.4),
        ("float.mov", 48_000, "11", "-c:a pcm_f32le", 0.4),
    ];
    for (name, rate, channels, codec, least) in table {
        let source = make(&folder, name, &flashes(12), &beeps(12, rate, channels), codec);
        let run = run(&source).await;
        is_together(name, &run, &[1.0, 6.0, 11.0]);
        let loudest = loudest(&run);
        assert!((least..=1.0).contains(&loudest), "{name}: its loudest sample is {loudest}");
        let audio = run.result().audio.as_ref().unwrap();
        assert_eq!((audio.sample_rate, audio.channels), (48_000, 2), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn six_channels_at_full_scale_do_not_clip() {
    let folder = tempfile::tempdir().unwrap();
    // What a lossy encoder makes of full scale lies above it by itself: there the source stays a little below.
    for (name, size, codec) in
        [("a.mkv", 0.99, "pcm_s16le"), ("b.mkv", 0.99, "flac -sample_fmt s32"), ("c.mp4", 0.7, "aac -b:a 384k")]
    {
        let one = format!("{size}*sin(2000*t)");
        let all = [one.as_str(); 6].join("|");
        let sound = format!("-f lavfi -i aevalsrc=exprs='{all}':s=48000:d=3");
        let run = run(&make(&folder, name, &flashes(3), &sound, &format!("-c:a {codec}"))).await;
        let peak = run.result().audio.as_ref().unwrap().true_peak_db.unwrap();
        assert!((-6.0..=0.3).contains(&peak), "{name}: {peak} dB");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_is_missing_late_early_or_short_is_silence_there() {
    let folder = tempfile::tempdir().unwrap();
    let silent = run(&made(&folder, "silent.mkv", &format!("{} {VIDEO}", flashes(4)))).await;
    assert!(silent.result().audio.is_none());
    assert!(!std::fs::read_to_string(silent.path("master.m3u8")).unwrap().contains("AUDIO"));

    // Sound comes six seconds after the first picture.
    let late = format!("-itsoffset 6 {}", beeps(6, 48_000, "11"));
    let source = make(&folder, "late.mkv", &flashes(13), &late, "-map 0 -map 1 -c:a libopus");
    let run_late = run(&source).await;
    let film = run_late.path("video.mp4");
    assert_eq!(seen(&film).len(), 3);
    let beeps_heard = heard(&film);
    assert_eq!(beeps_heard.len(), 2 - 1, "{beeps_heard:?}");
    // Its own second 1 is the picture's second 7.
    assert!((beeps_heard[0] - 7.0).abs() <= APART, "{beeps_heard:?}");
    is_whole("late", &run_late);

    // The picture comes two and a half seconds after the first sound, and stands from the beginning.
    let video = format!("-itsoffset 2.5 {}", flashes(9));
    let source = make(&folder, "before.mkv", &video, &beeps(12, 48_000, "11"), "-map 0 -map 1 -c:a aac");
    let before = run(&source).await;
    let film = before.path("video.mp4");
    let (seen_there, heard_there) = (seen(&film), heard(&film));
    assert_eq!((seen_there.len(), heard_there.len()), (2, 3), "{seen_there:?} {heard_there:?}");
    assert!((seen_there[0] - 3.5).abs() <= APART && (heard_there[0] - 1.0).abs() <= APART);
    is_whole("before", &before);

    let source = make(&folder, "short.mkv", &flashes(12), &beeps(7, 44_100, "11"), "-map 0 -map 1 -c:a libvorbis");
    let short = run(&source).await;
    let film = short.path("video.mp4");
    assert_eq!((seen(&film).len(), heard(&film).len()), (3, 2));
    is_whole("short", &short);
}

#[tokio::test(flavor = "multi_thread")]
async fn gaps_stay_gaps_and_broken_packets_move_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let gap =
        |from: f64, until: f64| format!("{},aselect='not(between(t\\,{from}\\,{until}))'", beeps(17, 48_000, "11"));
    let table = [
        ("gap.mkv", gap(2.0, 4.5), "-c:a pcm_s16le"),
        ("small.mkv", format!("{},aselect='not(between(t\\,12\\,12.06))'", gap(2.0, 2.1)), "-c:a pcm_s16le"),
        (
            "lost.mkv",
            beeps(17, 48_000, "11"),
            "-c:a aac -bsf:a noise=drop='between(pts*tb\\,2\\,4)+between(pts*tb\\,12\\,12.1)'",
        ),
        ("broken.mkv", beeps(17, 48_000, "11"), "-c:a aac -bsf:a noise=amount='if(between(pts*tb\\,2\\,4)\\,3\\,0)'"),
        (
            "broken.webm",
            beeps(17, 48_000, "11"),
            "-c:a libopus -bsf:a noise=amount='if(between(pts*tb\\,12\\,14)\\,3\\,0)'",
        ),
    ];
    for (name, sound, rest) in table {
        let rest = if name.ends_with("webm") { format!("-c:v libvpx -cpu-used 16 {rest}") } else { rest.to_owned() };
        let source = make(&folder, name, &flashes(17), &sound, &rest);
        let run = run(&source).await;
        let film = run.path("video.mp4");
        if name.starts_with("broken") {
            // What is broken may crackle; the beeps before and after stand where they stood.
            let (seen, heard) = (seen(&film), heard(&film));
            println!("{name:<16} seen {seen:.3?} heard {heard:.3?}");
            for at in [seen[0], seen[1], seen[3]] {
                assert!(heard.iter().any(|heard| (heard - at).abs() <= APART), "{name}: {at} not in {heard:?}");
            }
            is_whole(name, &run);
        } else {
            is_together(name, &run, &[1.0, 6.0, 11.0, 16.0]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_rate_and_channels_in_the_middle_is_heard_through() {
    let folder = tempfile::tempdir().unwrap();
    let part = |name: &str, rate: u32, channels: &str, offset: &str| {
        let rest = format!("-c:a aac -ar {rate} -muxdelay 0 -muxpreload 0 {offset}");
        std::fs::read(make(&folder, name, &flashes(10), &beeps(10, rate, channels), &rest)).unwrap()
    };
    let mut both = part("one.ts", 48_000, "11", "");
    both.extend(part("two.ts", 44_100, "1", "-output_ts_offset 10"));
    let path = folder.path().join("both.ts");
    std::fs::write(&path, both).unwrap();
    is_together("change", &run(&path).await, &[1.0, 6.0, 11.0, 16.0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_whose_clock_is_off_follows_the_container_without_a_jump() {
    let folder = tempfile::tempdir().unwrap();
    // Each packet's time is a thousandth later than its samples say: after 91 seconds that makes 91 ms.
    let beeps = "-f lavfi -i aevalsrc=exprs='0.5*sin(6000*t)*lt(mod(t*1.001+4\\,5)\\,0.2)':s=48000:d=96";
    let source = make(&folder, "drift.mkv", &flashes(97), beeps, "-c:a pcm_s16le -bsf:a setts=ts=TS*1.001");
    let wanted: Vec<f64> = (0..20).map(|n| 1.0 + 5.0 * f64::from(n)).collect();
    is_together("drift", &run(&source).await, &wanted);

    // A steady tone stays a steady tone: no step between two samples is larger than its slope.
    let tone = "-f lavfi -i aevalsrc=exprs='0.4*sin(2000*t)':s=48000:d=60";
    let source = make(&folder, "tone.mkv", &flashes(60), tone, "-c:a pcm_s16le -bsf:a setts=ts=TS*0.999");
    let run = run(&source).await;
    let sound = samples(&run.path("video.mp4"));
    let (size, slope) = (0.4, 0.4 * 2000.0 / 48_000.0);
    let inside = &sound[4800..59 * 48_000];
    let steepest = inside.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < slope * 1.3, "{steepest}, its slope is {slope}");
    // Never silent for half a swing.
    let quiet =
        inside.chunks(240).map(|piece| piece.iter().fold(0.0_f32, |most, s| most.max(s.abs()))).fold(1.0, f32::min);
    assert!(quiet > size * 0.9, "{quiet}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_sound_tracks_the_one_marked_as_usual_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    for usual in [0, 1] {
        let name = format!("two-{usual}.mkv");
        let rest = format!(
            "-f lavfi -i aevalsrc=exprs='0.5*sin(6000*t)*gte(t\\,3)':s=48000:d=6 {VIDEO} -map 0 -map 1 -map 2 -c:a aac \
             -disposition:a:0 {} -disposition:a:1 {}",
            if usual == 0 { "default" } else { "0" },
            if usual == 1 { "default" } else { "0" }
        );
        let sound = "-f lavfi -i aevalsrc=exprs='0.5*sin(6000*t)*gte(t\\,1)':s=48000:d=6";
        let source = made(&folder, &name, &format!("{} {sound} {rest}", flashes(6)));
        let heard = heard(&run(&source).await.path("video.mp4"));
        let wanted = if usual == 0 { 1.0 } else { 3.0 };
        assert!((heard[0] - wanted).abs() <= APART, "{usual}: {heard:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_no_encoder_takes_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    // Floating point samples far beyond full scale, and what is no number at all.
    let odd = "-f lavfi -i aevalsrc=exprs='if(between(t\\,1\\,2)\\,1e20*sin(2000*t)\\,if(between(t\\,3\\,3.1)\\,0/0\\,0.3*sin(2000*t)))':s=48000:d=5";
    let run = run(&make(&folder, "odd.mkv", &flashes(5), odd, "-c:a pcm_f32le")).await;
    let audio = run.result().audio.as_ref().unwrap();
    assert!(audio.loudness_lufs.is_some_and(f64::is_finite) && audio.true_peak_db.is_some_and(f64::is_finite));
    is_whole("odd", &run);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_that_tremble_as_browsers_write_them_leave_the_sound_whole() {
    let Some(file) = shared("chrome52.webm") else { return };
    let run = run(&file).await;
    is_whole("chrome52", &run);
    // The same through a player that knows nothing of the container's times.
    let plain = samples(&file);
    let steps = |sound: &[f32]| {
        // Places where it falls silent from one sample to the next, for ten milliseconds.
        let silent: Vec<bool> = sound.chunks(480).map(|piece| piece.iter().all(|sample| sample.abs() < 1e-4)).collect();
        silent.windows(2).filter(|pair| !pair[0] && pair[1]).count()
    };
    let (ours, theirs) = (steps(&samples(&run.path("video.mp4"))), steps(&plain));
    println!("falls silent {ours} times, {theirs} by its samples alone");
    assert!(ours <= theirs + 3, "{ours} and {theirs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn levelled_sound_stays_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let source = make(&folder, "a.mkv", &flashes(12), &beeps(12, 44_100, "1"), "-c:a aac");
    let level = Level { gain_db: 12.0, ceiling_db: -2.0 };
    let task = Task { level: Some(level), ..Task::default() };
    let run = run_task(&source, task, tempfile::tempdir().unwrap()).await;
    is_together("levelled", &run, &[1.0, 6.0, 11.0]);
    assert!(run.result().audio.as_ref().unwrap().true_peak_db.unwrap() <= -1.0);
}
