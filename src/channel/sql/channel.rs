//! Statements about channels.

use sqlx::{query, query_as};

use crate::channel::NewChannel;
use crate::db::Tx;
use crate::id::UnitId;
use crate::on_tx;

/// Kind and slug of a unit.
pub async fn unit_name(tx: &mut Tx, unit: UnitId) -> Result<Option<(String, String)>, sqlx::Error> {
    const SQL: &str = "select kind, slug from unit where id = $1";
    on_tx!(tx, |c| query_as(SQL).bind(unit).fetch_optional(c).await)
}

/// Adds a channel; false when the slug is taken.
pub async fn insert(tx: &mut Tx, new: &NewChannel) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into channel (id, organisation, kind, unit, slug, name, purpose, audience, posting, acknowledgement,
                             document_required, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.organisation)
        .bind(new.kind)
        .bind(new.unit)
        .bind(&new.slug)
        .bind(&new.name)
        .bind(&new.purpose)
        .bind(new.audience)
        .bind(new.posting)
        .bind(new.acknowledgement)
        .bind(new.document_required)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
