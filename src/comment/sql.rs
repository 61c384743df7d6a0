//! Every statement about comments.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as};
use uuid::Uuid;

use crate::db::{Db, Tx, push_list};
use crate::id::{CommentId, OrganisationId};
use crate::{on_db, on_tx};

use super::{CommentRow, SubjectKind};

/// Answers shown with their comment; more are read with the comment's own list.
pub const ANSWERS_SHOWN: i64 = 50;

/// Comments directly under a subject, oldest first, after a place in the list; only those that are settled or not, when asked.
/// One that was taken back is there while something hangs under it.
pub async fn top(
    db: &Db,
    (kind, subject): (SubjectKind, Uuid),
    after: CommentId,
    settled: Option<bool>,
    limit: i64,
) -> Result<Vec<CommentRow>, sqlx::Error> {
    const SQL: &str = "
        select c.id, c.subject_kind, c.subject, c.parent, c.author, c.body, c.at_ms, c.recording, c.revision, c.created_at,
               c.edited_at, c.deleted_at, c.resolved_at, c.resolved_by,
               (select count(*) from comment a where a.parent = c.id and a.deleted_at is null) as answers
        from comment c
        where c.subject_kind = $1 and c.subject = $2 and c.parent is null and c.id > $3
          and (c.deleted_at is null or exists (select 1 from comment a where a.parent = c.id and a.deleted_at is null))
          and ($4 is null or (c.resolved_at is not null) = $4)
        order by c.id limit $5";
    on_db!(db, |c| query_as(SQL).bind(kind).bind(subject).bind(after).bind(settled).bind(limit).fetch_all(c).await)
}

/// Comments directly under a subject, newest first, before a place in the list, likewise.
pub async fn latest(
    db: &Db,
    (kind, subject): (SubjectKind, Uuid),
    before: CommentId,
    settled: Option<bool>,
    limit: i64,
) -> Result<Vec<CommentRow>, sqlx::Error> {
    const SQL: &str = "
        select c.id, c.subject_kind, c.subject, c.parent, c.author, c.body, c.at_ms, c.recording, c.revision, c.created_at,
               c.edited_at, c.deleted_at, c.resolved_at, c.resolved_by,
               (select count(*) from comment a where a.parent = c.id and a.deleted_at is null) as answers
        from comment c
        where c.subject_kind = $1 and c.subject = $2 and c.parent is null and c.id < $3
          and (c.deleted_at is null or exists (select 1 from comment a where a.parent = c.id and a.deleted_at is null))
          and ($4 is null or (c.resolved_at is not null) = $4)
        order by c.id desc limit $5";
    on_db!(db, |c| query_as(SQL).bind(kind).bind(subject).bind(before).bind(settled).bind(limit).fetch_all(c).await)
}

/// The first answers to each of these comments, oldest first.
pub async fn answers(db: &Db, parents: &[CommentId]) -> Result<Vec<CommentRow>, sqlx::Error> {
    if parents.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select id, subject_kind, subject, parent, author, body, at_ms, recording, revision, created_at, edited_at,
                    deleted_at, resolved_at, resolved_by, answers from (
                select c.id, c.subject_kind, c.subject, c.parent, c.author, c.body, c.at_ms, c.recording, c.revision,
                       c.created_at, c.edited_at, c.deleted_at, c.resolved_at, c.resolved_by, cast(0 as bigint) as answers,
                       row_number() over (partition by c.parent order by c.id) as place
                from comment c where c.deleted_at is null and c.parent in (",
        );
        push_list(&mut sql, parents.iter().copied());
        sql.push(")) x where place <= ").push_bind(ANSWERS_SHOWN).push(" order by id");
        sql.build_query_as().fetch_all(c).await
    })
}

/// The answers to one comment, oldest first, after a place in the list.
pub async fn answers_of(
    db: &Db,
    parent: CommentId,
    after: CommentId,
    limit: i64,
) -> Result<Vec<CommentRow>, sqlx::Error> {
    const SQL: &str = "
        select id, subject_kind, subject, parent, author, body, at_ms, recording, revision, created_at, edited_at, deleted_at,
               resolved_at, resolved_by, cast(0 as bigint) as answers
        from comment where parent = $1 and id > $2 and deleted_at is null order by id limit $3";
    on_db!(db, |c| query_as(SQL).bind(parent).bind(after).bind(limit).fetch_all(c).await)
}

/// The comment of that id in the organisation.
pub async fn one(db: &Db, organisation: OrganisationId, id: CommentId) -> Result<Option<CommentRow>, sqlx::Error> {
    const SQL: &str = "
        select c.id, c.subject_kind, c.subject, c.parent, c.author, c.body, c.at_ms, c.recording, c.revision, c.created_at,
               c.edited_at, c.deleted_at, c.resolved_at, c.resolved_by,
               (select count(*) from comment a where a.parent = c.id and a.deleted_at is null) as answers
        from comment c where c.id = $1 and c.organisation = $2";
    on_db!(db, |c| query_as(SQL).bind(id).bind(organisation).fetch_optional(c).await)
}

/// Adds a comment.
pub async fn insert(tx: &mut Tx, organisation: OrganisationId, new: &CommentRow) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into comment (id, organisation, subject_kind, subject, parent, author, body, at_ms, recording, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(organisation)
        .bind(new.subject_kind)
        .bind(new.subject)
        .bind(new.parent)
        .bind(new.author)
        .bind(&new.body)
        .bind(new.at_ms)
        .bind(new.recording)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Writes body, second, edit and resolution of a comment that was not taken back; false when it is no longer at that revision.
pub async fn update(tx: &mut Tx, comment: &CommentRow, revision: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update comment set body = $3, at_ms = $4, edited_at = $5, resolved_at = $6, resolved_by = $7,
               revision = revision + 1
        where id = $1 and revision = $2 and deleted_at is null";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(comment.id)
        .bind(revision)
        .bind(&comment.body)
        .bind(comment.at_ms)
        .bind(comment.edited_at)
        .bind(comment.resolved_at)
        .bind(comment.resolved_by)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes a comment back: the row and its place stay, its words and its video go. False when it was taken back before.
pub async fn delete(tx: &mut Tx, id: CommentId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update comment set body = '', recording = null, deleted_at = $2, revision = revision + 1
        where id = $1 and deleted_at is null";
    let rows = on_tx!(tx, |c| query(SQL).bind(id).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
