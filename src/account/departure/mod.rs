//! Leaving, without losing anything: open goals, goals reviewed, reviews owed, people, units and blockers go to whoever goes on with
//! them; sessions, tokens, open invitations and slots to come end; what was said and done stays. And returning, which gives back
//! what is still where it went.
//!
//! Invariant: nobody who has left owns an open goal, leads a unit or is anybody's manager; nor owes a review, unless nobody stands
//! above its author.

pub mod sql;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::clock::Clock;
use crate::db::Tx;
use crate::error::Problem;
use crate::id::{GoalId, PersonId, UnitId};
use crate::search;

use super::{Person, PersonRef, PersonState, Role, people_by_ids, sql as account_sql};

/// Goals of one person that are handed over at once; more are not seen in practice, and each is a row of the answer.
const MOST_GOALS: i64 = 500;

/// An open goal that somebody else goes on with.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, ToSchema)]
pub struct OpenGoal {
    /// Its id.
    pub id: GoalId,
    /// Its title.
    pub title: String,
}

/// What somebody would leave behind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Leaving {
    /// Their open goals, drafts too.
    pub goals: Vec<OpenGoal>,
    /// Open goals of others that they review.
    pub reviewed_goals: i64,
    /// Reviews of check-ins that they owe.
    pub reviews: i64,
    /// People who report to them.
    pub reports: i64,
    /// Units they lead.
    pub units: i64,
    /// Blockers that ask them, or were passed up to them.
    pub blockers: i64,
    /// Invitations they made that were not used.
    pub invitations: i64,
    /// Whoever gets it all unless somebody else is chosen: their manager.
    pub manager: Option<PersonRef>,
}

/// Who goes on with what.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct HandOver {
    /// Whoever gets what is not named below; their manager when absent.
    pub successor: Option<PersonId>,
    /// For some goals, whoever goes on with each.
    #[serde(default)]
    pub goals: HashMap<GoalId, PersonId>,
}

/// What went to whom, to be given back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Handed {
    /// (goal, its new owner, its reviewer before).
    goals: Vec<(GoalId, PersonId, Option<PersonId>)>,
    /// (goal that was reviewed, its new reviewer).
    reviewed: Vec<(GoalId, Option<PersonId>)>,
    /// Reviews of check-ins: (review, its new reviewer).
    reviews: Vec<(Uuid, PersonId)>,
    /// (person, their new manager).
    reports: Vec<(PersonId, Option<PersonId>)>,
    /// (unit, its new lead).
    units: Vec<(UnitId, Option<PersonId>)>,
    /// (blocker, whom it asks now).
    blockers: Vec<(Uuid, Option<PersonId>)>,
    /// (blocker, to whom it is passed up now).
    #[serde(default)]
    passed_up: Vec<(Uuid, Option<PersonId>)>,
}

/// What somebody would leave behind.
///
/// # Errors
/// The database's.
pub async fn preview(app: &App, person: &Person) -> Result<Leaving, sqlx::Error> {
    let counts = sql::counts(&app.db, person.id).await?;
    let goals = sql::open_goals(&app.db, person.id, MOST_GOALS).await?;
    let manager = match person.manager {
        Some(id) => people_by_ids(&app.db, &[id]).await?.remove(&id),
        None => None,
    };
    Ok(Leaving {
        goals,
        reviewed_goals: counts.reviewed_goals,
        reviews: counts.reviews,
        reports: counts.reports,
        units: counts.units,
        blockers: counts.blockers,
        invitations: counts.invitations,
        manager,
    })
}

