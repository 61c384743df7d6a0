//! Slots: dated duties, made fourteen days ahead in the person's own zone, opened and closed by the clock.
//!
//! States: ahead → open → submitted (by the due time) or late (within the grace after it) or missed (neither). An absence
//! excuses a slot that nobody has answered. While a slot is ahead it is a plan: it follows the person's manager, zone and the
//! organisation's days. When it opens, reviewer and times are frozen; the four ends are facts.

pub mod plan;
pub mod sql;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sqlx::types::Json;

use crate::admin::audit::{self, AuditEvent};
use crate::clock::Clock;
use crate::db::{Tx, text_enum};
use crate::id::{CheckInId, OrganisationId, PersonId, SlotId};

/// How many days ahead slots are made.
pub const DAYS_AHEAD: u64 = 14;

text_enum! {
    /// Where a slot stands.
    SlotState {
        /// Planned.
        Ahead = "ahead",
        /// Waiting for its check-in.
        Open = "open",
        /// Answered by the due time.
        Submitted = "submitted",
        /// Answered within the grace.
        Late = "late",
        /// Not answered. It stays so.
        Missed = "missed",
        /// Fell into an absence.
        Excused = "excused",
    }
}

/// What a person's slots are made from.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Rhythm {
    /// Whose slots.
    pub person: PersonId,
    /// Their organisation.
    pub organisation: OrganisationId,
    /// Who reviews: their manager.
    pub manager: Option<PersonId>,
    /// IANA name: theirs, or the organisation's.
    pub time_zone: String,
    /// ISO weekdays with a check-in.
    pub weekdays: Json<Vec<u8>>,
    /// Local time of day it is due, as in 16:00.
    pub due_local_time: String,
    /// Minutes after the due time in which it still counts, as late.
    pub grace_minutes: i32,
}

/// A slot with the check-in that was begun for it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SlotRow {
    /// Its id.
    pub id: SlotId,
    /// Whose duty.
    pub person: PersonId,
    /// Who reviews.
    pub reviewer: Option<PersonId>,
    /// The day, where the person is.
    pub local_date: NaiveDate,
    /// IANA name of the zone it was made in.
    pub time_zone: String,
    /// From when it can be answered.
    pub opens_at: DateTime<Utc>,
    /// Until when it is on time.
    pub due_at: DateTime<Utc>,
    /// Until when it is late rather than missed.
    pub grace_until: DateTime<Utc>,
    /// Where it stands.
    pub state: SlotState,
    /// The check-in begun for it.
    pub check_in: Option<CheckInId>,
    /// Whether that has been published.
    pub published: bool,
}

/// A slot about to be made.
#[derive(Clone, Debug)]
pub struct NewSlot {
    /// Its id.
    pub id: SlotId,
    /// The day, where the person is.
    pub local_date: NaiveDate,
    /// From when it can be answered.
    pub opens_at: DateTime<Utc>,
    /// Until when it is on time.
    pub due_at: DateTime<Utc>,
    /// Until when it is late rather than missed.
    pub grace_until: DateTime<Utc>,
}

/// Makes the person's missing slots of the next fourteen days, today's too if it is not due yet. Does nothing for
/// guests and people who left. Call it in the transaction that makes the person.
///
/// # Errors
/// The database's.
pub async fn make_ahead(tx: &mut Tx, person: PersonId, clock: &Clock) -> Result<u64, sqlx::Error> {
    let Some(rhythm) = sql::rhythm(tx, person).await? else { return Ok(0) };
    let zone: Tz = rhythm.time_zone.parse().unwrap_or(Tz::UTC);
    let mut made = 0;
    for day in plan::days(clock.now(), zone, &rhythm.weekdays.0) {
        let slot = plan::slot(clock.id(), day, zone, &rhythm);
        if slot.due_at <= clock.now() || !sql::insert(tx, &rhythm, &slot, clock.now()).await? {
            continue;
        }
        let event = AuditEvent::of(clock, rhythm.organisation, "slot.made", "check_in_slot", slot.id.0);
        audit::record(tx, &event).await?;
        made += 1;
    }
    Ok(made)
}

/// Plans the person's slots anew after a change of manager, zone, role or the organisation's days: those still ahead are
/// taken back and made again; open and ended ones stay.
///
/// # Errors
/// The database's.
pub async fn replan(tx: &mut Tx, person: PersonId, clock: &Clock) -> Result<u64, sqlx::Error> {
    sql::take_back(tx, person, clock.now()).await?;
    make_ahead(tx, person, clock).await
}

/// Plans everybody's slots anew after the organisation's days or times changed.
///
/// # Errors
/// The database's.
pub async fn replan_everybody(tx: &mut Tx, organisation: OrganisationId, clock: &Clock) -> Result<(), sqlx::Error> {
    for person in sql::everybody(tx, organisation).await? {
        replan(tx, person, clock).await?;
    }
    Ok(())
}

/// The day it is where a person is.
///
/// # Errors
/// The database's.
pub async fn today(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<NaiveDate, sqlx::Error> {
    let zone: Tz = sql::zone_in(tx, person).await?.parse().unwrap_or(Tz::UTC);
    Ok(now.with_timezone(&zone).date_naive())
}
