//! Text search, which the two databases do in two ways: FTS5 on SQLite, `tsvector` with a GIN index on PostgreSQL. The one place
//! besides `dialect` that knows which database it speaks to.
//!
//! Invariant: words come in folded and made of letters, marks and digits only (`search::fold`), so none of them can be syntax of
//! either query language, and neither database folds or splits them again: both find the same.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, query};
use uuid::Uuid;

use super::{Connection, Db, Pool, Tx};

/// Folded words of one thing.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    /// What kind of thing: a letter of its own.
    pub kind: char,
    /// Words of its title.
    pub title: &'a [String],
    /// Words of its text.
    pub body: &'a [String],
    /// Through what it can be reached by somebody who does not see everything.
    pub places: &'a [Uuid],
}

/// What is asked for: all words, the last as a beginning when `prefix`.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The kind that is looked for, as a letter.
    pub kind: char,
    /// Folded words.
    pub words: &'a [String],
    /// Whether the last word may go on.
    pub prefix: bool,
    /// Whether they must stand in the title.
    pub title: bool,
    /// Only what can be reached through one of these; everything when absent.
    pub places: Option<&'a [Uuid]>,
}

/// What an entry of the index is about. Each has its mark: a word of a title is in the index twice, so that neither titles nor kinds have
/// to be looked for among others, however many those are.
#[derive(Clone, Copy)]
enum Mark {
    Anywhere,
    Title,
    Place,
}

/// An entry of the index: the letter of the kind, the mark, the word. All letters, as the tokenizer of FTS5 asks.
fn token(kind: char, mark: Mark, word: &str) -> String {
    let mark = match mark {
        Mark::Anywhere => 'a',
        Mark::Title => 't',
        Mark::Place => 'p',
    };
    format!("{kind}{mark}{word}")
}

/// Everything that goes into the index for one thing, each once.
fn entries(words: &Words<'_>) -> BTreeSet<String> {
    let places = words.places.iter().map(|place| token(words.kind, Mark::Place, &place.simple().to_string()));
    let titles = words.title.iter().map(|word| token(words.kind, Mark::Title, word));
    let all = words.title.iter().chain(words.body).map(|word| token(words.kind, Mark::Anywhere, word));
    places.chain(titles).chain(all).collect()
}

/// Puts the words of the row `id` of `search_text` in place of those it had.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, id: i64, words: &Words<'_>) -> Result<(), sqlx::Error> {
    remove(tx, id).await?;
    let entries = entries(words);
    match &mut tx.connection {
        Connection::Sqlite(tx) => {
            const SQL: &str = "insert into search_words (rowid, words) values ($1, $2)";
            let all: Vec<String> = entries.into_iter().collect();
            query(SQL).bind(id).bind(all.join(" ")).execute(&mut **tx).await.map(|_| ())
        }
        Connection::Postgres(tx) => {
            const SQL: &str = "update search_text set words = cast($2 as tsvector) where id = $1";
            let all: Vec<String> = entries.iter().map(|entry| format!("'{entry}'")).collect();
            query(SQL).bind(id).bind(all.join(" ")).execute(&mut **tx).await.map(|_| ())
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

/// A step of merging the index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Merging {
    /// All that is there by now is to become one segment.
    Begin,
    /// As far as the next pages.
    GoOn,
}

/// Pages of the index written in one step of [`merge`], about 4 kB each.
const MERGED: i64 = 250;

/// Merges segments of the index, which are searched one by one, so many pages of them; false when there is nothing left to do. Nothing
/// ever is on PostgreSQL, whose index has none.
///
/// # Errors
/// The database's.
pub async fn merge(tx: &mut Tx, step: Merging) -> Result<bool, sqlx::Error> {
    let Connection::Sqlite(tx) = &mut tx.connection else { return Ok(false) };
    // FTS5 takes less than nothing for the whole index, and tells by the rows it has written whether it did anything: one is the command.
    let pages = if step == Merging::Begin { -MERGED } else { MERGED };
    let written = async |c: &mut sqlx::SqliteConnection| {
        sqlx::query_scalar::<_, i64>("select total_changes()").fetch_one(c).await
    };
    let before = written(&mut **tx).await?;
    query("insert into search_words (search_words, rank) values ('merge', $1)").bind(pages).execute(&mut **tx).await?;
    Ok(written(&mut **tx).await? - before >= 2)
}

/// What is asked for as a text that [`newest`] understands.
#[must_use]
pub fn expression(db: &Db, asked: &Question<'_>) -> String {
    let (last, mark) = (asked.words.len().saturating_sub(1), if asked.title { Mark::Title } else { Mark::Anywhere });
    let (and, or, quote, begun) = match &db.pool {
        Pool::Sqlite { .. } => (" AND ", " OR ", '"', " *"),
        Pool::Postgres(_) => (" & ", " | ", '\'', ":*"),
    };
    let write = |mark: Mark, word: &str| format!("{quote}{}{quote}", token(asked.kind, mark, word));
    let words = asked.words.iter().enumerate().map(|(at, word)| {
        let goes_on = if asked.prefix && at == last { begun } else { "" };
        write(mark, word) + goes_on
    });
    let mut all: Vec<String> = words.collect();
    if let Some(places) = asked.places {
        let any: Vec<String> = places.iter().map(|place| write(Mark::Place, &place.simple().to_string())).collect();
        all.push(format!("({})", any.join(or)));
    }
    all.join(and)
}

/// How far [`newest`] looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// At so many things of the kind, the newest, whatever words they have.
    Back(usize),
    /// At everything that has the words.
    All,
}

