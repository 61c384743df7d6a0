//! Publishing, changing and retracting posts; opening and acknowledging them.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::{Person, Role};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::channel::{Acknowledgement, Audience, ChannelRow, sql};
use crate::db::Tx;
use crate::error::{Code, Problem};
use crate::goal::clip::address;
use crate::http::form::Form;
use crate::http::patch::present;
use crate::id::{PostId, RecordingId};
use crate::notify;
use crate::recording::brief;

use super::{PostRow, PostState};

/// A post to be published.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewPost {
    /// Its title.
    pub title: String,
    /// Markdown.
    #[serde(default)]
    pub body: String,
    /// The document it is about, http or https.
    pub document_url: Option<String>,
    /// A recording of one's own.
    pub recording: Option<RecordingId>,
    /// Until when it wants to be acknowledged; not at all when absent.
    pub acknowledge_by: Option<DateTime<Utc>>,
    /// Until when it stands on top.
    pub pinned_until: Option<DateTime<Utc>>,
}

/// What is to change of a post; absent fields stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PostChange {
    /// Its title.
    pub title: Option<String>,
    /// Markdown.
    pub body: Option<String>,
    /// The document it is about.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub document_url: Option<Option<String>>,
    /// A recording of one's own.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<RecordingId>)]
    pub recording: Option<Option<RecordingId>>,
    /// Another time for an acknowledgement that was asked for.
    pub acknowledge_by: Option<DateTime<Utc>>,
    /// Until when it stands on top; administrators may set this one.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub pinned_until: Option<Option<DateTime<Utc>>>,
    /// The revision that was read.
    pub revision: i64,
}

/// Publishes a post and, if it wants to be acknowledged, freezes who is asked.
///
/// # Errors
/// The asker may not post here; a field that needs another value.
pub async fn publish(app: &App, by: &Person, channel: &ChannelRow, new: NewPost) -> Result<PostId, Problem> {
    if !channel.may_post(by) {
        let sentence = format!("In {} only some people post. Anyone may answer under a post.", channel.name);
        return Err(Problem::new(Code::PostingRestricted, sentence));
    }
    let row = check(app, by, channel, &new)?;
    let mut tx = app.db.begin().await?;
    check_recording(&mut tx, by, row.recording).await?;
    sql::post::insert(&mut tx, &row).await?;
    let asked = if row.acknowledge_by.is_some() { ask(&mut tx, channel, &row).await? } else { 0 };
    let event = AuditEvent::by(&app.clock, by, "post.published", "post", row.id.0);
    audit::record(&mut tx, &event.detail(json!({ "channel": channel.id, "title": row.title, "asked": asked }))).await?;
    if asked > 0 {
        notify::announce(&mut tx, &app.clock, row.id, by.id).await?;
    }
    tx.commit().await?;
    Ok(row.id)
}

/// The audience, frozen: the company, the division with what is inside it, or those who were added.
async fn ask(tx: &mut Tx, channel: &ChannelRow, post: &PostRow) -> Result<u64, sqlx::Error> {
    match (channel.audience, channel.unit) {
        (Audience::Selected, _) => sql::receipt::ask_selected(tx, post.id, channel.id, post.author).await,
        (Audience::Everyone, Some(unit)) if channel.unit_kind.as_deref() != Some("company") => {
            sql::receipt::ask_unit(tx, post.id, unit, post.author).await
        }
        (Audience::Everyone, _) => {
            sql::receipt::ask_everyone(tx, post.id, (channel.organisation, channel.id), post.author).await
        }
    }
}

fn check(app: &App, by: &Person, channel: &ChannelRow, new: &NewPost) -> Result<PostRow, Problem> {
    let (mut form, now) = (Form::new(), app.clock.now());
    let title = form.line("title", &new.title, 1, 200);
    let body = form.text("body", &new.body, 50_000);
    let document_url = document(&mut form, new.document_url.as_deref());
    match (channel.acknowledgement, new.acknowledge_by) {
        (Acknowledgement::Off, Some(_)) => {
            form.wrong("acknowledge_by", "This channel does not ask for acknowledgements.")
        }
        (Acknowledgement::Always, None) => {
            form.wrong("acknowledge_by", "Each post here is acknowledged. Say until when.")
        }
        (_, Some(by)) if by <= now => form.wrong("acknowledge_by", "That time has passed."),
        _ => {}
    }
    form.done()?;
    if channel.document_required && document_url.is_none() {
        let sentence =
            format!("Each post in {} needs a document: link the page that people read beside the video.", channel.name);
        return Err(Problem::new(Code::DocumentNeeded, sentence));
    }
    Ok(PostRow {
        id: app.clock.id(),
        organisation: channel.organisation,
        channel: channel.id,
        channel_slug: channel.slug.clone(),
        channel_name: channel.name.clone(),
        author: by.id,
        title,
        body,
        document_url,
        recording: new.recording,
        state: PostState::Published,
        published_at: Some(now),
        acknowledge_by: new.acknowledge_by,
        pinned_until: new.pinned_until,
        revision: 1,
        created_at: now,
        edited_at: None,
        comments: 0,
        asked: 0,
        done: 0,
        opened_by: 0,
        watched_by: 0,
        mine_asked: false,
        mine_opened: None,
        mine_acknowledged: None,
    })
}

