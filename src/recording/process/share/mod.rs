//! A file's pictures made by several at once. The job `process` goes on from the front as ever; ranges of segments behind it are owed
//! as jobs of their own ([`KIND`]), for whoever has cores to spare, on this node or another. What nobody has claimed when the
//! front comes there, the front makes itself.
//!
//! Invariants: what is owed is listed in the checkpoint of the job that owes it; a part counts only when all of it lies in the
//! store; and parts that do not fit together cost no attempt: then everything is made in one piece.

mod join;
mod list;
mod part;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::id::{JobId, TakeId, UploadId};
use crate::jobs::{self, Work};
use crate::media::child::{Part, Place};

use super::checkpoint::Checkpoint;

pub use join::Sharing;
pub use part::ProcessPart;

/// The kind of job that makes a part of a file's pictures.
pub const KIND: &str = "process_part";
/// Parts of one take, at most.
const MOST: usize = 12;
/// All parts together read so many bytes at most: each reads the file from its beginning.
const READ: u64 = 2 << 30;
/// Ticks in a segment, as a rule.
const SEGMENT: i64 = 180_000;

/// What is asked of whoever makes a part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    take: TakeId,
    upload: UploadId,
    part: Part,
    /// How long it is, in milliseconds.
    ms: u64,
    /// Init and first segment of every rung, as the front has made them.
    begun: Checkpoint,
}

/// How the work on a part ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ended {
    /// Its segments lie in the store, behind the init of the order.
    Made(Checkpoint),
    /// The file cannot be made in parts.
    Unfit(String),
}

/// A part that is owed, as the checkpoint lists it: segments from `first` up to `last`, which is not its own any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Share {
    /// Its job.
    pub id: JobId,
    /// Its first segment.
    pub first: usize,
    /// The first one after it.
    pub last: usize,
}

/// What is known of a file that has arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Foresight {
    /// Where its segments begin.
    pub places: Vec<Place>,
    /// Where the last one ends, in 1/90000 s.
    pub end: i64,
}

impl Foresight {
    /// The task of these segments.
    fn part(&self, first: usize, last: usize) -> Option<Part> {
        // Cuts that viewers were shown by an earlier attempt at the same file are those of the rule, which a part keeps to.
        let place = |number| self.places.get(number).map(|place| Place { free: true, ..*place });
        Some(Part { first, begin: place(first)?, end: place(last) })
    }

    /// When a segment begins, in milliseconds; beyond the last one, when the recording ends.
    fn milliseconds(&self, number: usize) -> u64 {
        (self.places.get(number).map_or(self.end, |place| place.at) / 90).max(0).unsigned_abs()
    }

    /// What is worth being made by others of a file of so many bytes, when so many segments are there: nothing unless at least
    /// `shortest` seconds remain; then parts of a quarter of that at least, the last part first.
    fn ranges(&self, there: usize, size: u64, shortest: u32) -> Vec<(usize, usize)> {
        let (all, shortest) = (self.places.len(), i64::from(shortest) * SEGMENT / 2);
        let left = self.places.get(there).map_or(0, |place| self.end - place.at);
        if left < shortest || shortest == 0 {
            return Vec::new();
        }
        let least = usize::try_from(shortest / 4 / SEGMENT).unwrap_or(1).max(1);
        let most = usize::try_from(READ / size.max(1)).unwrap_or(MOST).clamp(2, MOST);
        let long = (all - there).div_ceil(most).max(least);
        let begins = (there + long..all).step_by(long).filter(|first| self.places[*first].free);
        let mut ranges: Vec<_> = begins.map(|first| (first, (first + long).min(all))).collect();
        // A short rest belongs to the part before it.
        if let [.., before, rest] = ranges.as_mut_slice()
            && before.1 == rest.0
            && (rest.1 - rest.0) * 2 < long
        {
            before.1 = rest.1;
            ranges.pop();
        }
        ranges.reverse();
        ranges
    }
}

