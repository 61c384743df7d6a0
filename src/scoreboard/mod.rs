//! The scoreboard: lead metrics and the reliability of check-ins for the company, a division, a manager's reports or one person.
//! It shows facts that other features wrote; nothing is judged and nobody is ranked.
//!
//! Invariant: a window is whole ISO weeks, the last one being this week. Every table comes from one bounded statement. Sums come from
//! the tables `reliability` (people) and `reliability_week` (companies), which triggers of the database keep in the transaction of every
//! slot and review (migrations 19 and 22).

pub mod csv;
pub mod fold;
pub mod metric;
pub mod routes;
pub mod sql;
pub mod view;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::Person;
use crate::app::App;
use crate::db::text_enum;
use crate::error::Problem;
use crate::id::{PersonId, UnitId};
use crate::org::circle::{self, Circle, CircleKind};

text_enum! {
    /// How wide a scoreboard reaches.
    BoardScope {
        /// Everybody.
        Company = "company",
        /// A unit and those under it.
        Division = "division",
        /// Whoever reports to one person.
        Manager = "manager",
        /// One person.
        Person = "person",
    }
}

/// Weeks that a scoreboard can look back.
pub const WEEKS: [u32; 3] = [4, 12, 26];

/// Whole ISO weeks, the last one being this week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub weeks: u32,
    /// The Monday of the first.
    pub from: NaiveDate,
    /// The Sunday of the last.
    pub to: NaiveDate,
}

impl Window {
    /// The weeks up to the one in which an instant falls in a zone.
    #[must_use]
    pub fn of(weeks: u32, now: DateTime<Utc>, zone: Tz) -> Window {
        let week = now.with_timezone(&zone).date_naive().week(Weekday::Mon);
        let from = week.first_day() - Days::new(7 * u64::from(weeks.saturating_sub(1)));
        Window { weeks, from, to: week.last_day() }
    }

    /// The Mondays of its weeks.
    pub fn mondays(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let from = self.from;
        (0..self.weeks).map(move |n| from + Days::new(7 * u64::from(n)))
    }
}

/// The ISO week of a day as it is written: "2026-W53".
#[must_use]
pub fn week_name(day: NaiveDate) -> String {
    let week = day.iso_week();
    format!("{}-W{:02}", week.year(), week.week())
}

/// The Monday of a day's week.
#[must_use]
pub fn monday(day: NaiveDate) -> NaiveDate {
    day.week(Weekday::Mon).first_day()
}

/// What became of slots and reviews, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, sqlx::FromRow, ToSchema)]
pub struct Tally {
    /// Check-ins by the due time.
    pub submitted: i64,
    /// Check-ins within the grace.
    pub late: i64,
    /// Check-ins that were not there.
    pub missed: i64,
    /// Slots that an absence excused.
    pub excused: i64,
    /// Slots that wait for their check-in.
    pub open: i64,
    /// Reviews by their due time.
    pub reviews_on_time: i64,
    /// Reviews that were not.
    pub reviews_missed: i64,
    /// Reviews whose reviewer was away.
    pub reviews_excused: i64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.submitted += more.submitted;
        self.late += more.late;
        self.missed += more.missed;
        self.excused += more.excused;
        self.open += more.open;
        self.reviews_on_time += more.reviews_on_time;
        self.reviews_missed += more.reviews_missed;
        self.reviews_excused += more.reviews_excused;
    }
}

/// What somebody asks to see.
#[derive(Clone, Debug)]
pub struct Board {
    /// How wide.
    pub scope: BoardScope,
    /// Whose.
    pub circle: Circle,
    /// Which weeks.
    pub window: Window,
    /// The month in which the organisation's year starts.
    pub fiscal: u32,
}

/// Finds what is asked for; `of` is the unit's or the person's id, oneself or one's own division when absent.
///
/// # Errors
/// No such unit or person; weeks that are not offered.
pub async fn board(
    app: &App,
    asker: &Person,
    scope: BoardScope,
    of: Option<uuid::Uuid>,
    weeks: Option<u32>,
) -> Result<Board, Problem> {
    let weeks = weeks.unwrap_or(12);
    if !WEEKS.contains(&weeks) {
        return Err(Problem::field("weeks", "4, 12 or 26."));
    }
    let organisation =
        crate::org::sql::organisation(&app.db, asker.organisation).await?.ok_or_else(Problem::not_found)?;
    let person = |kind| circle::around(app, asker, kind, of.map_or(asker.id, PersonId));
    let circle = match scope {
        BoardScope::Company => circle::company(app, asker).await?,
        BoardScope::Manager => person(CircleKind::Manager).await?,
        BoardScope::Person => person(CircleKind::Person).await?,
        BoardScope::Division => {
            let unit = match of {
                Some(of) => Some(UnitId(of)),
                None => crate::org::sql::circle::division(&app.db, asker.organisation, asker.id).await?,
            };
            circle::unit(app, asker, unit.ok_or_else(Problem::not_found)?).await?
        }
    };
    let zone: Tz = organisation.time_zone.parse().unwrap_or(Tz::UTC);
    let fiscal = organisation.fiscal_year_start.unsigned_abs().into();
    Ok(Board { scope, circle, window: Window::of(weeks, app.clock.now(), zone), fiscal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_whole_iso_weeks_also_where_a_year_has_53() {
        let now: DateTime<Utc> = "2027-01-02T10:00:00Z".parse().unwrap();
        let window = Window::of(4, now, Tz::UTC);
        assert_eq!((window.from.to_string(), window.to.to_string()), ("2026-12-07".into(), "2027-01-03".into()));
        let names: Vec<_> = window.mondays().map(week_name).collect();
        assert_eq!(names, ["2026-W50", "2026-W51", "2026-W52", "2026-W53"]);
        assert_eq!(week_name("2027-01-04".parse().unwrap()), "2027-W01");
    }

    #[test]
    fn the_week_is_the_one_where_the_organisation_is() {
        let sunday_in_utc: DateTime<Utc> = "2026-11-22T23:30:00Z".parse().unwrap();
        assert_eq!(Window::of(4, sunday_in_utc, Tz::UTC).to.to_string(), "2026-11-22");
        assert_eq!(Window::of(4, sunday_in_utc, chrono_tz::Asia::Kolkata).to.to_string(), "2026-11-29");
        assert_eq!(Window::of(4, sunday_in_utc, chrono_tz::America::Sao_Paulo).to.to_string(), "2026-11-22");
    }
}
