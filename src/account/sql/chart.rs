//! Statements about who reports to whom, a level at a time.

use sqlx::{QueryBuilder, query_as};

use crate::account::PersonRef;
use crate::db::{Db, push_list};
use crate::id::{OrganisationId, PersonId};
use crate::on_db;

/// A person in the chart.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Standing {
    /// Who.
    #[sqlx(flatten)]
    pub person: PersonRef,
    /// How many report to them.
    pub reports: i64,
}

/// Those who report to nobody, by name, after (name, id). Guests stand outside the chart.
pub async fn top(
    db: &Db,
    organisation: OrganisationId,
    after: Option<(String, PersonId)>,
    limit: i64,
) -> Result<Vec<Standing>, sqlx::Error> {
    const SQL: &str = "
        select p.id, p.name, p.handle, p.title,
               (select count(*) from person r where r.manager = p.id and r.state = 'active') as reports
        from person p
        where p.organisation = $1 and p.manager is null and p.state = 'active' and p.role <> 'guest'
          and ($2 is null or (p.name, p.id) > ($2, $3))
        order by p.name, p.id limit $4";
    let (name, id) = after.unzip();
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(name).bind(id).bind(limit).fetch_all(c).await)
}

/// Those who report to a person, likewise.
pub async fn under(
    db: &Db,
    organisation: OrganisationId,
    manager: PersonId,
    after: Option<(String, PersonId)>,
    limit: i64,
) -> Result<Vec<Standing>, sqlx::Error> {
    const SQL: &str = "
        select p.id, p.name, p.handle, p.title,
               (select count(*) from person r where r.manager = p.id and r.state = 'active') as reports
        from person p
        where p.manager = $5 and p.organisation = $1 and p.state = 'active' and p.role <> 'guest'
          and ($2 is null or (p.name, p.id) > ($2, $3))
        order by p.name, p.id limit $4";
    let (name, id) = after.unzip();
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(name).bind(id).bind(limit).bind(manager).fetch_all(c).await)
}

/// A person and everybody above them, whoever stands on top first. `union`: should a cycle ever exist, the walk still ends.
pub async fn line(db: &Db, organisation: OrganisationId, person: PersonId) -> Result<Vec<PersonRef>, sqlx::Error> {
    const SQL: &str = "
        with recursive up (id, manager, steps) as (
          select id, manager, 0 from person where id = $2 and organisation = $1
          union select p.id, p.manager, up.steps + 1 from person p join up on p.id = up.manager where up.steps < 50
        )
        select p.id, p.name, p.handle, p.title from up join person p on p.id = up.id order by up.steps desc";
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(person).fetch_all(c).await)
}

/// The units that these people lead: (who, the unit's name).
pub async fn led(db: &Db, people: &[PersonId]) -> Result<Vec<(PersonId, String)>, sqlx::Error> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new("select lead, name from unit where lead in (");
        push_list(&mut sql, people.iter().copied());
        sql.push(") order by name, id");
        sql.build_query_as().fetch_all(c).await
    })
}
