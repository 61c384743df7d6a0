//! The reliability of a scoreboard as it is shown: totals, weeks, groups under their managers, and a page of people with every slot of theirs.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::account::{Person, PersonRef, people_by_ids};
use crate::app::App;
use crate::checkin::slots::SlotState;
use crate::http::paging::Page;
use crate::id::PersonId;
use crate::org::circle::Circle;
use crate::recording::{RecordingBrief, briefs};

use super::sql::{self, After, PersonRow};
use super::{Board, BoardScope, Tally, monday};

/// Reliability of a circle over whole ISO weeks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Scoreboard {
    /// How wide it reaches.
    pub scope: BoardScope,
    /// Whose it is.
    pub circle: Circle,
    /// How many weeks, the last one being this week.
    pub weeks: u32,
    /// The Monday of the first.
    pub from: NaiveDate,
    /// The Sunday of the last.
    pub to: NaiveDate,
    /// All of it counted.
    pub total: Tally,
    /// Each week counted.
    pub by_week: Vec<WeekTally>,
    /// Whoever reports to the same person as somebody on this page, counted together.
    pub groups: Vec<GroupTally>,
    /// A page of people, under their managers.
    pub people: Page<Reliable>,
}

/// An ISO week, counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WeekTally {
    /// The ISO year.
    pub year: i32,
    /// The ISO week, 1 to 53.
    pub week: u32,
    /// Its Monday.
    pub start: NaiveDate,
    /// What became of slots and reviews.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Whoever reports to one person, counted together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupTally {
    /// To whom; null for those who report to nobody.
    pub manager: Option<PersonRef>,
    /// What became of their slots and of the reviews they owed.
    #[serde(flatten)]
    pub tally: Tally,
}

/// A person with what became of each of their slots.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reliable {
    /// Who.
    pub person: PersonRef,
    /// To whom they report.
    pub manager: Option<PersonRef>,
    /// Their slots, the earliest first.
    pub slots: Vec<Mark>,
    /// All of it counted.
    #[serde(flatten)]
    pub tally: Tally,
    /// How sure they were, the mean of the check-ins of each week that has one, the earliest first.
    pub confidence: Vec<f64>,
    /// Their last two videos in the window.
    pub videos: Vec<LastVideo>,
}

/// What became of the slot of a day.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Mark {
    /// The day, where the person was.
    pub date: NaiveDate,
    /// What became of it.
    pub state: SlotState,
}

/// A video somebody checked in with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LastVideo {
    /// The video.
    pub recording: RecordingBrief,
    /// When it was sent.
    pub at: DateTime<Utc>,
}

/// A scoreboard with a page of its people.
///
/// # Errors
/// The database's.
pub async fn scoreboard(
    app: &App,
    asker: &Person,
    board: Board,
    after: Option<After>,
    limit: i64,
) -> Result<Scoreboard, sqlx::Error> {
    let page = async {
        let rows = sql::people(&app.db, asker.organisation, &board, after.as_ref(), limit + 1).await?;
        let page = Page::of(rows, limit, |last| (last.manager_name.clone(), last.name.clone(), last.id));
        let named = |row: Option<&PersonRow>| row.map(|row| row.manager_name.clone());
        let ends = named(page.items.first()).zip(named(page.items.last()));
        let groups = async {
            let Some((first, last)) = &ends else { return Ok(Vec::new()) };
            sql::by_manager(&app.db, asker.organisation, &board, (first, last)).await
        };
        let (groups, items) = tokio::try_join!(groups, people(app, &board, page.items))?;
        Ok::<_, sqlx::Error>((groups, Page { items, next: page.next }))
    };
    let weeks = sql::by_week(&app.db, asker.organisation, &board);
    let (found_weeks, (groups, people)) = tokio::try_join!(weeks, page)?;
    let mut total = Tally::default();
    let mut weeks: BTreeMap<NaiveDate, Tally> = board.window.mondays().map(|at| (at, Tally::default())).collect();
    for (monday, tally) in found_weeks {
        total += tally;
        weeks.insert(monday, tally);
    }
    let week = |(start, tally): (NaiveDate, Tally)| WeekTally {
        year: start.iso_week().year(),
        week: start.iso_week().week(),
        start,
        tally,
    };
    Ok(Scoreboard {
        people,
        groups: named(app, groups).await?,
        by_week: weeks.into_iter().map(week).collect(),
        scope: board.scope,
        weeks: board.window.weeks,
        from: board.window.from,
        to: board.window.to,
        circle: board.circle,
        total,
    })
}

