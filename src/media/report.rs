//! What the media work tells the world: the probe, the events on the way and the result. Plain data, the same on both sides of
//! the process boundary; every name here is also a name in `result.json` and in `media probe --json`.

use serde::{Deserialize, Serialize};

use crate::codes::Code;

use super::level::Level;
use super::loudness::Loudness;
use super::part::Place;

/// What a recording is, as far as it is known: at the start of the work the length is only a claim, at its end it is measured.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Probe {
    /// The container, by libav's name: `matroska,webm`, `mov,mp4,m4a,3gp,3g2,mj2`, …
    pub container: String,
    /// What the container says about its length. Often missing, sometimes a lie; nothing is decided by it.
    pub claimed_ms: Option<u64>,
    /// The span of packet timestamps over picture and sound, once the whole file has been walked.
    pub measured_ms: Option<u64>,
    /// The picture, as shown: after rotation and with square pixels.
    pub video: Option<VideoProbe>,
    /// The sound, if there is any.
    pub audio: Option<AudioProbe>,
}

/// The picture of a recording.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct VideoProbe {
    /// The codec's name: `vp8`, `h264`, …
    pub codec: String,
    /// Width as shown.
    pub width: u32,
    /// Height as shown.
    pub height: u32,
    /// Width as coded.
    pub coded_width: u32,
    /// Height as coded.
    pub coded_height: u32,
    /// Degrees clockwise by which the coded picture must be turned: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Width of one pixel over its height, as `[numerator, denominator]`.
    pub pixel_aspect: [u32; 2],
    /// The pixel format's name, when the container tells it.
    pub pixel_format: Option<String>,
    /// Whether its brightness needs tone mapping to be shown on an ordinary screen.
    pub hdr: bool,
}

/// The sound of a recording.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AudioProbe {
    /// The codec's name: `opus`, `aac`, …
    pub codec: String,
    /// Samples per second.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u32,
}

/// What happens on the way. Events come in the order in which their files became durable in the work folder.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The recording has been opened and understood.
    Probed(Probe),
    /// What an earlier attempt left is gone on with: so many segments of each rendition at least are taken as they are. 0 says that
    /// it does not fit this recording and everything is made anew. Told once, when the task speaks of an earlier attempt.
    Resumed { segments: u64 },
    /// That rendition is the source's own picture, not encoded again: it may be watched with the sound alone, and the segments of
    /// all renditions may last so many seconds. Told once, before its first segment.
    Copied { rendition: String, longest: u32 },
    /// Every packet has been seen: segments of pictures will begin at these places, and the last one ends there (1/90000 s). Told once,
    /// where that was asked for and can be said; from then on others may make parts ([`super::part::Part`]).
    Foreseen { places: Vec<Place>, end: i64 },
    /// A segment (or a rendition's init segment, with `duration_ms` 0) lies complete under `name`; its name is never used again.
    /// `ticks` is its exact length in 1/90000 s, `frames` its number of pictures, or of pieces of sound.
    Segment { rendition: String, name: String, duration_ms: u64, ticks: i64, frames: u64, bytes: u64 },
    /// A playlist has a new text. It names only segments that were reported before. `ended` once it grows no more.
    Playlist { name: String, text: String, ended: bool },
    /// Another file lies complete under `name`.
    File { kind: FileKind, name: String, bytes: u64 },
    /// So much of the recording has gone through every rendition (`media_ms`), and so much of it has arrived (`arrived_ms`).
    /// `lag_ms` is how far the pictures that are encoded now stand behind those that have arrived.
    Progress { media_ms: u64, arrived_ms: u64, lag_ms: u64, plan: Plan },
}

/// How much work each picture gets, for a recording that is being made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Every rung, with the ordinary settings.
    #[default]
    Full,
    /// Every rung, with cheaper settings.
    Light,
    /// Only the top rung, with cheaper settings; the others are made from it when there is time.
    TopFirst,
    /// The same, with every second picture.
    Sparse,
}

/// What an earlier attempt at the same recording has made. The files lie in the work folder before the child starts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Resume {
    /// Each rung and the sound, in any order.
    pub renditions: Vec<Made>,
}

/// One rendition as far as it was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Made {
    /// `1080`, …, `audio`
    pub rendition: String,
    /// The name of its init segment.
    pub init: String,
    /// Its segments from the first on, without a hole, as [`Event::Segment`] told of them.
    pub segments: Vec<MadeSegment>,
}

/// One segment of an earlier attempt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MadeSegment {
    /// Its file.
    pub name: String,
    /// Its exact length in 1/90000 s.
    pub ticks: i64,
    /// Its size.
    pub bytes: u64,
    /// Number of pictures, or of pieces of sound.
    pub frames: u64,
}

