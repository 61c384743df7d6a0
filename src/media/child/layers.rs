//! Which layers of the confinement hold on this machine: a child locks itself in as for real work, and then tries what it must
//! not be able to do.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use super::super::sandbox::{self, Layer};
use super::{SUBCOMMAND, Task};

/// The argument that asks for the trial instead of work.
const TRIAL: &str = "layers";

/// Locks a child of `binary` in and tries it.
///
/// # Errors
/// When the child cannot be started or read.
pub fn layers(binary: &Path) -> Result<Vec<Layer>, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("cannot make a folder: {e}"))?;
    let mut child = Command::new(binary)
        .args([SUBCOMMAND, TRIAL])
        .env_clear()
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("cannot start {}: {e}", binary.display()))?;
    let lines: Vec<String> = match child.stdout.take() {
        Some(out) => BufReader::new(out).lines().take(10).collect::<Result<_, _>>().map_err(|e| e.to_string())?,
        None => Vec::new(),
    };
    let status = child.wait().map_err(|e| e.to_string())?;
    let mut layers: Vec<Layer> =
        lines.first().and_then(|line| serde_json::from_str(line).ok()).ok_or("the child said nothing")?;
    let said = |word: &str| lines.iter().any(|line| line == word);
    for layer in &mut layers {
        let broken = match layer.name.as_str() {
            "landlock" => said("opened a file elsewhere"),
            "system calls" => status.signal() != Some(libc::SIGSYS),
            _ => false,
        };
        if layer.active && broken {
            layer.active = false;
            layer.detail = format!("it was set up, but did not hold: the child ended with {status}");
        }
    }
    Ok(layers)
}

/// The child's side: none when the argument asks for something else.
pub fn trial(argument: &str) -> Option<ExitCode> {
    (argument == TRIAL).then(|| {
        let layers = sandbox::lock(&Task::default());
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{}", serde_json::to_string(&layers).unwrap_or_default());
        if File::open("/etc/passwd").is_ok() {
            let _ = writeln!(out, "opened a file elsewhere");
        }
        let _ = out.flush();
        // Where the list of calls holds, nothing comes after this.
        let _ = UdpSocket::bind("127.0.0.1:0");
        ExitCode::FAILURE
    })
}
