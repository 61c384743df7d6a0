//! Opening and reading containers through our own reader, with the allow-lists where libav looks for them.

use std::ffi::c_int;
use std::ptr;

use super::codec::Params;
use super::frame::number;
use super::{AvError, Options, Packet, Ratio, Result, StreamIo, av, check, text};

/// What a stream carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Pictures that move.
    Video,
    /// One picture that belongs to a sound file.
    Cover,
    /// Sound.
    Audio,
    /// Anything else.
    Other,
}

/// A stream of an open container.
#[derive(Clone, Debug)]
pub struct StreamInfo {
    /// What it carries.
    pub kind: Kind,
    /// The codec's name.
    pub codec: String,
    /// Its clock.
    pub time_base: Ratio,
    /// Width of the picture as coded.
    pub width: i32,
    /// Height of the picture as coded.
    pub height: i32,
    /// Width of a pixel over its height; 0/1 where unknown.
    pub aspect: (i32, i32),
    /// Degrees clockwise by which the picture must be turned: 0, 90, 180, 270.
    pub rotation: u16,
    /// Whether the picture is turned upside down before that, so that it is mirrored.
    pub mirrored: bool,
    /// Pictures a second on average, as the container says or as it looks at the beginning; 0/1 where unknown.
    pub rate: (i32, i32),
    /// The name of the pixel format, where it is known.
    pub pixel_format: String,
    /// AVColorTransferCharacteristic
    pub transfer: i32,
    /// Samples per second.
    pub sample_rate: i32,
    /// Channels.
    pub channels: i32,
}

/// Where a packet lies in a file, as the container's index says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Indexed {
    /// The first byte.
    pub place: i64,
    /// How many.
    pub size: i64,
    /// When it is decoded, in the clock of its stream.
    pub at: i64,
    /// Whether decoding can begin here.
    pub key: bool,
    /// Whether an edit list hides it.
    pub hidden: bool,
}

/// An open container.
pub struct Input {
    ctx: *mut av::AVFormatContext,
    /// Sizes as the container says: probing forgets them where the decoder refuses a picture for its size.
    claimed: Vec<(c_int, c_int)>,
    // Freed after the context, which reads through it.
    _io: StreamIo,
}

// SAFETY: an AVFormatContext is tied to no thread, and the reader behind it is Send.
unsafe impl Send for Input {}

impl Input {
    /// Opens a container. Only demuxers and decoders of the two lists are tried, also while probing, and no picture above
    /// `max_pixels` is decoded while probing.
    ///
    /// # Errors
    /// What libav says when it does not understand the bytes.
    pub fn open(io: StreamIo, demuxers: &str, decoders: &str, max_pixels: u64) -> Result<Self> {
        let input = Self::begin(io, demuxers, decoders)?;
        input.look_around(max_pixels)?;
        Ok(input)
    }

    /// Opens an MP4 of our own making, whose header says all there is to know: probing would decode a third of a segment once more. The
    /// form of the pictures is not known then, only what the header holds: the codec and its own header, sizes, the clock, colours.
    ///
    /// # Errors
    /// What libav says when it does not understand the bytes.
    pub fn open_ours(io: StreamIo, decoders: &str) -> Result<Self> {
        Self::begin(io, "mov", decoders)
    }

    fn begin(mut io: StreamIo, demuxers: &str, decoders: &str) -> Result<Self> {
        // SAFETY: a fresh context that is ours; it reads through `io`, which lives in the same struct.
        let mut input = unsafe {
            let mut ctx = av::avformat_alloc_context();
            let Some(fresh) = ctx.as_mut() else { return Err(AvError::with("open", "no memory")) };
            fresh.pb = io.as_mut_ptr();
            fresh.flags |= av::AVFMT_FLAG_CUSTOM_IO;
            let mut options = Options::new(&[
                ("format_whitelist", demuxers),
                ("codec_whitelist", decoders),
                ("protocol_whitelist", "none"),
                ("max_streams", "64"),
            ]);
            // On failure the call frees the context, but not our reader.
            check("open", av::avformat_open_input(&raw mut ctx, ptr::null(), ptr::null(), options.as_mut()))?;
            let input = Self { ctx, claimed: Vec::new(), _io: io };
            options.all_taken("open")?;
            input
        };
        input.claimed = (0..input.len()).map(|index| input.coded(index)).collect();
        Ok(input)
    }

