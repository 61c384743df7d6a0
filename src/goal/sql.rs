//! Every statement about goals themselves.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use crate::db::{Db, Tx};
use crate::id::{GoalId, OrganisationId, PersonId, UnitId};
use crate::{on_db, on_tx};

use super::{GoalRow, GoalState, Outcome, PeriodKind, Scope, Status};

const GOAL: &str = "
    select g.id, g.organisation, g.scope, g.unit, u.name as unit_name, g.owner, g.reviewer, g.period_kind, g.period_start,
           g.period_end, o.fiscal_year_start, g.parent, p.title as parent_title, g.title, g.description, g.state, g.status,
           g.outcome, g.closing_note, g.closed_at, g.revision, g.created_at,
           (select count(*) from goal k where k.parent = g.id and k.state <> 'cancelled') as children
    from goal g
    join organisation o on o.id = g.organisation
    left join unit u on u.id = g.unit
    left join goal p on p.id = g.parent ";

/// Which goals a list asks for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of one length of period.
    pub kind: Option<PeriodKind>,
    /// Whose period contains this day.
    pub on: Option<NaiveDate>,
    /// Of one scope.
    pub scope: Option<Scope>,
    /// Of one unit.
    pub unit: Option<UnitId>,
    /// Of one owner.
    pub owner: Option<PersonId>,
    /// Under this goal; `Some(None)` for those under none.
    pub parent: Option<Option<GoalId>>,
    /// In one state; all but cancelled ones when absent.
    pub state: Option<GoalState>,
}

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

/// Goals of the latest periods first, after a place in the list.
pub async fn list(
    db: &Db,
    organisation: OrganisationId,
    filter: &Filter,
    after: (NaiveDate, GoalId),
    limit: i64,
) -> Result<Vec<GoalRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(GOAL);
        sql.push("where g.organisation = ").push_bind(organisation);
        sql.push(" and (g.period_start, g.id) < (").push_bind(after.0).push(", ").push_bind(after.1).push(")");
        if let Some(kind) = filter.kind {
            sql.push(" and g.period_kind = ").push_bind(kind);
        }
        if let Some(day) = filter.on {
            sql.push(" and g.period_start <= ").push_bind(day).push(" and g.period_end >= ").push_bind(day);
        }
        if let Some(scope) = filter.scope {
            sql.push(" and g.scope = ").push_bind(scope);
        }
        if let Some(unit) = filter.unit {
            sql.push(" and g.unit = ").push_bind(unit);
        }
        if let Some(owner) = filter.owner {
            sql.push(" and g.owner = ").push_bind(owner);
        }
        match filter.parent {
            Some(Some(parent)) => drop(sql.push(" and g.parent = ").push_bind(parent)),
            Some(None) => drop(sql.push(" and g.parent is null")),
            None => {}
        }
        match filter.state {
            Some(state) => drop(sql.push(" and g.state = ").push_bind(state)),
            None => drop(sql.push(" and g.state <> 'cancelled'")),
        }
        sql.push(" order by g.period_start desc, g.id desc limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
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
        let mut list = sql.separated(", ");
        for goal in goals {
            list.push_bind(*goal);
        }
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

/// The month in which the organisation's year starts.
pub async fn fiscal_year_start(db: &Db, organisation: OrganisationId) -> Result<i16, sqlx::Error> {
    const SQL: &str = "select fiscal_year_start from organisation where id = $1";
    on_db!(db, |c| query_scalar(SQL).bind(organisation).fetch_one(c).await)
}

/// An active member's manager; the outer option says whether there is such a member.
pub async fn member(
    tx: &mut Tx,
    organisation: OrganisationId,
    person: PersonId,
) -> Result<Option<Option<PersonId>>, sqlx::Error> {
    const SQL: &str = "
        select manager from person
        where id = $1 and organisation = $2 and state = 'active' and role <> 'guest'";
    on_tx!(tx, |c| query_scalar(SQL).bind(person).bind(organisation).fetch_optional(c).await)
}

/// Whether `above` is the person's manager, or theirs, and so on.
pub async fn is_manager_of(tx: &mut Tx, above: PersonId, person: PersonId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        with recursive chain (id, manager) as (
            select id, manager from person where id = $1
            union
            select p.id, p.manager from person p join chain c on p.id = c.manager
        ) select count(*) from chain where manager = $2";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(person).bind(above).fetch_one(c).await)?;
    Ok(found > 0)
}

/// Whether the organisation has that unit.
pub async fn unit_exists(tx: &mut Tx, organisation: OrganisationId, unit: UnitId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "select count(*) from unit where id = $1 and organisation = $2";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(unit).bind(organisation).fetch_one(c).await)?;
    Ok(found > 0)
}

/// Adds a goal.
pub async fn insert(tx: &mut Tx, new: &GoalRow, by: PersonId) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into goal (id, organisation, scope, unit, owner, reviewer, period_kind, period_start, period_end, parent, title,
                          description, state, created_by, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    on_tx!(tx, |c| query(SQL)
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
        .bind(by)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Writes what may change of a live goal; false when it is no longer at that revision, or has ended.
pub async fn update(tx: &mut Tx, goal: &GoalRow, revision: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update goal set scope = $3, unit = $4, owner = $5, reviewer = $6, period_kind = $7, period_start = $8,
               period_end = $9, parent = $10, title = $11, description = $12, state = $13, revision = revision + 1
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
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update goal set state = $3, outcome = $4, closing_note = $5, closed_at = $6, revision = revision + 1
        where id = $1 and revision = $2 and state in ('draft', 'active')";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(goal)
        .bind(revision)
        .bind(state)
        .bind(outcome)
        .bind(note)
        .bind(now)
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
