//! Recordings for tests that only need something to attach: rows as a kept, ready take leaves them, without media.

use sqlx::query;
use twotake::id::{PersonId, RecordingId, TakeId, TakeSessionId};
use twotake::on_tx;

use crate::harness::{Client, Server};

/// A published recording of `author`, ready, 2:41 long. Returns its id.
pub async fn recording(server: &Server, author: &Client, title: &str) -> RecordingId {
    const SESSION: &str = "
        insert into take_session (id, organisation, author, subject_kind, limit_ms, takes, state, created_at, closed_at)
        values ($1, $2, $3, 'free', 180000, 2, 'kept', $4, $4)";
    const RECORDING: &str = "
        insert into recording (id, slug, organisation, author, session, take, title, state, published_at, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, 'published', $8, $8)";
    const TAKE: &str = "
        insert into take (id, session, recording, author, ordinal, source, state, began, watchable, measured_ms, attempt, width,
                          height, created_at)
        values ($1, $2, $3, $4, 1, 'upload', 'ready', true, true, 161200, '1', 1920, 1080, $5)";
    let (clock, organisation) = (&server.app.clock, server.organisation().await);
    let (session, id, take) = (clock.id::<TakeSessionId>(), clock.id::<RecordingId>(), clock.id::<TakeId>());
    let (author, now, slug) = (author.id.parse::<PersonId>().unwrap(), clock.now(), clock.word(10));
    let mut tx = server.app.db.begin().await.unwrap();
    on_tx!(&mut tx, |c| query(SESSION)
        .bind(session)
        .bind(organisation)
        .bind(author)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
    .unwrap();
    on_tx!(&mut tx, |c| query(RECORDING)
        .bind(id)
        .bind(slug)
        .bind(organisation)
        .bind(author)
        .bind(session)
        .bind(take)
        .bind(title)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
    .unwrap();
    on_tx!(&mut tx, |c| query(TAKE)
        .bind(take)
        .bind(session)
        .bind(id)
        .bind(author)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
    .unwrap();
    tx.commit().await.unwrap();
    id
}
