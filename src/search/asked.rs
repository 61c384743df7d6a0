//! What somebody types into a search: words that must all occur, the last of them perhaps only begun. No text is a mistake.

use super::fold;

/// Characters of a question that are read.
const READ: usize = 200;
/// Words of a question that count.
const MOST: usize = 8;

/// A question, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Folded words; all of them must occur.
    pub words: Vec<String>,
    /// Whether the last may go on.
    pub prefix: bool,
}

impl Asked {
    /// Reads a question. A single letter is no beginning: half of everything would go on from it. Behind other words it is left
    /// out until there is a second one.
    #[must_use]
    pub fn of(text: &str) -> Asked {
        let cut: String = text.chars().take(READ).collect();
        let mut words: Vec<String> = fold::words(&cut).map(|word| word.text).take(MOST).collect();
        let begun = |word: &String| word.chars().count() >= 2;
        if words.len() > 1 && words.last().is_some_and(|word| word.chars().all(char::is_alphabetic) && word.len() == 1)
        {
            words.pop();
        }
        let prefix = words.last().is_some_and(begun);
        let last = words.pop();
        words.dedup();
        words.retain(|word| Some(word) != last.as_ref());
        words.extend(last);
        Asked { words, prefix }
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a folded word is one of those asked for.
    #[must_use]
    pub fn meets(&self, word: &str) -> bool {
        self.words.iter().any(|asked| asked == word)
            || (self.prefix && self.words.last().is_some_and(|begun| word.starts_with(begun.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_may_be_begun_and_a_lone_letter_waits_for_its_second() {
        let asked = Asked::of("Ship the Do");
        assert_eq!((asked.words.join(" "), asked.prefix), ("ship the do".to_owned(), true));
        assert!(asked.meets("dock") && asked.meets("ship") && !asked.meets("shipping"));
        assert_eq!(Asked::of("ship d"), Asked::of("ship"));
        assert_eq!(Asked::of("a"), Asked { words: vec!["a".to_owned()], prefix: false });
        assert_eq!(Asked::of("dock dock DOCK"), Asked::of("dock"));
    }

    #[test]
    fn nothing_is_a_mistake() {
        for text in ["", "   ", "\"", "* * *", "NEAR(", "\0", "'; drop table person; --", &"x ".repeat(10_000)] {
            assert!(Asked::of(text).words.len() <= MOST, "{text}");
        }
        assert!(Asked::of("\"*()^:-").is_empty());
        assert_eq!(Asked::of("NEAR(a b, 2)").words, ["near", "a", "b", "2"]);
    }
}
