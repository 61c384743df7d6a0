//! The pass of the clock over posts: publishes those whose hour has come, and reminds once of acknowledgements that are nearly
//! due. Tells nobody: a reminder is a row (`receipt.reminded_at`) and an event of the trail, for whoever tells people.
//!
//! Runs every half minute on some node; twice, or on two nodes at once, does nothing twice: each step is a guarded update.

use actix_web::web::Data;
use async_trait::async_trait;
use serde_json::json;

use crate::account::{Person, PersonState};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::comment::mention;
use crate::comment::subject::place;
use crate::jobs::{Failure, Handler, Outcome, Work};

use super::post::publish::{self, remind_at};
use super::post::{PostRow, PostState};
use super::{ChannelRow, sql};

/// The kind of job that runs this, and its schedule's name.
pub const KIND: &str = "channel.tick";

/// Posts looked at in one turn.
const BATCH: i64 = 50;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Posts published.
    pub published: usize,
    /// Posts that became drafts again, because their author may not post any more.
    pub held_back: usize,
    /// Posts reminded of.
    pub reminded: usize,
}

/// One pass.
///
/// # Errors
/// The database's; what was done before stays done, and the next pass goes on.
pub async fn tick(app: &App) -> Result<Ticked, sqlx::Error> {
    let mut done = Ticked::default();
    loop {
        let due = sql::tick::due(&app.db, app.clock.now(), BATCH).await?;
        let before = done;
        for post in &due {
            match publish_one(app, post).await? {
                Some(true) => done.published += 1,
                Some(false) => done.held_back += 1,
                None => {}
            }
        }
        // What another node or its author was faster with is looked at in the next pass.
        if done == before {
            break;
        }
    }
    loop {
        let due = sql::tick::to_remind(&app.db, app.clock.now(), BATCH).await?;
        let before = done.reminded;
        for post in &due {
            done.reminded += usize::from(remind_one(app, post).await?);
        }
        if done.reminded == before {
            break;
        }
    }
    Ok(done)
}

/// Publishes a post, or makes it a draft again; nothing when it is not due any more.
async fn publish_one(app: &App, due: &sql::tick::Due) -> Result<Option<bool>, sqlx::Error> {
    let author = crate::account::sql::person::one(&app.db, due.organisation, due.author).await?;
    let Some(author) = author.filter(|author| author.state == PersonState::Active) else {
        return hold_back(app, due, "its author has left").await;
    };
    let channel = sql::channel::one(&app.db, &author, due.channel).await?;
    let Some(channel) = channel.filter(|channel| channel.may_post(&author)) else {
        return hold_back(app, due, "its author may not post there any more").await;
    };
    let Some(post) = sql::post::one(&app.db, &author, due.id).await? else { return Ok(None) };
    if channel.document_required && post.document_url.is_none() {
        return hold_back(app, due, "the channel needs a document now").await;
    }
    publish(app, &author, &channel, post).await
}

async fn publish(app: &App, author: &Person, channel: &ChannelRow, post: PostRow) -> Result<Option<bool>, sqlx::Error> {
    let now = app.clock.now();
    let named = mention::named(&app.db, place(author, Some(channel)), &mention::word::words(&post.body)).await?;
    let named: Vec<_> = named.into_values().collect();
    // A server that was down for long publishes late: a due time that has passed meanwhile asks nobody.
    let acknowledge_by = post.acknowledge_by.filter(|by| *by > now);
    let post = PostRow { state: PostState::Published, published_at: Some(now), acknowledge_by, ..post };
    let mut tx = app.db.begin().await?;
    if !sql::tick::publish(&mut tx, &post, remind_at(&post), now).await? {
        return Ok(None);
    }
    publish::enter(app, &mut tx, &post, &named, None).await?;
    tx.commit().await?;
    Ok(Some(true))
}

async fn hold_back(app: &App, due: &sql::tick::Due, why: &str) -> Result<Option<bool>, sqlx::Error> {
    let mut tx = app.db.begin().await?;
    if !sql::tick::hold_back(&mut tx, due.id, app.clock.now()).await? {
        return Ok(None);
    }
    let event = AuditEvent::of(&app.clock, due.organisation, "post.held_back", "post", due.id.0);
    audit::record(&mut tx, &event.detail(json!({ "why": why }))).await?;
    tx.commit().await?;
    Ok(Some(false))
}

async fn remind_one(app: &App, due: &sql::tick::Due) -> Result<bool, sqlx::Error> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !sql::tick::remind(&mut tx, due.id, now).await? {
        return Ok(false);
    }
    let people = sql::tick::remind_people(&mut tx, due.id, now).await?;
    let event = AuditEvent::of(&app.clock, due.organisation, "post.reminded", "post", due.id.0);
    audit::record(&mut tx, &event.detail(json!({ "people": people }))).await?;
    tx.commit().await?;
    Ok(true)
}

/// Runs the pass as a job.
pub struct Tick;

#[async_trait]
impl Handler for Tick {
    async fn run(&self, app: &Data<App>, _work: &Work) -> Result<Outcome, Failure> {
        let Ticked { published, held_back, reminded } = tick(app).await?;
        if published + held_back + reminded > 0 {
            tracing::info!(published, held_back, reminded, "posts moved on");
        }
        Ok(Outcome::Done)
    }
}