    /// Finds out about the streams, with the bounds of the decoders it uses for that.
    fn look_around(&self, max_pixels: u64) -> Result<()> {
        let pixels = max_pixels.to_string();
        let known = self.len();
        let mut options: Vec<_> =
            (0..known).map(|_| Options::new(&[("max_pixels", &pixels), ("threads", "1")])).collect();
        let mut raw: Vec<*mut av::AVDictionary> =
            options.iter_mut().map(|one| std::mem::replace(&mut one.0, ptr::null_mut())).collect();
        // SAFETY: one dictionary for each stream that is known, as the call asks for.
        let found = unsafe {
            let first = if raw.is_empty() { ptr::null_mut() } else { raw.as_mut_ptr() };
            av::avformat_find_stream_info(self.ctx, first)
        };
        // What is left in them is not looked at: a stream without a decoder takes none.
        options.extend(raw.into_iter().map(Options));
        check("probe", found).map(drop)
    }

    fn len(&self) -> usize {
        // SAFETY: an open context.
        unsafe { (*self.ctx).nb_streams as usize }
    }

    fn stream(&self, index: usize) -> &av::AVStream {
        assert!(index < self.len(), "stream {index} of {}", self.len());
        // SAFETY: within bounds; streams live as long as the context.
        unsafe { &**(*self.ctx).streams.add(index) }
    }

    /// The container's name.
    #[must_use]
    pub fn format(&self) -> String {
        // SAFETY: an open context has a demuxer.
        text(unsafe { (*(*self.ctx).iformat).name })
    }

    /// What the container says about its length.
    #[must_use]
    pub fn claimed_ms(&self) -> Option<u64> {
        // SAFETY: an open context.
        let claimed = unsafe { (*self.ctx).duration };
        (claimed != av::AV_NOPTS_VALUE).then(|| u64::try_from(claimed / 1000).ok()).flatten()
    }

    /// All streams.
    #[must_use]
    pub fn streams(&self) -> Vec<StreamInfo> {
        (0..self.len()).map(|index| self.describe(index)).collect()
    }

    fn coded(&self, index: usize) -> (c_int, c_int) {
        // SAFETY: every stream has parameters.
        let params = unsafe { &*self.stream(index).codecpar };
        (params.width, params.height)
    }

    fn describe(&self, index: usize) -> StreamInfo {
        let stream = self.stream(index);
        let found = Some(self.coded(index)).filter(|size| size.0 > 0 && size.1 > 0);
        let (width, height) = found.or_else(|| self.claimed.get(index).copied()).unwrap_or((0, 0));
        // SAFETY: every stream has parameters.
        let params = unsafe { &*stream.codecpar };
        let transfer = number!(params.color_trc);
        let (rotation, mirrored) = turn(stream);
        // SAFETY: the format is a number libav gave us; names are constants of libav.
        unsafe {
            let format = std::mem::transmute::<c_int, av::AVPixelFormat>(params.format);
            let is_video = params.codec_type == av::AVMediaType::AVMEDIA_TYPE_VIDEO;
            let aspect = av::av_guess_sample_aspect_ratio(self.ctx, ptr::from_ref(stream).cast_mut(), ptr::null_mut());
            StreamInfo {
                kind: kind(params.codec_type, stream.disposition),
                codec: text(av::avcodec_get_name(params.codec_id)),
                time_base: stream.time_base,
                width,
                height,
                aspect: (aspect.num, aspect.den),
                rotation,
                mirrored,
                rate: (stream.avg_frame_rate.num, stream.avg_frame_rate.den),
                pixel_format: if is_video { text(av::av_get_pix_fmt_name(format)) } else { String::new() },
                transfer,
                sample_rate: params.sample_rate,
                channels: params.ch_layout.nb_channels,
            }
        }
    }

    /// The stream that libav thinks best among those of a kind, beside `related` if that is given.
    #[must_use]
    pub fn best(&self, kind: Kind, related: Option<usize>) -> Option<usize> {
        let media = match kind {
            Kind::Video | Kind::Cover => av::AVMediaType::AVMEDIA_TYPE_VIDEO,
            Kind::Audio => av::AVMediaType::AVMEDIA_TYPE_AUDIO,
            Kind::Other => return None,
        };
        let related = related.and_then(|index| c_int::try_from(index).ok()).unwrap_or(-1);
        // SAFETY: looks through the open context.
        let found = unsafe { av::av_find_best_stream(self.ctx, media, -1, related, ptr::null_mut(), 0) };
        usize::try_from(found).ok().filter(|index| self.describe(*index).kind == kind)
    }

