//! A recording as clients see it. The shape is a contract: add freely, change nothing.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{PersonRef, people_by_ids};
use crate::app::App;
use crate::db::text_enum;
use crate::id::{PersonId, RecordingId, TakeSessionId};
use crate::recording::caption::{self, body::CaptionTrack};
use crate::recording::take::{self, Take, TakeBody, TakeState};
use crate::recording::view::{self, Views};

use super::{Recording, RecordingState, sql};

/// What a change may change.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ChangeRecording {
    /// What it is called.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The revision that was looked at.
    pub revision: i64,
}

text_enum! {
    /// The kind of thing that a recording hangs on.
    AttachedTo {
        /// A goal, as a clip.
        Goal = "goal",
        /// A check-in.
        CheckIn = "check_in",
        /// A post in a channel.
        Post = "post",
    }
}

/// Something a recording hangs on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attachment {
    /// What kind of thing.
    pub kind: AttachedTo,
    /// Which.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// Where it is read.
    pub url: String,
}

/// A recording.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Recording)]
pub struct RecordingBody {
    /// Its id.
    pub id: RecordingId,
    /// Its word in addresses.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Who made it.
    pub author: PersonRef,
    /// Where it stands.
    pub state: RecordingState,
    /// The take that is shown: the kept one, else the latest; null when every take came to nothing.
    pub take: Option<TakeBody>,
    /// How long it runs.
    pub measured_ms: Option<i64>,
    /// Where it is watched.
    pub watch_url: String,
    /// A still picture.
    pub poster_url: Option<String>,
    /// A few moving seconds.
    pub preview_url: Option<String>,
    /// Who has opened it and who has watched it, counted.
    pub views: Views,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// For changes.
    pub revision: i64,
    /// Captions for a player; only where one recording is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub captions: Option<Vec<CaptionTrack>>,
    /// What it hangs on; only where one recording is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attachments: Option<Vec<Attachment>>,
}

/// The take of a recording to show: the kept one, else the latest that was not refused or failed, else the latest.
///
/// # Errors
/// The database's.
pub async fn shown_take(app: &App, recording: &Recording) -> Result<Option<Take>, sqlx::Error> {
    Ok(shown_of(recording, take::sql::of_session(&app.db, recording.session).await?))
}

/// The same among the takes of its session, the oldest first.
fn shown_of(recording: &Recording, mut takes: Vec<Take>) -> Option<Take> {
    let kept = takes.iter().position(|take| Some(take.id) == recording.take);
    let living = || takes.iter().rposition(|take| !matches!(take.state, TakeState::Refused | TakeState::Failed));
    let shown = kept.or_else(living).or_else(|| takes.len().checked_sub(1));
    shown.map(|at| takes.swap_remove(at))
}

impl RecordingBody {
    /// One recording.
    ///
    /// # Errors
    /// The database's.
    pub async fn one(app: &App, recording: Recording) -> Result<RecordingBody, sqlx::Error> {
        Self::many(app, vec![recording]).await?.pop().ok_or(sqlx::Error::RowNotFound)
    }

    /// Recordings in their order, with authors, takes and views looked up together.
    ///
    /// # Errors
    /// The database's.
    pub async fn many(app: &App, recordings: Vec<Recording>) -> Result<Vec<RecordingBody>, sqlx::Error> {
        let authors: Vec<PersonId> = recordings.iter().map(|recording| recording.author).collect();
        let ids: Vec<RecordingId> = recordings.iter().map(|recording| recording.id).collect();
        let people = people_by_ids(&app.db, &authors).await?;
        let views: HashMap<_, _> = view::sql::counts(&app.db, &ids).await?.into_iter().collect();
        let sessions: Vec<TakeSessionId> = recordings.iter().map(|recording| recording.session).collect();
        let mut takes: HashMap<TakeSessionId, Vec<Take>> = HashMap::new();
        for take in take::sql::of_sessions(&app.db, &sessions).await? {
            takes.entry(take.session).or_default().push(take);
        }
        let mut bodies = Vec::with_capacity(recordings.len());
        for recording in recordings {
            let own = takes.remove(&recording.session).unwrap_or_default();
            let take = shown_of(&recording, own).map(|take| TakeBody::of(app, &take));
            let author = people.get(&recording.author).cloned().ok_or(sqlx::Error::RowNotFound)?;
            let views = views.get(&recording.id).cloned().unwrap_or_default();
            bodies.push(Self::of(app, recording, author, take, views));
        }
        Ok(bodies)
    }

    fn of(app: &App, recording: Recording, author: PersonRef, take: Option<TakeBody>, views: Views) -> RecordingBody {
        RecordingBody {
            watch_url: format!("{}/w/{}", app.config.origin(), recording.slug),
            measured_ms: take.as_ref().and_then(|take| take.measured_ms),
            poster_url: take.as_ref().and_then(|take| take.poster_url.clone()),
            preview_url: take.as_ref().and_then(|take| take.preview_url.clone()),
            views,
            take,
            author,
            id: recording.id,
            slug: recording.slug,
            title: recording.title,
            description: recording.description,
            state: recording.state,
            published_at: recording.published_at,
            revision: recording.revision,
            captions: None,
            attachments: None,
        }
    }

    /// One recording with its captions and what it hangs on, as this person may see it.
    ///
    /// # Errors
    /// The database's.
    pub async fn whole(app: &App, recording: Recording, viewer: PersonId) -> Result<RecordingBody, sqlx::Error> {
        let hung = sql::attachments(&app.db, recording.id, viewer).await?;
        let origin = app.config.origin();
        let attachments = hung.into_iter().map(|row| Attachment {
            url: match row.kind {
                AttachedTo::Goal => format!("{origin}/goals/{}", row.id),
                AttachedTo::CheckIn => format!("{origin}/check-ins/{}", row.id),
                AttachedTo::Post => format!("{origin}/channels/{}#{}", row.place, row.id),
            },
            kind: row.kind,
            id: row.id,
            title: row.title,
        });
        let attachments = Some(attachments.collect());
        let written = caption::sql::of_recording(&app.db, recording.id).await?;
        let body = Self::one(app, recording).await?;
        let tracks = written.iter().map(|one| (one.language.as_str(), one.revision));
        let captions = match &body.take {
            Some(take) => CaptionTrack::many(&format!("{origin}/media"), (body.id, take.id), tracks),
            None => Vec::new(),
        };
        Ok(RecordingBody { captions: Some(captions), attachments, ..body })
    }
}
