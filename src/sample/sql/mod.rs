//! Statements about the sample: where it stands, who belongs to it.

pub mod gone;

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::id::{OrganisationId, PersonId, TakeSessionId};
use crate::{on_db, on_tx};

use super::SampleState;

/// Where the sample stands.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SampleRow {
    /// What is being done.
    pub state: SampleState,
    /// How far it has come, 0 to 1.
    pub progress: f64,
    /// Since when.
    pub changed_at: DateTime<Utc>,
}

/// Where the sample stands, if there is one.
pub async fn sample(db: &Db, organisation: OrganisationId) -> Result<Option<SampleRow>, sqlx::Error> {
    const SQL: &str = "select state, progress, changed_at from sample where organisation = $1";
    on_db!(db, |c| query_as(SQL).bind(organisation).fetch_optional(c).await)
}

/// Says what is being done from now on.
pub async fn set(
    tx: &mut Tx,
    organisation: OrganisationId,
    state: SampleState,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into sample (organisation, state, progress, changed_at) values ($1, $2, 0, $3)
        on conflict (organisation) do update set state = excluded.state, progress = 0, changed_at = excluded.changed_at";
    on_tx!(tx, |c| query(SQL).bind(organisation).bind(state).bind(now).execute(c).await.map(|_| ()))
}

/// Says how far it has come.
pub async fn progress(tx: &mut Tx, organisation: OrganisationId, progress: f64) -> Result<(), sqlx::Error> {
    const SQL: &str = "update sample set progress = $2 where organisation = $1";
    on_tx!(tx, |c| query(SQL).bind(organisation).bind(progress).execute(c).await.map(|_| ()))
}

/// There is none any more.
pub async fn forget(tx: &mut Tx, organisation: OrganisationId) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from sample where organisation = $1";
    on_tx!(tx, |c| query(SQL).bind(organisation).execute(c).await.map(|_| ()))
}

/// Enters a person as the sample's, in the transaction that makes them.
pub async fn enter_person(tx: &mut Tx, id: PersonId) -> Result<(), sqlx::Error> {
    const SQL: &str = "insert into sample_row (relation, id) values ('person', $1)";
    on_tx!(tx, |c| query(SQL).bind(id).execute(c).await.map(|_| ()))
}

/// How many people are the sample's.
pub async fn people(db: &Db) -> Result<i64, sqlx::Error> {
    const SQL: &str = "select count(*) from sample_row where relation = 'person'";
    on_db!(db, |c| query_scalar(SQL).fetch_one(c).await)
}

/// How many people of the organisation are not the sample's.
pub async fn others(db: &Db, organisation: OrganisationId) -> Result<i64, sqlx::Error> {
    const SQL: &str = "
        select count(*) from person p
        where p.organisation = $1 and not exists (select 1 from sample_row s where s.relation = 'person' and s.id = p.id)";
    on_db!(db, |c| query_scalar(SQL).bind(organisation).fetch_one(c).await)
}

/// The first administrator who is not the sample's.
pub async fn administrator(db: &Db, organisation: OrganisationId) -> Result<Option<PersonId>, sqlx::Error> {
    const SQL: &str = "
        select p.id from person p
        where p.organisation = $1 and p.role = 'admin' and p.state = 'active'
          and not exists (select 1 from sample_row s where s.relation = 'person' and s.id = p.id)
        order by p.created_at, p.id limit 1";
    on_db!(db, |c| query_scalar(SQL).bind(organisation).fetch_optional(c).await)
}

/// A take of a session of the sample that nobody has kept yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Unkept {
    /// The session.
    pub session: TakeSessionId,
    /// Who recorded.
    pub author: PersonId,
    /// When the session was opened.
    pub created_at: DateTime<Utc>,
    /// The take, as `recording::take` knows it.
    pub take: crate::id::TakeId,
    /// Where that stands.
    pub state: crate::recording::take::TakeState,
    /// How far it has come.
    pub progress: f64,
}

/// Takes of the sample whose session is still open.
pub async fn unkept(db: &Db) -> Result<Vec<Unkept>, sqlx::Error> {
    const SQL: &str = "
        select s.id as session, s.author, s.created_at, t.id as take, t.state, t.progress
        from take_session s
        join sample_row r on r.relation = 'person' and r.id = s.author
        join take t on t.session = s.id
        where s.state = 'open' order by s.id limit 100";
    on_db!(db, |c| query_as(SQL).fetch_all(c).await)
}

/// The uploads of the sample, as they are needed to delete their bytes.
pub async fn uploads(db: &Db) -> Result<Vec<Uuid>, sqlx::Error> {
    const SQL: &str = "
        select u.id from upload u join sample_row r on r.relation = 'upload' and r.id = u.id
        where u.swept_at is null order by u.id limit 100";
    on_db!(db, |c| query_scalar(SQL).fetch_all(c).await)
}
