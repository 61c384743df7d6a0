//! Frames: decoded pictures and sound, owned, shared by reference count.

use std::ffi::c_int;
use std::ptr::NonNull;

use super::{Ratio, av, time};

/// A decoded picture, or a stretch of decoded sound.
pub struct Frame(NonNull<av::AVFrame>);

// SAFETY: an AVFrame is tied to no thread; its buffers are counted atomically and never written through a shared frame.
unsafe impl Send for Frame {}

/// What a filter must know of pictures before they come; when it changes, the filter must be built anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Width in pixels.
    pub width: i32,
    /// Height in pixels.
    pub height: i32,
    /// libav's number of the pixel format.
    pub format: i32,
    /// Width of a pixel over its height; 0/1 where unknown.
    pub aspect: (i32, i32),
}

/// How numbers mean colours: primaries, transfer, matrix and range, as libav numbers them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colours {
    /// AVColorPrimaries
    pub primaries: i32,
    /// AVColorTransferCharacteristic
    pub transfer: i32,
    /// AVColorSpace
    pub matrix: i32,
    /// AVColorRange
    pub range: i32,
}

impl Colours {
    /// Numbers from 0 to 255 instead of 16 to 235.
    #[must_use]
    pub fn is_full(self) -> bool {
        self.range == av::AVColorRange::AVCOL_RANGE_JPEG as i32
    }

    /// The same colours with numbers from 16 to 235.
    #[must_use]
    pub fn limited(self) -> Self {
        Self { range: av::AVColorRange::AVCOL_RANGE_MPEG as i32, ..self }
    }

    /// Red, green and blue instead of brightness and colour differences.
    #[must_use]
    pub fn is_rgb(self) -> bool {
        self.matrix == av::AVColorSpace::AVCOL_SPC_RGB as i32
    }
}

/// Reads an enum of libav as the number it is: a file can put numbers there that the enum does not have.
macro_rules! number {
    ($place:expr) => {
        // SAFETY: a C enum is a c_int, and the place is valid.
        unsafe { (&raw const $place).cast::<c_int>().read() }
    };
}
pub(super) use number;

/// One plane of a picture.
pub struct Plane<'a> {
    /// All of its bytes, rows of `stride`.
    pub data: &'a [u8],
    /// Bytes from one row to the next.
    pub stride: usize,
    /// Visible bytes of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Default for Frame {
    fn default() -> Self {
        // SAFETY: allocates an empty frame; without memory there is no way on.
        Self(NonNull::new(unsafe { av::av_frame_alloc() }).expect("memory for a frame"))
    }
}

impl Frame {
    pub(super) fn raw(&self) -> *mut av::AVFrame {
        self.0.as_ptr()
    }

    pub(super) fn get(&self) -> &av::AVFrame {
        // SAFETY: never null, and only changed through `&mut self`.
        unsafe { self.0.as_ref() }
    }

    pub(super) fn get_mut(&mut self) -> &mut av::AVFrame {
        // SAFETY: as above.
        unsafe { self.0.as_mut() }
    }

    /// Another frame on the same picture.
    #[must_use]
    pub fn share(&self) -> Self {
        // SAFETY: clones the references, not the picture.
        Self(NonNull::new(unsafe { av::av_frame_clone(self.raw()) }).expect("memory for a frame"))
    }

    /// The time libav believes most, in the clock of its stream.
    #[must_use]
    pub fn time(&self) -> Option<i64> {
        time(self.get().best_effort_timestamp).or_else(|| time(self.get().pts))
    }

    /// The time that was set.
    #[must_use]
    pub fn pts(&self) -> Option<i64> {
        time(self.get().pts)
    }

    /// Sets the time.
    pub fn set_pts(&mut self, at: i64) {
        self.get_mut().pts = at;
    }

    /// Says that the numbers of a picture of eight bits 4:2:0 go from 0 to 255; nothing of any other.
    pub fn set_full_range(&mut self) {
        let frame = self.get_mut();
        if is_yuv420p(frame.format) {
            frame.format = super::YUVJ420P;
            frame.color_range = av::AVColorRange::AVCOL_RANGE_JPEG;
        }
    }

    /// Asks the encoder for a key frame here, or leaves the choice to it.
    pub fn set_key(&mut self, key: bool) {
        self.get_mut().pict_type =
            if key { av::AVPictureType::AV_PICTURE_TYPE_I } else { av::AVPictureType::AV_PICTURE_TYPE_NONE };
    }

