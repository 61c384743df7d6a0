//! Statements about what goes from somebody who leaves to somebody who stays, and back.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{query, query_as, query_scalar};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::id::{GoalId, PersonId, UnitId};
use crate::{on_db, on_tx};

use super::{Handed, OpenGoal};

/// How much there is of what is counted only.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Counts {
    /// Open goals of others that they review.
    pub reviewed_goals: i64,
    /// Reviews they owe.
    pub reviews: i64,
    /// People who report to them.
    pub reports: i64,
    /// Units they lead.
    pub units: i64,
    /// Blockers that ask them.
    pub blockers: i64,
    /// Invitations they made that were not used.
    pub invitations: i64,
}

/// How much somebody would leave behind.
pub async fn counts(db: &Db, person: PersonId) -> Result<Counts, sqlx::Error> {
    const SQL: &str = "
        select (select count(*) from goal where reviewer = $1 and state in ('draft', 'active')) as reviewed_goals,
               (select count(*) from review where reviewer = $1 and ended is null) as reviews,
               (select count(*) from person where manager = $1 and state = 'active') as reports,
               (select count(*) from unit where lead = $1) as units,
               (select count(*) from blocker where asks = $1 and state in ('open', 'escalated'))
                 + (select count(*) from blocker where escalated_to = $1 and state = 'escalated') as blockers,
               (select count(*) from invitation where created_by = $1 and used_at is null) as invitations";
    on_db!(db, |c| query_as(SQL).bind(person).fetch_one(c).await)
}

/// Their open goals.
pub async fn open_goals(db: &Db, person: PersonId, limit: i64) -> Result<Vec<OpenGoal>, sqlx::Error> {
    const SQL: &str = "
        select id, title from goal where owner = $1 and state in ('draft', 'active') order by id limit $2";
    on_db!(db, |c| query_as(SQL).bind(person).bind(limit).fetch_all(c).await)
}

/// The same, with who reviews each.
pub async fn owned(tx: &mut Tx, person: PersonId, limit: i64) -> Result<Vec<(GoalId, Option<PersonId>)>, sqlx::Error> {
    const SQL: &str = "
        select id, reviewer from goal where owner = $1 and state in ('draft', 'active') order by id limit $2";
    on_tx!(tx, |c| query_as(SQL).bind(person).bind(limit).fetch_all(c).await)
}

