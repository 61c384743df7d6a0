//! Every statement about the audit trail.

use sqlx::query;
use sqlx::types::Json;

use crate::db::Tx;
use crate::on_tx;

use super::audit::AuditEvent;

/// Adds a row to the trail.
pub async fn insert(tx: &mut Tx, event: &AuditEvent) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into audit_event (id, organisation, actor, action, subject_kind, subject, detail, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    on_tx!(tx, |c| query(SQL)
        .bind(event.id)
        .bind(event.organisation)
        .bind(event.actor)
        .bind(event.action)
        .bind(event.subject_kind)
        .bind(event.subject)
        .bind(Json(&event.detail))
        .bind(event.at)
        .execute(c)
        .await
        .map(|_| ()))
}
