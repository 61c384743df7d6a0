//! How connections to PostgreSQL are opened, how many, and what each of them tells the server about us.

use std::num::NonZero;
use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnectionMetadata;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, Executor};

use super::STATEMENTS;

/// Pages of a database that fits into memory or lies on a solid disk are read in any order at nearly the same cost, and what we ask is over
/// before a plan could be compiled or helpers be started. A statement is planned once, without its values: planning ours takes longer
/// than running them, and what they find differs little from one value to the next.
const LIKE_US: &str = "set random_page_cost = 1.1; set jit = off; set max_parallel_workers_per_gather = 0;
                       set plan_cache_mode = force_generic_plan;";

/// Connections at most: four for each core, 8 to 24. They are lent in turn, and each has to learn every statement by itself, so more of
/// them than the machine can use make everything slower; and many nodes share one server.
fn connections() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    u32::try_from(4 * cores).unwrap_or(u32::MAX).clamp(8, 24)
}

/// A connection that lay idle for longer is asked whether it still is one before it is lent. It was asked when it came back.
const TRUSTED: Duration = Duration::from_secs(1);

async fn lives(connection: &mut PgConnection, idle: PoolConnectionMetadata) -> bool {
    idle.idle_for < TRUSTED || connection.ping().await.is_ok()
}

/// A pool that tells the server our settings on each connection: by a statement, since what stands between may not pass start-up
/// parameters on.
fn pool() -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections())
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .before_acquire(|connection, idle| Box::pin(async move { Ok(lives(connection, idle).await) }))
        .after_connect(|connection, _| Box::pin(async move { connection.execute(LIKE_US).await.map(|_| ()) }))
}

/// The connections.
///
/// # Errors
/// An address that cannot be understood, or a server that cannot be reached.
pub(super) async fn open(url: &str) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.application_name("twotake").statement_cache_capacity(STATEMENTS);
    pool().connect_with(options).await
}
