//! A post begins: as a draft, waiting for its hour, or published at once. What nobody has read may be thrown away.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::channel::{ChannelRow, sql};
use crate::error::{Code, Problem};
use crate::http::calendar;
use crate::http::form::Form;
use crate::id::{PostId, RecordingId};

use super::publish::{self, remind_at};
use super::schedule::Schedule;
use super::{PostRow, PostState, check};

/// Drafts and scheduled posts of one person in one channel.
const MOST: i64 = 100;

/// A post to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewPost {
    /// Its title; only a draft may lack it.
    #[serde(default)]
    pub title: String,
    /// Markdown.
    #[serde(default)]
    pub body: String,
    /// The document it is about, http or https.
    pub document_url: Option<String>,
    /// A recording of one's own.
    pub recording: Option<RecordingId>,
    /// Until when it wants to be acknowledged; not at all when absent.
    #[serde(default, deserialize_with = "calendar::within")]
    pub acknowledge_by: Option<DateTime<Utc>>,
    /// Until when it stands on top.
    #[serde(default, deserialize_with = "calendar::within")]
    pub pinned_until: Option<DateTime<Utc>>,
    /// `draft`, `scheduled` or `published`; published when absent.
    pub state: Option<PostState>,
    /// The hour of a scheduled post.
    pub schedule: Option<Schedule>,
}

/// Makes a post. Published at once, it freezes who is asked.
///
/// # Errors
/// The asker may not post here; a field that needs another value.
pub async fn create(app: &App, by: &Person, channel: &ChannelRow, new: NewPost) -> Result<PostId, Problem> {
    check::may_post(by, channel)?;
    let row = read(app, by, channel, new)?;
    let named = check::mentions(app, by, channel, &row).await?;
    let mut tx = app.db.begin().await?;
    check::recording(&mut tx, by, row.recording).await?;
    if row.state == PostState::Published {
        sql::post::insert(&mut tx, &row, remind_at(&row)).await?;
        publish::enter(app, &mut tx, &row, &named, Some(by)).await?;
    } else {
        if sql::draft::count(&mut tx, channel.id, by.id).await? >= MOST {
            let sentence = format!("You have {MOST} unpublished posts here. Publish some, or throw some away.");
            return Err(Problem::new(Code::Conflict, sentence));
        }
        sql::post::insert(&mut tx, &row, None).await?;
        audit::record(&mut tx, &kept(app, by, &row, "post.drafted")).await?;
    }
    tx.commit().await?;
    Ok(row.id)
}

/// The trail of a post that nobody else reads yet.
pub(super) fn kept(app: &App, by: &Person, row: &PostRow, action: &'static str) -> AuditEvent {
    let event = AuditEvent::by(&app.clock, by, action, "post", row.id.0);
    event.detail(json!({ "channel": row.channel, "state": row.state, "publish_at": row.publish_at }))
}

fn read(app: &App, by: &Person, channel: &ChannelRow, new: NewPost) -> Result<PostRow, Problem> {
    let (mut form, now) = (Form::new(), app.clock.now());
    let mut row = PostRow {
        title: new.title,
        body: new.body,
        document_url: check::document(&mut form, new.document_url.as_deref()),
        recording: new.recording,
        acknowledge_by: new.acknowledge_by,
        pinned_until: new.pinned_until,
        ..PostRow::blank(app.clock.id(), channel, by.id, now)
    };
    enter_state(&mut form, &mut row, new.state.unwrap_or(PostState::Published), new.schedule.as_ref(), now);
    check::words(&mut form, &mut row);
    check::pin(&mut form, &row, now);
    check::acknowledgement(&mut form, channel, &row, now);
    form.done()?;
    check::document_there(channel, &row)?;
    Ok(row)
}

/// Puts an unpublished post into another state, as far as its fields go.
pub(super) fn enter_state(
    form: &mut Form,
    row: &mut PostRow,
    state: PostState,
    schedule: Option<&Schedule>,
    now: DateTime<Utc>,
) {
    let before = row.state;
    row.state = state;
    match (state, schedule) {
        (PostState::Retracted, _) => form.wrong("state", "Only what was published can be retracted."),
        (PostState::Scheduled, Some(schedule)) => {
            if let Some((at, zone)) = form.take("schedule", schedule.read(now)) {
                (row.publish_at, row.publish_zone) = (Some(at), Some(zone));
            }
        }
        (PostState::Scheduled, None) if before == PostState::Scheduled => {}
        (PostState::Scheduled, None) => form.wrong("schedule", "Say when it is to be published."),
        (PostState::Draft, _) => (row.publish_at, row.publish_zone) = (None, None),
        (PostState::Published, _) => row.published_at = Some(now),
    }
}

/// Throws away a post that nobody has read. Twice changes nothing.
///
/// # Errors
/// It was published in the meantime.
pub async fn discard(app: &App, by: &Person, post: &PostRow) -> Result<(), Problem> {
    let mut tx = app.db.begin().await?;
    if !sql::draft::discard(&mut tx, post.id).await? {
        return Err(Problem::new(Code::Conflict, "This post was published in the meantime. Retract it instead."));
    }
    audit::record(&mut tx, &kept(app, by, post, "post.discarded")).await?;
    tx.commit().await?;
    Ok(())
}
