//! `twotake demo`: the sample company, filled or removed without a browser. Works whether a server runs or not: the work is owed
//! to the queue, this process works on it too, and it ends when everything is there (or gone).

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use actix_web::web::Data;
use indicatif::{ProgressBar, ProgressStyle};

use super::place::database;
use crate::account;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::jobs::{self, Worker};
use crate::org::{self, Organisation};
use crate::sample::{self, Films, SampleState};

const EXAMPLES: &str = "Examples:
  twotake demo                        fill the organisation of ./data, after a question
  twotake demo --data /srv/two --yes  the same elsewhere, without one
  twotake demo --remove --yes         take the sample away; what real people made stays

Exit status: 0 done, 2 refused (people work here already, or there is nothing to remove), 1 anything else.";

/// How often is looked how far it has come.
const LOOK: Duration = Duration::from_millis(250);

/// Arguments of `twotake demo`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
#[group(skip)] // its name would be that of the settings' own
pub struct Args {
    /// Remove the sample company with everything its people made
    #[arg(long)]
    remove: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Films of two seconds and few pixels, for tests
    #[arg(long, hide = true)]
    small_films: bool,
    #[command(flatten)]
    settings: config::Args,
}

/// Runs `twotake demo`.
pub fn run(args: Args) -> super::Outcome {
    let config = Config::resolve(args.settings)?;
    let (remove, yes) = (args.remove, args.yes);
    let films = if args.small_films { Films { size: (160, 90), longest: 2 } } else { Films::default() };
    super::block_on(async move {
        let app = Data::new(App::build(config, Clock::system()).await?);
        let done = demo(&app, (remove, yes), films).await;
        app.db.close().await;
        done
    })
}

async fn demo(app: &Data<App>, (remove, yes): (bool, bool), films: Films) -> super::Outcome {
    let Some(organisation) = org::sql::first_organisation(&app.db).await.map_err(database)? else {
        return refuse(
            "There is no organisation yet. Open the set-up link that `twotake serve` prints, or add one with `twotake user add --admin`.",
        );
    };
    let now = sample::sample(app, organisation.id).await.map_err(database)?;
    let on_its_way = matches!(now.state, SampleState::Filling | SampleState::Preparing) && !remove
        || now.state == SampleState::Removing && remove;
    if !on_its_way {
        let question = match (remove, now.refused) {
            (false, Some(sentence)) => return refuse(&sentence),
            (false, None) => format!("Fill {} with a sample company of 40 people?", organisation.name),
            (true, _) if now.state == SampleState::None => return refuse("There is no sample company here."),
            (true, _) => format!("Remove the sample company from {}?", organisation.name),
        };
        if !yes && !agreed(&question)? {
            return Ok(ExitCode::SUCCESS);
        }
        begin(app, &organisation, remove, films).await?;
    }
    see_through(app, &organisation).await
}

async fn begin(app: &App, organisation: &Organisation, remove: bool, films: Films) -> Result<(), String> {
    if remove {
        return sample::remove(app, None, organisation.id).await.map_err(|problem| problem.detail);
    }
    let admin = sample::sql::administrator(&app.db, organisation.id).await.map_err(database)?;
    let admin = admin.ok_or("the organisation has no administrator")?;
    let admin = account::sql::person::one(&app.db, organisation.id, admin).await.map_err(database)?;
    let admin = admin.ok_or("the administrator is gone")?;
    sample::fill(app, &admin, films).await.map_err(|problem| problem.detail)
}

/// Works on what is owed until the sample is there or gone.
async fn see_through(app: &Data<App>, organisation: &Organisation) -> super::Outcome {
    let tried = app.clone();
    tokio::task::spawn_blocking(move || tried.try_confinement()).await.map_err(|e| e.to_string())?;
    let worker = Worker::start(app, crate::wiring::jobs(), app.config.workers);
    let bar = if std::io::stderr().is_terminal() { progress_bar() } else { ProgressBar::hidden() };
    let ended = loop {
        let now = sample::sample(app, organisation.id).await.map_err(database)?;
        bar.set_message(doing(now.state));
        bar.set_position((now.progress * 1000.0) as u64);
        match now.state {
            SampleState::Filling | SampleState::Preparing | SampleState::Removing => tokio::time::sleep(LOOK).await,
            SampleState::None | SampleState::Ready | SampleState::Failed => break now,
        }
    };
    bar.finish_and_clear();
    worker.stop().await;
    match ended.state {
        SampleState::Failed => Err("the sample company could not be filled; the log says why. `twotake demo` begins anew, `twotake demo --remove` clears it away".to_owned()),
        SampleState::Ready => {
            println!("{} people of Tidemark, an invented company, work at {} now", ended.people, organisation.name);
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            // What is owed for its files, so that nothing is left where no server runs.
            jobs::drain(app, &crate::wiring::jobs()).await.map_err(database)?;
            println!("the sample company is gone; what real people made is still here");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn doing(state: SampleState) -> &'static str {
    match state {
        SampleState::Filling => "living through eight weeks",
        SampleState::Preparing => "preparing the videos",
        SampleState::Removing => "removing",
        SampleState::None | SampleState::Ready | SampleState::Failed => "",
    }
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(1000);
    if let Ok(style) = ProgressStyle::with_template("{msg:<27} {wide_bar}  {elapsed}") {
        bar.set_style(style);
    }
    bar
}

/// Says no in a sentence, with the exit status that scripts know a refusal by.
fn refuse(sentence: &str) -> super::Outcome {
    eprintln!("twotake: {sentence}");
    Ok(ExitCode::from(2))
}

fn agreed(question: &str) -> Result<bool, String> {
    if !std::io::stdin().is_terminal() {
        return Err("nobody is there to ask: say --yes".to_owned());
    }
    print!("{question} [y/N] ");
    std::io::stdout().flush().map_err(|e| e.to_string())?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|e| e.to_string())?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
