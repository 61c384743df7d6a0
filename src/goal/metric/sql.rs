//! Every statement about metrics and their points.

use sqlx::{QueryBuilder, query, query_as};
use uuid::Uuid;

use crate::db::{Db, Tx, push_list};
use crate::id::{GoalId, MetricId, OrganisationId};
use crate::{on_db, on_tx};

use super::{MetricRow, Point};

const METRIC: &str = "
    select m.id, m.goal, m.name, m.kind, m.format, m.unit, m.direction, m.baseline, m.target, m.cadence, m.value,
           m.carried_from
    from metric m ";

/// The metrics of these goals, in each goal's order, with their latest values.
pub async fn of_goals(db: &Db, goals: &[GoalId]) -> Result<Vec<MetricRow>, sqlx::Error> {
    if goals.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(METRIC);
        sql.push("where m.goal in (");
        push_list(&mut sql, goals.iter().copied());
        sql.push(") order by m.goal, m.position, m.id");
        sql.build_query_as().fetch_all(c).await
    })
}

/// The same inside a transaction, for what a check-in freezes.
pub async fn of_goals_in(tx: &mut Tx, goals: &[GoalId]) -> Result<Vec<MetricRow>, sqlx::Error> {
    if goals.is_empty() {
        return Ok(Vec::new());
    }
    on_tx!(tx, |c| {
        let mut sql = QueryBuilder::new(METRIC);
        sql.push("where m.goal in (");
        push_list(&mut sql, goals.iter().copied());
        sql.push(") order by m.goal, m.position, m.id");
        sql.build_query_as().fetch_all(c).await
    })
}

/// The metric of that id in the organisation.
pub async fn one(db: &Db, organisation: OrganisationId, id: MetricId) -> Result<Option<MetricRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(METRIC);
        sql.push("join goal g on g.id = m.goal where m.id = ").push_bind(id);
        sql.push(" and g.organisation = ").push_bind(organisation);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// Adds a metric at the end of its goal's.
pub async fn insert(tx: &mut Tx, new: &MetricRow, now: chrono::DateTime<chrono::Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into metric (id, goal, name, kind, format, unit, direction, baseline, target, cadence, position, carried_from,
                            created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, (select count(*) from metric where goal = $2), $11, $12)";
    on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.goal)
        .bind(&new.name)
        .bind(new.kind)
        .bind(new.format)
        .bind(&new.unit)
        .bind(new.direction)
        .bind(new.baseline)
        .bind(new.target)
        .bind(new.cadence)
        .bind(new.carried_from)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Adds a point and settles the metric's value; false when the point it would correct has been corrected already.
pub async fn insert_point(tx: &mut Tx, new: &Point) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into metric_point (id, metric, at, value, note, supersedes, author, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.metric)
        .bind(new.at)
        .bind(new.value)
        .bind(&new.note)
        .bind(new.supersedes)
        .bind(new.author)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 1 {
        settle(tx, new.metric).await?;
    }
    Ok(rows == 1)
}

/// Writes a metric's latest value beside it: of the points that nothing supersedes, the last. Lists of goals and the sums over
/// a tree of them then need not look for it.
async fn settle(tx: &mut Tx, metric: MetricId) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update metric set value = (
            select p.value from metric_point p
            where p.metric = $1 and not exists (select 1 from metric_point s where s.supersedes = p.id)
            order by p.at desc, p.id desc limit 1)
        where id = $1";
    on_tx!(tx, |c| query(SQL).bind(metric).execute(c).await.map(|_| ()))
}

/// A point of that metric.
pub async fn point(db: &Db, metric: MetricId, id: Uuid) -> Result<Option<Point>, sqlx::Error> {
    const SQL: &str = "
        select id, metric, at, value, note, supersedes, author, created_at from metric_point
        where id = $1 and metric = $2";
    on_db!(db, |c| query_as(SQL).bind(id).bind(metric).fetch_optional(c).await)
}

/// The points of a metric, newest first, corrected ones too, after a place in the list; with `history` those of the metrics it
/// was carried over from as well.
pub async fn points(
    db: &Db,
    (metric, history): (MetricId, bool),
    after: (chrono::DateTime<chrono::Utc>, Uuid),
    limit: i64,
) -> Result<Vec<Point>, sqlx::Error> {
    const SQL: &str = "
        with recursive line (id, steps) as (
            select $1, 0
            union all
            select m.carried_from, l.steps + 1 from metric m join line l on m.id = l.id
            where $5 and m.carried_from is not null and l.steps < 60)
        select id, metric, at, value, note, supersedes, author, created_at from metric_point
        where metric in (select id from line) and (at, id) < ($2, $3)
        order by at desc, id desc limit $4";
    on_db!(db, |c| query_as(SQL).bind(metric).bind(after.0).bind(after.1).bind(limit).bind(history).fetch_all(c).await)
}
