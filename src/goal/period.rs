//! Periods: a year, quarter, month or ISO week as its first and last day. Pure.
//!
//! Invariant: a period is always whole. Years and quarters follow the month in which the organisation's year starts; a week
//! belongs to the month (and so the quarter and the year) of its Thursday, as ISO 8601 puts it into the year of its Thursday.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use crate::db::text_enum;

text_enum! {
    /// How long a period is, from the longest.
    PeriodKind {
        /// Twelve months from the start of the organisation's year.
        Year = "year",
        /// Three months of that year.
        Quarter = "quarter",
        /// A month of the calendar.
        Month = "month",
        /// Monday to Sunday.
        Week = "week",
    }
}

/// A whole period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// How long.
    pub kind: PeriodKind,
    /// First day.
    pub start: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
}

impl Period {
    /// The period of that kind in which a day falls; none at the end of the calendar. `fiscal` is the month (1 to 12) in
    /// which the organisation's year starts.
    #[must_use]
    pub fn of(kind: PeriodKind, day: NaiveDate, fiscal: u32) -> Option<Period> {
        let month = day.with_day(1)?;
        let into_year = (day.month() + 12 - fiscal.clamp(1, 12)) % 12;
        let (start, months) = match kind {
            PeriodKind::Year => (month.checked_sub_months(Months::new(into_year))?, 12),
            PeriodKind::Quarter => (month.checked_sub_months(Months::new(into_year % 3))?, 3),
            PeriodKind::Month => (month, 1),
            PeriodKind::Week => {
                let week = day.week(Weekday::Mon);
                return Some(Period { kind, start: week.checked_first_day()?, end: week.checked_last_day()? });
            }
        };
        let end = start.checked_add_months(Months::new(months))?.pred_opt()?;
        Some(Period { kind, start, end })
    }

    /// Whether a goal of the period `other` may stand under a goal of this one.
    #[must_use]
    pub fn contains(&self, other: &Period) -> bool {
        if self == other {
            return true;
        }
        if other.kind == PeriodKind::Week {
            return self.kind != PeriodKind::Week
                && other.start.checked_add_days(Days::new(3)).is_some_and(|day| self.has(day));
        }
        self.has(other.start) && self.has(other.end)
    }

    fn has(&self, day: NaiveDate) -> bool {
        self.start <= day && day <= self.end
    }

    /// Its name: "2026" (or "2026/27"), "Quarter 4 2026", "November 2026", "Week 46".
    #[must_use]
    pub fn label(&self, fiscal: u32) -> String {
        let year = |start: NaiveDate| match start.month() {
            1 => start.year().to_string(),
            _ => format!("{}/{:02}", start.year(), (start.year() + 1).rem_euclid(100)),
        };
        match self.kind {
            PeriodKind::Year => year(self.start),
            PeriodKind::Quarter => {
                let number = (self.start.month() + 12 - fiscal.clamp(1, 12)) % 12 / 3 + 1;
                let whole = Period::of(PeriodKind::Year, self.start, fiscal);
                format!("Quarter {number} {}", year(whole.map_or(self.start, |whole| whole.start)))
            }
            PeriodKind::Month => self.start.format("%B %Y").to_string(),
            PeriodKind::Week => format!("Week {}", self.start.iso_week().week()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(kind: PeriodKind, day: &str, fiscal: u32) -> Period {
        Period::of(kind, day.parse().unwrap(), fiscal).unwrap()
    }

    fn text(kind: PeriodKind, day: &str, fiscal: u32) -> String {
        let period = period(kind, day, fiscal);
        format!("{} {} {}", period.start, period.end, period.label(fiscal))
    }

    #[test]
    fn any_day_of_a_period_names_the_whole_of_it() {
        assert_eq!(text(PeriodKind::Year, "2026-11-22", 1), "2026-01-01 2026-12-31 2026");
        assert_eq!(text(PeriodKind::Quarter, "2026-11-22", 1), "2026-10-01 2026-12-31 Quarter 4 2026");
        assert_eq!(text(PeriodKind::Month, "2028-02-29", 1), "2028-02-01 2028-02-29 February 2028");
        assert_eq!(text(PeriodKind::Week, "2026-11-22", 1), "2026-11-16 2026-11-22 Week 47");
    }

    #[test]
    fn years_and_quarters_follow_the_organisations_own_year() {
        assert_eq!(text(PeriodKind::Year, "2027-03-31", 4), "2026-04-01 2027-03-31 2026/27");
        assert_eq!(text(PeriodKind::Year, "2027-04-01", 4), "2027-04-01 2028-03-31 2027/28");
        assert_eq!(text(PeriodKind::Quarter, "2027-02-10", 4), "2027-01-01 2027-03-31 Quarter 4 2026/27");
        assert_eq!(text(PeriodKind::Quarter, "2026-11-22", 11), "2026-11-01 2027-01-31 Quarter 1 2026/27");
        assert_eq!(text(PeriodKind::Month, "2027-02-10", 4), "2027-02-01 2027-02-28 February 2027");
    }

    #[test]
    fn week_53_belongs_to_the_month_quarter_and_year_of_its_thursday() {
        let week = period(PeriodKind::Week, "2027-01-03", 1);
        assert_eq!((week.start.to_string(), week.label(1)), ("2026-12-28".into(), "Week 53".into()));
        for (kind, december, january) in [
            (PeriodKind::Month, "2026-12-31", "2027-01-01"),
            (PeriodKind::Quarter, "2026-12-31", "2027-01-01"),
            (PeriodKind::Year, "2026-12-31", "2027-01-01"),
        ] {
            assert!(period(kind, december, 1).contains(&week), "{kind} of the Thursday");
            assert!(!period(kind, january, 1).contains(&week), "{kind} of its last days");
        }
    }

    #[test]
    fn longer_periods_contain_shorter_ones_and_never_the_other_way_round() {
        let day = "2026-11-18";
        let kinds = PeriodKind::ALL;
        for (i, outer) in kinds.iter().enumerate() {
            for (j, inner) in kinds.iter().enumerate() {
                assert_eq!(period(*outer, day, 1).contains(&period(*inner, day, 1)), i <= j, "{outer} {inner}");
            }
        }
        assert!(!period(PeriodKind::Week, day, 1).contains(&period(PeriodKind::Week, "2026-11-25", 1)));
    }
}
