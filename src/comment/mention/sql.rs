//! Every statement about mentions.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};
use uuid::Uuid;

use crate::comment::SubjectKind;
use crate::db::{Db, Tx, push_list};
use crate::id::{ChannelId, OrganisationId, PersonId};
use crate::{on_db, on_tx};

use super::{Mention, MentionKind};

/// People behind `p` who may read what stands in the channel behind `$2`, or, without one, what every member may read.
const READS: &str = "
    p.state = 'active' and case when c.id is null then p.role <> 'guest'
        else (c.audience = 'everyone' and p.role <> 'guest') or (coalesce(m.member, false) and (p.role <> 'guest' or c.kind = 'project'))
    end";

/// People with these handles who may read what stands there.
pub async fn people(
    db: &Db,
    (organisation, channel): (OrganisationId, Option<ChannelId>),
    handles: &[&str],
) -> Result<Vec<Mention>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select 'person' as kind, p.id, p.handle as word, p.name from person p left join channel c on c.id = ",
        );
        sql.push_bind(channel).push(" left join channel_member m on m.channel = c.id and m.person = p.id where ");
        sql.push(READS).push(" and p.organisation = ").push_bind(organisation).push(" and p.handle in (");
        push_list(&mut sql, handles.iter().map(|handle| (*handle).to_owned()));
        sql.push(")");
        sql.build_query_as().fetch_all(c).await
    })
}

/// Units with these slugs.
pub async fn units(db: &Db, organisation: OrganisationId, slugs: &[&str]) -> Result<Vec<Mention>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql =
            QueryBuilder::new("select 'unit' as kind, id, slug as word, name from unit where organisation = ");
        sql.push_bind(organisation).push(" and slug in (");
        push_list(&mut sql, slugs.iter().map(|slug| (*slug).to_owned()));
        sql.push(")");
        sql.build_query_as().fetch_all(c).await
    })
}

/// People whose handle or name, or one word of it, begins so and who may read what stands there, by name. `start` is a pattern
/// for the beginning, `inside` for the beginning of a later word.
pub async fn suggest_people(
    db: &Db,
    (organisation, channel): (OrganisationId, Option<ChannelId>),
    (start, inside): (&str, &str),
    limit: i64,
) -> Result<Vec<Mention>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(
            "select 'person' as kind, p.id, p.handle as word, p.name from person p left join channel c on c.id = ",
        );
        sql.push_bind(channel).push(" left join channel_member m on m.channel = c.id and m.person = p.id where ");
        sql.push(READS).push(" and p.organisation = ").push_bind(organisation);
        sql.push(" and (p.handle like ").push_bind(start.to_owned());
        sql.push(r" escape '\' or lower(p.name) like ").push_bind(start.to_owned());
        sql.push(r" escape '\' or lower(p.name) like ").push_bind(inside.to_owned());
        sql.push(r" escape '\') order by p.name, p.id limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// Units whose slug or name begins so, by name.
pub async fn suggest_units(
    db: &Db,
    organisation: OrganisationId,
    start: &str,
    limit: i64,
) -> Result<Vec<Mention>, sqlx::Error> {
    const SQL: &str = r"
        select 'unit' as kind, id, slug as word, name from unit
        where organisation = $1 and (slug like $2 escape '\' or lower(name) like $2 escape '\')
        order by name, id limit $3";
    on_db!(db, |c| query_as(SQL).bind(organisation).bind(start).bind(limit).fetch_all(c).await)
}

/// What a post or a comment names.
pub async fn of(tx: &mut Tx, (kind, subject): (SubjectKind, Uuid)) -> Result<Vec<(MentionKind, Uuid)>, sqlx::Error> {
    const SQL: &str = "select kind, target from mention where subject_kind = $1 and subject = $2";
    on_tx!(tx, |c| query_as(SQL).bind(kind).bind(subject).fetch_all(c).await)
}

/// Adds a mention.
pub async fn insert(
    tx: &mut Tx,
    (kind, subject): (SubjectKind, Uuid),
    (target_kind, target): (MentionKind, Uuid),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into mention (subject_kind, subject, kind, target, created_at) values ($1, $2, $3, $4, $5)
        on conflict do nothing";
    on_tx!(tx, |c| query(SQL)
        .bind(kind)
        .bind(subject)
        .bind(target_kind)
        .bind(target)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Takes a mention away.
pub async fn delete(
    tx: &mut Tx,
    (kind, subject): (SubjectKind, Uuid),
    (target_kind, target): (MentionKind, Uuid),
) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from mention where subject_kind = $1 and subject = $2 and kind = $3 and target = $4";
    on_tx!(tx, |c| query(SQL).bind(kind).bind(subject).bind(target_kind).bind(target).execute(c).await.map(|_| ()))
}

/// Takes every mention of a post or a comment away: its words are gone.
pub async fn forget(tx: &mut Tx, (kind, subject): (SubjectKind, Uuid)) -> Result<(), sqlx::Error> {
    const SQL: &str = "delete from mention where subject_kind = $1 and subject = $2";
    on_tx!(tx, |c| query(SQL).bind(kind).bind(subject).execute(c).await.map(|_| ()))
}

/// Everybody meant by what is there since an instant, each once, after a person.
pub async fn told(
    tx: &mut Tx,
    (kind, subject): (SubjectKind, Uuid),
    since: DateTime<Utc>,
    after: PersonId,
    limit: i64,
) -> Result<Vec<PersonId>, sqlx::Error> {
    const SQL: &str = "
        with recursive said (author, organisation, channel) as (
            select o.author, o.organisation, o.channel from post o
            where $1 = 'post' and o.id = $2 and o.state = 'published'
            union all
            select k.author, k.organisation, o.channel
            from comment k left join post o on k.subject_kind = 'post' and o.id = k.subject
            where $1 = 'comment' and k.id = $2 and k.deleted_at is null
        ), named (kind, target) as (
            select kind, target from mention where subject_kind = $1 and subject = $2 and created_at >= $3
        ), inside (id) as (
            select target from named where kind = 'unit'
            union select u.id from unit u join inside i on u.parent = i.id
        ), below (id) as (
            -- the division of the channel with what is in it; empty for the company's and for projects
            select u.id from said s join channel c on c.id = s.channel join unit u on u.id = c.unit where u.kind <> 'company'
            union select u.id from unit u join below b on u.parent = b.id
        )
        select p.id from said s
        join person p on p.organisation = s.organisation and p.id <> s.author
        left join channel c on c.id = s.channel
        left join channel_member m on m.channel = c.id and m.person = p.id
        where p.state = 'active' and p.id > $4
          and case when c.id is null then p.role <> 'guest'
                   else (c.audience = 'everyone' and p.role <> 'guest')
                        or (coalesce(m.member, false) and (p.role <> 'guest' or c.kind = 'project')) end
          and (exists (select 1 from named n where n.kind = 'person' and n.target = p.id)
               or exists (select 1 from unit_member w join inside i on i.id = w.unit where w.person = p.id)
               or exists (select 1 from unit l join inside i on i.id = l.id where l.lead = p.id)
               or (exists (select 1 from named n where n.kind = 'channel')
                   and (c.audience = 'selected' or not exists (select 1 from below)
                        or exists (select 1 from unit_member w join below b on b.id = w.unit where w.person = p.id)
                        or exists (select 1 from unit l join below b on b.id = l.id where l.lead = p.id))))
        order by p.id limit $5";
    on_tx!(tx, |c| query_scalar(SQL).bind(kind).bind(subject).bind(since).bind(after).bind(limit).fetch_all(c).await)
}
