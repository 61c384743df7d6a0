//! The tree of units: one company at the top, divisions under it or under each other, teams anywhere below. Rules over more
//! than one row are checked while the organisation's row is held.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::account::{Person, PersonRef, PersonState, Role, people_by_ids};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::{Db, Tx};
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::http::patch::present;
use crate::id::{PersonId, UnitId};

use super::sql::unit::{self as sql, Counted};
use super::{Unit, UnitKind};

/// A unit as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Unit)]
pub struct UnitView {
    /// Its id.
    pub id: UnitId,
    /// Company, division or team.
    pub kind: UnitKind,
    /// The unit it is part of; null for the company.
    pub parent: Option<UnitId>,
    /// Who leads it.
    pub lead: Option<PersonRef>,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// How many people are in it.
    pub members: i64,
    /// For optimistic locking.
    pub revision: i64,
}

/// A unit to be made.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct NewUnit {
    /// Division or team; the company exists from the start.
    kind: UnitKind,
    /// The unit it is part of; the company when absent.
    parent: Option<UnitId>,
    /// Who leads it.
    lead: Option<PersonId>,
    /// Its name.
    name: String,
}

/// A change to a unit; absent fields stay.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct UnitChange {
    /// Its name.
    name: Option<String>,
    /// The unit it is part of.
    parent: Option<UnitId>,
    /// Who leads it; null for nobody.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<PersonId>)]
    lead: Option<Option<PersonId>>,
    /// The revision this change was made from.
    revision: i64,
}

/// Units as they are shown.
///
/// # Errors
/// The database's.
pub async fn views(db: &Db, units: Vec<Counted>) -> Result<Vec<UnitView>, sqlx::Error> {
    let leads: Vec<PersonId> = units.iter().filter_map(|counted| counted.unit.lead).collect();
    let leads = people_by_ids(db, &leads).await?;
    let view = |Counted { unit, members }: Counted| UnitView {
        lead: unit.lead.and_then(|id| leads.get(&id).cloned()),
        id: unit.id,
        kind: unit.kind,
        parent: unit.parent,
        name: unit.name,
        slug: unit.slug,
        members,
        revision: unit.revision,
    };
    Ok(units.into_iter().map(view).collect())
}

/// One unit as it is shown.
///
/// # Errors
/// There is none of that id; the database's.
pub async fn view(db: &Db, person: &Person, id: UnitId) -> Result<UnitView, Problem> {
    let found = sql::one(db, person.organisation, id).await?.ok_or_else(Problem::not_found)?;
    views(db, vec![found]).await?.pop().ok_or_else(Problem::not_found)
}

/// Makes a division (with its five channels) or a team.
///
/// # Errors
/// Fields that need another value; the database's.
pub async fn create(app: &App, admin: &Person, new: NewUnit) -> Result<UnitId, Problem> {
    let mut form = Form::new();
    let name = form.line("name", &new.name, 1, 100);
    if new.kind == UnitKind::Company {
        form.wrong("kind", "The company exists already: a division or a team.");
    }
    form.done()?;
    let mut tx = app.db.begin().await?;
    super::sql::hold(&mut tx, admin.organisation).await?;
    let mut unit = Unit::new(app.clock.id(), admin.organisation, new.kind, &name, app.clock.now());
    unit.parent = match new.parent {
        Some(parent) => Some(parent),
        None => sql::company(&mut tx, admin.organisation).await?,
    };
    unit.lead = new.lead;
    check_parent(&mut tx, &unit).await?;
    check_lead(&mut tx, &unit).await?;
    insert(&mut tx, &mut unit).await?;
    if unit.kind == UnitKind::Division {
        crate::channel::seed(&mut tx, admin.organisation, unit.id, &app.clock).await?;
    }
    let event = AuditEvent::by(&app.clock, admin, "unit.created", "unit", unit.id.0);
    audit::record(&mut tx, &event.detail(json!({ "kind": unit.kind, "name": unit.name }))).await?;
    tx.commit().await?;
    Ok(unit.id)
}

/// Adds the row under the first slug that is free.
async fn insert(tx: &mut Tx, unit: &mut Unit) -> Result<(), sqlx::Error> {
    let base = unit.slug.clone();
    for n in 2.. {
        if sql::insert(tx, unit).await? {
            break;
        }
        unit.slug = format!("{base}-{n}");
    }
    Ok(())
}

