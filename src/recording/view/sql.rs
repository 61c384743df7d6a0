//! Every statement about views.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use crate::db::{Db, Tx, push_list};
use crate::id::{PersonId, RecordingId};
use crate::recording::brief::sql::latest;
use crate::{on_db, on_tx};

use super::{Ranges, Views};

/// A viewer as the table has them.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields are the columns of view and person")]
pub struct ViewerRow {
    pub person: PersonId,
    pub name: String,
    pub handle: String,
    pub title: String,
    pub opened_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub watched_ms: i64,
}

/// What a report makes of a view.
#[expect(missing_docs, reason = "the fields are the columns of view")]
pub struct Fold {
    pub recording: RecordingId,
    pub person: PersonId,
    pub now: DateTime<Utc>,
    pub position_ms: i64,
    pub watched_ms: i64,
    pub revision: i64,
}

/// Notes that a person opened a recording, once.
pub async fn open(
    tx: &mut Tx,
    recording: RecordingId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into view (recording, person, opened_at, seen_at, watched) values ($1, $2, $3, $3, $4)
        on conflict (recording, person) do nothing";
    let none: Json<Ranges> = Json(Vec::new());
    on_tx!(tx, |c| query(SQL).bind(recording).bind(person).bind(now).bind(none).execute(c).await.map(|_| ()))
}

/// What a person has watched, and the row's revision.
pub async fn watched(
    tx: &mut Tx,
    recording: RecordingId,
    person: PersonId,
) -> Result<(Json<Ranges>, i64), sqlx::Error> {
    const SQL: &str = "select watched, revision from view where recording = $1 and person = $2";
    on_tx!(tx, |c| query_as(SQL).bind(recording).bind(person).fetch_one(c).await)
}

/// Puts a report in place unless another one came between; says whether it did.
pub async fn fold(tx: &mut Tx, view: &Fold, watched: &Json<Ranges>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update view set seen_at = $3, position_ms = $4, watched = $5, watched_ms = $6, revision = revision + 1
        where recording = $1 and person = $2 and revision = $7";
    on_tx!(tx, |c| {
        query(SQL)
            .bind(view.recording)
            .bind(view.person)
            .bind(view.now)
            .bind(view.position_ms)
            .bind(watched.clone())
            .bind(view.watched_ms)
            .bind(view.revision)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1)
    })
}

/// People who opened a recording, latest first, after a place in that order.
pub async fn viewers(
    db: &Db,
    recording: RecordingId,
    after: Option<(DateTime<Utc>, PersonId)>,
    limit: i64,
) -> Result<Vec<ViewerRow>, sqlx::Error> {
    const SQL: &str = "
        select v.person, p.name, p.handle, p.title, v.opened_at, v.seen_at, v.watched_ms
        from view v join person p on p.id = v.person
        where v.recording = $1 and ($2 is null or v.seen_at < $2 or (v.seen_at = $2 and v.person < $3))
        order by v.seen_at desc, v.person desc limit $4";
    let (at, id) = after.unzip();
    on_db!(db, |c| query_as(SQL).bind(recording).bind(at).bind(id).bind(limit).fetch_all(c).await)
}

/// The measured length of the take that is shown.
pub async fn measured(db: &Db, recording: RecordingId) -> Result<Option<i64>, sqlx::Error> {
    const SQL: &str = concat!(
        "
        select t.measured_ms from recording r join take t on t.id = coalesce(r.take, ",
        latest!(),
        ")
        where r.id = $1"
    );
    let found: Option<Option<i64>> = on_db!(db, |c| query_scalar(SQL).bind(recording).fetch_optional(c).await)?;
    Ok(found.flatten())
}

/// How many have opened and watched each of these recordings. A recording nobody opened is absent.
pub async fn counts(db: &Db, recordings: &[RecordingId]) -> Result<Vec<(RecordingId, Views)>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        recording: RecordingId,
        #[sqlx(flatten)]
        views: Views,
    }
    if recordings.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = on_db!(db, |c| {
        // 0.9 as in WATCHED_PART, in whole numbers: ten times the watched is at least nine times the length.
        let mut sql = QueryBuilder::new(
            "select v.recording, count(*) as opened,
                    count(case when t.measured_ms > 0 and v.watched_ms * 10 >= t.measured_ms * 9 then 1 end) as watched
             from view v
             join recording r on r.id = v.recording
             left join take t on t.id = r.take
             where v.recording in (",
        );
        push_list(&mut sql, recordings.iter().copied());
        sql.push(") group by v.recording");
        sql.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(|row| (row.recording, row.views)).collect())
}
