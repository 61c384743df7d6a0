//! Which container the first bytes belong to, and whether it can be read as it comes. Pure: bytes in, an answer out.
//!
//! Only what is recognised here ever reaches libav, and then with that one demuxer: text, playlists, pictures and scripts that
//! would make a demuxer open other files end here. Whether an MP4 can be read as it comes is told by walking its boxes, never
//! by whether opening succeeds.

/// So many first bytes are looked at, at most.
pub const HEAD: usize = 1 << 20;

/// What the first bytes say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    /// Too few bytes to tell.
    More,
    /// A container, and the demuxer's name; `spool` when its end is needed before its beginning can be read.
    Known {
        /// The one demuxer that may be tried.
        demuxer: &'static str,
        /// Whether the whole file must be there first.
        spool: bool,
    },
    /// Nothing that holds video.
    Unknown,
}

/// Looks at the beginning of a file; `whole` when there is no more of it.
#[must_use]
pub fn look(head: &[u8], whole: bool) -> Look {
    if head.len() < 12 && !whole {
        return Look::More;
    }
    let stream = |demuxer| Look::Known { demuxer, spool: false };
    match head {
        [0x1a, 0x45, 0xdf, 0xa3, ..] => stream("matroska"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', ..] => Look::Known { demuxer: "avi", spool: true },
        [b'O', b'g', b'g', b'S', ..] => stream("ogg"),
        [b'F', b'L', b'V', 1, ..] => stream("flv"),
        [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, ..] => stream("asf"),
        [0, 0, 1, 0xba, ..] => stream("mpeg"),
        _ if is_box(head) => boxes(head, whole),
        _ => transport(head, whole),
    }
}

/// Packets of 188 bytes, or of 192 with a time in front of each.
fn transport(head: &[u8], whole: bool) -> Look {
    for (size, first) in [(188, 0), (192, 4)] {
        if head.get(first) != Some(&0x47) {
            continue;
        }
        match (1..4).all(|n| head.get(first + n * size) == Some(&0x47)) {
            true => return Look::Known { demuxer: "mpegts", spool: false },
            false if head.len() <= first + 3 * size && !whole => return Look::More,
            false => {}
        }
    }
    Look::Unknown
}

fn is_box(head: &[u8]) -> bool {
    const FIRST: [&[u8]; 11] =
        [b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof", b"uuid", b"pdin"];
    head.get(4..8).is_some_and(|kind| FIRST.contains(&kind))
}

/// Walks the top-level boxes until the index or the data comes: what comes first decides.
fn boxes(head: &[u8], whole: bool) -> Look {
    let known = |spool| Look::Known { demuxer: "mov", spool };
    let mut at = 0_u64;
    loop {
        let Some(rest) = usize::try_from(at).ok().and_then(|at| head.get(at..)).filter(|rest| rest.len() >= 16) else {
            // Very large boxes in front of both: its end will tell.
            return if whole || at >= HEAD as u64 || head.len() >= HEAD { known(true) } else { Look::More };
        };
        let word = |from: usize| rest[from..from + 4].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        match &rest[4..8] {
            b"moov" | b"moof" => return known(false),
            b"mdat" => return known(true),
            _ => {}
        }
        let size = match word(0) {
            1 => word(8) << 32 | word(12),
            size => size,
        };
        if size < 8 {
            return known(true);
        }
        at = at.saturating_add(size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(boxes: &[(&[u8; 4], u32)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (kind, size) in boxes {
            out.extend_from_slice(&size.to_be_bytes());
            out.extend_from_slice(*kind);
            out.resize(out.len() + *size as usize - 8, 0);
        }
        out
    }

    #[test]
    fn an_index_in_front_streams_and_an_index_at_the_back_waits() {
        let mov = |spool| Look::Known { demuxer: "mov", spool };
        assert_eq!(look(&boxed(&[(b"ftyp", 32), (b"moov", 100)]), false), mov(false));
        assert_eq!(look(&boxed(&[(b"ftyp", 32), (b"free", 8), (b"mdat", 100)]), false), mov(true));
        assert_eq!(look(&boxed(&[(b"ftyp", 32)]), false), Look::More);
        assert_eq!(look(&boxed(&[(b"ftyp", 32)]), true), mov(true));
        let mut large = boxed(&[(b"ftyp", 24)]);
        large.extend_from_slice(&[0, 0, 0, 1]);
        large.extend_from_slice(b"wide");
        large.extend_from_slice(&24_u64.to_be_bytes());
        large.extend_from_slice(&[0; 8]);
        large.extend(boxed(&[(b"moov", 40)]));
        assert_eq!(look(&large, false), mov(false));
    }

    #[test]
    fn text_and_pictures_are_nothing_we_read() {
        let table: [&[u8]; 9] = [
            b"#EXTM3U\n#EXT-X-VERSION:3\n",
            b"ffconcat version 1.0\nfile /etc/passwd\n",
            b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01",
            b"GIF89a\x01\0\x01\0\0\0",
            b"RIFF\0\0\0\0WAVEfmt ",
            b"ID3\x04\0\0\0\0\0\0\0\0",
            b"G is a letter, and no transport stream",
        ];
        for bytes in table {
            assert_eq!(look(bytes, true), Look::Unknown, "{:?}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(look(b"", true), Look::Unknown);
        assert_eq!(look(b"\x1a\x45", false), Look::More);
    }

    #[test]
    fn a_box_that_never_ends_does_not_loop() {
        for size in [0_u32, 2, 7, u32::MAX] {
            let mut bytes = size.to_be_bytes().to_vec();
            bytes.extend_from_slice(b"free");
            bytes.resize(64, 0);
            assert_ne!(look(&bytes, true), Look::More, "size {size}");
        }
    }
}
