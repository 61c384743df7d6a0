//! Statements by which people read what they were told.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::id::PersonId;
use crate::notify::{AboutKind, Kind};
use crate::{on_db, on_tx};

use super::sees;

/// A notification with what is joined to show it.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns are explained in migrations/postgres/0010_notification.sql")]
pub struct Row {
    pub id: Uuid,
    pub kind: Kind,
    pub subject_kind: AboutKind,
    pub subject: Uuid,
    pub part: Option<Uuid>,
    pub actor: Option<PersonId>,
    pub count: i32,
    pub at: DateTime<Utc>,
    pub shows_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
    /// The subject's title.
    pub title: String,
    /// A recording's word in addresses.
    pub slug: Option<String>,
}

/// What a person was told and may still see, the newest first, after a place in the list.
pub async fn list(
    db: &Db,
    person: PersonId,
    unread: bool,
    after: (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    const SQL: &str = concat!(
        "select n.id, n.kind, n.subject_kind, n.subject, n.part, n.actor, n.count, n.at, n.shows_at, n.read_at,
                coalesce(p.title, i.headline, r.title, g.title, '') as title, r.slug
         from notification n
         join person v on v.id = n.person
         left join post p on n.subject_kind = 'post' and p.id = n.subject
         left join check_in i on n.subject_kind = 'check_in' and i.id = n.subject
         left join recording r on n.subject_kind = 'recording' and r.id = n.subject
         left join goal g on n.subject_kind = 'goal' and g.id = n.subject
         where n.person = $1 and (n.at, n.id) < ($2, $3) and (not $4 or n.read_at is null) and ",
        sees!("n.subject_kind", "n.subject"),
        " order by n.at desc, n.id desc limit $5"
    );
    on_db!(db, |c| query_as(SQL).bind(person).bind(after.0).bind(after.1).bind(unread).bind(limit).fetch_all(c).await)
}

/// How many things wait for a person.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CountRow {
    /// Unread and not held back; 100 means a hundred or more.
    pub unread: i64,
    /// Unread and held back, likewise.
    pub held: i64,
    /// When the first of those shows.
    pub held_until: Option<DateTime<Utc>>,
    /// What they owe.
    pub duties: i64,
}

/// How many things wait for a person at an instant.
pub async fn counts(db: &Db, person: PersonId, now: DateTime<Utc>) -> Result<CountRow, sqlx::Error> {
    const SQL: &str = concat!(
        "select
           (select count(*) from (
              select 1 from notification n where n.person = v.id and n.read_at is null and n.shows_at <= $2 and ",
        sees!("n.subject_kind", "n.subject"),
        "     limit 100) u) as unread,
           (select count(*) from (
              select 1 from notification n where n.person = v.id and n.read_at is null and n.shows_at > $2 and ",
        sees!("n.subject_kind", "n.subject"),
        "     limit 100) h) as held,
           (select min(n.shows_at) from notification n
            where n.person = v.id and n.read_at is null and n.shows_at > $2) as held_until,
           (select count(*) from check_in_slot s
            where s.person = v.id and s.state in ('ahead', 'open') and s.opens_at <= $2 and s.grace_until >= $2)
           + (select count(*) from review w where w.reviewer = v.id and w.reviewed_at is null)
           + (select count(*) from check_in i join (
                select id, check_in from blocker where asks = $1 and state in ('open', 'escalated')
                union select id, check_in from blocker where escalated_to = $1 and state = 'escalated') b on b.check_in = i.id
              where i.state = 'published')
           + (select count(*) from receipt r where r.person = v.id and r.asked and r.acknowledged_at is null and ",
        sees!("'post'", "r.post"),
        ") as duties
         from person v where v.id = $1"
    );
    on_db!(db, |c| query_as(SQL).bind(person).bind(now).fetch_one(c).await)
}

/// Marks one notification of a person read or unread; false when they have none of that id.
pub async fn mark(
    tx: &mut Tx,
    person: PersonId,
    id: Uuid,
    read_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    // Reading twice keeps the first time.
    const SQL: &str = "
        update notification set read_at = case when $3 is null then null else coalesce(read_at, $3) end, changed_at = $4,
            revision = revision + 1
        where id = $2 and person = $1";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(person)
        .bind(id)
        .bind(read_at)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Marks everything read that a person had been told by an instant.
pub async fn mark_all(
    tx: &mut Tx,
    person: PersonId,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        update notification set read_at = $3, changed_at = $3, revision = revision + 1 where person = $1 and read_at is null and at <= $2";
    on_tx!(tx, |c| query(SQL).bind(person).bind(until).bind(now).execute(c).await.map(|done| done.rows_affected()))
}

/// Marks read what a person was told of a subject: they have opened it.
pub async fn mark_subject(
    tx: &mut Tx,
    person: PersonId,
    subject: Uuid,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        update notification set read_at = $3, changed_at = $3, revision = revision + 1 where person = $1 and read_at is null and subject = $2";
    on_tx!(tx, |c| query(SQL).bind(person).bind(subject).bind(now).execute(c).await.map(|done| done.rows_affected()))
}

/// Forgets what was read before one instant and what was told before another, a batch at a time.
pub async fn sweep(tx: &mut Tx, read: DateTime<Utc>, told: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        delete from notification where id in (
            select id from notification where read_at < $1 or changed_at < $2 limit $3)";
    on_tx!(tx, |c| query(SQL).bind(read).bind(told).bind(limit).execute(c).await.map(|done| done.rows_affected()))
}

/// Whose notifications changed since an instant: (id, person, revision).
pub async fn changed(db: &Db, since: DateTime<Utc>, limit: i64) -> Result<Vec<(Uuid, PersonId, i64)>, sqlx::Error> {
    const SQL: &str = "
        select id, person, revision from notification where changed_at >= $1 order by changed_at desc, id limit $2";
    on_db!(db, |c| query_as(SQL).bind(since).bind(limit).fetch_all(c).await)
}
