//! Captions of a recording, written by hand: at most one track a language. A file of WebVTT or SubRip is read ([`read`]), kept as
//! the WebVTT that is served, and found by what is said in it. Who may read them is who may watch (`access`); not the automatic
//! transcriber, which would write through here like anybody.
//!
//! Invariant: what is kept came out of [`cue::write`], so nothing but cues is ever served.

pub mod body;
mod cue;
pub mod language;
mod payload;
mod read;
pub mod routes;
pub mod sql;
mod time;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::account::Person;
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Code, Problem};
use crate::id::{CaptionId, RecordingId};
use crate::search;

use super::library::{self, Recording};
use body::{CaptionBody, WriteCaption};
use cue::Cue;
pub use language::Language;

/// Largest file, in bytes, as it is sent and as it is kept.
const LARGEST: usize = 512 << 10;
/// Tracks of one recording.
const MOST: i64 = 20;

/// A track as lists show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Caption {
    /// Its id.
    pub id: CaptionId,
    /// In which language.
    pub language: Language,
    /// How many cues it has.
    pub cues: i64,
    /// For changes.
    pub revision: i64,
    /// When it was written last.
    pub changed_at: DateTime<Utc>,
}

/// What a file says, ready to be kept.
#[derive(Clone, Debug)]
pub struct Text {
    /// The file that is served.
    pub vtt: String,
    /// What is said, a line a cue: what is searched.
    pub words: String,
    /// When each of those lines begins, in milliseconds.
    pub starts: Vec<i64>,
}

impl Text {
    fn of(cues: &[Cue]) -> Text {
        let words: Vec<&str> = cues.iter().map(|cue| cue.words.as_str()).collect();
        Text { vtt: cue::write(cues), words: words.join("\n"), starts: cues.iter().map(|cue| cue.start).collect() }
    }

    /// Reads a file that somebody sent.
    ///
    /// # Errors
    /// Too large, or the line that cannot be taken: 422 for the field `text`, with `line`.
    fn read(sent: &str) -> Result<Text, Problem> {
        let large = |bytes: usize| {
            let (has, most) = (bytes.div_ceil(1024), LARGEST >> 10);
            Problem::field("text", format!("At most {most} KiB; this has {has}."))
        };
        if sent.len() > LARGEST {
            return Err(large(sent.len()));
        }
        let cues = read::read(sent).map_err(|wrong| {
            Problem::field("text", format!("Line {}: {}", wrong.line, wrong.sentence)).with("line", wrong.line)
        })?;
        let text = Text::of(&cues);
        if text.vtt.len() > LARGEST { Err(large(text.vtt.len())) } else { Ok(text) }
    }
}

fn check(person: &Person, recording: &Recording) -> Result<(), Problem> {
    match library::may_change(person, recording) {
        true => Ok(()),
        false => {
            Err(Problem::new(Code::Forbidden, "Only its author and administrators write captions of a recording."))
        }
    }
}

/// Writes the track of a language: a new one without a revision, else in place of the one that was read. Tells whether it is new.
///
/// # Errors
/// Not the author's; a file that cannot be taken, with its line; too many; stale, with the track as it is now; the database's.
pub async fn write(
    app: &App,
    person: &Person,
    recording: &Recording,
    language: &Language,
    new: &WriteCaption,
) -> Result<(Caption, bool), Problem> {
    check(person, recording)?;
    let text = Text::read(&new.text)?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !library::sql::hold(&mut tx, recording.id).await? {
        return Err(Problem::not_found());
    }
    let written = match new.revision {
        Some(revision) => sql::change(&mut tx, (recording.id, language), revision, &text, now).await?,
        None => sql::insert(&mut tx, app.clock.id(), (recording.id, language), &text, now, MOST).await?,
    };
    let Some(caption) = written else {
        drop(tx);
        return Err(refused(app, recording, language, new).await?);
    };
    let event = AuditEvent::by(&app.clock, person, "caption.written", "recording", recording.id.0);
    audit::record(&mut tx, &event.detail(json!({ "language": language, "cues": caption.cues }))).await?;
    search::refresh(&mut tx, search::Kind::Caption, caption.id.0).await?;
    tx.commit().await?;
    Ok((caption, new.revision.is_none()))
}

/// Why nothing was written.
async fn refused(app: &App, of: &Recording, language: &Language, new: &WriteCaption) -> Result<Problem, sqlx::Error> {
    let Some((caption, text)) = sql::one(&app.db, of.id, language).await? else {
        if new.revision.is_some() {
            return Ok(Problem::not_found());
        }
        let sentence =
            format!("A recording has captions in at most {MOST} languages. Delete some before you add more.");
        return Ok(Problem::new(Code::Conflict, sentence));
    };
    let sentence = match new.revision {
        Some(_) => {
            "Someone changed these captions while you were editing. Look at them as they are now, then save yours."
        }
        None => "There are captions in this language already. Look at them, then change those.",
    };
    let mut current = json!(CaptionBody::of(app, of.id, caption));
    current["text"] = text.into();
    Ok(Problem::new(Code::Stale, sentence).with("current", current))
}

/// Deletes the track of a language.
///
/// # Errors
/// Not the author's; nothing there; the database's.
pub async fn delete(app: &App, person: &Person, recording: &Recording, language: &Language) -> Result<(), Problem> {
    check(person, recording)?;
    let mut tx = app.db.begin().await?;
    let gone = sql::delete(&mut tx, recording.id, language).await?.ok_or_else(Problem::not_found)?;
    let event = AuditEvent::by(&app.clock, person, "caption.deleted", "recording", recording.id.0);
    audit::record(&mut tx, &event.detail(json!({ "language": language }))).await?;
    search::refresh(&mut tx, search::Kind::Caption, gone.0).await?;
    Ok(tx.commit().await?)
}

/// Deletes every track of a recording that is being deleted.
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx, recording: RecordingId) -> Result<(), sqlx::Error> {
    for gone in sql::forget(tx, recording).await? {
        search::refresh(tx, search::Kind::Caption, gone.0).await?;
    }
    Ok(())
}

/// Makes every track of a recording that is being published found.
///
/// # Errors
/// The database's.
pub async fn published(tx: &mut Tx, recording: RecordingId) -> Result<(), sqlx::Error> {
    for caption in sql::ids(tx, recording).await? {
        search::refresh(tx, search::Kind::Caption, caption.0).await?;
    }
    Ok(())
}
