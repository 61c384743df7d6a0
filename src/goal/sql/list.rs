//! The statement behind every list of goals: which ones, in which order, after which place.

use chrono::{Days, NaiveDate};
use sqlx::QueryBuilder;

use crate::db::{Db, push_list};
use crate::goal::{GoalRow, GoalState, Period, PeriodKind, Scope};
use crate::id::{GoalId, OrganisationId, PersonId, UnitId};
use crate::on_db;

use super::GOAL;

/// Which goals a list asks for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of one length of period.
    pub kind: Option<PeriodKind>,
    /// Whose period contains this day.
    pub on: Option<NaiveDate>,
    /// Whose whole period lies in this one.
    pub within: Option<Period>,
    /// Of one scope.
    pub scope: Option<Scope>,
    /// Of one of these units.
    pub units: Option<Vec<UnitId>>,
    /// Of one owner.
    pub owner: Option<PersonId>,
    /// Under one of these goals; `Some(empty)` for those under none.
    pub under: Option<Vec<GoalId>>,
    /// Only goals whose parent this list leaves out: where a tree of what is listed begins.
    pub tops: bool,
    /// Only active ones of which the last check-in said caution or off track.
    pub look: bool,
    /// In one state; all but cancelled ones when absent.
    pub state: Option<GoalState>,
}

/// What a goal (by its alias in the statement) has to be. Without `and` in front of the first.
macro_rules! wanted {
    ($sql:ident, $goal:literal, $filter:ident) => {
        match $filter.state {
            Some(state) => drop($sql.push(concat!($goal, ".state = ")).push_bind(state)),
            None => drop($sql.push(concat!($goal, ".state <> 'cancelled'"))),
        }
        if $filter.look {
            $sql.push(concat!(" and ", $goal, ".state = 'active' and ", $goal, ".status in ('caution', 'off_track')"));
        }
        if let Some(within) = &$filter.within {
            // A week lies where its Thursday is, so its Monday may be three days early.
            let early = |day: NaiveDate| day.checked_sub_days(Days::new(3)).unwrap_or(day);
            $sql.push(concat!(" and ", $goal, ".period_start >= ")).push_bind(early(within.start));
            $sql.push(concat!(" and ", $goal, ".period_start <= ")).push_bind(within.end);
            $sql.push(concat!(" and case ", $goal, ".period_kind when 'week' then ", $goal, ".period_start <= "));
            $sql.push_bind(early(within.end));
            $sql.push(concat!(" else ", $goal, ".period_start >= ")).push_bind(within.start);
            $sql.push(concat!(" and ", $goal, ".period_end <= ")).push_bind(within.end).push(" end");
        }
        if let Some(scope) = $filter.scope {
            $sql.push(concat!(" and ", $goal, ".scope = ")).push_bind(scope);
        }
        if let Some(units) = &$filter.units {
            $sql.push(concat!(" and ", $goal, ".unit in ("));
            push_list(&mut $sql, units.iter().copied());
            $sql.push(")");
        }
        if let Some(owner) = $filter.owner {
            $sql.push(concat!(" and ", $goal, ".owner = ")).push_bind(owner);
        }
    };
}

/// Goals of the latest periods first, after a place in the list.
pub async fn list(
    db: &Db,
    organisation: OrganisationId,
    filter: &Filter,
    after: (NaiveDate, GoalId),
    limit: i64,
) -> Result<Vec<GoalRow>, sqlx::Error> {
    if filter.units.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(GOAL);
        sql.push("where g.organisation = ").push_bind(organisation);
        sql.push(" and (g.period_start, g.id) < (").push_bind(after.0).push(", ").push_bind(after.1).push(") and ");
        wanted!(sql, "g", filter);
        if let Some(kind) = filter.kind {
            sql.push(" and g.period_kind = ").push_bind(kind);
        }
        if let Some(day) = filter.on {
            sql.push(" and g.period_start <= ").push_bind(day).push(" and g.period_end >= ").push_bind(day);
        }
        match filter.under.as_deref() {
            None => {}
            Some([]) => drop(sql.push(" and g.parent is null")),
            Some(parents) => {
                sql.push(" and g.parent in (");
                push_list(&mut sql, parents.iter().copied());
                sql.push(")");
            }
        }
        if filter.tops {
            // What a parent leaves open (no unit, no status) is not what was asked for.
            sql.push(" and (g.parent is null or not coalesce((");
            wanted!(sql, "p", filter);
            sql.push("), false))");
        }
        sql.push(" order by g.period_start desc, g.id desc limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}
