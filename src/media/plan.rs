//! What is made of a picture: sizes, rungs and filter chains. Pure arithmetic on numbers and texts; nothing is opened or run.
//! The invariant: no rung is larger than its source, and every size is even.

use std::fmt::Write as _;

/// A picture's width and height.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Size {
    /// A size.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    const fn turned(self) -> Self {
        Self { width: self.height, height: self.width }
    }

    fn short(self) -> u32 {
        self.width.min(self.height)
    }
}

/// One rung of the ladder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rung {
    /// Its name, after its height in the usual sense: `1080` also for 1080x1920.
    pub name: String,
    /// Its picture.
    pub size: Size,
    /// The most bits per second the encoder may spend.
    pub max_rate: u32,
}

/// The size at which a coded picture is shown: square pixels, turned upright.
#[must_use]
pub fn shown(coded: Size, aspect: (i32, i32), rotation: u16) -> Size {
    let square = match (u64::try_from(aspect.0), u64::try_from(aspect.1)) {
        // Beyond sixteen to one it is a mistake in the file, not a picture.
        (Ok(num), Ok(den)) if num > 0 && den > 0 && num <= den * 16 && den <= num * 16 => {
            let width = (u64::from(coded.width) * num + den / 2) / den;
            Size::new(u32::try_from(width).unwrap_or(u32::MAX).max(1), coded.height)
        }
        _ => coded,
    };
    if rotation % 180 == 90 { square.turned() } else { square }
}

/// The largest even size of the same shape within a box, never above the picture itself.
#[must_use]
pub fn fit(picture: Size, within: Size) -> Size {
    let (w, h) = (u64::from(picture.width.max(1)), u64::from(picture.height.max(1)));
    let (bw, bh) = (u64::from(within.width), u64::from(within.height));
    // The nearest even number, but not above the picture.
    let scaled = |length: u64, by: u64, of: u64| (2 * ((length * by + of) / (2 * of))).min(length);
    let (width, height) = if w <= bw && h <= bh {
        (w, h)
    } else if w * bh >= h * bw {
        (bw, scaled(h, bw, w))
    } else {
        (scaled(w, bh, h), bh)
    };
    Size::new(even(width), even(height))
}

fn even(length: u64) -> u32 {
    u32::try_from(length & !1).unwrap_or(u32::MAX - 1).max(2)
}

/// The rungs for a picture, top first: each height stands for a 16:9 box, upright for upright pictures. A picture below the
/// lowest height is one rung of its own size.
#[must_use]
pub fn ladder(picture: Size, heights: &[u32]) -> Vec<Rung> {
    let mut rungs: Vec<Rung> = Vec::new();
    for &height in heights {
        let lying = Size::new(even(u64::from(height) * 16 / 9 + 1), height);
        let within = if picture.height > picture.width { lying.turned() } else { lying };
        let size = fit(picture, within);
        // A rung above the source, or one that hardly differs from the one above it, costs work and helps nobody.
        let too_close = |above: &Rung| height >= picture.short() || size.short() * 10 > above.size.short() * 9;
        if rungs.last().is_some_and(too_close) {
            continue;
        }
        let whole = size.width >= picture.width & !1 && size.height >= picture.height & !1;
        let name = if whole { size.short() } else { height };
        rungs.push(Rung { name: name.to_string(), size, max_rate: max_rate(size) });
    }
    rungs
}

/// Six million bits per second at 1920x1080, and less than in proportion to the area below, for small pictures need more bits
/// a pixel.
fn max_rate(size: Size) -> u32 {
    let area = f64::from(size.width) * f64::from(size.height) / f64::from(1920 * 1080);
    ((6_000_000.0 * area.powf(0.75)) as u32).clamp(300_000, 6_000_000)
}

