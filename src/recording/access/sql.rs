//! The facts behind the rule.

use sqlx::{query_as, query_scalar};

use crate::db::Db;
use crate::id::{RecordingId, TakeId};
use crate::on_db;
use crate::recording::brief::sql::latest;

use super::Found;

/// The recording with that id.
pub async fn by_id(db: &Db, id: RecordingId) -> Result<Option<Found>, sqlx::Error> {
    const SQL: &str = "select id, slug, organisation, author, state from recording where id = $1";
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// The recording with that word in its address.
pub async fn by_slug(db: &Db, slug: &str) -> Result<Option<Found>, sqlx::Error> {
    const SQL: &str = "select id, slug, organisation, author, state from recording where slug = $1";
    on_db!(db, |c| query_as(SQL).bind(slug).fetch_optional(c).await)
}

/// Whether the take belongs to the recording and its bytes have not been discarded.
pub async fn take_of(db: &Db, recording: RecordingId, take: TakeId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "select 1 from take where id = $1 and recording = $2 and discarded_at is null";
    let found: Option<i32> = on_db!(db, |c| query_scalar(SQL).bind(take).bind(recording).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// The take that a recording shows and its published set of files: the kept one, else the latest that was not refused.
pub async fn shown(db: &Db, recording: RecordingId) -> Result<Option<(TakeId, String)>, sqlx::Error> {
    const SQL: &str = concat!(
        "
        select t.id, t.attempt from recording r
        join take t on t.id = coalesce(r.take, ",
        latest!(),
        ")
        where r.id = $1 and r.state <> 'deleted' and t.attempt is not null and t.discarded_at is null"
    );
    on_db!(db, |c| query_as(SQL).bind(recording).fetch_optional(c).await)
}
