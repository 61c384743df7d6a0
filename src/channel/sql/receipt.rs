//! Statements about receipts: who was asked, who opened, who acknowledged.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};

use crate::channel::post::ReceiptRow;
use crate::db::{Db, Tx};
use crate::id::{ChannelId, OrganisationId, PersonId, PostId, UnitId};
use crate::{on_db, on_tx};

/// Asks everybody of the organisation but the author, and the guests who were added to the channel.
pub async fn ask_everyone(
    tx: &mut Tx,
    post: PostId,
    (organisation, channel): (OrganisationId, ChannelId),
    author: PersonId,
) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        insert into receipt (post, person, asked)
        select $1, p.id, true from person p
        where p.organisation = $2 and p.state = 'active' and p.id <> $4
          and (p.role <> 'guest' or exists (
              select 1 from channel_member m
              join channel c on c.id = m.channel
              where m.channel = $3 and m.person = p.id and m.member and c.kind = 'project'))";
    on_tx!(tx, |c| query(SQL)
        .bind(post)
        .bind(organisation)
        .bind(channel)
        .bind(author)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))
}

/// Asks the members and leads of a unit and of the units inside it, but the author.
pub async fn ask_unit(tx: &mut Tx, post: PostId, unit: UnitId, author: PersonId) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        with recursive inside (id) as (
            select id from unit where id = $2
            union
            select u.id from unit u join inside i on u.parent = i.id
        )
        insert into receipt (post, person, asked)
        select $1, p.id, true from person p
        where p.state = 'active' and p.role <> 'guest' and p.id <> $3
          and (exists (select 1 from unit_member m join inside i on i.id = m.unit where m.person = p.id)
               or exists (select 1 from unit u join inside i on i.id = u.id where u.lead = p.id))";
    on_tx!(tx, |c| query(SQL).bind(post).bind(unit).bind(author).execute(c).await.map(|done| done.rows_affected()))
}

/// Asks those who were added to the channel, but the author.
pub async fn ask_selected(tx: &mut Tx, post: PostId, channel: ChannelId, author: PersonId) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        insert into receipt (post, person, asked)
        select $1, p.id, true from channel_member m join person p on p.id = m.person
        where m.channel = $2 and m.member and p.state = 'active' and p.id <> $3";
    on_tx!(tx, |c| query(SQL).bind(post).bind(channel).bind(author).execute(c).await.map(|done| done.rows_affected()))
}

/// Notes that a person opened a post; the first time stays.
pub async fn opened(tx: &mut Tx, post: PostId, person: PersonId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into receipt (post, person, opened_at) values ($1, $2, $3)
        on conflict (post, person) do update set opened_at = coalesce(receipt.opened_at, excluded.opened_at)";
    on_tx!(tx, |c| query(SQL).bind(post).bind(person).bind(now).execute(c).await.map(|_| ()))
}

/// Notes that a person who was asked acknowledged a post; false when they had, or were not asked.
pub async fn acknowledge(tx: &mut Tx, post: PostId, person: PersonId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update receipt set acknowledged_at = $3
        where post = $1 and person = $2 and asked and acknowledged_at is null";
    let rows =
        on_tx!(tx, |c| query(SQL).bind(post).bind(person).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// What people did with a post, by name, after a place in the list.
pub async fn list(
    db: &Db,
    post: PostId,
    after: &(String, PersonId),
    limit: i64,
) -> Result<Vec<ReceiptRow>, sqlx::Error> {
    const SQL: &str = "
        select p.id, p.name, p.handle, p.title, r.asked, r.opened_at, r.acknowledged_at, coalesce(w.watched_ms, 0) as watched_ms
        from receipt r
        join person p on p.id = r.person
        join post o on o.id = r.post
        left join view w on w.recording = o.recording and w.person = r.person
        where r.post = $1 and (p.name, p.id) > ($2, $3)
        order by p.name, p.id limit $4";
    on_db!(db, |c| query_as(SQL).bind(post).bind(&after.0).bind(after.1).bind(limit).fetch_all(c).await)
}
