//! Every statement about the audit trail, and the counts that operators watch.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{QueryBuilder, query, query_as, query_scalar};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::id::{OrganisationId, PersonId};
use crate::{on_db, on_tx};

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

/// A row of the trail.
#[derive(sqlx::FromRow)]
#[expect(missing_docs, reason = "each column is told of in AuditEvent")]
pub struct Row {
    pub id: Uuid,
    pub actor: Option<PersonId>,
    pub action: String,
    pub subject_kind: String,
    pub subject: Option<Uuid>,
    #[sqlx(json)]
    pub detail: Value,
    pub at: DateTime<Utc>,
}

/// The trail of an organisation, the newest first, before the id `before`.
pub async fn trail(
    db: &Db,
    organisation: OrganisationId,
    subject: Option<Uuid>,
    actor: Option<PersonId>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Row>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select id, actor, action, subject_kind, subject, detail, at from audit_event where organisation = ",
        );
        sql.push_bind(organisation);
        if let Some(subject) = subject {
            sql.push(" and subject = ").push_bind(subject);
        }
        if let Some(actor) = actor {
            sql.push(" and actor = ").push_bind(actor);
        }
        if let Some(before) = before {
            sql.push(" and id < ").push_bind(before);
        }
        sql.push(" order by id desc limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// How many jobs there are in each state.
pub async fn jobs_by_state(db: &Db) -> Result<Vec<(String, i64)>, sqlx::Error> {
    const SQL: &str = "select state, count(*) from job group by state";
    on_db!(db, |c| query_as(SQL).fetch_all(c).await)
}

/// How many uploads are arriving.
pub async fn uploads_arriving(db: &Db) -> Result<i64, sqlx::Error> {
    const SQL: &str = "select count(*) from upload where state = 'receiving'";
    on_db!(db, |c| query_scalar(SQL).fetch_one(c).await)
}
