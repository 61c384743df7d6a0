//! Every statement about captions.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{FromRow, query_as, query_scalar};

use crate::db::{Db, Tx};
use crate::id::{CaptionId, RecordingId};
use crate::{on_db, on_tx};

use super::{Caption, Language, Text};

/// The tracks of a recording by language; their number is bounded when they are written.
pub async fn of_recording(db: &Db, recording: RecordingId) -> Result<Vec<Caption>, sqlx::Error> {
    const SQL: &str = "
        select id, language, cues, revision, changed_at from caption where recording = $1 order by language limit 100";
    on_db!(db, |c| query_as(SQL).bind(recording).fetch_all(c).await)
}

/// The track of a language with its file.
pub async fn one(
    db: &Db,
    recording: RecordingId,
    language: &Language,
) -> Result<Option<(Caption, String)>, sqlx::Error> {
    #[derive(FromRow)]
    struct Whole {
        #[sqlx(flatten)]
        caption: Caption,
        vtt: String,
    }
    const SQL: &str = "
        select id, language, cues, revision, changed_at, vtt from caption where recording = $1 and language = $2";
    let whole: Option<Whole> = on_db!(db, |c| query_as(SQL).bind(recording).bind(language).fetch_optional(c).await)?;
    Ok(whole.map(|whole| (whole.caption, whole.vtt)))
}

/// The file of a language.
pub async fn file(db: &Db, recording: RecordingId, language: &Language) -> Result<Option<String>, sqlx::Error> {
    const SQL: &str = "select vtt from caption where recording = $1 and language = $2";
    on_db!(db, |c| query_scalar(SQL).bind(recording).bind(language).fetch_optional(c).await)
}

/// Adds a track of a recording that is held; none when there is one of that language, or as many as there may be.
pub async fn insert(
    tx: &mut Tx,
    id: CaptionId,
    (recording, language): (RecordingId, &Language),
    text: &Text,
    now: DateTime<Utc>,
    most: i64,
) -> Result<Option<Caption>, sqlx::Error> {
    const SQL: &str = "
        insert into caption (id, recording, language, vtt, words, starts, cues, changed_at)
        select $1, r.id, $3, $4, $5, $6, $7, $8 from recording r
        where r.id = $2 and (select count(*) from caption c where c.recording = $2) < $9
        on conflict (recording, language) do nothing
        returning id, language, cues, revision, changed_at";
    on_tx!(tx, |c| query_as(SQL)
        .bind(id)
        .bind(recording)
        .bind(language)
        .bind(&text.vtt)
        .bind(&text.words)
        .bind(Json(&text.starts))
        .bind(count(text))
        .bind(now)
        .bind(most)
        .fetch_optional(c)
        .await)
}

/// Writes a track anew; none when it is not there, or stale.
pub async fn change(
    tx: &mut Tx,
    (recording, language): (RecordingId, &Language),
    revision: i64,
    text: &Text,
    now: DateTime<Utc>,
) -> Result<Option<Caption>, sqlx::Error> {
    const SQL: &str = "
        update caption
        set vtt = $4, words = $5, starts = $6, cues = $7, changed_at = $8, revision = revision + 1
        where recording = $1 and language = $2 and revision = $3
        returning id, language, cues, revision, changed_at";
    on_tx!(tx, |c| query_as(SQL)
        .bind(recording)
        .bind(language)
        .bind(revision)
        .bind(&text.vtt)
        .bind(&text.words)
        .bind(Json(&text.starts))
        .bind(count(text))
        .bind(now)
        .fetch_optional(c)
        .await)
}

fn count(text: &Text) -> i64 {
    i64::try_from(text.starts.len()).unwrap_or(i64::MAX)
}

/// Takes the track of a language away.
pub async fn delete(
    tx: &mut Tx,
    recording: RecordingId,
    language: &Language,
) -> Result<Option<CaptionId>, sqlx::Error> {
    const SQL: &str = "delete from caption where recording = $1 and language = $2 returning id";
    on_tx!(tx, |c| query_scalar(SQL).bind(recording).bind(language).fetch_optional(c).await)
}

/// Takes every track of a recording away.
pub async fn forget(tx: &mut Tx, recording: RecordingId) -> Result<Vec<CaptionId>, sqlx::Error> {
    const SQL: &str = "delete from caption where recording = $1 returning id";
    on_tx!(tx, |c| query_scalar(SQL).bind(recording).fetch_all(c).await)
}

/// The tracks of a recording.
pub async fn ids(tx: &mut Tx, recording: RecordingId) -> Result<Vec<CaptionId>, sqlx::Error> {
    const SQL: &str = "select id from caption where recording = $1 order by language";
    on_tx!(tx, |c| query_scalar(SQL).bind(recording).fetch_all(c).await)
}
