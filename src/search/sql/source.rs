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

/// Channels through which a guest may reach a recording $1, and its author.
const RECORDING_PLACES: &str = "
    select author as place from recording where id = $1
    union
    select channel from (select channel from post where recording = $1 order by id desc limit 50) p
    union
    select p.channel
    from (select subject from comment where recording = $1 and subject_kind = 'post' order by id desc limit 50) h
    join post p on p.id = h.subject";

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

/// Through what somebody who does not see everything reaches a thing: channels, and the author of a recording. Nothing for kinds that are
/// for members only.
pub async fn places(tx: &mut Tx, kind: Kind, subject: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    const POST: &str = "select channel from post where id = $1";
    const UNDER_POST: &str = "
        select p.channel from comment k join post p on p.id = k.subject where k.id = $1 and k.subject_kind = 'post'";
    const COMMENTED: &str = "select subject from comment where id = $1 and subject_kind = 'recording'";
    const CAPTIONED: &str = "select recording from caption where id = $1";
    let recording: Option<Uuid> = match kind {
        Kind::Person | Kind::Goal | Kind::CheckIn => return Ok(Vec::new()),
        Kind::Post => return on_tx!(tx, |c| query_scalar(POST).bind(subject).fetch_all(c).await),
        Kind::Recording => Some(subject),
        Kind::Comment => on_tx!(tx, |c| query_scalar(COMMENTED).bind(subject).fetch_optional(c).await)?,
        Kind::Caption => on_tx!(tx, |c| query_scalar(CAPTIONED).bind(subject).fetch_optional(c).await)?,
    };
    match recording {
        Some(recording) => on_tx!(tx, |c| query_scalar(RECORDING_PLACES).bind(recording).fetch_all(c).await),
        None => on_tx!(tx, |c| query_scalar(UNDER_POST).bind(subject).fetch_all(c).await),
    }
}

/// The recording that a post or a comment carries, with what is found of it: its captions, and the newest comments under it.
pub async fn carried(tx: &mut Tx, kind: Kind, subject: Uuid) -> Result<Vec<(Kind, Uuid)>, sqlx::Error> {
    const POST: &str = "select recording from post where id = $1 and recording is not null";
    const COMMENT: &str =
        "select recording from comment where id = $1 and subject_kind = 'post' and recording is not null";
    const WITH_IT: &str = "
        select 'caption' as kind, id as subject from (select id from caption where recording = $1 order by id limit 50) c
        union all
        select 'comment' as kind, id as subject
        from (select id from comment where subject_kind = 'recording' and subject = $1 order by id desc limit 200) k";
    let sql = if kind == Kind::Post { POST } else { COMMENT };
    let recording: Option<Uuid> = on_tx!(tx, |c| query_scalar(sql).bind(subject).fetch_optional(c).await)?;
    let Some(recording) = recording else { return Ok(Vec::new()) };
    let mut all = vec![(Kind::Recording, recording)];
    all.extend(on_tx!(tx, |c| query_as::<_, (Kind, Uuid)>(WITH_IT).bind(recording).fetch_all(c).await)?);
    Ok(all)
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