/// Hands over everything that is open, in the transaction in which the person leaves. Whoever calls holds the organisation's row.
///
/// # Errors
/// Goals or reviews without anybody to go on with them, a successor who is no member; the database's.
pub(super) async fn leave(
    clock: &Clock,
    tx: &mut Tx,
    by: &Person,
    person: &Person,
    over: &HandOver,
) -> Result<(), Problem> {
    let successor = match over.successor.or(person.manager) {
        Some(id) => Some(receiver(tx, person, id, "successor").await?),
        None => None,
    };
    let handed = Handed {
        // First: whoever gets a goal may have reported to whoever leaves.
        reports: reports(clock, tx, by, person, successor.as_ref()).await?,
        goals: goals(clock, tx, by, person, over, successor.as_ref()).await?,
        reviewed: sql::hand_reviewed(tx, person.id, successor.as_ref().map(|to| to.id)).await?,
        reviews: reviews(tx, person, successor.as_ref()).await?,
        units: sql::hand_units(tx, person.id, successor.as_ref().map(|to| to.id)).await?,
        blockers: sql::hand_blockers(tx, person.id, successor.as_ref().map(|to| to.id)).await?,
        passed_up: sql::hand_passed_up(tx, person.id, successor.as_ref().map(|to| to.id)).await?,
    };
    let now = clock.now();
    let sessions = account_sql::session::revoke_others(tx, person.id, None, now).await?;
    let tokens = account_sql::token::revoke_all(tx, person.id, now).await?;
    let invitations = account_sql::invitation::withdraw_of(tx, person.id).await?;
    let excused = sql::excuse_open_slots(tx, person.id, now).await?;
    sql::put(tx, person.id, by.id, &handed, now).await?;
    let event = AuditEvent::by(clock, by, "person.left", "person", person.id.0);
    let detail = json!({ "successor": successor.as_ref().map(|to| to.id), "goals": handed.goals.len(),
        "reviewed_goals": handed.reviewed.len(), "reviews": handed.reviews.len(), "reports": handed.reports.len(),
        "units": handed.units.len(), "blockers": handed.blockers.len() + handed.passed_up.len(), "sessions_ended": sessions, "tokens_ended": tokens,
        "invitations_withdrawn": invitations, "slots_excused": excused });
    audit::record(tx, &event.detail(detail)).await?;
    Ok(())
}

/// Somebody who can go on: an active member who does not leave.
async fn receiver(tx: &mut Tx, leaving: &Person, id: PersonId, field: &str) -> Result<Person, Problem> {
    let found = account_sql::person::one_in(tx, leaving.organisation, id).await?;
    found
        .filter(|to| to.id != leaving.id && to.state == PersonState::Active && to.role != Role::Guest)
        .ok_or_else(|| Problem::field(field, "Somebody who is a member and stays."))
}

async fn goals(
    clock: &Clock,
    tx: &mut Tx,
    by: &Person,
    person: &Person,
    over: &HandOver,
    successor: Option<&Person>,
) -> Result<Vec<(GoalId, PersonId, Option<PersonId>)>, Problem> {
    let mut handed = Vec::new();
    loop {
        let some = sql::owned(tx, person.id, MOST_GOALS).await?;
        if some.is_empty() {
            return Ok(handed);
        }
        for (goal, reviewer) in some {
            let to = match over.goals.get(&goal) {
                Some(id) => receiver(tx, person, *id, "goals").await?,
                None => successor.cloned().ok_or_else(nobody_goes_on)?,
            };
            // The new owner's manager reviews it; never the owner, nor whoever leaves.
            let reviews = to.manager.filter(|manager| *manager != to.id && *manager != person.id);
            sql::hand_goal(tx, goal, (to.id, reviews), (by.id, clock.now())).await?;
            let event = AuditEvent::by(clock, by, "goal.handed_over", "goal", goal.0);
            audit::record(tx, &event.detail(json!({ "from": person.id, "to": to.id }))).await?;
            search::refresh(tx, search::Kind::Goal, goal.0).await?;
            handed.push((goal, to.id, reviewer));
        }
    }
}

fn nobody_goes_on() -> Problem {
    Problem::field("successor", "There are open goals or reviews, and no manager above. Choose who goes on with them.")
}

