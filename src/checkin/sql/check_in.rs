//! Statements about check-ins themselves.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_scalar};
use uuid::Uuid;

use crate::checkin::CheckInRow;
use crate::db::{Db, Tx};
use crate::id::{CheckInId, GoalId, OrganisationId, PersonId, SlotId};
use crate::{on_db, on_tx};

/// The columns of a check-in with its review, from `check_in i` and `review r`.
macro_rules! check_in {
    () => {
        "
         select i.id, i.organisation, i.author, i.slot, i.reviewer, i.state, i.headline, i.wins, i.next_actions, i.recording,
                i.local_date, i.revision, i.created_at, i.published_at, r.due_at as review_due, r.decision as review_decision,
                r.note as review_note, r.recording as review_recording, r.reviewed_at,
                r.ended as review_ended
         from check_in i left join review r on r.check_in = i.id "
    };
}
pub(in crate::checkin) use check_in;

const CHECK_IN: &str = check_in!();

/// Which published check-ins a list asks for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// By one author.
    pub author: Option<PersonId>,
    /// Reviewed by one person.
    pub reviewer: Option<PersonId>,
    /// Only those not reviewed yet (true) or those reviewed (false).
    pub unreviewed: Option<bool>,
    /// That speak of one goal.
    pub goal: Option<GoalId>,
}

/// So many at most are few: they are sorted. More are met soon enough walking back from the newest.
const FEW: i64 = 2000;

/// Appends the ids of the check-ins of one goal, or of those that wait for a review.
macro_rules! narrowed {
    ($sql:ident, $filter:ident) => {
        match ($filter.goal, $filter.reviewer) {
            (Some(goal), _) => {
                $sql.push("select g.check_in from check_in_goal g where g.goal = ").push_bind(goal);
            }
            (None, reviewer) => {
                $sql.push("select w.check_in from review w where w.reviewed_at is null");
                if let Some(reviewer) = reviewer {
                    $sql.push(" and w.reviewer = ").push_bind(reviewer);
                }
            }
        }
    };
}

/// Whether a filter leaves so few that the list begins with them.
async fn leaves_few(db: &Db, filter: &Filter) -> Result<bool, sqlx::Error> {
    if filter.goal.is_none() && filter.unreviewed != Some(true) {
        return Ok(false);
    }
    let count: i64 = on_db!(db, |c| {
        let mut sql = QueryBuilder::new("select count(*) from (");
        narrowed!(sql, filter);
        sql.push(" limit ").push_bind(FEW + 1).push(") few");
        sql.build_query_scalar().fetch_one(c).await
    })?;
    Ok(count <= FEW)
}

