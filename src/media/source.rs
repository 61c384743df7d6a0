//! A recording is opened: the allow-lists, the choice of streams, the refusals that need no decoding, and the span of its
//! timestamps, which is the only length that counts.

use super::cadence::SECOND;
use super::child::Task;
use super::ffi::{Decoder, Input, Kind, Packet, Params, Ratio, StreamInfo, TICKS, rescale};
use super::intake::Recognised;
use super::plan::{Size, shown};
use super::report::{AudioProbe, Probe, VideoProbe};
use super::trouble::Trouble;

/// Decoders that may touch a recording, by libav's names. Everything else stays shut, also while probing.
pub const DECODERS: &str = "vp8,vp9,libdav1d,av1,h264,hevc,mpeg4,mpeg2video,mpeg1video,mjpeg,theora,h263,h263i,flv,wmv1,wmv2,wmv3,vc1,\
     msmpeg4v2,msmpeg4,prores,dvvideo,svq3,\
     opus,vorbis,aac,aac_latm,mp3float,mp3,mp2float,mp2,ac3,eac3,flac,alac,wmav1,wmav2,amrnb,amrwb,adpcm_ima_qt,adpcm_ima_wav,\
     adpcm_ms,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_f32be,pcm_u8,pcm_s8,pcm_mulaw,pcm_alaw,gsm,gsm_ms";

/// Streams that are looked at, at most.
const MAX_STREAMS: usize = 8;

/// An open recording.
pub struct Source {
    /// The container.
    pub input: Input,
    /// Its picture.
    pub video: (usize, StreamInfo),
    /// Its sound, when there is one that can be read.
    pub audio: Option<(usize, StreamInfo)>,
    /// What is known of it.
    pub probe: Probe,
}

impl Source {
    /// Opens a recording and refuses what needs no decoding to be refused.
    ///
    /// # Errors
    /// The refusal.
    pub fn open(bytes: Recognised, task: &Task) -> Result<Self, Trouble> {
        let mut input = Input::open(bytes.io, bytes.demuxer, DECODERS, task.max_pixels)
            .map_err(|e| Trouble::damaged(&format!("it cannot be opened ({e})")))?;
        let streams = input.streams();
        let video = input
            .best(Kind::Video, None)
            .or_else(|| streams.iter().position(|stream| stream.kind == Kind::Video))
            .ok_or_else(|| {
                Trouble::not_video(if streams.iter().any(|stream| stream.kind == Kind::Audio) {
                    "There is sound but no video in this file."
                } else {
                    "There is no video in this file."
                })
            })?;
        allow_video(&input.params(video)?, &streams[video], task)?;
        let audio = choose_audio(&input, &streams, video)?;
        let kept: Vec<usize> = std::iter::once(video).chain(audio).take(MAX_STREAMS).collect();
        input.keep_only(&kept);
        let probe = describe(&input, &streams[video], audio.map(|index| &streams[index]));
        let video = (video, streams[video].clone());
        let audio = audio.map(|index| (index, streams[index].clone()));
        Ok(Self { input, video, audio, probe })
    }

    /// Opens the decoder of one of its streams, with the allow-list and the bound once more: those on the container guard
    /// probing only.
    ///
    /// # Errors
    /// When the decoder refuses.
    pub fn decoder(&self, stream: usize, max_pixels: u64, threads: u32) -> Result<Decoder, Trouble> {
        let params = self.input.params(stream)?;
        Decoder::open(&params, DECODERS, max_pixels, threads)
            .map_err(|e| Trouble::damaged(&format!("its decoder does not take it ({e})")))
    }
}

/// The size at which the container says the picture is shown.
#[must_use]
pub fn stated(source: &Source) -> Size {
    source.probe.video.as_ref().map_or(Size::new(0, 0), |video| Size::new(video.width, video.height))
}

fn is_allowed(params: &Params) -> bool {
    Decoder::name_for(params).is_some_and(|name| DECODERS.split(',').any(|allowed| allowed.trim() == name))
}

fn allow_video(params: &Params, info: &StreamInfo, task: &Task) -> Result<(), Trouble> {
    let (width, height) = (i64::from(info.width), i64::from(info.height));
    if u64::try_from(width * height).is_ok_and(|pixels| pixels > task.max_pixels) {
        return Err(Trouble::picture_too_large(width, height, task.max_pixels));
    }
    if is_allowed(params) { Ok(()) } else { Err(Trouble::unsupported_codec(&info.codec)) }
}

