//! What the parameter sets and the slices of H.264 say (ITU-T H.264, 7.3), as far as must be known to hand a picture on without
//! encoding it again. Pure: bytes in, numbers out; bytes that end too early or make no sense are nothing.

use super::plan::Size;

/// A sequence parameter set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sps {
    /// `profile_idc`
    pub profile: u8,
    /// Whether it is 4:2:0 with eight bits.
    pub plain: bool,
    /// Whether every picture is one frame.
    pub progressive: bool,
    /// The picture that is shown.
    pub size: Size,
    /// Whether pixels are as wide as they are high, as far as it says.
    pub square: bool,
    /// Numbers from 0 to 255 instead of 16 to 235.
    pub full_range: bool,
    /// How many pictures may be shown after one that is decoded later, where it says so.
    pub reorder: Option<u32>,
    /// Bits of `frame_num` in a slice.
    pub number_bits: u32,
    /// Whether numbers of pictures may be left out.
    pub gaps: bool,
    separate_planes: bool,
}

/// What a slice says in front.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slice {
    /// Whether decoding can begin with its picture, and nothing after it needs anything before it.
    pub idr: bool,
    /// Whether other pictures may be made from it.
    pub reference: bool,
    /// `frame_num`
    pub number: u32,
}

impl Sps {
    /// Reads a unit of type 7.
    #[must_use]
    pub fn read(unit: &[u8]) -> Option<Self> {
        let bytes = unescaped(unit.get(1..)?);
        let mut bits = Bits { bytes: &bytes, at: 0 };
        let profile = u8::try_from(bits.take(8)?).ok()?;
        bits.take(16)?;
        bits.ue()?;
        let (mut chroma, mut depth, mut separate_planes) = (1, (0, 0), false);
        if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135) {
            chroma = bits.ue()?;
            separate_planes = chroma == 3 && bits.flag()?;
            depth = (bits.ue()?, bits.ue()?);
            bits.flag()?;
            if bits.flag()? {
                scaling(&mut bits, if chroma == 3 { 12 } else { 8 })?;
            }
        }
        let number_bits = bits.ue()?.checked_add(4).filter(|bits| *bits <= 16)?;
        order(&mut bits)?;
        bits.ue()?;
        let gaps = bits.flag()?;
        let (wide, high) = (bits.ue()?.checked_add(1)?, bits.ue()?.checked_add(1)?);
        let progressive = bits.flag()?;
        if !progressive {
            bits.flag()?;
        }
        bits.flag()?;
        let cut = if bits.flag()? { [bits.ue()?, bits.ue()?, bits.ue()?, bits.ue()?] } else { [0; 4] };
        let fields = if progressive { 1 } else { 2 };
        let across = if chroma == 1 || chroma == 2 { 2 } else { 1 };
        let down = fields * if chroma == 1 { 2 } else { 1 };
        let width = wide.checked_mul(16)?.checked_sub(cut[0].checked_add(cut[1])?.checked_mul(across)?)?;
        let height = high.checked_mul(16 * fields)?.checked_sub(cut[2].checked_add(cut[3])?.checked_mul(down)?)?;
        let usage = if bits.flag()? { Usage::read(&mut bits)? } else { Usage::default() };
        Some(Self {
            profile,
            plain: chroma == 1 && depth == (0, 0),
            progressive,
            size: Size::new(width, height),
            square: usage.square,
            full_range: usage.full_range,
            reorder: usage.reorder,
            number_bits,
            gaps,
            separate_planes,
        })
    }

    /// Reads the front of a slice: a unit of type 1 or 5 that begins its picture.
    #[must_use]
    pub fn slice(&self, unit: &[u8]) -> Option<Slice> {
        let first = *unit.first()?;
        let bytes = unescaped(unit.get(1..unit.len().min(40))?);
        let mut bits = Bits { bytes: &bytes, at: 0 };
        // first_mb_in_slice, slice_type, pic_parameter_set_id
        bits.skip(3)?;
        if self.separate_planes {
            bits.take(2)?;
        }
        let number = bits.take(self.number_bits)?;
        Some(Slice { idr: first & 0x1f == 5, reference: first & 0x60 != 0, number })
    }
}

/// Scaling lists.
fn scaling(bits: &mut Bits<'_>, lists: u32) -> Option<()> {
    for list in 0..lists {
        if !bits.flag()? {
            continue;
        }
        let (mut last, mut next) = (8, 8);
        for _ in 0..if list < 6 { 16 } else { 64 } {
            if next != 0 {
                next = (last + bits.se()?).rem_euclid(256);
            }
            last = if next == 0 { last } else { next };
        }
    }
    Some(())
}

/// How pictures are counted for showing.
fn order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.ue()? {
        0 => bits.skip(1)?,
        1 => {
            bits.flag()?;
            bits.skip(2)?;
            let cycle = bits.ue()?;
            bits.skip(cycle.min(256))?;
        }
        _ => {}
    }
    Some(())
}

/// "Video usability information" (annex E).
struct Usage {
    square: bool,
    full_range: bool,
    reorder: Option<u32>,
}

impl Default for Usage {
    fn default() -> Self {
        Self { square: true, full_range: false, reorder: None }
    }
}

