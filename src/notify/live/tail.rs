//! Reading the audit trail along: one task a node, and only while somebody listens.
//!
//! Ids are made when a change begins and appear when it commits, so a smaller id may appear after a larger one. Each look
//! therefore reads the last [`OVERLAP`] again and leaves out what it has seen. A transaction that stays open longer, or a node
//! whose clock is that far behind, is missed here: pages then see the change when they next look for themselves.
//!
//! Woken at once by a commit of this process; by those of other nodes within [`LOOK`].

use std::collections::HashSet;
use std::time::Duration;

use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use uuid::Uuid;

use crate::app::App;
use crate::id::PersonId;
use crate::notify::sql::inbox;

use super::{Change, hint, sql};

/// How much is read again.
const OVERLAP: TimeDelta = TimeDelta::seconds(30);
/// How often is looked without being woken.
const LOOK: Duration = Duration::from_secs(1);
/// The least pause between two looks.
const PAUSE: Duration = Duration::from_millis(40);
/// Entries read in one statement.
const BATCH: i64 = 500;
/// Statements in one look.
const BATCHES: usize = 20;

/// What has been told.
#[derive(Default)]
struct Seen {
    entries: HashSet<Uuid>,
    notices: HashSet<(Uuid, i64)>,
}

/// Reads along until the server stops.
pub async fn follow(app: Data<App>) {
    let closing = app.events.closing();
    let mut seen = Seen::default();
    while !closing.is_cancelled() {
        let (moved, arrived) = (app.db.moved(), app.hints.arrived.notified());
        tokio::pin!(moved, arrived);
        // Registered before looking, so that a change in between is not slept over.
        moved.as_mut().enable();
        arrived.as_mut().enable();
        let began = Instant::now();
        let idle = app.hints.is_empty();
        if idle {
            seen = Seen::default();
        } else if let Err(error) = look(&app, &mut seen).await {
            tracing::warn!(%error, "the trail cannot be read along; trying again");
        }
        // However much happens, most of the time is left to others.
        let pause = PAUSE.max(began.elapsed() * 3);
        let rested = async {
            tokio::time::sleep(pause).await;
            tokio::select! {
                () = &mut moved, if !idle => {}
                () = &mut arrived => {}
                () = tokio::time::sleep(LOOK), if !idle => {}
            }
        };
        tokio::select! {
            () = rested => {}
            () = closing.cancelled() => return,
        }
    }
}

async fn look(app: &App, seen: &mut Seen) -> Result<(), sqlx::Error> {
    let since = app.clock.now() - OVERLAP;
    let mut floor = first_of(since);
    let (mut changes, mut within): (Vec<Change>, HashSet<Uuid>) = (Vec::new(), HashSet::new());
    let mut whole = false;
    for _ in 0..BATCHES {
        let entries = sql::after(&app.db, floor, BATCH).await?;
        for entry in &entries {
            floor = entry.id;
            within.insert(entry.id);
            if !seen.entries.contains(&entry.id) {
                changes.extend(hint::of(&app.db, entry).await?);
            }
        }
        if i64::try_from(entries.len()).is_ok_and(|found| found < BATCH) {
            whole = true;
            break;
        }
    }
    let notices = inbox::changed(&app.db, since, BATCH).await?;
    let told: HashSet<PersonId> = notices
        .iter()
        .filter(|(id, _, revision)| !seen.notices.contains(&(*id, *revision)))
        .map(|(_, person, _)| *person)
        .collect();
    let all_notices = i64::try_from(notices.len()).is_ok_and(|found| found < BATCH);
    *seen = Seen { entries: within, notices: notices.into_iter().map(|(id, _, revision)| (id, revision)).collect() };
    if whole && all_notices {
        if !changes.is_empty() || !told.is_empty() {
            app.hints.tell(changes, &told);
        }
    } else {
        app.hints.tell_all();
    }
    Ok(())
}

/// The smallest id that an instant may have (RFC 9562, version 7: the milliseconds come first).
fn first_of(at: DateTime<Utc>) -> Uuid {
    Uuid::from_u128(u128::try_from(at.timestamp_millis()).unwrap_or_default() << 80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn ids_of_an_instant_come_after_its_first() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH + TimeDelta::days(20_000), 1);
        let before: Uuid = clock.id();
        clock.advance(TimeDelta::milliseconds(1));
        let first = first_of(clock.now());
        assert!(before < first && first < clock.id::<Uuid>());
    }
}
