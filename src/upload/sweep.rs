//! What is cleared away: uploads nobody goes on with, and bytes nobody needs. Bytes go after the row, never before, and
//! what a crash left in between is met again by the next run.

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::TimeDelta;

use super::{State, UploadError, ending, sql};
use crate::app::App;
use crate::codes::Code;
use crate::id::UploadId;
use crate::jobs::{Failure, Handler, Outcome, Work};

/// The kind of job that runs this, and its schedule's name.
pub const KIND: &str = "upload.sweep";

/// Looked at in one run; the rest waits for the next.
const BATCH: i64 = 200;

/// What a run did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that had run out.
    pub expired: usize,
    /// Uploads whose bytes were deleted.
    pub dropped: usize,
}

/// Ends uploads that have run out, then deletes the bytes of uploads that ended or whose originals have been kept long enough.
///
/// # Errors
/// The database's; a store that fails for one upload is logged and the next one is looked at.
pub async fn run(app: &App) -> Result<Swept, UploadError> {
    let now = app.clock.now();
    let mut swept = Swept::default();
    let hours = app.config.upload_expiry_hours;
    let detail =
        format!("The upload was not finished within {hours} hours of its last byte. Record or upload it again.");
    for upload in sql::run_out(&app.db, now, BATCH).await? {
        app.uploads.evict(upload.id).await;
        swept.expired += usize::from(ending::end(app, &upload, State::Expired, Code::UploadExpired, &detail).await?);
    }
    let kept_since = now - TimeDelta::days(app.config.keep_original_days.into());
    for upload in sql::sweepable(&app.db, kept_since, BATCH).await? {
        match drop_bytes(app, upload).await {
            Ok(()) => swept.dropped += 1,
            Err(error) => tracing::warn!(%upload, %error, "the bytes of an ended upload stay until the next sweep"),
        }
    }
    Ok(swept)
}

/// Runs the sweep as a job.
pub struct Sweep;

#[async_trait]
impl Handler for Sweep {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        while run(app).await.map_err(Failure::passing)? != Swept::default() {
            work.alive();
        }
        Ok(Outcome::Done)
    }
}

/// Deletes every object of an ended upload, also those of writers who died before they could enter them in the log.
///
/// # Errors
/// The store's or the database's; what is left is deleted by the next sweep.
pub async fn drop_bytes(app: &App, upload: UploadId) -> Result<(), UploadError> {
    let mut tx = app.db.begin().await?;
    sql::delete_chunks(&mut tx, upload).await?;
    tx.commit().await?;
    let prefix = format!("uploads/{upload}/");
    loop {
        let found = app.store.list(&prefix, None, 500).await?;
        if found.is_empty() {
            break;
        }
        for object in found {
            app.store.delete(&object.key).await?;
        }
    }
    let mut tx = app.db.begin().await?;
    sql::mark_swept(&mut tx, upload, app.clock.now()).await?;
    Ok(tx.commit().await?)
}
