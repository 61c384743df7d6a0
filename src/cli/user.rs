//! `twotake user …`: people, without a browser.

use std::process::ExitCode;

use clap::Subcommand;

use super::place::{Open, Place, database, password_from_stdin};
use crate::account::password::{self, Passwords};
use crate::account::setup::{self, Founding};
use crate::account::{NewPerson, Role, change, create_person, person, sql};
use crate::org;

const EXAMPLES: &str = "Examples:
  echo 'correct horse battery' | twotake user add ada@example.com --name 'Ada Byron' --admin --password-stdin
  twotake user password ada@example.com --password-stdin < new-password.txt";

/// Arguments of `twotake user`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Add a person. The first administrator founds the organisation, in place of the set-up link
    Add(Add),
    /// Give a person a new password; ends their sessions
    Password(Password),
}

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
struct Add {
    /// Address they sign in with; no mail is sent to it
    email: String,
    /// Full name
    #[arg(long)]
    name: String,
    /// Make them an administrator
    #[arg(long)]
    admin: bool,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
struct Password {
    /// Address they sign in with
    email: String,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    place: Place,
}

/// Runs `twotake user`.
pub fn run(args: Args) -> super::Outcome {
    match args.command {
        Command::Add(args) => super::block_on(add(args)),
        Command::Password(args) => super::block_on(set_password(args)),
    }
}

async fn add(args: Add) -> super::Outcome {
    let email = person::parse_email(&args.email).map_err(|e| e.to_string())?;
    let name = args.name.trim().to_owned();
    if name.is_empty() {
        return Err("--name is empty".to_owned());
    }
    let password = password_from_stdin(args.password_stdin)?;
    password::check("password", &password, &email).map_err(|problem| problem.detail)?;
    let open = args.place.open().await?;
    let password_hash = hash(&open, password).await?;
    let organisation = org::sql::first_organisation(&open.db).await.map_err(database)?;
    let mut tx = open.db.begin().await.map_err(database)?;
    let (organisation, person) = match organisation {
        Some(organisation) => {
            let new = NewPerson {
                organisation: organisation.id,
                name,
                email,
                title: String::new(),
                role: if args.admin { Role::Admin } else { Role::Member },
                manager: None,
                time_zone: None,
                password_hash: Some(password_hash),
                created_by: None,
            };
            (organisation, create_person(&open.clock, &mut tx, new).await.map_err(|e| e.to_string())?)
        }
        None if args.admin => {
            let (organisation, time_zone) = (name_of(&email), local_time_zone());
            let founding = Founding { organisation, time_zone, name, email, password_hash };
            sql::invitation::drop_set_up_links(&mut tx).await.map_err(database)?;
            setup::found(&open.clock, &mut tx, founding).await.map_err(|e| e.to_string())?
        }
        None => return Err("there is no organisation yet: add its first administrator with --admin".to_owned()),
    };
    tx.commit().await.map_err(database)?;
    open.db.close().await;
    println!("added {} (@{}, {}) to {}", person.email, person.handle, person.role, organisation.name);
    Ok(ExitCode::SUCCESS)
}

async fn set_password(args: Password) -> super::Outcome {
    let email = person::parse_email(&args.email).map_err(|e| e.to_string())?;
    let password = password_from_stdin(args.password_stdin)?;
    password::check("password", &password, &email).map_err(|problem| problem.detail)?;
    let open = args.place.open().await?;
    let found = sql::person::by_login(&open.db, &email).await.map_err(database)?;
    let person = found.ok_or_else(|| format!("nobody signs in with {email}"))?.person;
    let hash = hash(&open, password).await?;
    change::password(&open.db, &open.clock, None, &person, None, &hash).await.map_err(database)?;
    open.db.close().await;
    println!("{} has a new password", person.email);
    Ok(ExitCode::SUCCESS)
}

async fn hash(open: &Open, password: String) -> Result<String, String> {
    Passwords::default().hash(&open.clock, password).await.map_err(|problem| problem.detail)
}

/// An organisation's first name, after the host of an address: `northwind.example` is Northwind. It is changed in settings.
fn name_of(email: &str) -> String {
    let host = email.rsplit('@').next().unwrap_or_default();
    let label = host.rsplit('.').skip(1).max_by_key(|label| label.len()).unwrap_or_default();
    let mut letters = label.chars();
    match letters.next() {
        Some(first) if first.is_alphabetic() => first.to_uppercase().chain(letters).collect(),
        _ => "Twotake".to_owned(),
    }
}

/// The machine's time zone, where it says so by name.
fn local_time_zone() -> String {
    let named = std::env::var("TZ").ok().or_else(|| std::fs::read_to_string("/etc/timezone").ok());
    named.and_then(|name| org::parse_time_zone(&name).ok()).unwrap_or_else(|| "UTC".to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_organisation_is_named_after_its_host() {
        let names =
            ["ada@northwind.example", "ada@northwind.co.uk", "ada@localhost", "ada@10.0.0.1"].map(super::name_of);
        assert_eq!(names, ["Northwind", "Northwind", "Twotake", "Twotake"]);
    }
}
