//! One file put in, and what came of it: the word, the time and the memory it took.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Words with which a file may be refused.
const REFUSALS: [&str; 6] = ["too_large", "too_long", "not_video", "unsupported_codec", "picture_too_large", "damaged"];
/// CPU seconds a file may take: its time on a machine that does nothing else.
const CPU: Duration = Duration::from_secs(10);
/// Resident memory it may take, in KiB.
const MEMORY: i64 = 512 * 1024;
/// Whatever takes longer by the clock hangs, however busy the machine is.
const HANGS: Duration = Duration::from_secs(180);

/// What came of a file.
pub struct Answer {
    /// `ready`, or the word of the refusal.
    pub word: String,
    /// The length that was measured.
    pub measured_ms: Option<u64>,
    /// What the work used.
    pub cpu: Duration,
    /// At its peak, in KiB.
    pub memory: i64,
    /// Everything that was written.
    pub out: TempDir,
}

impl Answer {
    /// A file of the result.
    pub fn path(&self, name: &str) -> PathBuf {
        self.out.path().join(name)
    }
}

/// Transcodes a file and holds the answer against the bounds. What is wrong is said with the file's name.
#[expect(clippy::zombie_processes, reason = "waited for by its number, to learn what it used")]
pub fn answer(file: &Path) -> Result<Answer, String> {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let out = tempfile::tempdir().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_twotake"))
        .args(["media", "transcode", "--json", "--out"])
        .args([out.path(), file])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = child.id().cast_signed();
    let mut said = child.stdout.unwrap();
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut said, &mut text).map(|_| text)
    });
    let (status, cpu, memory) = reap(pid).ok_or_else(|| format!("{name}: it hangs"))?;
    let text = reading.join().unwrap().map_err(|e| format!("{name}: {e}"))?;
    let json: Value = serde_json::from_str(&text).map_err(|e| format!("{name}: {e} in {text:?} ({status})"))?;
    let word = json["code"].as_str().or(json["state"].as_str()).unwrap_or_default().to_owned();
    let expected = if word == "ready" { 0 } else { 2 };
    if status.code() != Some(expected) || (expected == 2 && !REFUSALS.contains(&word.as_str())) {
        return Err(format!("{name}: {status}, {json}"));
    }
    if cpu > CPU || memory > MEMORY {
        return Err(format!("{name}: {word} after {cpu:?} of CPU with {memory} KiB"));
    }
    Ok(Answer { word, measured_ms: json["measured_ms"].as_u64(), cpu, memory, out })
}

/// Waits for a process and everything it has waited for itself: status, CPU time and peak memory. None when it hung and was
/// killed for it.
fn reap(pid: i32) -> Option<(ExitStatus, Duration, i64)> {
    let (ended, awaited) = std::sync::mpsc::channel::<()>();
    let guard = std::thread::spawn(move || {
        let hangs = awaited.recv_timeout(HANGS).is_err();
        if hangs {
            // SAFETY: a signal to a process of ours that has not been waited for.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
        hangs
    });
    let mut status = 0;
    // SAFETY: a C structure of numbers, for which zeros are a value.
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to values on this stack that outlive the call.
    let waited = unsafe { libc::wait4(pid, &mut status, 0, &mut used) };
    assert_eq!(waited, pid);
    let _ = ended.send(());
    if guard.join().unwrap() {
        return None;
    }
    let time = |t: libc::timeval| Duration::from_micros(t.tv_sec as u64 * 1_000_000 + t.tv_usec as u64);
    Some((ExitStatus::from_raw(status), time(used.ru_utime) + time(used.ru_stime), used.ru_maxrss))
}
