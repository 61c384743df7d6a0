//! Planes of pictures, as numbers: of deep ones to be read, of fresh ones of eight bits to be written.

use super::{Colours, Frame, av};

/// One plane of a picture with more than eight bits a number.
pub struct Deep<'a> {
    /// All of its numbers, rows of `stride`.
    pub data: &'a [u16],
    /// Numbers from one row to the next.
    pub stride: usize,
    /// Visible numbers of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Deep<'_> {
    /// The visible numbers of a row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[u16] {
        &self.data[row * self.stride..row * self.stride + self.width]
    }
}

/// One plane of a picture of eight bits that nobody else holds.
pub struct Fresh<'a> {
    data: &'a mut [u8],
    stride: usize,
    width: usize,
}

impl Fresh<'_> {
    /// The visible bytes of a row.
    pub fn row(&mut self, row: usize) -> &mut [u8] {
        &mut self.data[row * self.stride..row * self.stride + self.width]
    }

    /// The visible bytes of two rows; where they are the same row, the second are none that are seen.
    pub fn rows(&mut self, first: usize, second: usize) -> (&mut [u8], &mut [u8]) {
        let (upper, lower) = self.data[first * self.stride..].split_at_mut(self.width);
        let skipped = (second.max(first + 1) - first) * self.stride - self.width;
        (upper, lower.get_mut(skipped..skipped + self.width).unwrap_or_default())
    }
}

/// How many bits the sides of the second and third plane are shorter, for the deep formats that are read here.
fn halves(format: i32) -> Option<u32> {
    if format == av::AVPixelFormat::AV_PIX_FMT_YUV420P10LE as i32 {
        Some(1)
    } else if format == av::AVPixelFormat::AV_PIX_FMT_YUV444P16LE as i32 {
        Some(0)
    } else {
        None
    }
}

/// Whether pictures of that format say how much of them is seen through.
#[must_use]
pub fn has_alpha(format: i32) -> bool {
    // SAFETY: looks a number up that libav gave us; there is no descriptor for one it does not know.
    unsafe {
        let format = std::mem::transmute::<i32, av::AVPixelFormat>(format);
        av::av_pix_fmt_desc_get(format)
            .as_ref()
            .is_some_and(|about| about.flags & av::AV_PIX_FMT_FLAG_ALPHA as u64 != 0)
    }
}

impl Frame {
    /// A picture of sixteen bits 4:4:4 whose numbers are told for each plane, column and row.
    #[must_use]
    pub fn deep(width: usize, height: usize, number: impl Fn(usize, usize, usize) -> u16) -> Option<Self> {
        let mut frame = Self::default();
        // SAFETY: a fresh frame; afterwards each plane has `height` rows of `linesize` bytes.
        unsafe {
            let raw = &mut *frame.raw();
            raw.format = av::AVPixelFormat::AV_PIX_FMT_YUV444P16LE as i32;
            (raw.width, raw.height) = (i32::try_from(width).ok()?, i32::try_from(height).ok()?);
            if av::av_frame_get_buffer(raw, 0) < 0 {
                return None;
            }
            for plane in 0..3 {
                let stride = usize::try_from(raw.linesize[plane]).ok()?;
                for row in 0..height {
                    let to = raw.data[plane].add(row * stride).cast::<u16>();
                    for column in 0..width {
                        to.add(column).write_unaligned(number(plane, column, row));
                    }
                }
            }
        }
        frame.set_pts(0);
        Some(frame)
    }

    /// One plane of a picture of ten bits 4:2:0 or sixteen bits 4:4:4; nothing of any other form.
    #[must_use]
    pub fn deep_plane(&self, plane: usize) -> Option<Deep<'_>> {
        // SAFETY: a valid frame.
        let frame = unsafe { &*self.raw() };
        let shorter = halves(frame.format)?;
        let side = |length: i32| {
            let length = usize::try_from(length).ok()?;
            Some(if plane == 0 { length } else { length.div_ceil(1 << shorter) })
        };
        let (width, height) = (side(frame.width)?, side(frame.height)?);
        let (from, bytes) = (*frame.data.get(plane)?, usize::try_from(*frame.linesize.get(plane)?).ok()?);
        let is_aligned = bytes % 2 == 0 && from.addr() % 2 == 0;
        if from.is_null() || !is_aligned || bytes / 2 < width || height == 0 || width == 0 {
            return None;
        }
        // SAFETY: libav keeps `height` rows of `linesize` bytes there; the last row may be cut after its visible part.
        let data = unsafe { std::slice::from_raw_parts(from.cast::<u16>(), bytes / 2 * (height - 1) + width) };
        Some(Deep { data, stride: bytes / 2, width, height })
    }

    /// The three planes of a picture of eight bits 4:2:0 that nobody else holds; nothing of any other.
    pub fn planes_mut(&mut self) -> Option<[Fresh<'_>; 3]> {
        // SAFETY: a valid frame, and no buffer of it is held by another.
        let frame = unsafe {
            if av::av_frame_is_writable(self.raw()) <= 0 {
                return None;
            }
            &*self.raw()
        };
        if frame.format != super::YUV420P {
            return None;
        }
        let fresh = |plane: usize| {
            let side = |length: i32| {
                let length = usize::try_from(length).ok()?;
                Some(if plane == 0 { length } else { length.div_ceil(2) })
            };
            let (width, height) = (side(frame.width)?, side(frame.height)?);
            let stride = usize::try_from(frame.linesize[plane]).ok()?;
            if frame.data[plane].is_null() || stride < width || height == 0 {
                return None;
            }
            // SAFETY: as many bytes belong to the plane, the planes do not overlap, and `&mut self` keeps others away.
            let data = unsafe { std::slice::from_raw_parts_mut(frame.data[plane], stride * (height - 1) + width) };
            Some(Fresh { data, stride, width })
        };
        Some([fresh(0)?, fresh(1)?, fresh(2)?])
    }

    /// Says how its numbers mean colours.
    pub fn set_colours(&mut self, colours: Colours) {
        // SAFETY: a valid frame that is ours; the numbers are those of libav's enums.
        unsafe {
            let frame = &mut *self.raw();
            (&raw mut frame.color_primaries).cast::<i32>().write(colours.primaries);
            (&raw mut frame.color_trc).cast::<i32>().write(colours.transfer);
            (&raw mut frame.colorspace).cast::<i32>().write(colours.matrix);
            (&raw mut frame.color_range).cast::<i32>().write(colours.range);
        }
    }

    /// Whether it was recorded in two fields, one after the other.
    #[must_use]
    pub fn is_interlaced(&self) -> bool {
        // SAFETY: a valid frame.
        unsafe { (*self.raw()).interlaced_frame != 0 }
    }

    /// Says that it was recorded in two fields, the upper first, or as a whole.
    #[cfg(test)]
    pub fn set_interlaced(&mut self, interlaced: bool) {
        // SAFETY: a valid frame that is ours.
        unsafe {
            (*self.raw()).interlaced_frame = i32::from(interlaced);
            (*self.raw()).top_field_first = 1;
        }
    }
}
