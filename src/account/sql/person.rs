//! Statements about people.

use sqlx::{QueryBuilder, query, query_as, query_scalar};

use super::person_columns;
use crate::account::{Person, PersonRef, PersonState, Role};
use crate::db::{Db, Tx, push_list};
use crate::id::{OrganisationId, PersonId};
use crate::{on_db, on_tx};

/// People as they are named, at most a few hundred at a time.
pub async fn refs(db: &Db, ids: &[PersonId]) -> Result<Vec<PersonRef>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new("select id, name, handle, title from person where id in (");
        push_list(&mut sql, ids.iter().copied());
        sql.push(")");
        sql.build_query_as().fetch_all(c).await
    })
}

/// Whether someone of the organisation, here or gone, has that address.
pub async fn email_exists(tx: &mut Tx, organisation: OrganisationId, email: &str) -> Result<bool, sqlx::Error> {
    const SQL: &str = "select count(*) from person where organisation = $1 and email = $2";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(organisation).bind(email).fetch_one(c).await)?;
    Ok(found > 0)
}

/// Adds a person; false when the address or the handle is taken. `on conflict`, because a failed insert would end the whole
/// transaction on PostgreSQL.
pub async fn insert(tx: &mut Tx, person: &Person, password_hash: Option<&str>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into person (id, organisation, name, handle, email, title, manager, role, state, time_zone, settings,
                            password_hash, revision, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(person.id)
        .bind(person.organisation)
        .bind(&person.name)
        .bind(&person.handle)
        .bind(&person.email)
        .bind(&person.title)
        .bind(person.manager)
        .bind(person.role)
        .bind(person.state)
        .bind(person.time_zone.as_deref())
        .bind(sqlx::types::Json(serde_json::json!({})))
        .bind(password_hash)
        .bind(person.revision)
        .bind(person.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// A person with the hash of their password, if they have one.
#[derive(sqlx::FromRow)]
pub struct Credentials {
    /// Who.
    #[sqlx(flatten)]
    pub person: Person,
    /// What opens their account.
    pub password_hash: Option<String>,
}

/// The active person who signs in with that address or handle.
pub async fn by_login(db: &Db, login: &str) -> Result<Option<Credentials>, sqlx::Error> {
    const SQL: &str = concat!(
        "select ",
        person_columns!(),
        ", p.password_hash from person p
         where (p.email = $1 or p.handle = $1) and p.state = 'active' order by p.created_at, p.id limit 1"
    );
    on_db!(db, |c| query_as(SQL).bind(login).fetch_optional(c).await)
}

/// The hash of a person's password.
pub async fn password_hash(db: &Db, id: PersonId) -> Result<Option<String>, sqlx::Error> {
    const SQL: &str = "select password_hash from person where id = $1";
    on_db!(db, |c| query_scalar(SQL).bind(id).fetch_one(c).await)
}

/// Gives a person another password.
pub async fn set_password(tx: &mut Tx, id: PersonId, hash: &str) -> Result<(), sqlx::Error> {
    const SQL: &str = "update person set password_hash = $2 where id = $1";
    on_tx!(tx, |c| query(SQL).bind(id).bind(hash).execute(c).await.map(|_| ()))
}

/// One person of the organisation, here or gone.
pub async fn one(db: &Db, organisation: OrganisationId, id: PersonId) -> Result<Option<Person>, sqlx::Error> {
    const SQL: &str = concat!("select ", person_columns!(), " from person p where p.organisation = $1 and p.id = $2");
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(id).fetch_optional(c).await)
}

/// The same, inside a transaction.
pub async fn one_in(tx: &mut Tx, organisation: OrganisationId, id: PersonId) -> Result<Option<Person>, sqlx::Error> {
    const SQL: &str = concat!("select ", person_columns!(), " from person p where p.organisation = $1 and p.id = $2");
    on_tx!(tx, |c| query_as(SQL).bind(organisation).bind(id).fetch_optional(c).await)
}

/// The people of an organisation by name, after (name, id). `like` is a pattern over name, handle and address; `gone` also
/// lists those who left.
pub async fn list(
    db: &Db,
    organisation: OrganisationId,
    like: Option<&str>,
    gone: bool,
    after: Option<(String, PersonId)>,
    limit: i64,
) -> Result<Vec<Person>, sqlx::Error> {
    const SQL: &str = concat!(
        "select ",
        person_columns!(),
        r" from person p
         where p.organisation = $1 and ($3 or p.state = 'active')
           and ($2 is null or lower(p.name) like $2 escape '\' or p.handle like $2 escape '\' or p.email like $2 escape '\')
           and ($4 is null or (p.name, p.id) > ($4, $5))
         order by p.name, p.id limit $6"
    );
    let (name, id) = after.unzip();
    on_db!(db, |c| query_as(SQL)
        .bind(organisation)
        .bind(like)
        .bind(gone)
        .bind(name)
        .bind(id)
        .bind(limit)
        .fetch_all(c)
        .await)
}

/// Changes a person if nobody else did since `revision`; false when someone did.
pub async fn update(tx: &mut Tx, person: &Person, revision: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update person set name = $3, handle = $4, title = $5, manager = $6, role = $7, state = $8, time_zone = $9,
          revision = revision + 1
        where id = $1 and revision = $2";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(person.id)
        .bind(revision)
        .bind(&person.name)
        .bind(&person.handle)
        .bind(&person.title)
        .bind(person.manager)
        .bind(person.role)
        .bind(person.state)
        .bind(person.time_zone.as_deref())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Whether `manager` is `person` or somebody above them, as the rows stand.
pub async fn is_above(tx: &mut Tx, manager: PersonId, person: PersonId) -> Result<bool, sqlx::Error> {
    // `union`, not `union all`: should a cycle ever exist, the walk still ends.
    const SQL: &str = "
        with recursive up (id, manager) as (
          select id, manager from person where id = $2
          union select p.id, p.manager from person p join up on p.id = up.manager
        )
        select count(*) from up where id = $1";
    let found: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(manager).bind(person).fetch_one(c).await)?;
    Ok(found > 0)
}

/// How many active administrators there are besides this person.
pub async fn other_admins(tx: &mut Tx, organisation: OrganisationId, id: PersonId) -> Result<i64, sqlx::Error> {
    const SQL: &str = "
        select count(*) from person where organisation = $1 and role = 'admin' and state = 'active' and id <> $2";
    on_tx!(tx, |c| query_scalar(SQL).bind(organisation).bind(id).fetch_one(c).await)
}

/// Gives a person a handle, if nobody has it.
pub async fn claim_handle(
    tx: &mut Tx,
    organisation: OrganisationId,
    id: PersonId,
    handle: &str,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update person set handle = $3
        where id = $2 and not exists (select 1 from person o where o.organisation = $1 and o.handle = $3)";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(organisation)
        .bind(id)
        .bind(handle)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Everybody's id, name, handle, address, role and state: what a list of new people is checked against.
pub async fn register(
    tx: &mut Tx,
    organisation: OrganisationId,
) -> Result<Vec<(PersonId, String, String, String, Role, PersonState)>, sqlx::Error> {
    const SQL: &str = "
        select id, name, handle, email, role, state from person where organisation = $1 order by name, id limit 20000";
    on_tx!(tx, |c| query_as(SQL).bind(organisation).fetch_all(c).await)
}

/// The active person with that address.
pub async fn id_of_email(
    tx: &mut Tx,
    organisation: OrganisationId,
    email: &str,
) -> Result<Option<PersonId>, sqlx::Error> {
    const SQL: &str = "select id from person where organisation = $1 and email = $2 and state = 'active'";
    on_tx!(tx, |c| query_scalar(SQL).bind(organisation).bind(email).fetch_optional(c).await)
}
