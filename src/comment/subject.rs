//! What a comment hangs under, and whether somebody may see it: permission follows the subject.

use uuid::Uuid;

use crate::account::{Person, Role};
use crate::app::App;
use crate::channel;
use crate::checkin;
use crate::error::Problem;
use crate::goal;
use crate::id::{CheckInId, CommentId, GoalId, PersonId, PostId, RecordingId};
use crate::recording::access;

use super::{SubjectKind, sql};

/// A thing that can be answered.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Which one.
    pub id: Uuid,
    /// Whose it is: they settle what is asked under it.
    pub owner: PersonId,
}

/// The thing, if the asker may see it; otherwise there is nothing.
///
/// # Errors
/// Nothing there, or nothing for the asker; the database's.
pub async fn open(app: &App, asker: &Person, kind: SubjectKind, id: Uuid) -> Result<Subject, Problem> {
    let owner = match kind {
        SubjectKind::Post => post(app, asker, PostId(id)).await?,
        SubjectKind::CheckIn => {
            checkin::sql::check_in::published_author(&app.db, asker.organisation, CheckInId(id)).await?
        }
        SubjectKind::Goal => goal::sql::one(&app.db, asker.organisation, GoalId(id)).await?.map(|goal| goal.owner),
        SubjectKind::Recording => recording(app, asker, RecordingId(id)).await?,
        SubjectKind::Comment => {
            let comment = sql::one(&app.db, asker.organisation, CommentId(id)).await?.ok_or_else(Problem::not_found)?;
            let under = Box::pin(open(app, asker, comment.subject_kind, comment.subject)).await?;
            comment.deleted_at.is_none().then_some(under.owner)
        }
    };
    // Guests see project channels and what hangs there, neither goals nor check-ins.
    let closed = asker.role == Role::Guest && matches!(kind, SubjectKind::Goal | SubjectKind::CheckIn);
    let owner = owner.filter(|_| !closed).ok_or_else(Problem::not_found)?;
    Ok(Subject { kind, id, owner })
}

async fn post(app: &App, asker: &Person, id: PostId) -> Result<Option<PersonId>, Problem> {
    let post = channel::sql::post::one(&app.db, asker, id).await?;
    Ok(post.filter(|post| post.state == channel::PostState::Published).map(|post| post.author))
}

async fn recording(app: &App, asker: &Person, id: RecordingId) -> Result<Option<PersonId>, Problem> {
    match access::decide(app, Some(asker), access::Presented::Recording(id)).await {
        Ok(found) => Ok(Some(found.recording.author)),
        Err(access::Refused::Denied(_)) => Ok(None),
        Err(access::Refused::Database(error)) => Err(error.into()),
    }
}
