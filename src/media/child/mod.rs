//! The process boundary of the media work, seen from the parent: start the child, feed it, listen to it, bound it, end it.
//!
//! The child is not trusted. It speaks in typed lines ([`Line`]) on its standard output; a line that cannot be read, a name
//! that could leave the work folder, silence beyond the stall bound or an end without an outcome is a failure. Invariant:
//! when [`run`] has returned, or its future was dropped, no process of the job's group is alive.

mod feed;
mod inside;
mod layers;
mod listen;
mod warm;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::codes::Code;

pub use super::level::Level;
pub use super::part::{Part, Place};
pub use super::report::{Event, Made, MadeSegment, Outcome, Plan, Resume};
pub use inside::main as child_main;
pub use layers::layers;
pub use warm::Pool;

/// The hidden subcommand that turns the binary into the child.
pub const SUBCOMMAND: &str = "media-child";

/// One piece of media work.
#[derive(Clone, Debug)]
pub struct Job {
    /// The binary that has the hidden subcommand: in a server its own, in a test `env!("CARGO_BIN_EXE_twotake")`.
    pub child_binary: PathBuf,
    /// An empty folder that exists; everything is written here, and the child can write nowhere else.
    pub work_dir: PathBuf,
    /// What to make of the recording.
    pub task: Task,
    /// Where a child may be waiting for it.
    pub pool: Option<Pool>,
    /// The longest time the child may be at work, not counting the time it waits for input.
    pub wall_clock: Duration,
    /// The longest time it may say nothing while it has input.
    pub stall: Duration,
}

impl Job {
    /// A job with the usual bounds: three minutes of video need minutes.
    #[must_use]
    pub fn new(child_binary: PathBuf, work_dir: PathBuf, task: Task) -> Self {
        Self {
            child_binary,
            work_dir,
            task,
            pool: None,
            wall_clock: Duration::from_secs(20 * 60),
            stall: Duration::from_secs(2 * 60),
        }
    }
}

/// What the child is told: plain data, handed over as its one argument, or to one that waits over its pipe.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    /// The recording limit.
    pub limit_ms: u64,
    /// How much longer a recording may measure, for the rounding of containers.
    pub tolerance_ms: u64,
    /// The largest picture that is decoded, in pixels.
    pub max_pixels: u64,
    /// The most pictures per second that come out.
    pub max_fps: u32,
    /// Heights of the ladder, top first; those above the source are left out.
    pub heights: Vec<u32>,
    /// Only look: open, walk to the end, measure; make nothing.
    pub probe_only: bool,
    /// What an earlier attempt at the same recording has left in the work folder.
    pub resume: Option<Resume>,
    /// What is done to the level of the sound.
    pub level: Option<Level>,
    /// The pictures are there: the top rendition lies in the work folder. Only the sound and what depends on it is made.
    pub only_sound: Option<Made>,
    /// Nobody waits: take the time for fewer bytes.
    pub fine: bool,
    /// Compute only when the machine has nothing else to do.
    pub lowest: bool,
    /// It is a file, however slowly its bytes come: nothing of it may be left out to be in step.
    pub file: bool,
    /// The plan that a recording which is being made begins with: a cheaper one where there is hardly room for it.
    pub begin: Plan,
    /// Take the source's own picture as the top rendition where it fits, without encoding it again.
    pub copy: bool,
    /// Lengths in 1/90000 s of the segments of pictures that viewers have been shown already: work that begins anew is cut at the
    /// same instants, so that it can be added to them.
    pub cuts: Vec<i64>,
    /// Tell how the pictures will be cut as soon as that can be foreseen, so that others may make parts.
    pub foresee: bool,
    /// Only these segments of the pictures, and nothing else; the work folder holds the first segment of every rung.
    pub part: Option<Part>,
    /// What is there was made in parts: it is looked at whether they fit together.
    pub joined: bool,
    /// Run even where the kernel offers no confinement.
    pub allow_unconfined: bool,
    /// Address space of the child.
    pub memory_bytes: u64,
    /// CPU seconds of the child.
    pub cpu_seconds: u64,
    /// The largest file it may write.
    pub file_bytes: u64,
}

