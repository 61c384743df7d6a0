//! What one attempt has made and how much of it is safe: the child's word about each segment, and the store's about each file.
//! Pure; knows neither the store nor the database.
//!
//! Invariant: what [`Ledger::safe`] names is in the store, without a hole from each rendition's first segment on.

use std::collections::HashSet;

use crate::media::child::Event;
use crate::recording::live::{self, Renditions};

use super::checkpoint::{Checkpoint, Piece, Track};
use super::share::{Foresight, Share};

/// One attempt's account.
#[derive(Debug)]
pub struct Ledger {
    /// This attempt.
    claim: String,
    made: Checkpoint,
    /// What was taken over has not been spoken of yet.
    in_doubt: bool,
    stored: HashSet<String>,
    /// Something is safe that was not told yet.
    news: bool,
    /// The master playlist that was told last, until viewers are shown it.
    master: Option<String>,
    /// The master playlist that viewers are shown.
    showing: Option<String>,
    /// How many seconds a segment may last, where the child has said so.
    longest: i64,
    /// What viewers have been shown; entries are only ever added.
    shown: Renditions,
    size: Option<(u32, u32)>,
    foresight: Option<Foresight>,
    /// What was taken over did not fit.
    anew: bool,
}

/// What is safe.
#[derive(Debug)]
pub struct Safe {
    /// What a later attempt could go on from.
    pub checkpoint: Checkpoint,
    /// What viewers may be shown: the master playlist, and the segments of each rendition.
    pub live: Option<(String, Renditions)>,
    /// Width and height of the picture.
    pub size: Option<(u32, u32)>,
}

impl Ledger {
    /// An account that begins with what was taken over, and with what viewers have been shown already.
    #[must_use]
    pub fn new(claim: &str, left: Option<Checkpoint>, shown: Option<(String, Renditions)>) -> Ledger {
        let (showing, shown) = shown.map_or((None, Renditions::new()), |(master, shown)| (Some(master), shown));
        Ledger {
            claim: claim.to_owned(),
            in_doubt: left.is_some(),
            made: left.unwrap_or_default(),
            stored: HashSet::new(),
            news: false,
            master: None,
            showing,
            longest: shown.values().flatten().map(|run| run.longest).max().unwrap_or(0),
            shown,
            size: None,
            foresight: None,
            anew: false,
        }
    }

    /// Notes what the child says; answers the names of files that are complete and should be put into the store. What is taken
    /// over is put too, under this attempt, once the child has said that it goes on from there.
    pub fn heard(&mut self, event: &Event) -> Vec<String> {
        match event {
            Event::Resumed { segments } => return self.resumed(*segments),
            Event::Segment { rendition, name, ticks, frames, bytes, .. } => {
                if self.in_doubt {
                    self.resumed(0);
                }
                let (ticks, frames, bytes) = (*ticks, *frames, *bytes);
                let piece = Piece { attempt: self.claim.clone(), name: name.clone(), bytes, ticks, frames };
                self.segment(rendition, piece);
                return vec![name.clone()];
            }
            Event::File { name, .. } => return vec![name.clone()],
            Event::Playlist { name, text, .. } if name == "master.m3u8" => {
                self.master = Some(text.clone());
                self.news = true;
            }
            Event::Probed(probe) => self.size = probe.video.as_ref().map(|video| (video.width, video.height)),
            Event::Copied { longest, .. } => self.longest = self.longest.max(i64::from(*longest)),
            Event::Foreseen { places, end } => {
                self.foresight = Some(Foresight { places: places.clone(), end: *end });
            }
            Event::Playlist { .. } | Event::Progress { .. } => {}
        }
        Vec::new()
    }

    fn resumed(&mut self, segments: u64) -> Vec<String> {
        self.in_doubt = false;
        if segments == 0 {
            self.made = Checkpoint::default();
            self.anew = true;
        }
        self.made.pieces().map(|piece| piece.name.clone()).filter(|name| !self.stored.contains(name)).collect()
    }

    /// How the pictures will be cut, once that is known.
    #[must_use]
    pub fn foresight(&self) -> Option<Foresight> {
        self.foresight.clone()
    }

    /// Whether what was taken over did not fit.
    #[must_use]
    pub fn is_anew(&self) -> bool {
        self.anew
    }

    /// How many segments of every rung are there, in the store or on their way.
    #[must_use]
    pub fn front(&self) -> usize {
        self.made.front()
    }

