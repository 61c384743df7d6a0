//! Giving a reaction and taking it back, each with its row in the audit trail.

use serde_json::json;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::comment::subject::Subject;
use crate::comment::{SubjectKind, sql as comments, told};
use crate::error::Problem;
use crate::id::CommentId;

use super::{ReactionKind, sql};

/// Gives a reaction to something the asker may see. Twice changes nothing.
///
/// # Errors
/// The database's.
pub async fn give(app: &App, by: &Person, on: Subject, kind: ReactionKind) -> Result<(), Problem> {
    let comment = match on.kind {
        SubjectKind::Comment => comments::one(&app.db, by.organisation, CommentId(on.id)).await?,
        _ => None,
    };
    let mut tx = app.db.begin().await?;
    if sql::give(&mut tx, (on.kind, on.id), by.id, kind, app.clock.now()).await? {
        let event = AuditEvent::by(&app.clock, by, "reaction.given", "reaction", on.id);
        audit::record(&mut tx, &event.detail(json!({ "under": on.kind, "kind": kind }))).await?;
        told::reacted(&mut tx, &app.clock, on, comment.as_ref(), by.id).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes a reaction back. Twice changes nothing.
///
/// # Errors
/// The database's.
pub async fn take_back(app: &App, by: &Person, on: Subject, kind: ReactionKind) -> Result<(), Problem> {
    let mut tx = app.db.begin().await?;
    if sql::take_back(&mut tx, (on.kind, on.id), by.id, kind).await? {
        let event = AuditEvent::by(&app.clock, by, "reaction.taken_back", "reaction", on.id);
        audit::record(&mut tx, &event.detail(json!({ "under": on.kind, "kind": kind }))).await?;
    }
    tx.commit().await?;
    Ok(())
}
