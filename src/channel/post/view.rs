//! Posts as they are shown, a whole page at once. Of a retracted post its place is shown, and who took it back,
//! when and why: its words are not in the table any more.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{Person, PersonRef, people_by_ids};
use crate::app::App;
use crate::channel::sql;
use crate::comment::mention::{self, Named, Place, word};
use crate::comment::reaction::{self, Reaction};
use crate::comment::{SubjectKind, markdown};
use crate::db::text_enum;
use crate::id::{ChannelId, PersonId, PostId, RecordingId};
use crate::recording::{RecordingBrief, briefs};

use super::{PostRow, PostState};

text_enum! {
    /// Where the viewer stands with an acknowledgement.
    Mine {
        /// Asked, and not given yet.
        Asked = "asked",
        /// Given.
        Done = "done",
        /// Not asked, because they came later; they may all the same, and are not counted.
        Late = "late",
        /// Not asked.
        None = "none",
    }
}

/// A post.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// The channel it is in.
    pub channel: PostChannel,
    /// Who wrote it.
    pub author: PersonRef,
    /// Its title.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// The same as safe HTML.
    pub body_html: String,
    /// The document it is about.
    pub document_url: Option<String>,
    /// Its video.
    pub recording: Option<RecordingBrief>,
    /// Where it is in its life; drafts and scheduled posts are seen by their author alone.
    pub state: PostState,
    /// When it is, or was, to be published by itself.
    pub publish_at: Option<DateTime<Utc>>,
    /// The zone in which that was chosen.
    pub publish_zone: Option<String>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When its author changed it.
    pub edited_at: Option<DateTime<Utc>>,
    /// Until when it wants to be acknowledged.
    pub acknowledge_by: Option<DateTime<Utc>>,
    /// How far that is; null when it is not asked for.
    pub acknowledgement: Option<AcknowledgementProgress>,
    /// When those who had not acknowledged were reminded; once at most.
    pub reminded_at: Option<DateTime<Utc>>,
    /// Until when it stands on top.
    pub pinned_until: Option<DateTime<Utc>>,
    /// Whether it does now.
    pub pinned: bool,
    /// How often it was corrected: so many earlier versions can be read.
    pub corrections: i64,
    /// Who retracted it, when and why.
    pub retraction: Option<Retracted>,
    /// Whether you may see what each person did with it.
    pub may_oversee: bool,
    /// Comments under it.
    pub comments: i64,
    /// People who opened it.
    pub opened_by: i64,
    /// People who watched some of its video.
    pub watched_by: i64,
    /// Whether the viewer has opened it.
    pub opened: bool,
    /// Reactions to it.
    pub reactions: Vec<Reaction>,
    /// For optimistic locking.
    pub revision: i64,
}

/// The channel of a post.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PostChannel {
    /// Its id.
    pub id: ChannelId,
    /// Its word in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// What stays of a post that was retracted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Retracted {
    /// Who did it.
    pub by: PersonRef,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in their words; may be empty.
    pub reason: String,
}

/// How many of those asked have acknowledged.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AcknowledgementProgress {
    /// People asked.
    pub asked: i64,
    /// Those who did.
    pub done: i64,
    /// Where the viewer stands.
    pub mine: Mine,
}

/// What is looked up for a page of posts at once.
struct Around {
    now: DateTime<Utc>,
    people: HashMap<PersonId, PersonRef>,
    recordings: HashMap<RecordingId, RecordingBrief>,
    reactions: HashMap<Uuid, Vec<Reaction>>,
    /// By channel: what its words name.
    named: HashMap<ChannelId, Named>,
    /// Channels whose people the viewer is one of.
    mine: HashSet<ChannelId>,
}

/// Posts as they are shown, in the same order.
///
/// # Errors
/// The database's.
pub async fn posts(app: &App, viewer: &Person, rows: Vec<PostRow>) -> Result<Vec<Post>, sqlx::Error> {
    let people = rows.iter().flat_map(|row| [Some(row.author), row.retracted_by]).flatten();
    let recordings: Vec<_> = rows.iter().filter_map(|row| row.recording).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
    let people: Vec<_> = people.collect();
    let (people, recordings, reactions, named, mine) = tokio::try_join!(
        people_by_ids(&app.db, &people),
        briefs(app, &recordings),
        reaction::counts(&app.db, viewer.id, SubjectKind::Post, &ids),
        named(app, viewer, &rows),
        mine(app, viewer, &rows)
    )?;
    let mut around = Around { now: app.clock.now(), people, recordings, reactions, named, mine };
    Ok(rows.into_iter().filter_map(|row| around.show(viewer, row)).collect())
}