/// How to look for things, each wider than the one before. FTS5 walks all that have the words from the newest, and ends when it has
/// enough. The index of PostgreSQL gives them in no order, so that all are read to find the newest; words that are common enough are met
/// sooner by walking back, whatever words the things on the way have, and how common they are is seen from the first few.
#[must_use]
pub fn reaches(db: &Db) -> &'static [Reach] {
    match &db.pool {
        Pool::Sqlite { .. } => &[Reach::All],
        Pool::Postgres(_) => &[Reach::Back(256), Reach::Back(4096), Reach::All],
    }
}

/// What of `search_text` is looked for: things of a kind, by the words that [`expression`] made for it.
#[derive(Clone, Copy, Debug)]
pub struct Newest<'a> {
    /// What to read of the rows `t`, `id` and `subject` among it.
    pub columns: &'a str,
    /// The kind.
    pub kind: &'a str,
    /// The parameter that holds the expression.
    pub parameter: &'a str,
    /// The parameter that says whether to look at all.
    pub wanted: &'a str,
    /// How far to look.
    pub reach: Reach,
    /// A condition that costs nothing to ask.
    pub and: &'a str,
    /// A condition that costs a look elsewhere, about `t.subject`.
    pub seen: &'a str,
    /// How many are wanted.
    pub limit: usize,
}

/// The statement that reads the newest rows with the words. What costs is asked of them in this order, until there are enough.
#[must_use]
pub fn newest(db: &Db, wanted: &Newest<'_>) -> String {
    let Newest { columns, kind, parameter, wanted, reach, and, seen, limit } = wanted;
    match (&db.pool, reach) {
        // A cross join, because the words have to be looked up first. FTS5 walks its own row numbers backwards; by those of the joined
        // table it would look at every match first, and sort.
        (Pool::Sqlite { .. }, _) => format!(
            "select {columns} from search_words cross join search_text t on t.id = search_words.rowid
             where {wanted} and search_words match {parameter} and {and} and {seen} order by search_words.rowid desc limit {limit}"
        ),
        // A kind between itself and itself is the kind, but not known to be the only one: else the order would be that of the numbers
        // alone, and all kinds would be walked for one. What is asked for is understood once by a subquery, and not for each row.
        (Pool::Postgres(_), Reach::Back(count)) => format!(
            "select {columns} from (
               select * from search_text t where {wanted} and t.kind between '{kind}' and '{kind}'
               order by t.kind desc, t.id desc limit {count}) t
             where t.words @@ (select cast({parameter} as tsquery)) and {and} and {seen} limit {limit}"
        ),
        // A number that no index knows: only the words are left to find them by. Filters come before sorting unless a subquery keeps
        // them out.
        (Pool::Postgres(_), Reach::All) => format!(
            "select * from (
               select {columns} from search_text t
               where {wanted} and t.kind = '{kind}' and t.words @@ (select cast({parameter} as tsquery)) and {and}
               order by t.id + 0 desc offset 0) t
             where {seen} limit {limit}"
        ),
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
        Pool::Postgres(pool) => sqlx::query_scalar(AssertSqlSafe(format!("explain {sql}"))).fetch_all(pool).await?,
    };
    Ok(lines.join("\n"))
}
