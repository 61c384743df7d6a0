//! Every statement about clips and links of goals.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};
use uuid::Uuid;

use crate::db::{Db, Tx, push_list};
use crate::id::{GoalId, PersonId, RecordingId};
use crate::{on_db, on_tx};

use super::{ClipRow, Link};

/// Attaches a recording; false when it hangs there already.
pub async fn insert(
    tx: &mut Tx,
    goal: GoalId,
    recording: RecordingId,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into goal_clip (goal, recording, author, created_at) values ($1, $2, $3, $4) on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(goal)
        .bind(recording)
        .bind(by)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Who attached a recording to a goal.
pub async fn attached_by(tx: &mut Tx, goal: GoalId, recording: RecordingId) -> Result<Option<PersonId>, sqlx::Error> {
    const SQL: &str = "select author from goal_clip where goal = $1 and recording = $2";
    on_tx!(tx, |c| query_scalar(SQL).bind(goal).bind(recording).fetch_optional(c).await)
}

/// Takes a recording off a goal.
pub async fn delete(tx: &mut Tx, goal: GoalId, recording: RecordingId) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from goal_clip where goal = $1 and recording = $2";
    on_tx!(tx, |c| query(SQL).bind(goal).bind(recording).execute(c).await.map(|_| ()))
}

/// The last two videos of each of these goals, newest first: attached ones, and those of the last fifty check-ins that spoke of the
/// goal and said something.
pub async fn latest(db: &Db, goals: &[GoalId]) -> Result<Vec<ClipRow>, sqlx::Error> {
    if goals.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select goal, recording, at from (
                select x.goal, x.recording, x.at,
                       row_number() over (partition by x.goal order by x.at desc, x.recording desc) as place
                from (
                    select c.goal, c.recording, c.created_at as at
                    from goal_clip c join recording r on r.id = c.recording
                    where r.state <> 'deleted' and c.goal in (",
        );
        push_list(&mut sql, goals.iter().copied());
        sql.push(
            ") union
                    select g.goal, i.recording, i.published_at
                    from goal o
                    join check_in_goal g on g.goal = o.id and g.check_in >= coalesce((
                        select k.check_in from check_in_goal k where k.goal = o.id order by k.check_in desc limit 1 offset 49), ",
        );
        sql.push_bind(Uuid::nil());
        sql.push(
            ")
                    join check_in i on i.id = g.check_in
                    join recording r on r.id = i.recording
                    where i.state = 'published' and not g.no_change and r.state <> 'deleted' and o.id in (",
        );
        push_list(&mut sql, goals.iter().copied());
        sql.push(")) x ) y where place <= 2 order by at desc, recording desc");
        sql.build_query_as().fetch_all(c).await
    })
}

/// Adds a link.
pub async fn insert_link(tx: &mut Tx, goal: GoalId, link: &Link, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "insert into goal_link (id, goal, kind, url, title, created_at) values ($1, $2, $3, $4, $5, $6)";
    on_tx!(tx, |c| query(SQL)
        .bind(link.id)
        .bind(goal)
        .bind(link.kind)
        .bind(&link.url)
        .bind(&link.title)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Takes a link off; false when there is none of that id.
pub async fn delete_link(tx: &mut Tx, goal: GoalId, link: Uuid) -> Result<bool, sqlx::Error> {
    const SQL: &str = "delete from goal_link where id = $1 and goal = $2";
    let rows = on_tx!(tx, |c| query(SQL).bind(link).bind(goal).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The same in a transaction, for a goal that is carried over.
pub async fn links_in(tx: &mut Tx, goal: GoalId) -> Result<Vec<Link>, sqlx::Error> {
    const SQL: &str = "select id, kind, url, title from goal_link where goal = $1 order by id limit 50";
    on_tx!(tx, |c| query_as(SQL).bind(goal).fetch_all(c).await)
}

/// The links of a goal, oldest first.
pub async fn links(db: &Db, goal: GoalId) -> Result<Vec<Link>, sqlx::Error> {
    const SQL: &str = "select id, kind, url, title from goal_link where goal = $1 order by id limit 50";
    on_db!(db, |c| query_as(SQL).bind(goal).fetch_all(c).await)
}
