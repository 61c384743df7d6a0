//! The pass of the clock over slots: makes the missing ones of the next fourteen days, opens those whose time has come,
//! excuses those that fall into an absence, and marks the rest missed once their grace has run out; and writes down which
//! reviews were not there by their due time.
//!
//! Runs every minute on some node; running it twice, or on two nodes at once, does nothing twice: each step is a guarded
//! update. Only a slot that nobody answered can end here.

use actix_web::web::Data;
use async_trait::async_trait;
use chrono_tz::Tz;
use serde_json::json;

use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::jobs::{Failure, Handler, Outcome, Work};
use crate::notify::{self, Kind, News};

use super::slots::sql::Moved;
use super::slots::{self, plan};
use super::{blocker, review};

/// The kind of job that runs this, and its schedule's name.
pub const KIND: &str = "checkin.tick";

/// Slots or people looked at in one transaction.
const BATCH: i64 = 200;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Slots made.
    pub made: u64,
    /// Slots excused.
    pub excused: usize,
    /// Slots marked missed.
    pub missed: usize,
    /// Slots opened.
    pub opened: usize,
    /// Reviews whose due time passed without an answer.
    pub unreviewed: usize,
}

/// Hears of each batch that is done.
type Alive<'a> = &'a (dyn Fn() + Sync);

/// One pass.
///
/// # Errors
/// The database's; what was done before stays done, and the next pass goes on.
pub async fn tick(app: &App) -> Result<Ticked, sqlx::Error> {
    pass(app, &|| {}).await
}

/// The same. A server that was down for long has many batches, more than a job may go on without a sign of life.
async fn pass(app: &App, alive: Alive<'_>) -> Result<Ticked, sqlx::Error> {
    let made = make(app, alive).await?;
    Ok(Ticked { made, ..move_on(app, alive).await? })
}

/// The part of a pass that is about slots that are there: makes none.
///
/// # Errors
/// The database's; what was done before stays done.
pub async fn settle(app: &App) -> Result<Ticked, sqlx::Error> {
    move_on(app, &|| {}).await
}

async fn move_on(app: &App, alive: Alive<'_>) -> Result<Ticked, sqlx::Error> {
    let mut done = Ticked::default();
    let now = app.clock.now();
    // Absences before the sweep, so that a day off is never a miss; the sweep before opening, so that a slot nobody could
    // have seen open (the server was down) is missed and not open.
    loop {
        let mut tx = app.db.begin().await?;
        let excused = slots::sql::excuse(&mut tx, now, BATCH).await?;
        let more = finish(app, tx, &excused, "excused").await?;
        done.excused += excused.len();
        alive();
        if !more {
            break;
        }
    }
    loop {
        let mut tx = app.db.begin().await?;
        let missed = slots::sql::miss(&mut tx, now, BATCH).await?;
        for slot in &missed {
            blocker::carry(app, &mut tx, slot.person, None).await?;
        }
        let more = finish(app, tx, &missed, "missed").await?;
        done.missed += missed.len();
        alive();
        if !more {
            break;
        }
    }
    loop {
        let mut tx = app.db.begin().await?;
        let opened = slots::sql::open(&mut tx, now, BATCH).await?;
        let more = finish(app, tx, &opened, "open").await?;
        done.opened += opened.len();
        alive();
        if !more {
            break;
        }
    }
    loop {
        let mut tx = app.db.begin().await?;
        let passed = review::settle(app, &mut tx, None, BATCH).await?;
        tx.commit().await?;
        done.unreviewed += passed;
        alive();
        if !i64::try_from(passed).is_ok_and(|count| count == BATCH) {
            break;
        }
    }
    Ok(done)
}

/// Writes a batch into the trail and commits; true when there may be more.
async fn finish(app: &App, mut tx: Tx, slots: &[Moved], state: &str) -> Result<bool, sqlx::Error> {
    for slot in slots {
        let action = if state == "open" { "slot.opened" } else { "slot.ended" };
        let event = AuditEvent::of(&app.clock, slot.organisation, action, "check_in_slot", slot.id.0);
        audit::record(&mut tx, &event.detail(json!({ "state": state }))).await?;
        if state == "missed" {
            notify::tell(&mut tx, &app.clock, &[slot.person], &News::of(Kind::CheckInMissed, slot.id)).await?;
        }
    }
    tx.commit().await?;
    Ok(i64::try_from(slots.len()).is_ok_and(|count| count == BATCH))
}

/// Makes slots for whoever lacks the last one of the fourteen days; slots are made in order, so nobody else lacks any.
async fn make(app: &App, alive: Alive<'_>) -> Result<u64, sqlx::Error> {
    let mut made = 0;
    for (organisation, zone, weekdays) in slots::sql::zones(&app.db).await? {
        let tz: Tz = zone.parse().unwrap_or(Tz::UTC);
        let Some(last) = plan::days(app.clock.now(), tz, &weekdays.0).pop() else { continue };
        loop {
            let people = slots::sql::without(&app.db, organisation, &zone, last, BATCH).await?;
            let mut tx = app.db.begin().await?;
            let mut new = 0;
            for person in &people {
                new += slots::make_ahead(&mut tx, *person, &app.clock).await?;
            }
            tx.commit().await?;
            made += new;
            alive();
            if new == 0 {
                break;
            }
        }
    }
    Ok(made)
}

/// Runs the pass as a job.
pub struct Tick;

#[async_trait]
impl Handler for Tick {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let done = pass(app, &|| work.alive()).await.map_err(Failure::passing)?;
        if done != Ticked::default() {
            tracing::info!(
                made = done.made,
                opened = done.opened,
                missed = done.missed,
                excused = done.excused,
                unreviewed = done.unreviewed,
                "slots moved on"
            );
        }
        Ok(Outcome::Done)
    }
}
