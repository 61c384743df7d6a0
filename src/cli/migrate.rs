//! `twotake migrate`: bring the database to this version's schema.

use std::process::ExitCode;

use crate::config::{Args, Config};
use crate::db::{Db, migrate};

/// Runs `twotake migrate`.
pub fn run(args: Args) -> super::Outcome {
    let config = Config::resolve(args)?;
    super::block_on(async move {
        std::fs::create_dir_all(&config.data).map_err(|e| format!("cannot make {}: {e}", config.data.display()))?;
        let db = Db::open(&config.database).await.map_err(|e| format!("cannot open the database: {e}"))?;
        migrate::run(&db).await.map_err(|e| format!("cannot migrate: {e}"))?;
        println!("the {} database is at schema {}", db.kind(), migrate::names(false).last().map_or(0, |m| m.0));
        db.close().await;
        Ok(ExitCode::SUCCESS)
    })
}