/// Gives an open goal another owner and reviewer.
pub async fn hand_goal(
    tx: &mut Tx,
    goal: GoalId,
    (owner, reviewer): (PersonId, Option<PersonId>),
    (by, now): (PersonId, DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update goal set owner = $2, reviewer = $3, changed_by = $4, changed_at = $5, revision = revision + 1
        where id = $1 and state in ('draft', 'active')";
    on_tx!(tx, |c| query(SQL).bind(goal).bind(owner).bind(reviewer).bind(by).bind(now).execute(c).await.map(|_| ()))
}

/// Gives an open goal back to its former owner, if it is still `from`'s.
pub async fn take_goal(
    tx: &mut Tx,
    goal: GoalId,
    from: PersonId,
    (owner, reviewer): (PersonId, Option<PersonId>),
    (by, now): (PersonId, DateTime<Utc>),
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update goal set owner = $3, changed_by = $5, changed_at = $6, revision = revision + 1,
               reviewer = (select p.id from person p where p.id = $4 and p.state = 'active' and p.id <> $3)
        where id = $1 and owner = $2 and state in ('draft', 'active')";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(goal)
        .bind(from)
        .bind(owner)
        .bind(reviewer)
        .bind(by)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Lets somebody else (or nobody, where that is the owner) review the open goals that a person reviews.
pub async fn hand_reviewed(
    tx: &mut Tx,
    person: PersonId,
    to: Option<PersonId>,
) -> Result<Vec<(GoalId, Option<PersonId>)>, sqlx::Error> {
    const SQL: &str = "
        update goal set reviewer = case when owner = $2 then null else $2 end, revision = revision + 1
        where reviewer = $1 and state in ('draft', 'active')
        returning id, reviewer";
    on_tx!(tx, |c| query_as(SQL).bind(person).bind(to).fetch_all(c).await)
}

/// Lets a person review an open goal again, if nobody else was chosen since.
pub async fn take_reviewed(
    tx: &mut Tx,
    goal: GoalId,
    from: Option<PersonId>,
    person: PersonId,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update goal set reviewer = $3, revision = revision + 1
        where id = $1 and coalesce(reviewer, $3) = coalesce($2, $3) and owner <> $3 and state in ('draft', 'active')";
    on_tx!(tx, |c| query(SQL).bind(goal).bind(from).bind(person).execute(c).await.map(|_| ()))
}

/// The reviews a person owes and can still give in time: (review, whose check-in). A missed one stays theirs.
pub async fn reviews(tx: &mut Tx, person: PersonId) -> Result<Vec<(Uuid, PersonId)>, sqlx::Error> {
    const SQL: &str = "
        select r.id, i.author from review r join check_in i on i.id = r.check_in
        where r.reviewer = $1 and r.ended is null order by r.id";
    on_tx!(tx, |c| query_as(SQL).bind(person).fetch_all(c).await)
}

/// Lets somebody else owe a review.
pub async fn hand_review(tx: &mut Tx, review: Uuid, to: PersonId) -> Result<(), sqlx::Error> {
    const REVIEW: &str = "update review set reviewer = $2 where id = $1 and ended is null";
    const CHECK_IN: &str = "
        update check_in set reviewer = $2 where id = (select check_in from review where id = $1 and ended is null)";
    on_tx!(tx, |c| query(REVIEW).bind(review).bind(to).execute(c).await.map(|_| ()))?;
    on_tx!(tx, |c| query(CHECK_IN).bind(review).bind(to).execute(c).await.map(|_| ()))
}

/// Lets a person owe a review again that nobody has written since.
pub async fn take_review(tx: &mut Tx, review: Uuid, from: PersonId, person: PersonId) -> Result<(), sqlx::Error> {
    const SQL: &str = "select count(*) from review where id = $1 and reviewer = $2 and ended is null";
    let still: i64 = on_tx!(tx, |c| query_scalar(SQL).bind(review).bind(from).fetch_one(c).await)?;
    if still == 1 { hand_review(tx, review, person).await } else { Ok(()) }
}

/// Active people who report to a person.
pub async fn reports(tx: &mut Tx, person: PersonId) -> Result<Vec<PersonId>, sqlx::Error> {
    const SQL: &str = "select id from person where manager = $1 and state = 'active' order by id";
    on_tx!(tx, |c| query_scalar(SQL).bind(person).fetch_all(c).await)
}

/// Says whom somebody reports to.
pub async fn report_to(tx: &mut Tx, person: PersonId, manager: Option<PersonId>) -> Result<(), sqlx::Error> {
    const SQL: &str = "update person set manager = $2, revision = revision + 1 where id = $1";
    on_tx!(tx, |c| query(SQL).bind(person).bind(manager).execute(c).await.map(|_| ()))
}

/// Lets somebody report to a person again, if they still report to whom they were given.
pub async fn take_report(
    tx: &mut Tx,
    report: PersonId,
    from: Option<PersonId>,
    person: PersonId,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "
        update person set manager = $3, revision = revision + 1
        where id = $1 and coalesce(manager, id) = coalesce($2, id) and state = 'active' and id <> $3";
    let rows = on_tx!(tx, |c| query(SQL)
        .bind(report)
        .bind(from)
        .bind(person)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Gives the units that a person leads another lead.
pub async fn hand_units(
    tx: &mut Tx,
    person: PersonId,
    to: Option<PersonId>,
) -> Result<Vec<(UnitId, Option<PersonId>)>, sqlx::Error> {
    const SQL: &str = "update unit set lead = $2, revision = revision + 1 where lead = $1 returning id, lead";
    on_tx!(tx, |c| query_as(SQL).bind(person).bind(to).fetch_all(c).await)
}

/// Lets a person lead a unit again, if nobody else was chosen since.
pub async fn take_unit(tx: &mut Tx, unit: UnitId, from: Option<PersonId>, person: PersonId) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update unit set lead = $3, revision = revision + 1 where id = $1 and coalesce(lead, $3) = coalesce($2, $3)";
    on_tx!(tx, |c| query(SQL).bind(unit).bind(from).bind(person).execute(c).await.map(|_| ()))
}

/// Lets the open blockers that ask a person ask somebody else; their own author is asked by none of them.
pub async fn hand_blockers(
    tx: &mut Tx,
    person: PersonId,
    to: Option<PersonId>,
) -> Result<Vec<(Uuid, Option<PersonId>)>, sqlx::Error> {
    const SQL: &str = "
        update blocker set asks = case when author = $2 then null else $2 end, revision = revision + 1
        where asks = $1 and state in ('open', 'escalated')
        returning id, asks";
    on_tx!(tx, |c| query_as(SQL).bind(person).bind(to).fetch_all(c).await)
}

/// The same for blockers that were passed up to a person.
pub async fn hand_passed_up(
    tx: &mut Tx,
    person: PersonId,
    to: Option<PersonId>,
) -> Result<Vec<(Uuid, Option<PersonId>)>, sqlx::Error> {
    const SQL: &str = "
        update blocker set escalated_to = case when author = $2 then null else $2 end, revision = revision + 1
        where escalated_to = $1 and state = 'escalated'
        returning id, escalated_to";
    on_tx!(tx, |c| query_as(SQL).bind(person).bind(to).fetch_all(c).await)
}

/// Passes a blocker up to a person again, if it was passed to nobody else since.
pub async fn take_passed_up(
    tx: &mut Tx,
    blocker: Uuid,
    from: Option<PersonId>,
    person: PersonId,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update blocker set escalated_to = $3, revision = revision + 1
        where id = $1 and coalesce(escalated_to, $3) = coalesce($2, $3) and author <> $3 and state = 'escalated'";
    on_tx!(tx, |c| query(SQL).bind(blocker).bind(from).bind(person).execute(c).await.map(|_| ()))
}

/// Lets an open blocker ask a person again, if it asks nobody else since.
pub async fn take_blocker(
    tx: &mut Tx,
    blocker: Uuid,
    from: Option<PersonId>,
    person: PersonId,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        update blocker set asks = $3, revision = revision + 1
        where id = $1 and coalesce(asks, $3) = coalesce($2, $3) and author <> $3 and state in ('open', 'escalated')";
    on_tx!(tx, |c| query(SQL).bind(blocker).bind(from).bind(person).execute(c).await.map(|_| ()))
}

/// Excuses the slots that wait for a person's check-in: a duty that ends with the day they leave is no miss.
pub async fn excuse_open_slots(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    const SQL: &str = "
        update check_in_slot set state = 'excused', decided_at = $2
        where person = $1 and state in ('ahead', 'open') and opens_at <= $2 and grace_until > $2";
    on_tx!(tx, |c| query(SQL).bind(person).bind(now).execute(c).await.map(|done| done.rows_affected()))
}

/// Keeps what went to whom.
pub async fn put(
    tx: &mut Tx,
    person: PersonId,
    by: PersonId,
    handed: &Handed,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "
        insert into departure (person, left_at, left_by, handed) values ($1, $2, $3, $4)
        on conflict (person) do update
        set left_at = excluded.left_at, left_by = excluded.left_by, handed = excluded.handed";
    on_tx!(tx, |c| query(SQL).bind(person).bind(now).bind(by).bind(Json(handed)).execute(c).await.map(|_| ()))
}

/// What went to whom, which is then forgotten.
pub async fn take(tx: &mut Tx, person: PersonId) -> Result<Option<Handed>, sqlx::Error> {
    const SQL: &str = "delete from departure where person = $1 returning handed";
    let found: Option<Json<Handed>> = on_tx!(tx, |c| query_scalar(SQL).bind(person).fetch_optional(c).await)?;
    Ok(found.map(|handed| handed.0))
}
