//! The statement behind briefs, and who made a recording.

use sqlx::{QueryBuilder, query_scalar};

use crate::db::{Db, Tx, push_list};
use crate::id::{OrganisationId, PersonId, RecordingId};
use crate::{on_db, on_tx};

use super::BriefRow;

/// The latest take of a recording `r` that was not refused.
macro_rules! latest {
    () => {
        "(select l.id from take l where l.session = r.session and l.state not in ('refused', 'failed')
          order by l.ordinal desc limit 1)"
    };
}
pub(in crate::recording) use latest;

/// Recordings that are not deleted, with the take to show: the kept one, else the latest that was not refused. The take stands as a
/// range of one: where it is equal to something, PostgreSQL reads every take for the sake of a page of recordings.
pub async fn briefs(db: &Db, ids: &[RecordingId]) -> Result<Vec<BriefRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(concat!(
            "select r.id, r.slug, r.title, r.author, p.name as author_name, p.handle as author_handle, p.title as author_title,
                    t.id as take, t.state, t.watchable, t.attempt, t.measured_ms, t.width, t.height,
                    (select string_agg(c.language || '@' || cast(c.revision as text), ' ')
                     from caption c where c.recording = r.id) as captions
             from recording r
             join person p on p.id = r.author
             left join take t on t.id between coalesce(r.take, ",
            latest!(),
            ") and coalesce(r.take, ",
            latest!(),
            ")
             where r.state <> 'deleted' and r.id in ("
        ));
        push_list(&mut sql, ids.iter().copied());
        sql.push(")");
        sql.build_query_as().fetch_all(c).await
    })
}

/// Who made a recording of the organisation that is not deleted.
pub async fn author(
    tx: &mut Tx,
    organisation: OrganisationId,
    id: RecordingId,
) -> Result<Option<PersonId>, sqlx::Error> {
    const SQL: &str = "select author from recording where id = $1 and organisation = $2 and state <> 'deleted'";
    on_tx!(tx, |c| query_scalar(SQL).bind(id).bind(organisation).fetch_optional(c).await)
}
