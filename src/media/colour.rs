//! How the numbers of a picture mean colours: what is not stated is filled in, and it is decided what the encoders are told. Pure.
//!
//! The invariant: what the encoders are told is what the pixels are, from the first picture to the last, whatever the source changes.

use super::ffi::Colours;
use super::plan::{Size, Tone};

/// The numbers of ITU-T H.273, as far as they are asked for here.
const UNSTATED: i32 = 2;
const BT709: i32 = 1;
const BT470: i32 = 5;
const SMPTE170: i32 = 6;
const BT2020: i32 = 9;
const BT2020_CONSTANT: i32 = 10;
const PQ: i32 = 16;
const HLG: i32 = 18;

/// What the numbers mean, with what is not stated filled in: VP8 knows BT.601 only (RFC 6386, 9.2); of others players take
/// BT.709 from 720 lines on.
#[must_use]
pub fn meant(stated: Colours, codec: &str, coded: Size) -> Colours {
    let said = |number: i32| [stated.matrix, stated.primaries].contains(&number);
    let is_old = if said(BT470) || said(SMPTE170) {
        true
    } else {
        !said(BT709) && (codec == "vp8" || coded.width.min(coded.height) < 720)
    };
    let usual = if is_old { SMPTE170 } else { BT709 };
    // 3 is reserved; 0 is reserved but for the matrix, where it says that there is none.
    let or = |number: i32, other: i32| if number <= 0 || number == UNSTATED || number == 3 { other } else { number };
    let matrix = if stated.is_rgb() { stated.matrix } else { or(stated.matrix, usual) };
    Colours {
        primaries: or(stated.primaries, usual),
        transfer: or(stated.transfer, usual),
        matrix,
        range: stated.range,
    }
}

/// Which table brings such colours to those of an ordinary screen, if they are beyond it.
#[must_use]
pub fn tone(meant: Colours) -> Option<Tone> {
    match meant.transfer {
        HLG => Some(Tone::Hlg),
        PQ => Some(Tone::Pq),
        _ if meant.primaries == BT2020 || [BT2020, BT2020_CONSTANT].contains(&meant.matrix) => Some(Tone::Wide),
        _ => None,
    }
}

/// What such a table begins from.
#[must_use]
pub fn beyond(tone: Tone) -> Colours {
    let transfer = match tone {
        Tone::Hlg => HLG,
        Tone::Pq => PQ,
        Tone::Wide => BT709,
    };
    Colours { primaries: BT2020, transfer, matrix: BT2020, ..Colours::ordinary() }
}

/// What the encoders are told of pictures that begin like this.
#[must_use]
pub fn told(meant: Colours, tone: Option<Tone>) -> Colours {
    if tone.is_some() || meant.is_rgb() { Colours::ordinary() } else { meant.limited() }
}

/// The matrices from and to which a picture must be brought, by the scaler's names; none where they are the same.
#[must_use]
pub fn matrices(meant: Colours, told: Colours) -> Option<(&'static str, &'static str)> {
    let (from, to) = (matrix(meant.matrix)?, matrix(told.matrix)?);
    (from != to).then_some((from, to))
}

fn matrix(number: i32) -> Option<&'static str> {
    match number {
        BT709 => Some("bt709"),
        4 => Some("fcc"),
        BT470 | SMPTE170 => Some("bt601"),
        7 => Some("smpte240m"),
        BT2020 | BT2020_CONSTANT => Some("bt2020"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Colours = Colours { primaries: 2, transfer: 2, matrix: 2, range: 0 };

    #[test]
    fn what_is_not_stated_is_what_players_take() {
        let all = |number| (number, number, number);
        let table = [
            ("vp8", (1920, 1080), NOTHING, all(SMPTE170)),
            ("vp9", (1920, 1080), NOTHING, all(BT709)),
            ("h264", (640, 480), NOTHING, all(SMPTE170)),
            ("h264", (720, 1280), NOTHING, all(BT709)),
            ("h264", (640, 480), Colours { matrix: 1, ..NOTHING }, all(BT709)),
            ("h264", (1920, 1080), Colours { matrix: 5, ..NOTHING }, (6, 6, 5)),
            ("hevc", (1920, 1080), Colours { primaries: 9, transfer: 18, matrix: 9, range: 1 }, (9, 18, 9)),
        ];
        for (codec, (width, height), stated, expected) in table {
            let got = meant(stated, codec, Size::new(width, height));
            assert_eq!((got.primaries, got.transfer, got.matrix), expected, "{codec} {width}x{height} {stated:?}");
        }
    }

    #[test]
    fn colours_beyond_an_ordinary_screen_become_ordinary() {
        let wide = Colours { primaries: 9, transfer: 14, matrix: 9, range: 1 };
        assert_eq!(tone(wide), Some(Tone::Wide));
        assert_eq!(told(wide, tone(wide)), Colours::ordinary());
        let phone = Colours { transfer: 18, ..wide };
        assert_eq!(tone(phone), Some(Tone::Hlg));
        let full = Colours { range: 2, ..Colours::ordinary() };
        assert_eq!((tone(full), told(full, None)), (None, Colours::ordinary()));
    }

    #[test]
    fn a_change_on_the_way_is_undone() {
        let old = Colours { matrix: SMPTE170, ..Colours::ordinary() };
        assert_eq!(matrices(old, Colours::ordinary()), Some(("bt601", "bt709")));
        assert_eq!(matrices(old, Colours { matrix: BT470, ..old }), None);
        assert_eq!(matrices(Colours { matrix: 0, ..old }, old), None);
    }
}
