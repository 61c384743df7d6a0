//! Setting a server up: an organisation with its company, its five channels and its first administrator, in one transaction.

use serde_json::json;

use crate::admin::audit::{self, AuditEvent};
use crate::clock::Clock;
use crate::db::Tx;
use crate::org::sql as org_sql;
use crate::org::{Organisation, Unit, UnitKind};

use super::{NewPerson, Person, PersonError, Role, create_person};

/// What a new organisation begins with; checked by whoever asks.
#[derive(Clone, Debug)]
pub struct Founding {
    /// Name of the organisation.
    pub organisation: String,
    /// IANA name of its zone.
    pub time_zone: String,
    /// Name of its first administrator.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their password, hashed.
    pub password_hash: String,
}

/// Founds the organisation.
///
/// # Errors
/// An address that is none; the database's.
pub async fn found(clock: &Clock, tx: &mut Tx, founding: Founding) -> Result<(Organisation, Person), PersonError> {
    let now = clock.now();
    let organisation = Organisation::new(clock.id(), founding.organisation, founding.time_zone, now);
    org_sql::insert(tx, &organisation).await?;
    let new = NewPerson {
        organisation: organisation.id,
        name: founding.name,
        email: founding.email,
        title: String::new(),
        role: Role::Admin,
        manager: None,
        time_zone: None,
        password_hash: Some(founding.password_hash),
        created_by: None,
    };
    let admin = create_person(clock, tx, new).await?;
    let mut company = Unit::new(clock.id(), organisation.id, UnitKind::Company, &organisation.name, now);
    company.lead = Some(admin.id);
    org_sql::unit::insert(tx, &company).await?;
    org_sql::unit::add_member(tx, company.id, admin.id).await?;
    crate::channel::seed(tx, organisation.id, company.id, clock).await?;
    let event = AuditEvent::by(clock, &admin, "organisation.created", "organisation", organisation.id.0);
    audit::record(tx, &event.detail(json!({ "name": organisation.name }))).await?;
    Ok((organisation, admin))
}
