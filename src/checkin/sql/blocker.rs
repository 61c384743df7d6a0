//! Statements about blockers.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, query, query_as, query_scalar};

use crate::checkin::blocker::BlockerRow;
use crate::db::{Db, Tx, push_list};
use crate::id::{BlockerId, CheckInId, OrganisationId, PersonId};
use crate::{on_db, on_tx};

const BLOCKER: &str = "
    select b.id, b.check_in, b.goal, g.title as goal_title, b.author, b.at_ms, b.text, b.asks, b.state, b.answer, b.slots_carried,
           b.revision, b.created_at, b.resolved_at, i.reviewer, b.escalated_to, b.escalated_at
    from blocker b
    join check_in i on i.id = b.check_in
    left join goal g on g.id = b.goal ";

/// Blockers raised in these check-ins, in the order in which they were raised.
pub async fn raised_in(db: &Db, check_ins: &[CheckInId]) -> Result<Vec<BlockerRow>, sqlx::Error> {
    if check_ins.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(BLOCKER);
        sql.push("where b.check_in in (");
        push_list(&mut sql, check_ins.iter().copied());
        sql.push(") order by b.id");
        sql.build_query_as().fetch_all(c).await
    })
}

/// Blockers an author had raised before an instant that were open then: what a check-in of that instant carries.
pub async fn carried(
    db: &Db,
    author: PersonId,
    into: CheckInId,
    at: DateTime<Utc>,
) -> Result<Vec<BlockerRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(BLOCKER);
        sql.push("where b.author = ").push_bind(author).push(" and b.check_in <> ").push_bind(into);
        sql.push(" and i.state = 'published' and i.published_at <= ").push_bind(at);
        sql.push(" and (b.resolved_at is null or b.resolved_at > ").push_bind(at).push(") order by b.id limit 100");
        sql.build_query_as().fetch_all(c).await
    })
}

/// Open blockers that ask a person or have passed up to them, the oldest first.
pub async fn asking(db: &Db, person: PersonId, limit: i64) -> Result<Vec<BlockerRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(BLOCKER);
        // By two lists, for SQLite reads all blockers where it is told "or".
        sql.push("where b.id in (select id from blocker where state in ('open', 'escalated') and asks = ")
            .push_bind(person)
            .push(" union select id from blocker where state = 'escalated' and escalated_to = ")
            .push_bind(person)
            .push(") and i.state = 'published'");
        sql.push(" order by b.id limit ").push_bind(limit);
        sql.build_query_as().fetch_all(c).await
    })
}

/// The blocker of that id, if its check-in was published.
pub async fn one(db: &Db, organisation: OrganisationId, id: BlockerId) -> Result<Option<BlockerRow>, sqlx::Error> {
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(BLOCKER);
        sql.push("where i.state = 'published' and b.id = ")
            .push_bind(id)
            .push(" and b.organisation = ")
            .push_bind(organisation);
        sql.build_query_as().fetch_optional(c).await
    })
}

/// The ids of the blockers raised in a draft, as a transaction sees them.
pub async fn ids_in(tx: &mut Tx, check_in: CheckInId) -> Result<Vec<(BlockerId,)>, sqlx::Error> {
    const SQL: &str = "select id from blocker where check_in = $1";
    on_tx!(tx, |c| query_as(SQL).bind(check_in).fetch_all(c).await)
}

/// The blockers raised in a check-in that ask somebody, and whom, as a transaction sees it.
pub async fn asked_in(tx: &mut Tx, check_in: CheckInId) -> Result<Vec<(BlockerId, PersonId)>, sqlx::Error> {
    const SQL: &str = "select id, asks from blocker where check_in = $1 and asks is not null order by id";
    on_tx!(tx, |c| query_as(SQL).bind(check_in).fetch_all(c).await)
}

