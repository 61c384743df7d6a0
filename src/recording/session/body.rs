//! A take session as its author sees it, and what opens one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::id::{RecordingId, TakeId, TakeSessionId};
use crate::recording::take::{Take, TakeBody};

use super::{Session, SessionState, SubjectKind};

/// What a session is for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// The kind of thing.
    pub kind: SubjectKind,
    /// Which one; absent for `free`, and for a thing that is yet to be made.
    pub id: Option<Uuid>,
}

/// What opens a session.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct OpenSession {
    /// What for; free-standing when absent.
    pub subject: Option<Subject>,
    /// Title of the recording to be.
    pub title: String,
}

/// What keeps a take.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct KeepTake {
    /// Which of the two.
    pub take: TakeId,
    /// Title of the recording; the session's when absent.
    pub title: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub description: String,
}

/// The recording of a session, shortly.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionRecording {
    /// Its id.
    pub id: RecordingId,
    /// Its word in addresses.
    pub slug: String,
    /// Where it is watched.
    pub watch_url: String,
}

/// A take session.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TakeSession)]
pub struct SessionBody {
    /// Its id.
    pub id: TakeSessionId,
    /// What it is for.
    pub subject: Subject,
    /// Title of the recording to be.
    pub title: String,
    /// The longest a take may be.
    pub limit_ms: i64,
    /// How many takes there may be.
    pub takes_allowed: i16,
    /// How many count.
    pub takes_used: i16,
    /// Where it stands.
    pub state: SessionState,
    /// Every take, oldest first; refused and failed ones too.
    pub takes: Vec<TakeBody>,
    /// What its link names.
    pub recording: SessionRecording,
    /// Where it will be watched.
    pub watch_url: String,
}

impl SessionBody {
    /// A session with its takes.
    #[must_use]
    pub fn of(app: &App, session: Session, takes: &[Take]) -> SessionBody {
        let watch_url = format!("{}/w/{}", app.config.origin(), session.slug);
        SessionBody {
            takes_used: i16::try_from(takes.iter().filter(|take| take.counts()).count()).unwrap_or(i16::MAX),
            takes: takes.iter().map(|take| TakeBody::of(app, take)).collect(),
            recording: SessionRecording { id: session.recording, slug: session.slug, watch_url: watch_url.clone() },
            id: session.id,
            subject: Subject { kind: session.subject_kind, id: session.subject },
            title: session.title,
            limit_ms: session.limit_ms,
            takes_allowed: session.takes,
            state: session.state,
            watch_url,
        }
    }
}
