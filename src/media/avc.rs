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
