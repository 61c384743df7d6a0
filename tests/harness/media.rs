//! Recordings to send: generated once with the ffmpeg program and kept in target/fixtures.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A 640x360 VP8 and Opus WebM of so many seconds, as a browser records it: no length in its header.
pub fn webm(seconds: f64) -> PathBuf {
    made(&format!("even-live-{seconds}.webm"), &live(seconds, "640x360", "300k"))
}

/// The same in 1920x1080: a node needs longer for each segment than for putting the one before into a store that is busy.
pub fn large_webm(seconds: f64) -> PathBuf {
    made(&format!("large-live-{seconds}.webm"), &live(seconds, "1920x1080", "2M"))
}

fn live(seconds: f64, size: &str, rate: &str) -> Vec<String> {
    let mut args = sources(seconds, size);
    args.extend(words(&format!(
        "-c:v libvpx -deadline realtime -cpu-used 8 -b:v {rate} -g 60 -c:a libopus -b:a 48k -live 1 -f webm"
    )));
    args
}

/// The same with a tone as quiet as a voice that is far from its microphone: its level is changed once it is ready.
pub fn quiet_webm(seconds: f64) -> PathBuf {
    made(&format!("quiet-live-{seconds}.webm"), &{
        let mut args = words(&format!(
            "-f lavfi -i testsrc2=size=640x360:rate=30:duration={seconds} \
             -f lavfi -i sine=frequency=440:sample_rate=48000:duration={seconds},volume=-8dB"
        ));
        args.extend(words(
            "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 300k -g 60 -c:a libopus -b:a 48k -live 1 -f webm",
        ));
        args
    })
}

/// A 640x360 H.264 and AAC MP4 of so many seconds with its index in front.
pub fn mp4(seconds: f64) -> PathBuf {
    made(&format!("even-front-{seconds}.mp4"), &{
        let mut args = sources(seconds, "640x360");
        args.extend(words("-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 60 -c:a aac -movflags +faststart"));
        args
    })
}

/// Sound and no picture.
pub fn sound_only(seconds: f64) -> PathBuf {
    made(&format!("sound-{seconds}.m4a"), &{
        let mut args = words(&format!("-f lavfi -i sine=frequency=440:sample_rate=48000:duration={seconds}"));
        args.extend(words("-c:a aac"));
        args
    })
}

/// The file `name`, made by `ffmpeg ARGS… name` unless it is there already.
pub fn made(name: &str, args: &[String]) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("fixtures");
    let path = dir.join(name);
    if path.is_file() {
        return path;
    }
    std::fs::create_dir_all(&dir).unwrap();
    // Made under a name of its own and then moved: tests in other processes see a whole file or none.
    let own = dir.join(format!("{}.{name}", super::server::unique()));
    let done = Command::new("ffmpeg").args(["-v", "error", "-nostdin", "-y"]).args(args).arg(&own).output();
    let done = done.unwrap_or_else(|e| panic!("the ffmpeg program is needed to make {name}: {e}"));
    assert!(done.status.success(), "ffmpeg could not make {name}: {}", String::from_utf8_lossy(&done.stderr));
    std::fs::rename(&own, &path).unwrap();
    path
}

fn sources(seconds: f64, size: &str) -> Vec<String> {
    // As loud as every recording becomes, so that nothing is owed for its sound.
    words(&format!(
        "-f lavfi -i testsrc2=size={size}:rate=30:duration={seconds} \
         -f lavfi -i sine=frequency=440:sample_rate=48000:duration={seconds},volume=5.6dB"
    ))
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}
