//! Every statement about slots.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use crate::db::{Db, Tx, push_list};
use crate::id::{OrganisationId, PersonId, SlotId};
use crate::{on_db, on_tx};

use super::{NewSlot, Rhythm, SlotRow, SlotState};

/// A slot that the clock moved on.
#[derive(sqlx::FromRow)]
pub struct Moved {
    /// Its id.
    pub id: SlotId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Whose duty.
    pub person: PersonId,
}

const SLOT: &str = "
    select s.id, s.person, s.reviewer, s.local_date, s.time_zone, s.opens_at, s.due_at, s.grace_until, s.state, i.id as check_in,
           coalesce(i.state = 'published', false) as published
    from check_in_slot s left join check_in i on i.slot = s.id ";

/// A person's slots between two days, in order, after a place in the list.
pub async fn list(
    db: &Db,
    (organisation, person): (OrganisationId, PersonId),
    (from, to): (NaiveDate, NaiveDate),
    after: NaiveDate,
    limit: i64,
) -> Result<Vec<SlotRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(SLOT);
        sql.push("where s.person = ").push_bind(person).push(" and s.organisation = ").push_bind(organisation);
        sql.push(" and s.local_date >= ").push_bind(from).push(" and s.local_date <= ").push_bind(to);
        sql.push(" and s.local_date > ").push_bind(after).push(" order by s.local_date limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// Slots by their ids.
pub async fn by_ids(db: &Db, ids: &[SlotId]) -> Result<Vec<SlotRow>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(SLOT);
        sql.push("where s.id in (");
        push_list(&mut sql, ids.iter().copied());
        sql.push(")");
        sql.build_query_as().fetch_all(c).await
    })
}

/// The slot of that id in the organisation.
pub async fn one(db: &Db, organisation: OrganisationId, id: SlotId) -> Result<Option<SlotRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(SLOT);
        sql.push("where s.id = ").push_bind(id).push(" and s.organisation = ").push_bind(organisation);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// A person's slots that can be answered now, the most urgent first.
pub async fn open_now(db: &Db, person: PersonId, now: DateTime<Utc>) -> Result<Vec<SlotRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(SLOT);
        sql.push("where s.person = ")
            .push_bind(person)
            .push(" and s.state in ('ahead', 'open') and s.opens_at <= ")
            .push_bind(now);
        sql.push(" and s.grace_until >= ").push_bind(now).push(" order by s.due_at limit 5");
        sql.build_query_as().fetch_all(c).await
    })
}

