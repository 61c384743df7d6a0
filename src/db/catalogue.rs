//! What the database itself says of its tables: which column refers to which table. Read for work that must not forget a table
//! that somebody adds later; never for queries of a feature.

use std::collections::BTreeSet;

use super::{Db, Pool};

/// A foreign key of one column.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Reference {
    /// The table that refers.
    pub child: String,
    /// Its column.
    pub name: String,
    /// The table it refers to, always by its `id`.
    pub parent: String,
    /// Whether the column may be empty.
    pub nullable: bool,
}

/// The tables that matter to whoever follows references.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Every foreign key.
    pub references: Vec<Reference>,
    /// Tables whose rows have an `id`.
    pub identified: BTreeSet<String>,
    /// Tables with a column `subject`, which names a row of one of several tables and so has no foreign key.
    pub subjects: BTreeSet<String>,
    /// Tables with a column `target`, likewise: whom or what their row points at.
    pub targets: BTreeSet<String>,
}

/// Reads the catalogue.
///
/// # Errors
/// The database's.
pub async fn read(db: &Db) -> Result<Catalogue, sqlx::Error> {
    let (references, columns): (Vec<Reference>, Vec<(String, String)>) = match &db.pool {
        Pool::Sqlite { read, .. } => (
            sqlx::query_as(SQLITE_REFERENCES).fetch_all(read).await?,
            sqlx::query_as(SQLITE_COLUMNS).fetch_all(read).await?,
        ),
        Pool::Postgres(pool) => (
            sqlx::query_as(POSTGRES_REFERENCES).fetch_all(pool).await?,
            sqlx::query_as(POSTGRES_COLUMNS).fetch_all(pool).await?,
        ),
    };
    let with =
        |wanted: &str| columns.iter().filter(|(_, name)| name == wanted).map(|(table, _)| table.clone()).collect();
    Ok(Catalogue { references, identified: with("id"), subjects: with("subject"), targets: with("target") })
}

const SQLITE_REFERENCES: &str = r#"
    select m.name as child, f."from" as name, f."table" as parent,
           (select i."notnull" = 0 and i.pk = 0 from pragma_table_info(m.name) i where i.name = f."from") as nullable
    from sqlite_master m, pragma_foreign_key_list(m.name) f
    where m.type = 'table' order by m.name, f."from""#;

const SQLITE_COLUMNS: &str = "
    select m.name, i.name from sqlite_master m, pragma_table_info(m.name) i
    where m.type = 'table' and i.name in ('id', 'subject', 'target') and lower(i.type) = 'blob'";

const POSTGRES_REFERENCES: &str = "
    select t.relname::text as child, a.attname::text as name, p.relname::text as parent, not a.attnotnull as nullable
    from pg_constraint c
    join pg_class t on t.oid = c.conrelid
    join pg_class p on p.oid = c.confrelid
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and array_length(c.conkey, 1) = 1 and c.connamespace = current_schema()::regnamespace
    order by t.relname, a.attname";

const POSTGRES_COLUMNS: &str = "
    select table_name::text, column_name::text from information_schema.columns
    where table_schema = current_schema() and column_name in ('id', 'subject', 'target') and data_type = 'uuid'";
