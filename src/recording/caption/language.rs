//! The language of a track: a BCP 47 tag (RFC 5646), well-formed and in the case the standard writes it. Whether a registry knows
//! its parts is not asked. A language has two or three letters: longer words are none that the registry has.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Characters of a tag.
const LONGEST: usize = 35;

/// A language, such as `en`, `pt-BR` or `sr-Latn-RS`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, sqlx::Type, utoipa::ToSchema)]
#[serde(transparent)]
#[sqlx(transparent)]
#[schema(value_type = String)]
pub struct Language(String);

/// Where in a tag a part may stand; each only after those before it.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Place {
    Language,
    Extended,
    Script,
    Region,
    Variant,
    Extension,
}

impl Language {
    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a tag.
    #[must_use]
    pub fn read(text: &str) -> Option<Language> {
        let mut parts = text.split('-');
        let first =
            parts.next().filter(|part| text.len() <= LONGEST && (2..=3).contains(&part.len()) && letters(part))?;
        let mut written = vec![first.to_ascii_lowercase()];
        let (mut place, mut wanted) = (Place::Language, false);
        for part in parts {
            if place == Place::Extension && (part.len() != 1 || private(&written)) {
                let least = if private(&written) { 1 } else { 2 };
                if !alphanumeric(part, least..=8) {
                    return None;
                }
                (written, wanted) = (with(written, part.to_ascii_lowercase()), false);
                continue;
            }
            let next = place_of(part)?;
            // Several extended languages, variants and extensions may follow each other.
            let again = matches!(next, Place::Extended | Place::Variant | Place::Extension) && next == place;
            if wanted || !(next > place || again) {
                return None;
            }
            (place, wanted) = (next, next == Place::Extension);
            written = with(written, cased(next, part));
        }
        (!wanted).then(|| Language(written.join("-")))
    }
}

fn with(mut parts: Vec<String>, part: String) -> Vec<String> {
    parts.push(part);
    parts
}

fn private(parts: &[String]) -> bool {
    parts.iter().any(|part| part == "x")
}

fn letters(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn alphanumeric(part: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn place_of(part: &str) -> Option<Place> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    Some(match part.len() {
        1 if alphanumeric(part, 1..=1) => Place::Extension,
        2 if letters(part) => Place::Region,
        3 if letters(part) => Place::Extended,
        3 if digits(part) => Place::Region,
        4 if letters(part) => Place::Script,
        4 if alphanumeric(part, 4..=4) && digits(&part[..1]) => Place::Variant,
        5..=8 if alphanumeric(part, 5..=8) => Place::Variant,
        _ => return None,
    })
}

fn cased(place: Place, part: &str) -> String {
    match place {
        Place::Region => part.to_ascii_uppercase(),
        Place::Script => format!("{}{}", part[..1].to_ascii_uppercase(), part[1..].to_ascii_lowercase()),
        _ => part.to_ascii_lowercase(),
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Language::read(&text).ok_or_else(|| serde::de::Error::custom("not a language tag such as en or pt-BR"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_in_any_case_and_written_in_the_usual_one() {
        for (text, tag) in [
            ("EN", "en"),
            ("pt-br", "pt-BR"),
            ("SR-latn-rs", "sr-Latn-RS"),
            ("es-419", "es-419"),
            ("zh-cmn-hans-cn", "zh-cmn-Hans-CN"),
            ("de-CH-1901", "de-CH-1901"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("en-u-ca-gregory", "en-u-ca-gregory"),
            ("en-x-a", "en-x-a"),
            ("tlh", "tlh"),
        ] {
            assert_eq!(Language::read(text).as_ref().map(Language::as_str), Some(tag), "{text}");
        }
    }

    #[test]
    fn what_is_no_tag_is_none() {
        for text in [
            "",
            "e",
            "english",
            "english please",
            "en_GB",
            "en-",
            "-en",
            "en--gb",
            "en-GB-GB",
            "en-GB-Latn",
            "en-x",
            "en-u-",
            "x-a",
            "e1",
            "ü",
            "../en",
            "en.vtt",
            "en-abcdefghi",
            &"en-x-".repeat(20),
        ] {
            assert_eq!(Language::read(text), None, "{text}");
        }
    }
}