/// The keys under which parts of a take are owed.
pub fn keys(take: TakeId) -> impl Iterator<Item = String> {
    (0..MOST).map(move |n| format!("{KIND}:{take}:{n}"))
}

/// Calls off whatever parts of a take are owed.
///
/// # Errors
/// The database's.
pub async fn call_off(tx: &mut Tx, clock: &Clock, take: TakeId) -> Result<(), sqlx::Error> {
    for key in keys(take) {
        jobs::cancel(tx, clock, &key).await?;
    }
    Ok(())
}

/// What an earlier attempt left cannot be gone on with, so nobody knows any more what parts it asked for.
///
/// # Errors
/// The database's.
pub async fn forget(app: &App, work: &Work, take: TakeId, goes_on: bool) -> Result<(), sqlx::Error> {
    if goes_on || work.job.checkpoint.is_none() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    call_off(&mut tx, &app.clock, take).await?;
    tx.commit().await
}

/// Whether a part of a take is owed.
///
/// # Errors
/// The database's.
pub async fn owed(db: &Db, take: TakeId) -> Result<bool, sqlx::Error> {
    for key in keys(take) {
        if jobs::owed(db, &key).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foresight(seconds: i64) -> Foresight {
        let place = |n: i64| Place { at: n * SEGMENT, last: n * SEGMENT - 1, due: 0, next_key: 0, free: n > 0 };
        Foresight { places: (0..seconds / 2).map(place).collect(), end: seconds * SEGMENT / 2 }
    }

    #[test]
    fn a_short_rest_is_not_shared_and_nothing_is_where_that_is_switched_off() {
        assert!(foresight(38).ranges(0, 1, 40).is_empty());
        assert!(foresight(60).ranges(11, 1, 40).is_empty(), "38 s remain");
        assert!(!foresight(60).ranges(10, 1, 40).is_empty());
        assert!(foresight(180).ranges(0, 1, 0).is_empty());
        assert!(foresight(180).ranges(90, 1, 40).is_empty(), "everything is there");
    }

    #[test]
    fn parts_follow_one_another_to_the_end_behind_one_that_the_front_keeps() {
        for (seconds, there, size, shortest) in
            [(60, 0, 1 << 20, 40), (180, 3, 200 << 20, 40), (180, 0, 2 << 30, 40), (8, 0, 1, 4), (61, 1, 1, 40)]
        {
            let all = foresight(seconds);
            let mut ranges = all.ranges(there, size, shortest);
            ranges.reverse();
            assert!(!ranges.is_empty() && ranges.len() <= MOST, "{seconds} s: {ranges:?}");
            assert!(ranges.windows(2).all(|pair| pair[0].1 == pair[1].0), "no hole: {ranges:?}");
            assert_eq!(ranges.last().unwrap().1, all.places.len());
            let own = ranges[0].0 - there;
            assert!(own >= 1 && ranges.iter().all(|(first, last)| last - first <= own + own / 2), "{own}: {ranges:?}");
            assert!(ranges.len() <= (READ / size).max(2) as usize, "{ranges:?}");
        }
    }

    #[test]
    fn a_part_ends_where_the_next_one_begins_and_the_last_with_the_recording() {
        let all = foresight(10);
        let part = all.part(2, 4).unwrap();
        assert_eq!((part.first, part.begin.at, part.end.map(|end| end.at)), (2, 2 * SEGMENT, Some(4 * SEGMENT)));
        assert_eq!(all.part(3, 5).unwrap().end, None);
        assert!(all.part(5, 6).is_none());
        assert_eq!((all.milliseconds(2), all.milliseconds(5)), (4000, 10_000));
    }

    #[test]
    fn a_part_never_begins_where_the_place_does_not_say_enough() {
        let mut all = foresight(16);
        all.places[2].free = false;
        assert!(all.ranges(0, 1, 8).iter().all(|(first, _)| *first != 2));
    }
}
