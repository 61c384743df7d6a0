//! How goals stand under each other: the parent's period contains the child's, the parent's scope is the same or wider,
//! nothing stands under itself.

use crate::db::Tx;
use crate::id::GoalId;

use super::{GoalError, GoalRow, GoalState, Period, Scope, sql};

/// Checks a goal against its parent, if it has one. `id` is absent for a goal that is being made.
///
/// # Errors
/// Which rule it would break.
pub async fn check_parent(tx: &mut Tx, goal: &GoalRow, id: Option<GoalId>) -> Result<(), GoalError> {
    let Some(parent) = goal.parent else { return Ok(()) };
    let Some(parent) = sql::one_in(tx, goal.organisation, parent).await? else {
        return Err(GoalError::Field("parent", "There is no such goal.".to_owned()));
    };
    if parent.state == GoalState::Cancelled {
        return Err(GoalError::Field("parent", "That goal was cancelled.".to_owned()));
    }
    fits(&goal.period(), goal.scope, &parent)?;
    match id {
        Some(id) if sql::is_above(tx, id, parent.id).await? => Err(GoalError::Cycle),
        _ => Ok(()),
    }
}

/// Checks that the goals under a changed one still fit.
///
/// # Errors
/// The first that would not.
pub async fn check_children(tx: &mut Tx, goal: &GoalRow) -> Result<(), GoalError> {
    for (title, scope, kind, start, end) in sql::children(tx, goal.id).await? {
        if fits(&Period { kind, start, end }, scope, goal).is_err() {
            return Err(GoalError::ChildLeft(title));
        }
    }
    Ok(())
}

fn fits(period: &Period, scope: Scope, parent: &GoalRow) -> Result<(), GoalError> {
    // Scopes are declared from the widest.
    if parent.scope > scope {
        return Err(GoalError::ParentScope(parent.scope));
    }
    if !parent.period().contains(period) {
        return Err(GoalError::ParentPeriod(parent.period().label(parent.fiscal_year_start.unsigned_abs().into())));
    }
    Ok(())
}