async fn named(app: &App, groups: Vec<(Option<PersonId>, Tally)>) -> Result<Vec<GroupTally>, sqlx::Error> {
    let managers = people_by_ids(&app.db, &groups.iter().filter_map(|group| group.0).collect::<Vec<_>>()).await?;
    let group = |(manager, tally): (Option<PersonId>, Tally)| GroupTally {
        manager: manager.and_then(|id| managers.get(&id)).cloned(),
        tally,
    };
    let counted = groups.into_iter().filter(|(_, tally)| *tally != Tally::default());
    let mut groups: Vec<GroupTally> = counted.map(group).collect();
    groups.sort_by(|a, b| a.manager.as_ref().map(|m| &m.name).cmp(&b.manager.as_ref().map(|m| &m.name)));
    Ok(groups)
}

async fn people(app: &App, board: &Board, rows: Vec<PersonRow>) -> Result<Vec<Reliable>, sqlx::Error> {
    let (ids, window) = (rows.iter().map(|row| row.id).collect::<Vec<_>>(), &board.window);
    let named: Vec<PersonId> = rows.iter().flat_map(|row| [Some(row.id), row.manager]).flatten().collect();
    let (refs, slots_of, tallies_of, mut confidence, mut videos) = tokio::try_join!(
        people_by_ids(&app.db, &named),
        sql::slots_of(&app.db, &ids, window),
        sql::tallies_of(&app.db, &ids, window),
        confidence(app, board, &ids),
        videos(app, board, &ids)
    )?;
    let mut slots: HashMap<PersonId, Vec<Mark>> = HashMap::new();
    for (person, date, state) in slots_of {
        slots.entry(person).or_default().push(Mark { date, state });
    }
    let mut tallies: HashMap<PersonId, Tally> = tallies_of.into_iter().collect();
    let show = |row: PersonRow| {
        Some(Reliable {
            person: refs.get(&row.id)?.clone(),
            manager: row.manager.and_then(|id| refs.get(&id)).cloned(),
            slots: slots.remove(&row.id).unwrap_or_default(),
            tally: tallies.remove(&row.id).unwrap_or_default(),
            confidence: confidence.remove(&row.id).unwrap_or_default(),
            videos: videos.remove(&row.id).unwrap_or_default(),
        })
    };
    Ok(rows.into_iter().filter_map(show).collect())
}

async fn confidence(app: &App, board: &Board, ids: &[PersonId]) -> Result<HashMap<PersonId, Vec<f64>>, sqlx::Error> {
    let mut weeks: BTreeMap<(PersonId, NaiveDate), Vec<f64>> = BTreeMap::new();
    for (person, date, sure) in sql::confidence_of(&app.db, ids, &board.window).await? {
        weeks.entry((person, monday(date))).or_default().push(sure);
    }
    let mut found: HashMap<PersonId, Vec<f64>> = HashMap::new();
    for ((person, _), said) in weeks {
        let count = f64::from(u32::try_from(said.len()).unwrap_or(u32::MAX));
        found.entry(person).or_default().push(said.iter().sum::<f64>() / count);
    }
    Ok(found)
}

async fn videos(app: &App, board: &Board, ids: &[PersonId]) -> Result<HashMap<PersonId, Vec<LastVideo>>, sqlx::Error> {
    let rows = sql::videos_of(&app.db, ids, &board.window).await?;
    let briefs = briefs(app, &rows.iter().map(|row| row.1).collect::<Vec<_>>()).await?;
    let mut found: HashMap<PersonId, Vec<LastVideo>> = HashMap::new();
    for (person, recording, at) in rows {
        if let Some(recording) = briefs.get(&recording).cloned() {
            found.entry(person).or_default().push(LastVideo { recording, at });
        }
    }
    Ok(found)
}
