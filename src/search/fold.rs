//! Words as they are compared: lower case, without accents, split at whatever is no letter, mark or digit. Done here and not in
//! a database, so that both find the same and a marked word in an answer is the word that was found.
//!
//! Invariant: a folded word is made of letters, marks and digits only, and has at most [`LONGEST`] of them.

use unicode_normalization::UnicodeNormalization as _;

/// Characters of a word that count.
pub const LONGEST: usize = 48;

/// A folded word and where it stands in its text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Folded.
    pub text: String,
    /// First byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
}

/// The words of a text, in order.
pub fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut letters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, first) = letters.next()?;
            if !is_of_word(first) {
                continue;
            }
            let mut end = start + first.len_utf8();
            while !is_alone(first)
                && let Some((at, letter)) = letters.next_if(|(_, letter)| is_of_word(*letter) && !is_alone(*letter))
            {
                end = at + letter.len_utf8();
            }
            let folded = fold(&text[start..end]);
            if !folded.is_empty() {
                return Some(Word { text: folded, start, end });
            }
        }
    })
}

/// Letters and digits of any script, and marks that are written over, under or behind one.
fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter)
}

/// Written without spaces between words: each stands for itself.
fn is_alone(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.chars().take(LONGEST).map(|letter| letter.to_ascii_lowercase()).collect();
    }
    let plain = word.nfkd().filter(|letter| !is_accent(*letter) && is_of_word(*letter));
    let mut folded = String::with_capacity(word.len());
    for letter in plain.flat_map(char::to_lowercase).filter(|letter| !is_accent(*letter)).take(LONGEST) {
        match letter {
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ς' => folded.push('σ'),
            other => folded.push(other),
        }
    }
    folded
}

/// Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic: people search without them. Marks of other
/// scripts are part of the word.
fn is_accent(mark: char) -> bool {
    matches!(mark, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn case_and_accents_make_no_difference() {
        assert_eq!(folded("Łódź Straße CRÈME Ångström Ærø"), ["lodz", "strasse", "creme", "angstrom", "aero"]);
        assert_eq!(folded("e\u{301}te\u{301}"), folded("été"));
        assert_eq!(folded("ΣΟΦΟΣ"), folded("σοφος"));
        assert_eq!(folded("ЙОД"), folded("йод"));
    }

    #[test]
    fn whatever_is_no_letter_parts_words_and_chinese_stands_letter_by_letter() {
        assert_eq!(folded("it's a-b_c \"NEAR\" (x*) 50%"), ["it", "s", "a", "b", "c", "near", "x", "50"]);
        assert_eq!(folded("東京tower"), ["東", "京", "tower"]);
        assert_eq!(folded("½ ﷺ \0 '\\ ^"), ["12", "صلىاللهعليهوسلم"]);
        assert!(folded("!\"§$%&/()=?`*'_:;,.-").is_empty());
    }

    #[test]
    fn a_word_knows_where_it_stands_and_is_cut_when_it_is_endless() {
        let text = "Die Größe";
        let found: Vec<Word> = words(text).collect();
        assert_eq!(&text[found[1].start..found[1].end], "Größe");
        assert_eq!(folded(&"a".repeat(500))[0].len(), LONGEST);
        assert_eq!(folded(&"é".repeat(500))[0].chars().count(), LONGEST);
    }
}
