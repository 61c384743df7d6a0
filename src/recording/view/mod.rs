//! Who has opened a recording and what they watched of it: two facts, kept apart from acknowledging. Only people who are
//! signed in count, and only by what their player reports; fetching a page or a byte counts for nothing, so robots never do.

pub mod routes;
pub mod sql;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::account::{Person, PersonRef};
use crate::app::App;
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::http::paging::{Page, PageQuery};
use crate::id::{PersonId, RecordingId};

use super::access::{self, Presented};

/// Stretches of the video in milliseconds, start and end, sorted and apart from each other.
pub type Ranges = Vec<(i64, i64)>;

/// Part of the length that must have been seen for a recording to count as watched.
const WATCHED_PART: f64 = 0.9;
/// Most stretches in one report.
const MOST_RANGES: usize = 200;

/// What a player reports.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Report {
    /// Where the viewer is now.
    pub position_ms: i64,
    /// What was played since the last report, as `[from, to]` in milliseconds of the video.
    pub ranges: Vec<(i64, i64)>,
}

/// One person's view of a recording.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Viewer {
    /// Who.
    pub person: PersonRef,
    /// When they first opened it.
    pub opened_at: DateTime<Utc>,
    /// When they last watched.
    pub seen_at: DateTime<Utc>,
    /// Milliseconds of the video they have seen, each counted once.
    pub watched_ms: i64,
    /// Whether that is (nearly) all of it.
    pub watched: bool,
}

/// How many have opened and how many have watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Views {
    /// People who opened it, its author left out.
    pub opened: i64,
    /// People who have seen nearly all of it.
    pub watched: i64,
}

/// The union of two sets of stretches.
#[must_use]
pub fn union(mut a: Ranges, b: &[(i64, i64)]) -> Ranges {
    a.extend(b.iter().filter(|(from, to)| from < to));
    a.sort_unstable();
    let mut apart: Ranges = Vec::with_capacity(a.len());
    for (from, to) in a {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    apart
}

/// Folds a report into the person's view. The author's own watching is not kept.
///
/// # Errors
/// Not theirs to watch; a report that cannot be right.
pub async fn report(app: &App, person: &Person, id: RecordingId, report: Report) -> Result<(), Problem> {
    let found = access::decide(app, Some(person), Presented::Recording(id)).await?.recording;
    let mut form = Form::new();
    if report.ranges.len() > MOST_RANGES || report.ranges.iter().any(|(from, to)| *from < 0 || to < from) {
        form.wrong("ranges", "At most 200 pairs of milliseconds, each from before to after.");
    }
    if report.position_ms < 0 {
        form.wrong("position_ms", "Not before the beginning.");
    }
    form.done()?;
    if found.author == person.id {
        return Ok(());
    }
    let longest = sql::measured(&app.db, id).await?.unwrap_or(i64::MAX);
    let seen: Ranges = report.ranges.iter().map(|(from, to)| ((*from).min(longest), (*to).min(longest))).collect();
    let now = app.clock.now();
    // Two tabs of one person may report at once: whoever finds the row changed reads it again.
    for _ in 0..8 {
        let mut tx = app.db.begin().await?;
        sql::open(&mut tx, id, person.id, now).await?;
        let (before, revision) = sql::watched(&mut tx, id, person.id).await?;
        let watched = union(before.0, &seen);
        let watched_ms = watched.iter().map(|(from, to)| to - from).sum();
        let view =
            sql::Fold { recording: id, person: person.id, now, position_ms: report.position_ms, watched_ms, revision };
        if sql::fold(&mut tx, &view, &Json(watched)).await? {
            tx.commit_quietly().await?;
            return Ok(());
        }
    }
    Err(Problem::new(Code::Unavailable, "Several players report for you at once. Try again in a moment.")
        .retry_after(1))
}

/// Who has opened a recording, latest first.
///
/// # Errors
/// Not theirs to watch.
pub async fn viewers(app: &App, person: &Person, id: RecordingId, page: &PageQuery) -> Result<Page<Viewer>, Problem> {
    access::decide(app, Some(person), Presented::Recording(id)).await?;
    let after: Option<(DateTime<Utc>, PersonId)> = page.after()?;
    let rows = sql::viewers(&app.db, id, after, page.limit() + 1).await?;
    let length = sql::measured(&app.db, id).await?;
    Ok(Page::of(rows, page.limit(), |last| (last.seen_at, last.person)).map(|row| row.show(length)))
}

impl sql::ViewerRow {
    fn show(self, length: Option<i64>) -> Viewer {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of at most three minutes")]
        let watched = length.is_some_and(|length| self.watched_ms as f64 >= length as f64 * WATCHED_PART);
        Viewer {
            person: PersonRef { id: self.person, name: self.name, handle: self.handle, title: self.title },
            opened_at: self.opened_at,
            seen_at: self.seen_at,
            watched_ms: self.watched_ms,
            watched,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_seen_twice_counts_once() {
        let seen = union(vec![(0, 1000), (5000, 6000)], &[(500, 1500), (6000, 7000), (3, 3), (2000, 2500)]);
        assert_eq!(seen, vec![(0, 1500), (2000, 2500), (5000, 7000)]);
        assert_eq!(union(seen.clone(), &seen), seen);
    }
}
