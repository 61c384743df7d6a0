//! Statements that search. Who may see what stands here once, as conditions on the things themselves: what members read, what
//! the people of a channel read, what a guest was added to.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, QueryBuilder, query_as, query_scalar};
use uuid::Uuid;

use crate::account::{Person, PersonRef, Role};
use crate::db::words::{self, Newest, Question, Reach};
use crate::db::{Db, push_list};
use crate::id::PersonId;
use crate::on_db;
use crate::search::Kind;
use crate::search::asked::Asked;

/// Of a kind, the newest whose title has all the words, and the newest with them anywhere: what ranking chooses from. No more are
/// shown of a kind, and a title goes before a text, so that more would change nothing.
const CANDIDATES: usize = 20;
/// Ends a condition that is asked of one row after the other: PostgreSQL would else turn it into a join with everything it holds for.
const ASKED_ALONE: &str = "limit 1 offset 0";
/// Channels of a guest that are looked into, those they came into last.
const CHANNELS: i64 = 100;

/// Something that has the words.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Candidate {
    /// Its row.
    pub id: i64,
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub subject: Uuid,
    /// Its title.
    pub title: String,
    /// Of when it is.
    pub at: DateTime<Utc>,
    /// 1: all words stand in the title.
    pub in_title: i64,
}

/// A channel `c` that the asker ($2) sees.
fn channel(guest: bool) -> &'static str {
    if guest {
        "c.archived_at is null and c.kind = 'project'
           and exists (select 1 from channel_member m where m.channel = c.id and m.person = $2 and m.member)"
    } else {
        "c.archived_at is null and (c.audience = 'everyone'
           or exists (select 1 from channel_member m where m.channel = c.id and m.person = $2 and m.member))"
    }
}

/// A published recording `r` that the asker may watch: members all, guests their own and what hangs in their channels.
fn recording(guest: bool) -> String {
    if !guest {
        return "r.state = 'published'".to_owned();
    }
    let channel = channel(true);
    format!(
        "r.state = 'published' and (r.author = $2 or exists (
           select 1 from post p join channel c on c.id = p.channel
           where p.state = 'published' and {channel}
             and (p.recording = r.id or exists (
               select 1 from comment h
               where h.recording = r.id and h.subject_kind = 'post' and h.subject = p.id and h.deleted_at is null))))"
    )
}

/// The condition under which the asker sees the thing of a row `t`; none when they see nothing of the kind.
fn seen(kind: Kind, guest: bool) -> Option<String> {
    let (channel, recording) = (channel(guest), recording(guest));
    let post = |id: &str| {
        format!(
            "exists (select 1 from post p join channel c on c.id = p.channel
                     where p.id = {id} and p.state = 'published' and {channel} {ASKED_ALONE})"
        )
    };
    let exists = |table: &str, id: &str, and: &str| {
        format!("exists (select 1 from {table} where r.id = {id} and {and} {ASKED_ALONE})")
    };
    let condition = match kind {
        Kind::Person | Kind::Goal | Kind::CheckIn if guest => return None,
        Kind::Person => exists("person r", "t.subject", "r.state = 'active'"),
        Kind::Goal => exists("goal r", "t.subject", "r.state <> 'draft'"),
        Kind::CheckIn => exists("check_in r", "t.subject", "r.state = 'published'"),
        Kind::Post => post("t.subject"),
        Kind::Recording => exists("recording r", "t.subject", &recording),
        Kind::Caption => format!(
            "exists (select 1 from caption x join recording r on r.id = x.recording where x.id = t.subject and {recording} {ASKED_ALONE})"
        ),
        Kind::Comment => {
            let mut under = vec![
                format!("(k.subject_kind = 'post' and {})", post("k.subject")),
                format!("(k.subject_kind = 'recording' and {})", exists("recording r", "k.subject", &recording)),
            ];
            if !guest {
                let goal = exists("goal r", "k.subject", "r.state <> 'draft'");
                let check_in = exists("check_in r", "k.subject", "r.state = 'published'");
                under.push(format!("(k.subject_kind = 'goal' and {goal})"));
                under.push(format!("(k.subject_kind = 'check_in' and {check_in})"));
            }
            let under = under.join(" or ");
            format!(
                "exists (select 1 from comment k where k.id = t.subject and k.deleted_at is null and ({under}) {ASKED_ALONE})"
            )
        }
    };
    Some(condition)
}

