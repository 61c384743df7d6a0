//! Every statement about take sessions.

use chrono::{DateTime, Utc};
use sqlx::{query, query_as};

use crate::db::{Db, Tx};
use crate::id::{OrganisationId, PersonId, TakeSessionId};
use crate::{on_db, on_tx};

use super::{Session, SessionState};

macro_rules! select_session {
    ($rest:literal) => {
        concat!(
            "select s.id, s.organisation, s.author, s.subject_kind, s.subject, s.title, s.limit_ms, s.takes, s.keeps_itself,
                    s.state, s.created_at, r.id as recording, r.slug
             from take_session s join recording r on r.session = s.id ",
            $rest
        )
    };
}

/// Limit and takes of the organisation.
pub async fn limits(tx: &mut Tx, organisation: OrganisationId) -> Result<(i64, i16), sqlx::Error> {
    const SQL: &str = "select limit_ms, takes from organisation where id = $1";
    on_tx!(tx, |c| query_as(SQL).bind(organisation).fetch_one(c).await)
}

/// Adds a session.
pub async fn insert(tx: &mut Tx, session: &Session) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into take_session (id, organisation, author, subject_kind, subject, title, limit_ms, takes, keeps_itself,
            state, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10)";
    on_tx!(tx, |c| {
        query(SQL)
            .bind(session.id)
            .bind(session.organisation)
            .bind(session.author)
            .bind(session.subject_kind)
            .bind(session.subject)
            .bind(&session.title)
            .bind(session.limit_ms)
            .bind(session.takes)
            .bind(session.keeps_itself)
            .bind(session.created_at)
            .execute(c)
            .await
            .map(|_| ())
    })
}

/// A session of this author, as this transaction sees it.
pub async fn of_author(tx: &mut Tx, id: TakeSessionId, author: PersonId) -> Result<Option<Session>, sqlx::Error> {
    const SQL: &str = select_session!("where s.id = $1 and s.author = $2");
    on_tx!(tx, |c| query_as(SQL).bind(id).bind(author).fetch_optional(c).await)
}

/// A session, whosever, as this transaction sees it.
pub async fn in_tx(tx: &mut Tx, id: TakeSessionId) -> Result<Option<Session>, sqlx::Error> {
    const SQL: &str = select_session!("where s.id = $1");
    on_tx!(tx, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// A session of this author.
pub async fn session(db: &Db, id: TakeSessionId, author: PersonId) -> Result<Option<Session>, sqlx::Error> {
    const SQL: &str = select_session!("where s.id = $1 and s.author = $2");
    on_db!(db, |c| query_as(SQL).bind(id).bind(author).fetch_optional(c).await)
}

/// Ends an open session; false when it is not open.
pub async fn close(
    tx: &mut Tx,
    id: TakeSessionId,
    state: SessionState,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update take_session set state = $2, closed_at = $3, revision = revision + 1
        where id = $1 and state = 'open'";
    on_tx!(tx, |c| Ok(query(SQL).bind(id).bind(state).bind(now).execute(c).await?.rows_affected() == 1))
}
