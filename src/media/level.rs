//! By how much a recording's sound is made louder or quieter, and the limiter that keeps its few highest peaks below the ceiling.
//!
//! One gain for the whole recording; where that alone would pass the ceiling the limiter turns the sound down around the peak, a
//! few milliseconds ahead of it, and slowly up again. The invariant: as many samples come out as went in, each at its place, and
//! none lies above the ceiling.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::loudness::{Loudness, REACH, TAPS, between, largest};

/// Where every recording shall be, in LUFS.
pub const TARGET: f64 = -16.0;
/// How far from that it may end, in LU.
pub const TOLERANCE: f64 = 1.0;
/// No true peak of what is published lies above this, in dB.
pub const HIGHEST_PEAK: f64 = -1.0;
/// The limiter's ceiling in dB: what an AAC decoder makes of it overshoots by up to one more.
const CEILING: f64 = -2.0;
/// A difference that nobody hears, in dB.
const NOTHING: f64 = 0.5;
/// Sound below this is a room and no speech, in LUFS: it is left as it is.
const ROOM: f64 = -50.0;
/// The most that sound is made louder, in dB.
const MOST: f64 = 20.0;
/// The most that the limiter may take from a peak, in dB; beyond that the sound stays quieter than the target.
const MOST_LIMITED: f64 = 12.0;

/// What is done to the sound.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Level {
    /// The gain, in dB.
    pub gain_db: f64,
    /// No true peak lies above this, in dB of full scale.
    pub ceiling_db: f64,
}

impl Level {
    /// What is to be done to sound of that loudness; none when it is well as it is, or nothing that can be levelled.
    #[must_use]
    pub fn of(measured: Loudness) -> Option<Level> {
        let (lufs, peak) = (measured.lufs?, measured.peak_db?);
        if lufs < ROOM {
            return None;
        }
        let gain_db = (TARGET - lufs).min(MOST).min(CEILING + MOST_LIMITED - peak);
        let is_well = gain_db.abs() < NOTHING && peak <= CEILING;
        (!is_well).then_some(Level { gain_db: rounded(gain_db), ceiling_db: CEILING })
    }

    /// How loud sound of that loudness shall come out, in LUFS.
    #[must_use]
    pub fn wanted(self, measured: Loudness) -> f64 {
        rounded(measured.lufs.unwrap_or(TARGET) + self.gain_db).min(TARGET)
    }

    /// What to try next when sound that was levelled like this came out like that; none when it came out well.
    #[must_use]
    pub fn mended(self, wanted: f64, came_out: Loudness) -> Option<Level> {
        let (lufs, peak) = (came_out.lufs?, came_out.peak_db?);
        let (over, under) = ((peak - HIGHEST_PEAK).max(0.0), wanted - lufs);
        let is_well = over == 0.0 && under.abs() <= 0.9 * TOLERANCE;
        let lower = if over > 0.0 { over + 0.2 } else { 0.0 };
        let further = if under.abs() > TOLERANCE / 2.0 { under } else { 0.0 };
        (!is_well)
            .then_some(Level { gain_db: rounded(self.gain_db + further), ceiling_db: rounded(self.ceiling_db - lower) })
    }
}

/// To a hundredth: what is written down and read again stays the same.
fn rounded(db: f64) -> f64 {
    (db * 100.0).round() / 100.0
}

/// A share of full scale for a number of decibels.
fn share(db: f64) -> f32 {
    10f64.powf(db / 20.0) as f32
}

/// How far ahead the limiter looks: 5 ms.
const AHEAD: usize = 240;
/// Of what is missing to full, so much comes back with each sample: the most of it in a tenth of a second.
const RELEASE: f32 = 1.0 / 2_400.0;
/// The place of a point among the samples it is made from.
const MIDDLE: usize = TAPS / 2;
/// Samples that are looked at together.
const STRETCH: usize = 64;

