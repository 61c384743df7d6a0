//! libav behind safe types: the only place with `unsafe`. Each type owns one libav object and frees it; nothing here decides
//! anything about recordings. Options that libav does not know are an error here, where the library would drop them silently.

mod codec;
mod frame;
mod graph;
mod input;
mod lock;
mod output;
mod packet;
mod plane;
pub mod priority;
mod resident;
mod samples;

use std::ffi::{CStr, CString, c_int};
use std::fmt;
use std::ptr;

use ffmpeg_next::ffi as av;
pub use ffmpeg_next::format::context::StreamIo;

pub use av::AVRational as Ratio;
pub use codec::{Decoder, Encoder, Params, Picture};
pub use frame::{Colours, Frame, Plane, Shape};
pub use graph::Graph;
pub use input::{Indexed, Input, Kind, StreamInfo};
pub use lock::close_on_signal;
pub use output::Muxer;
pub use packet::Packet;
pub use plane::{Deep, has_alpha};
pub use resident::hand_back;

/// The clock of all pictures: 90,000 ticks a second.
pub const TICKS: Ratio = Ratio { num: 1, den: 90_000 };

/// libav's number of 8-bit planar 4:2:0.
pub const YUV420P: i32 = av::AVPixelFormat::AV_PIX_FMT_YUV420P as i32;
/// The same layout with numbers from 0 to 255, as JPEGs have it.
pub const YUVJ420P: i32 = av::AVPixelFormat::AV_PIX_FMT_YUVJ420P as i32;

/// What libav answered when it did not do what was asked.
#[derive(Clone, Debug)]
pub struct AvError {
    what: &'static str,
    code: c_int,
    more: String,
}

impl AvError {
    fn new(what: &'static str, code: c_int) -> Self {
        Self { what, code, more: String::new() }
    }

    fn with(what: &'static str, more: impl Into<String>) -> Self {
        Self { what, code: av::AVERROR(libc::EINVAL), more: more.into() }
    }

    /// The input ended before it could be understood, or the reader broke off.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.code == av::AVERROR_EOF
    }
}

/// The one thing that can go wrong while a reader is made.
#[must_use]
pub fn no_memory() -> AvError {
    AvError::with("reader", "no memory")
}

/// A picture came out of which a part is missing.
#[must_use]
pub fn guessed() -> AvError {
    AvError::with("decode", "a part of a picture is missing")
}

impl fmt::Display for AvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.more.is_empty() {
            return write!(f, "{}: {}", self.what, self.more);
        }
        let mut text = [0; 128];
        // SAFETY: the buffer is as long as is said, and av_strerror ends it with a zero.
        let text = unsafe {
            av::av_strerror(self.code, text.as_mut_ptr(), text.len());
            CStr::from_ptr(text.as_ptr())
        };
        write!(f, "{}: {}", self.what, text.to_string_lossy())
    }
}

impl std::error::Error for AvError {}

/// What every call here answers.
pub type Result<T> = std::result::Result<T, AvError>;

fn check(what: &'static str, code: c_int) -> Result<c_int> {
    if code < 0 { Err(AvError::new(what, code)) } else { Ok(code) }
}

/// Whether a "give me the next one" call gave one. Waiting for more and being at the end both mean no.
fn got_one(what: &'static str, code: c_int) -> Result<bool> {
    match code {
        0.. => Ok(true),
        code if code == av::AVERROR(libc::EAGAIN) || code == av::AVERROR_EOF => Ok(false),
        code => Err(AvError::new(what, code)),
    }
}

fn c_string(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

/// Text that libav owns, copied. A null pointer is an empty text.
fn text(from: *const std::ffi::c_char) -> String {
    if from.is_null() {
        return String::new();
    }
    // SAFETY: not null, and libav's names end with a zero.
    unsafe { CStr::from_ptr(from) }.to_string_lossy().into_owned()
}

/// Lets libav speak of errors only: what it says is under the control of whoever made the file.
pub fn quiet() {
    // SAFETY: sets one number.
    unsafe { av::av_log_set_level(av::AV_LOG_FATAL) };
}

/// FFmpeg's own version: `5.1.9-0+deb12u1`.
#[must_use]
pub fn version() -> String {
    // SAFETY: a constant text.
    text(unsafe { av::av_version_info() })
}

/// Whether a decoder of this name is built in.
#[must_use]
pub fn has_decoder(name: &str) -> bool {
    // SAFETY: looks a name up.
    unsafe { !av::avcodec_find_decoder_by_name(c_string(name).as_ptr()).is_null() }
}

/// Whether an encoder of this name is built in.
#[must_use]
pub fn has_encoder(name: &str) -> bool {
    // SAFETY: looks a name up.
    unsafe { !av::avcodec_find_encoder_by_name(c_string(name).as_ptr()).is_null() }
}

/// Whether a filter of this name is built in.
#[must_use]
pub fn has_filter(name: &str) -> bool {
    // SAFETY: looks a name up.
    unsafe { !av::avfilter_get_by_name(c_string(name).as_ptr()).is_null() }
}

/// A time in another clock, rounded to the nearest tick.
#[must_use]
pub fn rescale(time: i64, from: Ratio, to: Ratio) -> i64 {
    // SAFETY: arithmetic.
    unsafe { av::av_rescale_q(time, from, to) }
}

fn time(value: i64) -> Option<i64> {
    (value != av::AV_NOPTS_VALUE).then_some(value)
}

/// A dictionary of options whose left-overs are an error.
struct Options(*mut av::AVDictionary);

impl Options {
    fn new(pairs: &[(&str, &str)]) -> Self {
        let mut all = Self(ptr::null_mut());
        for (key, value) in pairs {
            // SAFETY: both texts are copied by the call.
            unsafe { av::av_dict_set(&raw mut all.0, c_string(key).as_ptr(), c_string(value).as_ptr(), 0) };
        }
        all
    }

    fn as_mut(&mut self) -> *mut *mut av::AVDictionary {
        &raw mut self.0
    }

    /// Nothing may be left: what libav did not take it did not know.
    fn all_taken(&self, what: &'static str) -> Result<()> {
        // SAFETY: the dictionary is ours; an entry lives as long as it.
        let left = unsafe {
            av::av_dict_get(self.0, c"".as_ptr(), ptr::null(), av::AV_DICT_IGNORE_SUFFIX as c_int)
                .as_ref()
                .map(|entry| text(entry.key))
        };
        left.map_or(Ok(()), |key| Err(AvError::with(what, format!("the option {key} is not known"))))
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: ours, and freed once.
        unsafe { av::av_dict_free(&raw mut self.0) };
    }
}
