//! How fast the recording arrives and how far the encoders are: the lag between both, and the plan that follows from it.
//!
//! A recording that is being made must stay in step, so its plan becomes cheaper when it lags. A file that arrives faster than it
//! plays is not in a hurry: it keeps the full plan however far its end is away. Which of both it is, is seen from how fast media time
//! arrives, unless it is known to be a file: that may come slowly, or in bursts, and no picture of it may be missing.

mod lately;
mod planner;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::cadence::SECOND;
use super::report::Plan;
use super::rung::Effort;

use lately::{LONG_SLICE, Lately, Mean};
use planner::{Planner, Standing};

/// Nearer than this there is time to spare.
const CALM: i64 = SECOND * 3 / 10;
/// What lies this far behind for longer than a slice goes on with fewer pictures at once, and not only from the next segment.
const LATE: i64 = SECOND * 6 / 10;
/// And this far behind, with fewer still.
const TOO_LATE: i64 = SECOND;
/// Shorter slices tell nothing about how much time is left between them: what lies between arrival and encoder takes as long.
const TELLING: Duration = Duration::from_millis(750);
/// How long the arrival is watched.
const WINDOW: Duration = Duration::from_secs(4);
/// How long it must have been watched to be sure that it is no file.
const SURE: Duration = Duration::from_secs(1);
/// Media time that may arrive in a window beyond its own length, in a recording that is being made.
const AHEAD: i64 = 2 * SECOND;
/// No recording that is being made lies so far ahead of what of it is encoded in its first segments.
const FAR: i64 = 6 * SECOND;

/// Shared by the threads that see bytes arrive and pictures go out.
pub struct Pace {
    begun: Instant,
    fine: AtomicBool,
    full: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    arrived: i64,
    ended: bool,
    /// Whether it is known to be a file.
    file: bool,
    samples: VecDeque<(Duration, i64)>,
    encoded: BTreeMap<String, i64>,
    /// Rungs that were held back, each with the number of the segment it makes next.
    away: BTreeMap<String, usize>,
    /// Smallest and largest lag since the last decision.
    low: Option<i64>,
    high: i64,
    /// Whether pictures were left out since the last decision.
    hurried: bool,
    lately: Lately,
    mean: Mean,
    planner: Planner,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            fine: AtomicBool::new(false),
            full: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }
}

