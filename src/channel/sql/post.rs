//! Statements about posts.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_scalar};
use uuid::Uuid;

use crate::account::Person;
use crate::channel::PostRow;
use crate::db::{Db, Tx};
use crate::id::{ChannelId, PersonId, PostId, RecordingId};
use crate::{on_db, on_tx};

/// A post with what one person (`v`) did, if they see its channel; an unpublished one only for its author. With the given columns
/// for what is counted of it.
macro_rules! select_post {
    ($counted:literal) => {
        concat!(
            "select p.id, p.organisation, p.channel, c.slug as channel_slug, c.name as channel_name, p.author, p.title, p.body,
                    p.document_url, p.recording, p.state, p.publish_at, p.publish_zone, p.published_at, p.acknowledge_by,
                    p.pinned_until, p.revision, p.created_at, p.edited_at, p.retracted_at, p.retracted_by, p.retract_reason,
                    p.reminded_at,",
            $counted,
            ", coalesce(r.asked, false) as mine_asked, r.opened_at as mine_opened, r.acknowledged_at as mine_acknowledged,
                    exists (select 1 from unit l where l.lead = v.id) as leads
             from post p
             join channel c on c.id = p.channel
             join person v on v.organisation = p.organisation
             left join channel_member m on m.channel = c.id and m.person = v.id
             left join receipt r on r.post = p.id and r.person = v.id
             where c.archived_at is null and (p.state in ('published', 'retracted') or p.author = v.id)
               and ((c.audience = 'everyone' and v.role <> 'guest')
                    or (m.member and (v.role <> 'guest' or c.kind = 'project')))
               and v.id = "
        )
    };
}

pub(super) const POST: &str = select_post!(
    "(select count(*) from post_revision e where e.post = p.id) as corrections,
     (select count(*) from comment k where k.subject_kind = 'post' and k.subject = p.id and k.deleted_at is null) as comments,
     (select count(*) from receipt a where a.post = p.id and a.asked) as asked,
     (select count(*) from receipt a where a.post = p.id and a.asked and a.acknowledged_at is not null) as done,
     (select count(*) from receipt a where a.post = p.id and a.opened_at is not null) as opened_by,
     (select count(*) from view w where w.recording = p.recording and w.watched_ms > 0) as watched_by"
);

/// The same with nothing counted, for where only the post itself is told of.
const UNCOUNTED: &str = select_post!(
    "cast(0 as bigint) as corrections, cast(0 as bigint) as comments, cast(0 as bigint) as asked, cast(0 as bigint) as done,
     cast(0 as bigint) as opened_by, cast(0 as bigint) as watched_by"
);

/// Posts of a channel, newest first, tombstones in their places, after a place in the list.
pub async fn list(
    db: &Db,
    viewer: &Person,
    channel: ChannelId,
    after: (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<PostRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(POST);
        sql.push_bind(viewer.id).push(" and p.channel = ").push_bind(channel);
        sql.push(" and p.state in ('published', 'retracted') and (p.published_at, p.id) < (").push_bind(after.0);
        sql.push(", ").push_bind(after.1).push(") order by p.published_at desc, p.id desc limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// Posts of a channel that are pinned now, newest first.
pub async fn pinned(
    db: &Db,
    viewer: &Person,
    channel: ChannelId,
    now: DateTime<Utc>,
) -> Result<Vec<PostRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(POST);
        sql.push_bind(viewer.id).push(" and p.organisation = ").push_bind(viewer.organisation);
        sql.push(" and p.channel = ").push_bind(channel);
        sql.push(" and p.state = 'published' and p.pinned_until is not null and p.pinned_until > ").push_bind(now);
        sql.push(" order by p.published_at desc, p.id desc limit 20");
        sql.build_query_as().fetch_all(c).await
    })
}

