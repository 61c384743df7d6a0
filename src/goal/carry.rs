//! Carrying an unfinished goal into a later period: the old one ends with an outcome and a note, a new one goes on from it with
//! its metrics, their values and its links. One transaction, so that no goal is ever in both periods or in neither.
//!
//! Invariant: a goal goes on in at most one other. Its own timeline, points and comments stay where they were written.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::http::calendar;
use crate::http::form::Form;
use crate::http::patch::present;
use crate::id::{GoalId, PersonId};

use super::clip::{self, Link};
use super::metric::{self, MetricRow, Point};
use super::{GoalError, GoalRow, GoalState, Outcome, Period, PeriodKind, change, sql, tree};

/// Where an unfinished goal goes on, and how it ended.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Carrying {
    /// How the old one ended: partly, missed or dropped. Not for one that is closed already.
    pub outcome: Option<Outcome>,
    /// A line about it. Not for one that is closed already.
    #[serde(default)]
    pub note: String,
    /// Length of the new period; the old one's when absent.
    pub period_kind: Option<PeriodKind>,
    /// Any day in the new period; the period after the old one when absent.
    #[serde(default, deserialize_with = "calendar::within")]
    pub period_start: Option<NaiveDate>,
    /// The new title; the old one when absent.
    pub title: Option<String>,
    /// Who answers for it from now on; the same person when absent.
    pub owner: Option<PersonId>,
    /// The wider goal it serves; when absent the old one's parent, or what that goes on in, if it fits.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<GoalId>)]
    pub parent: Option<Option<GoalId>>,
    /// The revision that was read.
    pub revision: i64,
}

/// Ends a goal, if it has not ended, and makes the one that goes on from it. Returns the new one.
///
/// # Errors
/// Which rule it would break; `Stale` with what it says now; `Carried` with what it goes on in.
pub async fn carry(app: &App, by: &Person, id: GoalId, carrying: Carrying) -> Result<GoalId, GoalError> {
    let (title, note) = parse(&carrying)?;
    let mut tx = app.db.begin().await?;
    sql::lock_tree(&mut tx, by.organisation).await?;
    let old = clip::written(&mut tx, by, id).await?;
    if let Some(into) = sql::carried_to(&mut tx, id).await? {
        return Err(GoalError::Carried(into));
    }
    if old.revision != carrying.revision {
        return Err(GoalError::Stale(Box::new(old)));
    }
    end(app, &mut tx, by, &old, (carrying.outcome, &note)).await?;
    let new = next(app, &mut tx, by, &old, &carrying).await?;
    let new = GoalRow { title: title.unwrap_or_else(|| old.title.clone()), ..new };
    if !sql::insert(&mut tx, &new).await? {
        return Err(GoalError::Stale(Box::new(old)));
    }
    carry_metrics(app, &mut tx, by, &old, new.id).await?;
    carry_links(app, &mut tx, &old, new.id).await?;
    for (action, goal) in [("goal.carried", old.id), ("goal.created", new.id)] {
        let event = AuditEvent::by(&app.clock, by, action, "goal", goal.0);
        let detail = json!({ "title": new.title, "from": old.id, "into": new.id, "period": new.period_start });
        audit::record(&mut tx, &event.detail(detail)).await?;
        crate::search::refresh(&mut tx, crate::search::Kind::Goal, goal.0).await?;
    }
    if new.owner != old.owner {
        change::hand(app, &mut tx, by, &new).await?;
    }
    tx.commit().await?;
    Ok(new.id)
}

fn parse(carrying: &Carrying) -> Result<(Option<String>, String), GoalError> {
    let mut form = Form::new();
    let title = carrying.title.as_deref().map(|title| form.line("title", title, 1, 200));
    let note = form.text("note", &carrying.note, 5_000);
    if carrying.outcome == Some(Outcome::Achieved) {
        form.wrong("outcome", "An achieved goal is finished. Make a new one to go further.");
    }
    form.done()?;
    Ok((title, note))
}

/// Closes the old goal, unless it was closed unfinished before.
async fn end(
    app: &App,
    tx: &mut Tx,
    by: &Person,
    old: &GoalRow,
    (outcome, note): (Option<Outcome>, &str),
) -> Result<(), GoalError> {
    match old.state {
        GoalState::Closed if old.outcome == Some(Outcome::Achieved) => {
            let sentence = "An achieved goal is finished. Make a new one to go further.";
            return Err(GoalError::Field("outcome", sentence.to_owned()));
        }
        GoalState::Closed => return Ok(()),
        GoalState::Cancelled => return Err(GoalError::Closed),
        GoalState::Draft | GoalState::Active => {}
    }
    let Some(outcome) = outcome.filter(|_| !note.is_empty()) else { return Err(GoalError::OutcomeNeeded) };
    let ending = (GoalState::Closed, Some(outcome), note);
    if !sql::end(tx, old.id, old.revision, ending, (by.id, app.clock.now())).await? {
        return Err(GoalError::Stale(Box::new(old.clone())));
    }
    let event = AuditEvent::by(&app.clock, by, "goal.closed", "goal", old.id.0);
    audit::record(tx, &event.detail(json!({ "outcome": outcome, "note": note }))).await?;
    Ok(())
}

