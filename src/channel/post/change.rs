//! Changing a post: anything before publication, its state too; afterwards a correction, which keeps what it said before.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::{Person, Role};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::channel::{ChannelRow, sql};
use crate::comment::{SubjectKind, mention};
use crate::error::{Code, Problem};
use crate::http::calendar;
use crate::http::form::Form;
use crate::http::patch::present;
use crate::id::RecordingId;
use crate::search;

use super::draft::{self, enter_state};
use super::publish::{self, remind_at};
use super::retract::gone;
use super::schedule::Schedule;
use super::{PostRow, PostState, check};

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
    /// Another time for an acknowledgement; null, before publication, for none.
    #[serde(default, deserialize_with = "calendar::change")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub acknowledge_by: Option<Option<DateTime<Utc>>>,
    /// Until when it stands on top; administrators may set this one.
    #[serde(default, deserialize_with = "calendar::change")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub pinned_until: Option<Option<DateTime<Utc>>>,
    /// Before publication: `draft` (a schedule is called off), `scheduled` or `published`.
    pub state: Option<PostState>,
    /// Before publication: another hour.
    pub schedule: Option<Schedule>,
    /// The revision that was read.
    pub revision: i64,
}

impl PostChange {
    fn only_pins(&self) -> bool {
        let words = self.title.is_some() || self.body.is_some() || self.document_url.is_some();
        !(words || self.recording.is_some() || self.acknowledge_by.is_some() || self.is_of_a_draft())
    }

    fn is_of_a_draft(&self) -> bool {
        self.state.is_some() || self.schedule.is_some()
    }
}

/// Changes a post: its author everything, an administrator the pin.
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
    if old.state == PostState::Retracted {
        return Err(gone());
    }
    if by.id != old.author && (by.role != Role::Admin || !change.only_pins()) {
        return Err(Problem::new(Code::Forbidden, "Only its author changes a post."));
    }
    if old.revision != change.revision {
        return Err(stale());
    }
    match old.state {
        PostState::Published => correct(app, by, channel, old, change).await,
        _ => redraft(app, by, channel, old, change).await,
    }
}

fn stale() -> Problem {
    Problem::new(Code::Stale, "This post changed while you were editing. Look at it again, then save.")
}

fn apply(form: &mut Form, old: &PostRow, change: &PostChange) -> PostRow {
    let mut row = old.clone();
    if let Some(title) = &change.title {
        row.title.clone_from(title);
    }
    if let Some(body) = &change.body {
        row.body.clone_from(body);
    }
    if let Some(url) = &change.document_url {
        row.document_url = check::document(form, url.as_deref());
    }
    row.recording = change.recording.unwrap_or(old.recording);
    row.acknowledge_by = change.acknowledge_by.unwrap_or(old.acknowledge_by);
    row.pinned_until = change.pinned_until.unwrap_or(old.pinned_until);
    row
}

/// Before publication: nobody has read it, so nothing is kept of what it said.
async fn redraft(
    app: &App,
    by: &Person,
    channel: &ChannelRow,
    old: &PostRow,
    change: PostChange,
) -> Result<(), Problem> {
    check::may_post(by, channel)?;
    let (mut form, now) = (Form::new(), app.clock.now());
    let mut row = apply(&mut form, old, &change);
    let to = change.state.unwrap_or(if change.schedule.is_some() { PostState::Scheduled } else { old.state });
    enter_state(&mut form, &mut row, to, change.schedule.as_ref(), now);
    check::words(&mut form, &mut row);
    check::pin(&mut form, &row, now);
    check::acknowledgement(&mut form, channel, &row, now);
    form.done()?;
    check::document_there(channel, &row)?;
    let named = check::mentions(app, by, channel, &row).await?;
    let published = row.state == PostState::Published;
    let mut tx = app.db.begin().await?;
    check::recording(&mut tx, by, row.recording).await?;
    if !sql::draft::update(&mut tx, &row, remind_at(&row).filter(|_| published), change.revision).await? {
        return Err(stale());
    }
    if published {
        publish::enter(app, &mut tx, &row, &named, Some(by)).await?;
    } else {
        audit::record(&mut tx, &draft::kept(app, by, &row, "post.drafted")).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// After publication: what it said before stays to be read.
async fn correct(
    app: &App,
    by: &Person,
    channel: &ChannelRow,
    old: &PostRow,
    change: PostChange,
) -> Result<(), Problem> {
    let (mut form, now) = (Form::new(), app.clock.now());
    let mut row = apply(&mut form, old, &change);
    if change.is_of_a_draft() {
        form.wrong("state", "It is published. Retract it to take it back.");
    }
    check::words(&mut form, &mut row);
    if row.pinned_until != old.pinned_until {
        check::pin(&mut form, &row, now);
    }
    if row.acknowledge_by != old.acknowledge_by {
        match (old.acknowledge_by, row.acknowledge_by) {
            (Some(_), Some(_)) => check::acknowledgement(&mut form, channel, &row, now),
            _ => form.wrong("acknowledge_by", "Who is asked was settled when the post was published."),
        }
    }
    form.done()?;
    check::document_there(channel, &row)?;
    let says_more = !row.says_the_same(old);
    if says_more {
        row.edited_at = Some(now);
    }
    let named = if row.body == old.body { None } else { Some(check::mentions(app, by, channel, &row).await?) };
    let mut tx = app.db.begin().await?;
    if row.recording != old.recording {
        check::recording(&mut tx, by, row.recording).await?;
    }
    // First the guarded update: once it has held the row, what was read before is what the table had.
    if !sql::post::update(&mut tx, &row, remind_at(&row), change.revision).await? {
        return Err(stale());
    }
    if says_more {
        sql::revision::keep(&mut tx, old).await?;
    }
    if let Some(named) = &named {
        mention::keep(&mut tx, (SubjectKind::Post, old.id.0), named, now).await?;
        publish::mentioned(app, &mut tx, &row, now).await?;
    }
    let action = if says_more { "post.corrected" } else { "post.changed" };
    let detail = json!({ "title": row.title, "pinned_until": row.pinned_until, "acknowledge_by": row.acknowledge_by });
    audit::record(&mut tx, &AuditEvent::by(&app.clock, by, action, "post", old.id.0).detail(detail)).await?;
    search::refresh(&mut tx, search::Kind::Post, old.id.0).await?;
    tx.commit().await?;
    Ok(())
}
