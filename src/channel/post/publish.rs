//! The moment a post is published: who is asked is frozen, whom it names is kept, the trail is written.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::channel::sql;
use crate::comment::mention::{self, Mention};
use crate::comment::{SubjectKind, told};
use crate::db::Tx;
use crate::notify::{Kind, News};
use crate::{notify, search};

use super::PostRow;

/// The reminder comes at most so long before the due time.
const AHEAD: TimeDelta = TimeDelta::hours(24);

/// When those who have not acknowledged are reminded, once: a quarter of the time they have before it is due, a day at most.
#[must_use]
pub fn remind_at(post: &PostRow) -> Option<DateTime<Utc>> {
    let (from, by) = post.published_at.zip(post.acknowledge_by)?;
    Some(by - ((by - from) / 4).clamp(TimeDelta::zero(), AHEAD))
}

/// Everything that publication is besides the change of state, in its transaction. `by` is nobody for a post whose hour came.
///
/// # Errors
/// The database's.
pub async fn enter(
    app: &App,
    tx: &mut Tx,
    post: &PostRow,
    named: &[Mention],
    by: Option<&Person>,
) -> Result<(), sqlx::Error> {
    let asked = if post.acknowledge_by.is_some() { sql::receipt::ask(tx, post).await? } else { 0 };
    // One instant for both: whom it names is told since then.
    let now = app.clock.now();
    mention::keep(tx, (SubjectKind::Post, post.id.0), named, now).await?;
    let mut event = AuditEvent::of(&app.clock, post.organisation, "post.published", "post", post.id.0);
    event.actor = by.map(|person| person.id);
    let detail = json!({ "channel": post.channel, "title": post.title, "asked": asked, "named": named.len() });
    audit::record(tx, &event.detail(detail)).await?;
    search::refresh(tx, search::Kind::Post, post.id.0).await?;
    if asked > 0 {
        notify::announce(tx, &app.clock, post.id, post.author).await?;
    }
    mentioned(app, tx, post, now).await
}

/// Tells whoever a published post names since an instant.
///
/// # Errors
/// The database's.
pub(super) async fn mentioned(app: &App, tx: &mut Tx, post: &PostRow, since: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let news = News::of(Kind::Mention, post.id).by(post.author);
    told::mentioned(tx, &app.clock, (SubjectKind::Post, post.id.0), since, &[], &news).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reminder_comes_a_quarter_before_the_end_and_a_day_at_most() {
        let (from, ahead) = ("2026-11-22T08:00:00Z".parse::<DateTime<Utc>>().unwrap(), TimeDelta::hours);
        for (given, before) in [(8, 2), (48, 12), (96, 24), (240, 24)] {
            let row = PostRow { published_at: Some(from), acknowledge_by: Some(from + ahead(given)), ..row() };
            assert_eq!(remind_at(&row), Some(from + ahead(given - before)), "{given} hours");
        }
        assert_eq!(remind_at(&PostRow { published_at: Some(from), ..row() }), None);
    }

    fn row() -> PostRow {
        crate::channel::post::tests::row()
    }
}
