//! Statements about links that make an account.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};
use uuid::Uuid;

use crate::account::invitation::Invitation;
use crate::db::{Db, Tx};
use crate::id::{OrganisationId, PersonId};
use crate::{on_db, on_tx};

macro_rules! invitation_columns {
    () => {
        "id, organisation, name, email, role, manager, unit, title, handle, time_zone, manager_email, created_by, created_at, expires_at,
         used_at"
    };
}

/// Adds a link.
pub async fn insert(tx: &mut Tx, new: &Invitation, token_hash: &[u8]) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into invitation (id, organisation, token_hash, name, email, role, manager, unit, created_by, created_at, expires_at,
                                title, handle, time_zone, manager_email)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.organisation)
        .bind(token_hash)
        .bind(&new.name)
        .bind(&new.email)
        .bind(new.role)
        .bind(new.manager)
        .bind(new.unit)
        .bind(new.created_by)
        .bind(new.created_at)
        .bind(new.expires_at)
        .bind(&new.title)
        .bind(&new.handle)
        .bind(new.time_zone.as_deref())
        .bind(&new.manager_email)
        .execute(c)
        .await
        .map(|_| ()))
}

/// The link with that token, if it may still be used.
pub async fn live(db: &Db, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Invitation>, sqlx::Error> {
    const SQL: &str = concat!(
        "select ",
        invitation_columns!(),
        " from invitation where token_hash = $1 and used_at is null and expires_at > $2"
    );
    on_db!(db, |c| query_as(SQL).bind(token_hash).bind(now).fetch_optional(c).await)
}

/// Uses a link up: of two who try at once, one is given it.
pub async fn use_up(tx: &mut Tx, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Invitation>, sqlx::Error> {
    const SQL: &str = concat!(
        "update invitation set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2 returning ",
        invitation_columns!()
    );
    on_tx!(tx, |c| query_as(SQL).bind(token_hash).bind(now).fetch_optional(c).await)
}

/// Notes who a used link made.
pub async fn used_by(tx: &mut Tx, id: Uuid, person: PersonId) -> Result<(), sqlx::Error> {
    const SQL: &str = "update invitation set used_by = $2 where id = $1";
    on_tx!(tx, |c| query(SQL).bind(id).bind(person).execute(c).await.map(|_| ()))
}

/// Deletes every set-up link that was not used.
pub async fn drop_set_up_links(tx: &mut Tx) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from invitation where organisation is null and used_at is null";
    on_tx!(tx, |c| query(SQL).execute(c).await.map(|_| ()))
}

/// Deletes an invitation of the organisation that was not used; false when there is none.
pub async fn withdraw(tx: &mut Tx, organisation: OrganisationId, id: Uuid) -> Result<bool, sqlx::Error> {
    const SQL: &str = "delete from invitation where id = $1 and organisation = $2 and used_at is null";
    let rows =
        on_tx!(tx, |c| query(SQL).bind(id).bind(organisation).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The organisation's open invitations, the newest first, before the id `after`.
pub async fn open(
    db: &Db,
    organisation: OrganisationId,
    now: DateTime<Utc>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Invitation>, sqlx::Error> {
    const SQL: &str = concat!(
        "select ",
        invitation_columns!(),
        " from invitation where organisation = $1 and used_at is null and expires_at > $2 and ($3 is null or id < $3)
         order by id desc limit $4"
    );
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(now).bind(after).bind(limit).fetch_all(c).await)
}

/// Deletes the invitations that a person made and nobody has used.
pub async fn withdraw_of(tx: &mut Tx, person: PersonId) -> Result<u64, sqlx::Error> {
    const SQL: &str = "delete from invitation where created_by = $1 and used_at is null";
    on_tx!(tx, |c| query(SQL).bind(person).execute(c).await.map(|done| done.rows_affected()))
}

/// The addresses of open invitations, as a transaction sees them.
pub async fn open_emails(
    tx: &mut Tx,
    organisation: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Vec<String>, sqlx::Error> {
    const SQL: &str = "
        select email from invitation
        where organisation = $1 and used_at is null and expires_at > $2 and email <> '' order by id limit 20000";
    on_tx!(tx, |c| query_scalar(SQL).bind(organisation).bind(now).fetch_all(c).await)
}

/// Deletes the invitations to an address that were not used, run out or not.
pub async fn withdraw_for(tx: &mut Tx, organisation: OrganisationId, email: &str) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from invitation where organisation = $1 and email = $2 and used_at is null";
    on_tx!(tx, |c| query(SQL).bind(organisation).bind(email).execute(c).await.map(|_| ()))
}

/// Active people who joined by a list that names this address as their manager's, and who report to nobody.
pub async fn waiting_for(tx: &mut Tx, organisation: OrganisationId, email: &str) -> Result<Vec<PersonId>, sqlx::Error> {
    const SQL: &str = "
        select p.id from invitation i join person p on p.id = i.used_by
        where i.organisation = $1 and i.manager_email = $2 and p.manager is null and p.state = 'active' order by p.id";
    on_tx!(tx, |c| query_scalar(SQL).bind(organisation).bind(email).fetch_all(c).await)
}
