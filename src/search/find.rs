//! From words to an answer: candidates of each kind, ranked, few enough to read, each with the piece that shows why.
//!
//! Cost is bounded by the shape: at most eight words, forty candidates a kind without their texts, fifty texts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{Person, PersonRef};
use crate::app::App;

use super::asked::Asked;
use super::snippet::{self, Piece};
use super::sql::find::{self as sql, Around, Candidate};
use super::{Kind, fold, said};

/// Most of one kind in an answer.
const EACH: usize = 20;
/// Most in an answer.
const ALL: usize = 50;

/// Something that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: Uuid,
    /// Its title in pieces; a comment and captions have that of what they hang under.
    pub title: Vec<Piece>,
    /// Where it was said: a channel's name, or empty.
    pub place: String,
    /// Why it was found: a part of its text, in pieces.
    pub snippet: Vec<Piece>,
    /// Who made it, or answers for it.
    pub author: PersonRef,
    /// Of when it is.
    pub at: DateTime<Utc>,
    /// The moment of a video that it is about, or at which it is said.
    pub at_ms: Option<i64>,
    /// Where it is read, in the web app.
    pub url: String,
}

/// What of these kinds has all the words, the best first.
///
/// # Errors
/// The database's.
pub async fn find(app: &App, asker: &Person, asked: &Asked, kinds: &[Kind]) -> Result<Vec<Hit>, sqlx::Error> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let found = sql::candidates(&app.db, asker, asked, kinds, ALL).await?;
    let best = rank(found, asked, app.clock.now());
    let rows: Vec<i64> = best.iter().map(|hit| hit.id).collect();
    let around = sql::around(&app.db, &rows).await?.into_iter().map(|row| (row.id, row));
    let mut around: HashMap<i64, Around> = around.collect();
    let hits = best.into_iter().filter_map(|found| {
        let around = around.remove(&found.id)?;
        Some(show(found, around, asked))
    });
    Ok(hits.collect())
}

/// The best of each kind, then of all: a title over a text, newer over older.
fn rank(found: Vec<Candidate>, asked: &Asked, now: DateTime<Utc>) -> Vec<Candidate> {
    let mut once: HashMap<i64, (f64, Candidate)> = HashMap::new();
    for candidate in found {
        let score = score(&candidate, asked, now);
        match once.get(&candidate.id) {
            Some((before, _)) if *before >= score => {}
            _ => drop(once.insert(candidate.id, (score, candidate))),
        }
    }
    let mut ranked: Vec<(f64, Candidate)> = once.into_values().collect();
    ranked.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(other.at.cmp(&one.at)).then(other.id.cmp(&one.id)));
    let mut of_kind: HashMap<Kind, usize> = HashMap::new();
    ranked.retain(|(_, candidate)| {
        let count = of_kind.entry(candidate.kind).or_default();
        *count += 1;
        *count <= EACH
    });
    ranked.into_iter().map(|(_, candidate)| candidate).take(ALL).collect()
}

fn score(candidate: &Candidate, asked: &Asked, now: DateTime<Utc>) -> f64 {
    let days = (now - candidate.at).num_hours().max(0) as f64 / 24.0;
    let newness = 1.0 / (1.0 + days / 45.0);
    if candidate.in_title == 0 {
        return newness;
    }
    let title: Vec<String> = fold::words(&candidate.title).map(|word| word.text).take(50).collect();
    let whole = asked.words.iter().all(|word| title.contains(word));
    let begins = title.first().is_some_and(|first| asked.meets(first));
    let same = title == asked.words;
    newness + 1.5 + [whole, begins, same].into_iter().filter(|yes| *yes).count() as f64 * 0.5
}

fn show(found: Candidate, around: Around, asked: &Asked) -> Hit {
    let title = match found.kind {
        Kind::Comment => around.under_title.as_deref().unwrap_or_default(),
        Kind::Caption => around.recording.as_deref().unwrap_or_default(),
        _ => &found.title,
    };
    let (at_ms, snippet) = match &around.starts {
        Some(starts) => {
            let (line, said) = said::best(&around.body, asked);
            (starts.get(line).copied(), snippet::around(&said, asked))
        }
        None => (around.at_ms, snippet::around(&around.body, asked)),
    };
    Hit {
        kind: found.kind,
        id: found.subject,
        title: snippet::line(title, asked),
        snippet,
        at: found.at,
        url: address(&found, &around, at_ms),
        at_ms,
        place: around.channel.unwrap_or_default(),
        author: around.author.into(),
    }
}

/// Where it is read; a comment, in the place where it hangs; what is said, at its second.
fn address(found: &Candidate, around: &Around, at_ms: Option<i64>) -> String {
    let slug = around.slug.as_deref().unwrap_or_default();
    let page = |kind: Kind, id: Uuid| match kind {
        Kind::Person => format!("/people?person={id}"),
        Kind::Goal => format!("/goals/{id}"),
        Kind::CheckIn => format!("/check-ins/{id}"),
        Kind::Post | Kind::Comment => format!("/posts/{id}"),
        Kind::Recording | Kind::Caption => format!("/w/{slug}"),
    };
    match (found.kind, around.under_kind, around.under) {
        (Kind::Comment, Some(kind), Some(under)) => format!("{}#c-{}", page(kind, under), found.subject),
        (Kind::Caption, ..) => format!("/w/{slug}?t={}", at_ms.unwrap_or(0) / 1000),
        (kind, ..) => page(kind, found.subject),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn candidate(id: i64, kind: Kind, title: &str, days: i64, in_title: i64) -> Candidate {
        let subject = Uuid::from_u128(id.unsigned_abs().into());
        Candidate { id, kind, subject, title: title.into(), at: now() - TimeDelta::days(days), in_title }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn ids(found: Vec<Candidate>, asked: &str) -> Vec<i64> {
        rank(found, &Asked::of(asked), now()).into_iter().map(|hit| hit.id).collect()
    }

    #[test]
    fn a_title_goes_before_a_text_and_the_newer_before_the_older() {
        let found = vec![
            candidate(1, Kind::Post, "Something else", 0, 0),
            candidate(2, Kind::Post, "The dock", 400, 1),
            candidate(3, Kind::Goal, "Something else", 30, 0),
            candidate(4, Kind::Post, "The docks", 0, 1),
            candidate(5, Kind::Person, "Dock", 400, 1),
            candidate(4, Kind::Post, "The docks", 0, 0),
        ];
        assert_eq!(ids(found, "dock"), [5, 4, 2, 1, 3]);
    }

    #[test]
    fn no_kind_takes_all_the_room() {
        let mut found: Vec<Candidate> = (0..60).map(|id| candidate(id, Kind::Comment, "", 0, 0)).collect();
        found.extend((60..120).map(|id| candidate(id, Kind::Post, "", 1, 0)));
        found.extend((120..180).map(|id| candidate(id, Kind::Goal, "", 2, 0)));
        let best = rank(found, &Asked::of("dock"), now());
        let count = |kind| best.iter().filter(|hit| hit.kind == kind).count();
        assert_eq!((best.len(), count(Kind::Comment), count(Kind::Post), count(Kind::Goal)), (50, 20, 20, 10));
    }
}
