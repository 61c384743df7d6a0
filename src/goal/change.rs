//! Making, changing and ending goals: each in one transaction with its row in the audit trail.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::{Person, Role};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::http::calendar;
use crate::http::form::Form;
use crate::http::patch::present;
use crate::id::{GoalId, MetricId, PersonId, UnitId};
use crate::notify::{self, Kind, News};
use crate::search;

use super::metric::{self, NewMetric};
use super::{GoalError, GoalRow, GoalState, Outcome, Period, PeriodKind, Scope, sql, tree};

/// A goal to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewGoal {
    /// How wide it reaches.
    pub scope: Scope,
    /// The unit it belongs to.
    pub unit: Option<UnitId>,
    /// Who answers for it; you when absent.
    pub owner: Option<PersonId>,
    /// Year, quarter, month or week.
    pub period_kind: PeriodKind,
    /// Any day in the period.
    #[serde(deserialize_with = "calendar::within")]
    pub period_start: NaiveDate,
    /// The wider goal it serves.
    pub parent: Option<GoalId>,
    /// What is to be reached.
    pub title: String,
    /// More about it.
    #[serde(default)]
    pub description: String,
    /// Who reviews it; the owner's manager when absent, nobody when null.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<PersonId>)]
    pub reviewer: Option<Option<PersonId>>,
    /// Active when absent; or draft.
    pub state: Option<GoalState>,
    /// What it is measured by.
    #[serde(default)]
    pub metrics: Vec<NewMetric>,
}

/// What is to change of a goal; absent fields stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct GoalChange {
    /// How wide it reaches.
    pub scope: Option<Scope>,
    /// The unit it belongs to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<UnitId>)]
    pub unit: Option<Option<UnitId>>,
    /// Who answers for it.
    pub owner: Option<PersonId>,
    /// Year, quarter, month or week.
    pub period_kind: Option<PeriodKind>,
    /// Any day in the period.
    #[serde(default, deserialize_with = "calendar::within")]
    pub period_start: Option<NaiveDate>,
    /// The wider goal it serves.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<GoalId>)]
    pub parent: Option<Option<GoalId>>,
    /// What is to be reached.
    pub title: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// Who reviews it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<PersonId>)]
    pub reviewer: Option<Option<PersonId>>,
    /// Draft or active.
    pub state: Option<GoalState>,
    /// The revision that was read.
    pub revision: i64,
}

/// Makes a goal with its metrics.
///
/// # Errors
/// Which rule it would break.
pub async fn create(app: &App, by: &Person, new: NewGoal) -> Result<GoalId, GoalError> {
    let (goal, metrics) = parse(app, by, &new).await?;
    let mut tx = app.db.begin().await?;
    let (owner, default) = owner(&mut tx, by, new.owner.unwrap_or(by.id)).await?;
    let mut goal = GoalRow { owner, reviewer: default.filter(|manager| *manager != owner), ..goal };
    if let Some(reviewer) = new.reviewer {
        goal.reviewer = check_reviewer(&mut tx, &goal, reviewer).await?;
    }
    check_unit(&mut tx, &goal).await?;
    tree::check_parent(&mut tx, &goal, None).await?;
    sql::insert(&mut tx, &goal).await?;
    for metric in metrics {
        metric::sql::insert(&mut tx, &metric, app.clock.now()).await?;
    }
    let event = AuditEvent::by(&app.clock, by, "goal.created", "goal", goal.id.0);
    audit::record(&mut tx, &event.detail(json!({ "title": goal.title, "owner": goal.owner }))).await?;
    search::refresh(&mut tx, search::Kind::Goal, goal.id.0).await?;
    hand(app, &mut tx, by, &goal).await?;
    tx.commit().await?;
    Ok(goal.id)
}

/// Tells the owner that a goal is theirs now.
pub(super) async fn hand(app: &App, tx: &mut Tx, by: &Person, goal: &GoalRow) -> Result<(), sqlx::Error> {
    notify::tell(tx, &app.clock, &[goal.owner], &News::of(Kind::GoalHanded, goal.id).by(by.id)).await
}

