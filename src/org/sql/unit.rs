//! Statements about units and who is in them.

use sqlx::{QueryBuilder, query, query_as, query_scalar};

use crate::account::PersonRef;
use crate::db::{Db, Tx, push_list};
use crate::id::{OrganisationId, PersonId, UnitId};
use crate::org::{Unit, UnitRef};
use crate::{on_db, on_tx};

/// A unit and how many are in it.
#[derive(sqlx::FromRow)]
pub struct Counted {
    /// The unit.
    #[sqlx(flatten)]
    pub unit: Unit,
    /// How many people are in it.
    pub members: i64,
}

/// A person and one unit they are in.
#[derive(sqlx::FromRow)]
pub struct Membership {
    /// Who.
    pub person: PersonId,
    /// Where.
    #[sqlx(flatten)]
    pub unit: UnitRef,
}

/// What is left in a unit.
#[derive(sqlx::FromRow)]
pub struct Left {
    people: i64,
    units: i64,
    goals: i64,
    posts: i64,
}

impl Left {
    /// What is left, in words; none when nothing is.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let some = |count: i64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {many}")),
        };
        let parts = [
            some(self.people, "person", "people"),
            some(self.units, "unit", "units"),
            some(self.goals, "goal", "goals"),
            some(self.posts, "post in its channels", "posts in its channels"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// The units of an organisation, the company first, at most `limit`.
pub async fn all(db: &Db, organisation: OrganisationId, limit: i64) -> Result<Vec<Counted>, sqlx::Error> {
    const SQL: &str = "
        select u.id, u.organisation, u.kind, u.parent, u.lead, u.name, u.slug, u.revision, u.created_at,
               (select count(*) from unit_member m where m.unit = u.id) as members
        from unit u where u.organisation = $1
        order by case u.kind when 'company' then 0 when 'division' then 1 else 2 end, u.name, u.id limit $2";
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(limit).fetch_all(c).await)
}

/// One unit of the organisation with its count.
pub async fn one(db: &Db, organisation: OrganisationId, id: UnitId) -> Result<Option<Counted>, sqlx::Error> {
    const SQL: &str = "
        select u.id, u.organisation, u.kind, u.parent, u.lead, u.name, u.slug, u.revision, u.created_at,
               (select count(*) from unit_member m where m.unit = u.id) as members
        from unit u where u.organisation = $1 and u.id = $2";
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(id).fetch_optional(c).await)
}

/// One unit of the organisation, inside a transaction.
pub async fn one_in(tx: &mut Tx, organisation: OrganisationId, id: UnitId) -> Result<Option<Unit>, sqlx::Error> {
    const SQL: &str = "
        select id, organisation, kind, parent, lead, name, slug, revision, created_at
        from unit where organisation = $1 and id = $2";
    on_tx!(tx, |c| query_as(SQL).bind(organisation).bind(id).fetch_optional(c).await)
}

/// The company of the organisation.
pub async fn company(tx: &mut Tx, organisation: OrganisationId) -> Result<Option<UnitId>, sqlx::Error> {
    const SQL: &str = "select id from unit where organisation = $1 and kind = 'company' order by id limit 1";
    on_tx!(tx, |c| query_scalar(SQL).bind(organisation).fetch_optional(c).await)
}

