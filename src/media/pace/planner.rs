//! When a plan becomes cheaper or richer. Pure: it hears how things stand at each segment and knows no clock.

use super::super::cadence::SECOND;
use super::super::report::Plan;
use super::{CALM, LATE};

/// A lag above this makes the plan cheaper.
const TOO_FAR: i64 = SECOND * 3 / 2;
/// A recorder that sends long slices is seen far behind at the beginning of each; in between it must have come this near.
const NEAR: i64 = SECOND / 2;
/// A lag that became so much larger within one segment goes on growing: there is no need to wait until it is too far.
const GROWS: i64 = SECOND * 3 / 10;
/// A lag that became so much smaller within one segment is being worked off by the plan there is.
const SHRINKS: i64 = SECOND / 10;
/// Segments by whose beginning a file has come faster than it plays.
const UNSURE: u32 = 2;
/// Calm segments before a richer plan is tried, at first and at most.
const PATIENCE: (u32, u32) = (3, 30);

/// How things stand at a segment's beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) live: bool,
    /// Whether pictures had to be left out.
    pub(super) hurried: bool,
    /// Whether there is time left for more work between one slice and the next, as far as can be told.
    pub(super) spare: bool,
    /// Whether rungs that were held back have caught up.
    pub(super) caught_up: bool,
}

/// The decision so far.
#[derive(Debug, Default)]
pub(super) struct Planner {
    pub(super) plan: Plan,
    calm: u32,
    patience: u32,
    since_richer: Option<u32>,
    /// The smallest lag in the segment before.
    low: i64,
    /// The plan became cheaper at the segment before: pictures that were queued then still had the effort of before.
    settling: bool,
    /// Segments that may still show that it is no recording which is being made, but a file: then less was not needed.
    unsure: u32,
}

impl Planner {
    /// Begins with that plan because there is little room, not because of a lag.
    pub(super) fn beginning_with(plan: Plan) -> Self {
        Self { plan, unsure: if plan == Plan::Full { 0 } else { UNSURE }, ..Self::default() }
    }

    pub(super) fn decide(&mut self, now: Standing) -> Plan {
        self.since_richer = self.since_richer.map(|segments| segments + 1);
        let moved = now.low - std::mem::replace(&mut self.low, now.low);
        let falls_behind = moved > GROWS || (now.high > TOO_FAR && moved > -SHRINKS);
        let settling = std::mem::take(&mut self.settling);
        if now.live {
            self.unsure = self.unsure.saturating_sub(1);
        } else {
            self.is_a_file();
        }
        if now.live && (now.hurried || (now.low > NEAR && falls_behind)) {
            if !settling || now.low > if now.hurried { LATE } else { TOO_FAR } {
                self.cheaper();
            }
        } else if now.low < CALM || !now.live {
            self.calm += 1;
            if self.calm >= self.patience.max(PATIENCE.0) && (now.spare || !now.live) {
                self.richer(now.caught_up);
            }
        } else {
            self.calm = 0;
        }
        self.plan
    }

    /// It is no recording that is being made. While that was not told, it had the plan it began with.
    pub(super) fn is_a_file(&mut self) {
        if std::mem::take(&mut self.unsure) > 0 {
            self.plan = Plan::Full;
        }
    }

    fn cheaper(&mut self) {
        (self.calm, self.settling) = (0, true);
        // What was tried and did not go well is tried again later.
        if self.since_richer.take().is_some_and(|segments| segments < 10) {
            self.patience = (self.patience.max(PATIENCE.0) * 2).min(PATIENCE.1);
        }
        self.plan = match self.plan {
            Plan::Full => Plan::Light,
            Plan::Light => Plan::TopFirst,
            Plan::TopFirst | Plan::Sparse => Plan::Sparse,
        };
    }

