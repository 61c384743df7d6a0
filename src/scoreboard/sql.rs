//! Statements that count what other features wrote. Each is bounded by a window of at most 26 weeks, a page of people, or a
//! limit, and begins at an index.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{QueryBuilder, query_as};

use crate::checkin::ReviewEnd;
use crate::checkin::slots::SlotState;
use crate::db::Db;
use crate::id::{OrganisationId, PersonId, RecordingId};
use crate::on_db;
use crate::org::sql::circle::circle;

use super::{Board, Window};

/// A person on a page of a scoreboard, after their manager's name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PersonRow {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Whom they report to.
    pub manager: Option<PersonId>,
    /// That person's name; empty when there is none.
    pub manager_name: String,
}

/// Where a page of people begins: manager's name, name, id.
pub type After = (String, String, PersonId);

/// A page of the people of a circle who are here or had a slot in the window, under their managers.
pub async fn people(
    db: &Db,
    organisation: OrganisationId,
    board: &Board,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<PersonRow>, sqlx::Error> {
    const SQL: &str = concat!(
        circle!(),
        "select p.id, p.name, p.manager, coalesce(m.name, '') as manager_name
         from circle c join person p on p.id = c.id left join person m on m.id = p.manager
         where (p.state = 'active' or exists (
                  select 1 from check_in_slot s where s.person = p.id and s.local_date >= $4 and s.local_date <= $5))
           and ($6 is null or (coalesce(m.name, ''), p.name, p.id) > ($6, $7, $8))
         order by coalesce(m.name, ''), p.name, p.id limit $9"
    );
    let (circle, window) = (&board.circle, &board.window);
    on_db!(db, |c| query_as(SQL)
        .bind(organisation)
        .bind(circle.kind)
        .bind(circle.id)
        .bind(window.from)
        .bind(window.to)
        .bind(after.map(|after| after.0.as_str()))
        .bind(after.map(|after| after.1.as_str()))
        .bind(after.map(|after| after.2))
        .bind(limit)
        .fetch_all(c)
        .await)
}

/// Slots of a circle that are not only planned, counted by day, the person's manager and state.
pub async fn slots(
    db: &Db,
    organisation: OrganisationId,
    board: &Board,
) -> Result<Vec<(NaiveDate, Option<PersonId>, SlotState, i64)>, sqlx::Error> {
    const SQL: &str = concat!(
        circle!(),
        "select s.local_date, p.manager, s.state, count(*)
         from circle c join person p on p.id = c.id join check_in_slot s on s.person = c.id
         where s.local_date >= $4 and s.local_date <= $5 and s.state <> 'ahead'
         group by s.local_date, p.manager, s.state order by s.local_date limit 50000"
    );
    let (circle, window) = (&board.circle, &board.window);
    on_db!(db, |c| query_as(SQL)
        .bind(organisation)
        .bind(circle.kind)
        .bind(circle.id)
        .bind(window.from)
        .bind(window.to)
        .fetch_all(c)
        .await)
}

/// Reviews owed by a circle whose due time has passed or that were answered, counted by the day of the check-in, the
/// reviewer's manager and what became of them.
pub async fn reviews(
    db: &Db,
    organisation: OrganisationId,
    board: &Board,
) -> Result<Vec<(NaiveDate, Option<PersonId>, ReviewEnd, i64)>, sqlx::Error> {
    const SQL: &str = concat!(
        circle!(),
        "select i.local_date, p.manager, r.ended, count(*)
         from circle c join review r on r.reviewer = c.id join check_in i on i.id = r.check_in join person p on p.id = c.id
         where i.organisation = $1 and r.due_at >= $6 and i.local_date >= $4 and i.local_date <= $5 and r.ended is not null
         group by i.local_date, p.manager, r.ended order by i.local_date limit 50000"
    );
    let (circle, window) = (&board.circle, &board.window);
    on_db!(db, |c| query_as(SQL)
        .bind(organisation)
        .bind(circle.kind)
        .bind(circle.id)
        .bind(window.from)
        .bind(window.to)
        .bind(early(window))
        .fetch_all(c)
        .await)
}

/// An instant before which no review of the window can be due: where the index begins.
fn early(window: &Window) -> DateTime<Utc> {
    window.from.pred_opt().unwrap_or(window.from).and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Appends `column in (…)` for some people.
macro_rules! among {
    ($sql:ident, $column:literal, $people:ident) => {
        $sql.push(concat!(" and ", $column, " in ("));
        let mut list = $sql.separated(", ");
        for person in $people {
            list.push_bind(*person);
        }
        $sql.push(")");
    };
}

/// The slots of some people that are not only planned, in order of days.
pub async fn slots_of(
    db: &Db,
    people: &[PersonId],
    window: &Window,
) -> Result<Vec<(PersonId, NaiveDate, SlotState)>, sqlx::Error> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select s.person, s.local_date, s.state from check_in_slot s where s.state <> 'ahead' and s.local_date >= ",
        );
        sql.push_bind(window.from).push(" and s.local_date <= ").push_bind(window.to);
        among!(sql, "s.person", people);
        sql.push(" order by s.person, s.local_date");
        sql.build_query_as().fetch_all(c).await
    })
}

/// What became of the reviews that some people owed, by the day of the check-in.
pub async fn reviews_of(
    db: &Db,
    people: &[PersonId],
    window: &Window,
) -> Result<Vec<(PersonId, NaiveDate, ReviewEnd, i64)>, sqlx::Error> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select r.reviewer, i.local_date, r.ended, count(*) from review r join check_in i on i.id = r.check_in
             where r.ended is not null and r.due_at >= ",
        );
        sql.push_bind(early(window)).push(" and i.local_date >= ").push_bind(window.from);
        sql.push(" and i.local_date <= ").push_bind(window.to);
        among!(sql, "r.reviewer", people);
        sql.push(" group by r.reviewer, i.local_date, r.ended order by r.reviewer, i.local_date");
        sql.build_query_as().fetch_all(c).await
    })
}

/// How sure some people were on each day, as the mean over their goals.
pub async fn confidence_of(
    db: &Db,
    people: &[PersonId],
    window: &Window,
) -> Result<Vec<(PersonId, NaiveDate, f64)>, sqlx::Error> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select i.author, i.local_date, cast(avg(g.confidence) as double precision)
             from check_in i join check_in_goal g on g.check_in = i.id
             where i.state = 'published' and g.confidence is not null and i.local_date >= ",
        );
        sql.push_bind(window.from).push(" and i.local_date <= ").push_bind(window.to);
        among!(sql, "i.author", people);
        sql.push(" group by i.author, i.local_date order by i.author, i.local_date");
        sql.build_query_as().fetch_all(c).await
    })
}

/// The last two videos that some people checked in with in the window, the latest first.
pub async fn videos_of(
    db: &Db,
    people: &[PersonId],
    window: &Window,
) -> Result<Vec<(PersonId, RecordingId, DateTime<Utc>)>, sqlx::Error> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select author, recording, published_at from (
                select i.author, i.recording, i.published_at,
                       row_number() over (partition by i.author order by i.published_at desc, i.id desc) as place
                from check_in i join recording r on r.id = i.recording
                where i.state = 'published' and r.state <> 'deleted' and i.local_date >= ",
        );
        sql.push_bind(window.from).push(" and i.local_date <= ").push_bind(window.to);
        among!(sql, "i.author", people);
        sql.push(") x where place <= 2 order by published_at desc");
        sql.build_query_as().fetch_all(c).await
    })
}
