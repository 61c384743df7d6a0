//! Words with an @ in running text, as Markdown reads it: not in code, not in links, not in addresses. Says where they are, not
//! whom they name.

use std::collections::HashSet;

use pulldown_cmark::{Event, Parser, Tag, TagEnd, TextMergeStream};

use crate::comment::markdown;

/// Longest word after an @.
const LONGEST: usize = 64;

/// Whether events stand where an @ is only a letter: in code or in a link.
#[derive(Default)]
pub struct Quiet(usize);

impl Quiet {
    /// Takes note of an event; true when text in it may mention somebody.
    pub fn hears(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => self.0 += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => self.0 = self.0.saturating_sub(1),
            _ => {}
        }
        self.0 == 0
    }
}

/// A piece of text: plain, or the word after an @.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it stands.
    Plain(&'a str),
    /// The word without its @.
    Word(&'a str),
}

/// A text in its pieces, in order; together they are the text but for the @ of each word.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut from, mut at) = (Vec::new(), 0, 0);
    while let Some(next) = text[at..].find('@').map(|n| at + n) {
        at = next + 1;
        let before = text[..next].chars().next_back();
        let glued = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '/' | '.' | '_' | '-' | '+'));
        let word = word_at(&text[at..]);
        if glued || word.is_empty() {
            continue;
        }
        if from < next {
            found.push(Piece::Plain(&text[from..next]));
        }
        found.push(Piece::Word(word));
        at += word.len();
        from = at;
    }
    if from < text.len() {
        found.push(Piece::Plain(&text[from..]));
    }
    found
}

/// Letters, digits and inner hyphens, dots and underscores; nothing when it is too long or goes on like an address.
fn word_at(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))).unwrap_or(text.len());
    let word = text[..end].trim_end_matches(['-', '.', '_']);
    let rest = text[word.len()..].chars().next();
    let whole =
        word.starts_with(|c: char| c.is_ascii_alphanumeric()) && !rest.is_some_and(|c| c.is_alphanumeric() || c == '@');
    if whole && word.len() <= LONGEST { word } else { "" }
}

/// Every different word with an @ in a Markdown text, in lower case.
#[must_use]
pub fn words(markdown: &str) -> HashSet<String> {
    let (mut found, mut quiet) = (HashSet::new(), Quiet::default());
    if !markdown.contains('@') {
        return found;
    }
    for event in TextMergeStream::new(Parser::new_ext(markdown, markdown::OPTIONS)) {
        if let (true, Event::Text(text)) = (quiet.hears(&event), &event) {
            found.extend(pieces(text).into_iter().filter_map(|piece| match piece {
                Piece::Word(word) => Some(word.to_lowercase()),
                Piece::Plain(_) => None,
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(text: &str) -> Vec<String> {
        let mut found: Vec<String> = words(text).into_iter().collect();
        found.sort();
        found
    }

    #[test]
    fn words_are_found_in_running_text_only() {
        assert_eq!(sorted("@omar, and (@Field-Supply). Ask @ada!"), ["ada", "field-supply", "omar"]);
        assert_eq!(sorted("**@omar** > @ada\n- @channel"), ["ada", "channel", "omar"]);
        for text in [
            "`@omar`",
            "```\n@omar\n```",
            "[@omar](https://example.com)",
            "omar@example.com",
            "<omar@example.com>",
            "https://example.com/@omar",
            "@",
            "@@omar",
            "@-",
            "@ömar",
            "\u{e9}@omar",
        ] {
            assert_eq!(sorted(text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(sorted(&format!("@{}", "a".repeat(65))), Vec::<String>::new());
    }

    #[test]
    fn pieces_are_the_text() {
        assert_eq!(pieces("Ask @omar."), [Piece::Plain("Ask "), Piece::Word("omar"), Piece::Plain(".")]);
        assert_eq!(pieces("é@x @y"), [Piece::Plain("é@x "), Piece::Word("y")]);
    }
}
