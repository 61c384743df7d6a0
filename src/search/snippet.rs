//! The piece of a text that shows why it was found. Pieces of plain text, each marked or not: nothing for a browser to read as
//! markup.

use serde::Serialize;
use utoipa::ToSchema;

use super::asked::Asked;
use super::fold;

/// Part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Piece {
    /// Plain text.
    pub text: String,
    /// Whether it is a word that was asked for.
    pub hit: bool,
}

/// Characters of a snippet.
const LENGTH: usize = 160;
/// Characters before the first word that was found.
const BEFORE: usize = 40;
/// Characters of a text in which words are looked for.
const LOOKED_AT: usize = 20_000;

/// A whole line with its words marked.
#[must_use]
pub fn line(text: &str, asked: &Asked) -> Vec<Piece> {
    pieces(text, asked)
}

/// The part of a longer text around the first word that was asked for, else its beginning.
#[must_use]
pub fn around(text: &str, asked: &Asked) -> Vec<Piece> {
    let text: String =
        text.chars().take(LOOKED_AT).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    let first = fold::words(&text).find(|word| asked.meets(&word.text)).map_or(0, |word| word.start);
    let before = text[..first].chars().count();
    let skipped = before.saturating_sub(BEFORE);
    let from = text.char_indices().nth(skipped).map_or(0, |(at, _)| at);
    // From the beginning of a word.
    let from = if skipped == 0 { 0 } else { text[from..first].find(' ').map_or(first, |at| from + at + 1) };
    let rest = &text[from..];
    let shown: String = rest.chars().take(LENGTH).collect();
    let cut = shown.len() < rest.len();
    let shown = if cut { shown.rsplit_once(' ').map_or(shown.as_str(), |(whole, _)| whole) } else { &shown };
    let whole = format!("{}{shown}{}", if from > 0 { "… " } else { "" }, if cut { " …" } else { "" });
    pieces(&whole, asked)
}

fn pieces(text: &str, asked: &Asked) -> Vec<Piece> {
    let (mut found, mut at) = (Vec::new(), 0);
    let mut add = |text: &str, hit: bool| {
        if !text.is_empty() {
            found.push(Piece { text: text.to_owned(), hit });
        }
    };
    for word in fold::words(text).filter(|word| asked.meets(&word.text)) {
        add(&text[at..word.start], false);
        add(&text[word.start..word.end], true);
        at = word.end;
    }
    add(&text[at..], false);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| if piece.hit { format!("[{}]", piece.text) } else { piece.text.clone() }).collect()
    }

    #[test]
    fn words_are_marked_as_they_were_written() {
        assert_eq!(shown(&line("Größere Häfen <b>", &Asked::of("hafen gros"))), "[Größere] [Häfen] <b>");
        assert_eq!(shown(&line("nothing", &Asked::of("else"))), "nothing");
        assert_eq!(shown(&line("東京", &Asked::of("京"))), "東[京]");
    }

    #[test]
    fn a_snippet_begins_a_little_before_the_first_word_and_ends_at_a_word() {
        let text = format!("{} the dock is full {}", "before ".repeat(60), "after ".repeat(60));
        let shown = shown(&around(&text, &Asked::of("dock")));
        assert!(
            shown.starts_with("… before ") && shown.contains("the [dock] is full after") && shown.ends_with("after …"),
            "{shown}"
        );
        assert!(shown.chars().count() < LENGTH + 10);
        assert_eq!(super::tests::shown(&around("short", &Asked::of("x"))), "short");
        assert!(around("", &Asked::of("x")).is_empty());
    }

    #[test]
    fn a_text_without_spaces_is_cut_all_the_same() {
        let text = "é".repeat(5_000);
        assert!(around(&text, &Asked::of("dock")).len() == 1);
    }
}
