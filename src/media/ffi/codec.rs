//! Decoders and encoders.

use std::ffi::c_int;
use std::ptr;

use super::frame::Colours;
use super::{AvError, Frame, Options, Packet, Ratio, Result, av, c_string, check, got_one, text};

/// What a decoder or a muxer must know of a stream, and the stream's clock.
pub struct Params {
    raw: *mut av::AVCodecParameters,
    /// The clock of the stream's packets.
    pub time_base: Ratio,
}

// SAFETY: plain data that is ours.
unsafe impl Send for Params {}

impl Params {
    fn empty(time_base: Ratio) -> Result<Self> {
        // SAFETY: allocates empty parameters.
        let raw = unsafe { av::avcodec_parameters_alloc() };
        if raw.is_null() { Err(AvError::with("parameters", "no memory")) } else { Ok(Self { raw, time_base }) }
    }

    pub(super) fn copied(from: *const av::AVCodecParameters, time_base: Ratio) -> Result<Self> {
        let new = Self::empty(time_base)?;
        // SAFETY: both are valid.
        check("parameters", unsafe { av::avcodec_parameters_copy(new.raw, from) })?;
        Ok(new)
    }

    pub(super) fn raw(&self) -> *const av::AVCodecParameters {
        self.raw
    }

    /// The same stream for a muxer: without what only its old container said of it, so that the same codec header always begins a
    /// file with the same bytes.
    #[must_use]
    pub fn for_copy(mut self, time_base: Ratio) -> Self {
        // SAFETY: parameters that are ours, and nobody else's.
        unsafe {
            let raw = &mut *self.raw;
            (raw.codec_tag, raw.bit_rate, raw.video_delay) = (0, 0, 0);
            raw.sample_aspect_ratio = Ratio { num: 1, den: 1 };
        }
        self.time_base = time_base;
        self
    }

    /// The codec's own header: SPS and PPS of H.264, the configuration of AAC.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        // SAFETY: libav keeps as many bytes there as it says.
        unsafe {
            let params = &*self.raw;
            match usize::try_from(params.extradata_size) {
                Ok(size) if size > 0 && !params.extradata.is_null() => {
                    std::slice::from_raw_parts(params.extradata, size).to_vec()
                }
                _ => Vec::new(),
            }
        }
    }
}

impl Drop for Params {
    fn drop(&mut self) {
        // SAFETY: ours, and freed once.
        unsafe { av::avcodec_parameters_free(&raw mut self.raw) };
    }
}

struct Context(*mut av::AVCodecContext);

// SAFETY: a codec context is tied to no thread.
unsafe impl Send for Context {}

impl Context {
    fn new(codec: *const av::AVCodec) -> Result<Self> {
        // SAFETY: allocates a context for that codec.
        let raw = unsafe { av::avcodec_alloc_context3(codec) };
        if raw.is_null() { Err(AvError::with("codec", "no memory")) } else { Ok(Self(raw)) }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: ours, and freed once.
        unsafe { av::avcodec_free_context(&raw mut self.0) };
    }
}

/// A decoder with its own allow-list and bound: those on the container guard probing only.
pub struct Decoder(Context);

impl Decoder {
    /// Opens the decoder of a stream.
    ///
    /// # Errors
    /// When there is none, when it is not on the list, or when the picture is larger than allowed.
    pub fn open(params: &Params, decoders: &str, max_pixels: u64, threads: u32) -> Result<Self> {
        // SAFETY: a fresh context that is ours, filled before it is opened.
        unsafe {
            let codec = av::avcodec_find_decoder((*params.raw).codec_id);
            if codec.is_null() {
                return Err(AvError::new("decoder", av::AVERROR_DECODER_NOT_FOUND));
            }
            let context = Context::new(codec)?;
            check("decoder", av::avcodec_parameters_to_context(context.0, params.raw))?;
            (*context.0).pkt_timebase = params.time_base;
            let (threads, pixels) = (threads.to_string(), max_pixels.to_string());
            let mut options =
                Options::new(&[("codec_whitelist", decoders), ("max_pixels", &pixels), ("threads", &threads)]);
            check("decoder", av::avcodec_open2(context.0, codec, options.as_mut()))?;
            options.all_taken("decoder")?;
            Ok(Self(context))
        }
    }

    /// The name of the decoder that libav would take, for the allow-list.
    #[must_use]
    pub fn name_for(params: &Params) -> Option<String> {
        // SAFETY: looks a number up.
        unsafe { av::avcodec_find_decoder((*params.raw).codec_id).as_ref().map(|codec| text(codec.name)) }
    }

    /// Gives up the smoothing between blocks: for checks that count pictures and look for errors only.
    pub fn skip_smoothing(&mut self) {
        // SAFETY: an open context that is ours.
        unsafe { (*self.0.0).skip_loop_filter = av::AVDiscard::AVDISCARD_ALL };
    }

    /// From now on every fault in the stream is an error, also one that could be papered over.
    pub fn be_strict(&mut self) {
        // SAFETY: an open context that is ours.
        unsafe { (*self.0.0).err_recognition |= av::AV_EF_EXPLODE as c_int };
    }

    /// Forgets everything, also that no more should come: as if it were opened anew.
    pub fn forget(&mut self) {
        // SAFETY: an open context that is ours.
        unsafe { av::avcodec_flush_buffers(self.0.0) };
    }

    /// Puts a packet in, or, with none, says that no more come.
    ///
    /// # Errors
    /// When the packet is damaged; the decoder can go on.
    pub fn send(&mut self, packet: Option<&Packet>) -> Result<()> {
        let packet = packet.map_or(ptr::null(), |packet| packet.raw().cast_const());
        // SAFETY: both are valid, or the packet is null, which means the end.
        check("decode", unsafe { av::avcodec_send_packet(self.0.0, packet) }).map(drop)
    }