/// Adds a unit; false when the slug is taken.
pub async fn insert(tx: &mut Tx, unit: &Unit) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into unit (id, organisation, kind, parent, lead, name, slug, revision, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(unit.id)
        .bind(unit.organisation)
        .bind(unit.kind)
        .bind(unit.parent)
        .bind(unit.lead)
        .bind(&unit.name)
        .bind(&unit.slug)
        .bind(unit.revision)
        .bind(unit.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Changes a unit if nobody else did since `revision`; false when someone did.
pub async fn update(tx: &mut Tx, unit: &Unit, revision: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update unit set parent = $3, lead = $4, name = $5, revision = revision + 1 where id = $1 and revision = $2";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(unit.id)
        .bind(revision)
        .bind(unit.parent)
        .bind(unit.lead)
        .bind(&unit.name)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// What is left in a unit: people, units under it, goals, posts in its channels.
pub async fn left_in(tx: &mut Tx, unit: UnitId) -> Result<Left, sqlx::Error> {
    const SQL: &str = "
        select (select count(*) from unit_member where unit = $1) as people,
               (select count(*) from unit where parent = $1) as units,
               (select count(*) from goal where unit = $1) as goals,
               (select count(*) from post p join channel c on c.id = p.channel where c.unit = $1) as posts";
    on_tx!(tx, |c| query_as(SQL).bind(unit).fetch_one(c).await)
}

/// Deletes a unit with its channels; invitations into it lead to no unit from then on.
pub async fn delete(tx: &mut Tx, unit: UnitId) -> Result<(), sqlx::Error> {
    const INVITATIONS: &str = "update invitation set unit = null where unit = $1";
    const READERS: &str = "delete from channel_member where channel in (select id from channel where unit = $1)";
    const CHANNELS: &str = "delete from channel where unit = $1";
    const UNIT: &str = "delete from unit where id = $1";
    for statement in [INVITATIONS, READERS, CHANNELS, UNIT] {
        on_tx!(tx, |c| query(statement).bind(unit).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Whether `unit` is `start` or stands above it.
pub async fn is_above(tx: &mut Tx, unit: UnitId, start: UnitId) -> Result<bool, sqlx::Error> {
    // `union`, not `union all`: should a cycle ever exist, the walk still ends.
    const SQL: &str = "
        with recursive up (id, parent) as (
          select id, parent from unit where id = $2
          union select u.id, u.parent from unit u join up on u.id = up.parent
        )
        select count(*) from up where id = $1";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(unit).bind(start).fetch_one(c).await)?;
    Ok(found > 0)
}

/// The units each of these people is in.
pub async fn of_people(db: &Db, people: &[PersonId]) -> Result<Vec<Membership>, sqlx::Error> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select m.person, u.id, u.name, u.kind from unit_member m join unit u on u.id = m.unit where m.person in (",
        );
        push_list(&mut sql, people.iter().copied());
        sql.push(") order by u.name, u.id");
        sql.build_query_as().fetch_all(c).await
    })
}

/// Puts a person into a unit; nothing happens when they are in it.
pub async fn add_member(tx: &mut Tx, unit: UnitId, person: PersonId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "insert into unit_member (unit, person) values ($1, $2) on conflict (unit, person) do nothing";
    let rows = on_tx!(tx, |c| query(SQL).bind(unit).bind(person).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes a person out of a unit; false when they were not in it.
pub async fn remove_member(tx: &mut Tx, unit: UnitId, person: PersonId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "delete from unit_member where unit = $1 and person = $2";
    let rows = on_tx!(tx, |c| query(SQL).bind(unit).bind(person).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The people in a unit by name, after (name, id).
pub async fn members(
    db: &Db,
    unit: UnitId,
    after: Option<(String, PersonId)>,
    limit: i64,
) -> Result<Vec<PersonRef>, sqlx::Error> {
    const SQL: &str = "
        select p.id, p.name, p.handle, p.title from unit_member m join person p on p.id = m.person
        where m.unit = $1 and ($2 is null or (p.name, p.id) > ($2, $3)) order by p.name, p.id limit $4";
    let (name, id) = after.unzip();
    on_db!(db, |c| query_as(SQL).bind(unit).bind(name).bind(id).bind(limit).fetch_all(c).await)
}

/// Every unit's id, name and slug.
pub async fn names(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<(UnitId, String, String)>, sqlx::Error> {
    const SQL: &str = "select id, name, slug from unit where organisation = $1 order by name, id limit 2000";
    on_tx!(tx, |c| query_as(SQL).bind(organisation).fetch_all(c).await)
}
