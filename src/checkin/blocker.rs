//! Blockers: what keeps a goal from moving, and whom it asks. One is carried into every later check-in until it ends, and
//! passes up one manager each time the organisation's number of slots has ended with it open.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::account::{Person, PersonRef};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::{Tx, text_enum};
use crate::error::{Code, Problem};
use crate::goal;
use crate::http::form::Form;
use crate::id::{BlockerId, CheckInId, GoalId, PersonId};
use crate::notify::{self, Kind, News};

use super::{CheckInError, CheckInRow, sql};

text_enum! {
    /// Where a blocker stands.
    BlockerState {
        /// In the way.
        Open = "open",
        /// In the way, and passed up.
        Escalated = "escalated",
        /// Out of the way.
        Resolved = "resolved",
        /// Its author says it is none.
        Withdrawn = "withdrawn",
    }
}

/// A blocker with what is joined to show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BlockerRow {
    /// Its id.
    pub id: BlockerId,
    /// The check-in it was raised in.
    pub check_in: CheckInId,
    /// The goal it keeps from moving.
    pub goal: Option<GoalId>,
    /// That goal's title.
    pub goal_title: Option<String>,
    /// Who raised it.
    pub author: PersonId,
    /// The moment of the check-in's video it is told at.
    pub at_ms: Option<i64>,
    /// What is in the way.
    pub text: String,
    /// Whom it asks.
    pub asks: Option<PersonId>,
    /// Where it stands.
    pub state: BlockerState,
    /// How it was answered.
    pub answer: String,
    /// Slots that ended since, answered or missed, while it stood in the way.
    pub slots_carried: i32,
    /// For optimistic locking.
    pub revision: i64,
    /// When it was raised.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Who reviews the check-in it was raised in.
    pub reviewer: Option<PersonId>,
    /// Whom it passed up to.
    pub escalated_to: Option<PersonId>,
    /// When it passed up last.
    pub escalated_at: Option<DateTime<Utc>>,
}

/// A blocker in a draft. One with the id of a carried blocker is left as it is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewBlocker {
    /// Its id, when it was in the draft before.
    pub id: Option<BlockerId>,
    /// What is in the way.
    pub text: String,
    /// The goal it keeps from moving: its id.
    pub goal: Option<GoalId>,
    /// Whom it asks: their id.
    pub asks: Option<PersonId>,
    /// The moment of the video it is told at.
    pub at_ms: Option<i64>,
}

/// A blocker as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Blocker {
    /// Its id.
    pub id: BlockerId,
    /// The check-in it was raised in.
    pub raised_in: CheckInId,
    /// Whether it comes from an earlier check-in than the one it is shown in.
    pub carried: bool,
    /// The goal it keeps from moving.
    pub goal: Option<BlockedGoal>,
    /// The moment of the video it is told at.
    pub at_ms: Option<i64>,
    /// What is in the way.
    pub text: String,
    /// Whom it asks.
    pub asks: Option<PersonRef>,
    /// Where it stands.
    pub state: BlockerState,
    /// How it was answered.
    pub answer: String,
    /// Slots that ended since, answered or missed, while it stood in the way.
    pub slots_carried: i32,
    /// Whom it passed up to, after the organisation's number of slots; null while it did not.
    pub escalated_to: Option<PersonRef>,
    /// When it passed up last.
    pub escalated_at: Option<DateTime<Utc>>,
    /// When it was raised.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub resolved_at: Option<DateTime<Utc>>,
    /// For optimistic locking.
    pub revision: i64,
}

/// The goal of a blocker.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BlockedGoal {
    /// Its id.
    pub id: GoalId,
    /// Its title.
    pub title: String,
}

/// Writes the blockers of a draft anew; those that were there keep their ids.
pub(super) async fn replace(
    app: &App,
    tx: &mut Tx,
    draft: &CheckInRow,
    new: &[NewBlocker],
) -> Result<(), CheckInError> {
    let known: Vec<BlockerId> = sql::blocker::ids_in(tx, draft.id).await?.into_iter().map(|(id,)| id).collect();
    sql::blocker::clear(tx, draft.id).await?;
    // An id that the draft did not have belongs to a carried blocker, which the form only shows.
    for blocker in new.iter().filter(|blocker| blocker.id.is_none_or(|id| known.contains(&id))) {
        let text = check(tx, draft, blocker).await?;
        let row = BlockerRow {
            id: blocker.id.unwrap_or_else(|| app.clock.id()),
            check_in: draft.id,
            goal: blocker.goal,
            goal_title: None,
            author: draft.author,
            at_ms: blocker.at_ms,
            text,
            asks: blocker.asks,
            state: BlockerState::Open,
            answer: String::new(),
            slots_carried: 0,
            revision: 1,
            created_at: app.clock.now(),
            resolved_at: None,
            reviewer: None,
            escalated_to: None,
            escalated_at: None,
        };
        sql::blocker::insert(tx, draft.organisation, &row).await?;
    }
    Ok(())
}

