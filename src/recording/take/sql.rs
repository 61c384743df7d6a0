//! Every statement about takes.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{QueryBuilder, query, query_as};

use crate::codes::Code;
use crate::db::{Db, Tx, push_list};
use crate::id::{JobId, OrganisationId, TakeId, TakeSessionId};
use crate::recording::session::Session;
use crate::{on_db, on_tx};

use super::super::replaced::sweep_after;
use super::{NewTake, Take, TakeState};

/// The columns of a [`Take`], from take t, take_session s and recording r.
macro_rules! select_take {
    ($rest:literal) => {
        concat!(
            "select t.id, t.session, t.recording, t.author, t.ordinal, t.source, t.state, t.began, t.watchable, t.code,
                    t.detail, t.filename, t.declared_ms, t.measured_ms, t.progress, t.phase, t.seconds_left, t.attempt,
                    t.width, t.height, t.created_at, t.discarded_at, r.organisation,
                    s.limit_ms, r.slug
             from take t join take_session s on s.id = t.session join recording r on r.id = t.recording ",
            $rest
        )
    };
}

/// A take of the organisation.
pub async fn take(db: &Db, id: TakeId, organisation: OrganisationId) -> Result<Option<Take>, sqlx::Error> {
    const SQL: &str = select_take!("where t.id = $1 and r.organisation = $2");
    on_db!(db, |c| query_as(SQL).bind(id).bind(organisation).fetch_optional(c).await)
}

/// A take, whosever.
pub async fn any(db: &Db, id: TakeId) -> Result<Option<Take>, sqlx::Error> {
    const SQL: &str = select_take!("where t.id = $1");
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// A take, as this transaction sees it.
pub async fn in_tx(tx: &mut Tx, id: TakeId) -> Result<Option<Take>, sqlx::Error> {
    const SQL: &str = select_take!("where t.id = $1");
    on_tx!(tx, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// Every take of a session, oldest first.
pub async fn of_session(db: &Db, session: TakeSessionId) -> Result<Vec<Take>, sqlx::Error> {
    const SQL: &str = select_take!("where t.session = $1 order by t.id limit 100");
    on_db!(db, |c| query_as(SQL).bind(session).fetch_all(c).await)
}

/// Every take of these sessions, oldest first; a session has a handful, each refused for its own reason.
pub async fn of_sessions(db: &Db, sessions: &[TakeSessionId]) -> Result<Vec<Take>, sqlx::Error> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(select_take!("where t.session in ("));
        push_list(&mut sql, sessions.iter().copied());
        sql.push(") order by t.id limit 2000");
        sql.build_query_as().fetch_all(c).await
    })
}

/// The takes of a session that hold a place.
pub async fn living(tx: &mut Tx, session: TakeSessionId) -> Result<Vec<Take>, sqlx::Error> {
    const SQL: &str = select_take!(
        "where t.session = $1 and (t.state not in ('refused', 'failed') or (t.began and t.code = 'upload_cancelled'))
         order by t.ordinal"
    );
    on_tx!(tx, |c| query_as(SQL).bind(session).fetch_all(c).await)
}

/// Lets go of takes that never had a byte.
pub async fn replace_without_bytes(
    tx: &mut Tx,
    session: TakeSessionId,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update take set state = 'failed', code = 'gone', detail = $2, finished_at = $3, sweep_at = $3
        where session = $1 and state = 'receiving' and not began";
    on_tx!(tx, |c| query(SQL).bind(session).bind(detail).bind(now).execute(c).await.map(|_| ()))
}

/// Adds a take; false when its place is held.
pub async fn insert(
    tx: &mut Tx,
    id: TakeId,
    session: &Session,
    ordinal: i16,
    new: &NewTake,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into take (id, session, recording, author, ordinal, source, state, filename, declared_ms, created_at)
        values ($1, $2, $3, $4, $5, $6, 'receiving', $7, $8, $9)
        on conflict do nothing -- waits for whoever is taking the same place, then yields to them";
    on_tx!(tx, |c| {
        let done = query(SQL)
            .bind(id)
            .bind(session.id)
            .bind(session.recording)
            .bind(new.author.id)
            .bind(ordinal)
            .bind(new.source)
            .bind(&new.filename)
            .bind(new.declared_ms)
            .bind(now)
            .execute(c)
            .await?;
        Ok(done.rows_affected() == 1)
    })
}

