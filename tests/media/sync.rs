//! Picture and sound stay together: a flash and a beep that belong together come out together.

use std::path::Path;

use crate::bench::{grey, made, packets, run, samples};

/// When the picture first turns white, and when the sound first rises, in seconds.
pub fn flash_and_beep(file: &Path) -> (f64, f64) {
    let pictures = grey(file, 2, 2);
    let times = packets(file);
    assert_eq!(pictures.len(), times.len(), "as many pictures as packets");
    let flash = pictures.iter().position(|picture| picture[0] > 128).expect("a flash");
    let sound = samples(file);
    let beep = sound.iter().position(|sample| sample.abs() > 0.05).expect("a beep");
    (times[flash].0, beep as f64 / 48_000.0)
}

/// Black with a white flash, and silence with a beep, both at that second.
pub fn source(at: f64, rate: u32, sound: &str) -> String {
    format!(
        "-f lavfi -i color=black:size=320x240:rate={rate}:duration=6,drawbox=color=white:t=fill:enable='gte(t,{at})' \
         -f lavfi -i aevalsrc=exprs=0.5*sin(2000*t)*gte(t\\,{at}):s=44100:d=6{sound}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn flash_and_beep_come_out_together() {
    let folder = tempfile::tempdir().unwrap();
    let vp8 = "-c:v libvpx -deadline realtime -cpu-used 16 -c:a libopus -live 1";
    let table = [
        ("live.webm", source(3.0, 30, ""), vp8),
        ("sixty.mp4", source(3.0, 60, ""), "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac"),
        (
            "mono.mkv",
            source(3.0, 25, ",aformat=channel_layouts=mono"),
            "-c:v libx264 -bf 3 -pix_fmt yuv420p -c:a libmp3lame",
        ),
        ("surround.mp4", source(3.0, 30, ",pan=5.1|FL=c0|FR=c0|FC=c0"), "-c:v mpeg4 -c:a aac"),
        ("transport.ts", source(3.0, 30, ""), "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
        ("old.avi", source(3.0, 30, ""), "-c:v mpeg4 -c:a libmp3lame"),
    ];
    for (name, words, codecs) in table {
        let source = made(&folder, name, &format!("{words} {codecs}"));
        let run = run(&source).await;
        let (flash, beep) = flash_and_beep(&run.path("video.mp4"));
        println!("{name:<14} flash {flash:.4} beep {beep:.4}");
        assert!((flash - beep).abs() <= 0.04, "{name}: flash {flash}, beep {beep}");
        assert!((flash - 3.0).abs() <= 0.1, "{name}: flash {flash}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_begins_late_or_ends_early_is_filled_with_silence() {
    let folder = tempfile::tempdir().unwrap();
    let video = "-f lavfi -i color=black:size=320x240:rate=30:duration=12,drawbox=color=white:t=fill:enable='gte(t,6)'";
    let beep = "-f lavfi -i sine=frequency=500:duration=1";
    let vp8 = "-map 0 -map 1 -c:v libvpx -deadline realtime -cpu-used 16 -c:a libopus -live 1";
    let late = made(&folder, "late.webm", &format!("{video} -itsoffset 6 {beep} {vp8}"));
    let run = run(&late).await;
    let (flash, beep) = flash_and_beep(&run.path("video.mp4"));
    assert!((flash - beep).abs() <= 0.04, "flash {flash}, beep {beep}");
    let length = samples(&run.path("video.mp4")).len() as f64 / 48_000.0;
    assert!((length - 12.0).abs() < 0.05, "the sound lasts {length} s");
    let text = std::fs::read_to_string(run.path("audio.m3u8")).unwrap();
    assert_eq!(text.matches("#EXTINF:").count(), 6);
}
