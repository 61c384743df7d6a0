//! A circle: the people that a round or a scoreboard is about. The company, a unit with what is under it, whoever reports to a
//! manager, or one person. It is who belongs today; what they did is told by facts that keep their own dates.

use serde::Serialize;
use uuid::Uuid;

use crate::account::{Person, people_by_ids};
use crate::app::App;
use crate::db::text_enum;
use crate::error::Problem;
use crate::id::{PersonId, UnitId};

use super::{UnitKind, sql};

text_enum! {
    /// What holds a circle together.
    CircleKind {
        /// Everybody.
        Company = "company",
        /// A division or a team with the units under it.
        Unit = "unit",
        /// Whoever reports to one person.
        Manager = "manager",
        /// One person.
        Person = "person",
    }
}

/// Some people of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Circle {
    /// What holds it together.
    pub kind: CircleKind,
    /// The organisation, unit or person it is named by.
    pub id: Uuid,
    /// Its name: the unit's or the person's.
    pub name: String,
}

/// Everybody.
///
/// # Errors
/// The database's, as a problem.
pub async fn company(app: &App, asker: &Person) -> Result<Circle, Problem> {
    let organisation = sql::organisation(&app.db, asker.organisation).await?.ok_or_else(Problem::not_found)?;
    Ok(Circle { kind: CircleKind::Company, id: organisation.id.0, name: organisation.name })
}

/// A unit; the company's own is everybody.
///
/// # Errors
/// There is no such unit; the database's.
pub async fn unit(app: &App, asker: &Person, id: UnitId) -> Result<Circle, Problem> {
    let found = sql::unit::one(&app.db, asker.organisation, id).await?.ok_or_else(Problem::not_found)?;
    if found.unit.kind == UnitKind::Company {
        return company(app, asker).await;
    }
    Ok(Circle { kind: CircleKind::Unit, id: id.0, name: found.unit.name })
}

/// Whoever reports to a person, or that person alone.
///
/// # Errors
/// There is no such person; the database's.
pub async fn around(app: &App, asker: &Person, kind: CircleKind, id: PersonId) -> Result<Circle, Problem> {
    let found = crate::account::sql::person::one(&app.db, asker.organisation, id).await?;
    let person = found.ok_or_else(Problem::not_found)?;
    Ok(Circle { kind, id: person.id.0, name: person.name })
}

/// The circle somebody is most likely to ask about: their reports, else those who report to the same manager, else everybody.
///
/// # Errors
/// The database's, as a problem.
pub async fn usual(app: &App, asker: &Person) -> Result<Circle, Problem> {
    if sql::circle::has_reports(&app.db, asker.id).await? {
        return around(app, asker, CircleKind::Manager, asker.id).await;
    }
    match asker.manager {
        Some(manager) if people_by_ids(&app.db, &[manager]).await?.contains_key(&manager) => {
            around(app, asker, CircleKind::Manager, manager).await
        }
        _ => company(app, asker).await,
    }
}
