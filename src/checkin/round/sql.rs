//! Statements about rounds.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{query, query_as, query_scalar};

use crate::checkin::CheckInRow;
use crate::checkin::slots::SlotState;
use crate::checkin::sql::check_in::check_in;
use crate::db::{Db, Tx};
use crate::id::{CheckInId, OrganisationId, PersonId};
use crate::org::circle::Circle;
use crate::org::sql::circle::circle;
use crate::{on_db, on_tx};

use super::{NewPlace, Place};

/// Whose round: an organisation and a circle in it.
type Of<'a> = (OrganisationId, &'a Circle);

/// Which day of a circle is looked for.
pub enum Seek {
    /// The last.
    Latest,
    /// The last before a day.
    Before(NaiveDate),
    /// The first after a day.
    After(NaiveDate),
}

/// A day on which somebody of the circle said something.
pub async fn day(db: &Db, (organisation, of): Of<'_>, seek: Seek) -> Result<Option<NaiveDate>, sqlx::Error> {
    const LATEST: &str = concat!(
        circle!(),
        "select i.local_date from check_in i
         where i.state = 'published' and i.organisation = $1 and i.local_date < $4 and i.author in (select id from circle)
         order by i.local_date desc limit 1"
    );
    const NEXT: &str = concat!(
        circle!(),
        "select i.local_date from check_in i
         where i.state = 'published' and i.organisation = $1 and i.local_date > $4 and i.author in (select id from circle)
         order by i.local_date limit 1"
    );
    let end = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
    let (sql, day) = match seek {
        Seek::Latest => (LATEST, end),
        Seek::Before(day) => (LATEST, day),
        Seek::After(day) => (NEXT, day),
    };
    on_db!(db, |c| query_scalar(sql).bind(organisation).bind(of.kind).bind(of.id).bind(day).fetch_optional(c).await)
}

/// What the circle said on a day, in the order in which it was said.
pub async fn said(
    db: &Db,
    (organisation, of): Of<'_>,
    date: NaiveDate,
    limit: i64,
) -> Result<Vec<CheckInRow>, sqlx::Error> {
    const SQL: &str = concat!(
        circle!(),
        check_in!(),
        "where i.state = 'published' and i.organisation = $1 and i.local_date = $4 and i.author in (select id from circle)
         order by i.published_at, i.id limit $5"
    );
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(of.kind).bind(of.id).bind(date).bind(limit).fetch_all(c).await)
}

/// Whether a check-in is in the round.
pub async fn holds(db: &Db, (organisation, of): Of<'_>, date: NaiveDate, id: CheckInId) -> Result<bool, sqlx::Error> {
    const SQL: &str = concat!(
        circle!(),
        "select count(*) from check_in i
         where i.id = $5 and i.state = 'published' and i.organisation = $1 and i.local_date = $4
           and i.author in (select id from circle)"
    );
    let found: i64 = on_db!(db, |c| query_scalar(SQL)
        .bind(organisation)
        .bind(of.kind)
        .bind(of.id)
        .bind(date)
        .bind(id)
        .fetch_one(c)
        .await)?;
    Ok(found > 0)
}

/// Whoever had a slot on the day that was not answered, by name.
pub async fn silent(
    db: &Db,
    (organisation, of): Of<'_>,
    date: NaiveDate,
    limit: i64,
) -> Result<Vec<(PersonId, SlotState)>, sqlx::Error> {
    const SQL: &str = concat!(
        circle!(),
        "select s.person, s.state
         from circle c join check_in_slot s on s.person = c.id join person p on p.id = s.person
         where s.organisation = $1 and s.local_date = $4 and s.state not in ('submitted', 'late')
         order by p.name, p.id limit $5"
    );
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(of.kind).bind(of.id).bind(date).bind(limit).fetch_all(c).await)
}

/// Where a person left a round.
pub async fn place(db: &Db, person: PersonId, of: &Circle, date: NaiveDate) -> Result<Option<Place>, sqlx::Error> {
    const SQL: &str = "
        select check_in, at_ms, finished, updated_at from round_place
        where person = $1 and kind = $2 and circle = $3 and local_date = $4";
    on_db!(db, |c| query_as(SQL).bind(person).bind(of.kind).bind(of.id).bind(date).fetch_optional(c).await)
}

/// The speed a person chose last, in hundredths.
pub async fn speed(db: &Db, person: PersonId) -> Result<Option<i32>, sqlx::Error> {
    const SQL: &str = "select speed from round_place where person = $1 order by updated_at desc limit 1";
    on_db!(db, |c| query_scalar(SQL).bind(person).fetch_optional(c).await)
}

/// Writes where a person is in a round.
pub async fn keep(
    tx: &mut Tx,
    person: PersonId,
    of: &Circle,
    date: NaiveDate,
    new: &NewPlace,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into round_place (person, kind, circle, local_date, check_in, at_ms, speed, finished, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (person, kind, circle, local_date) do update set check_in = excluded.check_in, at_ms = excluded.at_ms,
          speed = excluded.speed, finished = excluded.finished, updated_at = excluded.updated_at";
    #[expect(clippy::cast_possible_truncation, reason = "0.25 to 4, checked")]
    let speed = (new.speed * 100.0).round() as i32;
    on_tx!(tx, |c| query(SQL)
        .bind(person)
        .bind(of.kind)
        .bind(of.id)
        .bind(date)
        .bind(new.check_in)
        .bind(new.at_ms)
        .bind(speed)
        .bind(new.finished)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}
