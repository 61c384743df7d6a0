//! Small recordings of every kind that is read, to be spoilt.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Pictures and a tone, two seconds of them.
const BOTH: &str = "-f lavfi -i testsrc2=size=320x180:rate=15:duration=2 -f lavfi -i sine=frequency=440:duration=2";

/// Name and the words after the sources.
const KINDS: [(&str, &str); 11] = [
    ("vp8.webm", "-c:v libvpx -deadline realtime -cpu-used 16 -c:a libopus -live 1"),
    ("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
    ("av1.webm", "-c:v libaom-av1 -cpu-used 8 -usage realtime -c:a libopus"),
    ("h264.mp4", "-c:v libx264 -pix_fmt yuv420p -c:a aac -movflags +faststart"),
    ("back.mp4", "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
    ("pieces.mp4", "-c:v libx264 -pix_fmt yuv420p -g 15 -c:a aac -movflags frag_keyframe+empty_moov"),
    (
        "hevc.mp4",
        "-c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1 -c:a aac -movflags +faststart",
    ),
    ("phone.mov", "-c:v libx264 -pix_fmt yuv420p -c:a aac -movflags +faststart"),
    ("stream.ts", "-c:v libx264 -pix_fmt yuv420p -c:a aac"),
    ("old.avi", "-c:v mpeg4 -c:a libmp3lame"),
    ("sound.m4a", "-map 1 -c:a aac -movflags +faststart"),
];

/// Makes one of each.
pub fn all(folder: &TempDir) -> Vec<(&'static str, Vec<u8>)> {
    KINDS
        .iter()
        .map(|(name, words)| (*name, std::fs::read(made(folder, name, &format!("{BOTH} {words}"))).unwrap()))
        .collect()
}

/// Makes a file with the ffmpeg program; `words` are its arguments, split at spaces, without the file.
pub fn made(folder: &TempDir, name: &str, words: &str) -> PathBuf {
    let words: Vec<&str> = words.split_whitespace().collect();
    made_of(folder, name, &words)
}

/// The same, of words with spaces in them.
pub fn made_of(folder: &TempDir, name: &str, words: &[&str]) -> PathBuf {
    let path = folder.path().join(name);
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(words)
        .arg(&path)
        .stdin(Stdio::null())
        .output();
    let done = done.unwrap_or_else(|e| panic!("the ffmpeg program is needed: {e}"));
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    path
}

/// Writes bytes under a name.
pub fn written(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Where `pattern` stands.
pub fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

/// What a program prints.
pub fn printed(program: &str, words: &[&str], file: &Path) -> String {
    let done = Command::new(program).args(words).arg(file).stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&done.stdout).into_owned()
}
