//! Statements that count what other features wrote. Each is bounded by a window of at most 26 weeks, a page of people, or a
//! limit, and begins at an index.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, QueryBuilder, query_as};

use crate::checkin::slots::SlotState;
use crate::db::{Db, push_list};
use crate::id::{OrganisationId, PersonId, RecordingId};
use crate::on_db;
use crate::org::circle::CircleKind;
use crate::org::sql::circle::circle;

use super::{Board, Tally, Window};

/// A person on a page of a scoreboard, after their manager's name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PersonRow {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// The word by which they are mentioned.
    pub handle: String,
    /// Whom they report to.
    pub manager: Option<PersonId>,
    /// That person's name; empty when there is none.
    pub manager_name: String,
}

/// Where a page of people begins: manager's name, name, id.
pub type After = (String, String, PersonId);

/// A page of people `p` of a circle, by the kind of the circle as [`weeks`], inside of `$from … $to`.
macro_rules! people {
    ($from:literal, $to:literal, $kind:expr) => {
        match $kind {
            CircleKind::Company => people!($from, $to, "", "$2 = 'company' and $3 = $1"),
            CircleKind::Unit => people!($from, $to, circle!(), "p.id in (select id from circle)"),
            CircleKind::Manager => people!($from, $to, "", "$2 = 'manager' and p.manager = $3"),
            CircleKind::Person => people!($from, $to, "", "$2 = 'person' and p.id = $3"),
        }
    };
    ($from:literal, $to:literal, $with:expr, $whose:literal) => {
        concat!(
            $with,
            $from,
            "select p.id, p.name, p.handle, p.manager, coalesce(m.name, '') as manager_name
             from person p left join person m on m.id = p.manager
             where p.organisation = $1 and p.role <> 'guest' and ",
            $whose,
            " and (p.state = 'active' or exists (
                  select 1 from check_in_slot s where s.person = p.id and s.local_date >= $4 and s.local_date <= $5))
               and ($6 is null or (coalesce(m.name, ''), p.name, p.id) > ($6, $7, $8))
             order by coalesce(m.name, ''), p.name, p.id limit $9",
            $to
        )
    };
}

/// A page of the people of a circle who are here or had a slot in the window, under their managers.
pub async fn people(
    db: &Db,
    organisation: OrganisationId,
    board: &Board,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<PersonRow>, sqlx::Error> {
    page(db, people!("", "", board.circle.kind), organisation, board, after, limit).await
}

/// A person with what became of their slots and reviews.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WeeksRow {
    /// Who.
    #[sqlx(flatten)]
    pub person: PersonRow,
    /// Their weeks in any order with blanks between, of each the Monday and the numbers of a [`Tally`] in their order, with commas between:
    /// a row costs more than reading it, and a table has thousands of them.
    pub weeks: Option<String>,
}

