//! Files of captions, read: WebVTT (W3C) and SubRip. Stricter than a browser, which skips what it does not understand: whoever
//! sends a file is told of the line that would have been lost. Comments, styles and regions are left out, identifiers too.
//!
//! Invariant: cues come out in the order of their beginnings, each with a text, and no more or longer than the bounds here.

use super::cue::{Cue, settings};
use super::{payload, time};

/// Cues of one track.
const MOST_CUES: usize = 2_000;
/// Characters of a cue.
const LONGEST_CUE: usize = 1_000;
/// No video is longer, in milliseconds: three minutes and the tolerance.
const LONGEST_VIDEO: i64 = 180_500;

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub sentence: String,
}

fn wrong<T>(line: usize, sentence: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { line, sentence: sentence.into() })
}

/// Reads a file of either kind.
///
/// # Errors
/// The first line that cannot be taken.
pub fn read(text: &str) -> Result<Vec<Cue>, Wrong> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader { lines: text.split('\n').collect(), at: 0, subrip: false };
    reader.head()?;
    let mut cues: Vec<Cue> = Vec::new();
    while let Some((line, cue)) = reader.next()? {
        if cues.len() == MOST_CUES {
            return wrong(line, format!("This is one cue more than {MOST_CUES}, the most that a track may have."));
        }
        cues.push(cue);
    }
    if cues.is_empty() {
        return wrong(1, "There is no cue with a text in it.");
    }
    cues.sort_by_key(|cue| cue.start);
    Ok(cues)
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    /// The next line, from 0.
    at: usize,
    subrip: bool,
}

impl<'a> Reader<'a> {
    fn line(&self, at: usize) -> Option<&'a str> {
        self.lines.get(at).copied().filter(|line| !line.trim().is_empty())
    }

    fn has_times(&self, at: usize) -> bool {
        self.line(at).is_some_and(|line| line.contains("-->"))
    }

    fn skip_block(&mut self) {
        while self.line(self.at).is_some() {
            self.at += 1;
        }
    }

    /// The line by which a file says what it is, and what else stands there.
    fn head(&mut self) -> Result<(), Wrong> {
        let first = self.lines.first().copied().unwrap_or_default();
        if first.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])) {
            self.at = 1;
            while self.line(self.at).is_some() && !self.has_times(self.at) {
                self.at += 1;
            }
            return Ok(());
        }
        self.subrip = true;
        self.skip_empty();
        if self.has_times(self.at) || self.has_times(self.at + 1) {
            return Ok(());
        }
        let sentence = "This is not a file of captions: WebVTT begins with the line WEBVTT, SubRip with a number and, below it, times.";
        wrong(self.at.min(self.lines.len() - 1) + 1, sentence)
    }

    fn skip_empty(&mut self) {
        while self.at < self.lines.len() && self.line(self.at).is_none() {
            self.at += 1;
        }
    }

    /// The next cue that has a text, and the line of its times.
    fn next(&mut self) -> Result<Option<(usize, Cue)>, Wrong> {
        loop {
            self.skip_empty();
            let Some(line) = self.line(self.at) else { return Ok(None) };
            if !self.has_times(self.at) {
                if self.has_times(self.at + 1) {
                    self.at += 1; // its identifier
                } else if !self.subrip && is_aside(line) {
                    self.skip_block();
                    continue;
                } else {
                    let sentence = "This text has no times above it, such as 00:01.000 --> 00:04.000. (A cue has no empty lines in it.)";
                    return wrong(self.at + 1, sentence);
                }
            }
            let at = self.at + 1;
            let cue = self.cue()?;
            if !cue.words.is_empty() {
                return Ok(Some((at, cue)));
            }
        }
    }

    fn cue(&mut self) -> Result<Cue, Wrong> {
        let at = self.at + 1;
        let (start, end, settings) = times(at, self.lines[self.at])?;
        self.at += 1;
        let first = self.at;
        while self.line(self.at).is_some() && !self.has_times(self.at) {
            self.at += 1;
        }
        // A SubRip file without empty lines: the number of the next cue is no text of this one.
        let number = |line: &&str| !line.trim().is_empty() && line.trim().bytes().all(|byte| byte.is_ascii_digit());
        let mut last = self.at;
        if self.subrip && last > first && self.has_times(last) && number(&self.lines[last - 1]) {
            last -= 1;
        }
        let text = self.lines[first..last].join("\n");
        let text = if self.subrip { without_places(&text) } else { text };
        let payload::Payload { markup, words } = payload::clean(&text);
        let length = words.chars().count();
        if length > LONGEST_CUE {
            return wrong(first + 1, format!("The text of this cue has {length} characters; at most {LONGEST_CUE}."));
        }
        Ok(Cue { start, end, settings, markup, words })
    }
}