/// How many slots of a person open after an instant and are due before another.
pub async fn ahead_until(
    db: &Db,
    person: PersonId,
    (now, end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<i64, sqlx::Error> {
    const SQL: &str = "
        select count(*) from check_in_slot
        where person = $1 and state = 'ahead' and opens_at > $2 and due_at < $3";
    on_db!(db, |c| query_scalar(SQL).bind(person).bind(now).bind(end).fetch_one(c).await)
}

/// The slot of that id, if it is the person's, as a transaction sees it.
pub async fn own(tx: &mut Tx, person: PersonId, id: SlotId) -> Result<Option<SlotRow>, sqlx::Error> {
    on_tx!(tx, |c| {
        let mut sql = QueryBuilder::new(SLOT);
        sql.push("where s.id = ").push_bind(id).push(" and s.person = ").push_bind(person);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// Ends a slot; false when it has ended.
pub async fn decide(tx: &mut Tx, id: SlotId, state: SlotState, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update check_in_slot set state = $2, decided_at = $3 where id = $1 and state in ('ahead', 'open')";
    let rows =
        on_tx!(tx, |c| query(SQL).bind(id).bind(state).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Excuses slots that have opened and fall into an absence, a batch at a time; returns which.
pub async fn excuse(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Moved>, sqlx::Error> {
    const SQL: &str = "
        update check_in_slot set state = 'excused', decided_at = $1
        where state in ('ahead', 'open') and id in (
            select s.id from check_in_slot s
            where s.state in ('ahead', 'open') and s.opens_at <= $1 and exists (
                select 1 from absence a
                where a.person = s.person and a.first_day <= s.local_date and a.last_day >= s.local_date)
            limit $2)
        returning id, organisation, person";
    on_tx!(tx, |c| query_as(SQL).bind(now).bind(limit).fetch_all(c).await)
}

/// Marks slots missed whose grace has run out, a batch at a time; returns which.
pub async fn miss(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Moved>, sqlx::Error> {
    const SQL: &str = "
        update check_in_slot set state = 'missed', decided_at = $1
        where state in ('ahead', 'open') and id in (
            select s.id from check_in_slot s
            where s.state in ('ahead', 'open') and s.grace_until < $1 order by s.grace_until, s.id limit $2)
        returning id, organisation, person";
    on_tx!(tx, |c| query_as(SQL).bind(now).bind(limit).fetch_all(c).await)
}

/// Opens slots whose time has come, a batch at a time; returns which.
pub async fn open(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<Vec<Moved>, sqlx::Error> {
    const SQL: &str = "
        update check_in_slot set state = 'open'
        where state = 'ahead' and id in (
            select s.id from check_in_slot s where s.state = 'ahead' and s.opens_at <= $1 order by s.opens_at, s.id limit $2)
        returning id, organisation, person";
    on_tx!(tx, |c| query_as(SQL).bind(now).bind(limit).fetch_all(c).await)
}

/// The zones people are in, each with its organisation and the days on which that checks in.
pub async fn zones(db: &Db) -> Result<Vec<(OrganisationId, String, sqlx::types::Json<Vec<u8>>)>, sqlx::Error> {
    const SQL: &str = "
        select o.id, z.zone, o.check_in_weekdays
        from organisation o
        join (select distinct p.organisation, coalesce(p.time_zone, g.time_zone) as zone
              from person p join organisation g on g.id = p.organisation
              where p.state = 'active' and p.role <> 'guest') z on z.organisation = o.id";
    on_db!(db, |c| query_as(SQL).fetch_all(c).await)
}

/// Members in a zone who have no slot on a day, a batch at a time.
pub async fn without(
    db: &Db,
    organisation: OrganisationId,
    zone: &str,
    day: NaiveDate,
    limit: i64,
) -> Result<Vec<PersonId>, sqlx::Error> {
    const SQL: &str = "
        select p.id from person p join organisation o on o.id = p.organisation
        where p.organisation = $1 and p.state = 'active' and p.role <> 'guest' and coalesce(p.time_zone, o.time_zone) = $2
          and not exists (select 1 from check_in_slot s where s.person = p.id and s.local_date = $3)
        order by p.id limit $4";
    on_db!(db, |c| query_scalar(SQL).bind(organisation).bind(zone).bind(day).bind(limit).fetch_all(c).await)
}

/// Every active member of an organisation.
pub async fn everybody(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<PersonId>, sqlx::Error> {
    const SQL: &str =
        "select id from person where organisation = $1 and state = 'active' and role <> 'guest' order by id";
    on_tx!(tx, |c| query_scalar(SQL).bind(organisation).fetch_all(c).await)
}

/// The zone a person is in.
pub async fn zone_in(tx: &mut Tx, person: PersonId) -> Result<String, sqlx::Error> {
    const SQL: &str = "
        select coalesce(p.time_zone, o.time_zone) from person p join organisation o on o.id = p.organisation where p.id = $1";
    on_tx!(tx, |c| query_scalar(SQL).bind(person).fetch_one(c).await)
}

/// The same outside a transaction.
pub async fn zone(db: &Db, person: PersonId) -> Result<String, sqlx::Error> {
    const SQL: &str = "
        select coalesce(p.time_zone, o.time_zone) from person p join organisation o on o.id = p.organisation where p.id = $1";
    on_db!(db, |c| query_scalar(SQL).bind(person).fetch_one(c).await)
}

/// What an active member's slots are made from; none for guests and people who left.
pub async fn rhythm(tx: &mut Tx, person: PersonId) -> Result<Option<Rhythm>, sqlx::Error> {
    const SQL: &str = "
        select p.id as person, p.organisation, p.manager, coalesce(p.time_zone, o.time_zone) as time_zone,
               o.check_in_weekdays as weekdays, o.due_local_time, o.grace_minutes
        from person p join organisation o on o.id = p.organisation
        where p.id = $1 and p.state = 'active' and p.role <> 'guest'";
    on_tx!(tx, |c| query_as(SQL).bind(person).fetch_optional(c).await)
}

/// Adds a slot; false when the person has one on that day.
pub async fn insert(tx: &mut Tx, rhythm: &Rhythm, new: &NewSlot, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into check_in_slot (id, organisation, person, reviewer, local_date, time_zone, opens_at, due_at, grace_until,
                                   state, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'ahead', $10)
        on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(rhythm.organisation)
        .bind(rhythm.person)
        .bind(rhythm.manager)
        .bind(new.local_date)
        .bind(&rhythm.time_zone)
        .bind(new.opens_at)
        .bind(new.due_at)
        .bind(new.grace_until)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes back the person's slots that are still only planned.
pub async fn take_back(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        delete from check_in_slot
        where person = $1 and state = 'ahead' and opens_at > $2
          and not exists (select 1 from check_in i where i.slot = check_in_slot.id)";
    on_tx!(tx, |c| query(SQL).bind(person).bind(now).execute(c).await.map(|done| done.rows_affected()))
}
