//! The codec string of H.264, from its own header. Pure.

/// `avc1.PPCCLL` from the SPS: in Annex B form, as the encoder writes it, or in the form of MP4.
#[must_use]
pub fn codec_string(header: &[u8]) -> Option<String> {
    let sps = match header {
        [1, profile, constraints, level, ..] => [*profile, *constraints, *level],
        _ => {
            let start = header.windows(4).position(|four| four[..3] == [0, 0, 1] && four[3] & 0x1f == 7)? + 4;
            <[u8; 3]>::try_from(header.get(start..start + 3)?).ok()?
        }
    };
    Some(format!("avc1.{:02x}{:02x}{:02x}", sps[0], sps[1], sps[2]))
}

#[cfg(test)]
mod tests {
    use super::codec_string;

    #[test]
    fn the_string_comes_from_the_sps() {
        assert_eq!(codec_string(&[0, 0, 0, 1, 0x67, 0x64, 0, 0x28, 0xac]).as_deref(), Some("avc1.640028"));
        assert_eq!(codec_string(&[1, 0x42, 0xc0, 0x1f, 0xff]).as_deref(), Some("avc1.42c01f"));
        assert_eq!(codec_string(&[0, 0, 1, 0x68, 1, 2, 3]), None);
        assert_eq!(codec_string(&[]), None);
    }
}