/// From here on it counts.
pub async fn began(tx: &mut Tx, id: TakeId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "update take set began = true where id = $1 and state = 'receiving' and discarded_at is null";
    on_tx!(tx, |c| Ok(query(SQL).bind(id).execute(c).await?.rows_affected() == 1))
}

/// All bytes are here.
pub async fn received(tx: &mut Tx, id: TakeId, bytes: i64, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update take
        set state = 'processing', began = true, original_bytes = $2, received_at = $3,
            phase = case when phase = '' then 'waiting' else phase end
        where id = $1 and state = 'receiving' and discarded_at is null";
    on_tx!(tx, |c| Ok(query(SQL).bind(id).bind(bytes).bind(now).execute(c).await?.rows_affected() == 1))
}

/// Ends a take that has not ended.
pub async fn end(
    tx: &mut Tx,
    id: TakeId,
    state: TakeState,
    code: Code,
    detail: &str,
    measured_ms: Option<i64>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update take
        set state = $2, code = $3, detail = $4, measured_ms = coalesce($5, measured_ms), finished_at = $6, phase = '',
            seconds_left = null, watchable = false, sweep_at = $7
        where id = $1 and state in ('receiving', 'processing')";
    on_tx!(tx, |c| {
        let done = query(SQL)
            .bind(id)
            .bind(state)
            .bind(code.name())
            .bind(detail)
            .bind(measured_ms)
            .bind(now)
            .bind(sweep_after(now))
            .execute(c)
            .await?;
        Ok(done.rows_affected() == 1)
    })
}

/// How far the work has come; false when the take has ended.
pub async fn progress(
    tx: &mut Tx,
    id: TakeId,
    progress: f64,
    phase: &str,
    seconds_left: Option<f64>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update take set progress = $2, phase = $3, seconds_left = $4
        where id = $1 and state in ('receiving', 'processing') and discarded_at is null";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(progress).bind(phase).bind(seconds_left).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Something of it plays.
pub async fn watchable(tx: &mut Tx, id: TakeId, size: Option<(i32, i32)>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update take set watchable = true, width = coalesce($2, width), height = coalesce($3, height)
        where id = $1 and state in ('receiving', 'processing') and discarded_at is null and not watchable";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(size.map(|s| s.0)).bind(size.map(|s| s.1)).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// What the work left behind, to be published with [`ready`].
#[derive(Debug)]
#[expect(missing_docs, reason = "the columns are explained in migrations/postgres/0003_recording.sql")]
pub struct Published<'a> {
    pub job: JobId,
    pub attempt: &'a str,
    pub measured_ms: i64,
    pub width: i32,
    pub height: i32,
    pub media: &'a Value,
    pub media_bytes: i64,
}

/// Makes one attempt's outputs the take's; false when the take is no longer processing.
pub async fn ready(tx: &mut Tx, id: TakeId, set: &Published<'_>, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update take
        set state = 'ready', watchable = true, job = $2, attempt = $3, measured_ms = $4, width = $5, height = $6, media = $7,
            media_bytes = $8, progress = 1, phase = '', seconds_left = null, finished_at = $9, sweep_at = $10
        where id = $1 and state = 'processing' and discarded_at is null";
    on_tx!(tx, |c| {
        let done = query(SQL)
            .bind(id)
            .bind(set.job)
            .bind(set.attempt)
            .bind(set.measured_ms)
            .bind(set.width)
            .bind(set.height)
            .bind(Json(set.media))
            .bind(set.media_bytes)
            .bind(now)
            .bind(sweep_after(now))
            .execute(c)
            .await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Discards every take of a session but one (or all), once each; answers which.
pub async fn discard(
    tx: &mut Tx,
    session: TakeSessionId,
    but: Option<TakeId>,
    now: DateTime<Utc>,
) -> Result<Vec<TakeId>, sqlx::Error> {
    const SQL: &str = "
        update take
        set discarded_at = $3, watchable = false,
            state = case when state in ('receiving', 'processing') then 'failed' else state end,
            code = case when state in ('receiving', 'processing') then 'gone' else code end,
            detail = case when state in ('receiving', 'processing') then 'This take was discarded.' else detail end,
            finished_at = coalesce(finished_at, $3), sweep_at = $4
        where session = $1 and discarded_at is null and ($2 is null or id <> $2)
        returning id";
    let sweep_at = sweep_after(now);
    on_tx!(tx, |c| sqlx::query_scalar(SQL).bind(session).bind(but).bind(now).bind(sweep_at).fetch_all(c).await)
}
