//! The command line: what can be asked of the binary. Each command lives in its own file and returns an exit code.
//! This surface is a contract: add freely, change nothing.

mod demo;
mod doctor;
pub mod media;
mod migrate;
mod place;
mod push_key;
mod serve;
mod token;
mod upload;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "Examples:
  twotake serve --data ./data
  twotake upload update.mp4 --server http://127.0.0.1:8080 --token \"$TOKEN\" --wait
  twotake doctor

Settings are taken from flags, then from TWOTAKE_… in the environment, then from DATA/twotake.toml.";

/// Short video updates for teams that work without status meetings: three minutes, two takes.
#[derive(Parser, Debug)]
#[command(name = "twotake", version, about, long_about = None, propagate_version = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Start the server
    Serve(serve::Args),
    /// Bring the database to this version's schema
    Migrate(crate::config::Args),
    /// Check this machine: FFmpeg, storage, database, confinement, clock, disk
    Doctor(doctor::Args),
    /// Fill the organisation with a sample company to look around, or remove it
    Demo(demo::Args),
    /// Manage people
    User(user::Args),
    /// Manage personal API tokens
    Token(token::Args),
    /// Upload a video as a take and, with --wait, see it through
    Upload(upload::Args),
    /// Make a key that wakes browsers (web push), for the setting push_key
    PushKey,
    /// The media work without a server
    Media(media::Args),
    /// Print the OpenAPI document of the HTTP interface
    Openapi,
    /// Print every setting as Markdown, as in docs/configuration.md
    #[command(hide = true)]
    Settings,
    /// The confined half of the media work; started by the server itself
    #[command(name = crate::media::child::SUBCOMMAND, hide = true)]
    MediaChild { task: String },
}

/// Runs the command named by the process's arguments.
pub fn main() -> ExitCode {
    // aws, reqwest and sqlx share one TLS provider; a second call only says that it is already set.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // 2 means "refused" to whoever scripts `upload`, so a command that cannot be read is 1 like any other failure.
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let result = match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Migrate(args) => migrate::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Demo(args) => demo::run(args),
        Command::User(args) => user::run(args),
        Command::Token(args) => token::run(args),
        Command::Upload(args) => upload::run(args),
        Command::PushKey => push_key::run(),
        Command::Media(args) => media::run(args),
        Command::Openapi => openapi(),
        Command::Settings => {
            print!("{}", crate::config::table::markdown());
            Ok(ExitCode::SUCCESS)
        }
        Command::MediaChild { task } => Ok(crate::media::child::child_main(&task)),
    };
    result.unwrap_or_else(|sentence| {
        eprintln!("twotake: {sentence}");
        ExitCode::FAILURE
    })
}

/// Runs `twotake openapi`.
fn openapi() -> Outcome {
    println!("{:#}", crate::wiring::openapi());
    Ok(ExitCode::SUCCESS)
}

/// What a command answers: an exit code, or a sentence for standard error and exit code 1.
pub type Outcome = Result<ExitCode, String>;

/// Runs an async command on a multi-threaded runtime.
fn block_on(work: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Runtime::new().map_err(|e| format!("cannot start the runtime: {e}"))?.block_on(work)
}