/// Gain and limiter, for stereo.
pub struct Limiter {
    gain: f32,
    ceiling: f32,
    /// The last samples, for the points between them.
    before: [Vec<f32>; 2],
    /// Samples that wait for what comes after them.
    waiting: [VecDeque<f32>; 2],
    /// Samples looked at so far.
    count: i64,
    /// What the sound may be multiplied with, falling at once and rising slowly.
    allowed: f32,
    /// The lowest of that within reach, with their places, rising.
    lows: VecDeque<(i64, f32)>,
    /// Those lows, as many as are averaged.
    held: VecDeque<f32>,
    sum: f64,
}

impl Limiter {
    /// One that does what the level says.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self {
            gain: share(level.gain_db),
            ceiling: share(level.ceiling_db),
            before: [vec![0.0; TAPS - 1], vec![0.0; TAPS - 1]],
            waiting: [VecDeque::new(), VecDeque::new()],
            count: -(MIDDLE as i64),
            allowed: 1.0,
            lows: VecDeque::new(),
            held: VecDeque::new(),
            sum: 0.0,
        }
    }

    /// Takes samples of both channels in and gives out those whose future is known.
    pub fn run(&mut self, left: &[f32], right: &[f32]) -> [Vec<f32>; 2] {
        let points = self.points([left, right]);
        let mut out = [Vec::with_capacity(points.len()), Vec::with_capacity(points.len())];
        for point in points {
            if let Some(by) = self.step(point) {
                for (out, waiting) in out.iter_mut().zip(&mut self.waiting) {
                    out.extend(waiting.pop_front().map(|sample| sample * by));
                }
            }
        }
        out
    }

    /// Gives out the rest.
    pub fn finish(mut self) -> [Vec<f32>; 2] {
        let (left, silence) = (self.waiting[0].len(), [0.0; AHEAD + MIDDLE]);
        let mut out = self.run(&silence, &silence);
        out.iter_mut().for_each(|out| out.truncate(left));
        out
    }

    /// Takes samples in; answers the furthest point after each of as many samples, [`MIDDLE`] earlier.
    fn points(&mut self, samples: [&[f32]; 2]) -> Vec<f32> {
        let mut points = vec![0.0_f32; samples[0].len().min(samples[1].len())];
        for (channel, samples) in samples.into_iter().enumerate() {
            let mut all = std::mem::take(&mut self.before[channel]);
            all.extend(samples[..points.len()].iter().map(|sample| sample * self.gain));
            self.waiting[channel].extend(&all[TAPS - 1..]);
            for from in (0..points.len()).step_by(STRETCH) {
                let until = (from + STRETCH).min(points.len());
                let around = &all[from..until + TAPS - 1];
                if largest(around) * REACH > self.ceiling {
                    let new = around.windows(TAPS).map(between);
                    points[from..until].iter_mut().zip(new).for_each(|(point, new)| *point = point.max(new));
                }
            }
            self.before[channel] = all.split_off(points.len());
        }
        points
    }

    /// The next point; answers what the sample [`AHEAD`] before it is multiplied with, once there is one.
    fn step(&mut self, point: f32) -> Option<f32> {
        let at = self.count;
        self.count += 1;
        if at < 0 {
            return None;
        }
        let bound = if point > self.ceiling { self.ceiling / point } else { 1.0 };
        self.allowed = (self.allowed + (1.0 - self.allowed) * RELEASE).min(bound);
        while self.lows.back().is_some_and(|(_, low)| *low >= self.allowed) {
            self.lows.pop_back();
        }
        self.lows.push_back((at, self.allowed));
        // A point lies between its sample and the next: both are turned down.
        while self.lows.front().is_some_and(|(place, _)| *place < at - AHEAD as i64 - 1) {
            self.lows.pop_front();
        }
        let low = self.lows.front().map_or(1.0, |(_, low)| *low);
        self.held.push_back(low);
        self.sum += f64::from(low);
        if self.held.len() > AHEAD {
            self.sum -= self.held.pop_front().map_or(0.0, f64::from);
        }
        (at >= AHEAD as i64).then(|| (self.sum / self.held.len() as f64).min(1.0) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::super::loudness::Meter;
    use super::*;

    fn heard(lufs: f64, peak_db: f64) -> Loudness {
        Loudness { lufs: Some(lufs), peak_db: Some(peak_db) }
    }

    #[test]
    fn the_gain_follows_from_loudness_and_peak() {
        let gain = |lufs, peak| Level::of(heard(lufs, peak)).map(|level| (level.gain_db * 10.0).round() / 10.0);
        assert_eq!(gain(-23.0, -9.0), Some(7.0), "up");
        assert_eq!(gain(-6.0, 0.0), Some(-10.0), "down");
        assert_eq!(gain(-35.0, -15.0), Some(19.0), "quiet speech, with the limiter");
        assert_eq!(gain(-45.0, -25.0), Some(20.0), "no more than that");
        assert_eq!(gain(-51.0, -30.0), None, "a room");
        assert_eq!(gain(-30.0, 0.0), Some(10.0), "one bang: no more than the limiter may take");
        assert_eq!(gain(-16.3, -4.0), None, "well as it is");
        assert_eq!(gain(-16.3, -0.1), Some(0.3), "its peaks are not");
        assert_eq!(Level::of(Loudness::default()), None);
    }

    #[test]
    fn what_came_out_wrong_is_mended_in_the_right_direction() {
        let level = Level { gain_db: 10.0, ceiling_db: -2.0 };
        assert_eq!(level.mended(-16.0, heard(-16.4, -1.3)), None);
        let lower = level.mended(-16.0, heard(-16.2, -0.5)).unwrap();
        assert!(lower.ceiling_db < -2.5 && (lower.gain_db - 10.0).abs() < 1e-9, "{lower:?}");
        let louder = level.mended(-16.0, heard(-17.5, -1.5)).unwrap();
        assert!((louder.gain_db - 11.5).abs() < 1e-9 && (louder.ceiling_db + 2.0).abs() < 1e-9, "{louder:?}");
    }

    /// Quiet noise with bangs, by a generator of its own so that it is the same each time.
    fn noise(samples: usize, size: f32) -> Vec<f32> {
        let mut state = 1_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..samples).map(|n| random() * if n % 9_000 < 12 { size * 5.0 } else { size }).collect()
    }

    fn run(level: Level, sound: &[f32], piece: usize) -> [Vec<f32>; 2] {
        let mut limiter = Limiter::new(level);
        let mut out = [Vec::new(), Vec::new()];
        let mut keep = |new: [Vec<f32>; 2]| {
            out.iter_mut().zip(new).for_each(|(out, new)| out.extend(new));
        };
        sound.chunks(piece).for_each(|piece| keep(limiter.run(piece, piece)));
        keep(limiter.finish());
        out
    }

    #[test]
    fn nothing_lies_above_the_ceiling_and_nothing_moves() {
        let sound = noise(100_000, 0.05);
        let level = Level { gain_db: 15.0, ceiling_db: -2.0 };
        let [left, right] = run(level, &sound, 1024);
        assert_eq!((left.len(), right.len()), (sound.len(), sound.len()));
        let mut meter = Meter::default();
        meter.hear(&left, &right);
        let peak = meter.loudness().peak_db.unwrap();
        assert!((-2.5..-1.95).contains(&peak), "{peak}");
        // Far from the bangs it is the plain gain.
        let gain = share(15.0);
        assert!((8_200..8_700).all(|n| (left[n] - sound[n] * gain).abs() < 0.02 * gain * 0.05), "as it was");
    }

    #[test]
    fn below_the_ceiling_it_is_the_gain_and_nothing_else_however_it_is_cut() {
        let sound = noise(20_000, 0.01);
        let level = Level { gain_db: 6.0, ceiling_db: -2.0 };
        let gain = share(6.0);
        for piece in [1, 100, 1024, 20_000] {
            let [left, _] = run(level, &sound, piece);
            assert_eq!(left.len(), sound.len());
            assert!(left.iter().zip(&sound).all(|(out, was)| (out - was * gain).abs() < 1e-6), "{piece}");
        }
        let short = run(level, &sound[..5], 5);
        assert_eq!(short[0].len(), 5);
    }
}
