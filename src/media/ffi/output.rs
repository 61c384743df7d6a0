//! Writing containers through our own sink.

use std::ffi::c_int;
use std::ptr;

use super::codec::Params;
use super::{AvError, Options, Packet, Ratio, Result, StreamIo, av, c_string, check};

/// A container being written.
pub struct Muxer {
    ctx: *mut av::AVFormatContext,
    // Freed after the context, which writes through it.
    _io: StreamIo,
}

// SAFETY: an AVFormatContext is tied to no thread, and the sink behind it is Send.
unsafe impl Send for Muxer {}

impl Muxer {
    /// Begins a container with these streams: its header is written at once.
    ///
    /// # Errors
    /// When the container is not built in or does not take a stream or an option.
    pub fn begin(mut io: StreamIo, format: &str, streams: &[&Params], options: &[(&str, &str)]) -> Result<Self> {
        // SAFETY: a fresh context that is ours; it writes through `io`, which lives in the same struct.
        unsafe {
            let mut ctx = ptr::null_mut();
            let name = c_string(format);
            check(
                "container",
                av::avformat_alloc_output_context2(&raw mut ctx, ptr::null(), name.as_ptr(), ptr::null()),
            )?;
            (*ctx).pb = io.as_mut_ptr();
            (*ctx).flags |= av::AVFMT_FLAG_CUSTOM_IO;
            let muxer = Self { ctx, _io: io };
            for params in streams {
                muxer.add(params)?;
            }
            let mut options = Options::new(options);
            check("header", av::avformat_write_header(ctx, options.as_mut()))?;
            options.all_taken("header")?;
            av::avio_flush((*ctx).pb);
            Ok(muxer)
        }
    }

    unsafe fn add(&self, params: &Params) -> Result<()> {
        // SAFETY: the context is ours and not yet begun.
        unsafe {
            let stream = av::avformat_new_stream(self.ctx, ptr::null());
            let Some(stream) = stream.as_mut() else { return Err(AvError::with("stream", "no memory")) };
            check("stream", av::avcodec_parameters_copy(stream.codecpar, params.raw()))?;
            // The tag of another container means nothing here.
            (*stream.codecpar).codec_tag = 0;
            stream.time_base = params.time_base;
        }
        Ok(())
    }

    /// The clock the container has chosen for a stream.
    #[must_use]
    pub fn time_base(&self, stream: usize) -> Ratio {
        // SAFETY: the caller names a stream that it added; the bound is looked at.
        unsafe {
            assert!(stream < (*self.ctx).nb_streams as usize, "no stream {stream}");
            (**(*self.ctx).streams.add(stream)).time_base
        }
    }

    /// Writes a packet, whose times are in the clock of the container's stream.
    ///
    /// # Errors
    /// What the container or the sink says.
    pub fn write(&mut self, packet: &Packet, stream: usize) -> Result<()> {
        // SAFETY: both are valid; the packet stays ours.
        unsafe {
            (*packet.raw()).stream_index = c_int::try_from(stream).unwrap_or(0);
            check("write", av::av_write_frame(self.ctx, packet.raw())).map(drop)
        }
    }

    /// Closes the fragment and hands everything to the sink.
    ///
    /// # Errors
    /// What the container or the sink says.
    pub fn flush(&mut self) -> Result<()> {
        // SAFETY: an open context; no packet means "close the fragment".
        unsafe {
            check("write", av::av_write_frame(self.ctx, ptr::null_mut()))?;
            av::avio_flush((*self.ctx).pb);
            check("write", (*(*self.ctx).pb).error).map(drop)
        }
    }

    /// Hands what was written so far to the sink, and says how many bytes that makes from the beginning on.
    ///
    /// # Errors
    /// What the sink says.
    pub fn written(&mut self) -> Result<u64> {
        // SAFETY: an open context that is ours.
        unsafe {
            av::avio_flush((*self.ctx).pb);
            check("write", (*(*self.ctx).pb).error)?;
            let at = av::avio_seek((*self.ctx).pb, 0, libc::SEEK_CUR);
            Ok(u64::try_from(at).unwrap_or(0))
        }
    }

    /// Ends the container.
    ///
    /// # Errors
    /// What the container or the sink says.
    pub fn end(self) -> Result<()> {
        // SAFETY: an open context; it is freed by the drop that follows.
        unsafe {
            // Flushed first, so that what the trailer writes comes to the sink apart from what was before it.
            av::avio_flush((*self.ctx).pb);
            check("trailer", av::av_write_trailer(self.ctx))?;
            av::avio_flush((*self.ctx).pb);
            check("write", (*(*self.ctx).pb).error).map(drop)
        }
    }
}

impl Drop for Muxer {
    fn drop(&mut self) {
        // SAFETY: ours, and freed once; the sink is freed after it.
        unsafe { av::avformat_free_context(self.ctx) };
    }
}
