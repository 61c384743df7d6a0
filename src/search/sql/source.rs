//! Statements that read what can be found of a thing from its own rows. Each answers nothing for what is not to be found.

use sqlx::{query_as, query_scalar};
use uuid::Uuid;

use crate::db::Tx;
use crate::on_tx;
use crate::search::{Kind, Text};

const PERSON: &str = "
    select organisation, id as author, name as title, handle || ' ' || title || ' ' || email as body, created_at as at
    from person where id = $1 and state = 'active'";

const GOAL: &str = "
    select organisation, owner as author, title, description || $2 || closing_note as body, created_at as at
    from goal where id = $1 and state <> 'draft'";

const CHECK_IN: &str = "
    select i.organisation, i.author, i.headline as title,
           i.wins || $2 || i.next_actions
             || coalesce((select $2 || string_agg(s.note, $2) from check_in_goal s where s.check_in = i.id and s.note <> ''), '')
             || coalesce((select $2 || string_agg(b.text, $2) from blocker b where b.check_in = i.id), '') as body,
           i.published_at as at
    from check_in i where i.id = $1 and i.state = 'published'";

const POST: &str = "
    select organisation, author, title, body, published_at as at from post where id = $1 and state = 'published'";

const COMMENT: &str = "
    select organisation, author, '' as title, body, created_at as at
    from comment where id = $1 and deleted_at is null and body <> ''";

const RECORDING: &str = "
    select organisation, author, title, description as body, published_at as at
    from recording where id = $1 and state = 'published'";

const CAPTION: &str = "
    select r.organisation, r.author, '' as title, c.words as body, r.published_at as at
    from caption c join recording r on r.id = c.recording where c.id = $1 and r.state = 'published'";

/// A new paragraph of Markdown.
const PARAGRAPH: &str = "\n\n";

/// What can be found of a thing.
pub async fn read(tx: &mut Tx, kind: Kind, subject: Uuid) -> Result<Option<Text>, sqlx::Error> {
    let (sql, joined) = match kind {
        Kind::Person => (PERSON, false),
        Kind::Goal => (GOAL, true),
        Kind::CheckIn => (CHECK_IN, true),
        Kind::Post => (POST, false),
        Kind::Comment => (COMMENT, false),
        Kind::Recording => (RECORDING, false),
        Kind::Caption => (CAPTION, false),
    };
    on_tx!(tx, |c| {
        let mut asked = query_as(sql).bind(subject);
        if joined {
            asked = asked.bind(PARAGRAPH);
        }
        asked.fetch_optional(c).await
    })
}

/// The next things of a kind after an id, whether or not anything can be found of them.
pub async fn after(tx: &mut Tx, kind: Kind, after: Uuid, limit: i64) -> Result<Vec<Uuid>, sqlx::Error> {
    let sql = match kind {
        Kind::Person => "select id from person where id > $1 order by id limit $2",
        Kind::Goal => "select id from goal where id > $1 order by id limit $2",
        Kind::CheckIn => "select id from check_in where id > $1 order by id limit $2",
        Kind::Post => "select id from post where id > $1 order by id limit $2",
        Kind::Comment => "select id from comment where id > $1 order by id limit $2",
        Kind::Recording => "select id from recording where id > $1 order by id limit $2",
        Kind::Caption => "select id from caption where id > $1 order by id limit $2",
    };
    on_tx!(tx, |c| query_scalar(sql).bind(after).bind(limit).fetch_all(c).await)
}
