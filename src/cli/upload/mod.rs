//! `twotake upload FILE`: a client of the public API like any other. What the server answers decides everything; no rule of
//! takes or lengths stands here.
//!
//! Exit: 0 ready (or accepted, without --wait), 2 refused, 1 anything else.

mod client;
mod progress;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};
use url::Url;

use client::{Client, Trouble};
use progress::Progress;

const EXAMPLES: &str = "Examples:
  twotake upload update.mp4 --server https://two.example.com --token \"$TOKEN\" --wait
  twotake upload demo.webm --title \"Week 46: the importer\" --wait --json
  TWOTAKE_SERVER=https://two.example.com TWOTAKE_TOKEN=… twotake upload update.mp4

A broken connection is resumed where it broke. Exit code: 0 ready (or accepted, without --wait), 2 refused, 1 anything else.
Tokens are made under Settings in the web app, or with `twotake token create`.";

/// Arguments of `twotake upload`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The video: at most three minutes, in any usual form
    file: PathBuf,
    /// Address of the server
    #[arg(long, value_name = "URL", env = "TWOTAKE_SERVER")]
    server: Url,
    /// Your personal API token
    #[arg(long, value_name = "TOKEN", env = "TWOTAKE_TOKEN", hide_env_values = true)]
    token: String,
    /// Title of the recording [default: made by the server]
    #[arg(long)]
    title: Option<String>,
    /// The take session this is a take of [default: a new one that publishes by itself]
    #[arg(long, value_name = "ID")]
    take_session: Option<String>,
    /// Wait until the video is ready, or refused
    #[arg(long)]
    wait: bool,
    /// Print one JSON object on standard output: id, state, code, measured_ms, watch_url
    #[arg(long)]
    json: bool,
}

/// Runs `twotake upload`.
pub fn run(args: Args) -> super::Outcome {
    super::block_on(upload(args))
}

async fn upload(args: Args) -> super::Outcome {
    let progress = Progress::new(!args.json || std::io::stderr().is_terminal());
    let take = match send_and_wait(&args, &progress).await {
        Ok(take) => take,
        Err(Trouble::Refused(problem)) => refused(&problem),
        Err(Trouble::Failed(sentence)) => {
            progress.clear();
            if args.json {
                let failed = json!({"id": null, "state": "failed", "code": null, "detail": sentence, "measured_ms": null, "watch_url": null});
                println!("{failed}");
            }
            return Err(sentence);
        }
    };
    progress.clear();
    if args.json {
        println!("{}", brief(&take));
    } else {
        tell(&take);
    }
    Ok(match take["state"].as_str() {
        Some("refused") => ExitCode::from(2),
        Some("failed") => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

async fn send_and_wait(args: &Args, progress: &Progress) -> Result<Value, Trouble> {
    let client = Client::new(&args.server, &args.token)?;
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let title = args.title.as_deref().map(|title| ("title", title));
    let session = args.take_session.as_deref().map(|session| ("take_session", session));
    let pairs: Vec<(&str, &str)> = [Some(("filename", name.as_str())), title, session].into_iter().flatten().collect();
    let size = tokio::fs::metadata(&args.file).await;
    let size = size.map_err(|e| Trouble::Failed(format!("cannot read {}: {e}", args.file.display())))?.len();
    let begun = client.begin(size, &pairs).await?;
    if let Err(trouble) = client.send(&args.file, size, &begun.upload, progress).await {
        // Refused in the middle: the take tells the whole of it.
        let take = client.take(&begun.take).await?;
        return if matches!(take["state"].as_str(), Some("refused" | "failed")) { Ok(take) } else { Err(trouble) };
    }
    loop {
        let take = client.take(&begun.take).await?;
        let ended = matches!(take["state"].as_str(), Some("ready" | "refused" | "failed"));
        if ended || !args.wait {
            return Ok(take);
        }
        progress.work(&take);
        tokio::time::sleep(client::LOOK_AGAIN).await;
    }
}

/// A refusal before there was a take, in the shape of a take.
fn refused(problem: &Value) -> Value {
    let mut take = problem.clone();
    take["state"] = "refused".into();
    take
}

/// What `--json` prints.
fn brief(take: &Value) -> Value {
    let mut brief = json!({});
    for key in ["id", "state", "code", "measured_ms", "watch_url", "detail"] {
        brief[key] = take[key].clone();
    }
    if take["takes"].is_array() {
        brief["takes"] = take["takes"].clone();
    }
    brief
}

/// The outcome for a person: where to watch on standard output, everything else beside it.
fn tell(take: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match take["state"].as_str() {
        Some("refused" | "failed") => {
            eprintln!("twotake: {}", text(&take["detail"]));
            for (place, other) in (1..).zip(take["takes"].as_array().into_iter().flatten()) {
                eprintln!("  take {place}: {}", text(&other["watch_url"]));
            }
        }
        Some("ready") => println!("{}", text(&take["watch_url"])),
        _ => {
            eprintln!("Uploaded; it is being made ready.");
            println!("{}", text(&take["watch_url"]));
        }
    }
}