/// The same people, each with their weeks.
pub async fn weeks_of(
    db: &Db,
    organisation: OrganisationId,
    board: &Board,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<WeeksRow>, sqlx::Error> {
    let sql = people!(
        "select p.id, p.name, p.handle, p.manager, p.manager_name, (
            select string_agg(concat_ws(',', cast(r.monday as text), r.submitted, r.late, r.missed, r.excused, r.open,
                                        r.reviews_on_time, r.reviews_missed, r.reviews_excused), ' ')
            from reliability r where r.person = p.id and r.monday >= $4 and r.monday <= $5) as weeks
         from (",
        ") p order by p.manager_name, p.name, p.id",
        board.circle.kind
    );
    page(db, sql, organisation, board, after, limit).await
}

async fn page<Row>(
    db: &Db,
    sql: &'static str,
    organisation: OrganisationId,
    board: &Board,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error>
where
    Row: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>,
{
    let (circle, window) = (&board.circle, &board.window);
    on_db!(db, |c| query_as(sql)
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

/// Columns of a [`Tally`], summed over weeks of `r`.
macro_rules! tally {
    () => {
        "cast(sum(r.submitted) as bigint) as submitted, cast(sum(r.late) as bigint) as late,
         cast(sum(r.missed) as bigint) as missed, cast(sum(r.excused) as bigint) as excused, cast(sum(r.open) as bigint) as open,
         cast(sum(r.reviews_on_time) as bigint) as reviews_on_time, cast(sum(r.reviews_missed) as bigint) as reviews_missed,
         cast(sum(r.reviews_excused) as bigint) as reviews_excused"
    };
}

/// Weeks `r` of the people `p` of a circle in a window, by the kind of the circle: each begins at an index of its own. One statement for
/// all kinds makes PostgreSQL expect as many people of a manager as of the company, and read everybody's weeks. Each names every
/// parameter, for all are bound.
macro_rules! weeks {
    ($columns:expr, $join:literal, $more:literal, $group:literal, $kind:expr) => {
        match $kind {
            CircleKind::Company => of!("", $columns, $join, "$2 = 'company' and $3 = $1", $more, $group),
            CircleKind::Unit => of!(circle!(), $columns, $join, "p.id in (select id from circle)", $more, $group),
            CircleKind::Manager => of!("", $columns, $join, "$2 = 'manager' and p.manager = $3", $more, $group),
            CircleKind::Person => of!("", $columns, $join, "$2 = 'person' and p.id = $3", $more, $group),
        }
    };
}

/// One of [`weeks`].
macro_rules! of {
    ($with:expr, $columns:expr, $join:literal, $whose:literal, $more:literal, $group:literal) => {
        concat!(
            $with,
            "select ",
            $columns,
            " from person p ",
            $join,
            " join reliability r on r.person = p.id
             where p.organisation = $1 and p.role <> 'guest' and ",
            $whose,
            $more,
            " and r.monday >= $4 and r.monday <= $5 group by ",
            $group
        )
    };
}

/// What became of the slots of a circle and of the reviews it owed, counted by week. Those of the company are kept added up.
pub async fn by_week(
    db: &Db,
    organisation: OrganisationId,
    board: &Board,
) -> Result<Vec<(NaiveDate, Tally)>, sqlx::Error> {
    const COMPANY: &str = concat!(
        "select r.monday as of, ",
        tally!(),
        " from reliability_week r where $2 = 'company' and $3 = $1 and r.organisation = $1 and r.monday >= $4 and r.monday <= $5
         group by r.monday"
    );
    let sql = match board.circle.kind {
        CircleKind::Company => COMPANY,
        kind => weeks!(concat!("r.monday as of, ", tally!()), "", "", "r.monday", kind),
    };
    let (circle, window) = (&board.circle, &board.window);
    let rows: Vec<Sum<NaiveDate>> = on_db!(db, |c| query_as(sql)
        .bind(organisation)
        .bind(circle.kind)
        .bind(circle.id)
        .bind(window.from)
        .bind(window.to)
        .fetch_all(c)
        .await)?;
    Ok(rows.into_iter().map(|row| (row.of, row.tally)).collect())
}

/// The same, counted by the manager that people have now, of those whose managers' names stand from one to the other.
pub async fn by_manager(
    db: &Db,
    organisation: OrganisationId,
    board: &Board,
    (first, last): (&str, &str),
) -> Result<Vec<(Option<PersonId>, Tally)>, sqlx::Error> {
    let sql = weeks!(
        concat!("p.manager as of, ", tally!()),
        "left join person m on m.id = p.manager",
        " and coalesce(m.name, '') between $6 and $7",
        "p.manager",
        board.circle.kind
    );
    let (circle, window) = (&board.circle, &board.window);
    let rows: Vec<Sum<Option<PersonId>>> = on_db!(db, |c| query_as(sql)
        .bind(organisation)
        .bind(circle.kind)
        .bind(circle.id)
        .bind(window.from)
        .bind(window.to)
        .bind(first)
        .bind(last)
        .fetch_all(c)
        .await)?;
    Ok(rows.into_iter().map(|row| (row.of, row.tally)).collect())
}

/// Slots and reviews of one kind, counted.
#[derive(sqlx::FromRow)]
struct Sum<Of> {
    of: Of,
    #[sqlx(flatten)]
    tally: Tally,
}

/// Appends `column in (…)` for some people.
macro_rules! among {
    ($sql:ident, $column:literal, $people:ident) => {
        $sql.push(concat!(" and ", $column, " in ("));
        push_list(&mut $sql, $people.iter().copied());
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
    let rows: Vec<(PersonId, String)> = on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select s.person, string_agg(concat_ws(' ', cast(s.local_date as text), s.state), ',' order by s.local_date)
             from check_in_slot s where s.state <> 'ahead' and s.local_date >= ",
        );
        sql.push_bind(window.from).push(" and s.local_date <= ").push_bind(window.to);
        among!(sql, "s.person", people);
        sql.push(" group by s.person");
        sql.build_query_as().fetch_all(c).await
    })?;
    packed(&rows, |person, [date, state]| Some((person, date.parse().ok()?, state.parse().ok()?)))
}

/// What became of the slots of some people and of the reviews they owed, counted by person.
pub async fn tallies_of(db: &Db, people: &[PersonId], window: &Window) -> Result<Vec<(PersonId, Tally)>, sqlx::Error> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Sum<PersonId>> = on_db!(db, |c| {
        let mut sql = QueryBuilder::new(concat!(
            "select r.person as of, ",
            tally!(),
            " from person p join reliability r on r.person = p.id where r.monday >= "
        ));
        sql.push_bind(window.from).push(" and r.monday <= ").push_bind(window.to);
        // Of people, whom PostgreSQL looks up before their weeks: a long list of `r.person` it would compare with everybody's.
        among!(sql, "p.id", people);
        sql.push(" group by r.person");
        sql.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(|row| (row.of, row.tally)).collect())
}

/// How sure some people were in each check-in that says so, with its day, the earliest first.
pub async fn confidence_of(
    db: &Db,
    people: &[PersonId],
    window: &Window,
) -> Result<Vec<(PersonId, NaiveDate, f64)>, sqlx::Error> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(PersonId, String)> = on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select i.author, string_agg(concat_ws(' ', cast(i.local_date as text), i.confidence), ',' order by i.local_date)
             from check_in i where i.state = 'published' and i.confidence is not null and i.local_date >= ",
        );
        sql.push_bind(window.from).push(" and i.local_date <= ").push_bind(window.to);
        among!(sql, "i.author", people);
        sql.push(" group by i.author");
        sql.build_query_as().fetch_all(c).await
    })?;
    packed(&rows, |person, [date, confidence]| Some((person, date.parse().ok()?, confidence.parse().ok()?)))
}