    fn richer(&mut self, caught_up: bool) {
        self.plan = match self.plan {
            Plan::Full => return,
            Plan::Light => Plan::Full,
            Plan::Sparse => Plan::TopFirst,
            Plan::TopFirst if caught_up => Plan::Light,
            Plan::TopFirst => return,
        };
        self.calm = 0;
        self.since_richer = Some(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(low: f64, high: f64) -> Standing {
        let ticks = |seconds: f64| (seconds * SECOND as f64) as i64;
        Standing { low: ticks(low), high: ticks(high), live: true, hurried: false, spare: true, caught_up: true }
    }

    #[test]
    fn long_slices_alone_are_no_reason_and_a_true_lag_is() {
        let mut planner = Planner::default();
        for _ in 0..5 {
            assert_eq!(planner.decide(standing(0.0, 2.2)), Plan::Full);
        }
        assert_eq!(planner.decide(standing(0.8, 1.8)), Plan::Light);
        assert_eq!(planner.decide(standing(1.6, 1.7)), Plan::TopFirst);
        assert_eq!(planner.decide(standing(1.6, 1.7)), Plan::Sparse);
        assert_eq!(planner.decide(standing(1.6, 1.7)), Plan::Sparse);
    }

    #[test]
    fn a_lag_that_grows_is_met_before_it_is_too_far_and_one_that_shrinks_is_left_to_shrink() {
        let mut planner = Planner::default();
        assert_eq!(planner.decide(standing(0.0, 0.6)), Plan::Full);
        assert_eq!(planner.decide(standing(0.6, 1.2)), Plan::Light);
        assert_eq!(planner.decide(standing(1.4, 1.9)), Plan::Light, "the queue still holds pictures of the full plan");
        assert_eq!(planner.decide(standing(1.2, 1.8)), Plan::Light, "it shrinks");
        assert_eq!(planner.decide(standing(1.2, 1.6)), Plan::TopFirst, "it stays too far");
        let mut steady = Planner::default();
        for low in [0.2, 0.4, 0.6, 0.8, 0.8, 0.8] {
            assert_eq!(steady.decide(standing(low, 1.3)), Plan::Full, "behind, but not too far");
        }
    }

    #[test]
    fn a_richer_plan_is_tried_when_it_is_calm_and_later_when_it_failed() {
        let mut planner = Planner { plan: Plan::Sparse, ..Planner::default() };
        let calm = standing(0.1, 0.4);
        assert_eq!([(); 3].map(|()| planner.decide(calm)), [Plan::Sparse, Plan::Sparse, Plan::TopFirst]);
        let behind = Standing { caught_up: false, ..calm };
        assert!((0..10).all(|_| planner.decide(behind) == Plan::TopFirst), "the others are not there yet");
        assert_eq!(planner.decide(calm), Plan::Light);
        let plans: Vec<Plan> = (0..3).map(|_| planner.decide(calm)).collect();
        assert_eq!(plans, [Plan::Light, Plan::Light, Plan::Full]);
        assert_eq!(planner.decide(standing(1.0, 2.0)), Plan::Light);
        let calm_ones = (0..20).take_while(|_| planner.decide(calm) == Plan::Light).count();
        assert_eq!(calm_ones, 5, "twice the patience");
    }

    #[test]
    fn where_there_is_little_room_a_recording_begins_with_less_and_a_file_does_not() {
        let (calm, behind) = (standing(0.1, 0.4), standing(0.5, 0.9));
        let file = Standing { live: false, ..calm };
        let plans = |begin, rounds: &[Standing]| -> Vec<Plan> {
            let mut planner = Planner::beginning_with(begin);
            rounds.iter().map(|round| planner.decide(*round)).collect()
        };
        assert_eq!(plans(Plan::Light, &[calm; 3]), [Plan::Light, Plan::Light, Plan::Full], "it goes well");
        assert_eq!(plans(Plan::Light, &[calm, calm, behind, calm]), [Plan::Light; 4], "it does not");
        let alone = Plan::TopFirst;
        assert_eq!(plans(alone, &[calm, calm, calm]), [alone, alone, Plan::Light]);
        for begin in [Plan::Light, alone] {
            assert_eq!(plans(begin, &[file, file]), [Plan::Full; 2]);
            assert_eq!(plans(begin, &[calm, file]), [begin, Plan::Full], "seen at the second segment");
        }
        assert_eq!(plans(alone, &[behind, behind, file]), [alone; 3], "a recording that has ended goes on as it was");
    }

    #[test]
    fn nothing_richer_is_tried_while_a_slice_takes_most_of_the_time_until_the_next() {
        let mut planner = Planner::beginning_with(Plan::Light);
        let calm = standing(0.1, 1.1);
        assert!((0..9).all(|_| planner.decide(Standing { spare: false, ..calm }) == Plan::Light));
        assert_eq!(planner.decide(calm), Plan::Full, "it was calm for long");
    }

    #[test]
    fn pictures_that_had_to_be_left_out_make_the_next_plan_cheaper() {
        let mut planner = Planner::default();
        let hurried = Standing { hurried: true, ..standing(0.2, 1.1) };
        assert_eq!(planner.decide(hurried), Plan::Light);
        assert_eq!(planner.decide(hurried), Plan::Light, "the queue still holds pictures of the full plan");
        assert_eq!(planner.decide(hurried), Plan::TopFirst);
        assert_eq!(planner.decide(Standing { live: false, ..hurried }), Plan::TopFirst, "it has ended");
    }

    #[test]
    fn a_file_that_comes_at_once_keeps_the_full_plan() {
        let mut planner = Planner::default();
        let file = Standing { live: false, ..standing(60.0, 170.0) };
        assert!((0..90).all(|_| planner.decide(file) == Plan::Full));
    }
}