    /// Leaves out every stream but these.
    pub fn keep_only(&mut self, kept: &[usize]) {
        for index in (0..self.len()).filter(|index| !kept.contains(index)) {
            // SAFETY: within bounds, and nobody else holds the stream.
            unsafe { (**(*self.ctx).streams.add(index)).discard = av::AVDiscard::AVDISCARD_ALL };
        }
    }

    /// What a decoder or a muxer must know of a stream.
    ///
    /// # Errors
    /// When memory is short.
    pub fn params(&self, index: usize) -> Result<Params> {
        let stream = self.stream(index);
        Params::copied(stream.codecpar, stream.time_base)
    }

    /// The container's own index of a stream.
    #[must_use]
    pub fn index(&self, stream: usize) -> Vec<Indexed> {
        let stream = self.stream(stream);
        // SAFETY: entries live as long as the stream; the count bounds them.
        unsafe {
            let count = av::avformat_index_get_entries_count(stream);
            (0..count)
                .filter_map(|n| av::avformat_index_get_entry(ptr::from_ref(stream).cast_mut(), n).as_ref())
                .map(|entry| Indexed {
                    place: entry.pos,
                    size: i64::from(entry.size()),
                    at: entry.timestamp,
                    key: entry.flags() & av::AVINDEX_KEYFRAME as c_int != 0,
                    hidden: entry.flags() & av::AVINDEX_DISCARD_FRAME as c_int != 0,
                })
                .collect()
        }
    }

    /// Reads the next packet into `packet`; false at the end. A single bad packet is passed over.
    ///
    /// # Errors
    /// When the container cannot be read any further.
    pub fn read(&mut self, packet: &mut Packet) -> Result<bool> {
        for _ in 0..1000 {
            // SAFETY: both are valid; what the packet held is let go first.
            let code = unsafe {
                av::av_packet_unref(packet.raw());
                av::av_read_frame(self.ctx, packet.raw())
            };
            match code {
                av::AVERROR_EOF => return Ok(false),
                av::AVERROR_INVALIDDATA => {}
                code => return check("read", code).map(|_| true),
            }
        }
        Err(AvError::with("read", "nothing but damaged packets"))
    }
}

fn kind(media: av::AVMediaType, disposition: c_int) -> Kind {
    match media {
        av::AVMediaType::AVMEDIA_TYPE_VIDEO if disposition & av::AV_DISPOSITION_ATTACHED_PIC != 0 => Kind::Cover,
        av::AVMediaType::AVMEDIA_TYPE_VIDEO => Kind::Video,
        av::AVMediaType::AVMEDIA_TYPE_AUDIO => Kind::Audio,
        _ => Kind::Other,
    }
}

/// Quarter turns clockwise, from the display matrix, and whether the picture is flipped before. Other angles are left as they are.
fn turn(stream: &av::AVStream) -> (u16, bool) {
    // SAFETY: the matrix is nine numbers where it is there at all; the size is looked at.
    let (degrees, mirrored) = unsafe {
        let mut size = 0;
        let kind = av::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX;
        let matrix = av::av_stream_get_side_data(stream, kind, &raw mut size).cast::<i32>();
        if matrix.is_null() || size < 36 {
            return (0, false);
        }
        let [a, b, c, d] = [0, 1, 3, 4].map(|place| i64::from(matrix.add(place).read_unaligned()));
        (av::av_display_rotation_get(matrix), i128::from(a) * i128::from(d) < i128::from(b) * i128::from(c))
    };
    if !degrees.is_finite() {
        return (0, false);
    }
    // libav counts against the clock.
    match (-degrees.round()).rem_euclid(360.0) as u16 {
        turn @ (0 | 90 | 180 | 270) => (turn, mirrored),
        _ => (0, false),
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // SAFETY: ours, and closed once; the reader is freed after it.
        unsafe { av::avformat_close_input(&raw mut self.ctx) };
    }
}