async fn check(tx: &mut Tx, draft: &CheckInRow, blocker: &NewBlocker) -> Result<String, CheckInError> {
    let mut form = Form::new();
    let text = form.line("blockers", &blocker.text, 1, 500);
    if blocker.at_ms.is_some_and(|at| !(0..=180_500).contains(&at)) {
        form.wrong("blockers", "That moment is not in the video.");
    }
    if let Some(goal) = blocker.goal
        && goal::sql::one_in(tx, draft.organisation, goal).await?.is_none()
    {
        form.wrong("blockers", "There is no such goal.");
    }
    if let Some(asked) = blocker.asks {
        if asked == draft.author {
            form.wrong("blockers", "A blocker asks somebody else.");
        } else if goal::sql::member(tx, draft.organisation, asked).await?.is_none() {
            form.wrong("blockers", "Whom it asks is a member who is still here.");
        }
    }
    form.done()?;
    Ok(text)
}

/// Counts one more slot for the open blockers of an author when a slot of theirs has ended, and passes those up by one manager
/// whose number of slots is full. `into` is the check-in that ended the slot: what is raised in it begins with the next.
///
/// # Errors
/// The database's.
pub(super) async fn carry(
    app: &App,
    tx: &mut Tx,
    author: PersonId,
    into: Option<CheckInId>,
) -> Result<(), sqlx::Error> {
    sql::blocker::carry(tx, author, into).await?;
    for due in sql::blocker::to_escalate(tx, author).await? {
        let from = due.asked.unwrap_or(author);
        let Some(above) = sql::blocker::above(tx, from, author).await? else { continue };
        if sql::blocker::escalate(tx, due.id, above, app.clock.now()).await? {
            let event = AuditEvent::of(&app.clock, due.organisation, "blocker.escalated", "blocker", due.id.0);
            let detail = json!({ "from": due.asked, "to": above, "slots": due.slots_carried });
            audit::record(tx, &event.detail(detail)).await?;
            let news = News::of(Kind::BlockerEscalated, due.check_in).part(due.id.0);
            notify::tell(tx, &app.clock, &[above], &news).await?;
        }
    }
    Ok(())
}

/// Ends an open blocker: resolved by its author, whom it asks, or the reviewer; withdrawn by its author. Ending it twice in
/// the same way changes nothing.
///
/// # Errors
/// No such blocker; not the asker's to end; ended otherwise.
pub async fn end(
    app: &App,
    by: &Person,
    id: BlockerId,
    state: BlockerState,
    answer: &str,
) -> Result<BlockerRow, Problem> {
    let mut form = Form::new();
    let answer = form.text("answer", answer, 2_000);
    form.done()?;
    let row = sql::blocker::one(&app.db, by.organisation, id).await?.ok_or_else(Problem::not_found)?;
    let may = row.author == by.id
        || (state == BlockerState::Resolved && [row.asks, row.reviewer, row.escalated_to].contains(&Some(by.id)));
    if !may {
        return Err(Problem::new(
            Code::Forbidden,
            "Who raised it, whom it asks, whom it passed up to or the reviewer says that a blocker is gone.",
        ));
    }
    let mut tx = app.db.begin().await?;
    if sql::blocker::end(&mut tx, id, (state, &answer), app.clock.now()).await? {
        let action = if state == BlockerState::Resolved { "blocker.resolved" } else { "blocker.withdrawn" };
        let event = AuditEvent::by(&app.clock, by, action, "blocker", id.0);
        audit::record(&mut tx, &event.detail(json!({ "answer": answer }))).await?;
        if state == BlockerState::Resolved {
            let news = News::of(Kind::BlockerResolved, row.check_in).part(id.0).by(by.id);
            notify::tell(&mut tx, &app.clock, &[row.author], &news).await?;
        }
        tx.commit().await?;
    } else if row.state != state {
        return Err(Problem::new(Code::Conflict, format!("This blocker has been {}.", row.state)));
    }
    sql::blocker::one(&app.db, by.organisation, id).await?.ok_or_else(Problem::not_found)
}
