//! Taking a published post back. Its words are gone for good, wherever they were; who took it back, when and why stays, and so
//! does what was said under it.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::{Person, Role};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::channel::sql;
use crate::comment::{SubjectKind, mention};
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::search;

use super::PostRow;

/// Why a post is taken back.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct Retraction {
    /// A line for those who come back to it; may be empty.
    #[serde(default)]
    pub reason: String,
}

/// What is answered about a post that was retracted.
#[must_use]
pub fn gone() -> Problem {
    Problem::new(Code::Gone, "This post was retracted.")
}

/// Retracts a post: its author, or an administrator. A tombstone stays. Retracting twice changes nothing.
///
/// # Errors
/// Somebody else's; a reason that is too long.
pub async fn retract(app: &App, by: &Person, post: &PostRow, retraction: &Retraction) -> Result<(), Problem> {
    if by.id != post.author && by.role != Role::Admin {
        return Err(Problem::new(Code::Forbidden, "Its author retracts a post, or an administrator."));
    }
    let mut form = Form::new();
    let reason = form.line("reason", &retraction.reason, 0, 300);
    form.done()?;
    let mut tx = app.db.begin().await?;
    if sql::post::retract(&mut tx, post.id, (by.id, &reason), app.clock.now()).await? {
        sql::revision::forget(&mut tx, post.id).await?;
        mention::sql::forget(&mut tx, (SubjectKind::Post, post.id.0)).await?;
        let event = AuditEvent::by(&app.clock, by, "post.retracted", "post", post.id.0);
        audit::record(&mut tx, &event.detail(json!({ "reason": reason }))).await?;
        search::refresh(&mut tx, search::Kind::Post, post.id.0).await?;
    }
    tx.commit().await?;
    Ok(())
}
