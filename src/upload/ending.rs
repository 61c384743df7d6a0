//! An upload ends before it is complete: its owner cancels it, nobody goes on with it, or it proves to be too much. The row
//! says so first; the bytes go after it.

use super::{State, Upload, UploadError, sql, sweep};
use crate::app::App;
use crate::codes::Code;
use crate::recording::take;

/// Ends an upload in its final `state` and its take with it. `false` when it had ended already.
///
/// # Errors
/// The database's.
pub async fn end(app: &App, upload: &Upload, state: State, code: Code, detail: &str) -> Result<bool, UploadError> {
    let mut tx = app.db.begin().await?;
    if !sql::end(&mut tx, upload.id, state, (code.name(), detail), app.clock.now()).await? {
        return Ok(false);
    }
    match state {
        State::Refused => take::refused(app, &mut tx, upload.take, code, detail).await?,
        _ => take::failed(app, &mut tx, upload.take, code, detail).await?,
    };
    tx.commit().await?;
    app.uploads.ended(upload.id);
    Ok(true)
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