impl Default for Task {
    fn default() -> Self {
        Self {
            limit_ms: 180_000,
            tolerance_ms: 500,
            max_pixels: 16_000_000,
            max_fps: 30,
            heights: vec![1080, 720, 480],
            probe_only: false,
            resume: None,
            fine: false,
            lowest: false,
            file: false,
            begin: Plan::Full,
            level: None,
            only_sound: None,
            copy: false,
            cuts: Vec::new(),
            foresee: false,
            part: None,
            joined: false,
            allow_unconfined: false,
            memory_bytes: 4 << 30,
            cpu_seconds: 40 * 60,
            file_bytes: 4 << 30,
        }
    }
}

/// A line on the child's standard output.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// Something happened.
    Event(Event),
    /// The last line.
    Outcome(Outcome),
}

/// Runs a job to its end: feeds `input` into the child as it comes, hands the child's events on, and answers with the outcome.
/// Dropping the future kills the child. An error in `input` ends the job as failed.
pub async fn run(
    job: Job,
    input: impl Stream<Item = io::Result<Bytes>> + Send,
    events: mpsc::Sender<Event>,
) -> Outcome {
    let mut group = match begin(&job).await {
        Ok(group) => group,
        Err(e) => return failed(format!("cannot start {}: {e}", job.child_binary.display())),
    };
    let child = &mut group.0;
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return failed("the child came without its pipes".into());
    };
    let clock = feed::Clock::default();
    let talk = listen::lines(stdout, &job.work_dir, &clock, &events);
    let complaints = listen::complaints(stderr);
    let work = async {
        tokio::select! {
            biased;
            (outcome, said) = async { tokio::join!(talk, complaints) } => Ok((outcome, said)),
            broken = feed::input(input, stdin, &clock) => Err(failed(format!("the input broke off: {broken}"))),
            bound = clock.watch(job.wall_clock, job.stall) => Err(Outcome::Failed { code: Code::MediaTimeout, detail: bound }),
        }
    };
    match work.await {
        Err(outcome) => outcome,
        Ok((heard, said)) => group.conclude(heard, &said).await,
    }
}

/// The child that waits, or a new one.
async fn begin(job: &Job) -> io::Result<Group> {
    if let Some(pool) = &job.pool
        && let Some(group) = pool.begin(&job.child_binary, &job.work_dir, &job.task).await
    {
        return Ok(group);
    }
    let task = serde_json::to_string(&job.task).map_err(io::Error::other)?;
    start(&job.child_binary, &task, &job.work_dir).map(Group)
}

fn start(binary: &Path, argument: &str, folder: &Path) -> io::Result<Child> {
    Command::new(binary)
        .args([SUBCOMMAND, argument])
        .env_clear()
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

fn failed(detail: String) -> Outcome {
    Outcome::Failed { code: Code::MediaFailed, detail }
}

/// The child and everything it could have started.
#[derive(Debug)]
struct Group(Child);

impl Group {
    /// The child has closed its standard output: its own word counts only together with a clean exit.
    async fn conclude(mut self, heard: Result<Outcome, String>, said: &str) -> Outcome {
        let status = match tokio::time::timeout(Duration::from_secs(20), self.0.wait()).await {
            Ok(Ok(status)) => status,
            Ok(Err(e)) => return failed(format!("the child's exit cannot be read: {e}")),
            Err(_) => return failed("the child closed its output and did not exit".into()),
        };
        match heard {
            Ok(outcome) if status.success() => outcome,
            Ok(_) => failed(format!("the child ended with {status} after its outcome: {said}")),
            Err(why) => failed(format!("{why}; the child ended with {status}: {said}")),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // `id` is there only while the child has not been reaped, so the number cannot have passed to someone else.
        if let Some(id) = self.0.id().and_then(|id| i32::try_from(id).ok()) {
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
    }
}
