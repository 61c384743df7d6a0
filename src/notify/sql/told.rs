//! Statements by which people are told.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{QueryBuilder, query, query_as};
use uuid::Uuid;

use crate::db::Tx;
use crate::id::{PersonId, PostId};
use crate::notify::quiet::{Quiet, Window};
use crate::notify::{Again, News, Subject};
use crate::on_tx;

use super::sees;

/// What somebody's quiet hours are made from.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Rhythm {
    /// IANA name: theirs, or the organisation's.
    pub time_zone: String,
    /// ISO weekdays: theirs, or the organisation's.
    pub workdays: Json<Vec<i16>>,
    /// Their deep work.
    pub deep_work: Option<Json<Vec<Window>>>,
}

impl Rhythm {
    /// Their quiet hours.
    #[must_use]
    pub fn quiet(&self) -> Quiet {
        Quiet {
            zone: self.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC),
            workdays: self.workdays.0.clone(),
            windows: self.deep_work.clone().map(|windows| windows.0).unwrap_or_default(),
        }
    }
}

/// Somebody who is to be told.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Asked {
    /// Who.
    pub person: PersonId,
    /// Their rhythm.
    #[sqlx(flatten)]
    pub rhythm: Rhythm,
}

/// The rhythm of somebody who is here and may see the subject.
pub async fn recipient(tx: &mut Tx, person: PersonId, subject: Subject) -> Result<Option<Rhythm>, sqlx::Error> {
    const SQL: &str = concat!(
        "select coalesce(v.time_zone, o.time_zone) as time_zone, coalesce(v.workdays, o.workdays) as workdays, v.deep_work
         from person v join organisation o on o.id = v.organisation
         where v.id = $1 and v.state = 'active' and ",
        sees!("$2", "$3")
    );
    on_tx!(tx, |c| query_as(SQL).bind(person).bind(subject.kind).bind(subject.id).fetch_optional(c).await)
}

/// Everybody whom a post asks, as its transaction sees it.
pub async fn asked(tx: &mut Tx, post: PostId) -> Result<Vec<Asked>, sqlx::Error> {
    const SQL: &str = "
        select v.id as person, coalesce(v.time_zone, o.time_zone) as time_zone, coalesce(v.workdays, o.workdays) as workdays,
               v.deep_work
        from receipt r join person v on v.id = r.person join organisation o on o.id = v.organisation
        where r.post = $1 and r.asked and v.state = 'active' order by v.id";
    on_tx!(tx, |c| query_as(SQL).bind(post).fetch_all(c).await)
}

/// Tells one person. A row with the same key is left, counts on, or counts anew, as its kind says; one that was pushed and is
/// still unread is not pushed again.
pub(in crate::notify) async fn put(
    tx: &mut Tx,
    id: Uuid,
    person: PersonId,
    news: &News,
    key: &str,
    (now, shows_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into notification (id, person, kind, subject_kind, subject, part, key, actor, count, created_at, at, shows_at,
                                  changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $10)
        on conflict (person, key) do update set
            count = case when $12 then excluded.count when notification.read_at is null then notification.count + 1 else 1 end,
            shows_at = case when notification.read_at is null then notification.shows_at else excluded.shows_at end,
            pushed_at = case when notification.read_at is null then notification.pushed_at else null end,
            part = excluded.part, actor = excluded.actor, at = excluded.at, read_at = null, changed_at = excluded.changed_at,
            revision = notification.revision + 1
        where not $13 and not ($12 and notification.count = excluded.count)";
    let again = news.kind.again();
    on_tx!(tx, |c| query(SQL)
        .bind(id)
        .bind(person)
        .bind(news.kind)
        .bind(news.subject.kind)
        .bind(news.subject.id)
        .bind(news.part)
        .bind(key)
        .bind(news.by)
        .bind(news.count)
        .bind(now)
        .bind(shows_at)
        .bind(again == Again::Counted)
        .bind(again == Again::Never)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Tells many people the same, each once: (id, person, when it shows).
pub(in crate::notify) async fn put_many(
    tx: &mut Tx,
    rows: &[(Uuid, PersonId, DateTime<Utc>)],
    news: &News,
    key: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    on_tx!(tx, |c| {
        let mut sql = QueryBuilder::new(
            "insert into notification (id, person, kind, subject_kind, subject, key, actor, created_at, at, shows_at, changed_at) ",
        );
        sql.push_values(rows, |mut row, (id, person, shows_at)| {
            row.push_bind(*id).push_bind(*person).push_bind(news.kind).push_bind(news.subject.kind);
            row.push_bind(news.subject.id).push_bind(key.to_owned()).push_bind(news.by);
            row.push_bind(now).push_bind(now).push_bind(*shows_at).push_bind(now);
        });
        sql.push(" on conflict do nothing");
        sql.build().execute(c).await.map(|_| ())
    })
}
