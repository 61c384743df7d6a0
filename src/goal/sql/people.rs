//! Statements about the people and units that a goal names.

use sqlx::query_scalar;

use crate::db::{Db, Tx};
use crate::id::{OrganisationId, PersonId, UnitId};
use crate::{on_db, on_tx};

/// An active member's manager; the outer option says whether there is such a member.
pub async fn member(
    tx: &mut Tx,
    organisation: OrganisationId,
    person: PersonId,
) -> Result<Option<Option<PersonId>>, sqlx::Error> {
    const SQL: &str = "
        select manager from person
        where id = $1 and organisation = $2 and state = 'active' and role <> 'guest'";
    on_tx!(tx, |c| query_scalar(SQL).bind(person).bind(organisation).fetch_optional(c).await)
}

/// Whether `above` is the person's manager, or theirs, and so on.
pub async fn is_manager_of(tx: &mut Tx, above: PersonId, person: PersonId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        with recursive chain (id, manager) as (
            select id, manager from person where id = $1
            union
            select p.id, p.manager from person p join chain c on p.id = c.manager
        ) select count(*) from chain where manager = $2";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(person).bind(above).fetch_one(c).await)?;
    Ok(found > 0)
}

/// Whether the organisation has that unit.
pub async fn unit_exists(tx: &mut Tx, organisation: OrganisationId, unit: UnitId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "select count(*) from unit where id = $1 and organisation = $2";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(unit).bind(organisation).fetch_one(c).await)?;
    Ok(found > 0)
}

/// A unit and all under it; none when the organisation has no such unit.
pub async fn units_under(db: &Db, organisation: OrganisationId, unit: UnitId) -> Result<Vec<UnitId>, sqlx::Error> {
    const SQL: &str = "
        with recursive tree (id) as (
            select id from unit where id = $1 and organisation = $2
            union
            select u.id from unit u join tree t on u.parent = t.id
        ) select id from tree limit 1000";
    on_db!(db, |c| query_scalar(SQL).bind(unit).bind(organisation).fetch_all(c).await)
}
