//! Recordings: the stable thing a link names, and the library that lists the published ones.
//!
//! Invariant: a recording is listed only while published, and its bytes go only after its row says deleted.

pub mod body;
pub mod sql;

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::account::{Person, Role};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::text_enum;
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::id::{OrganisationId, PersonId, RecordingId, TakeId, TakeSessionId};
use crate::search;

use super::{caption, deletion, take};
use body::{ChangeRecording, RecordingBody};

text_enum! {
    /// Where a recording stands.
    RecordingState {
        /// No take has been kept yet: members with the link may watch, no list shows it.
        Draft = "draft",
        /// In the library.
        Published = "published",
        /// Gone; its links are dead.
        Deleted = "deleted",
    }
}

/// A recording as the table has it.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are explained in migrations/postgres/0003_recording.sql")]
pub struct Recording {
    pub id: RecordingId,
    pub slug: String,
    pub organisation: OrganisationId,
    pub author: PersonId,
    pub session: TakeSessionId,
    pub take: Option<TakeId>,
    pub title: String,
    pub description: String,
    pub state: RecordingState,
    pub published_at: Option<DateTime<Utc>>,
    pub revision: i64,
    pub created_at: DateTime<Utc>,
}

/// Who may change or delete a recording, and make links to it: its author and administrators.
#[must_use]
pub fn may_change(person: &Person, recording: &Recording) -> bool {
    person.organisation == recording.organisation && (person.id == recording.author || person.role == Role::Admin)
}

/// A title: the one given, else the file's name without its ending, else the day.
#[must_use]
pub fn title_or_default(title: &str, filename: &str, now: DateTime<Utc>) -> String {
    let stem = filename.rsplit_once('.').map_or(filename, |(stem, _)| stem).trim();
    match (title.trim(), stem) {
        ("", "") => now.format("Update of %-d %B %Y").to_string(),
        ("", stem) => stem.chars().filter(|c| !c.is_control()).take(200).collect(),
        (title, _) => title.to_owned(),
    }
}

/// Changes title and description.
///
/// # Errors
/// Not the author's; fields that need another value; a stale revision, with the recording as it is now; the database's.
pub async fn change(
    app: &Data<App>,
    person: &Person,
    recording: &Recording,
    change: ChangeRecording,
) -> Result<(), Problem> {
    if !may_change(person, recording) {
        return Err(Problem::new(Code::Forbidden, "Only its author and administrators may change a recording."));
    }
    let mut form = Form::new();
    let title = form.line("title", change.title.as_deref().unwrap_or(&recording.title), 1, 200);
    let description = form.text("description", change.description.as_deref().unwrap_or(&recording.description), 10_000);
    form.done()?;
    let mut tx = app.db.begin().await?;
    if !sql::rename(&mut tx, recording.id, change.revision, &title, &description).await? {
        drop(tx);
        let current = sql::recording(&app.db, recording.id).await?.ok_or_else(Problem::not_found)?;
        let current = RecordingBody::one(app, current).await?;
        let sentence =
            "Someone changed this recording while you were editing. Look at it as it is now, then change it.";
        return Err(Problem::new(Code::Stale, sentence).with("current", json!(current)));
    }
    let event = AuditEvent::by(&app.clock, person, "recording.changed", "recording", recording.id.0);
    audit::record(&mut tx, &event.detail(json!({ "title": title }))).await?;
    search::refresh(&mut tx, search::Kind::Recording, recording.id.0).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes a recording: at once for everybody, its bytes by a job afterwards.
///
/// # Errors
/// Not the author's; the database's.
pub async fn delete(app: &Data<App>, person: &Person, recording: &Recording) -> Result<(), Problem> {
    if !may_change(person, recording) {
        return Err(Problem::new(Code::Forbidden, "Only its author and administrators may delete a recording."));
    }
    let mut tx = app.db.begin().await?;
    if sql::delete(&mut tx, recording.id).await? {
        super::session::sql::close(
            &mut tx,
            recording.session,
            super::session::SessionState::Discarded,
            app.clock.now(),
        )
        .await?;
        for gone in take::sql::discard(&mut tx, recording.session, None, app.clock.now()).await? {
            deletion::call_off(app, &mut tx, gone).await?;
        }
        caption::forget(&mut tx, recording.id).await?;
        deletion::owe_recording(app, &mut tx, recording.id).await?;
        let event = AuditEvent::by(&app.clock, person, "recording.deleted", "recording", recording.id.0);
        audit::record(&mut tx, &event.detail(json!({ "title": recording.title }))).await?;
        search::refresh(&mut tx, search::Kind::Recording, recording.id.0).await?;
        tx.commit().await?;
        app.jobs.wake();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_without_a_title_is_named_after_its_file_or_its_day() {
        let day = "2026-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(title_or_default(" Launch ", "a.webm", day), "Launch");
        assert_eq!(title_or_default("", "weekly numbers.webm", day), "weekly numbers");
        assert_eq!(title_or_default("", "", day), "Update of 22 November 2026");
    }
}
