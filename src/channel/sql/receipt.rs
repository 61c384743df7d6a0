//! Statements about receipts: who was asked, who opened, who acknowledged.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};

use crate::channel::PostRow;
use crate::channel::post::receipt::ReceiptRow;
use crate::db::{Db, Tx};
use crate::id::{ChannelId, PersonId, PostId};
use crate::{on_db, on_tx};

/// A statement over the people (`p`) that the channel `$1` is for: those who were added to a selected one; of a division's the
/// people and leads of it and of what is inside it; else everybody, and the guests who were added to a project's.
macro_rules! audience {
    ($head:literal, $join:literal, $rest:literal) => {
        concat!(
            "with recursive below (id) as (
                select u.id from channel c join unit u on u.id = c.unit where c.id = $1 and u.kind <> 'company'
                union select u.id from unit u join below b on u.parent = b.id
            ) ",
            $head,
            " from channel c join person p on p.organisation = c.organisation and p.state = 'active' ",
            $join,
            " where c.id = $1 and case
                when c.audience = 'selected' then exists (
                    select 1 from channel_member a where a.channel = c.id and a.person = p.id and a.member)
                when exists (select 1 from below) then p.role <> 'guest' and (
                    exists (select 1 from unit_member w join below b on b.id = w.unit where w.person = p.id)
                    or exists (select 1 from unit l join below b on b.id = l.id where l.lead = p.id))
                else p.role <> 'guest' or (c.kind = 'project' and exists (
                    select 1 from channel_member a where a.channel = c.id and a.person = p.id and a.member)) end ",
            $rest
        )
    };
}

/// Freezes who is asked to acknowledge a post: everybody its channel is for now, but its author. How many that are.
pub async fn ask(tx: &mut Tx, post: &PostRow) -> Result<u64, sqlx::Error> {
    const SQL: &str =
        audience!("insert into receipt (post, person, asked) select $2, p.id, true", "", "and p.id <> $3");
    on_tx!(tx, |c| query(SQL)
        .bind(post.channel)
        .bind(post.id)
        .bind(post.author)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))
}

/// Whether a channel is for a person.
pub async fn in_audience(db: &Db, channel: ChannelId, person: PersonId) -> Result<bool, sqlx::Error> {
    const SQL: &str = audience!("select count(*)", "", "and p.id = $2");
    let found: i64 = on_db!(db, |c| query_scalar(SQL).bind(channel).bind(person).fetch_one(c).await)?;
    Ok(found > 0)
}

/// People a post's channel is for now who were not asked, by name, after a place in the list.
pub async fn late(
    db: &Db,
    post: &PostRow,
    after: &(String, PersonId),
    limit: i64,
) -> Result<Vec<ReceiptRow>, sqlx::Error> {
    const SQL: &str = audience!(
        "select p.id, p.name, p.handle, p.title, false as asked, r.opened_at, r.acknowledged_at, r.reminded_at,
                coalesce(w.watched_ms, 0) as watched_ms",
        "join post o on o.id = $2
         left join receipt r on r.post = o.id and r.person = p.id
         left join view w on w.recording = o.recording and w.person = p.id",
        "and p.id <> o.author and not coalesce(r.asked, false) and (p.name, p.id) > ($3, $4)
         order by p.name, p.id limit $5"
    );
    on_db!(db, |c| query_as(SQL)
        .bind(post.channel)
        .bind(post.id)
        .bind(&after.0)
        .bind(after.1)
        .bind(limit)
        .fetch_all(c)
        .await)
}

/// Notes that a person opened a post; the first time stays.
pub async fn opened(tx: &mut Tx, post: PostId, person: PersonId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into receipt (post, person, opened_at) values ($1, $2, $3)
        on conflict (post, person) do update set opened_at = coalesce(receipt.opened_at, excluded.opened_at)";
    on_tx!(tx, |c| query(SQL).bind(post).bind(person).bind(now).execute(c).await.map(|_| ()))
}

/// Notes that a person acknowledged a post; false when they had: the first time stays.
pub async fn acknowledge(tx: &mut Tx, post: PostId, person: PersonId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const THERE: &str = "insert into receipt (post, person) values ($1, $2) on conflict do nothing";
    const SQL: &str =
        "update receipt set acknowledged_at = $3 where post = $1 and person = $2 and acknowledged_at is null";
    on_tx!(tx, |c| query(THERE).bind(post).bind(person).execute(c).await.map(|_| ()))?;
    let rows =
        on_tx!(tx, |c| query(SQL).bind(post).bind(person).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// What people did with a post, by name, after a place in the list. `done` picks those who were asked and have acknowledged,
/// or have not.
pub async fn list(
    db: &Db,
    post: PostId,
    done: Option<bool>,
    after: &(String, PersonId),
    limit: i64,
) -> Result<Vec<ReceiptRow>, sqlx::Error> {
    const SQL: &str = "
        select p.id, p.name, p.handle, p.title, r.asked, r.opened_at, r.acknowledged_at, r.reminded_at,
               coalesce(w.watched_ms, 0) as watched_ms
        from receipt r
        join person p on p.id = r.person
        join post o on o.id = r.post
        left join view w on w.recording = o.recording and w.person = r.person
        where r.post = $1 and ($2 is null or (r.asked and (r.acknowledged_at is not null) = $2)) and (p.name, p.id) > ($3, $4)
        order by p.name, p.id limit $5";
    on_db!(db, |c| query_as(SQL).bind(post).bind(done).bind(&after.0).bind(after.1).bind(limit).fetch_all(c).await)
}