impl Usage {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let mut usage = Self::default();
        if bits.flag()? {
            usage.square = match bits.take(8)? {
                0 | 1 => true,
                255 => bits.take(16)? == bits.take(16)?,
                _ => false,
            };
        }
        if bits.flag()? {
            bits.flag()?;
        }
        if bits.flag()? {
            bits.take(3)?;
            usage.full_range = bits.flag()?;
            if bits.flag()? {
                bits.take(24)?;
            }
        }
        if bits.flag()? {
            bits.skip(2)?;
        }
        if bits.flag()? {
            bits.take(32)?;
            bits.take(32)?;
            bits.flag()?;
        }
        let buffers = [bits.flag()? && buffer(bits)?, bits.flag()? && buffer(bits)?];
        if buffers.contains(&true) {
            bits.flag()?;
        }
        bits.flag()?;
        if bits.flag()? {
            bits.flag()?;
            bits.skip(4)?;
            usage.reorder = Some(bits.ue()?);
        }
        Some(usage)
    }
}

/// A model of the decoder's buffer; always true.
fn buffer(bits: &mut Bits<'_>) -> Option<bool> {
    let count = bits.ue()?;
    bits.take(8)?;
    (0..=count.min(31)).try_for_each(|_| {
        bits.skip(2)?;
        bits.flag().map(drop)
    })?;
    bits.take(20)?;
    Some(true)
}

/// Takes out the bytes that only keep start codes from appearing.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let (mut out, mut zeros) = (Vec::with_capacity(bytes.len()), 0);
    for &byte in bytes {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |sum, _| Some(sum << 1 | u32::from(self.flag()?)))
    }

    /// An unsigned number of variable length (9.1).
    fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
        }
        let rest = if zeros < 32 { self.take(zeros)? } else { return None };
        (1_u32 << zeros).checked_sub(1)?.checked_add(rest)
    }

    /// Passes over numbers of variable length.
    fn skip(&mut self, numbers: u32) -> Option<()> {
        (0..numbers).try_for_each(|_| self.ue().map(drop))
    }

    /// A signed one.
    fn se(&mut self) -> Option<i32> {
        let number = i64::from(self.ue()?);
        i32::try_from(if number % 2 == 1 { (number + 1) / 2 } else { -(number / 2) }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::avc;
    use crate::media::ffi::{Colours, Encoder, Picture, TICKS};

    /// The parameter set that x264 writes.
    fn made(size: (u32, u32), format: &str, options: &[(&str, &str)]) -> Sps {
        let picture =
            Picture { width: size.0, height: size.1, format, colours: Some(Colours::ordinary()), time_base: TICKS };
        let header = Encoder::video("libx264", picture, options).unwrap().params().unwrap().header();
        let unit = avc::units(&header).into_iter().find(|unit| unit[0] & 0x1f == 7).unwrap().to_vec();
        Sps::read(&unit).unwrap()
    }

    #[test]
    fn what_an_encoder_was_told_stands_in_its_parameter_set() {
        let sps = made((1920, 1080), "yuv420p", &[("bf", "0")]);
        assert_eq!((sps.profile, sps.size, sps.reorder), (100, Size::new(1920, 1080), Some(0)));
        assert!(sps.plain && sps.progressive && sps.square && !sps.full_range && !sps.gaps);
        assert_eq!(made((854, 480), "yuv420p", &[("bf", "2"), ("b_strategy", "0")]).reorder, Some(2));
        let baseline = made((202, 360), "yuv420p", &[("profile", "baseline"), ("preset", "ultrafast")]);
        assert_eq!((baseline.profile, baseline.size), (66, Size::new(202, 360)));
        assert!(!made((640, 360), "yuv444p", &[]).plain);
        assert!(!made((640, 360), "yuv422p", &[]).plain);
        assert!(made((640, 360), "yuvj420p", &[]).full_range || made((640, 360), "yuv420p", &[]).plain);
        let fields = made((1920, 1080), "yuv420p", &[("x264-params", "interlaced=1")]);
        assert_eq!((fields.progressive, fields.size), (false, Size::new(1920, 1080)));
        assert!(!made((640, 360), "yuv420p", &[("x264-params", "sar=4/3")]).square);
        let buffered = made(
            (640, 360),
            "yuv420p",
            &[("x264-params", "nal-hrd=cbr:bitrate=500:vbv-maxrate=500:vbv-bufsize=500:bframes=0")],
        );
        assert_eq!((buffered.reorder, buffered.square), (Some(0), true));
        assert!(made((640, 360), "yuv420p", &[("x264-params", "cqm=jvt")]).plain);
    }

    #[test]
    fn broken_sets_are_nothing() {
        let picture = Picture { width: 640, height: 360, format: "yuv420p", colours: None, time_base: TICKS };
        let header = Encoder::video("libx264", picture, &[]).unwrap().params().unwrap().header();
        let unit = avc::units(&header)[0].to_vec();
        for length in 0..unit.len() - 1 {
            let _ = Sps::read(&unit[..length]);
        }
        assert_eq!(Sps::read(&unit[..8]), None);
        assert_eq!((Sps::read(&[]), Sps::read(&[0; 64])), (None, None));
    }
}
