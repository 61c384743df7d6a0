//! People sign in: passwords, sessions, personal tokens, invitations, and the extractors that say who is asking.

pub mod batch;
pub mod change;
pub mod departure;
pub mod guard;
pub mod invitation;
pub mod keys;
pub mod limit;
pub mod password;
pub mod person;
pub mod routes;
pub mod session;
pub mod setup;
pub mod sql;
pub mod token;
pub mod view;

use chrono::{DateTime, Utc};

use crate::db::text_enum;
use crate::id::{OrganisationId, PersonId};

pub use person::{NewPerson, PersonError, PersonRef, create_person, people_by_ids};

text_enum! {
    /// What a person may do at all.
    Role {
        /// Manages settings, people and units; cannot write someone's check-in.
        Admin = "admin",
        /// Reads everything but selected project channels; writes what is their own.
        Member = "member",
        /// Sees only the project channels they were added to.
        Guest = "guest",
    }
}

text_enum! {
    /// Whether a person is with the organisation.
    PersonState {
        /// Signs in and is asked for check-ins.
        Active = "active",
        /// Has left: cannot sign in; what they made stays.
        Left = "left",
    }
}

/// The person who asks, as every handler sees them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Whose they are.
    pub organisation: OrganisationId,
    /// Full name.
    pub name: String,
    /// Short name for mentions, without the @.
    pub handle: String,
    /// Lower-case address they sign in with; no mail is sent to it.
    pub email: String,
    /// What they do.
    pub title: String,
    /// Whom they report to.
    pub manager: Option<PersonId>,
    /// What they may do.
    pub role: Role,
    /// Active or left.
    pub state: PersonState,
    /// IANA name; the organisation's when absent.
    pub time_zone: Option<String>,
    /// For optimistic locking.
    pub revision: i64,
    /// When they joined.
    pub created_at: DateTime<Utc>,
}
