//! A request wants to add bytes to an upload: whether it may, how many it may bring, and who writes. The bytes themselves
//! are [`super::appender`]'s.
//!
//! Invariant: a request that may not add bytes changes nothing.

use actix_web::error::PayloadError;
use actix_web::web::Data;
use bytes::Bytes;
use futures_util::Stream;
use uuid::Uuid;

use super::appender::Appender;
use super::checksum::Checksum;
use super::{Upload, UploadError, create, ending, sql};
use crate::app::App;
use crate::db::Tx;
use crate::id::{TakeId, UploadId};
use crate::recording::take;
use crate::store::StoreError;

/// What a request says of the bytes it carries.
#[derive(Default)]
pub struct Patch {
    /// `Upload-Offset`: where they start.
    pub from: i64,
    /// `Upload-Length`: the size, where it was deferred.
    pub size: Option<i64>,
    /// `Content-Length`, where it is told.
    pub announced: Option<i64>,
    /// What they are to match.
    pub checksum: Option<Checksum>,
}

/// Appends a request's body and returns the upload as it stands then; every byte up to its offset is durable.
///
/// # Errors
/// Nothing is changed by a request that starts elsewhere, carries too much or fails its checksum; what broke off is kept.
pub async fn append<B>(app: Data<App>, upload: Upload, patch: Patch, body: B) -> Result<Upload, UploadError>
where
    B: Stream<Item = Result<Bytes, PayloadError>> + Unpin + 'static,
{
    upload.still_there()?;
    if patch.from != upload.received {
        return Err(UploadError::Offset(upload.received));
    }
    let mut upload = upload;
    if let Some(size) = patch.size {
        upload = declare(&app, upload, size).await?;
    }
    if upload.state != super::State::Receiving {
        return Ok(upload);
    }
    let hold = app.uploads.hold(upload.id).await.ok_or(UploadError::Busy)?;
    let room = room(&app, &upload, patch.announced).await?;
    let writer = claim(&app, &upload).await?;
    let appender = Appender::new(app.clone(), upload, writer, hold, room, patch.checksum.is_some());
    // A task of its own: were the connection's future dropped, what has arrived would still be put away.
    actix_web::rt::spawn(appender.run(patch.checksum, body)).await.map_err(|e| lost(&e))?
}

/// A task that did not come back.
pub(super) fn lost(error: &tokio::task::JoinError) -> UploadError {
    StoreError::Failed { passing: false, cause: error.to_string() }.into()
}

/// Tells the size of an upload that was begun without it.
async fn declare(app: &App, upload: Upload, size: i64) -> Result<Upload, UploadError> {
    match upload.declared_size {
        Some(declared) if declared == size => return Ok(upload),
        Some(_) => return Err(UploadError::BadHeader("Upload-Length has been told and stays as it is.".into())),
        None => create::check_size(app, Some(size))?,
    }
    let mut tx = app.db.begin().await?;
    if !sql::declare(&mut tx, upload.id, size).await? {
        return Err(UploadError::BadHeader("Upload-Length is less than what has arrived.".into()));
    }
    if size == upload.received {
        complete(app, &mut tx, upload.id, upload.take, size).await?;
    }
    tx.commit().await?;
    app.uploads.progressed(upload.id);
    app.jobs.wake();
    sql::find(&app.db, upload.id).await?.ok_or(UploadError::NotFound)
}

/// How many bytes this request may bring.
async fn room(app: &App, upload: &Upload, announced: Option<i64>) -> Result<i64, UploadError> {
    let most = i64::try_from(app.config.max_upload_bytes).unwrap_or(i64::MAX);
    let room = match upload.declared_size {
        Some(size) => size - upload.received,
        None => (most - upload.received).min(create::room(app, upload.person).await?),
    };
    match (announced, upload.declared_size) {
        (Some(announced), Some(size)) if announced > room => Err(UploadError::TooMany(size)),
        (Some(announced), None) if announced > most - upload.received => Err(ending::refuse_size(app, upload).await?),
        _ => Ok(room),
    }
}

/// Becomes the writer in the row, unless this process still is.
async fn claim(app: &App, upload: &Upload) -> Result<Uuid, UploadError> {
    if let Some(writer) = app.uploads.writer(upload.id, upload.writer) {
        return Ok(writer);
    }
    let writer = app.clock.id::<Uuid>();
    let mut tx = app.db.begin().await?;
    if !sql::claim(&mut tx, upload.id, writer, upload.received).await? {
        drop(tx);
        return Err(stands_elsewhere(app, upload.id).await?);
    }
    tx.commit().await?;
    app.uploads.remember(upload.id, writer);
    Ok(writer)
}

/// What is told to a writer whom another one has overtaken.
pub(super) async fn stands_elsewhere(app: &App, id: UploadId) -> Result<UploadError, UploadError> {
    let now = sql::find(&app.db, id).await?.ok_or(UploadError::NotFound)?;
    now.still_there()?;
    Ok(UploadError::Offset(now.received))
}

/// Every byte is durable: the take is told in the same transaction, and with it the work is owed.
///
/// # Errors
/// The database's.
pub async fn complete(app: &App, tx: &mut Tx, id: UploadId, take: TakeId, size: i64) -> Result<(), UploadError> {
    if sql::complete(tx, id, app.clock.now()).await? {
        take::received(app, tx, take, id, size.unsigned_abs()).await?;
    }
    Ok(())
}
