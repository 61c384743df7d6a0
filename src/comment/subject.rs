//! What a comment hangs under, and whether somebody may see it: permission follows the subject.

use uuid::Uuid;

use crate::account::{Person, Role};
use crate::app::App;
use crate::channel::{self, ChannelRow, PostState};
use crate::checkin;
use crate::error::{Code, Problem};
use crate::goal;
use crate::id::{ChannelId, CheckInId, CommentId, GoalId, PersonId, PostId, RecordingId};
use crate::recording::access;

use super::mention::Place;
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
    /// The channel it is in, for a post and what hangs under it.
    pub channel: Option<ChannelId>,
    /// Whether it was retracted: what was said under it is read and no longer answered.
    pub closed: bool,
}

impl Subject {
    /// Nothing, when it may still be answered.
    ///
    /// # Errors
    /// 410 `gone`: it was retracted.
    pub fn check_open(&self) -> Result<(), Problem> {
        if self.closed {
            return Err(Problem::new(
                Code::Gone,
                "This post was retracted. What was said under it stays; it is closed.",
            ));
        }
        Ok(())
    }

    /// Where words under it stand, for what they may name. Without a channel only members are named.
    ///
    /// # Errors
    /// The channel is not the asker's to see; the database's.
    pub async fn place<'a>(
        &self,
        app: &App,
        asker: &Person,
        channel: &'a mut Option<ChannelRow>,
    ) -> Result<Place<'a>, Problem> {
        *channel = match self.channel {
            Some(id) => channel::sql::channel::one(&app.db, asker, id).await?,
            None => None,
        };
        Ok(place(asker, channel.as_ref()))
    }
}

/// Where words stand that somebody writes in a channel, or in none.
#[must_use]
pub fn place<'a>(asker: &Person, channel: Option<&'a ChannelRow>) -> Place<'a> {
    Place {
        organisation: asker.organisation,
        channel: channel.map(|row| (row.id, row.slug.as_str(), row.name.as_str())),
        wide: channel.is_some_and(|row| row.may_post(asker)),
    }
}

/// The thing, if the asker may see it; otherwise there is nothing.
///
/// # Errors
/// Nothing there, or nothing for the asker; the database's.
pub async fn open(app: &App, asker: &Person, kind: SubjectKind, id: Uuid) -> Result<Subject, Problem> {
    // Guests see project channels and what hangs there, neither goals nor check-ins.
    if asker.role == Role::Guest && matches!(kind, SubjectKind::Goal | SubjectKind::CheckIn) {
        return Err(Problem::not_found());
    }
    let plain = |owner| Subject { kind, id, owner, channel: None, closed: false };
    let found = match kind {
        SubjectKind::Post => post(app, asker, PostId(id)).await?,
        SubjectKind::CheckIn => {
            let author = checkin::sql::check_in::published_author(&app.db, asker.organisation, CheckInId(id)).await?;
            author.map(plain)
        }
        SubjectKind::Goal => {
            goal::sql::one(&app.db, asker.organisation, GoalId(id)).await?.map(|goal| plain(goal.owner))
        }
        SubjectKind::Recording => recording(app, asker, RecordingId(id)).await?.map(plain),
        SubjectKind::Comment => {
            let comment = sql::one(&app.db, asker.organisation, CommentId(id)).await?.ok_or_else(Problem::not_found)?;
            let under = Box::pin(open(app, asker, comment.subject_kind, comment.subject)).await?;
            comment.deleted_at.is_none().then_some(Subject { kind, id, ..under })
        }
    };
    found.ok_or_else(Problem::not_found)
}

async fn post(app: &App, asker: &Person, id: PostId) -> Result<Option<Subject>, Problem> {
    let post = channel::sql::post::one(&app.db, asker, id).await?;
    let read = post.filter(|post| matches!(post.state, PostState::Published | PostState::Retracted));
    Ok(read.map(|post| Subject {
        kind: SubjectKind::Post,
        id: id.0,
        owner: post.author,
        channel: Some(post.channel),
        closed: post.state == PostState::Retracted,
    }))
}

async fn recording(app: &App, asker: &Person, id: RecordingId) -> Result<Option<PersonId>, Problem> {
    match access::decide(app, Some(asker), access::Presented::Recording(id)).await {
        Ok(found) => Ok(Some(found.recording.author)),
        Err(access::Refused::Denied(_)) => Ok(None),
        Err(access::Refused::Database(error)) => Err(error.into()),
    }
}
