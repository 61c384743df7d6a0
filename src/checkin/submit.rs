//! Submitting: the moment at which a draft becomes a fact, its slot ends, values are noted, and a review is owed. One
//! transaction; the clock alone decides between on time, late and missed.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::error::Problem;
use crate::goal;
use crate::goal::metric::{self, MetricRow, Point};
use crate::http::form::Form;
use crate::id::{CheckInId, PersonId, SlotId};
use crate::notify::{self, Kind, News};
use crate::search;

use super::slots::{self, SlotRow, SlotState};
use super::{CheckInError, CheckInRow, CheckInState, SaidRow, blocker, draft, drift, sql};

/// Submits a draft.
///
/// # Errors
/// No such draft of the asker's; submitted already; not open yet; a goal without an answer.
pub async fn submit(app: &App, by: &Person, id: CheckInId, revision: Option<i64>) -> Result<(), CheckInError> {
    let (mut tx, now) = (app.db.begin().await?, app.clock.now());
    let found = sql::check_in::own(&mut tx, by.id, id).await?.ok_or(CheckInError::NotFound)?;
    if found.state == CheckInState::Published {
        return Err(CheckInError::Done);
    }
    if revision.is_some_and(|revision| revision != found.revision) {
        return Err(CheckInError::Stale);
    }
    draft::sync(&mut tx, by, id).await?;
    let mut said = sql::said::of_one(&mut tx, id).await?;
    weigh(&mut tx, &found, &mut said, now).await?;
    check(&found, &said)?;
    let slot = settle_slot(app, &mut tx, by, &found, now).await?;
    let reviewer = reviewer(&mut tx, by, &found).await?;
    if !sql::check_in::publish(&mut tx, &found, slot, reviewer, now).await? {
        return Err(CheckInError::Stale);
    }
    note_values(app, &mut tx, by, said, now).await?;
    if slot.is_some() {
        blocker::carry(app, &mut tx, by.id, Some(id)).await?;
    }
    for (blocker, asked) in sql::blocker::asked_in(&mut tx, id).await? {
        let news = News::of(Kind::BlockerRaised, id).part(blocker.0).by(by.id);
        notify::tell(&mut tx, &app.clock, &[asked], &news).await?;
    }
    if let Some(reviewer) = reviewer {
        let due = now + TimeDelta::hours(sql::review::hours(&mut tx, by.organisation).await?.into());
        sql::review::insert(&mut tx, app.clock.id::<Uuid>(), (id, reviewer), due, now).await?;
    }
    let event = AuditEvent::by(&app.clock, by, "check_in.published", "check_in", id.0);
    audit::record(&mut tx, &event.detail(json!({ "slot": slot, "reviewer": reviewer }))).await?;
    search::refresh(&mut tx, search::Kind::CheckIn, id.0).await?;
    tx.commit().await?;
    Ok(())
}

/// A check-in has a headline, and every goal of the week and month an answer: a video is never the only carrier.
fn check(found: &CheckInRow, said: &[SaidRow]) -> Result<(), Problem> {
    let mut form = Form::new();
    if found.headline.is_empty() {
        form.wrong("headline", "Say it in one sentence: not everyone can watch right now.");
    }
    let open: Vec<&str> = said.iter().filter(|said| !said.is_answered()).map(|said| said.title.as_str()).collect();
    match open.as_slice() {
        [] => {}
        [one] => {
            form.wrong("goals", format!("One goal is still open: {one} needs a status, or \u{201c}no change\u{201d}."))
        }
        more => form.wrong("goals", format!("{} goals are still open: {}.", more.len(), more.join(", "))),
    }
    if let Some(said) = said.iter().find(|said| !said.against.0.is_empty() && said.reason.is_empty()) {
        form.wrong(
            "goals",
            format!(
                "{}: you say on track, the number says otherwise. Keep it if you have a reason, and say it in a line.",
                said.title
            ),
        );
    }
    form.done()
}

/// How far back two slots may lie; a goal that nobody spoke of for longer begins anew.
const LOOK_BACK: TimeDelta = TimeDelta::days(92);

/// Freezes which lead metrics speak against each "on track". A reason that nothing asks for is dropped.
async fn weigh(tx: &mut Tx, found: &CheckInRow, said: &mut [SaidRow], now: DateTime<Utc>) -> Result<(), CheckInError> {
    let goals: Vec<_> = said.iter().map(|said| said.goal).collect();
    let metrics = metric::sql::of_goals_in(tx, &goals).await?;
    let earlier = sql::said::earlier_in(tx, found.author, found.id, now - LOOK_BACK).await?;
    apply(said, &metrics, &earlier);
    for said in said.iter_mut().filter(|said| said.against.0.is_empty()) {
        said.reason.clear();
    }
    Ok(())
}

