//! What a post has to be before it is kept, and before anybody reads it. A draft may lack what publication needs.

use chrono::{DateTime, TimeDelta, Utc};

use crate::account::Person;
use crate::app::App;
use crate::channel::{Acknowledgement, ChannelRow};
use crate::comment::mention::{self, Mention};
use crate::comment::subject::place;
use crate::db::Tx;
use crate::error::{Code, Problem};
use crate::goal::clip::address;
use crate::http::form::Form;
use crate::id::RecordingId;
use crate::recording::brief;

use super::{PostRow, PostState};

/// Longest pin and longest time for an acknowledgement.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// Whether somebody may post in a channel.
///
/// # Errors
/// 403 `posting_restricted`.
pub fn may_post(by: &Person, channel: &ChannelRow) -> Result<(), Problem> {
    if channel.may_post(by) {
        return Ok(());
    }
    let sentence = format!("In {} only some people post. Anyone may answer under a post.", channel.name);
    Err(Problem::new(Code::PostingRestricted, sentence))
}

/// Title and text as they are kept.
pub fn words(form: &mut Form, row: &mut PostRow) {
    let least = usize::from(row.state != PostState::Draft);
    row.title = form.line("title", &row.title, least, 200);
    row.body = form.text("body", &row.body, 50_000);
}

/// The address of a document as it is kept; an empty one is none.
pub fn document(form: &mut Form, url: Option<&str>) -> Option<String> {
    let url = url.map(str::trim).filter(|url| !url.is_empty())?;
    form.take("document_url", address(url))
}

/// When it is published, as far as that is known: its end of a pin and its due time come after.
fn published(row: &PostRow, now: DateTime<Utc>) -> DateTime<Utc> {
    row.publish_at.filter(|_| row.state == PostState::Scheduled).map_or(now, |at| at.max(now))
}

/// A pin has an end that is still to come.
pub fn pin(form: &mut Form, row: &PostRow, now: DateTime<Utc>) {
    let from = published(row, now);
    match row.pinned_until {
        Some(end) if end <= from => form.wrong("pinned_until", "A pin ends after the post is published."),
        Some(end) if end > from + LONGEST => form.wrong("pinned_until", "At most a year."),
        _ => {}
    }
}

/// What the channel says of acknowledgements, and a due time that is still to come.
pub fn acknowledgement(form: &mut Form, channel: &ChannelRow, row: &PostRow, now: DateTime<Utc>) {
    let from = published(row, now);
    match (channel.acknowledgement, row.acknowledge_by) {
        (Acknowledgement::Off, Some(_)) => {
            form.wrong("acknowledge_by", "This channel does not ask for acknowledgements.");
        }
        (Acknowledgement::Always, None) if row.state != PostState::Draft => {
            form.wrong("acknowledge_by", "Each post here is acknowledged. Say until when.");
        }
        (_, Some(by)) if by <= from && row.state != PostState::Draft => {
            form.wrong("acknowledge_by", "That time has passed when people read it.");
        }
        (_, Some(by)) if by > from + LONGEST => form.wrong("acknowledge_by", "At most a year."),
        _ => {}
    }
}

/// A document, where the channel needs one.
///
/// # Errors
/// 422 `document_needed`.
pub fn document_there(channel: &ChannelRow, row: &PostRow) -> Result<(), Problem> {
    if channel.document_required && row.document_url.is_none() && row.state != PostState::Draft {
        let sentence =
            format!("Each post in {} needs a document: link the page that people read beside the video.", channel.name);
        return Err(Problem::new(Code::DocumentNeeded, sentence));
    }
    Ok(())
}

/// A recording of one's own.
///
/// # Errors
/// 422 at `recording`; the database's.
pub async fn recording(tx: &mut Tx, by: &Person, recording: Option<RecordingId>) -> Result<(), Problem> {
    let Some(recording) = recording else { return Ok(()) };
    match brief::sql::author(tx, by.organisation, recording).await? {
        Some(author) if author == by.id => Ok(()),
        _ => Err(Problem::field("recording", "Post a recording of your own.")),
    }
}

/// Whom the text names.
///
/// # Errors
/// 422 at `body`; the database's.
pub async fn mentions(app: &App, by: &Person, channel: &ChannelRow, row: &PostRow) -> Result<Vec<Mention>, Problem> {
    mention::check(&app.db, place(by, Some(channel)), &row.body).await
}
