//! What one cue says. Its markup is reduced to the tags that WebVTT has; every other tag goes and its words stay, and whatever is
//! not a tag is escaped. Not HTML: nothing that comes out of here is anything but WebVTT cue text.
//!
//! Invariant: in the markup `<` opens one of [`TAGS`] or a time, each tag that is opened is closed, and no line is empty.

use super::time;

/// The tags of WebVTT (§6.4).
const TAGS: [&str; 8] = ["c", "i", "b", "u", "ruby", "rt", "v", "lang"];
/// Tags inside each other; deeper ones are left out.
const DEEPEST: usize = 8;

/// A cue's text, cleaned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// As it is served.
    pub markup: String,
    /// As it is read: one line, no tags.
    pub words: String,
}

/// Cleans the text of a cue.
#[must_use]
pub fn clean(text: &str) -> Payload {
    let mut writer = Writer::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '<' => tag(rest).map(|(inside, taken)| {
                writer.tag(inside);
                taken
            }),
            '&' => entity(rest).map(|(letter, taken)| {
                writer.letter(if letter == '\n' { ' ' } else { letter });
                taken
            }),
            _ => None,
        };
        let taken = taken.unwrap_or_else(|| {
            writer.letter(first);
            first.len_utf8()
        });
        rest = &rest[taken..];
    }
    writer.done()
}

/// What stands between `<` and `>`, and how far that reaches. "5 < 6" is no tag.
fn tag(text: &str) -> Option<(&str, usize)> {
    let end = 1 + text[1..].find(['<', '>'])?;
    let inside = &text[1..end];
    let begins = inside.trim_start_matches('/').starts_with(|letter: char| letter.is_ascii_alphanumeric());
    (begins && text[end..].starts_with('>')).then_some((inside, end + 1))
}

/// The letter of a character reference, and how far that reaches.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.char_indices().take(12).find(|(_, letter)| *letter == ';')?.0;
    let name = &text[1..end];
    let letter = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "lrm" => '\u{200e}',
        "rlm" => '\u{200f}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((letter, end + 1))
}

#[derive(Default)]
struct Writer {
    markup: String,
    words: String,
    open: Vec<&'static str>,
}

impl Writer {
    fn letter(&mut self, letter: char) {
        match letter {
            '\n' | '\t' => self.words.push(' '),
            letter if letter.is_control() => return,
            letter => self.words.push(letter),
        }
        escape(&mut self.markup, if letter == '\t' { ' ' } else { letter });
    }

    fn tag(&mut self, inside: &str) {
        if let Some(name) = inside.strip_prefix('/') {
            return self.close(&name.trim().to_ascii_lowercase());
        }
        if inside.starts_with(|first: char| first.is_ascii_digit()) {
            if let Some(ms) = time::read(inside.trim()) {
                self.markup.push_str(&format!("<{}>", time::write(ms)));
            }
            return;
        }
        let (head, annotation) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        let mut parts = head.split('.');
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let Some(name) = TAGS.into_iter().find(|tag| *tag == name) else { return };
        if self.open.len() >= DEEPEST || (name == "rt" && self.open.last() != Some(&"ruby")) {
            return;
        }
        self.markup.push('<');
        self.markup.push_str(name);
        for class in parts.filter(|class| is_class(class)) {
            self.markup.push('.');
            self.markup.push_str(class);
        }
        if ["v", "lang"].contains(&name) {
            self.annotate(annotation);
        }
        self.markup.push('>');
        self.open.push(name);
    }

    /// Who speaks, or in which language.
    fn annotate(&mut self, text: &str) {
        let mut plain = clean(&text.replace('<', "&lt;")).words;
        plain.truncate(plain.char_indices().nth(100).map_or(plain.len(), |(at, _)| at));
        let plain = plain.trim_end();
        if !plain.is_empty() {
            self.markup.push(' ');
            plain.chars().for_each(|letter| escape(&mut self.markup, letter));
        }
    }

