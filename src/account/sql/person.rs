//! Statements about people.

use sqlx::{QueryBuilder, query, query_scalar};

use crate::account::{Person, PersonRef};
use crate::db::{Db, Tx};
use crate::id::{OrganisationId, PersonId};
use crate::{on_db, on_tx};

/// People as they are named, at most a few hundred at a time.
pub async fn refs(db: &Db, ids: &[PersonId]) -> Result<Vec<PersonRef>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new("select id, name, handle, title from person where id in (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
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
