//! Text search, which the two databases do in two ways: FTS5 on SQLite, `tsvector` with a GIN index on PostgreSQL. The one place
//! besides `dialect` that knows which database it speaks to.
//!
//! Invariant: words come in folded and made of letters, marks and digits only (`search::fold`), so none of them can be syntax of
//! either query language, and neither database folds or splits them again: both find the same.

use sqlx::{AssertSqlSafe, query};

use super::{Connection, Db, Pool, Tx};

/// Folded words of one thing.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    /// What kind of thing: one word.
    pub kind: &'a str,
    /// Words of its title.
    pub title: &'a [String],
    /// Words of its text.
    pub body: &'a [String],
}

/// The last place that PostgreSQL keeps of a word.
const LAST_PLACE: usize = 16_383;

/// Puts the words of the row `id` of `search_text` in place of those it had.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, id: i64, words: &Words<'_>) -> Result<(), sqlx::Error> {
    remove(tx, id).await?;
    match &mut tx.connection {
        Connection::Sqlite(tx) => {
            const SQL: &str = "insert into search_words (rowid, kind, title, body) values ($1, $2, $3, $4)";
            let (title, body) = (words.title.join(" "), words.body.join(" "));
            query(SQL).bind(id).bind(words.kind).bind(title).bind(body).execute(&mut **tx).await.map(|_| ())
        }
        Connection::Postgres(tx) => {
            const SQL: &str = "update search_text set words = cast($2 as tsvector) where id = $1";
            query(SQL).bind(id).bind(vector(words)).execute(&mut **tx).await.map(|_| ())
        }
    }
}

/// Takes the words of a row away; on PostgreSQL they go with the row itself.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, id: i64) -> Result<(), sqlx::Error> {
    match &mut tx.connection {
        Connection::Sqlite(tx) => {
            query("delete from search_words where rowid = $1").bind(id).execute(&mut **tx).await.map(|_| ())
        }
        Connection::Postgres(_) => Ok(()),
    }
}

/// A tsvector as text: title words with weight A, then the others.
fn vector(words: &Words<'_>) -> String {
    let mut text = format!("'kind={}'", words.kind);
    for (at, (word, weight)) in
        words.title.iter().map(|word| (word, "A")).chain(words.body.iter().map(|word| (word, ""))).enumerate()
    {
        text.push_str(&format!(" '{word}':{}{weight}", (at + 1).min(LAST_PLACE)));
    }
    text
}

/// The words asked for, as `where` clauses understand them on this database: all of them, the last as a beginning when `prefix`.
#[must_use]
pub fn expression(db: &Db, asked: &[String], prefix: bool, only_title: bool) -> String {
    let last = asked.len().saturating_sub(1);
    match &db.pool {
        Pool::Sqlite { .. } => {
            let star = |at: usize| if prefix && at == last { " *" } else { "" };
            let all: Vec<String> =
                asked.iter().enumerate().map(|(at, word)| format!("\"{word}\"{}", star(at))).collect();
            let columns = if only_title { "title" } else { "{title body}" };
            format!("{columns} : ({})", all.join(" AND "))
        }
        Pool::Postgres(_) => {
            let mark = |at: usize| match (prefix && at == last, only_title) {
                (true, true) => ":*A",
                (true, false) => ":*",
                (false, true) => ":A",
                (false, false) => "",
            };
            let all: Vec<String> = asked.iter().enumerate().map(|(at, word)| format!("'{word}'{}", mark(at))).collect();
            all.join(" & ")
        }
    }
}

/// From which tables matching rows of `search_text t` come, and by which condition; `expression` is the parameter that holds
/// what [`expression`] made. The kind is a word of the index, so that a rare kind is found among many others without reading them.
#[must_use]
pub fn matching(db: &Db, kind: &str, expression: &str) -> String {
    match &db.pool {
        // A cross join, because the words have to be looked up first.
        Pool::Sqlite { .. } => format!(
            "from search_words cross join search_text t on t.id = search_words.rowid
             where search_words match 'kind : \"{kind}\" AND ' || {expression}"
        ),
        Pool::Postgres(_) => {
            format!("from search_text t where t.words @@ cast('''kind={kind}'' & ' || {expression} as tsquery)")
        }
    }
}

/// By what rows of [`matching`] are ordered so that the newest come first and reading ends with the last one wanted. FTS5 walks its own
/// row numbers backwards; by those of the joined table it would look at every match first, and sort.
#[must_use]
pub fn newest(db: &Db) -> &'static str {
    match &db.pool {
        Pool::Sqlite { .. } => "search_words.rowid",
        Pool::Postgres(_) => "t.id",
    }
}

/// How the database would go about a statement, for tests that look whether an index is used.
///
/// # Errors
/// The database's.
pub async fn plan(db: &Db, sql: &str) -> Result<String, sqlx::Error> {
    let lines: Vec<String> = match &db.pool {
        Pool::Sqlite { read, .. } => {
            let rows: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(AssertSqlSafe(format!("explain query plan {sql}"))).fetch_all(read).await?;
            rows.into_iter().map(|row| row.3).collect()
        }
        Pool::Postgres(pool) => {
            let mut tx = pool.begin().await?;
            // On a table of a few rows reading all of it is right; what is asked here is whether the index can be used.
            query("set local enable_seqscan = off").execute(&mut *tx).await?;
            query("set local enable_indexscan = off").execute(&mut *tx).await?;
            sqlx::query_scalar(AssertSqlSafe(format!("explain {sql}"))).fetch_all(&mut *tx).await?
        }
    };
    Ok(lines.join("\n"))
}
