//! Statements about circles, and the text that names the people of one, for statements of other features.

use sqlx::query_scalar;

use crate::db::Db;
use crate::id::{OrganisationId, PersonId, UnitId};
use crate::on_db;

/// `with` clauses that end in `circle (id)`, the people of a circle: `$1` the organisation, `$2` the kind, `$3` the id. A unit has
/// the people of the units under it; a manager's circle is whoever reports to them directly. Guests are in none.
macro_rules! circle {
    () => {
        "with recursive tree (id) as (
            select u.id from unit u where $2 = 'unit' and u.organisation = $1 and u.id = $3
            union
            select u.id from unit u join tree t on u.parent = t.id),
         circle (id) as (
            select p.id from unit_member m join tree t on t.id = m.unit join person p on p.id = m.person
            where p.role <> 'guest'
            union
            select p.id from person p where $2 = 'manager' and p.manager = $3 and p.organisation = $1 and p.role <> 'guest'
            union
            select p.id from person p where $2 = 'person' and p.id = $3 and p.organisation = $1 and p.role <> 'guest'
            union
            select p.id from person p where $2 = 'company' and p.organisation = $1 and p.role <> 'guest') "
    };
}
pub(crate) use circle;

/// Whether somebody who is still here reports to a person.
pub async fn has_reports(db: &Db, manager: PersonId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "select count(*) from person where manager = $1 and state = 'active' and role <> 'guest'";
    let found: i64 = on_db!(db, |c| query_scalar(SQL).bind(manager).fetch_one(c).await)?;
    Ok(found > 0)
}

/// The division a person is in, directly or through a team; else the first one there is.
pub async fn division(db: &Db, organisation: OrganisationId, person: PersonId) -> Result<Option<UnitId>, sqlx::Error> {
    const SQL: &str = "
        with recursive above (id, steps) as (
            select m.unit, 0 from unit_member m where m.person = $2
            union
            select u.parent, a.steps + 1 from unit u join above a on u.id = a.id where u.parent is not null and a.steps < 60)
        select u.id from unit u left join above a on a.id = u.id
        where u.organisation = $1 and u.kind = 'division'
        order by case when a.id is null then 1 else 0 end, a.steps, u.name, u.id limit 1";
    on_db!(db, |c| query_scalar(SQL).bind(organisation).bind(person).fetch_optional(c).await)
}
