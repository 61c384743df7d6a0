//! How media work can go wrong, and the sentences a person reads then: what, the rule, the way on, what it did not cost.

use std::fmt;
use std::io;

use super::ffi::AvError;
use super::report::Outcome;
use crate::codes::Code;

/// Why the work did not come to its end.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// The recording cannot be taken.
    Refused {
        /// The word for it.
        code: Code,
        /// The sentence.
        detail: String,
        /// How long it is, where that is the reason.
        measured_ms: Option<u64>,
    },
    /// Something failed on our side.
    Failed(String),
    /// The picture was copied, or made in parts, and turned out not to fit: everything must be made again without that.
    Unfit(String),
    /// Another part of the work had trouble first.
    Cancelled,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { detail, .. } | Self::Failed(detail) | Self::Unfit(detail) => f.write_str(detail),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl From<AvError> for Trouble {
    fn from(e: AvError) -> Self {
        Self::Failed(e.to_string())
    }
}

impl From<io::Error> for Trouble {
    fn from(e: io::Error) -> Self {
        Self::Failed(e.to_string())
    }
}

impl From<Trouble> for Outcome {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Refused { code, detail, measured_ms } => Self::Refused { code, detail, measured_ms },
            Trouble::Unfit(detail) => Self::Unfit { detail },
            other => Self::Failed { code: Code::MediaFailed, detail: other.to_string() },
        }
    }
}

/// What refusing never costs.
const NO_COST: &str = "it has not cost you a take";

impl Trouble {
    fn refused(code: Code, detail: String) -> Self {
        Self::Refused { code, detail, measured_ms: None }
    }

    /// Longer than the limit.
    #[must_use]
    pub fn too_long(measured_ms: u64, limit_ms: u64) -> Self {
        // Just over the limit must not read as the limit.
        let seconds =
            if measured_ms / 1000 <= limit_ms / 1000 { measured_ms.div_ceil(1000) } else { measured_ms / 1000 };
        let detail = format!(
            "This video runs {}. Updates stop at {}: trim it or record again; {NO_COST}.",
            clock(seconds),
            clock(limit_ms / 1000)
        );
        Self::Refused { code: Code::TooLong, detail, measured_ms: Some(measured_ms) }
    }

    /// No moving picture in it.
    #[must_use]
    pub fn not_video(found: &str) -> Self {
        Self::refused(
            Code::NotVideo,
            format!("{found} Choose a video (MP4, MOV, WebM, MKV, AVI) or record one here; {NO_COST}."),
        )
    }

    /// A codec that is not on the list.
    #[must_use]
    pub fn unsupported_codec(codec: &str) -> Self {
        Self::refused(
            Code::UnsupportedCodec,
            format!("This video is coded as {codec}, which is not read here. Export it as H.264 in an MP4; {NO_COST}."),
        )
    }

    /// Too many pixels.
    #[must_use]
    pub fn picture_too_large(width: i64, height: i64, max_pixels: u64) -> Self {
        let most = max_pixels / 1_000_000;
        Self::refused(
            Code::PictureTooLarge,
            format!(
                "The picture is {width} × {height}. The largest that is read has {most} megapixels: export it smaller; \
                 {NO_COST}."
            ),
        )
    }

    /// Broken; `how` is the first half of a sentence.
    #[must_use]
    pub fn damaged(how: &str) -> Self {
        Self::refused(
            Code::Damaged,
            format!("This file is damaged: {how}. Export it again or record again; {NO_COST}."),
        )
    }
}

/// Seconds as a clock shows them.
#[must_use]
pub fn clock(seconds: u64) -> String {
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_video_is_told_its_length() {
        let table = [(362_800, "6:02"), (181_000, "3:01"), (180_501, "3:01"), (3_723_000, "1:02:03")];
        for (measured, shown) in table {
            let Trouble::Refused { detail, measured_ms, .. } = Trouble::too_long(measured, 180_000) else { panic!() };
            assert_eq!(measured_ms, Some(measured));
            assert_eq!(
                detail,
                format!(
                    "This video runs {shown}. Updates stop at 3:00: trim it or record again; it has not cost you a take."
                )
            );
        }
    }
}
