//! The end of a process job: outputs become the take's, or the take is refused, in the transaction that finishes the job. And
//! the end of a job that makes a better set of files of a ready take: [`replace`].

use actix_web::web::Data;
use serde_json::{Value, json};

use crate::app::App;
use crate::codes::Code;
use crate::db::Tx;
use crate::error::Problem;
use crate::id::UploadId;
use crate::jobs::{Failure, Outcome, Work};
use crate::media::ResultJson;
use crate::recording::level;
use crate::recording::replaced::{self, NewSet, sweep_after};
use crate::recording::session::{self, SessionState};
use crate::recording::take::{self, Take, TakeState, sql::Published};
use crate::store::content_type;
use crate::upload::{self, ending};

use super::outputs::Outputs;

/// Makes the outputs the take's, and publishes the recording when its session keeps itself.
pub(super) async fn publish(
    app: &Data<App>,
    work: &Work,
    (take, from): (&Take, UploadId),
    outputs: &Outputs<'_>,
    result: &ResultJson,
) -> Result<Outcome, Failure> {
    let media_bytes = outputs.complete(result).await?;
    let media = manifest(result, &[]);
    let set = Published {
        job: work.job.id,
        attempt: work.claim(),
        measured_ms: i64::try_from(result.measured_ms).unwrap_or(i64::MAX),
        width: i32::try_from(result.width).unwrap_or(i32::MAX),
        height: i32::try_from(result.height).unwrap_or(i32::MAX),
        media: &media,
        media_bytes,
    };
    let mut tx = app.db.begin().await?;
    if !work.finish(app, &mut tx).await? {
        return Ok(Outcome::Finished); // another attempt owns the job: these outputs are swept later
    }
    outputs.show_all(&mut tx).await?;
    if take::sql::ready(&mut tx, take.id, &set, app.clock.now()).await? {
        let detail = json!({ "measured_ms": set.measured_ms, "bytes": media_bytes });
        take::note(app, &mut tx, take.id, "take.ready", detail).await?;
        level::owe(app, &mut tx, (take.id, from), work.claim(), result.audio.as_ref()).await?;
        let session = session::sql::in_tx(&mut tx, take.session).await?;
        if let Some(session) = session.filter(|s| s.keeps_itself && s.state == SessionState::Open) {
            session::keep(app, &mut tx, &session, take.id, None, None)
                .await
                .map_err(|p: Problem| Failure::passing(p))?;
        }
    }
    tx.commit().await?;
    app.jobs.wake();
    app.events.changed(take.id.0);
    tracing::info!(take = %take.id, measured_ms = result.measured_ms, bytes = media_bytes, "a take is ready");
    Ok(Outcome::Finished)
}

/// Refuses the take, with the measured length where there is one, and its upload where that is still going on.
pub(super) async fn refuse(
    app: &Data<App>,
    work: &Work,
    (take, from): (&Take, UploadId),
    code: Code,
    detail: &str,
    measured_ms: Option<u64>,
) -> Result<Outcome, Failure> {
    let measured_ms = measured_ms.and_then(|ms| i64::try_from(ms).ok());
    let detail = match (code, measured_ms) {
        (Code::TooLong, Some(ms)) => take::too_long_sentence(ms, take.limit_ms),
        _ => detail.to_owned(),
    };
    let mut tx = app.db.begin().await?;
    // The upload first, then the job, as whoever adds bytes takes them: two who wait for each other would cost an attempt.
    upload::sql::lock(&mut tx, from).await?;
    if !work.finish(app, &mut tx).await? {
        return Ok(Outcome::Finished);
    }
    take::end(app, &mut tx, take.id, TakeState::Refused, code, &detail, measured_ms).await?;
    let in_the_middle = ending::refuse(app, &mut tx, from, code, &detail, measured_ms).await?;
    tx.commit().await?;
    if in_the_middle {
        ending::stop(app, from).await;
    }
    app.events.changed(take.id.0);
    tracing::info!(take = %take.id, code = code.name(), ?measured_ms, "a take was refused");
    Ok(Outcome::Finished)
}

/// Shows this attempt's set instead of the one it was made from, in `tx`, which also finishes the job and is committed here.
/// Every file of the set lies in the store by now. Only the set that it was made from is replaced, and only while the take is
/// kept: else the job is over, and what it made is swept. The replaced set, and those that it leans on, stay for a day.
/// Answers whether the new set is shown.
///
/// # Errors
/// The database's.
pub async fn replace(
    app: &Data<App>,
    work: &Work,
    mut tx: Tx,
    take: &Take,
    set: &NewSet<'_>,
) -> Result<bool, sqlx::Error> {
    let now = app.clock.now();
    // The take before the job, as whoever discards one: two that wait for each other would cost an attempt.
    let before = replaced::sql::manifest(&mut tx, take.id, set.from).await?;
    if !work.finish(app, &mut tx).await? {
        return Ok(false); // another attempt owns the job, or it was called off
    }
    let shown = match before {
        Some(before) => {
            for attempt in replaced::also(&before).iter().map(String::as_str).chain([set.from]) {
                replaced::sql::keep(&mut tx, take.id, attempt, now).await?;
            }
            replaced::sql::show(&mut tx, take.id, (work.job.id, work.claim()), set, sweep_after(now)).await?
        }
        None => {
            replaced::sql::sweep_at(&mut tx, take.id, sweep_after(now)).await?;
            false
        }
    };
    if shown {
        let detail = json!({ "because": set.because, "bytes": set.media_bytes });
        take::note(app, &mut tx, take.id, "take.replaced", detail).await?;
    }
    tx.commit().await?; // what this node remembers of rights and sets ends with the commit; other nodes ask again in seconds
    app.events.changed(take.id.0);
    tracing::info!(take = %take.id, because = set.because, shown, bytes = set.media_bytes, "a take has a new set of files");
    Ok(shown)
}

/// What the player and the byte routes need to know of the files. `also` are the other attempts that its playlists name.
#[must_use]
pub fn manifest(result: &ResultJson, also: &[&str]) -> Value {
    let files: Vec<Value> = result
        .files
        .iter()
        .map(|file| json!({ "name": file.name, "size": file.bytes, "type": content_type(&file.name), "kind": file.kind }))
        .collect();
    json!({ "files": files, "renditions": result.renditions, "audio": result.audio, "also": also })
}
