//! What of a take can be watched before it is ready: playlists that grow. Pure; [`sql`] keeps them, `bytes` answers with them.
//!
//! Invariant: an entry is only ever added, at the end; one that was shown keeps its address and its length. A takeover goes on
//! with the same playlists: entries of an earlier attempt stay with the segments that it made.

pub mod sql;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Ticks of a second.
const SECOND: i64 = 90_000;

/// The playlists of every rendition, by its name.
pub type Renditions = BTreeMap<String, Vec<Run>>;

/// Segments in a row that one attempt made under one init.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Run {
    /// The attempt that made the segments.
    pub attempt: String,
    /// The attempt and the name of their init.
    pub init: (String, String),
    /// Name and length in ticks of each.
    pub entries: Vec<(String, i64)>,
    /// How many seconds its segments may last, where that is not said by what is always so.
    #[serde(default)]
    pub longest: i64,
}

/// How many segments a rendition shows.
#[must_use]
pub fn length(runs: &[Run]) -> usize {
    runs.iter().map(|run| run.entries.len()).sum()
}

/// Adds a segment, which may have lasted so many seconds.
pub fn add(runs: &mut Vec<Run>, attempt: &str, init: (&str, &str), entry: (&str, i64), longest: i64) {
    let entry = (entry.0.to_owned(), entry.1);
    match runs.last_mut().filter(|run| run.attempt == attempt && run.init.0 == init.0 && run.init.1 == init.1) {
        Some(run) => run.entries.push(entry),
        None => runs.push(Run {
            attempt: attempt.to_owned(),
            init: (init.0.to_owned(), init.1.to_owned()),
            entries: vec![entry],
            longest,
        }),
    }
}

/// What a master playlist names: the sound, if there is any, and the rungs.
pub fn named(master: &str) -> impl Iterator<Item = &str> {
    master.lines().filter_map(|line| {
        let address = match line.strip_prefix('#') {
            Some(tag) => tag.split_once("URI=\"")?.1.split('"').next()?,
            None => line,
        };
        address.strip_suffix(".m3u8")
    })
}

/// The lengths in ticks of the segments of pictures that were shown: those of the rung of which most was.
#[must_use]
pub fn cuts(master: &str, renditions: &Renditions) -> Vec<i64> {
    let rungs = master.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.strip_suffix(".m3u8"));
    let longest = rungs.filter_map(|name| renditions.get(name)).max_by_key(|runs| length(runs));
    longest.into_iter().flatten().flat_map(|run| &run.entries).map(|(_, ticks)| *ticks).collect()
}

/// The playlist of one rendition, with addresses relative to `…/live/`. Ended, it will not grow any more.
///
/// An init that changes is named anew and no more is said: times go on, and a tag of discontinuity would have to stand at the same
/// place in all renditions (RFC 8216, 6.2.4), which were not all made equally far.
#[must_use]
pub fn playlist(runs: &[Run], ended: bool) -> String {
    let lengths = runs.iter().flat_map(|run| &run.entries).map(|(_, ticks)| (ticks + SECOND / 2) / SECOND);
    let longest = lengths.chain(runs.iter().map(|run| run.longest)).max().unwrap_or(0).max(2);
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{longest}\n#EXT-X-MEDIA-SEQUENCE:0\n\
         #EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    );
    let mut init = None;
    for run in runs {
        if init.replace(&run.init) != Some(&run.init) {
            let _ = writeln!(text, "#EXT-X-MAP:URI=\"../{}/{}\"", run.init.0, run.init.1);
        }
        for (name, ticks) in &run.entries {
            let micros = ticks * 1_000_000 / SECOND;
            let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
            let _ = writeln!(text, "#EXTINF:{seconds}.{rest:06},\n../{}/{name}", run.attempt);
        }
    }
    if ended {
        text.push_str("#EXT-X-ENDLIST\n");
    }
    text
}

/// A finished playlist of an attempt as it is answered at the live address: the same, with addresses from there. Those that
/// name another attempt (`../…`) are right as they are.
#[must_use]
pub fn finished(attempt: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for line in text.lines() {
        let _ = match line.strip_prefix("#EXT-X-MAP:URI=\"") {
            Some(rest) if !rest.starts_with("../") => writeln!(out, "#EXT-X-MAP:URI=\"../{attempt}/{rest}"),
            None if !line.is_empty() && !line.starts_with('#') && !line.starts_with("../") => {
                writeln!(out, "../{attempt}/{line}")
            }
            _ => writeln!(out, "{line}"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_takeover_goes_on_with_the_same_playlist() {
        let mut runs = Vec::new();
        add(&mut runs, "one", ("one", "720-init.mp4"), ("720-00000.m4s", 2 * SECOND), 0);
        let before = playlist(&runs, false);
        add(&mut runs, "two", ("one", "720-init.mp4"), ("720-00001.m4s", 2 * SECOND), 0);
        add(&mut runs, "two", ("one", "720-init.mp4"), ("720-00002.m4s", SECOND), 0);
        let after = playlist(&runs, false);
        assert!(after.starts_with(&before), "nothing that was told is changed");
        assert_eq!(after.matches("#EXT-X-MAP").count(), 1);
        assert!(after.contains("#EXTINF:1.000000,\n../two/720-00002.m4s\n") && !after.contains("ENDLIST"));
        assert_eq!((runs.len(), length(&runs)), (2, 3));
        assert_eq!(playlist(&runs, true), format!("{after}#EXT-X-ENDLIST\n"));
        // Work that had to begin anew brings an init of its own.
        add(&mut runs, "three", ("three", "720-init.mp4"), ("720-00003.m4s", SECOND), 0);
        assert!(playlist(&runs, false).contains("#EXT-X-MAP:URI=\"../three/720-init.mp4\"\n#EXTINF:1"));
    }

    #[test]
    fn a_playlist_says_the_longest_length_from_the_beginning() {
        let mut runs = Vec::new();
        add(&mut runs, "one", ("one", "720-init.mp4"), ("720-00000.m4s", 2 * SECOND), 4);
        assert!(playlist(&runs, false).contains("#EXT-X-TARGETDURATION:4\n"));
        add(&mut runs, "two", ("two", "720-init.mp4"), ("720-00001.m4s", 2 * SECOND), 0);
        assert!(playlist(&runs, false).contains("#EXT-X-TARGETDURATION:4\n"));
    }

    #[test]
    fn a_master_names_its_renditions() {
        let master = "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI=\"audio.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n720.m3u8\n";
        assert_eq!(named(master).collect::<Vec<_>>(), ["audio", "720"]);
        assert_eq!(named("").count(), 0);
    }

    #[test]
    fn a_finished_playlist_is_found_from_the_live_address() {
        let text = "#EXTM3U\n#EXT-X-MAP:URI=\"a-init.mp4\"\n#EXTINF:2.0,\na-0.m4s\n#EXT-X-ENDLIST\n";
        let moved = finished("one", text);
        assert_eq!(
            moved,
            "#EXTM3U\n#EXT-X-MAP:URI=\"../one/a-init.mp4\"\n#EXTINF:2.0,\n../one/a-0.m4s\n#EXT-X-ENDLIST\n"
        );
        assert_eq!(finished("two", &moved), moved, "what a set names of another stays");
    }
}
