//! What asks for a person: check-ins due, reviews due, acknowledgements wanted, blockers asking them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::{Person, PersonRef, Role, people_by_ids};
use crate::app::App;
use crate::channel;
use crate::checkin::{self, slots};
use crate::db::text_enum;
use crate::id::PersonId;
use crate::recording::{RecordingBrief, briefs};

text_enum! {
    /// What is owed.
    OweKind {
        /// A check-in.
        CheckIn = "check_in",
        /// A review.
        Review = "review",
        /// An acknowledgement.
        Acknowledge = "acknowledge",
        /// An answer to a blocker.
        Blocker = "blocker",
    }
}

/// Most of one kind that are shown.
const EACH: i64 = 20;

/// Something that asks for the viewer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Owed {
    /// What is owed.
    pub kind: OweKind,
    /// A sentence: "Review Omar's check-in".
    pub title: String,
    /// A little more.
    pub detail: String,
    /// Until when; null when there is no time to it.
    pub due_at: Option<DateTime<Utc>>,
    /// Where it is done, in the web app.
    pub url: String,
    /// The video to watch for it.
    pub recording: Option<RecordingBrief>,
    /// Who asks.
    pub person: Option<PersonRef>,
}

/// What is known before people and videos are looked up.
#[derive(Clone)]
struct Plain {
    kind: OweKind,
    title: fn(&str, &str) -> String,
    about: String,
    detail: String,
    due_at: Option<DateTime<Utc>>,
    url: String,
    recording: Option<crate::id::RecordingId>,
    person: Option<PersonId>,
}

/// What asks for a person, the most urgent first; what has no due time comes last.
///
/// # Errors
/// The database's.
pub async fn owed(app: &App, viewer: &Person) -> Result<Vec<Owed>, sqlx::Error> {
    let mut all = if viewer.role == Role::Guest {
        acknowledgements(app, viewer).await?
    } else {
        let (acknowledgements, check_ins, reviews, blockers) = tokio::try_join!(
            acknowledgements(app, viewer),
            check_ins(app, viewer),
            reviews(app, viewer),
            blockers(app, viewer)
        )?;
        [acknowledgements, check_ins, reviews, blockers].concat()
    };
    all.sort_by_key(|owed| (owed.due_at.is_none(), owed.due_at));
    let people = people_by_ids(&app.db, &all.iter().filter_map(|owed| owed.person).collect::<Vec<_>>()).await?;
    let recordings = briefs(app, &all.iter().filter_map(|owed| owed.recording).collect::<Vec<_>>()).await?;
    let show = |plain: Plain| {
        let person = plain.person.and_then(|id| people.get(&id)).cloned();
        let name = person.as_ref().map_or("", |person| person.name.split_whitespace().next().unwrap_or_default());
        Owed {
            title: (plain.title)(name, &plain.about),
            kind: plain.kind,
            detail: plain.detail,
            due_at: plain.due_at,
            url: plain.url,
            recording: plain.recording.and_then(|id| recordings.get(&id)).cloned(),
            person,
        }
    };
    Ok(all.into_iter().map(show).collect())
}

async fn check_ins(app: &App, viewer: &Person) -> Result<Vec<Plain>, sqlx::Error> {
    let now = app.clock.now();
    let mut found = Vec::new();
    for slot in slots::sql::open_now(&app.db, viewer.id, now).await? {
        let goals = crate::goal::sql::current(&app.db, viewer.id, slot.local_date).await?.len();
        let carried = match slot.check_in {
            Some(id) => checkin::sql::blocker::carried(&app.db, viewer.id, id, now).await?,
            None => checkin::sql::blocker::carried(&app.db, viewer.id, crate::id::CheckInId(slot.id.0), now).await?,
        };
        found.push(Plain {
            kind: OweKind::CheckIn,
            title: |_, day| format!("Your {day} check-in"),
            about: slot.local_date.format("%A").to_string(),
            detail: counted(goals, carried.len()),
            due_at: Some(slot.due_at),
            url: slot.check_in.map_or_else(|| format!("/check-ins?slot={}", slot.id), |id| format!("/check-ins/{id}")),
            recording: None,
            person: None,
        });
    }
    Ok(found)
}

fn counted(goals: usize, blockers: usize) -> String {
    let of = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    match (goals, blockers) {
        (0, 0) => String::new(),
        (goals, 0) => of(goals, "goal"),
        (0, blockers) => format!("{} carried over", of(blockers, "blocker")),
        (goals, blockers) => format!("{}, {} carried over", of(goals, "goal"), of(blockers, "blocker")),
    }
}

async fn reviews(app: &App, viewer: &Person) -> Result<Vec<Plain>, sqlx::Error> {
    let rows = checkin::sql::check_in::to_review(&app.db, viewer.id, EACH).await?;
    let plain = |row: checkin::CheckInRow| Plain {
        kind: OweKind::Review,
        title: |name, _| format!("Review {name}\u{2019}s check-in"),
        about: String::new(),
        detail: row.headline,
        due_at: row.review_due,
        url: format!("/check-ins/{}", row.id),
        recording: row.recording,
        person: Some(row.author),
    };
    Ok(rows.into_iter().map(plain).collect())
}

async fn blockers(app: &App, viewer: &Person) -> Result<Vec<Plain>, sqlx::Error> {
    let rows = checkin::sql::blocker::asking(&app.db, viewer.id, EACH).await?;
    let plain = |row: checkin::blocker::BlockerRow| Plain {
        kind: OweKind::Blocker,
        title: if row.escalated_to == Some(viewer.id) {
            |name, _| format!("{name} is blocked; it has passed up to you")
        } else {
            |name, _| format!("{name} is blocked and asks you")
        },
        about: String::new(),
        detail: row.text,
        due_at: None,
        url: format!("/check-ins/{}", row.check_in),
        recording: None,
        person: Some(row.author),
    };
    Ok(rows.into_iter().map(plain).collect())
}

async fn acknowledgements(app: &App, viewer: &Person) -> Result<Vec<Plain>, sqlx::Error> {
    let rows = channel::sql::post::owed(&app.db, viewer, EACH).await?;
    let plain = |row: channel::PostRow| Plain {
        kind: OweKind::Acknowledge,
        title: |_, title| format!("Acknowledge: {title}"),
        about: row.title,
        detail: format!("In {}", row.channel_name),
        due_at: row.acknowledge_by,
        url: format!("/posts/{}", row.id),
        recording: row.recording,
        person: Some(row.author),
    };
    Ok(rows.into_iter().map(plain).collect())
}