/// How the work ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one exists for each job")]
pub enum Outcome {
    /// Every file has been written and checked.
    Done(ResultJson),
    /// The recording itself cannot be taken; trying again will not help.
    Refused {
        #[serde(with = "code_word")]
        code: Code,
        /// A sentence for the person.
        detail: String,
        /// How long it is, where the refusal is about that.
        measured_ms: Option<u64>,
    },
    /// The picture was copied and turned out not to fit: the task is to be tried again with [`super::child::Task::copy`] off. Or it
    /// was made in parts that do not fit together: it is to be made in one piece.
    Unfit {
        /// For the log, not for the person.
        detail: String,
    },
    /// The work failed on our side; trying again may help.
    Failed {
        #[serde(with = "code_word")]
        code: Code,
        /// For the log, not for the person.
        detail: String,
    },
}

/// What a file is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// `master.m3u8`
    Master,
    /// The playlist of one rendition.
    Playlist,
    /// The first piece of a rendition, without pictures or sound.
    Init,
    /// Two seconds of a rendition.
    Segment,
    /// `video.mp4`: top rendition and sound, index in front.
    Mp4,
    /// `poster.jpg`
    Poster,
    /// `preview.gif`
    Preview,
    /// `preview.mp4`: a few seconds without sound that show the whole recording in passing.
    PreviewMp4,
    /// `storyboard.jpg`: small pictures in rows, one for each two seconds.
    Storyboard,
    /// `storyboard.vtt`: which of them belongs to which seconds.
    StoryboardIndex,
    /// `waveform.json`: how loud the sound is, for drawing.
    Waveform,
    /// `result.json`
    Result,
}

impl AudioResult {
    /// How loud it is.
    #[must_use]
    pub fn loudness(&self) -> Loudness {
        Loudness { lufs: self.loudness_lufs, peak_db: self.true_peak_db }
    }
}

impl FileKind {
    /// The media type it is served with.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Master | Self::Playlist => "application/vnd.apple.mpegurl",
            Self::Init | Self::Segment | Self::Mp4 | Self::PreviewMp4 => "video/mp4",
            Self::Poster | Self::Storyboard => "image/jpeg",
            Self::StoryboardIndex => "text/vtt",
            Self::Preview => "image/gif",
            Self::Result | Self::Waveform => "application/json",
        }
    }
}

/// The content of `result.json`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ResultJson {
    /// The length that counts.
    pub measured_ms: u64,
    /// Width of the picture as shown, before any scaling.
    pub width: u32,
    /// Height of the picture as shown.
    pub height: u32,
    /// The ladder, top first.
    pub renditions: Vec<RenditionResult>,
    /// The one shared sound rendition; absent for a silent recording.
    pub audio: Option<AudioResult>,
    /// Every file in the folder.
    pub files: Vec<FileResult>,
    /// What was put in.
    pub source: Probe,
}

/// One rung of the ladder.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RenditionResult {
    /// `1080`, `720`, …
    pub name: String,
    /// The codec string of RFC 6381, from the SPS: `avc1.640028`.
    pub codec: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bits per second on average.
    pub bitrate: u64,
    /// Bits per second of the busiest segment.
    pub peak_bitrate: u64,
    /// Number of pictures.
    pub frames: u64,
    /// Its playlist.
    pub playlist: String,
    /// Whether it is the source's own picture, not encoded again.
    #[serde(default)]
    pub copied: bool,
}

/// The sound rendition.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AudioResult {
    /// `mp4a.40.2`
    pub codec: String,
    /// Samples per second.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u32,
    /// Bits per second on average.
    pub bitrate: u64,
    /// Bits per second of the busiest segment.
    #[serde(default)]
    pub peak_bitrate: u64,
    /// Its playlist.
    pub playlist: String,
    /// Integrated loudness by EBU R 128, in LUFS; absent for silence.
    #[serde(default)]
    pub loudness_lufs: Option<f64>,
    /// True peak in dB of full scale; absent where every sample is 0.
    #[serde(default)]
    pub true_peak_db: Option<f64>,
    /// What was done to its level; absent while it is as it was recorded.
    #[serde(default)]
    pub level: Option<Level>,
}

/// One file of the result.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FileResult {
    /// Its name in the folder.
    pub name: String,
    /// What it is for.
    pub kind: FileKind,
    /// Its media type.
    pub content_type: String,
    /// Its size.
    pub bytes: u64,
}

/// Codes cross the process boundary as their words.
mod code_word {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::codes::Code;

    pub fn serialize<S: Serializer>(code: &Code, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(code.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Code, D::Error> {
        let word = String::deserialize(from)?;
        Code::from_name(&word).ok_or_else(|| D::Error::custom(format!("no code is called {word:?}")))
    }
}