/// Published check-ins, newest first, after a place in the list.
pub async fn list(
    db: &Db,
    organisation: OrganisationId,
    filter: &Filter,
    after: (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<CheckInRow>, sqlx::Error> {
    let few = leaves_few(db, filter).await?;
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(CHECK_IN);
        sql.push("where i.state = 'published' and (i.published_at, i.id) < (");
        sql.push_bind(after.0).push(", ").push_bind(after.1).push(")");
        if few {
            sql.push(" and i.id in (");
            narrowed!(sql, filter);
            // Written so that no index answers it: by the organisation all check-ins would be walked through for the few.
            sql.push(") and case when i.organisation = ").push_bind(organisation).push(" then 1 else 0 end = 1");
        } else {
            sql.push(" and i.organisation = ").push_bind(organisation);
        }
        if let Some(goal) = filter.goal {
            sql.push(" and exists (select 1 from check_in_goal g where g.check_in = i.id and g.goal = ")
                .push_bind(goal)
                .push(")");
        }
        if let Some(author) = filter.author {
            sql.push(" and i.author = ").push_bind(author);
        }
        if let Some(reviewer) = filter.reviewer {
            sql.push(" and i.reviewer = ").push_bind(reviewer);
        }
        match filter.unreviewed {
            Some(true) => drop(sql.push(" and r.id is not null and r.reviewed_at is null")),
            Some(false) => drop(sql.push(" and r.reviewed_at is not null")),
            None => {}
        }
        sql.push(" order by i.published_at desc, i.id desc limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// The newest check-ins by others.
pub async fn news(
    db: &Db,
    viewer: (OrganisationId, PersonId),
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<CheckInRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(CHECK_IN);
        sql.push("where i.state = 'published' and i.organisation = ").push_bind(viewer.0);
        sql.push(" and i.author <> ").push_bind(viewer.1).push(" and i.published_at > ").push_bind(since);
        sql.push(" order by i.published_at desc, i.id desc limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// Check-ins that wait for a person's review, the most urgent first.
pub async fn to_review(db: &Db, reviewer: PersonId, limit: i64) -> Result<Vec<CheckInRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(CHECK_IN);
        sql.push("where r.reviewer = ").push_bind(reviewer).push(" and r.reviewed_at is null");
        sql.push(" order by r.due_at, r.id limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// The check-in of that id, if the viewer may see it: published ones, and their own drafts.
pub async fn one(
    db: &Db,
    viewer: (OrganisationId, PersonId),
    id: CheckInId,
) -> Result<Option<CheckInRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(CHECK_IN);
        sql.push("where i.id = ").push_bind(id).push(" and i.organisation = ").push_bind(viewer.0);
        sql.push(" and (i.state = 'published' or i.author = ").push_bind(viewer.1).push(")");
        sql.build_query_as().fetch_optional(c).await
    })
}

/// The check-in of that id by that author, as a transaction sees it.
pub async fn own(tx: &mut Tx, author: PersonId, id: CheckInId) -> Result<Option<CheckInRow>, sqlx::Error> {
    on_tx!(tx, |c| {
        let mut sql = QueryBuilder::new(CHECK_IN);
        sql.push("where i.id = ").push_bind(id).push(" and i.author = ").push_bind(author);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// The check-in that was begun for a slot.
pub async fn of_slot(tx: &mut Tx, slot: SlotId) -> Result<Option<CheckInId>, sqlx::Error> {
    const SQL: &str = "select id from check_in where slot = $1";
    on_tx!(tx, |c| query_scalar(SQL).bind(slot).fetch_optional(c).await)
}

/// The extra check-in a person is writing.
pub async fn extra_draft(tx: &mut Tx, author: PersonId) -> Result<Option<CheckInId>, sqlx::Error> {
    const SQL: &str = "select id from check_in where author = $1 and state = 'draft' and slot is null";
    on_tx!(tx, |c| query_scalar(SQL).bind(author).fetch_optional(c).await)
}

/// Begins a draft; false when another request has begun it.
pub async fn insert(tx: &mut Tx, new: &CheckInRow) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        insert into check_in (id, organisation, author, slot, reviewer, state, local_date, created_at)
        values ($1, $2, $3, $4, $5, 'draft', $6, $7)
        on conflict do nothing";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(new.organisation)
        .bind(new.author)
        .bind(new.slot)
        .bind(new.reviewer)
        .bind(new.local_date)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Writes a draft's words and video; false when it is no longer a draft at that revision.
pub async fn update(tx: &mut Tx, draft: &CheckInRow, revision: i64) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update check_in set headline = $3, wins = $4, next_actions = $5, recording = $6, revision = revision + 1
        where id = $1 and revision = $2 and state = 'draft'";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(draft.id)
        .bind(revision)
        .bind(&draft.headline)
        .bind(&draft.wins)
        .bind(&draft.next_actions)
        .bind(draft.recording)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Publishes a draft, in its slot or beside it; false when it is no longer a draft at that revision.
pub async fn publish(
    tx: &mut Tx,
    draft: &CheckInRow,
    slot: Option<SlotId>,
    reviewer: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update check_in set state = 'published', slot = $3, reviewer = $4, published_at = $5, revision = revision + 1,
               confidence = (select cast(avg(g.confidence) as double precision) from check_in_goal g where g.check_in = $1)
        where id = $1 and revision = $2 and state = 'draft'";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(draft.id)
        .bind(draft.revision)
        .bind(slot)
        .bind(reviewer)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Who wrote a published check-in of the organisation.
pub async fn published_author(
    db: &Db,
    organisation: OrganisationId,
    id: CheckInId,
) -> Result<Option<PersonId>, sqlx::Error> {
    const SQL: &str = "select author from check_in where id = $1 and organisation = $2 and state = 'published'";
    on_db!(db, |c| query_scalar(SQL).bind(id).bind(organisation).fetch_optional(c).await)
}