    /// The same picture, not yet placed in time, with square pixels.
    #[must_use]
    pub fn without_time(mut self) -> Self {
        self.get_mut().pts = av::AV_NOPTS_VALUE;
        self.get_mut().sample_aspect_ratio = Ratio { num: 1, den: 1 };
        self
    }

    /// Whether the decoder had to guess a part of it.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let frame = self.get();
        frame.decode_error_flags != 0 || frame.flags & av::AV_FRAME_FLAG_CORRUPT as c_int != 0
    }

    /// What a filter must know of this picture.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let frame = self.get();
        let aspect = (frame.sample_aspect_ratio.num, frame.sample_aspect_ratio.den);
        Shape { width: frame.width, height: frame.height, format: frame.format, aspect }
    }

    /// How its numbers mean colours.
    #[must_use]
    pub fn colours(&self) -> Colours {
        let frame = self.get();
        Colours {
            primaries: number!(frame.color_primaries),
            transfer: number!(frame.color_trc),
            matrix: number!(frame.colorspace),
            range: number!(frame.color_range),
        }
    }

    /// The brightness of a planar 8-bit picture.
    #[must_use]
    pub fn luma(&self) -> Option<Plane<'_>> {
        let frame = self.get();
        let stride = usize::try_from(frame.linesize[0]).ok()?;
        let (width, height) = (usize::try_from(frame.width).ok()?, usize::try_from(frame.height).ok()?);
        if frame.data[0].is_null() || stride < width || height == 0 {
            return None;
        }
        // SAFETY: libav keeps `height` rows of `stride` bytes there; the last row may be cut after its visible part.
        let data = unsafe { std::slice::from_raw_parts(frame.data[0], stride * (height - 1) + width) };
        Some(Plane { data, stride, width, height })
    }

    /// An empty canvas of 8-bit planar 4:2:0, black.
    #[must_use]
    pub fn canvas(width: i32, height: i32) -> Option<Frame> {
        let mut frame = Frame::default();
        let new = frame.get_mut();
        (new.format, new.width, new.height) = (super::YUV420P, width, height);
        // SAFETY: a fresh frame; afterwards each plane has as many rows as are written.
        unsafe {
            if av::av_frame_get_buffer(new, 0) < 0 {
                return None;
            }
            for (plane, value) in [(0, 16_u8), (1, 128), (2, 128)] {
                let rows = usize::try_from(if plane == 0 { height } else { (height + 1) / 2 }).unwrap_or(0);
                let stride = usize::try_from(new.linesize[plane]).unwrap_or(0);
                std::ptr::write_bytes(new.data[plane], value, rows * stride);
            }
        }
        Some(frame)
    }

    /// Copies a smaller picture onto a canvas, number by number, with its upper left corner at that even place. What does not fit
    /// is left out.
    pub fn paste(&mut self, picture: &Frame, left: i32, top: i32) {
        let from = picture.get();
        let onto = self.get_mut();
        let fits = left >= 0 && top >= 0 && left + from.width <= onto.width && top + from.height <= onto.height;
        if !fits || !is_yuv420p(from.format) || !is_yuv420p(onto.format) {
            return;
        }
        for plane in 0..3 {
            let half = |length: i32| usize::try_from(if plane == 0 { length } else { (length + 1) / 2 }).unwrap_or(0);
            let stride = |frame: &av::AVFrame| usize::try_from(frame.linesize[plane]).unwrap_or(0);
            let (x, y) = (half(left - left % 2), half(top - top % 2));
            for row in 0..half(from.height) {
                // SAFETY: both frames are 4:2:0 with `linesize` bytes a row, and the place lies within the canvas.
                unsafe {
                    let source = from.data[plane].add(row * stride(from));
                    let target = onto.data[plane].add((y + row) * stride(onto) + x);
                    std::ptr::copy_nonoverlapping(source, target, half(from.width));
                }
            }
        }
    }
}

/// Eight bits 4:2:0 in three planes, of either range.
const fn is_yuv420p(format: i32) -> bool {
    matches!(format, super::YUV420P | super::YUVJ420P)
}

impl Drop for Frame {
    fn drop(&mut self) {
        let mut frame = self.0.as_ptr();
        // SAFETY: ours, and freed once.
        unsafe { av::av_frame_free(&raw mut frame) };
    }
}
