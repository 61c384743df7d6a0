//! Goals through eight weeks: of the year, the quarter, the month and single weeks, each under a wider one; ended with an
//! outcome and a note, or carried on.

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde_json::json;

use crate::checkin::slots;
use crate::goal::change::{self, Ending, NewGoal};
use crate::goal::metric::change::NewPoint;
use crate::goal::{self, Outcome, Period, PeriodKind, Scope, carry, metric};
use crate::id::{GoalId, MetricId, UnitId};
use crate::jobs::Failure;

use super::Story;
use super::agenda::Dice;
use super::cast::{CAST, Member, UNITS};
use super::words;

/// A goal that somebody has.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// The goal.
    pub goal: GoalId,
    /// Its metric, if it has one.
    pub metric: Option<MetricId>,
    /// Its period.
    pub period: Period,
}

/// Where somebody stands.
#[derive(Debug)]
pub struct Standing {
    /// Goal of the year.
    pub year: Option<Held>,
    /// Goal of the quarter.
    pub quarter: Option<Held>,
    /// Goal of the month.
    pub month: Option<Held>,
    /// Goal of the week, and the task it is.
    pub week: Option<Held>,
    /// Which of their tasks is the present one.
    pub task: usize,
    /// Whether the task of the week is done.
    pub done: bool,
    /// The value of the lead metric now.
    pub value: f64,
    /// Check-ins so far.
    pub said: usize,
    /// How well they get on: 1 is exactly in time.
    pub pace: f64,
}

impl Standing {
    /// At the start.
    pub fn new(member: &Member, dice: &mut Dice) -> Self {
        let pace = 0.45 + 0.6 * dice.part();
        let value = member.aim.way.0;
        Self { year: None, quarter: None, month: None, week: None, task: 0, done: false, value, said: 0, pace }
    }
}

/// A goal of the year or the quarter: whose, the division, the title, why, its lag metric with unit, from and to.
type Wide = (usize, Option<usize>, &'static str, &'static str, &'static str, &'static str, f64, f64);

const YEAR: Wide = (
    0,
    None,
    "A probe that any site can trust",
    "Trust is what renews. Everything else this year is in its service.",
    "Probes back within a year",
    "%",
    9.0,
    3.0,
);
const QUARTER: [Wide; 4] = [
    (
        0,
        None,
        "Three goals for the quarter, and no fourth",
        "Renewals, Probe 3, and help within four hours.",
        "Goals in progress",
        "goals",
        7.0,
        3.0,
    ),
    (
        1,
        Some(0),
        "Probe 3 ready for the first hundred sites",
        "Housing, firmware and calibration together, or not at all.",
        "Sites that could have it",
        "sites",
        4.0,
        100.0,
    ),
    (
        16,
        Some(1),
        "Renewals come before new sites",
        "A site that stays is worth four that are won.",
        "Revenue renewed of what is due",
        "%",
        61.0,
        92.0,
    ),
    (
        28,
        Some(2),
        "Help within four hours, wherever the pen is",
        "Hubs, vans and parts, so that a boat is the last resort.",
        "Median hours until help",
        "h",
        9.5,
        4.0,
    ),
];