/// A comment, a style or a region: a block of its own that no viewer reads.
fn is_aside(line: &str) -> bool {
    let word = line.split([' ', '\t']).next().unwrap_or_default();
    word == "NOTE" || (["STYLE", "REGION"].contains(&word) && line.trim_end() == word)
}

/// The line of a cue's times.
fn times(at: usize, line: &str) -> Result<(i64, i64, String), Wrong> {
    let (left, right) = line.split_once("-->").unwrap_or((line, ""));
    let right = right.trim_start();
    let (right, rest) = right.split_once(char::is_whitespace).unwrap_or((right, ""));
    let mut both = [0; 2];
    for (place, text) in both.iter_mut().zip([left.trim(), right.trim()]) {
        let Some(ms) = time::read(text) else {
            let shown: String = text.chars().take(40).collect();
            return wrong(at, format!("“{shown}” is not a time. Times are written as 01:04.500 or 00:01:04.500."));
        };
        *place = ms;
    }
    let [start, end] = both;
    if start >= LONGEST_VIDEO {
        let begins = time::write(start);
        return wrong(at, format!("This cue begins at {begins}, and no video is longer than three minutes."));
    }
    if end <= start {
        let (end, start) = (time::write(end), time::write(start));
        return wrong(at, format!("This cue ends at {end}, which is not after its beginning at {start}."));
    }
    Ok((start, end.min(LONGEST_VIDEO), settings(rest)))
}