/// The newest posts of the channels a person follows, by others; nothing is counted of them.
pub async fn news(db: &Db, viewer: &Person, since: DateTime<Utc>, limit: i64) -> Result<Vec<PostRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(UNCOUNTED);
        sql.push_bind(viewer.id).push(" and p.organisation = ").push_bind(viewer.organisation);
        sql.push(" and p.state = 'published' and coalesce(m.following, true) and p.author <> ").push_bind(viewer.id);
        sql.push(" and p.published_at > ").push_bind(since);
        sql.push(" order by p.published_at desc, p.id desc limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// Posts that ask a person for an acknowledgement they have not given, the most urgent first; nothing is counted of them.
pub async fn owed(db: &Db, viewer: &Person, limit: i64) -> Result<Vec<PostRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(UNCOUNTED);
        sql.push_bind(viewer.id).push(" and p.state = 'published' and r.asked and r.acknowledged_at is null");
        // Said once more so that every planner begins with the few receipts that are owed, not with all posts.
        sql.push(
            " and p.id in (select o.post from receipt o where o.asked and o.acknowledged_at is null and o.person = ",
        );
        sql.push_bind(viewer.id).push(")");
        sql.push(" order by p.acknowledge_by, p.id limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// The post of that id, whatever its state, if the person sees its channel.
pub async fn one(db: &Db, viewer: &Person, id: PostId) -> Result<Option<PostRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(POST);
        sql.push_bind(viewer.id).push(" and p.id = ").push_bind(id);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// Whether a recording hangs in a project channel that a guest was added to: under a post, or in an answer to one.
pub async fn hangs_for(db: &Db, guest: PersonId, recording: RecordingId) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        select count(*) from post p
        join channel c on c.id = p.channel
        join channel_member m on m.channel = c.id
        where m.person = $1 and m.member and c.kind = 'project' and c.archived_at is null
          and ((p.recording = $2 and p.state = 'published')
               or (p.state in ('published', 'retracted') and exists (
                   select 1 from comment k
                   where k.recording = $2 and k.subject_kind = 'post' and k.subject = p.id and k.deleted_at is null)))";
    let found: i64 = on_db!(db, |c| query_scalar(SQL).bind(guest).bind(recording).fetch_one(c).await)?;
    Ok(found > 0)
}

/// Adds a post.
pub async fn insert(tx: &mut Tx, new: &PostRow, remind_at: Option<DateTime<Utc>>) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into post (id, organisation, channel, author, title, body, document_url, recording, state, publish_at,
                          publish_zone, published_at, acknowledge_by, remind_at, pinned_until, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.organisation)
        .bind(new.channel)
        .bind(new.author)
        .bind(&new.title)
        .bind(&new.body)
        .bind(new.document_url.as_deref())
        .bind(new.recording)
        .bind(new.state)
        .bind(new.publish_at)
        .bind(new.publish_zone.as_deref())
        .bind(new.published_at)
        .bind(new.acknowledge_by)
        .bind(remind_at)
        .bind(new.pinned_until)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Writes what may change of a published post; false when it is no longer at that revision, or was retracted. Another due time
/// moves the reminder, unless it was given: there is one.
pub async fn update(
    tx: &mut Tx,
    post: &PostRow,
    remind_at: Option<DateTime<Utc>>,
    revision: i64,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update post set title = $3, body = $4, document_url = $5, recording = $6, acknowledge_by = $7, pinned_until = $8,
               edited_at = $9, remind_at = case when reminded_at is null then $10 else remind_at end, revision = revision + 1
        where id = $1 and revision = $2 and state = 'published'";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(post.id)
        .bind(revision)
        .bind(&post.title)
        .bind(&post.body)
        .bind(post.document_url.as_deref())
        .bind(post.recording)
        .bind(post.acknowledge_by)
        .bind(post.pinned_until)
        .bind(post.edited_at)
        .bind(remind_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Retracts a published post: its words go, its place stays. False when it was retracted before.
pub async fn retract(
    tx: &mut Tx,
    id: PostId,
    (by, reason): (PersonId, &str),
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update post set state = 'retracted', retracted_at = $2, retracted_by = $3, retract_reason = $4, title = '', body = '',
               document_url = null, recording = null, pinned_until = null, remind_at = null, revision = revision + 1
        where id = $1 and state = 'published'";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(id)
        .bind(now)
        .bind(by)
        .bind(reason)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