impl Story<'_> {
    /// A week begins: slots are made ahead, what has run out ends, what is needed begins.
    pub(super) async fn week(&mut self, day: NaiveDate) -> Result<(), Failure> {
        let mut tx = self.app.db.begin().await?;
        for person in &self.people {
            slots::make_ahead(&mut tx, person.id, &self.app.clock).await?;
        }
        tx.commit().await?;
        // A week belongs to the month of its Thursday.
        let thursday = day + TimeDelta::days(3);
        self.wide(thursday).await?;
        for who in 0..CAST.len() {
            self.month(who, thursday).await?;
            self.close_week(who).await?;
            if (who + day.iso_week().week() as usize).is_multiple_of(2) {
                self.begin_week(who, day).await?;
            }
            self.work.alive();
        }
        Ok(())
    }

    fn period(&self, kind: PeriodKind, day: NaiveDate) -> Result<Period, Failure> {
        Period::of(kind, day, self.fiscal).ok_or_else(|| Failure::permanent("beyond the calendar"))
    }

    async fn wide(&mut self, day: NaiveDate) -> Result<(), Failure> {
        let year = self.period(PeriodKind::Year, day)?;
        if self.standing[0].year.is_none_or(|held| held.period != year) {
            self.standing[0].year = Some(self.make_wide(&YEAR, year, None).await?);
        }
        let quarter = self.period(PeriodKind::Quarter, day)?;
        for wide in &QUARTER {
            let old = self.standing[wide.0].quarter;
            if old.is_some_and(|held| held.period == quarter) {
                continue;
            }
            if let Some(old) = old {
                let note = "The quarter is over. What is left goes on under the new one.";
                self.end(wide.0, old.goal, Outcome::Partly, note).await?;
            }
            let parent = self.standing[0].year.map(|held| held.goal);
            self.standing[wide.0].quarter = Some(self.make_wide(wide, quarter, parent).await?);
        }
        Ok(())
    }

    async fn make_wide(&mut self, wide: &Wide, period: Period, parent: Option<GoalId>) -> Result<Held, Failure> {
        let (who, unit, title, about, name, of, from, to) = *wide;
        let scope = if unit.is_none() { Scope::Company } else { Scope::Division };
        let unit = unit.map(|unit| self.units[unit]);
        let metrics = json!([{ "name": name, "kind": "lag", "unit": of, "baseline": from, "target": to,
            "format": if of == "%" { "percent" } else { "number" },
            "direction": if to > from { "increase" } else { "decrease" } }]);
        self.make(who, (scope, unit), period, parent, (title, about), metrics).await
    }

    async fn make(
        &mut self,
        who: usize,
        (scope, unit): (Scope, Option<UnitId>),
        period: Period,
        parent: Option<GoalId>,
        (title, description): (&str, &str),
        metrics: serde_json::Value,
    ) -> Result<Held, Failure> {
        let new = NewGoal {
            scope,
            unit,
            owner: None,
            period_kind: period.kind,
            period_start: period.start,
            parent,
            title: title.to_owned(),
            description: description.to_owned(),
            reviewer: None,
            state: None,
            metrics: serde_json::from_value(metrics).map_err(Failure::permanent)?,
        };
        let goal = change::create(&self.app, &self.people[who], new).await.map_err(Failure::passing)?;
        self.held(goal, period).await
    }

    async fn held(&self, goal: GoalId, period: Period) -> Result<Held, Failure> {
        let metrics = metric::sql::of_goals(&self.app.db, &[goal]).await?;
        Ok(Held { goal, metric: metrics.first().map(|metric| metric.id), period })
    }

    async fn end(&self, who: usize, goal: GoalId, outcome: Outcome, note: &str) -> Result<(), Failure> {
        let ending = Ending::Closed(Some(outcome));
        change::end(&self.app, &self.people[who], goal, ending, note, None).await.map_err(Failure::passing)
    }

    /// The goal of the month: made once, then carried on from month to month until it is reached.
    async fn month(&mut self, who: usize, day: NaiveDate) -> Result<(), Failure> {
        let period = self.period(PeriodKind::Month, day)?;
        let Some(old) = self.standing[who].month else {
            let held = self.first_month(who, period).await?;
            self.standing[who].month = Some(held);
            return Ok(());
        };
        if old.period == period {
            return Ok(());
        }
        let row = goal::sql::one(&self.app.db, self.organisation, old.goal).await?;
        let revision = row.ok_or_else(|| Failure::permanent("a goal is gone"))?.revision;
        let carrying = carry::Carrying {
            outcome: Some(Outcome::Partly),
            note: words::closing(&CAST[who], self.standing[who].value, false),
            period_kind: None,
            period_start: Some(period.start),
            title: None,
            owner: None,
            parent: None,
            revision,
        };
        let carried = carry::carry(&self.app, &self.people[who], old.goal, carrying).await;
        let goal = carried.map_err(Failure::passing)?;
        self.standing[who].month = Some(self.held(goal, period).await?);
        Ok(())
    }

    async fn first_month(&mut self, who: usize, period: Period) -> Result<Held, Failure> {
        let (member, boss) = (&CAST[who], CAST[who].boss);
        let parent = match self.standing[who].quarter.or(self.standing[boss].month.filter(|_| boss > 0)) {
            Some(held) => Some(held.goal),
            None => self.standing[0].quarter.map(|held| held.goal),
        };
        let leads = UNITS.iter().position(|unit| unit.2 == who);
        let scope = match (who, leads) {
            (0, _) => Scope::Company,
            (_, Some(0..=2)) => Scope::Division,
            (_, Some(_)) => Scope::Manager,
            (_, None) => Scope::Individual,
        };
        let (aim, (from, to)) = (&member.aim, member.aim.way);
        let metrics = json!([{ "name": aim.metric, "kind": "lead", "unit": aim.unit, "baseline": from, "target": to,
            "format": if aim.unit == "%" { "percent" } else { "number" },
            "direction": if to > from { "increase" } else { "decrease" } }]);
        let unit = member.unit.map(|unit| self.units[unit]);
        self.make(who, (scope, unit), period, parent, (aim.goal, ""), metrics).await
    }

    async fn close_week(&mut self, who: usize) -> Result<(), Failure> {
        let Some(old) = self.standing[who].week.take() else { return Ok(()) };
        let task = CAST[who].aim.tasks[self.standing[who].task];
        let (outcome, note) = match self.standing[who].done {
            true => (Outcome::Achieved, format!("{task}: done and written down.")),
            false if self.dice.chance(50) => (
                Outcome::Partly,
                format!(
                    "Half of it. The rest of \u{201c}{}\u{201d} needs a part that comes on Wednesday.",
                    words::lower(task)
                ),
            ),
            false => {
                (Outcome::Missed, "Not begun. Two faults took the days; I would choose the same again.".to_owned())
            }
        };
        self.end(who, old.goal, outcome, &note).await
    }

    async fn begin_week(&mut self, who: usize, day: NaiveDate) -> Result<(), Failure> {
        let period = self.period(PeriodKind::Week, day)?;
        let begun = (day - self.start.with_timezone(&self.zone).date_naive()).num_weeks();
        let task = usize::try_from(begun / 2).unwrap_or(0) % 4;
        (self.standing[who].task, self.standing[who].done) = (task, false);
        let parent = self.standing[who].month.map(|held| held.goal);
        let metrics = match who % 2 {
            0 => json!([{ "name": "Done", "kind": "lag", "format": "yes_no", "baseline": 0.0, "target": 1.0 }]),
            _ => json!([]),
        };
        let unit = CAST[who].unit.map(|unit| self.units[unit]);
        let title = (CAST[who].aim.tasks[task], "");
        let held = self.make(who, (Scope::Individual, unit), period, parent, title, metrics).await?;
        self.standing[who].week = Some(held);
        Ok(())
    }

    /// On a Friday those who have a goal of the quarter or the year note what follows.
    pub(super) async fn numbers(&mut self) -> Result<(), Failure> {
        let part =
            (self.app.clock.now() - self.start).num_days() as f64 / (self.end - self.start).num_days().max(1) as f64;
        let wide: Vec<(usize, Held, f64, f64)> = QUARTER
            .iter()
            .filter_map(|wide| Some((wide.0, self.standing[wide.0].quarter?, wide.6, wide.7)))
            .chain(self.standing[0].year.map(|held| (0, held, YEAR.6, YEAR.7)))
            .collect();
        for (who, held, from, to) in wide {
            let Some(metric) = held.metric else { continue };
            let value = from + (to - from) * (part * self.standing[who].pace * 0.8 + 0.06 * self.dice.part());
            let value = if (to - from).abs() > 20.0 { value.round() } else { (value * 10.0).round() / 10.0 };
            let new = NewPoint { value, at: None, note: String::new(), supersedes: None };
            metric::change::note(&self.app, &self.people[who], metric, new).await.map_err(Failure::passing)?;
        }
        Ok(())
    }
}