    /// Files of this attempt that were made and do not lie in the store.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let own = self.made.pieces().filter(|piece| piece.attempt == self.claim);
        own.map(|piece| piece.name.clone()).filter(|name| !self.stored.contains(name)).collect()
    }

    /// The beginning of every rung, once it is safe and all that the master playlist names has begun.
    pub fn begun(&mut self) -> Option<Checkpoint> {
        let safe = self.safe().checkpoint;
        let master = self.showing.as_deref()?;
        let has_begun = |name: &str| safe.tracks.get(name).is_some_and(|track| !track.segments.is_empty());
        // Viewers may be shown a master playlist of before, which does not name every rung that is being made.
        if !live::named(master).all(has_begun) || safe.rungs().any(|(_, track)| track.segments.is_empty()) {
            return None;
        }
        let first = |track: &Track| Track { init: track.init.clone(), segments: track.segments[..1].to_vec() };
        let tracks = safe.rungs().map(|(rendition, track)| (rendition.clone(), first(track))).collect();
        Some(Checkpoint { tracks, ..Checkpoint::default() })
    }

    /// These parts are owed; answers what is safe now.
    pub fn shares_are(&mut self, shares: &[Share]) -> Checkpoint {
        self.made.parts = shares.to_vec();
        self.news = true;
        self.safe().checkpoint
    }

    /// What of a part, whose first segment has that number, comes next: rendition and piece. None when it is not the whole part.
    #[must_use]
    pub fn wanted(&self, (first, last): (usize, usize), part: &Checkpoint) -> Option<Vec<(String, Piece)>> {
        let mut wanted = Vec::new();
        for (rendition, track) in self.made.rungs() {
            let there = track.segments.len();
            let of = part.tracks.get(rendition).filter(|of| first <= there && of.segments.len() == last - first)?;
            let rest = of.segments.iter().skip(there - first);
            wanted.extend(rest.map(|piece| (rendition.clone(), piece.clone())));
        }
        Some(wanted)
    }

    /// Segments that others made, and that lie in the store and in the work folder, follow what was there.
    pub fn adopt(&mut self, pieces: Vec<(String, Piece)>) {
        self.made.joined |= !pieces.is_empty();
        for (rendition, piece) in pieces {
            self.segment(&rendition, piece);
        }
        self.news = true;
    }

    fn segment(&mut self, rendition: &str, piece: Piece) {
        match self.made.tracks.get_mut(rendition) {
            Some(track) if piece.ticks > 0 => track.segments.push(piece),
            Some(track) => track.init = piece,
            None => drop(self.made.tracks.insert(rendition.to_owned(), Track { init: piece, segments: Vec::new() })),
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

    /// What is safe, if that is more than was told before.
    pub fn news(&mut self) -> Option<Safe> {
        std::mem::take(&mut self.news).then(|| self.safe())
    }

    /// What was told did not get through.
    pub fn tell_again(&mut self) {
        self.news = true;
    }

    /// What is safe now.
    pub fn safe(&mut self) -> Safe {
        let safe = |piece: &&Piece| piece.attempt != self.claim || self.stored.contains(&piece.name);
        let tracks = self.made.tracks.iter().filter(|(_, track)| safe(&&track.init));
        let tracks = tracks.map(|(rendition, track)| {
            let segments = track.segments.iter().take_while(safe).cloned().collect();
            (rendition.clone(), Track { init: track.init.clone(), segments })
        });
        let (parts, joined) = (self.made.parts.clone(), self.made.joined);
        let checkpoint = Checkpoint { tracks: tracks.collect(), parts, joined };
        let live = self.show(&checkpoint);
        Safe { checkpoint, live, size: self.size }
    }

    /// Adds to what viewers are shown whatever goes beyond it. A master playlist is not shown before each rendition that it names
    /// has its first segment.
    fn show(&mut self, safe: &Checkpoint) -> Option<(String, Renditions)> {
        for (rendition, track) in &safe.tracks {
            let runs = self.shown.entry(rendition.clone()).or_default();
            for piece in track.segments.iter().skip(live::length(runs)) {
                let init = (track.init.attempt.as_str(), track.init.name.as_str());
                live::add(runs, &piece.attempt, init, (&piece.name, piece.ticks), self.longest);
            }
        }
        let begun = |name: &str| self.shown.get(name).is_some_and(|runs| live::length(runs) > 0);
        if self.master.as_deref().is_some_and(|master| live::named(master).all(begun)) {
            self.showing = self.master.take();
        }
        Some((self.showing.clone()?, self.shown.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(rendition: &str, name: &str, ticks: i64) -> Event {
        let (rendition, name) = (rendition.to_owned(), name.to_owned());
        Event::Segment { rendition, name, duration_ms: ticks.unsigned_abs() / 90, ticks, frames: 60, bytes: 9 }
    }

    fn master(text: &str) -> Event {
        Event::Playlist { name: "master.m3u8".into(), text: text.into(), ended: false }
    }

    /// Makes and stores segments of one rendition after another.
    fn make(ledger: &mut Ledger, made: &[(&str, &str, i64)]) {
        for (rendition, name, ticks) in made {
            assert_eq!(ledger.heard(&segment(rendition, name, *ticks)), [*name]);
            ledger.stored((*name).into());
        }
    }

    fn left(ledger: &mut Ledger) -> Checkpoint {
        ledger.news().unwrap().checkpoint
    }

    fn names(checkpoint: &Checkpoint) -> Vec<&str> {
        checkpoint.pieces().map(|piece| piece.name.as_str()).collect()
    }

    #[test]
    fn only_what_is_stored_without_a_hole_is_told() {
        let mut ledger = Ledger::new("one", None, None);
        for (name, ticks) in [("init", 0), ("s0", 180_000), ("s1", 180_000), ("s2", 180_000)] {
            assert_eq!(ledger.heard(&segment("720", name, ticks)), [name]);
        }
        assert!(ledger.news().is_none(), "nothing is safe yet");
        for name in ["s0", "s2"] {
            ledger.stored(name.into());
        }
        assert!(names(&left(&mut ledger)).is_empty(), "without its init a rendition is worth nothing");
        ledger.stored("init".into());
        assert_eq!(names(&left(&mut ledger)), ["init", "s0"]);
        assert!(ledger.news().is_none(), "told once");
        ledger.stored("s1".into());
        assert_eq!(names(&left(&mut ledger)), ["init", "s0", "s1", "s2"]);
    }

    #[test]
    fn what_was_taken_over_is_kept_with_the_attempt_that_made_it_or_dropped_when_it_does_not_fit() {
        let mut first = Ledger::new("one", None, None);
        make(&mut first, &[("720", "init", 0), ("720", "s0", 180_000)]);
        let left_behind = left(&mut first);
        let mut second = Ledger::new("two", Some(left_behind.clone()), None);
        assert_eq!(second.heard(&Event::Resumed { segments: 1 }), ["init", "s0"]);
        make(&mut second, &[("720", "s1", 180_000)]);
        let told = left(&mut second);
        let of: Vec<_> = told.pieces().map(|piece| (piece.attempt.as_str(), piece.name.as_str())).collect();
        assert_eq!(of, [("one", "init"), ("one", "s0"), ("two", "s1")]);

        // Said in so many words, or by beginning without a word.
        for said in [true, false] {
            let mut third = Ledger::new("three", Some(left_behind.clone()), None);
            if said {
                assert!(third.heard(&Event::Resumed { segments: 0 }).is_empty());
            }
            make(&mut third, &[("720", "init", 0)]);
            assert_eq!(left(&mut third).pieces().map(|piece| piece.attempt.as_str()).collect::<Vec<_>>(), ["three"]);
        }
    }

    #[test]
    fn a_copied_rung_is_shown_with_the_sound_before_the_others() {
        let mut ledger = Ledger::new("one", None, None);
        ledger.heard(&Event::Copied { rendition: "720".into(), longest: 4 });
        make(&mut ledger, &[("720", "v", 0), ("480", "w", 0), ("720", "v0", 333_000)]);
        ledger.heard(&master("720.m3u8"));
        let (shown, renditions) = ledger.news().unwrap().live.unwrap();
        assert_eq!((shown.as_str(), renditions["720"][0].longest), ("720.m3u8", 4));
        // The others are named once there is something of them.
        ledger.heard(&segment("480", "w0", 333_000));
        ledger.heard(&master("720.m3u8\n480.m3u8"));
        assert_eq!(ledger.news().unwrap().live.unwrap().0, "720.m3u8");
        ledger.stored("w0".into());
        let (both, renditions) = ledger.news().unwrap().live.unwrap();
        assert_eq!((both.as_str(), live::length(&renditions["480"])), ("720.m3u8\n480.m3u8", 1));
        // Who goes on keeps to the lengths that were told.
        let mut next = Ledger::new("two", None, Some((both, renditions)));
        make(&mut next, &[("720", "v", 0), ("720", "v0", 333_000), ("720", "v1", 180_000)]);
        assert_eq!(next.news().unwrap().live.unwrap().1["720"][1].longest, 4);
    }

    #[test]
    fn viewers_see_nothing_before_every_rendition_has_begun_and_lose_nothing_when_work_begins_anew() {
        let mut first = Ledger::new("one", None, None);
        make(&mut first, &[("720", "v", 0), ("audio", "a", 0), ("720", "v0", 180_000), ("720", "v1", 180_000)]);
        first.heard(&master("#URI=\"audio.m3u8\"\n720.m3u8"));
        assert!(first.news().unwrap().live.is_none(), "the sound has no segment yet");
        make(&mut first, &[("audio", "a0", 180_000)]);
        let shown = first.news().unwrap().live.unwrap();
        assert_eq!((live::length(&shown.1["720"]), live::length(&shown.1["audio"])), (2, 1));

        let mut second = Ledger::new("two", None, Some(shown));
        make(&mut second, &[("720", "v", 0), ("720", "v0", 180_000), ("720", "v1", 180_000), ("720", "v2", 9)]);
        let runs = second.news().unwrap().live.unwrap().1.remove("720").unwrap();
        let of: Vec<_> =
            runs.iter().map(|run| (run.attempt.as_str(), run.entries.len(), run.init.0.as_str())).collect();
        assert_eq!(of, [("one", 2, "one"), ("two", 1, "two")]);
    }

    #[test]
    fn nothing_has_begun_while_a_rung_that_is_not_shown_yet_has_no_segment() {
        let mut shown = Ledger::new("one", None, None);
        make(&mut shown, &[("720", "v", 0), ("720", "v0", 180_000)]);
        shown.heard(&master("720.m3u8"));
        let live = shown.news().unwrap().live;
        let mut ledger = Ledger::new("two", None, live);
        make(&mut ledger, &[("720", "v", 0), ("720", "v0", 180_000), ("480", "w", 0)]);
        assert_eq!(ledger.begun(), None);
        make(&mut ledger, &[("480", "w0", 180_000)]);
        assert_eq!(names(&ledger.begun().unwrap()), ["w", "w0", "v", "v0"]);
    }

    #[test]
    fn a_part_follows_what_is_there_and_only_what_is_missing_is_taken_of_it() {
        let mut ledger = Ledger::new("one", None, None);
        for rung in ["720", "480"] {
            make(&mut ledger, &[(rung, &format!("{rung}-init"), 0), (rung, &format!("{rung}-0"), 180_000)]);
        }
        assert!(ledger.begun().is_none(), "nothing is shown yet");
        ledger.heard(&master("720.m3u8\n480.m3u8"));
        assert_eq!(names(&left(&mut ledger)).len(), 4);
        assert_eq!(names(&ledger.begun().unwrap()), ["480-init", "480-0", "720-init", "720-0"]);
        // The lower rung was quicker, and came into the part before the front was stopped.
        assert_eq!(ledger.heard(&segment("480", "480-1", 180_000)), ["480-1"]);
        assert_eq!((ledger.front(), ledger.missing()), (1, vec!["480-1".to_owned()]));
        let piece = |name: String| Piece { attempt: "help".into(), name, bytes: 9, ticks: 180_000, frames: 60 };
        let track = |rung: &str, segments: usize| {
            let made = (1..=segments).map(|n| piece(format!("{rung}-{n}"))).collect();
            (rung.to_owned(), Track { init: piece("x".into()), segments: made })
        };
        let part = |n| Checkpoint { tracks: [track("720", 2), track("480", n)].into(), ..Checkpoint::default() };
        assert_eq!(ledger.wanted((1, 3), &part(1)), None, "a part of which something is missing is none");
        assert_eq!(ledger.wanted((2, 4), &part(2)), None, "there would be a hole");
        let wanted = ledger.wanted((1, 3), &part(2)).unwrap();
        assert_eq!(
            wanted.iter().map(|(_, piece)| piece.name.as_str()).collect::<Vec<_>>(),
            ["480-2", "720-1", "720-2"]
        );
        ledger.adopt(wanted);
        ledger.stored("480-1".into());
        let safe = left(&mut ledger);
        assert!(safe.joined && ledger.front() == 3);
        let of: Vec<_> = safe.tracks["480"].segments.iter().map(|piece| piece.attempt.as_str()).collect();
        assert_eq!(of, ["one", "one", "help"]);
        // At the end the same attempt goes on with all of it: what it has put already is not put again.
        assert_eq!(ledger.heard(&Event::Resumed { segments: 3 }), ["480-2", "720-1", "720-2"]);
    }
}
