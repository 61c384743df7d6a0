//! Lists in statements: `in ($4, $5, …)`.

use sqlx::{Database, Encode, QueryBuilder, Type};

/// Longer lists are not drawn out: they are rare, and what they cost is not the planning.
const DRAWN_OUT: usize = 1024;

/// Appends the items as parameters with commas between them; nothing when there are none, and PostgreSQL takes no `in ()`.
///
/// The last one is repeated until a power of two stands there: a set stays the same, and a statement has ten texts instead of one for
/// each length. Both databases keep what they made of a text, each connection for itself, and PostgreSQL only plans a text once and for all
/// after it has run five times.
pub fn push_list<'t, DB, T>(sql: &mut QueryBuilder<DB>, items: impl IntoIterator<Item = T>)
where
    DB: Database,
    T: Encode<'t, DB> + Type<DB> + Clone,
{
    let mut items: Vec<T> = items.into_iter().collect();
    if let Some(last) = items.last().cloned().filter(|_| items.len() < DRAWN_OUT) {
        items.resize(items.len().next_power_of_two(), last);
    }
    let mut list = sql.separated(", ");
    for item in items {
        list.push_bind(item);
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Execute, Postgres};

    use super::*;

    fn text(length: i64) -> String {
        let mut sql = QueryBuilder::<Postgres>::new("(");
        push_list(&mut sql, 1..=length);
        sql.push(")");
        sql.build().sql().as_str().to_owned()
    }

    #[test]
    fn lists_of_about_the_same_length_are_one_text() {
        assert_eq!(text(1), "($1)");
        assert_eq!(text(3), "($1, $2, $3, $4)");
        assert_eq!(text(3), text(4));
        assert_eq!(text(33), text(64));
        assert_ne!(text(2), text(3));
        assert!(text(1500).ends_with("$1500)"), "as long as it is");
        assert_eq!(text(0), "()");
    }
}
