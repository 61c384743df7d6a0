//! Links that make an account: the set-up link (an administrator and their organisation) and invitations.
//!
//! Invariant: a link works once. Using it up is a guarded update in the transaction that makes the account.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::id::{OrganisationId, PersonId, UnitId};

use super::keys::token_hash;
use super::person::parse_email;
use super::{NewPerson, Person, Role, batch, create_person, password, sql};

/// How long a link may be used.
pub const VALID: TimeDelta = TimeDelta::days(7);

/// A link as kept; its token is kept only as a hash.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invitation {
    /// Its id.
    pub id: Uuid,
    /// Into which organisation; none for the set-up link, which makes one.
    pub organisation: Option<OrganisationId>,
    /// The name to begin with.
    pub name: String,
    /// The address to begin with.
    pub email: String,
    /// What the person may do.
    pub role: Role,
    /// Whom they report to.
    pub manager: Option<PersonId>,
    /// The unit they are put in.
    pub unit: Option<UnitId>,
    /// What they do.
    pub title: String,
    /// The short name they are given, if it is free.
    pub handle: String,
    /// IANA name, when not the organisation's.
    pub time_zone: Option<String>,
    /// The address of their manager, who was invited by the same list.
    pub manager_email: String,
    /// Who invited.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
}

/// While no organisation exists: a new set-up link, in place of any older one. Nothing once the server is set up.
///
/// # Errors
/// The database's.
pub async fn set_up_link(app: &App) -> Result<Option<String>, sqlx::Error> {
    let mut tx = app.db.begin().await?;
    if crate::org::sql::any_organisation(&mut tx).await? {
        return Ok(None);
    }
    let (token, now) = (app.clock.word(32), app.clock.now());
    let link = Invitation {
        id: app.clock.id(),
        organisation: None,
        name: String::new(),
        email: String::new(),
        role: Role::Admin,
        manager: None,
        unit: None,
        title: String::new(),
        handle: String::new(),
        time_zone: None,
        manager_email: String::new(),
        created_by: None,
        created_at: now,
        expires_at: now + VALID,
        used_at: None,
    };
    sql::invitation::drop_set_up_links(&mut tx).await?;
    sql::invitation::insert(&mut tx, &link, &token_hash(&token)).await?;
    tx.commit().await?;
    Ok(Some(format!("{}/setup?token={token}", app.config.origin())))
}

/// What somebody hears whose link does not work (any more).
#[must_use]
pub fn ended() -> Problem {
    Problem::new(Code::LinkUsed, "This link has been used or has run out. Whoever gave it to you can make a new one.")
}

/// What an administrator says about somebody they invite. Everything but the role may be left open.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct NewInvitation {
    /// The name to begin with.
    #[serde(default)]
    pub name: String,
    /// The address to begin with.
    #[serde(default)]
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whom they will report to.
    pub manager: Option<PersonId>,
    /// The unit they will be in.
    pub unit: Option<UnitId>,
}

/// Makes an invitation; gives it and its link, which is nowhere else.
///
/// # Errors
/// Fields that need another value; the database's.
pub async fn create(app: &App, admin: &Person, new: NewInvitation) -> Result<(Invitation, String), Problem> {
    let mut form = Form::new();
    let name = form.line("name", &new.name, 0, 100);
    let email = if new.email.trim().is_empty() { String::new() } else { parse_email(&new.email)? };
    let mut tx = app.db.begin().await?;
    if let Some(id) = new.manager {
        let manager = sql::person::one_in(&mut tx, admin.organisation, id).await?;
        if manager.is_none_or(|found| found.role == Role::Guest) {
            form.wrong("manager", "There is no such member.");
        }
    }
    if let Some(id) = new.unit
        && crate::org::sql::unit::one_in(&mut tx, admin.organisation, id).await?.is_none()
    {
        form.wrong("unit", "There is no such unit.");
    }
    form.done()?;
    let (token, now) = (app.clock.word(32), app.clock.now());
    let link = Invitation {
        id: app.clock.id(),
        organisation: Some(admin.organisation),
        name,
        email,
        role: new.role,
        manager: new.manager,
        unit: new.unit,
        title: String::new(),
        handle: String::new(),
        time_zone: None,
        manager_email: String::new(),
        created_by: Some(admin.id),
        created_at: now,
        expires_at: now + VALID,
        used_at: None,
    };
    sql::invitation::insert(&mut tx, &link, &token_hash(&token)).await?;
    let event = AuditEvent::by(&app.clock, admin, "invitation.created", "invitation", link.id);
    audit::record(&mut tx, &event.detail(json!({ "role": link.role, "email": link.email }))).await?;
    tx.commit().await?;
    Ok((link, format!("{}/join?token={token}", app.config.origin())))
}

/// What somebody fills in who was invited.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct Acceptance {
    /// Full name.
    pub name: String,
    /// Address to sign in with.
    pub email: String,
    /// Password, at least 10 characters.
    pub password: String,
    /// IANA name, when not the organisation's.
    pub time_zone: Option<String>,
}

impl Acceptance {
    /// The same, checked.
    ///
    /// # Errors
    /// Fields that need another value.
    pub fn check(self) -> Result<Acceptance, Problem> {
        let mut form = Form::new();
        let name = form.line("name", &self.name, 1, 100);
        let time_zone = self.time_zone.and_then(|zone| form.take("time_zone", crate::org::parse_time_zone(&zone)));
        form.done()?;
        let email = parse_email(&self.email)?;
        password::check("password", &self.password, &email)?;
        Ok(Acceptance { name, email, password: self.password, time_zone })
    }
}

/// Uses an invitation up and makes the person it was for.
///
/// # Errors
/// A link that has ended, an address that is taken; the database's.
pub async fn accept(
    app: &App,
    tx: &mut Tx,
    token_hash: &[u8],
    form: Acceptance,
    password_hash: String,
) -> Result<Person, Problem> {
    let link = sql::invitation::use_up(tx, token_hash, app.clock.now()).await?.ok_or_else(ended)?;
    // The set-up link stands in the same table; it founds an organisation and joins none.
    let organisation = link.organisation.ok_or_else(ended)?;
    let new = NewPerson {
        organisation,
        name: form.name,
        email: form.email,
        title: link.title,
        role: link.role,
        manager: batch::manager(tx, organisation, link.manager, &link.manager_email).await?,
        time_zone: form.time_zone.or(link.time_zone),
        password_hash: Some(password_hash),
        created_by: link.created_by,
    };
    let mut person = create_person(&app.clock, tx, new).await?;
    if !link.handle.is_empty() && sql::person::claim_handle(tx, person.organisation, person.id, &link.handle).await? {
        person.handle = link.handle;
    }
    if let Some(unit) = link.unit {
        crate::org::sql::unit::add_member(tx, unit, person.id).await?;
    }
    sql::invitation::used_by(tx, link.id, person.id).await?;
    batch::adopt(&app.clock, tx, &person).await?;
    crate::search::refresh(tx, crate::search::Kind::Person, person.id.0).await?;
    let event = AuditEvent::by(&app.clock, &person, "invitation.accepted", "invitation", link.id);
    audit::record(tx, &event).await?;
    Ok(person)
}
