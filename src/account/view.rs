//! A person as their profile shows them, with manager and units; and a session as the web app starts from it.

use serde::Serialize;

use crate::app::App;
use crate::db::Db;
use crate::error::Problem;
use crate::id::PersonId;
use crate::org::{self, Organisation, UnitRef};

use super::{Person, PersonRef, PersonState, Role, people_by_ids};

/// A person with what surrounds them.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Person)]
pub struct Profile {
    /// Their id.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// Short name for mentions, without the @.
    pub handle: String,
    /// Address they sign in with.
    pub email: String,
    /// What they do.
    pub title: String,
    /// Whom they report to.
    pub manager: Option<PersonRef>,
    /// What they may do.
    pub role: Role,
    /// Active or left.
    pub state: PersonState,
    /// IANA name; the organisation's when null.
    pub time_zone: Option<String>,
    /// The units they are in.
    pub units: Vec<UnitRef>,
    /// For optimistic locking.
    pub revision: i64,
}

/// Profiles of these people, in their order, in three statements however many there are.
///
/// # Errors
/// The database's.
pub async fn profiles(db: &Db, people: Vec<Person>) -> Result<Vec<Profile>, sqlx::Error> {
    let managers: Vec<PersonId> = people.iter().filter_map(|person| person.manager).collect();
    let managers = people_by_ids(db, &managers).await?;
    let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
    let memberships = org::sql::unit::of_people(db, &ids).await?;
    let profile = |person: Person| Profile {
        manager: person.manager.and_then(|id| managers.get(&id).cloned()),
        units: memberships.iter().filter(|m| m.person == person.id).map(|m| m.unit.clone()).collect(),
        id: person.id,
        name: person.name,
        handle: person.handle,
        email: person.email,
        title: person.title,
        role: person.role,
        state: person.state,
        time_zone: person.time_zone,
        revision: person.revision,
    };
    Ok(people.into_iter().map(profile).collect())
}

/// The profile of one person.
///
/// # Errors
/// The database's.
pub async fn profile(db: &Db, person: Person) -> Result<Profile, sqlx::Error> {
    profiles(db, vec![person]).await?.pop().ok_or(sqlx::Error::RowNotFound)
}

/// What the web app needs to start: who is signed in, where, and what a recording may be.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Session)]
pub struct Start {
    /// Who.
    pub person: Profile,
    /// Where.
    pub organisation: Organisation,
    /// Longest recording in milliseconds.
    pub recording_limit_ms: i64,
    /// Takes for each thing that is recorded.
    pub takes: i16,
}

/// The start for a person.
///
/// # Errors
/// The database's, as a problem.
pub async fn start(app: &App, person: Person) -> Result<Start, Problem> {
    let organisation = org::sql::organisation(&app.db, person.organisation).await?;
    let organisation = organisation.ok_or_else(|| Problem::internal("a person without an organisation"))?;
    let (recording_limit_ms, takes) = (organisation.limit_ms, organisation.takes);
    Ok(Start { person: profile(&app.db, person).await?, organisation, recording_limit_ms, takes })
}