/// SubRip files carry places such as `{\an8}` in their text.
fn without_places(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, place)) = rest.split_once("{\\") {
        let Some((_, after)) = place.split_once('}') else { break };
        kept.push_str(before);
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::super::cue::write;
    use super::*;

    /// The file as it would be served.
    fn served(text: &str) -> String {
        write(&read(text).unwrap_or_else(|wrong| panic!("{wrong:?}: {text}")))
    }

    fn refused(text: &str) -> (usize, String) {
        let Wrong { line, sentence } = read(text).expect_err(text);
        assert!(sentence.ends_with(['.', ')']), "{sentence}");
        (line, sentence)
    }

    const PLAIN: &str = "WEBVTT\n\n00:01.000 --> 00:02.500\nThe dock is dry\n";

    #[test]
    fn a_file_is_read_whatever_its_line_ends_mark_and_hours() {
        for text in [
            PLAIN.to_owned(),
            PLAIN.replace('\n', "\r\n"),
            PLAIN.replace('\n', "\r"),
            format!("\u{feff}{PLAIN}"),
            PLAIN.trim_end().to_owned(),
            PLAIN.replace("00:01.000", "00:00:01.000"),
            PLAIN.replace("WEBVTT", "WEBVTT - my file\nKind: captions\nLanguage: en"),
            PLAIN.replace("00:01", "intro\n00:01"),
            PLAIN.replace("\n\n", "\n\n\n \n"),
            "WEBVTT\n00:01.000 --> 00:02.500\nThe dock is dry".to_owned(),
            "1\n00:00:01,000 --> 00:00:02,500\nThe dock is dry\n".to_owned(),
            "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}The dock is dry\r\n\r\n".to_owned(),
            "00:00:01,0 --> 00:00:02,5 X1:40 Y1:20\nThe dock is dry".to_owned(),
        ] {
            assert_eq!(served(&text), PLAIN, "{text:?}");
        }
        assert_eq!(served(&served(PLAIN)), PLAIN);
    }

    #[test]
    fn comments_styles_and_regions_are_left_out() {
        let text = "WEBVTT\n\nSTYLE\n::cue { color: red; background: url(https://spy.example) }\n\nREGION\nid:a\nlines:3\n\nNOTE a line\nand another\n\n\
                    00:01.000 --> 00:02.500 region:a align:start\nThe dock is dry\n\nNOTE\nlast";
        assert_eq!(served(text), PLAIN.replace("2.500", "2.500 align:start"));
    }

    #[test]
    fn cues_are_put_in_order_and_empty_ones_left_out() {
        let text = "WEBVTT\n\n00:05.000 --> 00:06.000\nsecond\n\n00:03.000 --> 00:04.000\n<font></font>\n\n00:01.000 --> 00:09.000\nfirst\n00:05.000 --> 00:05.500\nthird";
        let words: Vec<String> = read(text).unwrap().into_iter().map(|cue| cue.words).collect();
        assert_eq!(words, ["first", "second", "third"]);
    }

    #[test]
    fn a_number_between_two_cues_of_subrip_is_no_text() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\nIt is\n42\n2\n00:00:03,000 --> 00:00:04,000\n7";
        let words: Vec<String> = read(text).unwrap().into_iter().map(|cue| cue.words).collect();
        assert_eq!(words, ["It is 42", "7"]);
    }

    #[test]
    fn what_cannot_be_taken_is_told_with_its_line() {
        for (text, line, says) in [
            ("", 1, "not a file of captions"),
            ("hello\nthere", 1, "not a file of captions"),
            ("\n\nhello", 3, "not a file of captions"),
            ("WEBVTTX\n\nhello", 1, "not a file of captions"),
            ("WEBVTT", 1, "no cue with a text"),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", 1, "no cue with a text"),
            ("WEBVTT\n\n00:01 -> 00:02\nhello", 3, "no times above"),
            ("WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n\nand more", 6, "no times above"),
            ("WEBVTT\n\n00:01.000 --> later\nhello", 3, "“later” is not a time"),
            ("WEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nhi\r\n\r\nx --> 00:02.000", 6, "“x” is not a time"),
            ("WEBVTT\n\n00:01.000 -->", 3, "“” is not a time"),
            ("WEBVTT\n\n00:02.000 --> 00:02.000\nhello", 3, "not after its beginning"),
            ("WEBVTT\n\n04:02.000 --> 04:03.000\nhello", 3, "begins at 04:02.000"),
            ("1\n00:00:01,000 --> 00:00:02,000\nhello\n\n2\n00:61:00,000 --> 00:62:00,000\nhello", 6, "“00:61:00,000”"),
        ] {
            let (at, sentence) = refused(text);
            assert!(at == line && sentence.contains(says), "{text:?}: line {at}: {sentence}");
        }
        let long = format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{}", "x".repeat(LONGEST_CUE + 1));
        assert_eq!(refused(&long).0, 4);
        let many = format!("WEBVTT\n\n{}", "00:01.000 --> 00:02.000\nx\n\n".repeat(MOST_CUES + 1));
        assert_eq!(refused(&many).0, 3 + MOST_CUES * 3);
    }

    #[test]
    fn nothing_panics_and_what_is_taken_is_taken_again_unchanged() {
        let pieces = [
            "WEBVTT\n\n",
            "00:01.000 --> 00:02.000",
            "\n",
            "\r\n",
            "<b>",
            "</",
            "<",
            ">",
            "&",
            "&#0;",
            "&#xd800;",
            "-->",
            "{\\",
            "}",
            "ü",
            "\u{0}",
            "\u{feff}",
            "1",
            "NOTE ",
            "x",
            " ",
            "<v &lt;",
            "<00:00.500>",
            "\n\n",
        ];
        let mut seed = 7_u64;
        let mut taken = 0;
        for _ in 0..20_000 {
            let mut text = String::from("WEBVTT\n\n00:01.000 --> 00:02.000\n");
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[usize::try_from(seed >> 40).unwrap() % pieces.len()]);
            }
            if let Ok(cues) = read(&text) {
                taken += 1;
                let file = write(&cues);
                assert_eq!(read(&file).as_ref(), Ok(&cues), "{text:?}\n{file}");
            }
        }
        assert!(taken > 1_000, "{taken}");
    }
}
