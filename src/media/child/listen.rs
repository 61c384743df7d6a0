//! The parent's reading end: the child's lines and its complaints, both bounded, neither believed without a look.

use std::path::Path;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::mpsc;

use super::feed::Clock;
use super::{Event, Line, Outcome};

/// The longest line: a playlist of three minutes has about 5 kB.
const LONGEST_LINE: u64 = 1 << 20;
/// So much of what the child complains about is kept for the log. The text is under the control of whoever made the file.
const KEPT_COMPLAINTS: usize = 4 << 10;

/// Reads lines until the child closes its output; events go on in order, the outcome is returned.
pub async fn lines(
    from: ChildStdout,
    work_dir: &Path,
    clock: &Clock,
    events: &mpsc::Sender<Event>,
) -> Result<Outcome, String> {
    let mut from = BufReader::new(from);
    let mut outcome = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        let got = (&mut from).take(LONGEST_LINE).read_until(b'\n', &mut line).await;
        clock.heard();
        match got {
            Err(e) => return Err(format!("the child's output cannot be read: {e}")),
            Ok(0) => return outcome.ok_or_else(|| "the child said no outcome".to_owned()),
            Ok(_) => {}
        }
        match (parse(&line)?, &outcome) {
            (_, Some(_)) => return Err("the child went on after its outcome".into()),
            (Line::Outcome(said), None) => outcome = Some(said),
            (Line::Event(event), None) => {
                check(&event, work_dir)?;
                // A listener that has gone away does not stop the work; dropping `run` does.
                let _ = events.send(event).await;
                clock.heard();
            }
        }
    }
}

fn parse(line: &[u8]) -> Result<Line, String> {
    serde_json::from_slice(line)
        .map_err(|e| format!("the child said {:?}: {e}", String::from_utf8_lossy(&line[..line.len().min(200)])))
}

/// A file the child speaks of must be a plain file of the said size, inside the work folder.
fn check(event: &Event, work_dir: &Path) -> Result<(), String> {
    let (name, bytes) = match event {
        Event::Segment { name, bytes, .. } | Event::File { name, bytes, .. } => (name, Some(*bytes)),
        Event::Playlist { name, .. } => (name, None),
        Event::Probed(_)
        | Event::Resumed { .. }
        | Event::Copied { .. }
        | Event::Foreseen { .. }
        | Event::Progress { .. } => return Ok(()),
    };
    if !is_plain(name) {
        return Err(format!("the child named a file {name:?}"));
    }
    let about = std::fs::symlink_metadata(work_dir.join(name)).map_err(|e| format!("{name} is not there: {e}"))?;
    if !about.is_file() || bytes.is_some_and(|bytes| bytes != about.len()) {
        return Err(format!("{name} is not the file that was reported"));
    }
    Ok(())
}

/// Lower-case letters, digits, `-`, `_` and dots that do not stand in front: no way out of the folder.
fn is_plain(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
}

/// Drains the child's standard error and keeps its beginning.
pub async fn complaints(mut from: ChildStderr) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n) = read(&mut from, &mut buffer).await {
        if n == 0 {
            break;
        }
        let room = KEPT_COMPLAINTS.saturating_sub(kept.len()).min(n);
        kept.extend_from_slice(&buffer[..room]);
    }
    String::from_utf8_lossy(&kept).trim().escape_debug().to_string()
}

async fn read(from: &mut (impl AsyncRead + Unpin), buffer: &mut [u8]) -> std::io::Result<usize> {
    from.read(buffer).await
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_name_cannot_leave_the_folder() {
        for good in ["master.m3u8", "1080-init-0.mp4", "audio-00001.m4s", "video.mp4"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", ".", "..", "../x", "/etc/passwd", "a/b", ".hidden", "A.mp4", "a\nb", "ü.mp4"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