fn document(form: &mut Form, url: Option<&str>) -> Option<String> {
    let url = url.map(str::trim).filter(|url| !url.is_empty())?;
    form.take("document_url", address(url))
}

async fn check_recording(tx: &mut Tx, by: &Person, recording: Option<RecordingId>) -> Result<(), Problem> {
    let Some(recording) = recording else { return Ok(()) };
    match brief::sql::author(tx, by.organisation, recording).await? {
        Some(author) if author == by.id => Ok(()),
        _ => Err(Problem::field("recording", "Post a recording of your own.")),
    }
}

/// Changes a published post: its author everything, an administrator the pin.
///
/// # Errors
/// Not the asker's; retracted; stale (the caller adds what it says now); a field that needs another value.
pub async fn change(
    app: &App,
    by: &Person,
    channel: &ChannelRow,
    old: &PostRow,
    change: PostChange,
) -> Result<(), Problem> {
    if old.state != PostState::Published {
        return Err(retracted());
    }
    let words = change.title.is_some() || change.body.is_some() || change.document_url.is_some();
    let words = words || change.recording.is_some() || change.acknowledge_by.is_some();
    if by.id != old.author && (words || by.role != Role::Admin) {
        return Err(Problem::new(Code::Forbidden, "Only its author changes a post."));
    }
    let row = apply(app, channel, old, &change, words)?;
    let mut tx = app.db.begin().await?;
    if row.recording != old.recording {
        check_recording(&mut tx, by, row.recording).await?;
    }
    if !sql::post::update(&mut tx, &row, change.revision).await? {
        return Err(Problem::new(
            Code::Stale,
            "This post changed while you were editing. Look at it again, then save.",
        ));
    }
    let event = AuditEvent::by(&app.clock, by, "post.changed", "post", old.id.0);
    audit::record(&mut tx, &event.detail(json!({ "title": row.title, "pinned_until": row.pinned_until }))).await?;
    tx.commit().await?;
    Ok(())
}

fn apply(app: &App, channel: &ChannelRow, old: &PostRow, change: &PostChange, words: bool) -> Result<PostRow, Problem> {
    let (mut row, mut form) = (old.clone(), Form::new());
    if let Some(title) = &change.title {
        row.title = form.line("title", title, 1, 200);
    }
    if let Some(body) = &change.body {
        row.body = form.text("body", body, 50_000);
    }
    if let Some(url) = &change.document_url {
        row.document_url = document(&mut form, url.as_deref());
    }
    if let Some(time) = change.acknowledge_by {
        if old.acknowledge_by.is_none() {
            form.wrong("acknowledge_by", "Who is asked was settled when the post was published: nobody.");
        }
        row.acknowledge_by = Some(time);
    }
    row.recording = change.recording.unwrap_or(old.recording);
    row.pinned_until = change.pinned_until.unwrap_or(old.pinned_until);
    form.done()?;
    if channel.document_required && row.document_url.is_none() {
        return Err(Problem::new(Code::DocumentNeeded, "Each post in this channel needs a document."));
    }
    if words {
        row.edited_at = Some(app.clock.now());
    }
    Ok(row)
}

fn retracted() -> Problem {
    Problem::new(Code::Gone, "This post was retracted.")
}

/// Retracts a post: its author, or an administrator. A tombstone stays. Retracting twice changes nothing.
///
/// # Errors
/// Somebody else's.
pub async fn retract(app: &App, by: &Person, post: &PostRow) -> Result<(), Problem> {
    if by.id != post.author && by.role != Role::Admin {
        return Err(Problem::new(Code::Forbidden, "Its author retracts a post, or an administrator."));
    }
    let mut tx = app.db.begin().await?;
    if sql::post::retract(&mut tx, post.id, app.clock.now()).await? {
        audit::record(&mut tx, &AuditEvent::by(&app.clock, by, "post.retracted", "post", post.id.0)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Notes that somebody opened a post. Opening is not watching, and neither is acknowledging.
///
/// # Errors
/// Retracted; the database's.
pub async fn opened(app: &App, by: &Person, post: &PostRow) -> Result<(), Problem> {
    if post.state != PostState::Published {
        return Err(retracted());
    }
    let mut tx = app.db.begin().await?;
    sql::receipt::opened(&mut tx, post.id, by.id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Acknowledges a post in one's own name. Twice changes nothing: the first time stays.
///
/// # Errors
/// Retracted; not asked.
pub async fn acknowledge(app: &App, by: &Person, post: &PostRow) -> Result<(), Problem> {
    if post.state != PostState::Published {
        return Err(retracted());
    }
    if !post.mine_asked {
        return Err(Problem::new(Code::Forbidden, "This post does not ask you for an acknowledgement."));
    }
    let mut tx = app.db.begin().await?;
    if sql::receipt::acknowledge(&mut tx, post.id, by.id, app.clock.now()).await? {
        audit::record(&mut tx, &AuditEvent::by(&app.clock, by, "post.acknowledged", "post", post.id.0)).await?;
    }
    tx.commit().await?;
    Ok(())
}