/// What must be known of a decoded picture to bring it into the form every rung starts from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Look {
    /// Size as decoded.
    pub coded: Size,
    /// Width of a pixel over its height.
    pub aspect: (i32, i32),
    /// Degrees clockwise.
    pub rotation: u16,
    /// Whether it is turned upside down before that.
    pub mirrored: bool,
    /// Whether it is 8-bit planar 4:2:0 in the limited range already.
    pub plain: bool,
    /// Whether it is red, green and blue.
    pub rgb: bool,
    /// Whether parts of it are seen through: they are shown over black.
    pub alpha: bool,
    /// From and to which matrix its colours must be brought.
    pub matrices: Option<(&'static str, &'static str)>,
    /// Which table its colours need, if the filters for that are there.
    pub tone: Option<Tone>,
}

/// The kinds of colours that lie beyond an ordinary screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Hybrid log-gamma.
    Hlg,
    /// Perceptual quantiser.
    Pq,
    /// Ordinary brightness, and colours of BT.2020.
    Wide,
}

/// The chain that maps colours of sixteen bits 4:4:4 to those of an ordinary screen. Of brightness 1,000 candelas count as the most,
/// whatever the file says of itself.
#[must_use]
pub fn mapping(tone: Tone) -> String {
    let (transfer, map) = match tone {
        Tone::Hlg => ("arib-std-b67", ",tonemap=tonemap=hable:desat=0:peak=10"),
        Tone::Pq => ("smpte2084", ",tonemap=tonemap=hable:desat=0:peak=10"),
        Tone::Wide => ("bt709", ""),
    };
    format!(
        "zscale=tin={transfer}:pin=bt2020:min=bt2020nc:rin=tv:t=linear:npl=100,format=gbrpf32le,zscale=p=bt709{map},\
         zscale=t=bt709:m=bt709:r=tv,format=yuv444p16le"
    )
}

