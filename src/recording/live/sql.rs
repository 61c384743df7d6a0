//! Every statement about playlists that grow.

use sqlx::types::Json;
use sqlx::{query, query_as};

use crate::db::{Db, Tx};
use crate::id::{RecordingId, TakeId};
use crate::recording::take::TakeState;
use crate::{on_db, on_tx};

use super::Renditions;

/// What there is to be watched of a take.
#[derive(Debug, sqlx::FromRow)]
pub struct LiveRow {
    /// Where the take stands: ready, and nothing is added any more.
    pub state: TakeState,
    /// The published set of files.
    pub attempt: Option<String>,
    /// The master playlist.
    pub master: Option<String>,
    /// The playlists of the renditions.
    pub renditions: Option<Json<Renditions>>,
}

/// A watchable take's playlists.
pub async fn find(db: &Db, recording: RecordingId, take: TakeId) -> Result<Option<LiveRow>, sqlx::Error> {
    const SQL: &str = "
        select t.state, t.attempt, l.master, l.renditions
        from take t left join live l on l.take = t.id
        where t.id = $1 and t.recording = $2 and t.watchable and t.discarded_at is null";
    on_db!(db, |c| query_as(SQL).bind(take).bind(recording).fetch_optional(c).await)
}

/// What was shown already when a job begins.
pub async fn shown(db: &Db, take: TakeId) -> Result<Option<(String, Json<Renditions>)>, sqlx::Error> {
    const SQL: &str = "select master, renditions from live where take = $1";
    on_db!(db, |c| query_as(SQL).bind(take).fetch_optional(c).await)
}

/// Shows more of a take. The caller has seen in this transaction that the job is its own.
pub async fn put(tx: &mut Tx, take: TakeId, master: &str, renditions: &Renditions) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into live (take, master, renditions) values ($1, $2, $3)
        on conflict (take) do update set master = excluded.master, renditions = excluded.renditions";
    on_tx!(tx, |c| query(SQL).bind(take).bind(master).bind(Json(renditions)).execute(c).await.map(|_| ()))
}

/// Forgets the playlists of a take that ended a while ago.
pub async fn delete(tx: &mut Tx, take: TakeId) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from live where take = $1";
    on_tx!(tx, |c| query(SQL).bind(take).execute(c).await.map(|_| ()))
}
