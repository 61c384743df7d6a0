//! The sound of the time line on its way to the encoder: broken samples mended, its level changed where that is asked for, measured
//! and drawn. The invariant: what is measured is what the encoder hears, and as many samples go out as came in.

use super::ffi::Frame;
use super::level::{Level, Limiter};
use super::loudness::{Loudness, Meter};
use super::sound::RATE;
use super::trouble::Trouble;
use super::waveform::Peaks;

/// The furthest sample that is passed on, four times full scale: floating point sound may say anything, and the encoder takes
/// neither what is no number nor what is near infinity.
const FURTHEST: f32 = 4.0;

/// The last station before the encoder.
pub struct Volume {
    limiter: Option<Limiter>,
    meter: Meter,
    peaks: Peaks,
}

impl Volume {
    /// One that does what the level says, or leaves the sound as it is.
    #[must_use]
    pub fn new(level: Option<Level>) -> Self {
        Self { limiter: level.map(Limiter::new), meter: Meter::default(), peaks: Peaks::default() }
    }

    /// Takes in a frame of planar float stereo; answers the next one, which may be shorter, or none yet.
    ///
    /// # Errors
    /// When memory is short.
    pub fn run(&mut self, frame: &Frame) -> Result<Option<Frame>, Trouble> {
        let given = [frame.channel(0), frame.channel(1)];
        let is_whole = given.iter().all(|samples| samples.iter().all(|sample| sample.abs() <= FURTHEST));
        if is_whole && self.limiter.is_none() {
            self.hear(given);
            return Ok(Some(frame.share()));
        }
        let mended = given.map(|samples| samples.iter().copied().map(mend).collect::<Vec<_>>());
        match &mut self.limiter {
            Some(limiter) => {
                let out = limiter.run(&mended[0], &mended[1]);
                self.out(&out)
            }
            None => self.out(&mended),
        }
    }

    /// The samples that are still held back.
    ///
    /// # Errors
    /// When memory is short.
    pub fn rest(&mut self) -> Result<Option<Frame>, Trouble> {
        self.limiter.take().map_or(Ok(None), |limiter| self.out(&limiter.finish()))
    }

    fn out(&mut self, samples: &[Vec<f32>; 2]) -> Result<Option<Frame>, Trouble> {
        let samples = [samples[0].as_slice(), samples[1].as_slice()];
        if samples[0].is_empty() {
            return Ok(None);
        }
        self.hear(samples);
        let frame = Frame::stereo(samples, RATE.cast_signed());
        frame.map(Some).ok_or_else(|| Trouble::Failed("no memory".into()))
    }

    fn hear(&mut self, samples: [&[f32]; 2]) {
        self.meter.hear(samples[0], samples[1]);
        self.peaks.hear(samples[0], samples[1]);
    }

    /// How loud everything was that went out.
    #[must_use]
    pub fn loudness(&self) -> Loudness {
        self.meter.loudness()
    }

    /// The content of `waveform.json`.
    #[must_use]
    pub fn waveform(self) -> Vec<u8> {
        self.peaks.json()
    }
}

fn mend(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-FURTHEST, FURTHEST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_encoder_takes_is_mended() {
        let mut volume = Volume::new(None);
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, 0.5, -0.25];
        let frame = Frame::stereo([&odd, &odd], 48_000).unwrap();
        let out = volume.run(&frame).unwrap().unwrap();
        assert_eq!(out.channel(1), [0.0, 4.0, -4.0, 4.0, 0.5, -0.25]);
        assert!(volume.rest().unwrap().is_none());
    }

    #[test]
    fn with_a_level_the_same_number_of_samples_goes_out() {
        let mut volume = Volume::new(Some(Level { gain_db: 6.0, ceiling_db: -2.0 }));
        let quiet = vec![0.1; 700];
        let mut out = Vec::new();
        for _ in 0..3 {
            let frame = Frame::stereo([&quiet, &quiet], 48_000).unwrap();
            out.extend(volume.run(&frame).unwrap().iter().flat_map(|frame| frame.channel(0).to_vec()));
        }
        out.extend(volume.rest().unwrap().unwrap().channel(0));
        assert_eq!(out.len(), 2100);
        assert!(out.iter().all(|sample| (sample - 0.199_526_2).abs() < 1e-5));
        assert!((volume.loudness().peak_db.unwrap() + 14.0).abs() < 1.5);
    }
}
