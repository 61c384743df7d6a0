//! Statements about what a check-in says of goals.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{QueryBuilder, query, query_as};

use crate::checkin::{FrozenMetric, SaidRow};
use crate::db::{Db, Tx, push_list};
use crate::id::{CheckInId, GoalId, PersonId};
use crate::{on_db, on_tx};

const SAID: &str = "
    select s.check_in, s.goal, g.title, g.period_kind, g.period_start, g.period_end, o.fiscal_year_start, s.status, s.no_change,
           s.confidence, s.note, s.metrics, s.against, s.reason
    from check_in_goal s
    join goal g on g.id = s.goal
    join organisation o on o.id = g.organisation ";

/// What these check-ins say, the goals of the month before those of the week.
pub async fn of(db: &Db, check_ins: &[CheckInId]) -> Result<Vec<SaidRow>, sqlx::Error> {
    if check_ins.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(SAID);
        sql.push("where s.check_in in (");
        push_list(&mut sql, check_ins.iter().copied());
        sql.push(") order by s.check_in, g.period_kind, s.goal");
        sql.build_query_as().fetch_all(c).await
    })
}

/// What one check-in says, as a transaction sees it.
pub async fn of_one(tx: &mut Tx, check_in: CheckInId) -> Result<Vec<SaidRow>, sqlx::Error> {
    on_tx!(tx, |c| {
        let mut sql = QueryBuilder::new(SAID);
        sql.push("where s.check_in = ").push_bind(check_in).push(" order by g.period_kind, s.goal");
        sql.build_query_as().fetch_all(c).await
    })
}

/// What one slot said of one goal's metrics.
pub type Earlier = (GoalId, Json<Vec<FrozenMetric>>);

const EARLIER: &str = "
    select goal, metrics from (
        select s.goal, s.metrics, i.published_at, row_number() over (partition by s.goal order by i.published_at desc) as place
        from check_in i join check_in_goal s on s.check_in = i.id
        where i.author = $1 and i.state = 'published' and i.slot is not null and i.published_at >= $2
          and s.goal in (select goal from check_in_goal where check_in = $3)) x
    where place <= 2 order by goal, published_at desc";

/// What the author's last two slots said of the metrics of the goals in a draft, the latest first; nothing from before `since`.
pub async fn earlier(
    db: &Db,
    author: PersonId,
    draft: CheckInId,
    since: DateTime<Utc>,
) -> Result<Vec<Earlier>, sqlx::Error> {
    on_db!(db, |c| query_as(EARLIER).bind(author).bind(since).bind(draft).fetch_all(c).await)
}

/// The same as a transaction sees it.
pub async fn earlier_in(
    tx: &mut Tx,
    author: PersonId,
    draft: CheckInId,
    since: DateTime<Utc>,
) -> Result<Vec<Earlier>, sqlx::Error> {
    on_tx!(tx, |c| query_as(EARLIER).bind(author).bind(since).bind(draft).fetch_all(c).await)
}

/// Lists a goal in a draft, with nothing said of it yet.
pub async fn insert(
    tx: &mut Tx,
    check_in: CheckInId,
    goal: GoalId,
    metrics: &[FrozenMetric],
) -> Result<(), sqlx::Error> {
    const SQL: &str = "insert into check_in_goal (check_in, goal, metrics) values ($1, $2, $3) on conflict do nothing";
    on_tx!(tx, |c| query(SQL).bind(check_in).bind(goal).bind(Json(metrics)).execute(c).await.map(|_| ()))
}

/// Takes a goal out of a draft.
pub async fn delete(tx: &mut Tx, check_in: CheckInId, goal: GoalId) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from check_in_goal where check_in = $1 and goal = $2";
    on_tx!(tx, |c| query(SQL).bind(check_in).bind(goal).execute(c).await.map(|_| ()))
}

/// Writes what a draft says of a goal.
pub async fn update(tx: &mut Tx, said: &SaidRow) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update check_in_goal set status = $3, no_change = $4, confidence = $5, note = $6, metrics = $7, against = $8,
          reason = $9
        where check_in = $1 and goal = $2";
    on_tx!(tx, |c| query(SQL)
        .bind(said.check_in)
        .bind(said.goal)
        .bind(said.status)
        .bind(said.no_change)
        .bind(said.confidence)
        .bind(&said.note)
        .bind(&said.metrics)
        .bind(&said.against)
        .bind(&said.reason)
        .execute(c)
        .await
        .map(|_| ()))
}
