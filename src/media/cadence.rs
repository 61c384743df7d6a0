//! Which pictures come out, and when: the source's own times, at most so many a second, a key picture at each two-second
//! instant in every rung. Pure arithmetic on ticks; it decides once, before the pictures fan out, so that all rungs agree.
//!
//! Where the source's own picture is the top rung, every picture of it comes out, and the key pictures are where that rung is cut.
//!
//! The invariant: times rise strictly from 0, and no stretch without a key picture is longer than a segment and [`SLACK`], or than
//! those that were told.

use std::collections::VecDeque;

use super::part::Place;

/// Ticks in a second.
pub const SECOND: i64 = 90_000;
/// Ticks in a segment.
pub const SEGMENT: i64 = 2 * SECOND;
/// How late after an instant the next picture may be to carry the key itself, rather than a repetition of the last one.
const SLACK: i64 = SECOND / 10;

/// One picture that comes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// When it is shown.
    pub at: i64,
    /// Whether a segment begins with it.
    pub key: bool,
    /// Whether it is the last picture again, rather than the new one.
    pub repeat: bool,
}

/// What comes out of pictures whose times are all known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Foreseen {
    /// The times at which a picture is shown.
    pub shown: Vec<i64>,
    /// Where segments begin.
    pub places: Vec<Place>,
}

/// The decision so far.
#[derive(Debug)]
pub struct Cadence {
    interval: i64,
    last: Option<i64>,
    due: i64,
    next_key: i64,
    /// Instants at which there must be a key picture, before the regular ones.
    told: VecDeque<i64>,
    /// Whether the source's own pictures are one of the rungs.
    copied: bool,
    /// Where segments began so far.
    places: Vec<Place>,
}

impl Cadence {
    /// At most `max_fps` pictures a second.
    #[must_use]
    pub fn new(max_fps: u32) -> Self {
        let interval = SECOND / i64::from(max_fps.max(1));
        Self { interval, last: None, due: 0, next_key: 0, told: VecDeque::new(), copied: false, places: Vec::new() }
    }

    /// The same decision as after everything that came before that place.
    #[must_use]
    pub fn from(mut self, place: &Place) -> Self {
        (self.last, self.due, self.next_key) = (Some(place.last), place.due, place.next_key);
        self
    }

    /// What comes out of pictures at these times, in whatever order they are stored, until the recording ends there.
    #[must_use]
    pub fn foresee(mut self, mut times: Vec<i64>, end: i64) -> Foreseen {
        times.sort_unstable();
        let mut steps: Vec<Step> = times.into_iter().flat_map(|at| self.picture(at)).collect();
        steps.extend(self.finish(end));
        Foreseen { shown: steps.iter().map(|step| step.at).collect(), places: self.places }
    }

    /// How the decision stood before the segment that begins there.
    #[must_use]
    pub fn place(&self, at: i64) -> Option<Place> {
        self.places.iter().rev().find(|place| place.at == at).copied()
    }

    /// First come stretches of these lengths, each with a key picture at its very beginning, and after them the regular ones.
    #[must_use]
    pub fn told(mut self, lengths: &[i64]) -> Self {
        let mut at = 0;
        self.told.extend((!lengths.is_empty()).then_some(0));
        for length in lengths {
            at += length;
            self.told.push_back(at);
        }
        self
    }

    /// Every picture comes out at its own time, a key picture where [`Cadence::cut`] says.
    #[must_use]
    pub fn copied() -> Self {
        Self { copied: true, ..Self::new(1) }
    }

    /// The same decision as after these pictures came out, each at its time.
    #[must_use]
    pub fn after(mut self, shown: &[i64]) -> Self {
        for at in shown {
            self.step(*at, false);
        }
        self
    }

    /// The copied rung is cut there. Told before the picture of that time.
    pub fn cut(&mut self, at: i64) {
        if self.last.is_none_or(|last| at > last) {
            self.told.push_back(at);
        }
    }

    /// When the last picture came out.
    #[must_use]
    pub fn last(&self) -> Option<i64> {
        self.last
    }

    /// A new picture was decoded for that time: what comes out now, in order. Nothing when there are too many already, or when
    /// time did not move on.
    pub fn picture(&mut self, at: i64) -> Vec<Step> {
        let mut steps = Vec::new();
        let at = at.max(0);
        let Some(last) = self.last else {
            // Whatever comes first stands from the beginning, so that picture and sound start together.
            steps.push(self.step(0, false));
            if at >= self.interval && !self.copied {
                self.rest(at, &mut steps);
                steps.push(self.step(at, false));
            }
            return steps;
        };
        // A quarter of an interval is forgiven: live sources tremble.
        let too_many = at < self.due - self.interval / 4 && self.told.front() != Some(&at);
        if at <= last || (too_many && !self.copied) {
            return steps;
        }
        self.rest(at, &mut steps);
        steps.push(self.step(at, false));
        steps
    }

