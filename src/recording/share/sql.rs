//! Every statement about share links.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{query, query_as, query_scalar};

use crate::account::keys::token_hash;
use crate::db::{Db, Tx};
use crate::id::{PersonId, RecordingId, ShareLinkId};
use crate::{on_db, on_tx};

/// A link as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields are the columns of share_link")]
pub struct ShareLinkRow {
    pub id: ShareLinkId,
    pub recording: RecordingId,
    pub audience: String,
    pub allowed_origins: Option<Json<Vec<String>>>,
    pub password_hash: Option<String>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub created_by: PersonId,
    pub created_at: DateTime<Utc>,
}

/// The link with that token, live or not.
pub async fn by_token(db: &Db, token: &str) -> Result<Option<ShareLinkRow>, sqlx::Error> {
    const SQL: &str = "
        select id, recording, audience, allowed_origins, password_hash, expires_at, revoked_at, created_by, created_at
        from share_link where token_hash = $1";
    on_db!(db, |c| query_as(SQL).bind(token_hash(token)).fetch_optional(c).await)
}

/// The link with that id, live or not.
pub async fn by_id(db: &Db, id: ShareLinkId) -> Result<Option<ShareLinkRow>, sqlx::Error> {
    const SQL: &str = "
        select id, recording, audience, allowed_origins, password_hash, expires_at, revoked_at, created_by, created_at
        from share_link where id = $1";
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// The live links of a recording, oldest first; their number is bounded when they are made.
pub async fn live(db: &Db, recording: RecordingId, now: DateTime<Utc>) -> Result<Vec<ShareLinkRow>, sqlx::Error> {
    const SQL: &str = "
        select id, recording, audience, allowed_origins, password_hash, expires_at, revoked_at, created_by, created_at
        from share_link
        where recording = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
        order by id limit 100";
    on_db!(db, |c| query_as(SQL).bind(recording).bind(now).fetch_all(c).await)
}

/// Keeps a link; of its token only the hash.
pub async fn insert(tx: &mut Tx, row: &ShareLinkRow, token: &str) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into share_link (id, recording, audience, token_hash, allowed_origins, password_hash, expires_at, created_by,
                                created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    on_tx!(tx, |c| {
        query(SQL)
            .bind(row.id)
            .bind(row.recording)
            .bind(row.audience.clone())
            .bind(token_hash(token))
            .bind(row.allowed_origins.clone())
            .bind(row.password_hash.clone())
            .bind(row.expires_at)
            .bind(row.created_by)
            .bind(row.created_at)
            .execute(c)
            .await
            .map(|_| ())
    })
}

/// Ends a link; says whether it was live.
pub async fn revoke(tx: &mut Tx, id: ShareLinkId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "update share_link set revoked_at = $2 where id = $1 and revoked_at is null";
    on_tx!(tx, |c| query(SQL).bind(id).bind(now).execute(c).await.map(|done| done.rows_affected() == 1))
}

/// The title of a recording.
pub async fn title(db: &Db, recording: RecordingId) -> Result<String, sqlx::Error> {
    const SQL: &str = "select title from recording where id = $1";
    on_db!(db, |c| query_scalar(SQL).bind(recording).fetch_one(c).await)
}