/// What the words of these posts name, channel by channel.
async fn named(app: &App, viewer: &Person, rows: &[PostRow]) -> Result<HashMap<ChannelId, Named>, sqlx::Error> {
    let mut words: HashMap<ChannelId, (&PostRow, HashSet<String>)> = HashMap::new();
    for row in rows {
        words.entry(row.channel).or_insert_with(|| (row, HashSet::new())).1.extend(word::words(&row.body));
    }
    let mut found = HashMap::new();
    for (id, (row, words)) in words {
        let channel = Some((id, row.channel_slug.as_str(), row.channel_name.as_str()));
        let place = Place { organisation: viewer.organisation, channel, wide: true };
        found.insert(id, mention::named(&app.db, place, &words).await?);
    }
    Ok(found)
}

/// Of the channels in which the viewer was not asked though others were, those that are for the viewer.
async fn mine(app: &App, viewer: &Person, rows: &[PostRow]) -> Result<HashSet<ChannelId>, sqlx::Error> {
    let unasked = |row: &&PostRow| row.acknowledge_by.is_some() && !row.mine_asked && row.author != viewer.id;
    let asked: HashSet<ChannelId> = rows.iter().filter(unasked).map(|row| row.channel).collect();
    let mut found = HashSet::new();
    for channel in asked {
        if sql::receipt::in_audience(&app.db, channel, viewer.id).await? {
            found.insert(channel);
        }
    }
    Ok(found)
}

impl Around {
    fn show(&mut self, viewer: &Person, row: PostRow) -> Option<Post> {
        let gone = row.state == PostState::Retracted;
        let named = self.named.get(&row.channel);
        Some(Post {
            author: self.people.get(&row.author)?.clone(),
            acknowledgement: self.acknowledgement(viewer, &row).filter(|_| !gone),
            body_html: named.map_or_else(String::new, |named| markdown::render(&row.body, named)),
            recording: row.recording.and_then(|id| self.recordings.get(&id)).cloned(),
            reactions: self.reactions.remove(&row.id.0).filter(|_| !gone).unwrap_or_default(),
            retraction: self.retraction(&row),
            pinned: row.pinned_until.is_some_and(|end| end > self.now) && row.state == PostState::Published,
            may_oversee: row.may_oversee(viewer),
            opened: row.mine_opened.is_some(),
            channel: PostChannel { id: row.channel, slug: row.channel_slug, name: row.channel_name },
            id: row.id,
            title: row.title,
            body: row.body,
            document_url: row.document_url,
            state: row.state,
            publish_at: row.publish_at,
            publish_zone: row.publish_zone,
            published_at: row.published_at,
            edited_at: row.edited_at.filter(|_| !gone),
            acknowledge_by: row.acknowledge_by.filter(|_| !gone),
            reminded_at: row.reminded_at,
            pinned_until: row.pinned_until,
            corrections: row.corrections,
            comments: row.comments,
            opened_by: row.opened_by,
            watched_by: row.watched_by,
            revision: row.revision,
        })
    }

    fn retraction(&self, row: &PostRow) -> Option<Retracted> {
        let (by, at) = (row.retracted_by.unwrap_or(row.author), row.retracted_at?);
        Some(Retracted { by: self.people.get(&by)?.clone(), at, reason: row.retract_reason.clone() })
    }

    fn acknowledgement(&self, viewer: &Person, row: &PostRow) -> Option<AcknowledgementProgress> {
        row.acknowledge_by?;
        let late = self.mine.contains(&row.channel) && row.author != viewer.id;
        let mine = match (row.mine_asked, row.mine_acknowledged) {
            (_, Some(_)) => Mine::Done,
            (true, None) => Mine::Asked,
            (false, None) if late && row.state == PostState::Published => Mine::Late,
            (false, None) => Mine::None,
        };
        Some(AcknowledgementProgress { asked: row.asked, done: row.done, mine })
    }
}

/// One post.
///
/// # Errors
/// The database's.
pub async fn post(app: &App, viewer: &Person, row: PostRow) -> Result<Option<Post>, sqlx::Error> {
    Ok(posts(app, viewer, vec![row]).await?.pop())
}
