//! Statements about posts that nobody but their author has read.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_scalar};

use crate::account::Person;
use crate::channel::PostRow;
use crate::db::{Db, Tx};
use crate::id::{ChannelId, PersonId, PostId};
use crate::{on_db, on_tx};

use super::post::POST;

/// Somebody's unpublished posts in a channel, newest first, after one of them.
pub async fn list(
    db: &Db,
    author: &Person,
    channel: ChannelId,
    before: PostId,
    limit: i64,
) -> Result<Vec<PostRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(POST);
        sql.push_bind(author.id).push(" and p.author = ").push_bind(author.id);
        sql.push(" and p.channel = ").push_bind(channel).push(" and p.state in ('draft', 'scheduled') and p.id < ");
        sql.push_bind(before).push(" order by p.id desc limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// How many unpublished posts somebody has in a channel.
pub async fn count(tx: &mut Tx, channel: ChannelId, author: PersonId) -> Result<i64, sqlx::Error> {
    const SQL: &str =
        "select count(*) from post where author = $1 and channel = $2 and state in ('draft', 'scheduled')";
    on_tx!(tx, |c| query_scalar(SQL).bind(author).bind(channel).fetch_one(c).await)
}

/// Writes an unpublished post, perhaps into another state; false when it is no longer at that revision, or was published.
pub async fn update(
    tx: &mut Tx,
    post: &PostRow,
    remind_at: Option<DateTime<Utc>>,
    revision: i64,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update post set title = $3, body = $4, document_url = $5, recording = $6, acknowledge_by = $7, pinned_until = $8,
               state = $9, publish_at = $10, publish_zone = $11, published_at = $12, remind_at = $13, revision = revision + 1
        where id = $1 and revision = $2 and state in ('draft', 'scheduled')";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(post.id)
        .bind(revision)
        .bind(&post.title)
        .bind(&post.body)
        .bind(post.document_url.as_deref())
        .bind(post.recording)
        .bind(post.acknowledge_by)
        .bind(post.pinned_until)
        .bind(post.state)
        .bind(post.publish_at)
        .bind(post.publish_zone.as_deref())
        .bind(post.published_at)
        .bind(remind_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Deletes an unpublished post; false when there is none.
pub async fn discard(tx: &mut Tx, id: PostId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "delete from post where id = $1 and state in ('draft', 'scheduled')";
    let rows = on_tx!(tx, |c| query(SQL).bind(id).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
