//! Which server a command is about, when it works on the database without one running: the few settings that say where.

use std::path::PathBuf;

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::db::{Db, migrate};

/// Where the server keeps things.
#[derive(clap::Args, Debug)]
pub struct Place {
    /// Folder for the database and stored files [default: ./data]
    #[arg(long, value_name = "DIR", env = "TWOTAKE_DATA")]
    data: Option<PathBuf>,
    /// Settings file in TOML [default: DATA/twotake.toml, when it exists]
    #[arg(long, value_name = "FILE", env = "TWOTAKE_CONFIG")]
    config: Option<PathBuf>,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [default: sqlite:DATA/twotake.db]
    #[arg(long, value_name = "URL", env = "TWOTAKE_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Taken so that one set of flags serves every command; these commands touch no stored file
    #[arg(long, value_name = "URL", env = "TWOTAKE_STORE", hide = true, hide_env_values = true)]
    store: Option<String>,
}

/// An open database and a clock: what a command needs to change something.
pub struct Open {
    /// The database, migrated.
    pub db: Db,
    /// The machine's clock.
    pub clock: Clock,
}

impl Place {
    /// Opens the database there, making and migrating it first where needed. It may be in use by a running server.
    ///
    /// # Errors
    /// A sentence: what could not be opened.
    pub async fn open(self) -> Result<Open, String> {
        let Place { data, config, database, store } = self;
        let config = Config::resolve(config::Args { data, config, database, store, ..config::Args::default() })?;
        std::fs::create_dir_all(&config.data).map_err(|e| format!("cannot make {}: {e}", config.data.display()))?;
        let db = Db::open(&config.database).await.map_err(|e| format!("cannot open the database: {e}"))?;
        migrate::run(&db).await.map_err(|e| format!("cannot bring the database to this version's schema: {e}"))?;
        Ok(Open { db, clock: Clock::system() })
    }
}

/// The first line of standard input, without its line end: how a password is given without standing in the process list.
///
/// # Errors
/// A sentence, when that was not asked for or nothing can be read.
pub fn password_from_stdin(asked: bool) -> Result<String, String> {
    if !asked {
        return Err("give the password on standard input, with --password-stdin".to_owned());
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|e| format!("cannot read the password from standard input: {e}"))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// What stands in the way of a database error, as a sentence.
pub fn database(error: sqlx::Error) -> String {
    format!("the database refused: {error}")
}
