//! `twotake token …`: personal tokens, without a browser.

use std::process::ExitCode;

use clap::Subcommand;

use super::place::{Place, database};
use crate::account::{person, sql, token};

const EXAMPLES: &str = "Examples:
  TOKEN=$(twotake token create ada@example.com --name laptop)
  twotake upload update.mp4 --server https://two.example.com --token \"$TOKEN\" --wait";

/// Arguments of `twotake token`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a token for a person and print it; it cannot be shown again
    Create(Create),
}

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
struct Create {
    /// Address or handle of the person
    email: String,
    /// What the token is for
    #[arg(long)]
    name: String,
    #[command(flatten)]
    place: Place,
}

/// Runs `twotake token`.
pub fn run(args: Args) -> super::Outcome {
    let Command::Create(args) = args.command;
    super::block_on(create(args))
}

async fn create(args: Create) -> super::Outcome {
    let login = person::parse_email(&args.email).unwrap_or_else(|_| args.email.trim().to_lowercase());
    let name = args.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err("--name has 1 to 100 characters".to_owned());
    }
    let open = args.place.open().await?;
    let found = sql::person::by_login(&open.db, &login).await.map_err(database)?;
    let person = found.ok_or_else(|| format!("nobody signs in with {login}"))?.person;
    let mut tx = open.db.begin().await.map_err(database)?;
    let (_, word) = token::create(&open.clock, &mut tx, &person, name, None).await.map_err(database)?;
    tx.commit().await.map_err(database)?;
    open.db.close().await;
    println!("{word}");
    Ok(ExitCode::SUCCESS)
}
