//! `twotake media …`: the media work without a server, done by the same confined child that a server uses.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;

use crate::media::child::{self, Event, Job, Outcome, Task};
use crate::media::trouble::clock;
use crate::media::{Probe, ResultJson};

/// Arguments of `twotake media`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit status: 0 accepted or done, 2 refused, 1 anything else.")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Say what a recording is, how long it really is, and whether it would be accepted
    #[command(
        after_help = "Examples:\n  twotake media probe update.webm\n  twotake media probe update.webm --json | jq .measured_ms"
    )]
    Probe {
        /// The recording
        file: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        more: More,
    },
    /// Turn a recording into everything a page plays: HLS in up to three sizes, MP4, poster, preview
    #[command(
        after_help = "Leaves master.m3u8 with its playlists and segments, video.mp4, poster.jpg, preview.gif and result.json.\n\n\
                      Examples:\n  twotake media transcode update.mov --out update\n  \
                      twotake media transcode update.mov --out update --json | jq .renditions"
    )]
    Transcode {
        /// The recording
        file: PathBuf,
        /// The folder to write into; made if it is not there
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Take the time for fewer bytes, as a server does in its second pass
        #[arg(long)]
        fine: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        more: More,
    },
}

/// What both commands can be told.
#[derive(clap::Args, Debug)]
struct More {
    /// The longest recording that is accepted, in seconds; never more than 180
    #[arg(long, value_name = "SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u64).range(1..=180))]
    limit: u64,
    /// Work even where the kernel offers no confinement
    #[arg(long)]
    allow_unconfined: bool,
}

/// Runs `twotake media`.
pub fn run(args: Args) -> super::Outcome {
    super::block_on(async move {
        match args.command {
            Command::Probe { file, json, more } => probe(&file, json, &more).await,
            Command::Transcode { file, out, fine, json, more } => {
                transcode(&file, &out, json, Task { fine, copy: !fine, ..task(&more) }).await
            }
        }
    })
}

async fn probe(file: &Path, json: bool, more: &More) -> super::Outcome {
    let folder = tempfile::tempdir().map_err(|e| format!("cannot make a folder: {e}"))?;
    let task = Task { probe_only: true, ..task(more) };
    let mut probed = None;
    let outcome = work(file, folder.path(), task, false, |probe| probed = Some(probe)).await?;
    let fields = probed.as_ref().map(serde_json::to_value);
    if json {
        print(&outcome, "accepted", fields);
    } else if let Some(probe) = &probed {
        println!("{}", sentence(probe));
    }
    Ok(finish(&outcome, json))
}

async fn transcode(file: &Path, out: &Path, json: bool, task: Task) -> super::Outcome {
    std::fs::create_dir_all(out).map_err(|e| format!("cannot make {}: {e}", out.display()))?;
    let bar = std::io::stderr().is_terminal();
    let mut outcome = work(file, out, task.clone(), bar, |_| {}).await?;
    if let Outcome::Unfit { detail } = &outcome {
        tracing::debug!(detail, "the picture cannot be copied after all");
        outcome = work(file, out, Task { copy: false, ..task }, bar, |_| {}).await?;
    }
    let result = if let Outcome::Done(result) = &outcome { Some(result) } else { None };
    if json {
        print(&outcome, "ready", result.map(serde_json::to_value));
    } else if let Some(result) = result {
        println!("{}", summary(result, out));
    }
    Ok(finish(&outcome, json))
}

fn task(more: &More) -> Task {
    Task { limit_ms: more.limit * 1000, allow_unconfined: more.allow_unconfined, copy: true, ..Task::default() }
}

