//! The statement that no other feature has: recordings that hang on nothing.

use chrono::{DateTime, Utc};
use sqlx::query_as;

use crate::db::Db;
use crate::id::{OrganisationId, PersonId, RecordingId};
use crate::on_db;

/// The newest published recordings by others that were recorded for nothing in particular and hang on no post or check-in.
pub async fn recordings(
    db: &Db,
    (organisation, viewer): (OrganisationId, PersonId),
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(RecordingId, PersonId, DateTime<Utc>)>, sqlx::Error> {
    const SQL: &str = "
        select r.id, r.author, r.published_at
        from recording r join take_session s on s.id = r.session
        where r.organisation = $1 and r.state = 'published' and r.author <> $2 and r.published_at > $3
          and s.subject_kind = 'free'
          and not exists (select 1 from post p where p.recording = r.id and p.state = 'published')
          and not exists (select 1 from check_in i where i.recording = r.id)
        order by r.published_at desc, r.id desc limit $4";
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(viewer).bind(since).bind(limit).fetch_all(c).await)
}
