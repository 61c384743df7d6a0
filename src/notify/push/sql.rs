//! Every statement about browsers that want to be woken, and about what they are woken for.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::id::PersonId;
use crate::{on_db, on_tx};

/// A browser.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Browser {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub person: PersonId,
    /// Where its messages go.
    pub endpoint: String,
    /// Its public key.
    pub p256dh: Vec<u8>,
    /// Its secret.
    pub auth: Vec<u8>,
}

/// Adds a browser, or gives it to whoever uses it now; answers its id.
pub async fn put(tx: &mut Tx, new: &Browser, session: Option<Uuid>, now: DateTime<Utc>) -> Result<Uuid, sqlx::Error> {
    const SQL: &str = "
        insert into push_subscription (id, person, session, endpoint, p256dh, auth, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (endpoint) do update set
            person = excluded.person, session = excluded.session, p256dh = excluded.p256dh, auth = excluded.auth
        returning id";
    on_tx!(tx, |c| query_scalar(SQL)
        .bind(new.id)
        .bind(new.person)
        .bind(session)
        .bind(&new.endpoint)
        .bind(&new.p256dh)
        .bind(&new.auth)
        .bind(now)
        .fetch_one(c)
        .await)
}

/// Forgets a person's browsers but the newest few.
pub async fn keep_newest(tx: &mut Tx, person: PersonId, few: i64) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        delete from push_subscription where person = $1 and id not in (
            select id from push_subscription where person = $1 order by id desc limit $2)";
    on_tx!(tx, |c| query(SQL).bind(person).bind(few).execute(c).await.map(|_| ()))
}

/// Forgets one browser of a person; false when they have none of that id.
pub async fn remove(tx: &mut Tx, person: PersonId, id: Uuid) -> Result<bool, sqlx::Error> {
    const SQL: &str = "delete from push_subscription where id = $2 and person = $1";
    on_tx!(tx, |c| Ok(query(SQL).bind(person).bind(id).execute(c).await?.rows_affected() == 1))
}

/// A person's browsers whose session lives.
pub async fn of_person(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<Vec<Browser>, sqlx::Error> {
    const SQL: &str = "
        select b.id, b.person, b.endpoint, b.p256dh, b.auth
        from push_subscription b join person v on v.id = b.person left join session s on s.id = b.session
        where b.person = $1 and v.state = 'active' and (b.session is null or (s.revoked_at is null and s.expires_at > $2))
        order by b.id";
    on_tx!(tx, |c| query_as(SQL).bind(person).bind(now).fetch_all(c).await)
}

/// The browser of that id, if its session lives.
pub async fn one(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<Option<Browser>, sqlx::Error> {
    const SQL: &str = "
        select b.id, b.person, b.endpoint, b.p256dh, b.auth
        from push_subscription b join person v on v.id = b.person left join session s on s.id = b.session
        where b.id = $1 and v.state = 'active' and (b.session is null or (s.revoked_at is null and s.expires_at > $2))";
    on_db!(db, |c| query_as(SQL).bind(id).bind(now).fetch_optional(c).await)
}

/// Forgets browsers whose session has ended or whose person has left, a batch at a time.
pub async fn sweep(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        delete from push_subscription where id in (
            select b.id from push_subscription b join person v on v.id = b.person left join session s on s.id = b.session
            where v.state <> 'active' or s.revoked_at is not null or s.expires_at <= $1 limit $2)";
    on_tx!(tx, |c| query(SQL).bind(now).bind(limit).execute(c).await.map(|done| done.rows_affected()))
}

/// People with something that shows since an instant, is unread, and was not pushed.
pub async fn due(
    db: &Db,
    (since, now): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<PersonId>, sqlx::Error> {
    const SQL: &str = "
        select distinct person from notification
        where read_at is null and pushed_at is null and shows_at > $1 and shows_at <= $2
        order by person limit $3";
    on_db!(db, |c| query_scalar(SQL).bind(since).bind(now).bind(limit).fetch_all(c).await)
}

/// Notes that a person is told of it outside now; false when another node has.
pub async fn pushed(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update notification set pushed_at = $2
        where person = $1 and read_at is null and pushed_at is null and shows_at <= $2";
    on_tx!(tx, |c| Ok(query(SQL).bind(person).bind(now).execute(c).await?.rows_affected() > 0))
}
