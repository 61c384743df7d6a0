//! Every statement about slots.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};

use crate::db::Tx;
use crate::id::PersonId;
use crate::on_tx;

use super::{NewSlot, Rhythm};

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
