//! Drafts: begun for a slot or as an extra one, filled in, saved as often as one likes. Only the author sees one.

use std::collections::HashMap;

use serde::Deserialize;
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::error::Problem;
use crate::goal::metric::{self, MetricRow};
use crate::goal::{self, Status};
use crate::http::form::Form;
use crate::http::patch::present;
use crate::id::{CheckInId, GoalId, MetricId, RecordingId, SlotId};
use crate::recording::brief;

use super::blocker::{self, NewBlocker};
use super::slots::{self, SlotState};
use super::{CheckInError, CheckInRow, CheckInState, FrozenMetric, SaidRow, sql};

/// What is to change of a draft; absent fields stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct DraftChange {
    /// The one sentence.
    pub headline: Option<String>,
    /// What went well, Markdown.
    pub wins: Option<String>,
    /// What comes next, Markdown.
    pub next_actions: Option<String>,
    /// A recording of one's own.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<RecordingId>)]
    pub recording: Option<Option<RecordingId>>,
    /// What is said of goals; goals that are not named stay as they are.
    pub goals: Option<Vec<GoalAnswer>>,
    /// All blockers of this draft; carried ones may be among them and stay as they are.
    pub blockers: Option<Vec<NewBlocker>>,
    /// The revision that was read.
    pub revision: i64,
}

/// What is said of one goal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct GoalAnswer {
    /// The goal: its id.
    pub goal: GoalId,
    /// On track, caution, off track or done.
    pub status: Option<Status>,
    /// Nothing to say, said explicitly. Status and values are then left out.
    #[serde(default)]
    pub no_change: bool,
    /// How sure, 1 to 10.
    pub confidence: Option<i16>,
    /// A line about it.
    #[serde(default)]
    pub note: String,
    /// Why it is on track although a lead metric says otherwise.
    #[serde(default)]
    pub reason: String,
    /// New values.
    #[serde(default)]
    pub metrics: Vec<ValueAnswer>,
}

/// A new value of a metric.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ValueAnswer {
    /// The metric: its id.
    pub metric: MetricId,
    /// Its value now; null for none.
    pub value: Option<f64>,
}

/// Begins a check-in for a slot, or an extra one; when it has been begun, that one. A slot that was missed or excused gives
/// an extra one.
///
/// # Errors
/// No such slot of the asker's, or one that opens later.
pub async fn begin(app: &App, by: &Person, slot: Option<SlotId>) -> Result<(CheckInId, bool), CheckInError> {
    let mut tx = app.db.begin().await?;
    let slot = match slot {
        Some(id) => Some(slots::sql::own(&mut tx, by.id, id).await?.ok_or(CheckInError::NotFound)?),
        None => None,
    };
    if let Some(slot) = &slot
        && app.clock.now() < slot.opens_at
    {
        return Err(CheckInError::NotOpen(slot.opens_at));
    }
    let begun = match &slot {
        Some(slot) => sql::check_in::of_slot(&mut tx, slot.id).await?,
        None => None,
    };
    if let Some(id) = begun {
        sync(&mut tx, by, id).await?;
        tx.commit().await?;
        return Ok((id, false));
    }
    let slot = slot.filter(|slot| matches!(slot.state, SlotState::Ahead | SlotState::Open));
    let row = CheckInRow {
        id: app.clock.id(),
        organisation: by.organisation,
        author: by.id,
        slot: slot.as_ref().map(|slot| slot.id),
        reviewer: slot.as_ref().and_then(|slot| slot.reviewer).or(by.manager),
        local_date: match &slot {
            Some(slot) => slot.local_date,
            None => slots::today(&mut tx, by.id, app.clock.now()).await?,
        },
        ..CheckInRow::empty(by, app.clock.now())
    };
    let (id, new) = insert(app, &mut tx, by, row).await?;
    sync(&mut tx, by, id).await?;
    tx.commit().await?;
    Ok((id, new))
}

async fn insert(app: &App, tx: &mut Tx, by: &Person, row: CheckInRow) -> Result<(CheckInId, bool), CheckInError> {
    if sql::check_in::insert(tx, &row).await? {
        audit::record(tx, &AuditEvent::by(&app.clock, by, "check_in.begun", "check_in", row.id.0)).await?;
        return Ok((row.id, true));
    }
    let begun = match row.slot {
        Some(slot) => sql::check_in::of_slot(tx, slot).await?,
        None => sql::check_in::extra_draft(tx, by.id).await?,
    };
    begun.map(|id| (id, false)).ok_or(CheckInError::Stale)
}

