//! Statements about digests: who is due, what is new to them, and what was made.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::types::Json;
use sqlx::{QueryBuilder, query, query_as, query_scalar};
use uuid::Uuid;

use crate::account::Person;
use crate::db::{Db, Tx, push_list};
use crate::id::{OrganisationId, PersonId};
use crate::notify::digest::DigestLine;
use crate::{on_db, on_tx};

use super::sees;
use super::told::Asked;

/// Each zone that people are in, with each local time at which some of them want a digest.
pub async fn hours(db: &Db) -> Result<Vec<(OrganisationId, String, String)>, sqlx::Error> {
    const SQL: &str = "
        select distinct v.organisation, coalesce(v.time_zone, o.time_zone), v.digest_at
        from person v join organisation o on o.id = v.organisation
        where v.state = 'active' and v.digest_at is not null";
    on_db!(db, |c| query_as(SQL).fetch_all(c).await)
}

/// People of one zone and hour who have no digest of a day and were here when it was due, after an id.
pub async fn without(
    db: &Db,
    (organisation, zone, hour): (OrganisationId, &str, &str),
    (day, due): (NaiveDate, DateTime<Utc>),
    after: PersonId,
    limit: i64,
) -> Result<Vec<Asked>, sqlx::Error> {
    const SQL: &str = "
        select v.id as person, coalesce(v.time_zone, o.time_zone) as time_zone, coalesce(v.workdays, o.workdays) as workdays,
               v.deep_work
        from person v join organisation o on o.id = v.organisation
        where v.organisation = $1 and coalesce(v.time_zone, o.time_zone) = $2 and v.digest_at = $3 and v.state = 'active'
          and v.created_at < $5 and v.id > $6
          and not exists (select 1 from digest d where d.person = v.id and d.local_date = $4)
        order by v.id limit $7";
    on_db!(db, |c| query_as(SQL)
        .bind(organisation)
        .bind(zone)
        .bind(hour)
        .bind(day)
        .bind(due)
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await)
}

/// When a person's last digest was made.
pub async fn last(db: &Db, person: PersonId) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    const SQL: &str = "select made_at from digest where person = $1 order by local_date desc limit 1";
    on_db!(db, |c| query_scalar(SQL).bind(person).fetch_optional(c).await)
}

/// What came since an instant: posts in channels a person follows, check-ins of who reports to them, mentions of them.
pub async fn news(db: &Db, viewer: &Person, since: DateTime<Utc>) -> Result<(i64, i64, i64), sqlx::Error> {
    const SQL: &str = concat!(
        "select
           (select count(*) from post p left join channel_member m on m.channel = p.channel and m.person = v.id
            where p.organisation = v.organisation and p.state = 'published' and p.published_at > $2 and p.author <> v.id
              and coalesce(m.following, true) and ",
        sees!("'post'", "p.id"),
        "  ),
           (select count(*) from check_in i join person a on a.id = i.author
            where a.manager = v.id and i.state = 'published' and i.published_at > $2 and v.role <> 'guest'),
           (select count(*) from notification n where n.person = v.id and n.kind = 'mention' and n.created_at > $2)
         from person v where v.id = $1"
    );
    on_db!(db, |c| query_as(SQL).bind(viewer.id).bind(since).fetch_one(c).await)
}

/// Keeps the digest of a day; false when there is one.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    person: PersonId,
    day: NaiveDate,
    content: &[DigestLine],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into digest (id, person, local_date, content, made_at) values ($1, $2, $3, $4, $5) on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(id)
        .bind(person)
        .bind(day)
        .bind(Json(content))
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// What these digests of a person say.
pub async fn by_ids(db: &Db, person: PersonId, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<DigestLine>>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, Json<Vec<DigestLine>>)> = on_db!(db, |c| {
        let mut sql = QueryBuilder::new("select id, content from digest where person = ");
        sql.push_bind(person).push(" and id in (");
        push_list(&mut sql, ids.iter().copied());
        sql.push(")");
        sql.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(|(id, lines)| (id, lines.0)).collect())
}

/// Forgets digests made before an instant, a batch at a time.
pub async fn sweep(tx: &mut Tx, made: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    const SQL: &str = "delete from digest where id in (select id from digest where made_at < $1 limit $2)";
    on_tx!(tx, |c| query(SQL).bind(made).bind(limit).execute(c).await.map(|done| done.rows_affected()))
}
