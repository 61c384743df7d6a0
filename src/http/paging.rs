//! Lists in pages: `{items, next}` with an opaque cursor made of the last row's sort keys. Not offsets: a row that is added
//! or taken away in between never shifts a page.
//!
//! Use: ask the database for `query.limit() + 1` rows after `query.after()?`, then `Page::of(rows, limit, |last| keys)`.
//! A handler with filters of its own takes two extractors, `Query<Filter>` and `Query<PageQuery>`: both read the same query.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Code, Problem};

/// One page of a list.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows of this page, in the list's order.
    pub items: Vec<T>,
    /// Give it back as `after` for the next page; null on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page from up to `limit + 1` rows: the row beyond the limit only tells that there is more. `key` gives the sort keys
    /// of a row, in the shape that [`PageQuery::after`] reads back.
    pub fn of<K: Serialize>(mut rows: Vec<T>, limit: i64, key: impl FnOnce(&T) -> K) -> Page<T> {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| Cursor::encode(&key(last)));
        Page { items: rows, next }
    }

    /// The same page with each row turned into what is shown.
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(show).collect(), next: self.next }
    }
}

/// The opaque word between two pages: base64url of the sort keys as JSON.
pub struct Cursor;

impl Cursor {
    /// The word for these keys.
    #[must_use]
    pub fn encode<K: Serialize>(keys: &K) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(keys).unwrap_or_default())
    }

    /// The keys in a word.
    ///
    /// # Errors
    /// A word that this list did not make: 400.
    pub fn decode<K: DeserializeOwned>(word: &str) -> Result<K, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(word).ok();
        bytes.and_then(|b| serde_json::from_slice(&b).ok()).ok_or_else(|| {
            Problem::new(
                Code::BadRequest,
                "That is not a cursor of this list. Leave `after` out to start at the beginning.",
            )
        })
    }
}

/// `after` and `limit`, as every list takes them.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// Rows wanted, 1 to 100; when absent 50, of the people on a scoreboard 25.
    pub limit: Option<u32>,
}

impl PageQuery {
    /// Rows wanted: 50 unless asked otherwise, between 1 and 100.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.limit_or(50)
    }

    /// The same for a list whose rows are long, so that fewer come when nothing is asked for.
    #[must_use]
    pub fn limit_or(&self, usual: u32) -> i64 {
        i64::from(self.limit.unwrap_or(usual).clamp(1, 100))
    }

    /// The sort keys after which this page starts, if it is not the first.
    ///
    /// # Errors
    /// A cursor that this list did not make: 400.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        self.after.as_deref().map(Cursor::decode).transpose()
    }
}

/// Where a list that shows the newest first begins: later than anything, with a year that both databases write in four digits.
#[must_use]
pub fn newest() -> (DateTime<Utc>, Uuid) {
    let end = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
    (end.and_time(NaiveTime::MIN).and_utc(), Uuid::max())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_names_its_last_row_and_the_last_page_names_none() {
        let page = Page::of(vec![("a", 1), ("b", 2), ("c", 3)], 2, |row| *row);
        assert_eq!(page.items.len(), 2);
        let query = PageQuery { after: page.next, limit: None };
        assert_eq!(query.after::<(String, i32)>().unwrap(), Some(("b".to_owned(), 2)));
        assert_eq!(Page::of(vec![1, 2], 2, |row| *row).next, None);
    }

    #[test]
    fn a_foreign_cursor_is_refused_and_a_limit_is_kept_in_bounds() {
        assert_eq!(Cursor::decode::<i32>("!!").unwrap_err().code, Code::BadRequest);
        assert_eq!(Cursor::decode::<i32>(&Cursor::encode(&"word")).unwrap_err().code, Code::BadRequest);
        let limits = [None, Some(0), Some(7), Some(1000)].map(|limit| PageQuery { after: None, limit }.limit());
        assert_eq!(limits, [50, 1, 7, 100]);
    }
}