    /// Takes the next frame out; false when more packets are needed or at the end.
    ///
    /// # Errors
    /// When what was put in is damaged; the decoder can go on.
    pub fn receive(&mut self, frame: &mut Frame) -> Result<bool> {
        // SAFETY: both are valid.
        let got = got_one("decode", unsafe { av::avcodec_receive_frame(self.0.0, frame.raw()) })?;
        if got {
            frame.order_channels();
        }
        Ok(got)
    }
}

/// The picture an encoder makes.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The pixel format's name.
    pub format: &'a str,
    /// How numbers mean colours, to be written into the stream.
    pub colours: Option<Colours>,
    /// The clock of its frames.
    pub time_base: Ratio,
}

/// An encoder.
pub struct Encoder {
    context: Context,
    time_base: Ratio,
}

impl Encoder {
    /// Opens an encoder of pictures.
    ///
    /// # Errors
    /// When there is none of that name, or it does not take the options.
    pub fn video(name: &str, picture: Picture<'_>, options: &[(&str, &str)]) -> Result<Self> {
        let (context, codec) = Self::fresh(name)?;
        let (width, height) = (c_int::try_from(picture.width), c_int::try_from(picture.height));
        // SAFETY: a fresh context that is ours. Colours are numbers that libav itself gave out.
        unsafe {
            let raw = &mut *context.0;
            raw.pix_fmt = av::av_get_pix_fmt(c_string(picture.format).as_ptr());
            (raw.width, raw.height) = (width.unwrap_or(0), height.unwrap_or(0));
            raw.sample_aspect_ratio = Ratio { num: 1, den: 1 };
            raw.time_base = picture.time_base;
            raw.framerate = Ratio { num: 30, den: 1 };
            if let Some(colours) = picture.colours {
                (&raw mut raw.color_primaries).cast::<c_int>().write(colours.primaries);
                (&raw mut raw.color_trc).cast::<c_int>().write(colours.transfer);
                (&raw mut raw.colorspace).cast::<c_int>().write(colours.matrix);
                (&raw mut raw.color_range).cast::<c_int>().write(colours.range);
            }
        }
        Self::open(context, codec, picture.time_base, options)
    }

    /// Opens an encoder of stereo sound.
    ///
    /// # Errors
    /// When there is none of that name, or it does not take the options.
    pub fn stereo(name: &str, sample_rate: u32, options: &[(&str, &str)]) -> Result<Self> {
        let (context, codec) = Self::fresh(name)?;
        let rate = c_int::try_from(sample_rate).unwrap_or(48_000);
        let time_base = Ratio { num: 1, den: rate };
        // SAFETY: a fresh context that is ours.
        unsafe {
            let raw = &mut *context.0;
            raw.sample_fmt = av::AVSampleFormat::AV_SAMPLE_FMT_FLTP;
            raw.sample_rate = rate;
            raw.time_base = time_base;
            av::av_channel_layout_default(&raw mut raw.ch_layout, 2);
        }
        Self::open(context, codec, time_base, options)
    }

    fn fresh(name: &str) -> Result<(Context, *const av::AVCodec)> {
        // SAFETY: looks a name up.
        let codec = unsafe { av::avcodec_find_encoder_by_name(c_string(name).as_ptr()) };
        if codec.is_null() {
            return Err(AvError::with("encoder", format!("{name} is not built in")));
        }
        Ok((Context::new(codec)?, codec))
    }

    fn open(context: Context, codec: *const av::AVCodec, time_base: Ratio, options: &[(&str, &str)]) -> Result<Self> {
        let mut options = Options::new(options);
        // SAFETY: a filled context; headers go beside the stream, where the muxer wants them.
        unsafe {
            (*context.0).flags |= av::AV_CODEC_FLAG_GLOBAL_HEADER as c_int;
            check("encoder", av::avcodec_open2(context.0, codec, options.as_mut()))?;
        }
        options.all_taken("encoder")?;
        Ok(Self { context, time_base })
    }

    /// What a muxer must know of the stream.
    ///
    /// # Errors
    /// When memory is short.
    pub fn params(&self) -> Result<Params> {
        let params = Params::empty(self.time_base)?;
        // SAFETY: both are valid.
        check("parameters", unsafe { av::avcodec_parameters_from_context(params.raw, self.context.0) })?;
        Ok(params)
    }

    /// Puts a frame in, or, with none, says that no more come.
    ///
    /// # Errors
    /// What the encoder says.
    pub fn send(&mut self, frame: Option<&Frame>) -> Result<()> {
        let frame = frame.map_or(ptr::null(), |frame| frame.raw().cast_const());
        // SAFETY: both are valid, or the frame is null, which means the end.
        check("encode", unsafe { av::avcodec_send_frame(self.context.0, frame) }).map(drop)
    }

    /// Takes the next packet out; false when more frames are needed or at the end.
    ///
    /// # Errors
    /// What the encoder says.
    pub fn receive(&mut self, packet: &mut Packet) -> Result<bool> {
        // SAFETY: both are valid.
        got_one("encode", unsafe { av::avcodec_receive_packet(self.context.0, packet.raw()) })
    }
}

/// The colours that pictures have after tone mapping, and where nothing is known: those of ordinary video.
impl Colours {
    /// BT.709, limited range.
    #[must_use]
    pub fn ordinary() -> Self {
        Self {
            primaries: av::AVColorPrimaries::AVCOL_PRI_BT709 as i32,
            transfer: av::AVColorTransferCharacteristic::AVCOL_TRC_BT709 as i32,
            matrix: av::AVColorSpace::AVCOL_SPC_BT709 as i32,
            range: av::AVColorRange::AVCOL_RANGE_MPEG as i32,
        }
    }
}
