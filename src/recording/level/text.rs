//! The texts of a set that names another set's segments: what a published playlist names, and the same playlist seen from a set
//! beside it. Pure.

/// 1/90000 s in a second.
const SECOND: i64 = 90_000;

/// A file that a playlist names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The set it lies in.
    pub attempt: String,
    /// Its name there.
    pub name: String,
    /// How long it lasts, in 1/90000 s; 0 for an init segment.
    pub ticks: i64,
}

/// What a published playlist names, its init segments among the others, in order. `attempt` is the set it lies in.
#[must_use]
pub fn named(text: &str, attempt: &str) -> Vec<Named> {
    let mut ticks = 0;
    let mut all = Vec::new();
    for line in text.lines() {
        if let Some(length) = line.strip_prefix("#EXTINF:") {
            ticks = to_ticks(length.trim_end_matches(','));
        } else if let Some(address) = address(line) {
            let (attempt, name) = place(address, attempt);
            let ticks = if line.starts_with('#') { 0 } else { std::mem::take(&mut ticks) };
            all.push(Named { attempt: attempt.to_owned(), name: name.to_owned(), ticks });
        }
    }
    all
}

/// The same playlist, in a set beside that of `attempt`.
#[must_use]
pub fn beside(text: &str, attempt: &str) -> String {
    let line = |line: &str| match address(line) {
        Some(address) => {
            let (attempt, name) = place(address, attempt);
            line.replacen(address, &format!("../{attempt}/{name}"), 1) + "\n"
        }
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// The address in a line, if there is one.
fn address(line: &str) -> Option<&str> {
    match line.strip_prefix("#EXT-X-MAP:URI=\"") {
        Some(rest) => rest.split('"').next(),
        None => Some(line).filter(|line| !line.is_empty() && !line.starts_with('#')),
    }
}

fn place<'a>(address: &'a str, attempt: &'a str) -> (&'a str, &'a str) {
    address.strip_prefix("../").and_then(|rest| rest.split_once('/')).unwrap_or((attempt, address))
}

/// A length as playlists write it, which is rounded down to a millionth.
fn to_ticks(seconds: &str) -> i64 {
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
    let micros = format!("{part:0<6}").get(..6).and_then(|micros| micros.parse::<i64>().ok()).unwrap_or(0);
    whole.parse::<i64>().unwrap_or(0) * SECOND + (micros * SECOND + 500_000) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "#EXTM3U\n#EXT-X-MAP:URI=\"720-init.mp4\"\n#EXTINF:2.000000,\n720-00000.m4s\n#EXTINF:0.033333,\n\
                        ../old/720-00001.m4s\n#EXT-X-ENDLIST\n";

    #[test]
    fn a_playlist_tells_its_files_and_their_exact_lengths() {
        let file = |attempt: &str, name: &str, ticks| Named { attempt: attempt.into(), name: name.into(), ticks };
        assert_eq!(
            named(TEXT, "one"),
            [file("one", "720-init.mp4", 0), file("one", "720-00000.m4s", 180_000), file("old", "720-00001.m4s", 3000)]
        );
        for ticks in [1, 2999, 3003, 180_001, 359_999] {
            let micros = ticks * 1_000_000 / SECOND;
            assert_eq!(to_ticks(&format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)), ticks);
        }
        assert_eq!(to_ticks("nonsense"), 0);
    }

    #[test]
    fn seen_from_the_set_beside_it_names_the_same_files() {
        let moved = beside(TEXT, "one");
        assert_eq!(named(&moved, "two"), named(TEXT, "one"));
        assert!(moved.contains("URI=\"../one/720-init.mp4\"\n") && moved.contains("\n../old/720-00001.m4s\n"));
        assert_eq!(beside(&moved, "two"), moved);
    }
}