impl Pace {
    fn hold(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The recording has arrived up to there, in ticks from its beginning.
    pub fn arrived(&self, until: i64) {
        let now = self.begun.elapsed();
        let mut state = self.hold();
        state.arrived = state.arrived.max(until);
        let arrived = state.arrived;
        state.lately.arrived(now);
        if state.samples.back().is_none_or(|(at, _)| now.saturating_sub(*at) > WINDOW / 8) {
            state.samples.push_back((now, arrived));
        }
        while state.samples.len() > 1 && state.samples.get(1).is_some_and(|(at, _)| now.saturating_sub(*at) > WINDOW) {
            state.samples.pop_front();
        }
        state.see(now);
    }

    /// The last byte is there.
    pub fn ended(&self) {
        self.hold().ended = true;
    }

    /// All of it has been read; answers the plan. What lies so far ahead of its own first segments is a file, also when it was here before
    /// any of them could tell.
    pub fn whole(&self) -> Plan {
        let mut state = self.hold();
        if state.lag() > FAR {
            state.planner.is_a_file();
        }
        state.planner.plan
    }

    /// A rung that keeps up with the arrival has encoded the picture of that time.
    pub fn encoded(&self, rung: &str, at: i64) {
        let now = self.begun.elapsed();
        let mut state = self.hold();
        if let Some(place) = state.encoded.get_mut(rung) {
            *place = at;
        } else {
            state.encoded.insert(rung.to_owned(), at);
        }
        state.see(now);
    }

    /// A rung is held back and makes that segment next: it does not count until it is called back.
    pub fn left(&self, rung: &str, next: usize) {
        let mut state = self.hold();
        state.encoded.remove(rung);
        state.away.insert(rung.to_owned(), next);
    }

    /// A rung that was held back gets its pictures from the source again.
    pub fn back(&self, rung: &str) {
        self.hold().away.remove(rung);
    }

    /// Nobody waits: every segment gets all the effort there is, however far the work is behind.
    pub fn take_time(&self) {
        self.fine.store(true, Ordering::Relaxed);
    }

    /// The plan to begin with, for a recording that is being made: what the full one costs is only known when it is too far behind,
    /// which on a small machine it is before the first segment ends.
    pub fn begin_with(&self, plan: Plan) {
        self.hold().planner = Planner::beginning_with(plan);
    }

    /// It is a file, however it arrives: it gets the full plan, and all of its pictures are shown.
    pub fn is_a_file(&self) {
        let mut state = self.hold();
        state.file = true;
        state.planner = Planner::default();
    }

    /// How many pictures must be left out before each that is shown, until it is in step again, whatever the plan of the segment
    /// says. The next segment's plan is then a cheaper one.
    pub fn hurry(&self) -> i64 {
        if self.full.load(Ordering::Relaxed) || self.effort() == Effort::Fine {
            return 0;
        }
        let now = self.begun.elapsed();
        let mut state = self.hold();
        let late = state.lately.low();
        if late <= LATE || !state.is_surely_live(now) {
            return 0;
        }
        state.hurried = true;
        1 + i64::from(late > TOO_LATE)
    }

    /// However it arrives, nobody waits for a single segment of it: every one gets the full plan.
    pub fn hold_to_full(&self) {
        self.full.store(true, Ordering::Relaxed);
    }

    /// The effort that rungs begin with, and that the full plan stands for.
    #[must_use]
    pub fn effort(&self) -> Effort {
        if self.fine.load(Ordering::Relaxed) { Effort::Fine } else { Effort::Full }
    }

    /// The segment of that number begins: the plan for it.
    pub fn decide(&self, number: usize) -> Plan {
        if self.effort() == Effort::Fine || self.full.load(Ordering::Relaxed) {
            return Plan::Full;
        }
        let now = self.begun.elapsed();
        let mut state = self.hold();
        let lag = state.lag();
        let standing = Standing {
            low: state.low.take().unwrap_or(lag),
            high: std::mem::take(&mut state.high).max(lag),
            live: state.is_live(now),
            hurried: std::mem::take(&mut state.hurried),
            spare: state.has_spare(),
            // The segment before is only finished now, so one is always missing.
            caught_up: state.away.values().all(|next| next + 1 >= number),
        };
        state.planner.decide(standing)
    }

    /// Whether rungs are held back now.
    pub fn holds_back(&self) -> bool {
        !self.hold().away.is_empty()
    }

    /// Whether there is time for work that can wait: the pictures are in step, or no more come.
    pub fn has_time(&self) -> bool {
        let state = self.hold();
        state.ended || state.lag() < CALM
    }

    /// The same for work that is done aside, which takes little from those who keep step.
    pub fn has_time_aside(&self) -> bool {
        let state = self.hold();
        state.ended || state.lag() < LATE
    }

    /// Whether it arrives about as fast as it plays, as far as can be told now.
    pub fn is_live(&self) -> bool {
        let now = self.begun.elapsed();
        self.hold().is_live(now)
    }

    /// What has arrived and the lag, in ticks, and the plan.
    pub fn now(&self) -> (i64, i64, Plan) {
        let state = self.hold();
        (state.arrived, state.lag(), state.planner.plan)
    }
}

impl State {
    fn lag(&self) -> i64 {
        let slowest = self.encoded.values().min().copied().unwrap_or(0);
        (self.arrived - slowest).max(0)
    }

    fn see(&mut self, now: Duration) {
        let lag = self.lag();
        self.lately.see(now, lag);
        self.mean.see(now, lag);
        self.low = Some(self.low.map_or(lag, |low| low.min(lag)));
        self.high = self.high.max(lag);
    }

    /// Whether the next plan, which takes about twice the work, would fit. Of a slice that takes all the time until the next, half lies behind
    /// in the mean; of one that takes half of it, a quarter.
    fn has_spare(&mut self) -> bool {
        let mean = self.mean.take();
        let slice = self.lately.slices.filter(|slice| *slice >= TELLING);
        let ticks = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX).saturating_mul(SECOND / 1000);
        slice.is_none_or(|slice| mean < ticks(slice) * 3 / 10)
    }

    /// Whether it arrives about as fast as it plays.
    fn is_live(&self, now: Duration) -> bool {
        let Some((at, media)) = self.samples.front() else { return false };
        let passed =
            i64::try_from(now.saturating_sub(*at).as_millis()).unwrap_or(i64::MAX).saturating_mul(SECOND / 1000);
        !self.ended && !self.file && self.arrived - media <= passed.saturating_add(passed / 5).saturating_add(AHEAD)
    }

