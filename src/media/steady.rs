//! When each frame of sound is to be heard. Containers tell a time for every frame; browsers write times that tremble by tens of
//! milliseconds though the sound goes on without a break, recorders pause, and clocks of sound and picture drift apart. Sound is placed
//! by its own length as long as that agrees with the container: what trembles is heard steadily, what drifts is followed slowly, and
//! a gap stays a gap. Pure: knows nothing of frames.
//!
//! The invariant: for a container whose times are right, every frame comes out at the time it came in with.

use std::collections::VecDeque;

use super::cadence::SECOND;

/// So far ahead the times are looked at before a frame is placed, in ticks.
const AHEAD: f64 = 0.6 * SECOND as f64;
/// So many frames are looked at, at most: a file may hold frames of one sample.
const MOST: usize = 64;
/// A gap, or an overlap, is at least this long, in ticks.
const GAP: f64 = 0.035 * SECOND as f64;
/// Where the times tremble, it is this many times as long as they tremble from one frame to the next.
const TREMBLING: f64 = 5.0;
/// So long it is remembered that they trembled, in ticks.
const MEMORY: f64 = 10.0 * SECOND as f64;
/// What is off by less is as good as right, in ticks.
const NOTHING: f64 = 0.005 * SECOND as f64;
/// The most by which a frame is moved against the one before it, as a part of its length.
const DRIFT: f64 = 0.004;

struct Waiting<T> {
    item: T,
    /// Where it begins by the length of what came before, in ticks from the first.
    begins: f64,
    length: f64,
    /// How much later the container says it begins.
    off: f64,
}

/// Places frames.
pub struct Steady<T> {
    waiting: VecDeque<Waiting<T>>,
    /// The length of everything that came in.
    end: f64,
    /// How much later than by their length frames are placed now.
    off: Option<f64>,
    /// How much the times tremble.
    trembling: f64,
}

impl<T> Default for Steady<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), end: 0.0, off: None, trembling: 0.0 }
    }
}

impl<T> Steady<T> {
    /// Takes in a frame of that length, with the time the container tells, if it tells one; both in ticks.
    pub fn put(&mut self, item: T, at: Option<i64>, length: f64) {
        let before = self.waiting.back().map(|last| last.off).or(self.off);
        let off = at.map_or(before.unwrap_or(0.0), |at| at as f64 - self.end);
        self.waiting.push_back(Waiting { item, begins: self.end, length, off });
        self.end += length;
    }

    /// The next frame with its time, once enough of what follows it is known.
    pub fn next(&mut self) -> Option<(T, i64)> {
        let is_known =
            self.waiting.len() > MOST || self.waiting.front().is_some_and(|first| self.end - first.begins > AHEAD);
        if is_known { self.rest() } else { None }
    }

    /// The next frame with its time, whatever follows.
    pub fn rest(&mut self) -> Option<(T, i64)> {
        let offs: Vec<f64> = self.waiting.iter().map(|waiting| waiting.off).collect();
        let first = self.waiting.pop_front()?;
        let steps = offs.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
        let faded = self.trembling * (1.0 - first.length / MEMORY).max(0.0);
        self.trembling = part(steps, 2).unwrap_or(0.0).max(faded);
        let gap = GAP.max(self.trembling * TREMBLING);
        let (least, most) =
            offs.iter().fold((f64::MAX, f64::MIN), |(least, most), off| (off.min(least), off.max(most)));
        // A machine that is busy writes a time that is too late, never one that is too early: the lower ones are the better ones.
        let usual = part(offs, 4).unwrap_or(first.off);
        let own = if (first.off - usual).abs() < gap { usual } else { first.off };
        let off = match self.off {
            Some(off) if least - off <= gap && most - off >= -gap => {
                let missing = usual - off;
                let is_drift = missing.abs() > NOTHING && missing.abs() <= gap;
                if is_drift { off + missing.clamp(-first.length * DRIFT, first.length * DRIFT) } else { off }
            }
            // It and everything after it: a gap, or an overlap.
            _ => own,
        };
        self.off = Some(off);
        Some((first.item, (first.begins + off).round() as i64))
    }
}

/// The value that one in `of` lies below.
fn part(mut values: Vec<f64>, of: usize) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / of).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: f64 = SECOND as f64 / 1000.0;

    /// Frames of that length at these times, all in milliseconds: when each is placed.
    fn placed(length: f64, times: &[f64]) -> Vec<f64> {
        let mut steady = Steady::default();
        let mut out = Vec::new();
        for at in times {
            steady.put((), Some((at * MS).round() as i64), length * MS);
            while let Some(((), at)) = steady.next() {
                out.push(at as f64 / MS);
            }
        }
        while let Some(((), at)) = steady.rest() {
            out.push(at as f64 / MS);
        }
        assert_eq!(out.len(), times.len());
        out
    }

    fn close(found: &[f64], wanted: &[f64], by: f64) {
        for (n, (found, wanted)) in found.iter().zip(wanted).enumerate() {
            assert!((found - wanted).abs() <= by, "frame {n}: at {found}, not {wanted}");
        }
    }

    #[test]
    fn right_times_and_their_gaps_stay_what_they_are() {
        for late in [0.0, 6000.0, -20.0] {
            let gap = |n: i32| match n {
                0..100 => 0.0,
                100..200 => 1500.0,
                200..210 => 1550.0,
                _ => 1600.0,
            };
            let times: Vec<f64> = (0..400).map(|n| late + f64::from(n) * 20.0 + gap(n)).collect();
            close(&placed(20.0, &times), &times, 0.5);
        }
    }

    #[test]
    fn a_gap_in_the_first_moment_stays_where_it_is() {
        let times: Vec<f64> = (0..100).map(|n| f64::from(n) * 20.0 + if n < 5 { 0.0 } else { 3000.0 }).collect();
        close(&placed(20.0, &times), &times, 0.02);
    }

    #[test]
    fn times_that_tremble_are_heard_steadily() {
        // As Chrome writes them: frames of 60 ms at times of pictures, up to 60 ms off, now and then more.
        let tremble = [0.0, -60.0, -20.0, 20.0, -40.0, 0.0, 7.0, -20.0, -13.0, -40.0, 0.0, 107.0, 40.0, -26.0];
        let times: Vec<f64> = (0..500_usize).map(|n| 500.0 + n as f64 * 60.0 + tremble[n % 14]).collect();
        let out = placed(60.0, &times);
        for pair in out.windows(2) {
            assert!((pair[1] - pair[0] - 60.0).abs() <= 0.3, "{pair:?}");
        }
        let even: Vec<f64> = (0..500).map(|n| 500.0 + f64::from(n) * 60.0).collect();
        close(&out, &even, 45.0);
    }

    #[test]
    fn drift_is_followed_without_a_jump() {
        for drift in [1.001, 0.999] {
            let times: Vec<f64> = (0..9000).map(|n| f64::from(n) * 20.0 * drift).collect();
            let out = placed(20.0, &times);
            close(&out, &times, 8.0);
            assert!(out.windows(2).all(|pair| (pair[1] - pair[0] - 20.0).abs() <= 0.1));
        }
    }

    #[test]
    fn a_frame_without_a_time_follows_the_one_before() {
        let mut steady = Steady::default();
        for n in 0..10_i64 {
            steady.put(n, (n % 3 == 0).then_some(n * 1800), 1800.0);
        }
        let all: Vec<_> = std::iter::from_fn(|| steady.rest()).collect();
        assert!(all.iter().all(|(n, at)| *at == n * 1800), "{all:?}");
    }
}
