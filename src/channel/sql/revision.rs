//! Statements about what posts said before.

use sqlx::{query, query_as};

use crate::channel::PostRow;
use crate::channel::post::revision::RevisionRow;
use crate::db::{Db, Tx};
use crate::id::PostId;
use crate::{on_db, on_tx};

/// Keeps what a post said before a correction. The caller holds the post's row.
pub async fn keep(tx: &mut Tx, old: &PostRow) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into post_revision (post, number, author, title, body, document_url, recording, written_at)
        values ($1, (select count(*) from post_revision r where r.post = $1) + 1, $2, $3, $4, $5, $6, $7)";
    on_tx!(tx, |c| query(SQL)
        .bind(old.id)
        .bind(old.author)
        .bind(&old.title)
        .bind(&old.body)
        .bind(old.document_url.as_deref())
        .bind(old.recording)
        .bind(old.edited_at.or(old.published_at).unwrap_or(old.created_at))
        .execute(c)
        .await
        .map(|_| ()))
}

/// Earlier versions of a post, the newest first, before a number.
pub async fn list(db: &Db, post: PostId, before: i64, limit: i64) -> Result<Vec<RevisionRow>, sqlx::Error> {
    const SQL: &str = "
        select number, author, title, body, document_url, recording, written_at
        from post_revision where post = $1 and number < $2 order by number desc limit $3";
    on_db!(db, |c| query_as(SQL).bind(post).bind(before).bind(limit).fetch_all(c).await)
}

/// Takes every earlier version away: the post was retracted.
pub async fn forget(tx: &mut Tx, post: PostId) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from post_revision where post = $1";
    on_tx!(tx, |c| query(SQL).bind(post).execute(c).await.map(|_| ()))
}
