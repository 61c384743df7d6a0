//! What people did with a post: opened, watched and acknowledged are three facts, and none is ever made from another. Those who
//! came after publication are a list of their own and counted nowhere.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::{Person, PersonRef};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::channel::sql;
use crate::db::text_enum;
use crate::error::{Code, Problem};

use super::retract::gone;
use super::{PostRow, PostState};

text_enum! {
    /// Whose receipts are listed.
    Who {
        /// Everybody who was asked, or did anything.
        All = "all",
        /// Those who were asked and have not acknowledged.
        Missing = "missing",
        /// Those who were asked and have.
        Done = "done",
        /// Those the channel is for now who were not asked: they came later.
        Late = "late",
    }
}

/// What one person did with a post, as the table says.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReceiptRow {
    /// The person.
    #[sqlx(flatten)]
    pub person: PersonRef,
    /// Whether they were asked to acknowledge it.
    pub asked: bool,
    /// When they opened it.
    pub opened_at: Option<DateTime<Utc>>,
    /// When they acknowledged it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When they were reminded.
    pub reminded_at: Option<DateTime<Utc>>,
    /// How much of its video they watched.
    pub watched_ms: i64,
}

/// What one person did with a post: opened, watched and acknowledged are three facts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// The person.
    pub person: PersonRef,
    /// Whether they were asked to acknowledge it.
    pub asked: bool,
    /// When they opened it.
    pub opened_at: Option<DateTime<Utc>>,
    /// How much of its video they watched, in milliseconds.
    pub watched_ms: i64,
    /// When they acknowledged it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When they were reminded; once at most.
    pub reminded_at: Option<DateTime<Utc>>,
}

impl From<ReceiptRow> for Receipt {
    fn from(row: ReceiptRow) -> Self {
        let ReceiptRow { person, asked, opened_at, acknowledged_at, reminded_at, watched_ms } = row;
        Self { person, asked, opened_at, watched_ms, acknowledged_at, reminded_at }
    }
}

/// Whether somebody may see what each person did.
///
/// # Errors
/// 403: not its author, no lead, no administrator.
pub fn may_oversee(by: &Person, post: &PostRow) -> Result<(), Problem> {
    if post.may_oversee(by) {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden, "Its author, leads and administrators see who has acknowledged a post."))
}

/// Notes that somebody opened a post. Opening is not watching, and neither is acknowledging.
///
/// # Errors
/// Retracted, or not published yet; the database's.
pub async fn opened(app: &App, by: &Person, post: &PostRow) -> Result<(), Problem> {
    if post.state != PostState::Published {
        return Err(gone());
    }
    // Whoever wrote it has not read it by that.
    if by.id == post.author {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    sql::receipt::opened(&mut tx, post.id, by.id, app.clock.now()).await?;
    tx.commit_quietly().await?;
    Ok(())
}

/// Acknowledges a post in one's own name: whoever was asked, and whoever came later. Twice changes nothing: the first time stays.
///
/// # Errors
/// Retracted; not asked for; not of the channel's people.
pub async fn acknowledge(app: &App, by: &Person, post: &PostRow) -> Result<(), Problem> {
    if post.state != PostState::Published {
        return Err(gone());
    }
    let wanted = post.acknowledge_by.is_some() && by.id != post.author;
    if !wanted || !(post.mine_asked || sql::receipt::in_audience(&app.db, post.channel, by.id).await?) {
        return Err(Problem::new(Code::Forbidden, "This post does not ask you for an acknowledgement."));
    }
    let mut tx = app.db.begin().await?;
    if sql::receipt::acknowledge(&mut tx, post.id, by.id, app.clock.now()).await? {
        let event = AuditEvent::by(&app.clock, by, "post.acknowledged", "post", post.id.0);
        audit::record(&mut tx, &event.detail(json!({ "asked": post.mine_asked }))).await?;
    }
    tx.commit().await?;
    Ok(())
}