/// The chain that brings a picture into `top`: 8 bit 4:2:0, limited range, upright, square pixels, with bars where its shape
/// differs; ten bits where a table of colours comes after it. None where it is there already.
#[must_use]
pub fn normalise(look: Look, top: Size) -> Option<String> {
    let upright = fit(shown(look.coded, look.aspect, look.rotation), top);
    if look.plain && look.rotation == 0 && !look.mirrored && look.coded == top && upright == top {
        return None;
    }
    let flat = if look.rotation % 180 == 90 { upright.turned() } else { upright };
    let mut chain = String::from(if look.alpha { "premultiply=inplace=1," } else { "" });
    let _ = write!(chain, "scale={}:{}:flags=bicubic:out_range=tv", flat.width, flat.height);
    if look.rgb {
        chain.push_str(":out_color_matrix=bt709");
    } else if let Some((from, to)) = look.matrices {
        let _ = write!(chain, ":in_color_matrix={from}:out_color_matrix={to}");
    }
    chain.push_str(if look.tone.is_some() { ",format=yuv420p10le" } else { ",format=yuv420p" });
    if look.mirrored {
        chain.push_str(",vflip");
    }
    chain.push_str(match look.rotation {
        90 => ",transpose=clock",
        180 => ",hflip,vflip",
        270 => ",transpose=cclock",
        _ => "",
    });
    if upright != top {
        let (x, y) = (((top.width - upright.width) / 2) & !1, ((top.height - upright.height) / 2) & !1);
        let _ = write!(chain, ",pad={}:{}:{x}:{y}", top.width, top.height);
    }
    chain.push_str(",setsar=1");
    Some(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(width: u32, height: u32) -> Vec<(String, u32, u32)> {
        ladder(Size::new(width, height), &[1080, 720, 480])
            .into_iter()
            .map(|rung| (rung.name, rung.size.width, rung.size.height))
            .collect()
    }

    #[test]
    fn a_ladder_never_rises_above_its_source() {
        type Row = ((u32, u32), &'static [(&'static str, u32, u32)]);
        let table: &[Row] = &[
            ((1920, 1080), &[("1080", 1920, 1080), ("720", 1280, 720), ("480", 854, 480)]),
            ((3840, 2160), &[("1080", 1920, 1080), ("720", 1280, 720), ("480", 854, 480)]),
            ((2160, 3840), &[("1080", 1080, 1920), ("720", 720, 1280), ("480", 480, 854)]),
            ((1438, 874), &[("874", 1438, 874), ("720", 1184, 720), ("480", 790, 480)]),
            ((1437, 873), &[("872", 1436, 872), ("720", 1186, 720), ("480", 790, 480)]),
            ((1280, 720), &[("720", 1280, 720), ("480", 854, 480)]),
            ((640, 480), &[("480", 640, 480)]),
            ((320, 240), &[("240", 320, 240)]),
            ((3026, 1386), &[("1080", 1920, 880), ("720", 1280, 586), ("480", 854, 392)]),
            ((960, 400), &[("400", 960, 400)]),
            ((1, 1), &[("2", 2, 2)]),
            ((16000, 1), &[("1080", 1920, 2)]),
        ];
        for ((width, height), expected) in table {
            let got = names(*width, *height);
            let expected: Vec<_> = expected.iter().map(|(name, w, h)| ((*name).to_owned(), *w, *h)).collect();
            assert_eq!(got, expected, "{width}x{height}");
        }
    }

    #[test]
    fn pictures_are_shown_upright_with_square_pixels() {
        let table = [
            ((720, 576), (16, 15), 0, (768, 576)),
            ((720, 720), (2, 1), 0, (1440, 720)),
            ((1920, 1080), (0, 1), 90, (1080, 1920)),
            ((1920, 1080), (1, 1), 180, (1920, 1080)),
            ((100, 100), (1000, 1), 0, (100, 100)),
            ((100, 100), (-2, 1), 0, (100, 100)),
        ];
        for ((w, h), aspect, rotation, (sw, sh)) in table {
            assert_eq!(shown(Size::new(w, h), aspect, rotation), Size::new(sw, sh), "{w}x{h} {aspect:?} {rotation}");
        }
    }

    fn look(width: u32, height: u32) -> Look {
        Look {
            coded: Size::new(width, height),
            aspect: (1, 1),
            rotation: 0,
            mirrored: false,
            plain: true,
            rgb: false,
            alpha: false,
            matrices: None,
            tone: None,
        }
    }

    #[test]
    fn nothing_is_done_to_a_picture_that_is_right() {
        assert_eq!(normalise(look(1280, 720), Size::new(1280, 720)), None);
    }

    #[test]
    fn a_turned_picture_is_scaled_lying_and_then_turned() {
        let chain = normalise(Look { rotation: 90, ..look(3840, 2160) }, Size::new(1080, 1920)).unwrap();
        assert_eq!(chain, "scale=1920:1080:flags=bicubic:out_range=tv,format=yuv420p,transpose=clock,setsar=1");
    }

    #[test]
    fn a_picture_of_another_shape_gets_bars() {
        let chain = normalise(look(640, 480), Size::new(1280, 720)).unwrap();
        assert!(chain.starts_with("scale=640:480:") && chain.contains("pad=1280:720:320:120"), "{chain}");
        let chain = normalise(look(1440, 1080), Size::new(1280, 720)).unwrap();
        assert!(chain.starts_with("scale=960:720:") && chain.contains("pad=1280:720:160:0"), "{chain}");
    }

    #[test]
    fn a_mirrored_picture_is_turned_upside_down_first() {
        let chain = normalise(Look { mirrored: true, ..look(1280, 720) }, Size::new(1280, 720)).unwrap();
        assert!(chain.ends_with("format=yuv420p,vflip,setsar=1"), "{chain}");
        let chain = normalise(Look { mirrored: true, rotation: 90, ..look(1280, 720) }, Size::new(720, 1280)).unwrap();
        assert!(chain.ends_with(",vflip,transpose=clock,setsar=1"), "{chain}");
    }

    #[test]
    fn bright_pictures_keep_ten_bits_for_the_table() {
        let chain = normalise(Look { tone: Some(Tone::Hlg), plain: false, ..look(3840, 2160) }, Size::new(1920, 1080));
        assert!(chain.unwrap().contains("scale=1920:1080:flags=bicubic:out_range=tv,format=yuv420p10le"));
    }
}
