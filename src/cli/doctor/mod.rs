//! `twotake doctor`: what this machine offers, and what to do about what it does not. Changes nothing but an object in the
//! store that it takes away again.

mod checks;
mod confinement;

use std::process::ExitCode;

use serde::Serialize;

use crate::clock::Clock;
use crate::config::{self, Config};

const EXAMPLES: &str = "Examples:
  twotake doctor --data /var/lib/twotake
  twotake doctor --json | jq '.checks[] | select(.state != \"ok\")'

Exit code 0 when nothing failed (warnings may remain), 1 otherwise.";

/// Arguments of `twotake doctor`: how to answer, and every setting of the server.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[group(id = "doctor")]
pub struct Args {
    /// Answer with one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: config::Args,
}

/// How a check ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warn,
    Fail,
}

/// One thing looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    detail: String,
    /// What to do; empty when all is well.
    advice: String,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Check {
        Check { name, state: State::Ok, detail: detail.into(), advice: String::new() }
    }

    fn warn(name: &'static str, detail: impl Into<String>, advice: &str) -> Check {
        Check { name, state: State::Warn, detail: detail.into(), advice: advice.to_owned() }
    }

    fn fail(name: &'static str, detail: impl Into<String>, advice: &str) -> Check {
        Check { name, state: State::Fail, detail: detail.into(), advice: advice.to_owned() }
    }
}

/// Runs `twotake doctor`.
pub fn run(args: Args) -> super::Outcome {
    let config = Config::resolve(args.settings)?;
    super::block_on(async move {
        let clock = Clock::system();
        let mut all = vec![checks::ffmpeg(), checks::codecs(), confinement::check(&config)];
        all.push(checks::data_folder(&config));
        all.extend(checks::database(&config, &clock).await);
        all.push(checks::store(&config, &clock).await);
        all.push(checks::disk(&config));
        all.push(checks::address(&config));
        all.push(checks::push(&config));
        let failed = all.iter().any(|check| check.state == State::Fail);
        match args.json {
            true => println!("{:#}", serde_json::json!({ "ok": !failed, "checks": all })),
            false => all.iter().for_each(print),
        }
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    })
}

fn print(check: &Check) {
    let state = match check.state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Fail => "fail",
    };
    println!("{state:<5} {:<12} {}", check.name, check.detail);
    if !check.advice.is_empty() {
        println!("      {:<12} → {}", "", check.advice);
    }
}
