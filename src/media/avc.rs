//! H.264 as bytes: its codec string, and its units in both forms, with start codes as encoders write them, and with lengths as
//! MP4 holds them. Pure.

/// `avc1.PPCCLL` from the SPS: in Annex B form, as the encoder writes it, or in the form of MP4.
#[must_use]
pub fn codec_string(header: &[u8]) -> Option<String> {
    let sps = match header {
        [1, profile, constraints, level, ..] => [*profile, *constraints, *level],
        _ => {
            let sps = units(header).into_iter().find(|unit| unit.first().is_some_and(|first| first & 0x1f == 7))?;
            <[u8; 3]>::try_from(sps.get(1..4)?).ok()?
        }
    };
    Some(format!("avc1.{:02x}{:02x}{:02x}", sps[0], sps[1], sps[2]))
}

/// The units between start codes.
#[must_use]
pub fn units(bytes: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at + 3 <= bytes.len() {
        match &bytes[at..at + 3] {
            [0, 0, 1] => {
                starts.push(at + 3);
                at += 3;
            }
            // No start code can begin before a byte above 1.
            [_, _, third] if *third > 1 => at += 3,
            _ => at += 1,
        }
    }
    let ends = starts.iter().skip(1).map(|start| start - 3).chain([bytes.len()]);
    starts.iter().zip(ends).map(|(start, end)| trimmed(&bytes[*start..end])).collect()
}

/// The first unit between start codes, and what comes after it.
#[must_use]
pub fn next_unit(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let code = |from: usize| bytes[from..].windows(3).position(|three| three == [0, 0, 1]).map(|at| from + at);
    let start = code(0)? + 3;
    // A slice is looked at in front only, so its end is not searched for.
    let is_slice = bytes.get(start).is_some_and(|first| matches!(first & 0x1f, 1..=5));
    let end = if is_slice { bytes.len() } else { code(start).unwrap_or(bytes.len()) };
    Some((if is_slice { &bytes[start..] } else { trimmed(&bytes[start..end]) }, &bytes[end..]))
}

/// The parameter sets in the header of an MP4 (ISO/IEC 14496-15, 5.3.3.1).
#[must_use]
pub fn stored_sets(header: &[u8]) -> Option<Vec<&[u8]>> {
    let (mut sets, mut at) = (Vec::new(), 5);
    for mask in [0x1f, 0xff] {
        let count = header.get(at)? & mask;
        at += 1;
        for _ in 0..count {
            let length = usize::from(u16::from_be_bytes([*header.get(at)?, *header.get(at + 1)?]));
            sets.push(header.get(at + 2..at + 2 + length)?);
            at += 2 + length;
        }
    }
    Some(sets)
}

/// A unit never ends with a zero; those belong to the next start code.
fn trimmed(unit: &[u8]) -> &[u8] {
    let length = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &unit[..length]
}

/// The units behind lengths of four bytes; nothing when the lengths do not fit.
#[must_use]
pub fn measured_units(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut all = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        all.push(rest.get(..length)?);
        bytes = &rest[length..];
    }
    bytes.is_empty().then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_string_comes_from_the_sps() {
        assert_eq!(codec_string(&[0, 0, 0, 1, 0x67, 0x64, 0, 0x28, 0xac]).as_deref(), Some("avc1.640028"));
        assert_eq!(codec_string(&[1, 0x42, 0xc0, 0x1f, 0xff]).as_deref(), Some("avc1.42c01f"));
        assert_eq!(codec_string(&[0, 0, 1, 0x68, 1, 2, 3]), None);
        assert_eq!(codec_string(&[]), None);
    }

    #[test]
    fn units_are_found_one_after_the_other() {
        let coded = [0, 0, 0, 1, 0x67, 1, 0, 3, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 0, 0, 1, 9];
        let (first, rest) = next_unit(&coded).unwrap();
        let (second, rest) = next_unit(rest).unwrap();
        assert_eq!((first, second), (&[0x67, 1, 0, 3][..], &[0x68, 2][..]));
        assert_eq!(next_unit(rest), Some((&[0x65, 0, 0, 1, 9][..], &[][..])), "a slice goes to the end");
        assert_eq!((next_unit(&[]), next_unit(&[0, 0, 2])), (None, None));
    }

    #[test]
    fn stored_sets_are_read_and_broken_ones_are_nothing() {
        let header = [1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 2, 0x67, 9, 1, 0, 3, 0x68, 8, 7];
        assert_eq!(stored_sets(&header), Some(vec![&[0x67, 9][..], &[0x68, 8, 7]]));
        assert!((0..header.len()).all(|length| stored_sets(&header[..length]).is_none()));
    }

    #[test]
    fn both_forms_hold_the_same_units() {
        let coded = [0, 0, 0, 1, 0x67, 1, 0, 3, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 0, 0, 3, 1, 9];
        let units = units(&coded);
        assert_eq!(units, [&[0x67, 1, 0, 3][..], &[0x68, 2], &[0x65, 0, 0, 3, 1, 9]]);
        let measured: Vec<u8> = units.iter().flat_map(|unit| [&[0, 0, 0, unit.len() as u8], *unit].concat()).collect();
        assert_eq!(measured_units(&measured), Some(units));
        assert_eq!(measured_units(&measured[..measured.len() - 1]), None);
        assert_eq!(super::units(&[]), Vec::<&[u8]>::new());
    }
}
