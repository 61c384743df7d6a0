//! Statements of the reader of the trail: what came, and who may see what it is about. Each looks at a few rows by their keys.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{query_as, query_scalar};
use uuid::Uuid;

use crate::db::Db;
use crate::id::{OrganisationId, PersonId};
use crate::on_db;

/// An entry of the trail.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "each column is told of in AuditEvent")]
pub struct Entry {
    pub id: Uuid,
    pub organisation: Option<OrganisationId>,
    pub actor: Option<PersonId>,
    pub action: String,
    pub subject_kind: String,
    pub subject: Option<Uuid>,
    #[sqlx(json)]
    pub detail: Value,
    pub at: DateTime<Utc>,
}

/// Entries of every organisation after an id, in order.
pub async fn after(db: &Db, id: Uuid, limit: i64) -> Result<Vec<Entry>, sqlx::Error> {
    const SQL: &str = "
        select id, organisation, actor, action, subject_kind, subject, detail, at from audit_event
        where id > $1 order by id limit $2";
    on_db!(db, |c| query_as(SQL).bind(id).bind(limit).fetch_all(c).await)
}

/// A channel, as far as it says who sees it: (id, for everyone, a project's).
pub type Room = (Uuid, bool, bool);

/// A channel.
pub async fn room(db: &Db, channel: Uuid) -> Result<Option<Room>, sqlx::Error> {
    const SQL: &str = "select id, audience = 'everyone', kind = 'project' from channel where id = $1";
    on_db!(db, |c| query_as(SQL).bind(channel).fetch_optional(c).await)
}

/// The channel of a post.
pub async fn room_of(db: &Db, post: Uuid) -> Result<Option<Room>, sqlx::Error> {
    const SQL: &str = "
        select c.id, c.audience = 'everyone', c.kind = 'project' from post p join channel c on c.id = p.channel where p.id = $1";
    on_db!(db, |c| query_as(SQL).bind(post).fetch_optional(c).await)
}

/// People who were added to a channel: guests only where it is a project's.
pub async fn added(db: &Db, channel: Uuid, guests: bool) -> Result<Vec<PersonId>, sqlx::Error> {
    const SQL: &str = "
        select m.person from channel_member m join person p on p.id = m.person
        where m.channel = $1 and m.member and p.state = 'active' and (p.role <> 'guest' or $2)";
    on_db!(db, |c| query_scalar(SQL).bind(channel).bind(guests).fetch_all(c).await)
}

/// What a comment hangs under.
pub async fn under(db: &Db, comment: Uuid) -> Result<Option<(String, Uuid)>, sqlx::Error> {
    const SQL: &str = "select subject_kind, subject from comment where id = $1";
    on_db!(db, |c| query_as(SQL).bind(comment).fetch_optional(c).await)
}

/// The recording of a take.
pub async fn recording_of(db: &Db, take: Uuid) -> Result<Option<Uuid>, sqlx::Error> {
    const SQL: &str = "select recording from take where id = $1";
    on_db!(db, |c| query_scalar(SQL).bind(take).fetch_optional(c).await)
}

/// Guests who see a recording: its author, and those in project channels where it hangs.
pub async fn guests_of(db: &Db, recording: Uuid) -> Result<Vec<PersonId>, sqlx::Error> {
    const SQL: &str = "
        select author from recording where id = $1
        union
        select m.person from post p
        join channel c on c.id = p.channel join channel_member m on m.channel = c.id
        where m.member and c.kind = 'project' and c.archived_at is null and p.state = 'published' and p.recording = $1
        union
        select m.person from comment k
        join post p on p.id = k.subject
        join channel c on c.id = p.channel join channel_member m on m.channel = c.id
        where k.recording = $1 and k.subject_kind = 'post' and k.deleted_at is null
          and m.member and c.kind = 'project' and c.archived_at is null and p.state = 'published'";
    on_db!(db, |c| query_scalar(SQL).bind(recording).fetch_all(c).await)
}

/// Author and reviewer of a check-in, and whether it was said.
pub async fn check_in(db: &Db, id: Uuid) -> Result<Option<(PersonId, Option<PersonId>, bool)>, sqlx::Error> {
    const SQL: &str = "select author, reviewer, state = 'published' from check_in where id = $1";
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// The check-in of a blocker, who raised it and whom it asks.
pub async fn blocker(db: &Db, id: Uuid) -> Result<Option<(Uuid, PersonId, Option<PersonId>)>, sqlx::Error> {
    const SQL: &str = "select check_in, author, asks from blocker where id = $1";
    on_db!(db, |c| query_as(SQL).bind(id).fetch_optional(c).await)
}

/// Whom a blocker passed up to.
pub async fn passed_up(db: &Db, id: Uuid) -> Result<Option<PersonId>, sqlx::Error> {
    const SQL: &str = "select escalated_to from blocker where id = $1 and escalated_to is not null";
    on_db!(db, |c| query_scalar(SQL).bind(id).fetch_optional(c).await)
}

/// Whom the blockers of a check-in ask.
pub async fn asked_in(db: &Db, check_in: Uuid) -> Result<Vec<PersonId>, sqlx::Error> {
    const SQL: &str = "select asks from blocker where check_in = $1 and asks is not null";
    on_db!(db, |c| query_scalar(SQL).bind(check_in).fetch_all(c).await)
}

/// Whose slot it is.
pub async fn slot_of(db: &Db, slot: Uuid) -> Result<Option<PersonId>, sqlx::Error> {
    const SQL: &str = "select person from check_in_slot where id = $1";
    on_db!(db, |c| query_scalar(SQL).bind(slot).fetch_optional(c).await)
}

/// Goals that a check-in speaks of.
pub async fn goals_in(db: &Db, check_in: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    const SQL: &str = "select goal from check_in_goal where check_in = $1 order by goal limit 50";
    on_db!(db, |c| query_scalar(SQL).bind(check_in).fetch_all(c).await)
}
