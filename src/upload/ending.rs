//! An upload ends before it is complete: its owner cancels it, nobody goes on with it, or it proves to be too much. The row
//! says so first; the bytes go after it.

use super::{State, Upload, UploadError, sql, sweep};
use crate::app::App;
use crate::codes::Code;
use crate::db::Tx;
use crate::id::UploadId;
use crate::jobs;
use crate::recording::{process, take};

/// Ends an upload in its final `state` and its take with it. `false` when it had ended already.
///
/// # Errors
/// The database's.
pub async fn end(app: &App, upload: &Upload, state: State, code: Code, detail: &str) -> Result<bool, UploadError> {
    let mut tx = app.db.begin().await?;
    if !sql::end(&mut tx, upload.id, state, (code.name(), detail, None), app.clock.now()).await? {
        return Ok(false);
    }
    // Whoever reads it already (the process job) is called off in the same moment.
    jobs::cancel(&mut tx, &app.clock, &process::key(upload.take)).await?;
    match state {
        State::Refused => take::refused(app, &mut tx, upload.take, code, detail).await?,
        _ => take::failed(app, &mut tx, upload.take, code, detail).await?,
    };
    tx.commit().await?;
    app.uploads.ended(upload.id);
    Ok(true)
}

/// What has arrived proves that it cannot become a take: whoever sends is told at the next byte. The take is told by the
/// caller, in this transaction; [`stop`] comes after it. Nothing happens to an upload that is complete.
///
/// # Errors
/// The database's.
pub async fn refuse(
    app: &App,
    tx: &mut Tx,
    upload: UploadId,
    code: Code,
    detail: &str,
    measured_ms: Option<i64>,
) -> Result<bool, sqlx::Error> {
    sql::end(tx, upload, State::Refused, (code.name(), detail, measured_ms), app.clock.now()).await
}

/// Makes a request of this process that is still sending bytes of an ended upload answer at once.
pub async fn stop(app: &App, upload: UploadId) {
    app.uploads.evict(upload).await;
    app.uploads.ended(upload);
}

/// Its owner cancels it. What is complete has become a take and is deleted as one.
///
/// # Errors
/// [`UploadError::NotFound`] when it is complete, [`UploadError::Ended`] when it had ended.
pub async fn terminate(app: &App, upload: &Upload) -> Result<(), UploadError> {
    upload.still_there()?;
    app.uploads.evict(upload.id).await;
    let detail = "The upload was cancelled before all of it had arrived.";
    if !end(app, upload, State::Terminated, Code::UploadCancelled, detail).await? {
        return Err(UploadError::Complete);
    }
    // The sweep would come by later; a person who cancels sees the room at once.
    if let Err(error) = sweep::drop_bytes(app, upload.id).await {
        tracing::warn!(upload = %upload.id, %error, "the bytes of a cancelled upload stay until the next sweep");
    }
    Ok(())
}

/// What it was for goes altogether: an upload that is still receiving ends here, whoever sends it.
///
/// # Errors
/// The database's.
pub async fn withdraw(app: &App, upload: &Upload) -> Result<(), UploadError> {
    if upload.state != State::Receiving {
        return Ok(());
    }
    app.uploads.evict(upload.id).await;
    let detail = "What this upload was for has been removed.";
    end(app, upload, State::Terminated, Code::UploadCancelled, detail).await.map(drop)
}

/// More bytes than any upload may have arrived.
///
/// # Errors
/// The database's.
pub async fn refuse_size(app: &App, upload: &Upload) -> Result<UploadError, UploadError> {
    let error = UploadError::TooLarge { limit: app.config.max_upload_bytes };
    let detail = crate::error::Problem::from(UploadError::TooLarge { limit: app.config.max_upload_bytes }).detail;
    end(app, upload, State::Refused, Code::TooLarge, &detail).await?;
    Ok(error)
}
