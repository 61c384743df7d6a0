//! Every statement about recordings.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::id::{OrganisationId, PersonId, RecordingId, TakeId};
use crate::recording::session::Session;
use crate::{on_db, on_tx};

use super::Recording;
use super::body::AttachedTo;

macro_rules! select_recording {
    ($rest:literal) => {
        concat!(
            "select r.id, r.slug, r.organisation, r.author, r.session, r.take, r.title, r.description, r.state,
                    r.published_at, r.revision, r.created_at
             from recording r ",
            $rest
        )
    };
}

/// A recording, deleted or not.
pub async fn recording(db: &Db, id: RecordingId) -> Result<Option<Recording>, sqlx::Error> {
    const SQL: &str = select_recording!("where r.id = $1");
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// The recording with this word in its address, deleted or not.
pub async fn by_slug(db: &Db, slug: &str) -> Result<Option<Recording>, sqlx::Error> {
    const SQL: &str = select_recording!("where r.slug = $1");
    on_db!(db, |c| query_as(SQL).bind(slug).fetch_optional(c).await)
}

/// What a list of recordings is narrowed to.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Of this organisation.
    pub organisation: OrganisationId,
    /// By this author.
    pub author: Option<PersonId>,
    /// Whose title contains this, in any case.
    pub words: String,
    /// After this row.
    pub after: Option<(DateTime<Utc>, RecordingId)>,
}

/// Published recordings, newest first.
pub async fn published(db: &Db, filter: &Filter, limit: i64) -> Result<Vec<Recording>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(select_recording!("where r.state = 'published' and r.organisation = "));
        sql.push_bind(filter.organisation);
        if let Some(author) = filter.author {
            sql.push(" and r.author = ").push_bind(author);
        }
        if !filter.words.is_empty() {
            sql.push(" and lower(r.title) like '%' || lower(").push_bind(filter.words.clone());
            sql.push(") || '%' escape '\\'");
        }
        if let Some((at, id)) = filter.after {
            sql.push(" and (r.published_at, r.id) < (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        sql.push(" order by r.published_at desc, r.id desc limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// Adds the recording of a new session.
pub async fn insert(tx: &mut Tx, session: &Session) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into recording (id, slug, organisation, author, session, title, state, created_at)
        values ($1, $2, $3, $4, $5, $6, 'draft', $7)";
    on_tx!(tx, |c| {
        query(SQL)
            .bind(session.recording)
            .bind(&session.slug)
            .bind(session.organisation)
            .bind(session.author)
            .bind(session.id)
            .bind(&session.title)
            .bind(session.created_at)
            .execute(c)
            .await
            .map(|_| ())
    })
}

/// Publishes a draft with its kept take.
pub async fn publish(
    tx: &mut Tx,
    id: RecordingId,
    take: TakeId,
    title: &str,
    description: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update recording
        set state = 'published', take = $2, title = $3, description = $4, published_at = $5, revision = revision + 1
        where id = $1 and state = 'draft'";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(take).bind(title).bind(description).bind(now).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Changes what it is called; false when the revision is stale.
pub async fn rename(
    tx: &mut Tx,
    id: RecordingId,
    revision: i64,
    title: &str,
    description: &str,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update recording set title = $3, description = $4, revision = revision + 1
        where id = $1 and revision = $2 and state <> 'deleted'";
    on_tx!(tx, |c| {
        let done = query(SQL).bind(id).bind(revision).bind(title).bind(description).execute(c).await?;
        Ok(done.rows_affected() == 1)
    })
}

/// Makes whoever else changes what hangs on the recording wait for this transaction; false when it is deleted. An update that
/// changes nothing locks the row on PostgreSQL; SQLite has one writer anyway.
pub async fn hold(tx: &mut Tx, id: RecordingId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "update recording set revision = revision where id = $1 and state <> 'deleted'";
    on_tx!(tx, |c| Ok(query(SQL).bind(id).execute(c).await?.rows_affected() == 1))
}

/// Deletes it for everybody; false when it was.
pub async fn delete(tx: &mut Tx, id: RecordingId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update recording set state = 'deleted', revision = revision + 1 where id = $1 and state <> 'deleted'";
    on_tx!(tx, |c| Ok(query(SQL).bind(id).execute(c).await?.rows_affected() == 1))
}

/// The takes of a recording, if it has been deleted.
pub async fn takes_of_deleted(db: &Db, id: RecordingId) -> Result<Vec<TakeId>, sqlx::Error> {
    const SQL: &str = "
        select t.id from take t join recording r on r.id = t.recording where r.id = $1 and r.state = 'deleted'";
    on_db!(db, |c| query_scalar(SQL).bind(id).fetch_all(c).await)
}

/// What a recording hangs on.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AttachmentRow {
    /// What kind of thing.
    pub kind: AttachedTo,
    /// Which.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// The channel's slug, for a post.
    pub place: String,
}

/// The goals, published check-ins and posts that a recording hangs on, as a member of the audience may see them.
pub async fn attachments(db: &Db, id: RecordingId, viewer: PersonId) -> Result<Vec<AttachmentRow>, sqlx::Error> {
    const SQL: &str = "
        select 'goal' as kind, g.id, g.title, '' as place
        from goal_clip k join goal g on g.id = k.goal
        where k.recording = $1 and exists (select 1 from person v where v.id = $2 and v.role <> 'guest')
        union all
        select 'check_in', i.id, i.headline, '' from check_in i
        where i.recording = $1 and i.state = 'published'
          and exists (select 1 from person v where v.id = $2 and v.role <> 'guest')
        union all
        select 'post', p.id, p.title, c.slug
        from post p join channel c on c.id = p.channel
        where p.recording = $1 and p.state = 'published'
          and ((c.audience = 'everyone' and exists (select 1 from person v where v.id = $2 and v.role <> 'guest'))
               or exists (select 1 from channel_member m where m.channel = c.id and m.person = $2 and m.member))";
    on_db!(db, |c| query_as(SQL).bind(id).bind(viewer).fetch_all(c).await)
}