    /// Closes a tag and those inside it; one that is not open is left out.
    fn close(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|open| *open == name) else { return };
        for inner in self.open.drain(at..).rev() {
            self.markup.push_str(&format!("</{inner}>"));
        }
    }

    fn done(mut self) -> Payload {
        for inner in self.open.drain(..).rev() {
            self.markup.push_str(&format!("</{inner}>"));
        }
        // An empty line would end the cue.
        let lines = self.markup.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
        let words = self.words.split_whitespace();
        Payload { markup: lines.collect::<Vec<_>>().join("\n"), words: words.collect::<Vec<_>>().join(" ") }
    }
}

fn is_class(class: &str) -> bool {
    !class.is_empty() && class.len() <= 40 && class.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

fn escape(into: &mut String, letter: char) {
    match letter {
        '&' => into.push_str("&amp;"),
        '<' => into.push_str("&lt;"),
        '>' => into.push_str("&gt;"),
        other => into.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markup(text: &str) -> String {
        clean(text).markup
    }

    #[test]
    fn only_tags_of_webvtt_stay_and_the_words_of_others_stay_too() {
        for (text, cleaned) in [
            ("<i>Hello</i> <b.loud>there</b>", "<i>Hello</i> <b.loud>there</b>"),
            ("<v Leena Koskela>Calibration is down</v>", "<v Leena Koskela>Calibration is down</v>"),
            ("<c.yellow.bg_blue>sun</c>", "<c.yellow.bg_blue>sun</c>"),
            ("<lang en-GB>colour</lang>", "<lang en-GB>colour</lang>"),
            ("<ruby>京<rt>kyō</rt></ruby>", "<ruby>京<rt>kyō</rt></ruby>"),
            ("<rt>alone</rt>", "alone"),
            ("one <00:00:01.500>two", "one <00:01.500>two"),
            ("<font color=\"#ff0000\">red</font>", "red"),
            ("<I>old</I>", "<i>old</i>"),
            ("<script>alert(1)</script>", "alert(1)"),
            ("<img src=x onerror=alert(1)>", ""),
            ("<b onclick=alert(1)>x</b>", "<b>x</b>"),
            ("<v onclick=alert(1)>x", "<v onclick=alert(1)>x</v>"),
            ("<svg/onload=alert(1)>x", "x"),
        ] {
            assert_eq!(markup(text), cleaned, "{text}");
        }
    }

    #[test]
    fn what_is_no_tag_is_escaped() {
        assert_eq!(markup("5 < 6 & 7 > 4"), "5 &lt; 6 &amp; 7 &gt; 4");
        assert_eq!(markup("a --> b"), "a --&gt; b");
        assert_eq!(
            markup("&lt;script&gt; &amp;lt; &nbsp;&#65;&#x42; &copy;"),
            "&lt;script&gt; &amp;lt; \u{a0}AB &amp;copy;"
        );
        assert_eq!(markup("<<b>x</b>"), "&lt;<b>x</b>");
        assert_eq!(markup("an end <b"), "an end &lt;b");
        assert_eq!(markup("a\u{0}\u{7}b\tc"), "ab c");
    }

    #[test]
    fn what_is_open_is_closed_in_its_order() {
        assert_eq!(markup("<b><i>x</b>y</i>"), "<b><i>x</i></b>y");
        assert_eq!(markup("<u>x"), "<u>x</u>");
        assert_eq!(markup("x</b>"), "x");
        assert_eq!(markup(&"<b>".repeat(500)).matches("<b>").count(), DEEPEST);
    }

    #[test]
    fn words_are_one_line_without_tags_and_no_line_of_the_markup_is_empty() {
        let cleaned = clean("<v Leena>Tom &amp; I</v>\n<font></font>\n  \n<i>went</i>  home&#10;&#10;now ");
        assert_eq!(cleaned.words, "Tom & I went home now");
        assert_eq!(cleaned.markup, "<v Leena>Tom &amp; I</v>\n<i>went</i>  home  now");
        assert_eq!(clean(&cleaned.markup), cleaned, "cleaning again changes nothing");
        assert_eq!(clean("<v A \"&\" <b>x"), clean(&clean("<v A \"&\" <b>x").markup));
        assert_eq!(clean(" \n<b></b>").words, "");
    }
}
