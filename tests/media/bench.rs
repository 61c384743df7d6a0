//! The workbench of these tests: recordings are made, run through the child and looked at.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bytes::Bytes;
use futures_util::stream;
use tempfile::TempDir;
use tokio::sync::mpsc;
use twotake::media::ResultJson;
use twotake::media::child::{self, Event, Job, Outcome, Task};

/// The binary with the hidden subcommand.
pub const BINARY: &str = env!("CARGO_BIN_EXE_twotake");

/// A piece of work that has ended.
pub struct Run {
    /// The work folder.
    pub folder: TempDir,
    /// What was told on the way.
    pub events: Vec<Event>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Run {
    /// The result of work that must have succeeded.
    pub fn result(&self) -> &ResultJson {
        match &self.outcome {
            Outcome::Done(result) => result,
            other => panic!("not done: {other:?}"),
        }
    }

    /// The word of a refusal.
    pub fn refusal(&self) -> (&'static str, Option<u64>) {
        match &self.outcome {
            Outcome::Refused { code, measured_ms, detail } => {
                assert!(detail.len() > 20 && detail.ends_with('.'), "a sentence: {detail:?}");
                (code.name(), *measured_ms)
            }
            other => panic!("not refused: {other:?}"),
        }
    }

    /// A file of the result.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Runs a file through the child, in pieces as an upload brings them.
pub async fn run(file: &Path) -> Run {
    run_bytes(std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))).await
}

/// Runs a file through the child with a task and a folder of its own.
pub async fn run_task(file: &Path, task: Task, folder: TempDir) -> Run {
    work(std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display())), task, folder).await
}

/// Runs bytes through the child.
pub async fn run_bytes(bytes: Vec<u8>) -> Run {
    work(bytes, Task::default(), tempfile::tempdir().unwrap()).await
}

async fn work(bytes: Vec<u8>, task: Task, folder: TempDir) -> Run {
    let job = Job::new(BINARY.into(), folder.path().to_owned(), task);
    let pieces: Vec<_> = bytes.chunks(100_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let (to, mut from) = mpsc::channel(16);
    let collect = async {
        let mut events = Vec::new();
        while let Some(event) = from.recv().await {
            events.push(event);
        }
        events
    };
    let (outcome, events) = tokio::join!(child::run(job, stream::iter(pieces), to), collect);
    Run { folder, events, outcome }
}

/// One of the shared recordings, which are no part of the repository: none in a clone that stands alone. Continuous
/// integration, and whoever names their folder, has them or fails.
pub fn shared(name: &str) -> Option<PathBuf> {
    let named = std::env::var("TWOTAKE_TEST_MEDIA").ok().map(PathBuf::from);
    let demanded = named.is_some() || std::env::var_os("CI").is_some();
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"));
    let path = folder.join(name);
    if !path.is_file() {
        assert!(!demanded, "{} is not there", path.display());
        say(&format!("{name}: not there; TWOTAKE_TEST_MEDIA names the folder of shared recordings"));
        return None;
    }
    Some(path)
}

/// Says a line that is also seen of a test that passes: the harness keeps what is printed to itself.
pub fn say(line: &str) {
    writeln!(std::io::stderr().lock(), "{line}").unwrap();
}

/// Makes a recording with the ffmpeg program; `words` are its arguments, split at spaces, without the file.
pub fn made(folder: &TempDir, name: &str, words: &str) -> PathBuf {
    let path = folder.path().join(name);
    let words: Vec<&str> = words.split_whitespace().collect();
    tool("ffmpeg", &[&["-v", "error", "-y"], words.as_slice(), &[path.to_str().unwrap()]].concat());
    path
}

/// Runs a program and answers what it wrote.
pub fn tool(program: &str, arguments: &[&str]) -> Vec<u8> {
    let done = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|e| panic!("{program}: {e}"));
    assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// Decodes a file to its end: the ffmpeg program must have nothing to complain about. Of a playlist that still grows, five seconds.
pub fn plays(file: &Path) {
    // Into a format without times: rounding them is the program's own affair.
    let words = ["-v", "warning", "-i", file.to_str().unwrap(), "-fps_mode", "passthrough", "-map", "0"];
    let is_playlist = file.extension().is_some_and(|extension| extension == "m3u8");
    let until: &[&str] = if is_playlist { &["-t", "5"] } else { &[] };
    let all = [words.as_slice(), until, &["-f", "hash", "/dev/null", "-y"]].concat();
    let done = Command::new("ffmpeg").args(all).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.trim().is_empty(), "{}: {said}", file.display());
}

/// Joins a rendition's init segment and segments into one file.
pub fn joined(run: &Run, rendition: &str) -> PathBuf {
    let mut bytes = std::fs::read(run.path(&format!("{rendition}-init.mp4"))).unwrap();
    for n in 0.. {
        let Ok(segment) = std::fs::read(run.path(&format!("{rendition}-{n:05}.m4s"))) else { break };
        bytes.extend(segment);
    }
    let path = run.path(&format!("{rendition}-joined.mp4"));
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The times of a file's video packets in seconds, and whether each is a key frame.
pub fn packets(file: &Path) -> Vec<(f64, bool)> {
    let words = ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0"];
    let text = String::from_utf8(tool("ffprobe", &[words.as_slice(), &[file.to_str().unwrap()]].concat())).unwrap();
    text.lines()
        .map(|line| {
            let (time, flags) = line.split_once(',').unwrap();
            (time.parse().unwrap(), flags.starts_with('K'))
        })
        .collect()
}

/// Every picture of a file as `width` × `height` grey values, without repeating or dropping any.
pub fn grey(file: &Path, width: usize, height: usize) -> Vec<Vec<u8>> {
    let filter = format!("scale={width}:{height}:flags=area,format=gray");
    let words = [
        "-v",
        "error",
        "-i",
        file.to_str().unwrap(),
        "-an",
        "-vf",
        &filter,
        "-vsync",
        "passthrough",
        "-f",
        "rawvideo",
        "-",
    ];
    tool("ffmpeg", &words).chunks(width * height).map(<[u8]>::to_vec).collect()
}

/// The sound of a file as 48,000 samples a second.
pub fn samples(file: &Path) -> Vec<f32> {
    let words = ["-v", "error", "-i", file.to_str().unwrap(), "-vn", "-ac", "1", "-ar", "48000", "-f", "f32le", "-"];
    tool("ffmpeg", &words).chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
}
