//! The audit trail: who changed what, when. Not a log: a row stands in the same transaction as the change it tells of, so
//! neither exists without the other.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::account::Person;
use crate::clock::Clock;
use crate::db::Tx;
use crate::id::{OrganisationId, PersonId};

use super::sql;

/// One change.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// Its id, sorting by time.
    pub id: Uuid,
    /// Where it happened; none before there is an organisation.
    pub organisation: Option<OrganisationId>,
    /// Who did it; none when the server or an operator at the command line did.
    pub actor: Option<PersonId>,
    /// `noun.verb_in_past_tense`, as in `goal.closed`.
    pub action: &'static str,
    /// The noun of the subject.
    pub subject_kind: &'static str,
    /// Which one.
    pub subject: Option<Uuid>,
    /// What else is worth knowing. Never a secret.
    pub detail: Value,
    /// When.
    pub at: DateTime<Utc>,
}

impl AuditEvent {
    /// A change that a person made: `AuditEvent::by(&app.clock, &person, "goal.closed", "goal", goal.id.0)`.
    #[must_use]
    pub fn by(clock: &Clock, actor: &Person, action: &'static str, subject_kind: &'static str, subject: Uuid) -> Self {
        Self { actor: Some(actor.id), ..Self::of(clock, actor.organisation, action, subject_kind, subject) }
    }

    /// A change that nobody signed in made: the server itself, or an operator at the command line.
    #[must_use]
    pub fn of(
        clock: &Clock,
        organisation: OrganisationId,
        action: &'static str,
        subject_kind: &'static str,
        subject: Uuid,
    ) -> Self {
        Self {
            id: clock.id(),
            organisation: Some(organisation),
            actor: None,
            action,
            subject_kind,
            subject: Some(subject),
            detail: json!({}),
            at: clock.now(),
        }
    }

    /// The same with what else is worth knowing.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// Writes the change into the trail, in the transaction of the change.
///
/// # Errors
/// The database's.
pub async fn record(tx: &mut Tx, event: &AuditEvent) -> Result<(), sqlx::Error> {
    sql::insert(tx, event).await
}
