//! Every statement about goals themselves: read, listed, written.

mod list;
mod people;
mod tree;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{QueryBuilder, query, query_scalar};

use crate::db::{Db, Tx};
use crate::id::{GoalId, OrganisationId, PersonId};
use crate::{on_db, on_tx};

use super::{GoalRow, GoalState, Outcome, Status};

pub use list::{Filter, list};
pub use people::{is_manager_of, member, unit_exists, units_under};
pub use tree::{StepRow, below, carried_to, chain, children, is_above, lock_tree};

const GOAL: &str = "
    select g.id, g.organisation, g.scope, g.unit, u.name as unit_name, g.owner, g.reviewer, g.period_kind, g.period_start,
           g.period_end, o.fiscal_year_start, g.parent, p.title as parent_title, g.title, g.description, g.state, g.status,
           g.outcome, g.closing_note, g.closed_at, g.carried_from, g.revision, g.created_at, g.changed_by, g.changed_at,
           (select count(*) from goal k where k.parent = g.id and k.state <> 'cancelled') as children
    from goal g
    join organisation o on o.id = g.organisation
    left join unit u on u.id = g.unit
    left join goal p on p.id = g.parent ";

/// The goal of that id in the organisation.
pub async fn one(db: &Db, organisation: OrganisationId, id: GoalId) -> Result<Option<GoalRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(GOAL);
        sql.push("where g.id = ").push_bind(id).push(" and g.organisation = ").push_bind(organisation);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// The same as a transaction sees it.
pub async fn one_in(tx: &mut Tx, organisation: OrganisationId, id: GoalId) -> Result<Option<GoalRow>, sqlx::Error> {
    on_tx!(tx, |c| {
        let mut sql = QueryBuilder::new(GOAL);
        sql.push("where g.id = ").push_bind(id).push(" and g.organisation = ").push_bind(organisation);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// A person's active goals of the week and the month in which a day falls, the month's first: what a check-in asks about.
pub async fn current(db: &Db, owner: PersonId, day: NaiveDate) -> Result<Vec<GoalRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(GOAL);
        sql.push("where g.owner = ")
            .push_bind(owner)
            .push(" and g.state = 'active' and g.period_kind in ('month', 'week')");
        sql.push(" and g.period_start <= ").push_bind(day).push(" and g.period_end >= ").push_bind(day);
        sql.push(" order by g.period_kind, g.id limit 50");
        sql.build_query_as().fetch_all(c).await
    })
}

/// The ids of the same, in a transaction.
pub async fn current_ids(tx: &mut Tx, owner: PersonId, day: NaiveDate) -> Result<Vec<GoalId>, sqlx::Error> {
    const SQL: &str = "
        select id from goal
        where owner = $1 and state = 'active' and period_kind in ('month', 'week') and period_start <= $2 and period_end >= $2
        order by period_kind, id limit 50";
    on_tx!(tx, |c| query_scalar(SQL).bind(owner).bind(day).fetch_all(c).await)
}

/// The month in which the organisation's year starts.
pub async fn fiscal_year_start(db: &Db, organisation: OrganisationId) -> Result<i16, sqlx::Error> {
    const SQL: &str = "select fiscal_year_start from organisation where id = $1";
    on_db!(db, |c| query_scalar(SQL).bind(organisation).fetch_one(c).await)
}

/// Adds a goal; false when its forerunner goes on in another already.
pub async fn insert(tx: &mut Tx, new: &GoalRow) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into goal (id, organisation, scope, unit, owner, reviewer, period_kind, period_start, period_end, parent, title,
                          description, state, carried_from, created_by, created_at, changed_by, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $15, $16)
        on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.organisation)
        .bind(new.scope)
        .bind(new.unit)
        .bind(new.owner)
        .bind(new.reviewer)
        .bind(new.period_kind)
        .bind(new.period_start)
        .bind(new.period_end)
        .bind(new.parent)
        .bind(&new.title)
        .bind(&new.description)
        .bind(new.state)
        .bind(new.carried_from)
        .bind(new.changed_by)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Writes what may change of a live goal; false when it is no longer at that revision, or has ended.
pub async fn update(tx: &mut Tx, goal: &GoalRow, revision: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update goal set scope = $3, unit = $4, owner = $5, reviewer = $6, period_kind = $7, period_start = $8,
               period_end = $9, parent = $10, title = $11, description = $12, state = $13, changed_by = $14, changed_at = $15,
               revision = revision + 1
        where id = $1 and revision = $2 and state in ('draft', 'active')";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(goal.id)
        .bind(revision)
        .bind(goal.scope)
        .bind(goal.unit)
        .bind(goal.owner)
        .bind(goal.reviewer)
        .bind(goal.period_kind)
        .bind(goal.period_start)
        .bind(goal.period_end)
        .bind(goal.parent)
        .bind(&goal.title)
        .bind(&goal.description)
        .bind(goal.state)
        .bind(goal.changed_by)
        .bind(goal.changed_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Ends a live goal; false when it is no longer at that revision, or has ended.
pub async fn end(
    tx: &mut Tx,
    goal: GoalId,
    revision: i64,
    (state, outcome, note): (GoalState, Option<Outcome>, &str),
    (by, now): (PersonId, DateTime<Utc>),
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update goal set state = $3, outcome = $4, closing_note = $5, closed_at = $6, changed_at = $6, changed_by = $7,
               revision = revision + 1
        where id = $1 and revision = $2 and state in ('draft', 'active')";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(goal)
        .bind(revision)
        .bind(state)
        .bind(outcome)
        .bind(note)
        .bind(now)
        .bind(by)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Notes what a check-in said of an active goal. Leaves the revision alone: nobody's edit is made stale by a check-in.
pub async fn set_status(tx: &mut Tx, goal: GoalId, status: Status) -> Result<(), sqlx::Error> {
    const SQL: &str = "update goal set status = $2 where id = $1 and state = 'active'";
    on_tx!(tx, |c| query(SQL).bind(goal).bind(status).execute(c).await.map(|_| ()))
}
