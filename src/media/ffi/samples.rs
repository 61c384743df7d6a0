//! What of a frame concerns sound.

use std::ffi::c_int;

use super::frame::number;
use super::{Frame, av};

impl Frame {
    /// Samples of sound per channel.
    #[must_use]
    pub fn samples(&self) -> i64 {
        i64::from(self.get().nb_samples)
    }

    /// Format, rate and number of channels of sound; when it changes, filters must be built anew.
    #[must_use]
    pub fn sound(&self) -> (i32, i32, i32) {
        let frame = self.get();
        (frame.format, frame.sample_rate, frame.ch_layout.nb_channels)
    }

    /// The samples of one channel of planar float sound; nothing of any other form.
    #[must_use]
    pub fn channel(&self, index: usize) -> &[f32] {
        let frame = self.get();
        let planar = frame.format == av::AVSampleFormat::AV_SAMPLE_FMT_FLTP as c_int;
        let (Ok(channels), Ok(samples)) =
            (usize::try_from(frame.ch_layout.nb_channels), usize::try_from(frame.nb_samples))
        else {
            return &[];
        };
        if !planar || index >= channels.min(frame.data.len()) || frame.data[index].is_null() {
            return &[];
        }
        // SAFETY: planar float sound has one plane of `nb_samples` aligned floats for each channel.
        unsafe { std::slice::from_raw_parts(frame.data[index].cast::<f32>(), samples) }
    }

    /// Planar float stereo of these samples, as many of each.
    #[must_use]
    pub fn stereo(samples: [&[f32]; 2], rate: i32) -> Option<Frame> {
        let count = samples[0].len().min(samples[1].len());
        let mut frame = Frame::stereo_silence(i32::try_from(count).ok()?, rate)?;
        for (channel, samples) in samples.into_iter().enumerate() {
            let plane = frame.get_mut().data[channel].cast::<f32>();
            // SAFETY: a fresh frame that nobody shares, with room for `count` floats in each of its two planes.
            unsafe { std::ptr::copy_nonoverlapping(samples.as_ptr(), plane, count) };
        }
        Some(frame)
    }

    /// Silence of planar float stereo, of so many samples.
    #[must_use]
    pub fn stereo_silence(samples: i32, rate: i32) -> Option<Frame> {
        let mut form = Frame::default();
        let new = form.get_mut();
        (new.format, new.sample_rate) = (av::AVSampleFormat::AV_SAMPLE_FMT_FLTP as c_int, rate);
        // SAFETY: writes the layout it is given.
        unsafe { av::av_channel_layout_default(&raw mut new.ch_layout, 2) };
        Frame::silence(&form, samples, 0)
    }

    /// Silence in the form of `like`, of so many samples.
    #[must_use]
    pub fn silence(like: &Frame, samples: i32, at: i64) -> Option<Frame> {
        let mut frame = Frame::default();
        let new = frame.get_mut();
        let old = like.get();
        (new.format, new.sample_rate, new.nb_samples, new.pts) = (old.format, old.sample_rate, samples, at);
        // SAFETY: both frames are valid; the format is one libav gave us, so it is a number of the enum.
        unsafe {
            let copied = av::av_channel_layout_copy(&raw mut new.ch_layout, &raw const old.ch_layout);
            if copied < 0 || av::av_frame_get_buffer(new, 0) < 0 {
                return None;
            }
            let format = std::mem::transmute::<c_int, av::AVSampleFormat>(old.format);
            av::av_samples_set_silence(new.extended_data, 0, samples, old.ch_layout.nb_channels, format);
        }
        Some(frame)
    }

    /// Decoders that leave the order of channels open get the usual one.
    pub(super) fn order_channels(&mut self) {
        let layout = &mut self.get_mut().ch_layout;
        if number!(layout.order) == av::AVChannelOrder::AV_CHANNEL_ORDER_UNSPEC as c_int {
            let channels = layout.nb_channels;
            // SAFETY: writes the layout it is given.
            unsafe { av::av_channel_layout_default(layout, channels) };
        }
    }
}
