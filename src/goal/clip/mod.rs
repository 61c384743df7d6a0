//! Videos and links that hang on a goal. A check-in's video reaches its goals through the check-in; a clip is attached directly.

pub mod sql;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{Person, PersonRef};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::{Tx, text_enum};
use crate::http::form::Form;
use crate::id::{GoalId, RecordingId};
use crate::recording::RecordingBrief;
use crate::recording::brief;

use super::{GoalError, GoalRow};

text_enum! {
    /// Where a link leads.
    LinkKind {
        /// A page of Confluence.
        Confluence = "confluence",
        /// A Jira issue.
        Jira = "jira",
        /// A Monday item.
        Monday = "monday",
        /// A Zendesk ticket.
        Zendesk = "zendesk",
        /// Any other document.
        Document = "document",
    }
}

/// One of a goal's last videos.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Clip {
    /// The recording.
    pub recording: RecordingId,
    /// Its word in addresses.
    pub slug: String,
    /// A still picture.
    pub poster_url: Option<String>,
    /// How long it runs.
    pub measured_ms: Option<i64>,
    /// Who made it.
    pub author: PersonRef,
    /// When it was attached, or its check-in published.
    pub at: DateTime<Utc>,
}

impl Clip {
    /// A recording as one of a goal's last videos.
    #[must_use]
    pub fn of(brief: &RecordingBrief, at: DateTime<Utc>) -> Clip {
        Clip {
            recording: brief.id,
            slug: brief.slug.clone(),
            poster_url: brief.poster_url.clone(),
            measured_ms: brief.measured_ms,
            author: brief.author.clone(),
            at,
        }
    }
}

/// A clip as the tables say.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ClipRow {
    /// The goal.
    pub goal: GoalId,
    /// The recording.
    pub recording: RecordingId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something outside that belongs to a goal.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct Link {
    /// Its id.
    pub id: Uuid,
    /// Where it leads.
    pub kind: LinkKind,
    /// The address.
    pub url: String,
    /// What it is called.
    pub title: String,
}

/// A link to be added.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewLink {
    /// Where it leads; told from the address when absent.
    pub kind: Option<LinkKind>,
    /// The address, http or https.
    pub url: String,
    /// What it is called.
    #[serde(default)]
    pub title: String,
}

/// Attaches a recording to a goal: one's own to any goal, anybody's to one's own goal. Attaching twice changes nothing.
///
/// # Errors
/// No such goal or recording; neither is the asker's.
pub async fn attach(app: &App, by: &Person, goal: GoalId, recording: RecordingId) -> Result<(), GoalError> {
    let mut tx = app.db.begin().await?;
    let row = super::sql::one_in(&mut tx, by.organisation, goal).await?.ok_or(GoalError::NotFound)?;
    let author = brief::sql::author(&mut tx, by.organisation, recording).await?.ok_or(GoalError::NotFound)?;
    if author != by.id && !row.is_written_by(by) {
        return Err(GoalError::NotYours);
    }
    if sql::insert(&mut tx, goal, recording, by.id, app.clock.now()).await? {
        let event = AuditEvent::by(&app.clock, by, "goal.clip_added", "goal", goal.0);
        audit::record(&mut tx, &event.detail(json!({ "recording": recording }))).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes a recording off a goal: by who attached it, the goal's owner or an administrator. The recording stays.
///
/// # Errors
/// No such goal; attached by somebody else.
pub async fn detach(app: &App, by: &Person, goal: GoalId, recording: RecordingId) -> Result<(), GoalError> {
    let mut tx = app.db.begin().await?;
    let row = super::sql::one_in(&mut tx, by.organisation, goal).await?.ok_or(GoalError::NotFound)?;
    let Some(attached_by) = sql::attached_by(&mut tx, goal, recording).await? else { return Ok(()) };
    if attached_by != by.id && !row.is_written_by(by) {
        return Err(GoalError::NotYours);
    }
    sql::delete(&mut tx, goal, recording).await?;
    let event = AuditEvent::by(&app.clock, by, "goal.clip_removed", "goal", goal.0);
    audit::record(&mut tx, &event.detail(json!({ "recording": recording }))).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds a link to a goal that the asker writes.
///
/// # Errors
/// Not an address; not the asker's goal.
pub async fn link(app: &App, by: &Person, goal: GoalId, new: NewLink) -> Result<Link, GoalError> {
    let mut form = Form::new();
    let title = form.line("title", &new.title, 0, 200);
    let url = form.take("url", address(&new.url));
    form.done()?;
    let url = url.unwrap_or_default();
    let mut tx = app.db.begin().await?;
    written(&mut tx, by, goal).await?;
    if sql::links_in(&mut tx, goal).await?.len() >= 50 {
        return Err(GoalError::Field("url", "A goal has at most fifty links.".to_owned()));
    }
    let link = Link { id: app.clock.id(), kind: new.kind.unwrap_or_else(|| kind_of(&url)), url, title };
    sql::insert_link(&mut tx, goal, &link, app.clock.now()).await?;
    let event = AuditEvent::by(&app.clock, by, "goal.link_added", "goal", goal.0);
    audit::record(&mut tx, &event.detail(json!({ "url": link.url }))).await?;
    tx.commit().await?;
    Ok(link)
}

/// Takes a link off a goal that the asker writes.
///
/// # Errors
/// No such goal or link; not the asker's.
pub async fn unlink(app: &App, by: &Person, goal: GoalId, link: Uuid) -> Result<(), GoalError> {
    let mut tx = app.db.begin().await?;
    written(&mut tx, by, goal).await?;
    if !sql::delete_link(&mut tx, goal, link).await? {
        return Err(GoalError::NotFound);
    }
    audit::record(&mut tx, &AuditEvent::by(&app.clock, by, "goal.link_removed", "goal", goal.0)).await?;
    tx.commit().await?;
    Ok(())
}

/// The goal, if the asker writes it.
pub(super) async fn written(tx: &mut Tx, by: &Person, goal: GoalId) -> Result<GoalRow, GoalError> {
    let row = super::sql::one_in(tx, by.organisation, goal).await?.ok_or(GoalError::NotFound)?;
    if row.is_written_by(by) { Ok(row) } else { Err(GoalError::NotYours) }
}

/// An address that a browser opens: http or https and nothing else, so that no link of ours runs a script.
///
/// # Errors
/// The sentence for the form.
pub fn address(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text.trim()).map_err(|_| "That is not a web address.".to_owned())?;
    match url.scheme() {
        "http" | "https" if url.as_str().len() <= 2000 => Ok(url.into()),
        "http" | "https" => Err("That address is too long.".to_owned()),
        _ => Err("An address starts with https:// or http://.".to_owned()),
    }
}

fn kind_of(url: &str) -> LinkKind {
    let url = url.to_lowercase();
    match () {
        () if url.contains("/wiki/") || url.contains("confluence") => LinkKind::Confluence,
        () if url.contains("/browse/") || url.contains("jira") => LinkKind::Jira,
        () if url.contains(".monday.com") => LinkKind::Monday,
        () if url.contains(".zendesk.com") => LinkKind::Zendesk,
        () => LinkKind::Document,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_a_web_address_and_never_a_script() {
        assert!(address("https://example.com/a b").is_ok());
        for bad in ["javascript:alert(1)", "data:text/html,x", "example.com", "", "file:///etc/passwd"] {
            assert!(address(bad).is_err(), "{bad}");
        }
        assert_eq!(kind_of("https://acme.atlassian.net/browse/TT-1"), LinkKind::Jira);
        assert_eq!(kind_of("https://acme.atlassian.net/wiki/x/1"), LinkKind::Confluence);
    }
}