/// The same for a draft as it is shown, without writing anything.
///
/// # Errors
/// The database's.
pub async fn foresee(app: &App, draft: &CheckInRow, said: &mut [SaidRow]) -> Result<(), sqlx::Error> {
    let goals: Vec<_> = said.iter().map(|said| said.goal).collect();
    let metrics = metric::sql::of_goals(&app.db, &goals).await?;
    let since = app.clock.now() - LOOK_BACK;
    let earlier = sql::said::earlier(&app.db, draft.author, draft.id, since).await?;
    apply(said, &metrics, &earlier);
    Ok(())
}

fn apply(said: &mut [SaidRow], metrics: &[MetricRow], earlier: &[sql::said::Earlier]) {
    for said in said {
        let before: Vec<_> =
            earlier.iter().filter(|(goal, _)| *goal == said.goal).map(|(_, metrics)| metrics.0.clone()).collect();
        said.against = Json(drift::against(said, metrics, &before));
    }
}

/// Ends the draft's slot by the clock. None when the slot has ended without it: the check-in then stands beside it.
async fn settle_slot(
    app: &App,
    tx: &mut Tx,
    by: &Person,
    found: &CheckInRow,
    now: DateTime<Utc>,
) -> Result<Option<SlotId>, CheckInError> {
    let Some(id) = found.slot else { return Ok(None) };
    let slot = slots::sql::own(tx, by.id, id).await?.ok_or(CheckInError::NotFound)?;
    let Some(state) = ends_as(&slot, now)? else { return Ok(None) };
    let answered = matches!(state, SlotState::Submitted | SlotState::Late);
    // Past the grace, the sweep says whether it was missed or excused; it has not come by yet, or is doing so now.
    if !answered || !slots::sql::decide(tx, id, state, now).await? {
        return Ok(None);
    }
    let event = AuditEvent::by(&app.clock, by, "slot.ended", "check_in_slot", id.0);
    audit::record(tx, &event.detail(json!({ "state": state }))).await?;
    Ok(Some(id))
}

fn ends_as(slot: &SlotRow, now: DateTime<Utc>) -> Result<Option<SlotState>, CheckInError> {
    if !matches!(slot.state, SlotState::Ahead | SlotState::Open) {
        return Ok(None);
    }
    match now {
        now if now < slot.opens_at => Err(CheckInError::NotOpen(slot.opens_at)),
        now if now <= slot.due_at => Ok(Some(SlotState::Submitted)),
        now if now <= slot.grace_until => Ok(Some(SlotState::Late)),
        _ => Ok(Some(SlotState::Missed)),
    }
}

/// Who reviews: whoever was frozen with the slot, else the manager of now; never the author, nobody who has left.
async fn reviewer(tx: &mut Tx, by: &Person, found: &CheckInRow) -> Result<Option<PersonId>, CheckInError> {
    for candidate in [found.reviewer, by.manager].into_iter().flatten().filter(|candidate| *candidate != by.id) {
        if goal::sql::member(tx, by.organisation, candidate).await?.is_some() {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// Freezes values before and after, notes the new ones as points of their metrics, and each goal's status.
async fn note_values(
    app: &App,
    tx: &mut Tx,
    by: &Person,
    said: Vec<SaidRow>,
    now: DateTime<Utc>,
) -> Result<(), CheckInError> {
    let goals: Vec<_> = said.iter().map(|said| said.goal).collect();
    let metrics = metric::sql::of_goals_in(tx, &goals).await?;
    for mut said in said {
        let given = said.metrics.0.clone();
        let mut frozen = Vec::new();
        for metric in metrics.iter().filter(|metric| metric.goal == said.goal) {
            let value = given.iter().find(|old| old.metric == metric.id).and_then(|old| old.value);
            frozen.push(draft::freeze(metric, value));
            let Some(value) = value else { continue };
            let (id, author) = (app.clock.id(), by.id);
            let note = String::new();
            let point =
                Point { id, metric: metric.id, at: now, value, note, supersedes: None, author, created_at: now };
            metric::sql::insert_point(tx, &point).await?;
        }
        said.metrics = Json(frozen);
        sql::said::update(tx, &said).await?;
        if let Some(status) = said.status {
            goal::sql::set_status(tx, said.goal, status).await?;
        }
    }
    Ok(())
}