/// Reviews that are owed go to the successor; that of the successor's own check-in to their manager, else to whoever signs this.
async fn reviews(tx: &mut Tx, person: &Person, successor: Option<&Person>) -> Result<Vec<(Uuid, PersonId)>, Problem> {
    let owed = sql::reviews(tx, person.id).await?;
    let mut handed = Vec::with_capacity(owed.len());
    for (review, author) in owed {
        let successor = successor.ok_or_else(nobody_goes_on)?;
        let to =
            if successor.id == author { successor.manager.filter(|up| *up != person.id) } else { Some(successor.id) };
        // Nobody stands above the author: the review stays a fact, owed by who left.
        let Some(to) = to else { continue };
        sql::hand_review(tx, review, to).await?;
        handed.push((review, to));
    }
    Ok(handed)
}

async fn reports(
    clock: &Clock,
    tx: &mut Tx,
    by: &Person,
    person: &Person,
    successor: Option<&Person>,
) -> Result<Vec<(PersonId, Option<PersonId>)>, Problem> {
    let mut handed = Vec::new();
    for report in sql::reports(tx, person.id).await? {
        let mut to = successor.map(|to| to.id);
        // The successor cannot report to themselves, nor to somebody below: then the manager above, or nobody.
        if let Some(manager) = to
            && account_sql::person::is_above(tx, report, manager).await?
        {
            to = person.manager.filter(|up| *up != report);
        }
        sql::report_to(tx, report, to).await?;
        let event = AuditEvent::by(clock, by, "person.changed", "person", report.0);
        audit::record(tx, &event.detail(json!({ "manager": [person.id, to] }))).await?;
        crate::checkin::slots::replan(tx, report, clock).await?;
        handed.push((report, to));
    }
    Ok(handed)
}

/// Gives back, to somebody who returns, what is still open and still where it went.
///
/// # Errors
/// The database's.
pub(super) async fn give_back(clock: &Clock, tx: &mut Tx, by: &Person, person: &Person) -> Result<(), sqlx::Error> {
    let Some(handed) = sql::take(tx, person.id).await? else { return Ok(()) };
    let (mut goals, mut reports) = (0, 0);
    for (goal, to, reviewer) in handed.goals {
        if sql::take_goal(tx, goal, to, (person.id, reviewer), (by.id, clock.now())).await? {
            let event = AuditEvent::by(clock, by, "goal.handed_over", "goal", goal.0);
            audit::record(tx, &event.detail(json!({ "from": to, "to": person.id }))).await?;
            search::refresh(tx, search::Kind::Goal, goal.0).await?;
            goals += 1;
        }
    }
    for (goal, to) in handed.reviewed {
        sql::take_reviewed(tx, goal, to, person.id).await?;
    }
    for (review, to) in handed.reviews {
        sql::take_review(tx, review, to, person.id).await?;
    }
    for (report, to) in handed.reports {
        let cycle = account_sql::person::is_above(tx, report, person.id).await?;
        if !cycle && sql::take_report(tx, report, to, person.id).await? {
            let event = AuditEvent::by(clock, by, "person.changed", "person", report.0);
            audit::record(tx, &event.detail(json!({ "manager": [to, person.id] }))).await?;
            crate::checkin::slots::replan(tx, report, clock).await?;
            reports += 1;
        }
    }
    for (unit, to) in handed.units {
        sql::take_unit(tx, unit, to, person.id).await?;
    }
    for (blocker, to) in handed.blockers {
        sql::take_blocker(tx, blocker, to, person.id).await?;
    }
    for (blocker, to) in handed.passed_up {
        sql::take_passed_up(tx, blocker, to, person.id).await?;
    }
    let event = AuditEvent::by(clock, by, "person.returned", "person", person.id.0);
    audit::record(tx, &event.detail(json!({ "goals": goals, "reports": reports }))).await?;
    Ok(())
}
