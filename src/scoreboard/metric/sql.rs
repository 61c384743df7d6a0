//! Statements about lead metrics.

use chrono::{DateTime, NaiveTime, Utc};
use sqlx::{QueryBuilder, query_as};

use crate::db::{Db, push_list};
use crate::id::{MetricId, OrganisationId};
use crate::on_db;
use crate::org::sql::circle::circle;
use crate::scoreboard::{Board, BoardScope, Window};

use super::LeadRow;

/// The columns of a lead metric of an active goal that has begun: `$1` the organisation, `$4` the last day of the window.
macro_rules! lead {
    ($whose:literal) => {
        lead!("goal g", $whose)
    };
    ($goals:literal, $whose:literal) => {
        concat!(
            "select m.id, m.name, m.format, m.unit, m.direction, m.baseline, m.target, m.value, m.goal, g.title, g.scope, g.owner,
                    g.status, g.period_kind, g.period_start, g.period_end, m.position
             from ",
            $goals,
            " join metric m on m.goal = g.id
             where m.kind = 'lead' and g.organisation = $1 and g.state = 'active' and g.period_start <= $4 and ",
            $whose
        )
    };
}

/// Lead metrics of some goals, those of the widest first.
macro_rules! widest {
    ($from:expr) => {
        concat!(
            $from,
            " order by case scope when 'company' then 0 when 'division' then 1 when 'manager' then 2 else 3 end,
                       period_start desc, goal desc, position, id limit $5"
        )
    };
}

/// As many lead metrics of one scope as are shown, in the order of an index: no more goals are read than that takes.
macro_rules! of_scope {
    ($scope:literal) => {
        concat!(
            "select * from (",
            lead!($scope),
            " order by g.period_start desc, g.id desc, m.position, m.id limit $5) x"
        )
    };
}

/// The lead metrics of active goals that have begun: of the organisation, the widest first; of a unit; of a manager and whoever
/// reports to them; of a person.
pub async fn lead(
    db: &Db,
    organisation: OrganisationId,
    board: &Board,
    limit: i64,
) -> Result<Vec<LeadRow>, sqlx::Error> {
    const COMPANY: &str = widest!(concat!(
        circle!(),
        "select * from (",
        of_scope!("g.scope = 'company'"),
        " union all ",
        of_scope!("g.scope = 'division'"),
        " union all ",
        of_scope!("g.scope = 'manager'"),
        " union all ",
        of_scope!("g.scope = 'individual'"),
        ") y"
    ));
    const UNIT: &str =
        widest!(concat!(circle!(), "select * from (", lead!("tree w cross join goal g", "g.unit = w.id"), ") y"));
    // Not from the circle, of which PostgreSQL expects so many that it reads every goal. SQLite keeps the order of a cross join.
    const MANAGER: &str = widest!(concat!(
        "select * from (",
        lead!(
            "(select id from person where id = $3
              union select id from person where manager = $3 and organisation = $1 and role <> 'guest') w cross join goal g",
            "$2 = 'manager' and g.owner = w.id"
        ),
        ") y"
    ));
    const PERSON: &str = widest!(concat!(circle!(), "select * from (", lead!("g.owner = $3"), ") y"));
    let sql = match board.scope {
        BoardScope::Company => COMPANY,
        BoardScope::Division => UNIT,
        BoardScope::Manager => MANAGER,
        BoardScope::Person => PERSON,
    };
    on_db!(db, |c| query_as(sql)
        .bind(organisation)
        .bind(board.circle.kind)
        .bind(board.circle.id)
        .bind(board.window.to)
        .bind(limit)
        .fetch_all(c)
        .await)
}

/// The points of some metrics in a window that nothing corrects, with those of the metrics they were carried over from; the
/// last 200 of each, the earliest first.
pub async fn points(
    db: &Db,
    metrics: &[MetricId],
    window: &Window,
) -> Result<Vec<(MetricId, DateTime<Utc>, f64)>, sqlx::Error> {
    if metrics.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "with recursive line (root, id, steps) as (select m.id, m.id, 0 from metric m where m.id in (",
        );
        push_list(&mut sql, metrics.iter().copied());
        sql.push(
            ") union all
                select l.root, m.carried_from, l.steps + 1 from line l join metric m on m.id = l.id
                where m.carried_from is not null and l.steps < 30)
             select root, at, value from (
                select l.root, p.id, p.at, p.value,
                       row_number() over (partition by l.root order by p.at desc, p.id desc) as place
                from line l join metric_point p on p.metric = l.id
                where not exists (select 1 from metric_point s where s.supersedes = p.id) and p.at >= ",
        );
        sql.push_bind(window.from.and_time(NaiveTime::MIN).and_utc());
        sql.push(") x where place <= 200 order by root, at, id");
        sql.build_query_as().fetch_all(c).await
    })
}