    /// The recording ends there: what comes out after the last picture.
    pub fn finish(&mut self, end: i64) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.last.is_some() && !self.copied {
            self.told.retain(|told| *told < end);
            self.rest(end + SLACK - self.interval, &mut steps);
        }
        steps
    }

    /// Repeats the last picture at each instant that passed by without one.
    fn rest(&mut self, until: i64, steps: &mut Vec<Step>) {
        loop {
            let at = match self.told.front() {
                Some(told) if *told < until => *told,
                None if !self.copied && self.next_key + SLACK <= until => self.next_key,
                _ => return,
            };
            steps.push(self.step(at, true));
        }
    }

    fn step(&mut self, at: i64, repeat: bool) -> Step {
        let regular = self.told.is_empty() && !self.copied;
        let key = if regular { at >= self.next_key } else { self.told.front().is_some_and(|told| at >= *told) };
        if key {
            let (last, free) = (self.last.unwrap_or(0), self.last.is_some() && self.told.is_empty());
            self.places.push(Place { at, last, due: self.due, next_key: self.next_key, free });
            while self.told.front().is_some_and(|told| at >= *told) {
                self.told.pop_front();
            }
            // The next instant, but no segment that is shorter than half of one.
            self.next_key = ((at + SEGMENT / 2) / SEGMENT + 1) * SEGMENT;
        }
        // After a pause the next picture may follow at once: a recording of uneven pace keeps its pictures.
        self.due = (self.due + self.interval).max(at);
        self.last = Some(at);
        Step { at, key, repeat }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(times: impl IntoIterator<Item = i64>, end: i64) -> Vec<Step> {
        let mut cadence = Cadence::new(30);
        let mut steps: Vec<Step> = times.into_iter().flat_map(|at| cadence.picture(at)).collect();
        steps.extend(cadence.finish(end));
        assert!(steps.windows(2).all(|pair| pair[0].at < pair[1].at), "times rise: {steps:?}");
        let keys: Vec<i64> = steps.iter().filter(|step| step.key).map(|step| step.at).collect();
        assert!(keys.windows(2).all(|pair| pair[1] - pair[0] <= SEGMENT + SLACK), "keys: {keys:?}");
        assert!(steps.first().is_none_or(|first| first.key && first.at == 0));
        steps
    }

    fn every(milliseconds: f64, count: i64) -> impl Iterator<Item = i64> {
        (0..count).map(move |n| (n as f64 * milliseconds * 90.0).round() as i64)
    }

    #[test]
    fn thirty_a_second_pass_and_sixty_are_halved() {
        assert_eq!(run(every(1000.0 / 30.0, 300), 10 * SECOND).len(), 300);
        assert_eq!(run(every(1000.0 / 60.0, 600), 10 * SECOND).len(), 300);
        let odd = run(every(1000.0 / 45.0, 450), 10 * SECOND).len();
        assert!((290..=302).contains(&odd), "45 a second become {odd}");
    }

    #[test]
    fn a_trembling_source_keeps_its_pictures() {
        let tremble = [0, 7, -6, 3, -8, 5, 0, -3];
        let times = (0..300).map(|n: i64| n * 3000 + tremble[n as usize % 8] * 90);
        assert_eq!(run(times, 10 * SECOND).len(), 300);
    }

    #[test]
    fn a_screen_at_rest_is_repeated_at_each_instant() {
        let steps = run([0, SECOND, 9 * SECOND], 13 * SECOND);
        let repeated: Vec<i64> = steps.iter().filter(|step| step.repeat).map(|step| step.at / SECOND).collect();
        assert_eq!(repeated, [2, 4, 6, 8, 10, 12]);
    }

    #[test]
    fn the_picture_just_after_an_instant_carries_the_key() {
        let steps = run([0, SECOND, 2 * SECOND + 4000, 3 * SECOND], 3 * SECOND + 3000);
        assert_eq!(steps[2], Step { at: 2 * SECOND + 4000, key: true, repeat: false });
        assert_eq!(steps.len(), 4);
    }

    #[test]
    fn a_late_first_picture_stands_from_the_beginning() {
        let steps = run([3 * SECOND], 4 * SECOND);
        assert_eq!(steps.iter().map(|step| step.at / SECOND).collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(run([-900, 2000], SECOND).iter().map(|step| step.at).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn no_segment_is_made_for_a_blink_at_the_end() {
        assert_eq!(run(every(1000.0 / 30.0, 60), 2 * SECOND + 90).iter().filter(|step| step.key).count(), 1);
    }

    #[test]
    fn what_was_decided_goes_on_the_same_after_a_break() {
        let times: Vec<i64> = (0..300).map(|n: i64| n * 1700 + n % 7 * 210 + n / 100 * 5 * SECOND).collect();
        let mut whole = Cadence::new(30);
        let undisturbed: Vec<Step> = times.iter().flat_map(|at| whole.picture(*at)).collect();
        for broken in [1, 50, 101] {
            let shown: Vec<i64> = undisturbed[..broken].iter().map(|step| step.at).collect();
            let mut rest = Cadence::new(30).after(&shown);
            let steps: Vec<Step> = times.iter().flat_map(|at| rest.picture(*at)).collect();
            assert_eq!(steps, undisturbed[broken..], "after {broken}");
        }
    }

    #[test]
    fn every_part_of_a_recording_decides_as_the_whole() {
        // An uneven source, one of sixty a second, one with pauses that span several instants.
        let uneven: Vec<i64> = (0..900).map(|n: i64| n * 1700 + n % 7 * 210 + n / 300 * 5 * SECOND).collect();
        let sixty: Vec<i64> = every(1000.0 / 60.0, 900).collect();
        let still = vec![0, SECOND, 9 * SECOND, 9 * SECOND + 10, 12 * SECOND - 5, 15 * SECOND];
        for times in [uneven, sixty, still] {
            let end = times.last().unwrap() + 3000;
            let mut whole = Cadence::new(30);
            let mut undisturbed: Vec<Step> = times.iter().flat_map(|at| whole.picture(*at)).collect();
            undisturbed.extend(whole.finish(end));
            let foreseen = Cadence::new(30).foresee(times.iter().rev().copied().collect(), end);
            assert_eq!(foreseen.shown, undisturbed.iter().map(|step| step.at).collect::<Vec<_>>());
            assert_eq!(foreseen.places, whole.places);
            assert!(!foreseen.places[0].free && foreseen.places[1..].iter().all(|place| place.free));
            for pair in foreseen.places.windows(2).skip(1) {
                let mut part = Cadence::new(30).from(&pair[0]);
                let later = times.iter().filter(|at| **at > pair[0].last);
                let mut steps: Vec<Step> = later.flat_map(|at| part.picture(*at)).collect();
                steps.extend(part.finish(end));
                let from = undisturbed.iter().position(|step| step.at == pair[0].at).unwrap();
                assert_eq!(steps, undisturbed[from..], "from {:?}", pair[0]);
                assert_eq!(part.place(pair[1].at), Some(pair[1]));
            }
        }
    }

    #[test]
    fn cuts_that_were_shown_are_kept_to_the_tick_and_regular_ones_follow() {
        let lengths = [3 * SECOND + 17, 2 * SECOND - 5000, SECOND + 1];
        let mut cadence = Cadence::new(30).told(&lengths);
        // Sixty a second with a pause over the second cut.
        let times = every(1000.0 / 60.0, 900).filter(|at| !(4 * SECOND..5 * SECOND).contains(at));
        let steps: Vec<Step> = times.flat_map(|at| cadence.picture(at)).collect();
        let keys: Vec<i64> = steps.iter().filter(|step| step.key).map(|step| step.at).collect();
        assert_eq!(keys[..4], [0, 3 * SECOND + 17, 5 * SECOND - 4983, 6 * SECOND - 4982]);
        assert_eq!(keys[4..].iter().map(|at| at / SECOND).collect::<Vec<_>>(), [8, 10, 12, 14]);
        assert!(steps.windows(2).all(|pair| pair[0].at < pair[1].at), "times rise");
    }

    #[test]
    fn every_copied_picture_comes_out_with_keys_where_it_is_cut() {
        let mut cadence = Cadence::copied();
        let (mut steps, times) = (Vec::new(), [700, 3000, 4000, SECOND, 7 * SECOND, 7 * SECOND + 10]);
        for at in times {
            if [700, 4000, 7 * SECOND].contains(&at) {
                cadence.cut(if at == 700 { 0 } else { at });
            }
            steps.extend(cadence.picture(at));
        }
        steps.extend(cadence.finish(20 * SECOND));
        assert_eq!(
            steps.iter().map(|step| step.at).collect::<Vec<_>>(),
            [0, 3000, 4000, SECOND, 7 * SECOND, 7 * SECOND + 10]
        );
        assert_eq!(steps.iter().map(|step| step.key).collect::<Vec<_>>(), [true, false, true, false, true, false]);
        assert!(steps.iter().all(|step| !step.repeat));
        // A picture at a cut that cannot be decoded is replaced by the one before.
        cadence.cut(9 * SECOND);
        let steps = cadence.picture(9 * SECOND + 3000);
        assert_eq!(steps[0], Step { at: 9 * SECOND, key: true, repeat: true });
        assert_eq!(steps[1], Step { at: 9 * SECOND + 3000, key: false, repeat: false });
    }

    #[test]
    fn time_that_runs_backwards_yields_nothing() {
        let mut cadence = Cadence::new(30);
        assert_eq!(cadence.picture(SECOND).len(), 2);
        assert!(cadence.picture(SECOND).is_empty() && cadence.picture(0).is_empty());
    }
}
