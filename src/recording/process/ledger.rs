//! What one attempt has made and how much of it is safe: the child's word about each segment, and the store's about each file.
//! Pure; knows neither the store nor the database.
//!
//! Invariant: what [`Ledger::checkpoint`] names is in the store, without a hole from each rendition's first segment on.

use std::collections::HashSet;

use crate::media::child::Event;

use super::checkpoint::{Checkpoint, Piece, Track};

/// One attempt's account.
#[derive(Debug)]
pub struct Ledger {
    /// This attempt.
    claim: String,
    made: Checkpoint,
    /// What was taken over has not been spoken of yet.
    in_doubt: bool,
    stored: HashSet<String>,
    /// Something is safe that no checkpoint tells of yet.
    news: bool,
}

impl Ledger {
    /// An account that begins with what was taken over.
    #[must_use]
    pub fn new(claim: &str, left: Option<Checkpoint>) -> Ledger {
        let in_doubt = left.is_some();
        Ledger {
            claim: claim.to_owned(),
            made: left.unwrap_or_default(),
            in_doubt,
            stored: HashSet::new(),
            news: false,
        }
    }

    /// Notes what the child says; answers the names of files that are complete and should be put into the store. What is taken
    /// over is put too, under this attempt, once the child has said that it goes on from there.
    pub fn heard(&mut self, event: &Event) -> Vec<String> {
        match event {
            Event::Resumed { segments } => self.resumed(*segments),
            Event::Segment { rendition, name, ticks, frames, bytes, .. } => {
                if self.in_doubt {
                    self.resumed(0);
                }
                let (ticks, frames, bytes) = (*ticks, *frames, *bytes);
                let piece = Piece { attempt: self.claim.clone(), name: name.clone(), bytes, ticks, frames };
                self.segment(rendition, piece);
                vec![name.clone()]
            }
            Event::File { name, .. } => vec![name.clone()],
            Event::Probed(_) | Event::Playlist { .. } | Event::Progress { .. } => Vec::new(),
        }
    }

    fn resumed(&mut self, segments: u64) -> Vec<String> {
        self.in_doubt = false;
        if segments == 0 {
            self.made = Checkpoint::default();
        }
        self.made.pieces().map(|piece| piece.name.clone()).collect()
    }

    fn segment(&mut self, rendition: &str, piece: Piece) {
        match self.made.0.get_mut(rendition) {
            Some(track) if piece.ticks > 0 => track.segments.push(piece),
            Some(track) => track.init = piece,
            None => drop(self.made.0.insert(rendition.to_owned(), Track { init: piece, segments: Vec::new() })),
        }
    }

    /// A file of this attempt lies in the store.
    pub fn stored(&mut self, name: String) {
        self.news |= self.stored.insert(name);
    }

    /// Whether a file of this attempt lies in the store.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.stored.contains(name)
    }

    /// What a later attempt could go on from, if that is more than was told before.
    pub fn checkpoint(&mut self) -> Option<Checkpoint> {
        std::mem::take(&mut self.news).then(|| {
            let safe = |piece: &&Piece| piece.attempt != self.claim || self.stored.contains(&piece.name);
            let tracks = self.made.0.iter().filter(|(_, track)| safe(&&track.init));
            let tracks = tracks.map(|(rendition, track)| {
                let segments = track.segments.iter().take_while(safe).cloned().collect();
                (rendition.clone(), Track { init: track.init.clone(), segments })
            });
            Checkpoint(tracks.collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(rendition: &str, name: &str, ticks: i64) -> Event {
        let (rendition, name) = (rendition.to_owned(), name.to_owned());
        Event::Segment { rendition, name, duration_ms: ticks.unsigned_abs() / 90, ticks, frames: 60, bytes: 9 }
    }

    fn names(checkpoint: &Checkpoint) -> Vec<&str> {
        checkpoint.pieces().map(|piece| piece.name.as_str()).collect()
    }

    #[test]
    fn only_what_is_stored_without_a_hole_is_told() {
        let mut ledger = Ledger::new("one", None);
        for (name, ticks) in [("init", 0), ("s0", 180_000), ("s1", 180_000), ("s2", 180_000)] {
            assert_eq!(ledger.heard(&segment("720", name, ticks)), [name]);
        }
        assert_eq!(ledger.checkpoint(), None, "nothing is safe yet");
        for name in ["s0", "s2"] {
            ledger.stored(name.into());
        }
        assert!(names(&ledger.checkpoint().unwrap()).is_empty(), "without its init a rendition is worth nothing");
        ledger.stored("init".into());
        assert_eq!(names(&ledger.checkpoint().unwrap()), ["init", "s0"]);
        assert_eq!(ledger.checkpoint(), None, "told once");
        ledger.stored("s1".into());
        assert_eq!(names(&ledger.checkpoint().unwrap()), ["init", "s0", "s1", "s2"]);
    }

    #[test]
    fn what_was_taken_over_is_kept_with_the_attempt_that_made_it_or_dropped_when_it_does_not_fit() {
        let mut first = Ledger::new("one", None);
        for (name, ticks) in [("init", 0), ("s0", 180_000)] {
            first.heard(&segment("720", name, ticks));
            first.stored(name.into());
        }
        let left = first.checkpoint().unwrap();
        let mut second = Ledger::new("two", Some(left.clone()));
        assert_eq!(second.heard(&Event::Resumed { segments: 1 }), ["init", "s0"]);
        second.heard(&segment("720", "s1", 180_000));
        second.stored("s1".into());
        let told = second.checkpoint().unwrap();
        let of: Vec<_> = told.pieces().map(|piece| (piece.attempt.as_str(), piece.name.as_str())).collect();
        assert_eq!(of, [("one", "init"), ("one", "s0"), ("two", "s1")]);

        // Said in so many words, or by beginning without a word.
        let mut third = Ledger::new("three", Some(left.clone()));
        assert!(third.heard(&Event::Resumed { segments: 0 }).is_empty());
        let mut fourth = Ledger::new("four", Some(left));
        fourth.heard(&segment("720", "init", 0));
        fourth.stored("init".into());
        assert_eq!(fourth.checkpoint().unwrap().pieces().next().unwrap().attempt, "four");
        third.heard(&segment("720", "init", 0));
        third.stored("init".into());
        assert_eq!(names(&third.checkpoint().unwrap()), ["init"]);
    }
}