async fn next(app: &App, tx: &mut Tx, by: &Person, old: &GoalRow, carrying: &Carrying) -> Result<GoalRow, GoalError> {
    let after = old.period_end.succ_opt().unwrap_or(old.period_end);
    let day = carrying.period_start.unwrap_or(after);
    let kind = carrying.period_kind.unwrap_or(old.period_kind);
    let period = change::period(old.fiscal_year_start, kind, day)?;
    if period.end <= old.period_end {
        let sentence = "It goes on in a period that ends later than the one it had.";
        return Err(GoalError::Field("period_start", sentence.to_owned()));
    }
    let (owner, manager) = match carrying.owner.filter(|owner| *owner != old.owner) {
        Some(owner) => change::owner(tx, by, owner).await?,
        None => match sql::member(tx, old.organisation, old.owner).await? {
            Some(manager) => (old.owner, manager),
            None => return Err(GoalError::Field("owner", "Its owner has left. Say who goes on with it.".to_owned())),
        },
    };
    let new = GoalRow {
        id: app.clock.id(),
        owner,
        reviewer: reviewer(tx, old, owner, manager).await?,
        period_kind: period.kind,
        period_start: period.start,
        period_end: period.end,
        parent: None,
        parent_title: None,
        state: GoalState::Active,
        status: None,
        outcome: None,
        closing_note: String::new(),
        closed_at: None,
        children: 0,
        carried_from: Some(old.id),
        revision: 1,
        created_at: app.clock.now(),
        changed_by: by.id,
        changed_at: app.clock.now(),
        ..old.clone()
    };
    let parent = match carrying.parent {
        Some(parent) => parent,
        None => fitting_parent(tx, old, &period).await?,
    };
    let new = GoalRow { parent, ..new };
    tree::check_parent(tx, &new, None).await?;
    Ok(new)
}

/// Whoever reviewed the old one, while they are here and the owner is the same; else the owner's manager.
async fn reviewer(
    tx: &mut Tx,
    old: &GoalRow,
    owner: PersonId,
    manager: Option<PersonId>,
) -> Result<Option<PersonId>, GoalError> {
    let manager = manager.filter(|manager| *manager != owner);
    match old.reviewer.filter(|_| owner == old.owner) {
        Some(before) if sql::member(tx, old.organisation, before).await?.is_some() => Ok(Some(before)),
        _ => Ok(manager),
    }
}

/// The old parent, if its period contains the new one too; else what the old parent goes on in, if that does; else none.
async fn fitting_parent(tx: &mut Tx, old: &GoalRow, period: &Period) -> Result<Option<GoalId>, GoalError> {
    let mut at = old.parent;
    for _ in 0..60 {
        let Some(id) = at else { break };
        let Some(parent) = sql::one_in(tx, old.organisation, id).await? else { break };
        if parent.period().contains(period) && parent.is_live() && parent.scope <= old.scope {
            return Ok(Some(id));
        }
        at = sql::carried_to(tx, id).await?;
    }
    Ok(None)
}

/// The same metrics with the same baseline and target. The last value is written again as a point of the new one: it is where
/// the new goal starts from, and progress goes on instead of beginning anew.
async fn carry_metrics(app: &App, tx: &mut Tx, by: &Person, old: &GoalRow, goal: GoalId) -> Result<(), GoalError> {
    let now = app.clock.now();
    let note = format!("Carried over from {}.", old.period().label(old.fiscal_year_start.unsigned_abs().into()));
    for before in metric::sql::of_goals_in(tx, &[old.id]).await? {
        let row = MetricRow { id: app.clock.id(), goal, carried_from: Some(before.id), ..before.clone() };
        metric::sql::insert(tx, &row, now).await?;
        let Some(value) = before.value else { continue };
        let (metric, note, author) = (row.id, note.clone(), by.id);
        let point =
            Point { id: app.clock.id(), metric, at: now, value, note, supersedes: None, author, created_at: now };
        metric::sql::insert_point(tx, &point).await?;
    }
    Ok(())
}

async fn carry_links(app: &App, tx: &mut Tx, old: &GoalRow, goal: GoalId) -> Result<(), GoalError> {
    for link in clip::sql::links_in(tx, old.id).await? {
        clip::sql::insert_link(tx, goal, &Link { id: app.clock.id(), ..link }, app.clock.now()).await?;
    }
    Ok(())
}