/// What is asked of the index, by whom.
struct Search<'a> {
    asker: &'a Person,
    asked: &'a Asked,
    /// Through what a guest reaches things. Rights are asked of the rows; this only keeps the search from walking through what others see.
    places: Option<Vec<Uuid>>,
}

/// The statement over these kinds, of which the asker sees something. $1 is the organisation, $2 the asker, $3 and on for each kind what is
/// asked for and whether.
fn statement(db: &Db, kinds: &[Kind], title: bool, guest: bool, reach: Reach) -> String {
    let columns = format!("t.id, t.kind, t.subject, t.title, t.at, cast({} as bigint) as in_title", i64::from(title));
    let branches = kinds.iter().enumerate().filter_map(|(place, kind)| {
        let (seen, parameter) = (seen(*kind, guest)?, format!("${}", 2 * place + 3));
        let newest = words::newest(
            db,
            &Newest {
                columns: &columns,
                kind: kind.as_str(),
                parameter: &parameter,
                wanted: &format!("${}", 2 * place + 4),
                reach,
                and: "t.organisation = $1",
                seen: &seen,
                limit: CANDIDATES,
            },
        );
        Some(format!("select * from ({newest}) b{place}"))
    });
    branches.collect::<Vec<String>>().join("\nunion all\n")
}

/// The newest things of these kinds that have all the words, and that the asker may see: with the words in their titles, and with them
/// anywhere where there are not enough of those, for a title goes before a text.
pub async fn candidates(
    db: &Db,
    asker: &Person,
    asked: &Asked,
    kinds: &[Kind],
    enough: usize,
) -> Result<Vec<Candidate>, sqlx::Error> {
    let places = if asker.role == Role::Guest { Some(places(db, asker.id).await?) } else { None };
    let search = Search { asker, asked, places };
    let titled: Vec<Kind> = kinds.iter().copied().filter(|kind| kind.has_title()).collect();
    let mut found = search.run(db, &titled, true).await?;
    if found.len() < enough {
        let count = |kind: Kind| found.iter().filter(|one| one.kind == kind).count();
        let open: Vec<Kind> = kinds.iter().copied().filter(|kind| count(*kind) < CANDIDATES).collect();
        found.extend(search.run(db, &open, false).await?);
    }
    Ok(found)
}

impl Search<'_> {
    async fn run(&self, db: &Db, kinds: &[Kind], title: bool) -> Result<Vec<Candidate>, sqlx::Error> {
        let guest = self.places.is_some();
        let kinds: Vec<Kind> = kinds.iter().copied().filter(|kind| seen(*kind, guest).is_some()).collect();
        let (mut found, mut open, mut before) = (Vec::<Candidate>::new(), kinds.clone(), None);
        for reach in words::reaches(db).iter().copied() {
            let count = |kind: Kind| found.iter().filter(|one| one.kind == kind).count();
            let next: Vec<Kind> = match (before, reach) {
                // Only where as many again on every piece of the way would be enough.
                (Some(walked), Reach::Back(more)) => {
                    open.iter().copied().filter(|kind| count(*kind) * more / walked >= CANDIDATES).collect()
                }
                _ => open.clone(),
            };
            if !next.is_empty() {
                let wider = self.reach(db, &kinds, &next, title, reach).await?;
                found.retain(|one| !next.contains(&one.kind));
                found.extend(wider);
                let count = |kind: Kind| found.iter().filter(|one| one.kind == kind).count();
                open.retain(|kind| count(*kind) < CANDIDATES);
            }
            before = if let Reach::Back(walked) = reach { Some(walked) } else { None };
        }
        Ok(found)
    }

    /// Those of the kinds that are still wanted. All stand in the statement, so that there are few different ones.
    async fn reach(
        &self,
        db: &Db,
        kinds: &[Kind],
        wanted: &[Kind],
        title: bool,
        reach: Reach,
    ) -> Result<Vec<Candidate>, sqlx::Error> {
        let sql = statement(db, kinds, title, self.places.is_some(), reach);
        let (words, prefix, places) = (&self.asked.words[..], self.asked.prefix, self.places.as_deref());
        let asked = kinds.iter().map(|kind| Question { kind: kind.letter(), words, prefix, title, places });
        let asked: Vec<(String, bool)> =
            asked.zip(kinds).map(|(asked, kind)| (words::expression(db, &asked), wanted.contains(kind))).collect();
        on_db!(db, |c| {
            let mut asks = query_as(AssertSqlSafe(sql)).bind(self.asker.organisation).bind(self.asker.id);
            for (expression, wanted) in asked {
                asks = asks.bind(expression).bind(wanted);
            }
            asks.fetch_all(c).await
        })
    }
}

