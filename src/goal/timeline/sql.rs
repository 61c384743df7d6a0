//! The statement behind a goal's timeline.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query_as};
use uuid::Uuid;

use crate::db::{Db, push_list};
use crate::id::GoalId;
use crate::on_db;

use super::{EntryRow, StoodRow};

/// Clips and published check-ins of a goal and of those it was carried over from, newest first, after a place in the list. A
/// check-in that said "no change" of the goal is no entry of it.
pub async fn entries(
    db: &Db,
    goal: GoalId,
    after: (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<EntryRow>, sqlx::Error> {
    const SQL: &str = "
        with recursive line (id, steps) as (
            select $1, 0
            union all
            select g.carried_from, l.steps + 1 from goal g join line l on g.id = l.id
            where g.carried_from is not null and l.steps < 60)
        select kind, at, id, goal, author, recording, headline, status, confidence, note, metrics from (
            select 'clip' as kind, c.goal, c.created_at as at, c.recording as id, r.author, c.recording, null as headline,
                   null as status, null as confidence, null as note, null as metrics
            from goal_clip c join recording r on r.id = c.recording
            where c.goal in (select id from line) and r.state <> 'deleted'
            union all
            select 'check_in', g.goal, i.published_at, i.id, i.author, i.recording, i.headline, g.status, g.confidence, g.note,
                   g.metrics
            from check_in_goal g join check_in i on i.id = g.check_in
            where g.goal in (select id from line) and i.state = 'published' and not g.no_change
        ) x
        where (at, id) < ($2, $3)
        order by at desc, id desc limit $4";
    on_db!(db, |c| query_as(SQL).bind(goal).bind(after.0).bind(after.1).bind(limit).fetch_all(c).await)
}

/// Where the metrics of these goals stood until a moment, the latest first; corrected values count as what they were corrected
/// to. Bounded: enough for the plot of a year, and what is older is not shown beside a clip.
pub async fn stood(db: &Db, goals: &[GoalId], until: DateTime<Utc>) -> Result<Vec<StoodRow>, sqlx::Error> {
    if goals.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select m.goal, m.id as metric, m.name, m.unit, p.at, p.value
             from metric m join metric_point p on p.metric = m.id
             where not exists (select 1 from metric_point s where s.supersedes = p.id) and p.at <= ",
        );
        sql.push_bind(until).push(" and m.goal in (");
        push_list(&mut sql, goals.iter().copied());
        sql.push(") order by p.at desc, p.id desc limit 1000");
        sql.build_query_as().fetch_all(c).await
    })
}
