//! Statements about channels and the people in them.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use crate::account::{Person, Role};
use crate::channel::{ChannelRow, NewChannel};
use crate::db::{Db, Tx};
use crate::id::{ChannelId, OrganisationId, PersonId, UnitId};
use crate::{on_db, on_tx};

/// A channel with what one person is in it; `$1` is the person.
const CHANNEL: &str = "
    select c.id, c.organisation, c.kind, c.unit, u.name as unit_name, u.kind as unit_kind, c.slug, c.name, c.purpose, c.audience,
           c.posting, c.acknowledgement, c.document_required, c.revision, coalesce(m.may_post, false) as listed,
           coalesce(m.member, false) as member, coalesce(m.following, true) as following,
           exists (select 1 from unit l where l.lead = v.id) as leads,
           (select count(*) from (
               select 1 from post p
               where p.channel = c.id and p.state = 'published' and p.author <> v.id
                 and p.published_at > coalesce(m.read_at, v.created_at)
               limit 100) n) as unread
    from channel c
    join person v on v.organisation = c.organisation
    left join channel_member m on m.channel = c.id and m.person = v.id
    left join unit u on u.id = c.unit
    where c.archived_at is null and v.id = ";

/// What a person may see: open channels to members, others to those who were added.
const SEEN: &str = " and ((c.audience = 'everyone' and v.role <> 'guest') or (m.member and (v.role <> 'guest' or c.kind = 'project')))";

/// The channels a person sees, by slug, after a place in the list.
pub async fn list(db: &Db, viewer: &Person, after: &str, limit: i64) -> Result<Vec<ChannelRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(CHANNEL);
        sql.push_bind(viewer.id).push(SEEN).push(" and c.slug > ").push_bind(after);
        sql.push(" order by c.slug limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// The channel of that id, if the person sees it.
pub async fn one(db: &Db, viewer: &Person, id: ChannelId) -> Result<Option<ChannelRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(CHANNEL);
        sql.push_bind(viewer.id).push(SEEN).push(" and c.id = ").push_bind(id);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// The channel of that slug, if the person sees it.
pub async fn by_slug(db: &Db, viewer: &Person, slug: &str) -> Result<Option<ChannelRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(CHANNEL);
        sql.push_bind(viewer.id).push(SEEN).push(" and c.slug = ").push_bind(slug);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// Kind and slug of a unit.
pub async fn unit_name(tx: &mut Tx, unit: UnitId) -> Result<Option<(String, String)>, sqlx::Error> {
    const SQL: &str = "select kind, slug from unit where id = $1";
    on_tx!(tx, |c| query_as(SQL).bind(unit).fetch_optional(c).await)
}

/// Adds a channel; false when the slug is taken.
pub async fn insert(tx: &mut Tx, new: &NewChannel) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into channel (id, organisation, kind, unit, slug, name, purpose, audience, posting, acknowledgement,
                             document_required, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.organisation)
        .bind(new.kind)
        .bind(new.unit)
        .bind(&new.slug)
        .bind(&new.name)
        .bind(&new.purpose)
        .bind(new.audience)
        .bind(new.posting)
        .bind(new.acknowledgement)
        .bind(new.document_required)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Writes what may change of a channel; false when it is no longer at that revision.
pub async fn update(tx: &mut Tx, channel: &ChannelRow, revision: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update channel set name = $3, purpose = $4, audience = $5, posting = $6, acknowledgement = $7, document_required = $8,
               revision = revision + 1
        where id = $1 and revision = $2 and archived_at is null";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(channel.id)
        .bind(revision)
        .bind(&channel.name)
        .bind(&channel.purpose)
        .bind(channel.audience)
        .bind(channel.posting)
        .bind(channel.acknowledgement)
        .bind(channel.document_required)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The role of an active person of the organisation.
pub async fn role(tx: &mut Tx, organisation: OrganisationId, person: PersonId) -> Result<Option<Role>, sqlx::Error> {
    const SQL: &str = "select role from person where id = $1 and organisation = $2 and state = 'active'";
    on_tx!(tx, |c| query_scalar(SQL).bind(person).bind(organisation).fetch_optional(c).await)
}

/// Adds a person to a channel, or changes whether they may post.
pub async fn add_member(tx: &mut Tx, channel: ChannelId, person: PersonId, may_post: bool) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into channel_member (channel, person, member, may_post) values ($1, $2, true, $3)
        on conflict (channel, person) do update set member = true, may_post = excluded.may_post";
    on_tx!(tx, |c| query(SQL).bind(channel).bind(person).bind(may_post).execute(c).await.map(|_| ()))
}

/// Takes a person out of a channel; how far they had read stays.
pub async fn remove_member(tx: &mut Tx, channel: ChannelId, person: PersonId) -> Result<(), sqlx::Error> {
    const SQL: &str = "update channel_member set member = false, may_post = false where channel = $1 and person = $2";
    on_tx!(tx, |c| query(SQL).bind(channel).bind(person).execute(c).await.map(|_| ()))
}

/// Whether a person follows a channel from now on.
pub async fn follow(tx: &mut Tx, channel: ChannelId, person: PersonId, following: bool) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into channel_member (channel, person, following) values ($1, $2, $3)
        on conflict (channel, person) do update set following = excluded.following";
    on_tx!(tx, |c| query(SQL).bind(channel).bind(person).bind(following).execute(c).await.map(|_| ()))
}

/// Notes that a person has read a channel up to an instant.
pub async fn read(tx: &mut Tx, channel: ChannelId, person: PersonId, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into channel_member (channel, person, read_at) values ($1, $2, $3)
        on conflict (channel, person) do update set read_at = excluded.read_at";
    on_tx!(tx, |c| query(SQL).bind(channel).bind(person).bind(at).execute(c).await.map(|_| ()))
}

/// People who were added to a channel, by name, after a place in the list: (id, name, handle, title, may post).
pub async fn members(
    db: &Db,
    channel: ChannelId,
    after: &(String, PersonId),
    limit: i64,
) -> Result<Vec<(PersonId, String, String, String, bool)>, sqlx::Error> {
    const SQL: &str = "
        select p.id, p.name, p.handle, p.title, m.may_post
        from channel_member m join person p on p.id = m.person
        where m.channel = $1 and m.member and (p.name, p.id) > ($2, $3)
        order by p.name, p.id limit $4";
    on_db!(db, |c| query_as(SQL).bind(channel).bind(&after.0).bind(after.1).bind(limit).fetch_all(c).await)
}
