//! Reviews: the other side of a check-in. The reviewer was settled when it was published and has a due time too.

use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::error::Problem;
use crate::http::form::Form;
use crate::id::{CheckInId, RecordingId};
use crate::notify::{self, Kind, News};
use crate::recording::brief;

use super::{CheckInError, CheckInRow, CheckInState, Decision, ReviewEnd, sql};

/// The reviewer's answer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewReview {
    /// Acknowledged, discuss, or change asked.
    pub decision: Decision,
    /// What there is to say; needed unless it is acknowledged or said in a recording.
    #[serde(default)]
    pub note: String,
    /// A recording of one's own as the answer.
    pub recording: Option<RecordingId>,
}

/// Reviews a check-in. The same answer twice changes nothing; another one is refused.
///
/// # Errors
/// No such check-in; one's own; somebody else's to review; reviewed otherwise; a field that needs another value.
pub async fn review(app: &App, by: &Person, id: CheckInId, new: NewReview) -> Result<(), CheckInError> {
    let found = sql::check_in::one(&app.db, (by.organisation, by.id), id).await?.ok_or(CheckInError::NotFound)?;
    if found.author == by.id {
        return Err(CheckInError::OwnReview);
    }
    if found.state != CheckInState::Published || found.reviewer != Some(by.id) {
        return Err(CheckInError::NotReviewer);
    }
    let mut form = Form::new();
    let note = form.text("note", &new.note, 5_000);
    if note.is_empty() && new.recording.is_none() && new.decision != Decision::Acknowledged {
        form.wrong("note", "Say what is to be discussed or changed, in a line or in a recording.");
    }
    form.done()?;
    let mut tx = app.db.begin().await?;
    // Late by the clock although its pass has not come by: what becomes of it is written first.
    settle(app, &mut tx, Some(id), 1).await?;
    if let Some(recording) = new.recording
        && brief::sql::author(&mut tx, by.organisation, recording).await? != Some(by.id)
    {
        return Err(Problem::field("recording", "Answer with a recording of your own.").into());
    }
    if !sql::review::decide(&mut tx, id, (new.decision, &note, new.recording), app.clock.now()).await? {
        drop(tx);
        return repeated(app, by, id, &new, &note).await;
    }
    let event = AuditEvent::by(&app.clock, by, "check_in.reviewed", "check_in", id.0);
    audit::record(&mut tx, &event.detail(json!({ "decision": new.decision }))).await?;
    let kind = match new.decision {
        Decision::Acknowledged => Kind::ReviewAcknowledged,
        Decision::Discuss => Kind::ReviewDiscuss,
        Decision::ChangeAsked => Kind::ReviewChange,
    };
    notify::tell(&mut tx, &app.clock, &[found.author], &News::of(kind, id).by(by.id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes what became of reviews whose due time has passed without an answer: missed, or excused when the reviewer was away on
/// that day. It is written once and stays, whatever is answered later. Returns how many were looked at.
///
/// # Errors
/// The database's.
pub(super) async fn settle(app: &App, tx: &mut Tx, only: Option<CheckInId>, limit: i64) -> Result<usize, sqlx::Error> {
    let passed = sql::review::passed(tx, app.clock.now(), only, limit).await?;
    for review in &passed {
        let zone: Tz = review.time_zone.parse().unwrap_or(Tz::UTC);
        let day = review.due_at.with_timezone(&zone).date_naive();
        let away = sql::review::is_away(tx, review.reviewer, day).await?;
        let ended = if away { ReviewEnd::Excused } else { ReviewEnd::Missed };
        if sql::review::end(tx, review.id, ended).await? {
            let event = AuditEvent::of(&app.clock, review.organisation, "review.ended", "check_in", review.check_in.0);
            audit::record(tx, &event.detail(json!({ "state": ended, "reviewer": review.reviewer }))).await?;
        }
    }
    Ok(passed.len())
}

async fn repeated(app: &App, by: &Person, id: CheckInId, new: &NewReview, note: &str) -> Result<(), CheckInError> {
    let now: CheckInRow =
        sql::check_in::one(&app.db, (by.organisation, by.id), id).await?.ok_or(CheckInError::NotFound)?;
    let same = now.review_decision == Some(new.decision)
        && now.review_note.as_deref() == Some(note)
        && now.review_recording == new.recording;
    if same { Ok(()) } else { Err(CheckInError::Reviewed) }
}
