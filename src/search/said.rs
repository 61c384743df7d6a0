//! Where in captions something is said: of all their lines the one to show and to go to.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::fold;

/// Letters of captions that are looked through: half an hour of talk, ten times the longest video.
const LOOKED_AT: usize = 40_000;
/// Lines shown from the one that was found on; a snippet is cut from them.
const SHOWN: usize = 4;

/// The line with the most of the words, the first of those, and the text from there on. A sentence runs over several lines, so the
/// words of the next one count too, for less.
#[must_use]
pub fn best(body: &str, asked: &Asked) -> (usize, String) {
    let mut looked = 0;
    let lines: Vec<&str> = body
        .lines()
        .take_while(|line| {
            looked += line.len();
            looked <= LOOKED_AT
        })
        .collect();
    let met: Vec<BTreeSet<String>> = lines.iter().map(|line| met(line, asked)).collect();
    let worth = |at: usize| {
        let own = met[at].len();
        let next = met.get(at + 1).map_or(0, |next| next.difference(&met[at]).count());
        if own == 0 { 0 } else { own * 2 + next }
    };
    let line = (0..lines.len()).max_by_key(|at| (worth(*at), std::cmp::Reverse(*at))).unwrap_or(0);
    let shown: Vec<&str> = lines.iter().skip(line).take(SHOWN).copied().collect();
    (line, shown.join(" "))
}

/// Which of the words asked for occur in a line.
fn met(line: &str, asked: &Asked) -> BTreeSet<String> {
    let words = fold::words(line).map(|word| word.text).filter(|word| asked.meets(word));
    let begun = |word: &String| asked.words.iter().position(|one| one == word).unwrap_or(asked.words.len());
    // Every word that goes on from the one that is only begun counts as that one.
    words.map(|word| asked.words.get(begun(&word)).or(asked.words.last()).cloned().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "Good morning from the quay\nThe crane is back\nand the harbour opens\non Monday: the crane and the harbour\nThanks";

    #[test]
    fn the_line_with_the_most_of_the_words_is_shown_first() {
        let at = |asked: &str| best(SAID, &Asked::of(asked)).0;
        assert_eq!([at("crane"), at("harbour"), at("harbour crane"), at("morning"), at("opens back")], [1, 2, 3, 0, 1]);
        assert_eq!((at("har"), at("nothing of it")), (2, 0));
        assert_eq!(best(SAID, &Asked::of("harbour crane")).1, "on Monday: the crane and the harbour Thanks");
    }

    #[test]
    fn a_sentence_over_two_lines_is_found_where_it_begins() {
        assert_eq!(best("one\nthe crane\nthe dock\nthe dock", &Asked::of("crane dock")).0, 1);
        assert_eq!(best("", &Asked::of("dock")), (0, String::new()));
    }
}