/// Through what a guest reaches things: their channels and themselves.
async fn places(db: &Db, guest: PersonId) -> Result<Vec<Uuid>, sqlx::Error> {
    const SQL: &str = "
        select m.channel from channel_member m join channel c on c.id = m.channel
        where m.person = $1 and m.member and c.kind = 'project' and c.archived_at is null
        order by m.channel desc limit $2";
    let mut places: Vec<Uuid> = on_db!(db, |c| query_scalar(SQL).bind(guest).bind(CHANNELS).fetch_all(c).await)?;
    places.push(guest.0);
    Ok(places)
}

/// What is shown beside a found thing.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Around {
    /// Its row.
    pub id: i64,
    /// Its text.
    pub body: String,
    /// Who made it, or answers for it.
    #[sqlx(flatten)]
    pub author: Author,
    /// The channel of a post, or of the post a comment hangs under.
    pub channel: Option<String>,
    /// What a comment hangs under.
    pub under_kind: Option<Kind>,
    /// Which one.
    pub under: Option<Uuid>,
    /// Its title.
    pub under_title: Option<String>,
    /// The moment of the video that a comment is about.
    pub at_ms: Option<i64>,
    /// The word in the address of a recording, or of the recording a comment or captions hang under.
    pub slug: Option<String>,
    /// The title of that recording.
    pub recording: Option<String>,
    /// When each line of captions begins, in milliseconds.
    pub starts: Option<Json<Vec<i64>>>,
}

/// Who made something.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Author {
    author: PersonId,
    author_name: String,
    author_handle: String,
    author_title: String,
}

impl From<Author> for PersonRef {
    fn from(row: Author) -> PersonRef {
        PersonRef { id: row.author, name: row.author_name, handle: row.author_handle, title: row.author_title }
    }
}

/// What is shown beside these rows, at most a few dozen.
pub async fn around(db: &Db, rows: &[i64]) -> Result<Vec<Around>, sqlx::Error> {
    const SQL: &str = "
        select t.id, t.body, a.id as author, a.name as author_name, a.handle as author_handle, a.title as author_title,
               c.name as channel, k.subject_kind as under_kind, k.subject as under, u.title as under_title, k.at_ms,
               r.slug, r.title as recording, x.starts
        from search_text t
        join person a on a.id = t.author
        left join comment k on t.kind = 'comment' and k.id = t.subject
        left join search_text u on u.kind = k.subject_kind and u.subject = k.subject
        left join post p on p.id = case when t.kind = 'post' then t.subject when k.subject_kind = 'post' then k.subject end
        left join channel c on c.id = p.channel
        left join caption x on t.kind = 'caption' and x.id = t.subject
        left join recording r
          on r.id = case when t.kind = 'recording' then t.subject when t.kind = 'caption' then x.recording
                         when k.subject_kind = 'recording' then k.subject end
        where t.id in (";
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    on_db!(db, |c| {
        let mut sql = QueryBuilder::new(SQL);
        push_list(&mut sql, rows.iter().copied());
        sql.push(")");
        sql.build_query_as().fetch_all(c).await
    })
}
