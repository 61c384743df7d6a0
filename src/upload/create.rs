//! An upload begins: what is known to be too much is refused before a byte is sent, and a take is opened.

use chrono::TimeDelta;

use super::metadata::{self, Metadata};
use super::sql::NewUpload;
use super::{Upload, UploadError, append, sql};
use crate::account::Person;
use crate::app::App;
use crate::id::UploadId;
use crate::recording::take::{self, Source};

/// Uploads one person may have open at once.
const MOST_OPEN: i64 = 32;

/// Opens a take and an upload for it. `size` is `None` when it will be told later, as a live recording does.
///
/// # Errors
/// What is known to be too large, too long, too much for the quota; a take session that has no place.
pub async fn create(app: &App, person: &Person, size: Option<i64>, header: &str) -> Result<Upload, UploadError> {
    let metadata = metadata::parse(header)?;
    check_size(app, size)?;
    let mut tx = app.db.begin().await?;
    check_room(app, &mut tx, person, size).await?;
    let opened = take::open(app, &mut tx, new_take(person, &metadata, size)).await?;
    let now = app.clock.now();
    let new = NewUpload {
        id: app.clock.id::<UploadId>(),
        person: person.id,
        take: opened.id,
        file: (&metadata.filename, &metadata.filetype),
        metadata: header,
        declared_size: size,
        expires_at: now + TimeDelta::hours(app.config.upload_expiry_hours.into()),
        now,
    };
    sql::insert(&mut tx, &new).await?;
    if size == Some(0) {
        append::complete(app, &mut tx, new.id, new.take, 0).await?;
    }
    tx.commit().await?;
    if size == Some(0) {
        app.jobs.wake();
    }
    sql::find(&app.db, new.id).await?.ok_or(UploadError::NotFound)
}

fn new_take(person: &Person, metadata: &Metadata, size: Option<i64>) -> take::NewTake {
    take::NewTake {
        author: person.clone(),
        session: metadata.take_session,
        // Only what is being recorded at this moment does not know its size.
        source: if size.is_none() { Source::Browser } else { Source::Upload },
        filename: metadata.filename.clone(),
        title: metadata.title.clone(),
        declared_ms: metadata.declared_ms,
    }
}

/// Refuses what no upload may be.
///
/// # Errors
/// [`UploadError::TooLarge`].
pub fn check_size(app: &App, size: Option<i64>) -> Result<(), UploadError> {
    let limit = app.config.max_upload_bytes;
    if size.is_some_and(|size| size.unsigned_abs() > limit) { Err(UploadError::TooLarge { limit }) } else { Ok(()) }
}

async fn check_room(app: &App, tx: &mut crate::db::Tx, person: &Person, size: Option<i64>) -> Result<(), UploadError> {
    let own = sql::lock_person(tx, person.id).await?;
    let open = sql::count_open(tx, person.id).await?;
    if open >= MOST_OPEN {
        return Err(UploadError::TooManyOpen(open));
    }
    let quota = own.unwrap_or_else(|| i64::try_from(app.config.quota_bytes).unwrap_or(i64::MAX));
    let used = sql::bytes_used(tx, person.id).await?;
    // Of a size that is not known yet at least one byte must fit; appending looks again.
    if used.saturating_add(size.unwrap_or(1)) > quota { Err(UploadError::Quota { quota, used }) } else { Ok(()) }
}

/// Bytes that still fit into a person's quota.
///
/// # Errors
/// The database's.
pub async fn room(app: &App, person: crate::id::PersonId) -> Result<i64, sqlx::Error> {
    let mut tx = app.db.begin().await?;
    let own = sql::lock_person(&mut tx, person).await?;
    let quota = own.unwrap_or_else(|| i64::try_from(app.config.quota_bytes).unwrap_or(i64::MAX));
    Ok((quota - sql::bytes_used(&mut tx, person).await?).max(0))
}