async fn parse(app: &App, by: &Person, new: &NewGoal) -> Result<(GoalRow, Vec<metric::MetricRow>), GoalError> {
    let mut form = Form::new();
    let id = app.clock.id::<GoalId>();
    let title = form.line("title", &new.title, 1, 200);
    let description = form.text("description", &new.description, 10_000);
    let metrics: Vec<_> = new.metrics.iter().map(|metric| metric.check(&mut form, "metrics")).collect();
    if metrics.len() > 10 {
        form.wrong("metrics", "At most ten. One that moves first and one that follows say most.");
    }
    let state = new.state.unwrap_or(GoalState::Active);
    if !matches!(state, GoalState::Draft | GoalState::Active) {
        form.wrong("state", "A goal begins as draft or active.");
    }
    form.done()?;
    let fiscal = sql::fiscal_year_start(&app.db, by.organisation).await?;
    let period = period(fiscal, new.period_kind, new.period_start)?;
    let metrics = metrics.into_iter().map(|row| metric::MetricRow { id: app.clock.id::<MetricId>(), goal: id, ..row });
    let goal = GoalRow {
        id,
        organisation: by.organisation,
        scope: new.scope,
        unit: new.unit,
        unit_name: None,
        owner: by.id,
        reviewer: None,
        period_kind: period.kind,
        period_start: period.start,
        period_end: period.end,
        fiscal_year_start: fiscal,
        parent: new.parent,
        parent_title: None,
        title,
        description,
        state,
        status: None,
        outcome: None,
        closing_note: String::new(),
        closed_at: None,
        children: 0,
        carried_from: None,
        revision: 1,
        created_at: app.clock.now(),
        changed_by: by.id,
        changed_at: app.clock.now(),
    };
    Ok((goal, metrics.collect()))
}

pub(super) fn period(fiscal: i16, kind: PeriodKind, day: NaiveDate) -> Result<Period, GoalError> {
    Period::of(kind, day, fiscal.unsigned_abs().into())
        .ok_or_else(|| GoalError::Field("period_start", "That day is beyond the calendar.".to_owned()))
}