/// Runs the child over a file; with a bar when somebody looks.
async fn work(
    file: &Path,
    folder: &Path,
    task: Task,
    bar: bool,
    mut probed: impl FnMut(Probe),
) -> Result<Outcome, String> {
    let input = tokio::fs::File::open(file).await.map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    let binary = std::env::current_exe().map_err(|e| format!("cannot find this program: {e}"))?;
    let limit_ms = task.limit_ms;
    let job = Job::new(binary, folder.to_owned(), task);
    let (to, mut events) = mpsc::channel(64);
    let bar = if bar { progress_bar(limit_ms) } else { ProgressBar::hidden() };
    let watching = async {
        while let Some(event) = events.recv().await {
            match event {
                Event::Probed(probe) => {
                    if let Some(claimed) = probe.claimed_ms.filter(|claimed| *claimed <= limit_ms + 1000) {
                        bar.set_length(claimed);
                    }
                    probed(probe);
                }
                Event::Progress { media_ms, .. } => {
                    bar.set_position(media_ms);
                    bar.set_message(clock(media_ms / 1000));
                }
                Event::Resumed { .. }
                | Event::Copied { .. }
                | Event::Segment { .. }
                | Event::Playlist { .. }
                | Event::Foreseen { .. }
                | Event::File { .. } => {}
            }
        }
    };
    let (outcome, ()) = tokio::join!(child::run(job, ReaderStream::with_capacity(input, 1 << 16), to), watching);
    bar.finish_and_clear();
    Ok(outcome)
}

fn progress_bar(limit_ms: u64) -> ProgressBar {
    let bar = ProgressBar::new(limit_ms);
    if let Ok(style) = ProgressStyle::with_template("{msg:>5}  {wide_bar}  {elapsed}") {
        bar.set_style(style);
    }
    bar
}

/// One object: how it ended, and what is known.
fn print(outcome: &Outcome, good: &str, fields: Option<serde_json::Result<Value>>) {
    let mut all = match fields {
        Some(Ok(Value::Object(fields))) => fields,
        _ => Map::new(),
    };
    match outcome {
        Outcome::Done(_) => {
            all.insert("state".into(), json!(good));
        }
        Outcome::Refused { code, detail, measured_ms } => {
            all.extend([("state".into(), json!("refused")), ("code".into(), json!(code.name()))]);
            all.insert("detail".into(), json!(detail));
            if measured_ms.is_some() {
                all.insert("measured_ms".into(), json!(measured_ms));
            }
        }
        Outcome::Failed { code, detail } => {
            all.extend([("state".into(), json!("failed")), ("code".into(), json!(code.name()))]);
            all.insert("detail".into(), json!(detail));
        }
        Outcome::Unfit { detail } => {
            all.extend([("state".into(), json!("failed")), ("detail".into(), json!(detail))]);
        }
    }
    println!("{:#}", Value::Object(all));
}

fn finish(outcome: &Outcome, json: bool) -> ExitCode {
    match outcome {
        Outcome::Done(_) => ExitCode::SUCCESS,
        Outcome::Refused { code, detail, .. } => {
            if !json {
                eprintln!("{}: {detail}", code.name());
            }
            ExitCode::from(2)
        }
        Outcome::Unfit { detail } => {
            eprintln!("{detail}");
            ExitCode::FAILURE
        }
        Outcome::Failed { code, detail } => {
            if !json {
                eprintln!("{}: {detail}", code.name());
            }
            ExitCode::FAILURE
        }
    }
}

fn sentence(probe: &Probe) -> String {
    let length = probe.measured_ms.map_or("of unknown length".into(), |ms| format!("{}.{:03} s", ms / 1000, ms % 1000));
    let video = probe.video.as_ref().map_or(String::new(), |v| format!(", {} {}x{}", v.codec, v.width, v.height));
    let audio = probe.audio.as_ref().map_or("no sound".into(), |a| format!("{} {} Hz", a.codec, a.sample_rate));
    format!("{}: {length}{video}, {audio}", probe.container)
}

fn summary(result: &ResultJson, out: &Path) -> String {
    let sizes: Vec<String> = result.renditions.iter().map(|r| format!("{}x{}", r.width, r.height)).collect();
    let bytes: u64 = result.files.iter().map(|file| file.bytes).sum();
    format!(
        "{}.{:03} s as {} in {} ({} files, {:.1} MB)",
        result.measured_ms / 1000,
        result.measured_ms % 1000,
        sizes.join(", "),
        out.display(),
        result.files.len() + 1,
        bytes as f64 / 1e6
    )
}
