//! Statements about who is away.

use chrono::NaiveDate;
use sqlx::{query, query_as};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::id::{OrganisationId, PersonId};
use crate::org::absence::{Absence, LONGEST};
use crate::{on_db, on_tx};

/// The columns of an absence, and whose organisation it is in. A cross join, because SQLite would else begin with everybody in it.
macro_rules! absences {
    () => {
        "select a.id, a.person, a.first_day, a.last_day, a.note, a.created_at
         from absence a cross join person p where p.id = a.person and p.organisation = $1"
    };
}

/// Absences of one person, or of everybody in the organisation, that end on `from` or later; the first to begin first.
pub async fn list(
    db: &Db,
    organisation: OrganisationId,
    person: Option<PersonId>,
    from: NaiveDate,
    after: Option<(NaiveDate, Uuid)>,
    limit: i64,
) -> Result<Vec<Absence>, sqlx::Error> {
    const OF: &str = concat!(
        absences!(),
        " and a.last_day >= $2 and (a.first_day, a.id) > ($3, $4) and a.person = $6 order by a.first_day, a.id limit $5"
    );
    const ALL: &str = concat!(
        absences!(),
        " and a.last_day >= $2 and (a.first_day, a.id) > ($3, $4) order by a.first_day, a.id limit $5"
    );
    // What is not over began no longer ago than an absence lasts.
    let (day, id) = after.unwrap_or((from.checked_sub_days(LONGEST).unwrap_or(NaiveDate::MIN), Uuid::nil()));
    on_db!(db, |c| {
        let mut asks = query_as(if person.is_some() { OF } else { ALL });
        asks = asks.bind(organisation).bind(from).bind(day).bind(id).bind(limit);
        if let Some(person) = person {
            asks = asks.bind(person);
        }
        asks.fetch_all(c).await
    })
}

/// Adds an absence.
pub async fn insert(tx: &mut Tx, new: &Absence) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into absence (id, person, first_day, last_day, note, created_at) values ($1, $2, $3, $4, $5, $6)";
    on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.person)
        .bind(new.first_day)
        .bind(new.last_day)
        .bind(&new.note)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// One absence of somebody in the organisation.
pub async fn one(tx: &mut Tx, organisation: OrganisationId, id: Uuid) -> Result<Option<Absence>, sqlx::Error> {
    const SQL: &str = concat!(absences!(), " and a.id = $2");
    on_tx!(tx, |c| query_as(SQL).bind(organisation).bind(id).fetch_optional(c).await)
}

/// Deletes an absence.
pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from absence where id = $1";
    on_tx!(tx, |c| query(SQL).bind(id).execute(c).await.map(|_| ()))
}