/// Changes a live goal.
///
/// # Errors
/// Which rule it would break; `Stale` with what it says now.
pub async fn change(app: &App, by: &Person, id: GoalId, change: GoalChange) -> Result<(), GoalError> {
    let mut tx = app.db.begin().await?;
    let moves = change.parent.is_some()
        || change.period_kind.is_some()
        || change.period_start.is_some()
        || change.scope.is_some();
    if moves {
        sql::lock_tree(&mut tx, by.organisation).await?;
    }
    let old = sql::one_in(&mut tx, by.organisation, id).await?.ok_or(GoalError::NotFound)?;
    may_change(&mut tx, &old, by, &change).await?;
    if !old.is_live() {
        return Err(GoalError::Closed);
    }
    if old.revision != change.revision {
        return Err(GoalError::Stale(Box::new(old)));
    }
    let goal = GoalRow { changed_by: by.id, changed_at: app.clock.now(), ..apply(&mut tx, by, &old, &change).await? };
    if moves {
        tree::check_parent(&mut tx, &goal, Some(id)).await?;
        tree::check_children(&mut tx, &goal).await?;
    }
    if !sql::update(&mut tx, &goal, change.revision).await? {
        return Err(GoalError::Stale(Box::new(old)));
    }
    let event = AuditEvent::by(&app.clock, by, "goal.changed", "goal", id.0);
    audit::record(
        &mut tx,
        &event.detail(json!({ "title": goal.title, "owner": goal.owner, "reviewer": goal.reviewer })),
    )
    .await?;
    search::refresh(&mut tx, search::Kind::Goal, id.0).await?;
    if goal.owner != old.owner {
        hand(app, &mut tx, by, &goal).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The owner and administrators write a goal; managers above the owner may set its reviewer and nothing else.
async fn may_change(tx: &mut Tx, goal: &GoalRow, by: &Person, change: &GoalChange) -> Result<(), GoalError> {
    if goal.is_written_by(by) {
        return Ok(());
    }
    let GoalChange {
        scope,
        unit,
        owner,
        period_kind,
        period_start,
        parent,
        title,
        description,
        reviewer: _,
        state,
        ..
    } = change;
    let more = scope.is_some() || unit.is_some() || owner.is_some() || period_kind.is_some() || period_start.is_some();
    let more = more || parent.is_some() || title.is_some() || description.is_some() || state.is_some();
    if more || !sql::is_manager_of(tx, by.id, goal.owner).await? {
        return Err(GoalError::NotYours);
    }
    Ok(())
}

async fn apply(tx: &mut Tx, by: &Person, old: &GoalRow, change: &GoalChange) -> Result<GoalRow, GoalError> {
    let mut goal = old.clone();
    let mut form = Form::new();
    if let Some(title) = &change.title {
        goal.title = form.line("title", title, 1, 200);
    }
    if let Some(description) = &change.description {
        goal.description = form.text("description", description, 10_000);
    }
    goal.scope = change.scope.unwrap_or(goal.scope);
    goal.unit = change.unit.unwrap_or(goal.unit);
    goal.parent = change.parent.unwrap_or(goal.parent);
    goal.state = change.state.unwrap_or(goal.state);
    if !goal.is_live() {
        form.wrong("state", "Close a goal with an outcome and a note, or cancel it with a note.");
    }
    form.done()?;
    if change.period_kind.is_some() || change.period_start.is_some() {
        let (kind, day) =
            (change.period_kind.unwrap_or(goal.period_kind), change.period_start.unwrap_or(goal.period_start));
        let period = period(goal.fiscal_year_start, kind, day)?;
        (goal.period_kind, goal.period_start, goal.period_end) = (period.kind, period.start, period.end);
    }
    if let Some(wanted) = change.owner.filter(|wanted| *wanted != old.owner) {
        let (owner, manager) = owner(tx, by, wanted).await?;
        (goal.owner, goal.reviewer) = (owner, manager.filter(|manager| *manager != owner));
    }
    if let Some(reviewer) = change.reviewer {
        goal.reviewer = check_reviewer(tx, &goal, reviewer).await?;
    }
    check_unit(tx, &goal).await?;
    Ok(goal)
}

/// The wanted owner and their manager. One gives a goal to oneself or to somebody one manages; administrators to anybody.
pub(super) async fn owner(
    tx: &mut Tx,
    by: &Person,
    wanted: PersonId,
) -> Result<(PersonId, Option<PersonId>), GoalError> {
    let Some(manager) = sql::member(tx, by.organisation, wanted).await? else {
        return Err(GoalError::Field(
            "owner",
            "The owner is a member of the organisation who is still here.".to_owned(),
        ));
    };
    if wanted != by.id && by.role != Role::Admin && !sql::is_manager_of(tx, by.id, wanted).await? {
        return Err(GoalError::Field(
            "owner",
            "You can give a goal to yourself or to people who report to you.".to_owned(),
        ));
    }
    Ok((wanted, manager))
}

async fn check_reviewer(tx: &mut Tx, goal: &GoalRow, wanted: Option<PersonId>) -> Result<Option<PersonId>, GoalError> {
    let Some(reviewer) = wanted else { return Ok(None) };
    if reviewer == goal.owner {
        return Err(GoalError::Field("reviewer", "The owner does not review their own goal.".to_owned()));
    }
    if sql::member(tx, goal.organisation, reviewer).await?.is_none() {
        return Err(GoalError::Field(
            "reviewer",
            "The reviewer is a member of the organisation who is still here.".to_owned(),
        ));
    }
    Ok(wanted)
}

async fn check_unit(tx: &mut Tx, goal: &GoalRow) -> Result<(), GoalError> {
    match goal.unit {
        Some(unit) if !sql::unit_exists(tx, goal.organisation, unit).await? => {
            Err(GoalError::Field("unit", "There is no such unit.".to_owned()))
        }
        _ => Ok(()),
    }
}

/// How a goal ends.
#[derive(Clone, Debug)]
pub enum Ending {
    /// With an outcome.
    Closed(Option<Outcome>),
    /// Without one.
    Cancelled,
}

/// Closes or cancels a live goal. `revision` absent: whatever it is at.
///
/// # Errors
/// Not the owner's, ended already, or outcome or note missing.
pub async fn end(
    app: &App,
    by: &Person,
    id: GoalId,
    ending: Ending,
    note: &str,
    revision: Option<i64>,
) -> Result<(), GoalError> {
    let mut form = Form::new();
    let note = form.text("note", note, 5_000);
    form.done()?;
    let mut tx = app.db.begin().await?;
    let goal = sql::one_in(&mut tx, by.organisation, id).await?.ok_or(GoalError::NotFound)?;
    if !goal.is_written_by(by) {
        return Err(GoalError::NotYours);
    }
    if !goal.is_live() {
        return Err(GoalError::Closed);
    }
    let (state, outcome, action) = match ending {
        Ending::Closed(Some(outcome)) => (GoalState::Closed, Some(outcome), "goal.closed"),
        Ending::Closed(None) => return Err(GoalError::OutcomeNeeded),
        Ending::Cancelled if note.is_empty() => {
            return Err(GoalError::Field("note", "Say in a line why it is given up.".to_owned()));
        }
        Ending::Cancelled => (GoalState::Cancelled, None, "goal.cancelled"),
    };
    if note.is_empty() {
        return Err(GoalError::OutcomeNeeded);
    }
    let revision = revision.unwrap_or(goal.revision);
    if !sql::end(&mut tx, id, revision, (state, outcome, &note), (by.id, app.clock.now())).await? {
        return Err(GoalError::Stale(Box::new(goal)));
    }
    let event = AuditEvent::by(&app.clock, by, action, "goal", id.0);
    audit::record(&mut tx, &event.detail(json!({ "outcome": outcome, "note": note }))).await?;
    search::refresh(&mut tx, search::Kind::Goal, id.0).await?;
    tx.commit().await?;
    Ok(())
}
