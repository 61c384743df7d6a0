//! What is new: posts in channels one follows, check-ins and free-standing recordings by others, of the last two weeks.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{Person, PersonRef, Role, people_by_ids};
use crate::app::App;
use crate::channel;
use crate::checkin;
use crate::db::text_enum;
use crate::id::{PersonId, RecordingId};
use crate::recording::{RecordingBrief, briefs};

use super::sql;

text_enum! {
    /// What kind of news.
    NewsKind {
        /// A post in a channel.
        Post = "post",
        /// A check-in.
        CheckIn = "check_in",
        /// A recording that hangs on nothing.
        Recording = "recording",
    }
}

/// At most so many are shown.
const SHOWN: usize = 12;

/// Something new.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct News {
    /// What kind.
    pub kind: NewsKind,
    /// The post, check-in or recording.
    pub id: Uuid,
    /// Its title or headline.
    pub title: String,
    /// Whose it is.
    pub author: PersonRef,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Where it is, in the web app.
    pub url: String,
    /// Its video.
    pub recording: Option<RecordingBrief>,
    /// Where it was said: the channel's name, or "Check-in".
    pub context: String,
}

struct Plain {
    kind: NewsKind,
    id: Uuid,
    title: String,
    author: PersonId,
    at: DateTime<Utc>,
    url: Option<String>,
    recording: Option<RecordingId>,
    context: String,
}

/// What is new to a person, the newest first.
///
/// # Errors
/// The database's.
pub async fn news(app: &App, viewer: &Person) -> Result<Vec<News>, sqlx::Error> {
    let (since, limit) = (app.clock.now() - TimeDelta::days(14), 12);
    let posts = channel::sql::post::news(&app.db, viewer, since, limit);
    let mut all: Vec<Plain>;
    if viewer.role == Role::Guest {
        all = posts.await?.into_iter().filter_map(post).collect();
    } else {
        let who = (viewer.organisation, viewer.id);
        let said = checkin::sql::check_in::news(&app.db, who, since, limit);
        let (posts, said, recordings) = tokio::try_join!(posts, said, sql::recordings(&app.db, who, since, limit))?;
        all = posts.into_iter().filter_map(post).collect();
        all.extend(said.into_iter().filter_map(check_in));
        all.extend(recordings.into_iter().map(|(id, author, at)| Plain {
            kind: NewsKind::Recording,
            id: id.0,
            title: String::new(),
            author,
            at,
            url: None,
            recording: Some(id),
            context: String::new(),
        }));
    }
    all.sort_by_key(|news| std::cmp::Reverse((news.at, news.id)));
    all.truncate(SHOWN);
    show(app, all).await
}

async fn show(app: &App, all: Vec<Plain>) -> Result<Vec<News>, sqlx::Error> {
    let people = people_by_ids(&app.db, &all.iter().map(|news| news.author).collect::<Vec<_>>()).await?;
    let recordings = briefs(app, &all.iter().filter_map(|news| news.recording).collect::<Vec<_>>()).await?;
    let show = |plain: Plain| {
        let recording = plain.recording.and_then(|id| recordings.get(&id)).cloned();
        let watch = recording.as_ref().map(|recording| format!("/w/{}", recording.slug));
        let named = recording.as_ref().map(|recording| recording.title.clone());
        Some(News {
            kind: plain.kind,
            id: plain.id,
            title: if plain.title.is_empty() { named.unwrap_or_default() } else { plain.title },
            author: people.get(&plain.author)?.clone(),
            at: plain.at,
            url: plain.url.or(watch)?,
            recording,
            context: plain.context,
        })
    };
    Ok(all.into_iter().filter_map(show).collect())
}

fn post(row: channel::PostRow) -> Option<Plain> {
    Some(Plain {
        kind: NewsKind::Post,
        id: row.id.0,
        url: Some(format!("/posts/{}", row.id)),
        title: row.title,
        author: row.author,
        at: row.published_at?,
        recording: row.recording,
        context: row.channel_name,
    })
}

fn check_in(row: checkin::CheckInRow) -> Option<Plain> {
    Some(Plain {
        kind: NewsKind::CheckIn,
        id: row.id.0,
        title: row.headline,
        author: row.author,
        at: row.published_at?,
        url: Some(format!("/check-ins/{}", row.id)),
        recording: row.recording,
        context: "Check-in".to_owned(),
    })
}
