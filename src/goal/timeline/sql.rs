//! The statement behind a goal's timeline.

use chrono::{DateTime, Utc};
use sqlx::query_as;
use uuid::Uuid;

use crate::db::Db;
use crate::id::GoalId;
use crate::on_db;

use super::EntryRow;

/// Clips and published check-ins of a goal, newest first, after a place in the list. A check-in that said "no change" of the
/// goal is no entry of it.
pub async fn entries(
    db: &Db,
    goal: GoalId,
    after: (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<EntryRow>, sqlx::Error> {
    const SQL: &str = "
        select kind, at, id, author, recording, headline, status, confidence, note, metrics from (
            select 'clip' as kind, c.created_at as at, c.recording as id, r.author, c.recording, null as headline,
                   null as status, null as confidence, null as note, null as metrics
            from goal_clip c join recording r on r.id = c.recording
            where c.goal = $1 and r.state <> 'deleted'
            union all
            select 'check_in', i.published_at, i.id, i.author, i.recording, i.headline, g.status, g.confidence, g.note,
                   g.metrics
            from check_in_goal g join check_in i on i.id = g.check_in
            where g.goal = $1 and i.state = 'published' and not g.no_change
        ) x
        where (at, id) < ($2, $3)
        order by at desc, id desc limit $4";
    on_db!(db, |c| query_as(SQL).bind(goal).bind(after.0).bind(after.1).bind(limit).fetch_all(c).await)
}