/// The best sound that can be read, among the first few streams. Sound that cannot be read does not refuse a video.
fn choose_audio(input: &Input, streams: &[StreamInfo], video: usize) -> Result<Option<usize>, Trouble> {
    let mut candidates: Vec<usize> = input.best(Kind::Audio, Some(video)).into_iter().collect();
    candidates.extend((0..streams.len().min(MAX_STREAMS)).filter(|index| streams[*index].kind == Kind::Audio));
    for index in candidates {
        if streams[index].sample_rate > 0 && is_allowed(&input.params(index)?) {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn describe(input: &Input, video: &StreamInfo, audio: Option<&StreamInfo>) -> Probe {
    let positive = |number: i32| u32::try_from(number).unwrap_or(0);
    let coded = Size::new(positive(video.width), positive(video.height));
    let size = shown(coded, video.aspect, video.rotation);
    Probe {
        container: input.format(),
        claimed_ms: input.claimed_ms(),
        measured_ms: None,
        video: Some(VideoProbe {
            codec: video.codec.clone(),
            width: size.width,
            height: size.height,
            coded_width: coded.width,
            coded_height: coded.height,
            rotation: video.rotation,
            pixel_aspect: [positive(video.aspect.0).max(1), positive(video.aspect.1).max(1)],
            pixel_format: (!video.pixel_format.is_empty()).then(|| video.pixel_format.clone()),
            hdr: matches!(video.transfer, 16 | 18),
        }),
        audio: audio.map(|audio| AudioProbe {
            codec: audio.codec.clone(),
            sample_rate: positive(audio.sample_rate),
            channels: positive(audio.channels),
        }),
    }
}

/// The span of timestamps seen so far, in ticks.
#[derive(Clone, Copy, Default, Debug)]
pub struct Span {
    shown: Option<(i64, i64)>,
    with_hidden: Option<(i64, i64)>,
}

impl Span {
    /// Takes a packet's stretch of time into account.
    pub fn add(&mut self, start: i64, end: i64, hidden: bool) {
        let widen = |span: &mut Option<(i64, i64)>| {
            let (first, last) = span.unwrap_or((start, end));
            *span = Some((first.min(start), last.max(end)));
        };
        widen(&mut self.with_hidden);
        if !hidden {
            widen(&mut self.shown);
        }
    }

    /// The first shown instant.
    #[must_use]
    pub fn start(&self) -> Option<i64> {
        self.shown.map(|(first, _)| first)
    }

    /// The length that counts, in ticks.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.shown.map_or(0, |(first, last)| last.saturating_sub(first))
    }

    /// The same in milliseconds.
    #[must_use]
    pub fn milliseconds(&self) -> u64 {
        milliseconds(self.length())
    }

    /// What an edit list hides, in milliseconds.
    #[must_use]
    pub fn hidden_ms(&self) -> u64 {
        let all = self.with_hidden.map_or(0, |(first, last)| last.saturating_sub(first));
        milliseconds(all.saturating_sub(self.length()))
    }
}

/// Ticks as milliseconds, rounded.
#[must_use]
pub fn milliseconds(ticks: i64) -> u64 {
    u64::try_from((ticks.max(0).saturating_mul(1000) / SECOND).max(0)).unwrap_or(0)
}

/// The times of one stream's packets: those that say nothing follow the one before.
pub struct Times {
    clock: Ratio,
    next: i64,
}

impl Times {
    /// Times in that clock.
    #[must_use]
    pub fn new(clock: Ratio) -> Self {
        Self { clock, next: 0 }
    }

    /// From when to when a packet lasts, in ticks.
    pub fn of(&mut self, packet: &Packet) -> (i64, i64) {
        let ticks = |time| rescale(time, self.clock, TICKS);
        let start = packet.pts().or_else(|| packet.dts()).map_or(self.next, ticks);
        let end = start.saturating_add(ticks(packet.duration()));
        self.next = end;
        (start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_packets_do_not_count_but_are_known() {
        let mut span = Span::default();
        span.add(-5 * SECOND, -4 * SECOND, true);
        span.add(SECOND, 2 * SECOND, false);
        span.add(0, SECOND, false);
        assert_eq!((span.start(), span.milliseconds(), span.hidden_ms()), (Some(0), 2000, 5000));
    }

    #[test]
    fn nothing_has_no_length() {
        assert_eq!((Span::default().start(), Span::default().milliseconds()), (None, 0));
    }
}
