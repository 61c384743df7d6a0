//! Links that make an account: the set-up link (an administrator and their organisation) and invitations.
//!
//! Invariant: a link works once. Using it up is a guarded update in the transaction that makes the account.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::app::App;
use crate::error::{Code, Problem};
use crate::id::{OrganisationId, PersonId, UnitId};

use super::keys::token_hash;
use super::{Role, sql};

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
