//! What an attempt leaves behind for the next one: the segments that lie in the store, rendition by rendition. Plain data; the
//! queue keeps it in the job's row.
//!
//! Invariant: what a checkpoint names was in the store before it was written, without a hole from the first segment on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::media::child::{Made, MadeSegment, Resume};

/// Every rendition that was begun.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Checkpoint(pub BTreeMap<String, Track>);

/// One rendition: a rung, or the sound.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Track {
    /// Its first piece, without pictures or sound.
    pub init: Piece,
    /// Its segments from the first on.
    pub segments: Vec<Piece>,
}

/// One file in the store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Piece {
    /// The attempt that put it there: it lies under `takes/<take>/<attempt>/`.
    pub attempt: String,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its length in 1/90000 s; 0 for an init.
    #[serde(default)]
    pub ticks: i64,
    /// Its pictures, or pieces of sound.
    #[serde(default)]
    pub frames: u64,
}

impl Checkpoint {
    /// What every rendition has: all cut to the shortest. `None` when there is no segment to go on from.
    #[must_use]
    pub fn common(mut self) -> Option<Checkpoint> {
        let shortest = self.0.values().map(|track| track.segments.len()).min().filter(|n| *n > 0)?;
        for track in self.0.values_mut() {
            track.segments.truncate(shortest);
        }
        Some(self)
    }

    /// Every file it names.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.0.values().flat_map(|track| std::iter::once(&track.init).chain(&track.segments))
    }

    /// The same as the media child is told.
    #[must_use]
    pub fn resume(&self) -> Resume {
        let made = |(rendition, track): (&String, &Track)| Made {
            rendition: rendition.clone(),
            init: track.init.name.clone(),
            segments: track.segments.iter().map(Piece::made).collect(),
        };
        Resume { renditions: self.0.iter().map(made).collect() }
    }
}

impl Piece {
    fn made(&self) -> MadeSegment {
        MadeSegment { name: self.name.clone(), ticks: self.ticks, bytes: self.bytes, frames: self.frames }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(name: &str) -> Piece {
        Piece { attempt: "one".into(), name: name.into(), bytes: 10, ticks: 180_000, frames: 60 }
    }

    #[test]
    fn every_rendition_is_cut_to_the_shortest() {
        let track = |n: usize| Track { init: piece("init"), segments: (0..n).map(|n| piece(&n.to_string())).collect() };
        let left = Checkpoint([("720".to_owned(), track(5)), ("audio".to_owned(), track(3))].into());
        let cut = left.common().unwrap();
        assert_eq!(cut.0.values().map(|track| track.segments.len()).collect::<Vec<_>>(), [3, 3]);
        assert_eq!(cut.pieces().count(), 8);
        assert_eq!(cut.resume().renditions[1].segments.len(), 3);
        let begun = Checkpoint([("720".to_owned(), track(5)), ("audio".to_owned(), track(0))].into());
        assert_eq!(begun.common(), None);
        assert_eq!(Checkpoint::default().common(), None);
    }
}