/// Lists in a draft exactly the author's active goals of its week and month; what was said of them stays.
pub(super) async fn sync(tx: &mut Tx, by: &Person, id: CheckInId) -> Result<(), CheckInError> {
    let Some(draft) = sql::check_in::own(tx, by.id, id).await? else { return Err(CheckInError::NotFound) };
    if draft.state != CheckInState::Draft {
        return Ok(());
    }
    let wanted = goal::sql::current_ids(tx, by.id, draft.local_date).await?;
    let listed: Vec<GoalId> = sql::said::of_one(tx, id).await?.into_iter().map(|said| said.goal).collect();
    for gone in listed.iter().filter(|goal| !wanted.contains(goal)) {
        sql::said::delete(tx, id, *gone).await?;
    }
    let missing: Vec<GoalId> = wanted.into_iter().filter(|goal| !listed.contains(goal)).collect();
    let metrics = metric::sql::of_goals_in(tx, &missing).await?;
    for goal in missing {
        let frozen: Vec<FrozenMetric> =
            metrics.iter().filter(|metric| metric.goal == goal).map(|metric| freeze(metric, None)).collect();
        sql::said::insert(tx, id, goal, &frozen).await?;
    }
    Ok(())
}

pub(super) fn freeze(metric: &MetricRow, value: Option<f64>) -> FrozenMetric {
    let MetricRow { id, name, unit, value: previous, .. } = metric.clone();
    FrozenMetric { metric: id, name, unit, previous, value }
}

/// Saves a draft.
///
/// # Errors
/// No such draft of the asker's; submitted; stale; a field that needs another value.
pub async fn change(app: &App, by: &Person, id: CheckInId, change: DraftChange) -> Result<(), CheckInError> {
    let mut tx = app.db.begin().await?;
    let old = sql::check_in::own(&mut tx, by.id, id).await?.ok_or(CheckInError::NotFound)?;
    if old.state == CheckInState::Published {
        return Err(CheckInError::Done);
    }
    let row = words(&old, &change)?;
    if let Some(recording) = row.recording.filter(|recording| Some(*recording) != old.recording)
        && brief::sql::author(&mut tx, by.organisation, recording).await? != Some(by.id)
    {
        return Err(Problem::field("recording", "Check in with a recording of your own.").into());
    }
    if !sql::check_in::update(&mut tx, &row, change.revision).await? {
        return Err(CheckInError::Stale);
    }
    sync(&mut tx, by, id).await?;
    if let Some(answers) = &change.goals {
        answer(&mut tx, id, answers).await?;
    }
    if let Some(blockers) = &change.blockers {
        if blockers.len() > 50 {
            return Err(Problem::field("blockers", "At most 50 at once.").into());
        }
        blocker::replace(app, &mut tx, &row, blockers).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn words(old: &CheckInRow, change: &DraftChange) -> Result<CheckInRow, Problem> {
    let (mut row, mut form) = (old.clone(), Form::new());
    if let Some(headline) = &change.headline {
        row.headline = form.line("headline", headline, 0, 200);
    }
    if let Some(wins) = &change.wins {
        row.wins = form.text("wins", wins, 5_000);
    }
    if let Some(next) = &change.next_actions {
        row.next_actions = form.text("next_actions", next, 5_000);
    }
    row.recording = change.recording.unwrap_or(old.recording);
    form.done()?;
    Ok(row)
}

async fn answer(tx: &mut Tx, id: CheckInId, answers: &[GoalAnswer]) -> Result<(), CheckInError> {
    let mut listed: HashMap<GoalId, SaidRow> =
        sql::said::of_one(tx, id).await?.into_iter().map(|said| (said.goal, said)).collect();
    let metrics = metric::sql::of_goals_in(tx, &listed.keys().copied().collect::<Vec<_>>()).await?;
    for answer in answers {
        // A goal that was closed since the form was loaded is no longer asked about.
        let Some(said) = listed.get_mut(&answer.goal) else { continue };
        apply(said, answer, &metrics)?;
        sql::said::update(tx, said).await?;
    }
    Ok(())
}

fn apply(said: &mut SaidRow, answer: &GoalAnswer, metrics: &[MetricRow]) -> Result<(), Problem> {
    let mut form = Form::new();
    said.note = form.text("goals", &answer.note, 2_000);
    said.reason = form.line("goals", &answer.reason, 0, 500);
    if answer.confidence.is_some_and(|confidence| !(1..=10).contains(&confidence)) {
        form.wrong("goals", "Confidence is 1 to 10.");
    }
    said.no_change = answer.no_change;
    said.confidence = answer.confidence.filter(|_| !answer.no_change);
    said.status = answer.status.filter(|_| !answer.no_change);
    let given = |metric: MetricId| answer.metrics.iter().find(|value| value.metric == metric);
    let mut frozen = Vec::new();
    for metric in metrics.iter().filter(|metric| metric.goal == answer.goal) {
        let kept = said.metrics.0.iter().find(|old| old.metric == metric.id).and_then(|old| old.value);
        let value = given(metric.id).map_or(kept, |given| given.value).filter(|_| !answer.no_change);
        if let Some(sentence) = value.and_then(|value| metric::change::wrong_value(metric, value)) {
            form.wrong("goals", format!("{}: {sentence}", metric.name));
        }
        frozen.push(freeze(metric, value));
    }
    said.metrics = Json(frozen);
    form.done()
}
