//! The Range header (RFC 9110 §14): one range of bytes, clipped to the size. Several ranges at once are answered with the
//! whole, which the RFC allows and players never ask for.

use std::ops::Range;

/// What a Range header asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// Everything: no header, another unit, several ranges, or one that cannot be read (which the RFC says to ignore).
    Whole,
    /// These bytes, end exclusive, never empty.
    Part(Range<u64>),
    /// Nothing that is there: 416.
    Nothing,
}

/// Reads the header for an object of `size` bytes.
#[must_use]
pub fn asked(header: Option<&str>, size: u64) -> Asked {
    let Some(spec) = header.and_then(|h| h.trim().strip_prefix("bytes=")).filter(|s| !s.contains(',')) else {
        return Asked::Whole;
    };
    let Some((first, last)) = spec.split_once('-') else { return Asked::Whole };
    let number = |text: &str| text.trim().parse::<u64>();
    let range = match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, true) => return Asked::Whole,
        (true, false) => match number(last) {
            Ok(suffix) => size.saturating_sub(suffix)..size,
            Err(_) => return Asked::Whole,
        },
        (false, true) => match number(first) {
            Ok(from) => from..size,
            Err(_) => return Asked::Whole,
        },
        (false, false) => match (number(first), number(last)) {
            (Ok(from), Ok(to)) if from <= to => from..to.saturating_add(1).min(size),
            _ => return Asked::Whole,
        },
    };
    if range.start < range.end { Asked::Part(range) } else { Asked::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let table = [
            (None, Asked::Whole),
            (Some("bytes=0-99"), Asked::Part(0..100)),
            (Some("bytes=0-"), Asked::Part(0..1000)),
            (Some("bytes=999-"), Asked::Part(999..1000)),
            (Some("bytes=-1"), Asked::Part(999..1000)),
            (Some("bytes=-5000"), Asked::Part(0..1000)),
            (Some("bytes=500-5000"), Asked::Part(500..1000)),
            (Some("bytes=0-18446744073709551615"), Asked::Part(0..1000)),
            (Some("bytes=1000-"), Asked::Nothing),
            (Some("bytes=-0"), Asked::Nothing),
            (Some("bytes=5-4"), Asked::Whole),
            (Some("bytes=0-1,5-6"), Asked::Whole),
            (Some("items=0-1"), Asked::Whole),
            (Some("bytes=x-y"), Asked::Whole),
            (Some("bytes=-"), Asked::Whole),
        ];
        for (header, answer) in table {
            assert_eq!(asked(header, 1000), answer, "{header:?}");
        }
        assert_eq!(asked(Some("bytes=0-0"), 0), Asked::Nothing);
    }
}
