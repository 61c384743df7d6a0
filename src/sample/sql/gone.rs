//! Statements that find and delete what hangs on the sample. Names of tables and columns come from the database's own catalogue
//! and from nowhere else; everything goes in batches.

use sqlx::{AssertSqlSafe, query, query_scalar};
use uuid::Uuid;

use crate::db::catalogue::Reference;
use crate::db::{Tx, push_list};
use crate::id::OrganisationId;
use crate::on_tx;

/// Rows in one statement.
pub const BATCH: i64 = 500;

/// Enters the units and channels that people of the sample made, as the audit trail tells, and the channels of those units.
pub async fn enter_roots(tx: &mut Tx) -> Result<(), sqlx::Error> {
    const MADE: &str = "
        insert into sample_row (relation, id)
        select a.subject_kind, a.subject from audit_event a
        join sample_row s on s.relation = 'person' and s.id = a.actor
        where (a.action = 'unit.created' and exists (select 1 from unit u where u.id = a.subject))
           or (a.action = 'channel.created' and exists (select 1 from channel c where c.id = a.subject))
        on conflict (relation, id) do nothing";
    const THEIRS: &str = "
        insert into sample_row (relation, id)
        select 'channel', c.id from channel c join sample_row s on s.relation = 'unit' and s.id = c.unit
        where true -- SQLite reads `on conflict` after a join as its condition otherwise
        on conflict (relation, id) do nothing";
    for statement in [MADE, THEIRS] {
        on_tx!(tx, |c| query(statement).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// What real people made in the sample's units and channels finds another place: posts in the company's General, units under the company.
pub async fn keep_what_is_real(tx: &mut Tx, organisation: OrganisationId) -> Result<(), sqlx::Error> {
    const POSTS: &str = "
        update post set channel = (
            select c.id from channel c join unit u on u.id = c.unit
            where u.organisation = $1 and u.kind = 'company' and c.kind = 'general' order by c.id limit 1)
        where channel in (select id from sample_row where relation = 'channel')
          and author not in (select id from sample_row where relation = 'person')";
    const UNITS: &str = "
        update unit set parent = (select u.id from unit u where u.organisation = $1 and u.kind = 'company' order by u.id limit 1)
        where parent in (select id from sample_row where relation = 'unit')
          and id not in (select id from sample_row where relation = 'unit')";
    for statement in [POSTS, UNITS] {
        on_tx!(tx, |c| query(statement).bind(organisation).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Enters rows that cannot be without a row of the sample, a batch at a time; how many.
pub async fn enter(tx: &mut Tx, reference: &Reference) -> Result<u64, sqlx::Error> {
    let Reference { child, name, parent, .. } = reference;
    let sql = format!(
        "insert into sample_row (relation, id)
         select '{child}', x.id from {child} x join sample_row s on s.relation = '{parent}' and s.id = x.{name}
         where not exists (select 1 from sample_row d where d.relation = '{child}' and d.id = x.id) limit {BATCH}"
    );
    on_tx!(tx, |c| query(AssertSqlSafe(sql)).execute(c).await.map(|done| done.rows_affected()))
}

/// Enters rows that are about a row of the sample, whatever it is, a batch at a time; how many.
pub async fn enter_about(tx: &mut Tx, table: &str) -> Result<u64, sqlx::Error> {
    let sql = format!(
        "insert into sample_row (relation, id)
         select '{table}', x.id from {table} x
         where exists (select 1 from sample_row s where s.id = x.subject)
           and not exists (select 1 from sample_row d where d.relation = '{table}' and d.id = x.id) limit {BATCH}"
    );
    on_tx!(tx, |c| query(AssertSqlSafe(sql)).execute(c).await.map(|done| done.rows_affected()))
}

/// Empties a column where it names a row of the sample.
pub async fn let_go(tx: &mut Tx, reference: &Reference) -> Result<u64, sqlx::Error> {
    let Reference { child, name, parent, .. } = reference;
    let sql = format!(
        "update {child} set {name} = null
         where {name} is not null and {name} in (select id from sample_row where relation = '{parent}')"
    );
    on_tx!(tx, |c| query(AssertSqlSafe(sql)).execute(c).await.map(|done| done.rows_affected()))
}

/// Empties `subject` where it names any row of the sample.
pub async fn let_go_of_subject(tx: &mut Tx, table: &str) -> Result<u64, sqlx::Error> {
    let sql = format!(
        "update {table} set subject = null where subject is not null and subject in (select id from sample_row)"
    );
    on_tx!(tx, |c| query(AssertSqlSafe(sql)).execute(c).await.map(|done| done.rows_affected()))
}

/// The next rows of a table that are the sample's, after a place in the list.
pub async fn next(tx: &mut Tx, table: &str, after: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    const SQL: &str = "select id from sample_row where relation = $1 and id > $2 order by id limit $3";
    on_tx!(tx, |c| query_scalar(SQL).bind(table).bind(after).bind(BATCH).fetch_all(c).await)
}

/// Deletes rows of a table without ids that belong to these rows.
pub async fn delete_by(tx: &mut Tx, table: &str, column: &str, of: &[Uuid]) -> Result<u64, sqlx::Error> {
    on_tx!(tx, |c| {
        let mut sql = sqlx::QueryBuilder::new(format!("delete from {table} where {column} in ("));
        push_list(&mut sql, of.iter().copied());
        sql.push(")");
        sql.build().execute(c).await.map(|done| done.rows_affected())
    })
}

/// Forgets that these rows were the sample's: they are gone.
pub async fn forget(tx: &mut Tx, table: &str, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    on_tx!(tx, |c| {
        let mut sql = sqlx::QueryBuilder::new("delete from sample_row where relation = ");
        sql.push_bind(table.to_owned()).push(" and id in (");
        push_list(&mut sql, ids.iter().copied());
        sql.push(")");
        sql.build().execute(c).await.map(|_| ())
    })
}

/// The tables that still have rows of the sample.
pub async fn relations(tx: &mut Tx) -> Result<Vec<String>, sqlx::Error> {
    const SQL: &str = "select distinct relation from sample_row order by relation";
    on_tx!(tx, |c| query_scalar(SQL).fetch_all(c).await)
}
