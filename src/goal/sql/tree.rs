//! Statements about how goals stand under and after each other.

use chrono::NaiveDate;
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use crate::db::{Db, Tx, push_list};
use crate::goal::{GoalState, Outcome, PeriodKind, Scope};
use crate::id::{GoalId, OrganisationId};
use crate::{on_db, on_tx};

/// Goals under these, as (goal, its parent), going down only through goals without metrics of their own: deeper ones do not
/// count. `union`, not `union all`, so that the walk ends whatever the table says.
pub async fn below(db: &Db, goals: &[GoalId]) -> Result<Vec<(GoalId, GoalId)>, sqlx::Error> {
    if goals.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "with recursive tree (id, parent) as (
                select id, parent from goal where state in ('active', 'closed') and parent in (",
        );
        push_list(&mut sql, goals.iter().copied());
        sql.push(
            ") union
                select g.id, g.parent from goal g join tree t on g.parent = t.id
                where g.state in ('active', 'closed') and not exists (select 1 from metric m where m.goal = t.id)
            ) select id, parent from tree",
        );
        sql.build_query_as().fetch_all(c).await
    })
}

/// Makes whoever moves goals in this organisation's tree wait for the others: two moves that are each allowed could make a
/// cycle together. An update that changes nothing locks the row on PostgreSQL; SQLite has one writer anyway.
pub async fn lock_tree(tx: &mut Tx, organisation: OrganisationId) -> Result<(), sqlx::Error> {
    const SQL: &str = "update organisation set revision = revision where id = $1";
    on_tx!(tx, |c| query(SQL).bind(organisation).execute(c).await.map(|_| ()))
}

/// Whether `goal` is `parent` or stands above it.
pub async fn is_above(tx: &mut Tx, goal: GoalId, parent: GoalId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        with recursive chain (id, parent) as (
            select id, parent from goal where id = $1
            union
            select g.id, g.parent from goal g join chain c on g.id = c.parent
        ) select count(*) from chain where id = $2";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(parent).bind(goal).fetch_one(c).await)?;
    Ok(found > 0)
}

/// Live goals directly under one: title, scope, period.
pub async fn children(
    tx: &mut Tx,
    parent: GoalId,
) -> Result<Vec<(String, Scope, PeriodKind, NaiveDate, NaiveDate)>, sqlx::Error> {
    const SQL: &str = "
        select title, scope, period_kind, period_start, period_end from goal
        where parent = $1 and state in ('draft', 'active') order by id";
    on_tx!(tx, |c| query_as(SQL).bind(parent).fetch_all(c).await)
}

/// One goal of those that were carried over one into the next.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StepRow {
    /// The goal.
    pub id: GoalId,
    /// Its title.
    pub title: String,
    /// Where it is in its life.
    pub state: GoalState,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Length of its period.
    pub period_kind: PeriodKind,
    /// First day.
    pub period_start: NaiveDate,
    /// Last day.
    pub period_end: NaiveDate,
}

/// A goal with those it was carried over from and into, the earliest first; only itself when it never was. Both walks go by an
/// index and end, since a goal is made after the one it goes on from.
pub async fn chain(db: &Db, goal: GoalId) -> Result<Vec<StepRow>, sqlx::Error> {
    const SQL: &str = "
        with recursive
        before (id, carried_from, steps) as (
            select id, carried_from, 0 from goal where id = $1
            union all
            select g.id, g.carried_from, b.steps + 1 from goal g join before b on g.id = b.carried_from where b.steps < 60),
        since (id, steps) as (
            select id, 0 from goal where id = $1
            union all
            select g.id, s.steps + 1 from goal g join since s on g.carried_from = s.id
            where g.state <> 'cancelled' and s.steps < 60)
        select g.id, g.title, g.state, g.outcome, g.period_kind, g.period_start, g.period_end from goal g
        where g.id in (select id from before union select id from since)
        order by g.period_start, g.id";
    on_db!(db, |c| query_as(SQL).bind(goal).fetch_all(c).await)
}

/// The goal into which one was carried over, if it was.
pub async fn carried_to(tx: &mut Tx, goal: GoalId) -> Result<Option<GoalId>, sqlx::Error> {
    const SQL: &str = "select id from goal where carried_from = $1 and state <> 'cancelled'";
    on_tx!(tx, |c| query_scalar(SQL).bind(goal).fetch_optional(c).await)
}
