//! Every statement about uploads and their chunks.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as, query_scalar};
use uuid::Uuid;

use super::{State, Upload};
use crate::db::{Db, Tx};
use crate::id::{PersonId, TakeId, UploadId};
use crate::{on_db, on_tx};

/// What is written when an upload is made.
pub struct NewUpload<'a> {
    /// Its id.
    pub id: UploadId,
    /// Who uploads.
    pub person: PersonId,
    /// What it becomes.
    pub take: TakeId,
    /// Name and type of the file, made harmless.
    pub file: (&'a str, &'a str),
    /// `Upload-Metadata` as it was sent.
    pub metadata: &'a str,
    /// Size, when it is known.
    pub declared_size: Option<i64>,
    /// When it is swept unless it goes on.
    pub expires_at: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// A piece of an upload's log.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Chunk {
    /// Offset of its first byte.
    pub start_at: i64,
    /// How many bytes it has.
    pub size: i64,
    /// Where they rest.
    pub key: String,
}

/// Makes an upload.
pub async fn insert(tx: &mut Tx, new: &NewUpload<'_>) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into upload (id, person, take, filename, filetype, metadata, declared_size, state, expires_at, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, 'receiving', $8, $9)";
    on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.person)
        .bind(new.take)
        .bind(new.file.0)
        .bind(new.file.1)
        .bind(new.metadata)
        .bind(new.declared_size)
        .bind(new.expires_at)
        .bind(new.now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// An upload.
pub async fn find(db: &Db, id: UploadId) -> Result<Option<Upload>, sqlx::Error> {
    const SQL: &str = "
        select id, person, take, metadata, declared_size, received, state, code, detail, measured_ms, writer, expires_at
        from upload where id = $1";
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// Locks the person for the rest of the transaction, so that two uploads begun at once count each other; tells their own
/// quota, if they have one.
pub async fn lock_person(tx: &mut Tx, person: PersonId) -> Result<Option<i64>, sqlx::Error> {
    const SQL: &str = "update person set quota_bytes = quota_bytes where id = $1 returning quota_bytes";
    on_tx!(tx, |c| query_scalar(SQL).bind(person).fetch_one(c).await)
}

/// How many uploads of a person are open.
pub async fn count_open(tx: &mut Tx, person: PersonId) -> Result<i64, sqlx::Error> {
    const SQL: &str = "select count(*) from upload where person = $1 and state = 'receiving'";
    on_tx!(tx, |c| query_scalar(SQL).bind(person).fetch_one(c).await)
}

/// Bytes a person fills: originals that are kept (open uploads with all they declared) and what was made of them.
pub async fn bytes_used(tx: &mut Tx, person: PersonId) -> Result<i64, sqlx::Error> {
    const SQL: &str = "
        select cast(
          coalesce((select sum(case when state = 'receiving' and declared_size > received then declared_size else received end)
                    from upload where person = $1 and swept_at is null), 0)
          + coalesce((select sum(media_bytes) from take where author = $1 and discarded_at is null), 0)
          as bigint)";
    on_tx!(tx, |c| query_scalar(SQL).bind(person).fetch_one(c).await)
}

/// Tells the size of an upload that was begun without: once, and never below what has arrived.
pub async fn declare(tx: &mut Tx, id: UploadId, size: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update upload set declared_size = $2
        where id = $1 and state = 'receiving' and declared_size is null and received <= $2";
    on_tx!(tx, |c| query(SQL).bind(id).bind(size).execute(c).await.map(|done| done.rows_affected() == 1))
}

/// Makes `writer` the one who may append from `offset`; fails when the upload stands elsewhere or has ended.
pub async fn claim(tx: &mut Tx, id: UploadId, writer: Uuid, offset: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "update upload set writer = $2 where id = $1 and received = $3 and state = 'receiving'";
    on_tx!(tx, |c| query(SQL).bind(id).bind(writer).bind(offset).execute(c).await.map(|done| done.rows_affected() == 1))
}

/// Fences off whoever was writing, on any node.
pub async fn fence(tx: &mut Tx, id: UploadId, writer: Uuid) -> Result<(), sqlx::Error> {
    const SQL: &str = "update upload set writer = $2 where id = $1 and state = 'receiving'";
    on_tx!(tx, |c| query(SQL).bind(id).bind(writer).execute(c).await.map(|_| ()))
}

/// Moves the offset from where the writer believes it to be; fails when somebody else has taken over.
pub async fn advance(
    tx: &mut Tx,
    id: UploadId,
    writer: Uuid,
    (from, to): (i64, i64),
    expires_at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update upload set received = $4, expires_at = $5
        where id = $1 and writer = $2 and received = $3 and state = 'receiving' and (declared_size is null or $4 <= declared_size)";
    on_tx!(tx, |c| query(SQL)
        .bind(id)
        .bind(writer)
        .bind(from)
        .bind(to)
        .bind(expires_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))
}

/// Adds a chunk to the log.
pub async fn insert_chunk(tx: &mut Tx, upload: UploadId, chunk: &Chunk) -> Result<(), sqlx::Error> {
    const SQL: &str = "insert into upload_chunk (upload, start_at, size, key) values ($1, $2, $3, $4)";
    on_tx!(tx, |c| query(SQL)
        .bind(upload)
        .bind(chunk.start_at)
        .bind(chunk.size)
        .bind(chunk.key.as_str())
        .execute(c)
        .await
        .map(|_| ()))
}

/// Completes an upload whose every byte has arrived.
pub async fn complete(tx: &mut Tx, id: UploadId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update upload set state = 'complete', finished_at = $2, writer = null
        where id = $1 and state = 'receiving' and received = declared_size";
    on_tx!(tx, |c| query(SQL).bind(id).bind(now).execute(c).await.map(|done| done.rows_affected() == 1))
}

/// Ends an upload that will not be complete.
pub async fn end(
    tx: &mut Tx,
    id: UploadId,
    state: State,
    (code, detail, measured_ms): (&str, &str, Option<i64>),
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update upload set state = $2, code = $3, detail = $4, measured_ms = $6, finished_at = $5, writer = null
        where id = $1 and state = 'receiving'";
    on_tx!(tx, |c| query(SQL)
        .bind(id)
        .bind(state)
        .bind(code)
        .bind(detail)
        .bind(now)
        .bind(measured_ms)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))
}

/// Locks an upload for the rest of the transaction, so that no byte is entered meanwhile; tells its offset and when it runs out,
/// while it is receiving.
pub async fn lock(tx: &mut Tx, id: UploadId) -> Result<Option<(i64, DateTime<Utc>)>, sqlx::Error> {
    const SQL: &str = "
        update upload set received = received where id = $1 and state = 'receiving' returning received, expires_at";
    on_tx!(tx, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// The next chunks that hold bytes from `at` on, in order.
pub async fn chunks(db: &Db, upload: UploadId, at: i64, limit: i64) -> Result<Vec<Chunk>, sqlx::Error> {
    const SQL: &str = "
        select start_at, size, key from upload_chunk
        where upload = $1 and start_at + size > $2 order by start_at limit $3";
    on_db!(db, |c| query_as(SQL).bind(upload).bind(at).bind(limit).fetch_all(c).await)
}

/// Open uploads that have run out.
pub async fn run_out(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Upload>, sqlx::Error> {
    const SQL: &str = "
        select id, person, take, metadata, declared_size, received, state, code, detail, measured_ms, writer, expires_at
        from upload where state = 'receiving' and expires_at <= $1 order by expires_at limit $2";
    on_db!(db, |c| query_as(SQL).bind(now).bind(limit).fetch_all(c).await)
}

/// Uploads whose bytes nobody needs any more. The rules stand in docs/deletion.md.
pub async fn sweepable(db: &Db, finished_before: DateTime<Utc>, limit: i64) -> Result<Vec<UploadId>, sqlx::Error> {
    const SQL: &str = "
        select u.id
        from upload u join take t on t.id = u.take join recording r on r.id = t.recording
        where u.swept_at is null and u.finished_at is not null
          and (u.state in ('refused', 'terminated', 'expired')
               or t.discarded_at is not null
               or r.state = 'deleted'
               or t.state = 'refused'
               or (t.state in ('ready', 'failed') and t.finished_at <= $1))
        order by u.finished_at limit $2";
    on_db!(db, |c| query_scalar(SQL).bind(finished_before).bind(limit).fetch_all(c).await)
}

/// The upload whose bytes are a take's original, if they are there and the take ended after an instant.
pub async fn original(db: &Db, take: TakeId, ended_after: DateTime<Utc>) -> Result<Option<UploadId>, sqlx::Error> {
    const SQL: &str = "
        select u.id from upload u join take t on t.id = u.take
        where u.take = $1 and u.state = 'complete' and u.swept_at is null and t.finished_at > $2
        order by u.id desc limit 1";
    on_db!(db, |c| query_scalar(SQL).bind(take).bind(ended_after).fetch_optional(c).await)
}

/// Takes an ended upload's chunks out of the log; their bytes go next.
pub async fn delete_chunks(tx: &mut Tx, upload: UploadId) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        delete from upload_chunk
        where upload = $1 and exists (select 1 from upload where id = $1 and finished_at is not null)";
    on_tx!(tx, |c| query(SQL).bind(upload).execute(c).await.map(|_| ()))
}

/// Notes that an ended upload's bytes are gone.
pub async fn mark_swept(tx: &mut Tx, upload: UploadId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "update upload set swept_at = $2 where id = $1 and swept_at is null and finished_at is not null";
    on_tx!(tx, |c| query(SQL).bind(upload).bind(now).execute(c).await.map(|_| ()))
}
