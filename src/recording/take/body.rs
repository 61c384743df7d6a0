//! A take as clients see it. The shape is a contract: add freely, change nothing.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::id::{RecordingId, TakeId, TakeSessionId};
use crate::recording::address::Files;

use super::{Source, Take, TakeState};

/// A take.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Take)]
pub struct TakeBody {
    /// Its id.
    pub id: TakeId,
    /// The session it belongs to.
    pub session: TakeSessionId,
    /// The recording it may become.
    pub recording: RecordingId,
    /// 1 or 2.
    pub ordinal: i16,
    /// Recorded here or sent as a file.
    pub source: Source,
    /// Where it stands.
    pub state: TakeState,
    /// Whether something of it plays already.
    pub watchable: bool,
    /// Why it was refused or failed, as a word.
    pub code: Option<String>,
    /// The same as a sentence.
    pub detail: Option<String>,
    /// Its length as the sender said.
    pub declared_ms: Option<i64>,
    /// Its length as measured.
    pub measured_ms: Option<i64>,
    /// The longest it may be.
    pub limit_ms: i64,
    /// How far the work has come, 0 to 1.
    pub progress: f64,
    /// What is being done.
    pub phase: String,
    /// A guess at how long it will take.
    pub seconds_left: Option<f64>,
    /// The file's own name.
    pub filename: String,
    /// Where it is watched; there from the start.
    pub watch_url: String,
    /// The master playlist.
    pub hls_url: Option<String>,
    /// The whole in one file.
    pub mp4_url: Option<String>,
    /// A still picture.
    pub poster_url: Option<String>,
    /// A few moving seconds.
    pub preview_url: Option<String>,
    /// Width of the picture.
    pub width: Option<i32>,
    /// Height of the picture.
    pub height: Option<i32>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
}

impl TakeBody {
    /// The take as its own people see it: addresses that work with the same session or token.
    #[must_use]
    pub fn of(app: &App, take: &Take) -> TakeBody {
        let files = Files::of(&format!("{}/media", app.config.origin()), take);
        let take = take.clone();
        TakeBody {
            watch_url: format!("{}/w/{}", app.config.origin(), take.slug),
            hls_url: files.hls,
            mp4_url: files.mp4,
            poster_url: files.poster,
            preview_url: files.preview,
            id: take.id,
            session: take.session,
            recording: take.recording,
            ordinal: take.ordinal,
            source: take.source,
            state: take.state,
            watchable: take.watchable,
            code: take.code,
            detail: take.detail,
            declared_ms: take.declared_ms,
            measured_ms: take.measured_ms,
            limit_ms: take.limit_ms,
            progress: take.progress,
            phase: take.phase,
            seconds_left: take.seconds_left,
            filename: take.filename,
            width: take.width,
            height: take.height,
            created_at: take.created_at,
        }
    }
}
