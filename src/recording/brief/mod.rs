//! A recording as it is shown inside something else: under a post, in a check-in, beside a goal. Loaded for a whole page of
//! things at once. Says nothing about who may watch; whoever shows it has decided that.

pub mod sql;

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::account::PersonRef;
use crate::app::App;
use crate::id::{PersonId, RecordingId, TakeId};
use crate::recording::address;
use crate::recording::caption::body::{CaptionTrack, told};
use crate::recording::take::TakeState;

/// A recording, briefly.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordingBrief {
    /// Its id.
    pub id: RecordingId,
    /// Its word in addresses.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// Who made it.
    pub author: PersonRef,
    /// Where it is watched.
    pub watch_url: String,
    /// A still picture; null until there is one.
    pub poster_url: Option<String>,
    /// A few moving seconds; null until there are.
    pub preview_url: Option<String>,
    /// The master playlist; null until it can be played.
    pub hls_url: Option<String>,
    /// The whole in one file; null until it is there.
    pub mp4_url: Option<String>,
    /// How long it runs; null until measured.
    pub measured_ms: Option<i64>,
    /// Width of the picture.
    pub width: Option<i32>,
    /// Height of the picture.
    pub height: Option<i32>,
    /// Captions for a player.
    pub captions: Vec<CaptionTrack>,
    /// Where its take stands: receiving, processing, ready, refused or failed; null while there is none.
    #[schema(value_type = Option<TakeState>)]
    pub state: Option<String>,
    /// The take that is shown.
    pub take: Option<TakeId>,
}

/// What the table says of a recording and the take to show: the kept one, else the latest.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BriefRow {
    /// The recording.
    pub id: RecordingId,
    /// Its word in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Its author's id.
    pub author: PersonId,
    /// Their name.
    pub author_name: String,
    /// Their handle.
    pub author_handle: String,
    /// What they do.
    pub author_title: String,
    /// The take.
    pub take: Option<TakeId>,
    /// Where the take stands.
    pub state: Option<String>,
    /// Whether it can be played.
    pub watchable: Option<bool>,
    /// Its published set of outputs.
    pub attempt: Option<String>,
    /// How long it runs.
    pub measured_ms: Option<i64>,
    /// Width of the picture.
    pub width: Option<i32>,
    /// Height of the picture.
    pub height: Option<i32>,
    /// Its captions, as `en@3 fi@1`.
    pub captions: Option<String>,
}

/// The recordings with these ids, briefly. Deleted and unknown ones are absent.
///
/// # Errors
/// The database's.
pub async fn briefs(app: &App, ids: &[RecordingId]) -> Result<HashMap<RecordingId, RecordingBrief>, sqlx::Error> {
    let mut wanted = ids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let origin = app.config.origin();
    let mut found = HashMap::with_capacity(wanted.len());
    for some in wanted.chunks(500) {
        found.extend(sql::briefs(&app.db, some).await?.into_iter().map(|row| (row.id, show(&origin, row))));
    }
    Ok(found)
}

/// One recording, briefly; `None` when it is deleted or unknown.
///
/// # Errors
/// The database's.
pub async fn brief(app: &App, id: RecordingId) -> Result<Option<RecordingBrief>, sqlx::Error> {
    Ok(briefs(app, &[id]).await?.remove(&id))
}

fn show(origin: &str, row: BriefRow) -> RecordingBrief {
    let playable = row.watchable == Some(true);
    let ready = row.state.as_deref() == Some("ready");
    let file = |name: &str, there: bool| match (row.take, address::set(row.attempt.as_deref(), playable, ready)) {
        (Some(take), Some(attempt)) if there => Some(format!("{origin}/media/{}/{take}/{attempt}/{name}", row.id)),
        _ => None,
    };
    RecordingBrief {
        watch_url: format!("{origin}/w/{}", row.slug),
        poster_url: file("poster.jpg", ready),
        preview_url: file("preview.gif", ready),
        hls_url: file("master.m3u8", playable),
        mp4_url: file("video.mp4", ready),
        captions: match row.take {
            Some(take) => CaptionTrack::many(
                &format!("{origin}/media"),
                (row.id, take),
                told(row.captions.as_deref().unwrap_or("")),
            ),
            None => Vec::new(),
        },
        author: PersonRef { id: row.author, name: row.author_name, handle: row.author_handle, title: row.author_title },
        id: row.id,
        slug: row.slug,
        title: row.title,
        measured_ms: row.measured_ms,
        width: row.width,
        height: row.height,
        state: row.state,
        take: row.take,
    }
}