/// Renames a unit, moves it in the tree or gives it another lead.
///
/// # Errors
/// There is none of that id, fields that need another value, a cycle, a stale revision; the database's.
pub async fn change(app: &App, admin: &Person, id: UnitId, change: UnitChange) -> Result<(), Problem> {
    let mut form = Form::new();
    let mut tx = app.db.begin().await?;
    super::sql::hold(&mut tx, admin.organisation).await?;
    let before = sql::one_in(&mut tx, admin.organisation, id).await?.ok_or_else(Problem::not_found)?;
    let mut next = before.clone();
    if let Some(name) = &change.name {
        next.name = form.line("name", name, 1, 100);
    }
    form.done()?;
    next.parent = change.parent.or(before.parent);
    next.lead = change.lead.unwrap_or(before.lead);
    if next.parent != before.parent {
        check_parent(&mut tx, &next).await?;
    }
    if next.lead != before.lead {
        check_lead(&mut tx, &next).await?;
    }
    if !sql::update(&mut tx, &next, change.revision).await? {
        drop(tx);
        return Err(Problem::stale(&view(&app.db, admin, id).await?));
    }
    let event = AuditEvent::by(&app.clock, admin, "unit.changed", "unit", id.0);
    let detail = json!({ "name": [before.name, next.name], "parent": [before.parent, next.parent],
                         "lead": [before.lead, next.lead] });
    audit::record(&mut tx, &event.detail(detail)).await?;
    Ok(tx.commit().await?)
}

/// Deletes a unit in which nothing is left. A division's channels go with it: nobody has posted in them.
///
/// # Errors
/// There is none of that id, something is left in it; the database's.
pub async fn delete(app: &App, admin: &Person, id: UnitId) -> Result<(), Problem> {
    let mut tx = app.db.begin().await?;
    super::sql::hold(&mut tx, admin.organisation).await?;
    let unit = sql::one_in(&mut tx, admin.organisation, id).await?.ok_or_else(Problem::not_found)?;
    if unit.kind == UnitKind::Company {
        return Err(Problem::new(Code::Conflict, "The company stays: everything hangs under it."));
    }
    if let Some(left) = sql::left_in(&mut tx, id).await?.sentence() {
        return Err(Problem::new(Code::Conflict, format!("{} still holds {left}. Move them first.", unit.name)));
    }
    sql::delete(&mut tx, id).await.map_err(|error| match error.as_database_error() {
        // Somebody put something into it while we looked.
        Some(inner) if inner.is_foreign_key_violation() => {
            Problem::new(Code::Conflict, format!("{} is not empty any more.", unit.name))
        }
        _ => error.into(),
    })?;
    let event = AuditEvent::by(&app.clock, admin, "unit.deleted", "unit", id.0);
    audit::record(&mut tx, &event.detail(json!({ "kind": unit.kind, "name": unit.name }))).await?;
    Ok(tx.commit().await?)
}

/// The company stands alone; a division stands under the company or a division; a team anywhere; nothing under itself.
async fn check_parent(tx: &mut Tx, unit: &Unit) -> Result<(), Problem> {
    let Some(parent) = unit.parent else { return Ok(()) };
    let Some(parent) = sql::one_in(tx, unit.organisation, parent).await? else {
        return Err(Problem::field("parent", "There is no such unit."));
    };
    match (unit.kind, parent.kind) {
        (UnitKind::Company, _) => return Err(Problem::field("parent", "The company is not part of anything.")),
        (UnitKind::Division, UnitKind::Team) => {
            return Err(Problem::field("parent", "A division is part of the company or of a division, not of a team."));
        }
        _ => {}
    }
    if sql::is_above(tx, unit.id, parent.id).await? {
        let sentence = format!("{} would be inside itself.", unit.name);
        return Err(Problem::new(Code::UnitCycle, sentence.clone()).with("fields", json!({ "parent": sentence })));
    }
    Ok(())
}

async fn check_lead(tx: &mut Tx, unit: &Unit) -> Result<(), Problem> {
    let Some(lead) = unit.lead else { return Ok(()) };
    let found = crate::account::sql::person::one_in(tx, unit.organisation, lead).await?;
    match found {
        Some(person) if person.state == PersonState::Active && person.role != Role::Guest => Ok(()),
        _ => Err(Problem::field("lead", "There is no such member.")),
    }
}

/// Puts a person into a unit, or takes them out.
///
/// # Errors
/// There is no such unit or person; the database's.
pub async fn set_member(app: &App, admin: &Person, id: UnitId, person: PersonId, is_in: bool) -> Result<(), Problem> {
    let mut tx = app.db.begin().await?;
    sql::one_in(&mut tx, admin.organisation, id).await?.ok_or_else(Problem::not_found)?;
    let found = crate::account::sql::person::one_in(&mut tx, admin.organisation, person).await?;
    found.ok_or_else(Problem::not_found)?;
    let (changed, action) = match is_in {
        true => (sql::add_member(&mut tx, id, person).await?, "unit.member_added"),
        false => (sql::remove_member(&mut tx, id, person).await?, "unit.member_removed"),
    };
    if changed {
        let event = AuditEvent::by(&app.clock, admin, action, "unit", id.0).detail(json!({ "person": person }));
        audit::record(&mut tx, &event).await?;
    }
    Ok(tx.commit().await?)
}