/// Takes apart what a statement has put into one text a person: entries with commas between, `N` words each. A row costs more than
/// reading it, and a scoreboard has a thousand of them.
fn packed<const N: usize, T>(
    rows: &[(PersonId, String)],
    read: impl Fn(PersonId, [&str; N]) -> Option<T>,
) -> Result<Vec<T>, sqlx::Error> {
    let one = |person: PersonId, entry: &str| {
        let words: Vec<&str> = entry.split(' ').collect();
        let found = <[&str; N]>::try_from(words).ok().and_then(|words| read(person, words));
        found.ok_or_else(|| sqlx::Error::Decode(format!("not an entry of a scoreboard: {entry}").into()))
    };
    rows.iter()
        .flat_map(|(person, text)| text.split(',').map(move |entry| (*person, entry)))
        .map(|(p, e)| one(p, e))
        .collect()
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
        let mut sql = QueryBuilder::new("select i.author, i.recording, i.published_at from check_in i where i.id in (");
        // Each by itself, so that an index is read no further than to the one that is looked for: from the latest, not by the days, which
        // is why SQLite may not know the day for what it is.
        for (place, union) in [("0", ""), ("1", " union all ")] {
            sql.push(union);
            sql.push(
                "select (select x.id from check_in x join recording r on r.id = x.recording
                         where x.author = p.id and x.state = 'published' and x.recording is not null and r.state <> 'deleted'
                           and coalesce(x.local_date, x.local_date) between ",
            );
            sql.push_bind(window.from).push(" and ").push_bind(window.to);
            sql.push(" order by x.published_at desc, x.id desc limit 1 offset ")
                .push(place)
                .push(") from person p where true");
            among!(sql, "p.id", people);
        }
        sql.push(") order by i.published_at desc, i.id desc");
        sql.build_query_as().fetch_all(c).await
    })
}