/// Takes the blockers of a draft out again, before it is written anew.
pub async fn clear(tx: &mut Tx, draft: CheckInId) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        delete from blocker where check_in = $1
          and exists (select 1 from check_in i where i.id = blocker.check_in and i.state = 'draft')";
    on_tx!(tx, |c| query(SQL).bind(draft).execute(c).await.map(|_| ()))
}

/// Adds a blocker.
pub async fn insert(tx: &mut Tx, organisation: OrganisationId, new: &BlockerRow) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into blocker (id, organisation, goal, check_in, author, at_ms, text, asks, state, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9)";
    on_tx!(tx, |c| query(SQL)
        .bind(new.id)
        .bind(organisation)
        .bind(new.goal)
        .bind(new.check_in)
        .bind(new.author)
        .bind(new.at_ms)
        .bind(&new.text)
        .bind(new.asks)
        .bind(new.created_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Counts one more slot for the author's blockers that are open from before.
pub async fn carry(tx: &mut Tx, author: PersonId, into: Option<CheckInId>) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update blocker set slots_carried = slots_carried + 1
        where author = $1 and ($2 is null or check_in <> $2) and state in ('open', 'escalated')
          and exists (select 1 from check_in i where i.id = blocker.check_in and i.state = 'published')";
    on_tx!(tx, |c| query(SQL).bind(author).bind(into).execute(c).await.map(|_| ()))
}

/// A blocker whose number of slots is full.
#[derive(sqlx::FromRow)]
pub struct Due {
    /// Its id.
    pub id: BlockerId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Where it was raised.
    pub check_in: CheckInId,
    /// Whom it asks now.
    pub asked: Option<PersonId>,
    /// Slots that ended with it open.
    pub slots_carried: i32,
}

/// The author's open blockers that pass up now: asked for right after [`carry`], in the same transaction.
pub async fn to_escalate(tx: &mut Tx, author: PersonId) -> Result<Vec<Due>, sqlx::Error> {
    const SQL: &str = "
        select b.id, b.organisation, b.check_in, coalesce(b.escalated_to, b.asks) as asked, b.slots_carried
        from blocker b
        join organisation o on o.id = b.organisation
        join check_in i on i.id = b.check_in
        where b.author = $1 and b.state in ('open', 'escalated') and i.state = 'published' and b.slots_carried > 0
          and b.slots_carried % o.escalate_after = 0
        order by b.id limit 100";
    on_tx!(tx, |c| query_as(SQL).bind(author).fetch_all(c).await)
}

/// The next manager above a person who is still here and is not the author; none at the top.
pub async fn above(tx: &mut Tx, from: PersonId, author: PersonId) -> Result<Option<PersonId>, sqlx::Error> {
    const SQL: &str = "
        with recursive chain (id, manager, steps) as (
            select id, manager, 0 from person where id = $1
            union all
            select p.id, p.manager, c.steps + 1 from person p join chain c on p.id = c.manager where c.steps < 60)
        select c.id from chain c join person p on p.id = c.id
        where c.steps > 0 and c.id <> $2 and p.state = 'active' and p.role <> 'guest'
        order by c.steps limit 1";
    on_tx!(tx, |c| query_scalar(SQL).bind(from).bind(author).fetch_optional(c).await)
}

/// Passes an open blocker up; false when it has ended.
pub async fn escalate(tx: &mut Tx, id: BlockerId, to: PersonId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update blocker set state = 'escalated', escalated_to = $2, escalated_at = $3, revision = revision + 1
        where id = $1 and state in ('open', 'escalated')";
    let rows =
        on_tx!(tx, |c| query(SQL).bind(id).bind(to).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Ends an open blocker; false when it had ended.
pub async fn end(
    tx: &mut Tx,
    id: BlockerId,
    (state, answer): (crate::checkin::blocker::BlockerState, &str),
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update blocker set state = $2, answer = $3, resolved_at = $4, revision = revision + 1
        where id = $1 and state in ('open', 'escalated')";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(id)
        .bind(state)
        .bind(answer)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
