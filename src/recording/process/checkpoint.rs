//! What an attempt leaves behind for the next one: the segments that lie in the store, rendition by rendition. Plain data; the
//! queue keeps it in the job's row.
//!
//! Invariant: what a checkpoint names was in the store before it was written, without a hole from the first segment on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::media::child::{Made, MadeSegment, Resume};

use super::share::Share;

/// The rendition that is not of pictures.
const SOUND: &str = "audio";

/// Every rendition that was begun, and what others were asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The renditions.
    #[serde(flatten)]
    pub tracks: BTreeMap<String, Track>,
    /// Parts of the pictures that are owed, by the number of their first segment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Share>,
    /// Whether segments among the renditions were made in parts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub joined: bool,
}

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
        let shortest = self.tracks.values().map(|track| track.segments.len()).min().filter(|n| *n > 0)?;
        for track in self.tracks.values_mut() {
            track.segments.truncate(shortest);
        }
        Some(self)
    }

    /// The rungs.
    pub fn rungs(&self) -> impl Iterator<Item = (&String, &Track)> {
        self.tracks.iter().filter(|(rendition, _)| rendition.as_str() != SOUND)
    }

    /// How many segments every rung has.
    #[must_use]
    pub fn front(&self) -> usize {
        self.rungs().map(|(_, track)| track.segments.len()).min().unwrap_or(0)
    }

    /// Every file it names.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.tracks.values().flat_map(|track| std::iter::once(&track.init).chain(&track.segments))
    }

    /// The same as the media child is told.
    #[must_use]
    pub fn resume(&self) -> Resume {
        let made = |(rendition, track): (&String, &Track)| Made {
            rendition: rendition.clone(),
            init: track.init.name.clone(),
            segments: track.segments.iter().map(Piece::made).collect(),
        };
        Resume { renditions: self.tracks.iter().map(made).collect() }
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
        let of = |rungs, sound| {
            let tracks = [("720".to_owned(), track(rungs)), ("audio".to_owned(), track(sound))].into();
            Checkpoint { tracks, ..Checkpoint::default() }
        };
        let left = of(5, 3);
        assert_eq!(left.front(), 5);
        let cut = left.common().unwrap();
        assert_eq!(cut.tracks.values().map(|track| track.segments.len()).collect::<Vec<_>>(), [3, 3]);
        assert_eq!(cut.pieces().count(), 8);
        assert_eq!(cut.resume().renditions[1].segments.len(), 3);
        assert_eq!(of(5, 0).common(), None);
        assert_eq!(Checkpoint::default().common(), None);
    }

    #[test]
    fn what_others_were_asked_for_is_kept_and_older_checkpoints_are_read() {
        let track = Track { init: piece("init"), segments: vec![piece("0")] };
        let plain = Checkpoint { tracks: [("720".to_owned(), track)].into(), ..Checkpoint::default() };
        let old = serde_json::to_value(&plain.tracks).unwrap();
        assert_eq!(serde_json::to_value(&plain).unwrap(), old, "nothing is added where nothing is shared");
        assert_eq!(serde_json::from_value::<Checkpoint>(old).unwrap(), plain);
        let id = serde_json::from_value(serde_json::json!("01934b5c-0000-7000-8000-000000000001")).unwrap();
        let shared = Checkpoint { parts: vec![Share { id, first: 3, last: 5 }], joined: true, ..plain };
        let text = serde_json::to_value(&shared).unwrap();
        assert_eq!(serde_json::from_value::<Checkpoint>(text).unwrap(), shared);
    }
}
