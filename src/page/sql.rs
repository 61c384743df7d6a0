//! The statements behind pages: what a page says of a recording beyond its brief, and how far its take is.

use chrono::{DateTime, Utc};
use sqlx::query_as;
use sqlx::types::Json;

use crate::db::Db;
use crate::id::{RecordingId, TakeId};
use crate::on_db;

/// What stands around the player.
#[derive(Debug, sqlx::FromRow)]
pub struct AroundRow {
    /// What it is about, in the author's words.
    pub description: String,
    /// When it was published; drafts are dated by their making.
    pub published_at: Option<DateTime<Utc>>,
    /// When its first take was begun.
    pub created_at: DateTime<Utc>,
    /// The organisation's name: for members only.
    pub organisation: String,
    /// Its time zone, for the date.
    pub time_zone: String,
    /// Where embeds may stand, besides Slack, Teams and Confluence.
    pub allowed_origins: Json<Vec<String>>,
}

/// A recording's surroundings.
pub async fn around(db: &Db, id: RecordingId) -> Result<Option<AroundRow>, sqlx::Error> {
    const SQL: &str = "
        select r.description, r.published_at, r.created_at, o.name as organisation, o.time_zone, o.allowed_origins
        from recording r join organisation o on o.id = r.organisation
        where r.id = $1 and r.state <> 'deleted'";
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// How far a take is.
#[derive(Debug, sqlx::FromRow)]
pub struct WaitRow {
    /// Why it was refused or failed, as a sentence.
    pub detail: Option<String>,
    /// Share done, 0 to 1.
    pub progress: f64,
    /// The estimate, while there is one.
    pub seconds_left: Option<f64>,
}

/// A take's wait.
pub async fn wait(db: &Db, take: TakeId) -> Result<Option<WaitRow>, sqlx::Error> {
    const SQL: &str = "select detail, progress, seconds_left from take where id = $1";
    on_db!(db, |c| query_as(SQL).bind(take).fetch_optional(c).await)
}
