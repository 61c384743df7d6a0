//! Statements of the pass of the clock over posts.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};

use crate::channel::PostRow;
use crate::db::{Db, Tx};
use crate::id::{ChannelId, OrganisationId, PersonId, PostId};
use crate::{on_db, on_tx};

/// A post that something is due for.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields are the columns of post")]
pub struct Due {
    pub id: PostId,
    pub organisation: OrganisationId,
    pub author: PersonId,
    pub channel: ChannelId,
}

/// Scheduled posts whose hour has come, the longest overdue first.
pub async fn due(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Due>, sqlx::Error> {
    const SQL: &str = "
        select id, organisation, author, channel from post
        where state = 'scheduled' and publish_at <= $1 order by publish_at, id limit $2";
    on_db!(db, |c| query_as(SQL).bind(now).bind(limit).fetch_all(c).await)
}

/// Publishes a post whose hour has come, as it was read; false when it changed or is not due any more.
pub async fn publish(
    tx: &mut Tx,
    post: &PostRow,
    remind_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update post set state = 'published', published_at = $3, acknowledge_by = $4, remind_at = $5, revision = revision + 1
        where id = $1 and revision = $2 and state = 'scheduled' and publish_at <= $3";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(post.id)
        .bind(post.revision)
        .bind(now)
        .bind(post.acknowledge_by)
        .bind(remind_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Makes a post whose hour has come a draft again; false when it is not due any more.
pub async fn hold_back(tx: &mut Tx, id: PostId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update post set state = 'draft', publish_at = null, publish_zone = null, revision = revision + 1
        where id = $1 and state = 'scheduled' and publish_at <= $2";
    let rows = on_tx!(tx, |c| query(SQL).bind(id).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Published posts whose reminder is due and was not given.
pub async fn to_remind(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Due>, sqlx::Error> {
    const SQL: &str = "
        select id, organisation, author, channel from post
        where remind_at <= $1 and reminded_at is null and state = 'published' order by remind_at, id limit $2";
    on_db!(db, |c| query_as(SQL).bind(now).bind(limit).fetch_all(c).await)
}

/// Notes that a post was reminded of; false when it was, or is not due any more.
pub async fn remind(tx: &mut Tx, id: PostId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update post set reminded_at = $2
        where id = $1 and remind_at <= $2 and reminded_at is null and state = 'published'";
    let rows = on_tx!(tx, |c| query(SQL).bind(id).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Reminds those who were asked and have not acknowledged; how many.
pub async fn remind_people(tx: &mut Tx, post: PostId, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        update receipt set reminded_at = $2
        where post = $1 and asked and acknowledged_at is null and reminded_at is null
          and exists (select 1 from person p where p.id = receipt.person and p.state = 'active')";
    on_tx!(tx, |c| query(SQL).bind(post).bind(now).execute(c).await.map(|done| done.rows_affected()))
}