    /// Whether it has come no faster than it plays for a while, so that it cannot be a file, or the rest of one that was held up: of
    /// those no picture may be missing, for nobody waits for them to be in step.
    fn is_surely_live(&self, now: Duration) -> bool {
        let sure = |(at, _): &&(Duration, i64)| now.saturating_sub(*at) >= SURE;
        let Some((at, media)) = self.samples.iter().rev().find(sure) else { return false };
        let ticks = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX).saturating_mul(SECOND / 1000);
        let passed = ticks(now.saturating_sub(*at) + self.lately.slices.unwrap_or(LONG_SLICE));
        self.is_live(now) && self.arrived - media <= passed.saturating_add(passed / 5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_time_a_slice_takes_is_seen_from_the_mean_lag() {
        let at = Duration::from_millis;
        // Slices of a second, each worked off in so many tenths of one.
        let spare = |tenths: u64| {
            let mut state = State::default();
            for tick in 0..40 {
                let (now, into) = (at(tick * 100), tick % 10);
                if into == 0 {
                    state.lately.arrived(now);
                }
                let left =
                    SECOND * i64::try_from(tenths.saturating_sub(into)).unwrap() / i64::try_from(tenths).unwrap();
                state.mean.see(now, left);
            }
            state.has_spare()
        };
        assert_eq!([2, 4, 7, 9].map(spare), [true, true, false, false]);
        let mut quick = State::default();
        quick.lately.slices = Some(at(250));
        quick.mean.see(at(0), SECOND / 4);
        quick.mean.see(at(900), SECOND / 4);
        assert!(quick.has_spare(), "short slices do not tell");
    }

    #[test]
    fn a_file_that_is_read_before_its_second_segment_begins_gets_the_full_plan() {
        let begun = |length: i64, encoded: i64| {
            let pace = Pace::default();
            pace.begin_with(Plan::Light);
            pace.arrived(SECOND);
            pace.encoded("720", encoded);
            assert_eq!(pace.decide(0), Plan::Light);
            pace.arrived(length);
            pace.whole()
        };
        assert_eq!(begun(60 * SECOND, SECOND), Plan::Full);
        assert_eq!(begun(3 * SECOND, SECOND), Plan::Light, "a recording that was ended soon");
        let pace = Pace::default();
        pace.arrived(60 * SECOND);
        assert_eq!(pace.whole(), Plan::Full);
    }

    #[test]
    fn what_is_known_to_be_a_file_is_never_taken_for_a_recording() {
        let mut state = State { file: true, ..State::default() };
        state.samples.push_back((Duration::from_secs(10), 8 * SECOND));
        state.arrived = 9 * SECOND;
        let now = Duration::from_secs(14);
        assert!(!state.is_live(now) && !state.is_surely_live(now), "a burst, and then nothing for long");
        let pace = Pace::default();
        pace.begin_with(Plan::TopFirst);
        pace.is_a_file();
        assert_eq!(pace.decide(0), Plan::Full);
    }

    #[test]
    fn what_arrives_as_fast_as_it_plays_is_being_made() {
        let second = |n: u64| Duration::from_secs(n);
        let mut state = State::default();
        assert!(!state.is_live(second(0)));
        state.samples.push_back((second(10), 8 * SECOND));
        state.arrived = 12 * SECOND;
        assert!(state.is_live(second(14)));
        state.arrived = 20 * SECOND;
        assert!(!state.is_live(second(14)), "three times as fast");
        state.arrived = 9 * SECOND;
        assert!(state.is_live(second(14)), "a pause");
        state.ended = true;
        assert!(!state.is_live(second(14)));
    }

    #[test]
    fn a_file_that_was_held_up_is_not_taken_for_a_recording() {
        let at = Duration::from_millis;
        let mut state = State::default();
        state.lately.slices = Some(at(40));
        state.samples.push_back((at(10_000), 8 * SECOND));
        state.arrived = 8 * SECOND + SECOND / 2;
        assert!(!state.is_surely_live(at(10_500)), "too soon to tell");
        // Nothing came for three seconds, and then three seconds of it in one.
        state.samples.extend([(at(13_000), state.arrived), (at(13_500), state.arrived + SECOND * 3 / 2)]);
        state.arrived += 3 * SECOND;
        assert!(state.is_live(at(14_000)) && !state.is_surely_live(at(14_000)));
        state.arrived -= 2 * SECOND;
        assert!(state.is_surely_live(at(14_000)), "as fast as it plays");
    }
}
