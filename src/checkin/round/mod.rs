//! Rounds: what a circle of people said on one day, played one after the other. A round is not kept: it is the check-ins of
//! that day in the order in which they were said, so that one that comes later stands at its end. What is kept is where
//! somebody left it, for the next screen they open it on.

pub mod sql;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::{Person, PersonRef, people_by_ids};
use crate::app::App;
use crate::error::Problem;
use crate::http::form::Form;
use crate::id::CheckInId;
use crate::org::circle::Circle;

use super::slots::SlotState;
use super::view::{self, CheckIn};

/// Check-ins in a round at most, and people who are waited for.
const MOST: i64 = 100;

/// What a circle of people said on one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Round {
    /// Whose.
    pub circle: Circle,
    /// The day, where each of them is.
    pub date: NaiveDate,
    /// What they said, in the order in which they said it; at most 100.
    pub items: Vec<CheckIn>,
    /// How long their videos run together.
    pub total_ms: i64,
    /// Whoever had a slot on that day and said nothing, or nothing yet; at most 100.
    pub silent: Vec<Silent>,
    /// Where the viewer left it; null when they have not begun it.
    pub place: Option<Place>,
    /// The speed the viewer chose last, in any round.
    pub speed: f64,
    /// The day of the round before.
    pub before: Option<NaiveDate>,
    /// The day of the round after.
    pub after: Option<NaiveDate>,
}

/// Somebody who said nothing on the day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Silent {
    /// Who.
    pub person: PersonRef,
    /// Where their slot stands.
    pub state: SlotState,
}

/// Where somebody left a round.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Place {
    /// At which check-in.
    pub check_in: CheckInId,
    /// How far into its video.
    pub at_ms: i64,
    /// Whether it was played to its end.
    pub finished: bool,
    /// When.
    pub updated_at: DateTime<Utc>,
}

/// Where somebody is in a round.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewPlace {
    /// At which check-in.
    pub check_in: CheckInId,
    /// How far into its video.
    #[serde(default)]
    pub at_ms: i64,
    /// The speed that is chosen: 0.25 to 4.
    pub speed: f64,
    /// Whether the round has been played to its end.
    #[serde(default)]
    pub finished: bool,
}

/// The round of a day; of the last day on which somebody of the circle said something, when none is asked for.
///
/// # Errors
/// The database's.
pub async fn round(app: &App, viewer: &Person, circle: Circle, date: Option<NaiveDate>) -> Result<Round, sqlx::Error> {
    let of = (viewer.organisation, &circle);
    let today = app.clock.now().date_naive();
    let date = match date {
        Some(date) => date,
        None => sql::day(&app.db, of, sql::Seek::Latest).await?.unwrap_or(today),
    };
    let rows = sql::said(&app.db, of, date, MOST).await?;
    let items = view::check_ins(app, viewer, rows).await?;
    let recordings = items.iter().filter_map(|item| item.recording.as_ref());
    Ok(Round {
        total_ms: recordings.filter_map(|recording| recording.measured_ms).sum(),
        silent: silent(app, viewer, &circle, date).await?,
        place: sql::place(&app.db, viewer.id, &circle, date).await?,
        speed: sql::speed(&app.db, viewer.id).await?.map_or(1.0, |hundredths| f64::from(hundredths) / 100.0),
        before: sql::day(&app.db, of, sql::Seek::Before(date)).await?,
        after: sql::day(&app.db, of, sql::Seek::After(date)).await?,
        items,
        circle,
        date,
    })
}

async fn silent(app: &App, viewer: &Person, circle: &Circle, date: NaiveDate) -> Result<Vec<Silent>, sqlx::Error> {
    let rows = sql::silent(&app.db, (viewer.organisation, circle), date, MOST).await?;
    let people = people_by_ids(&app.db, &rows.iter().map(|(person, _)| *person).collect::<Vec<_>>()).await?;
    let name = |(person, state)| Some(Silent { person: people.get(&person)?.clone(), state });
    Ok(rows.into_iter().filter_map(name).collect())
}

/// Keeps where the viewer is in a round. The last word wins: two screens of one person do not argue.
///
/// # Errors
/// No such check-in in that round; a field that needs another value.
pub async fn keep(app: &App, viewer: &Person, circle: &Circle, date: NaiveDate, new: &NewPlace) -> Result<(), Problem> {
    let mut form = Form::new();
    if !(0..=180_500).contains(&new.at_ms) {
        form.wrong("at_ms", "That moment is not in a video.");
    }
    if !(0.25..=4.0).contains(&new.speed) {
        form.wrong("speed", "Between 0.25 and 4.");
    }
    form.done()?;
    if !sql::holds(&app.db, (viewer.organisation, circle), date, new.check_in).await? {
        return Err(Problem::field("check_in", "That check-in is not in this round."));
    }
    let mut tx = app.db.begin().await?;
    sql::keep(&mut tx, viewer.id, circle, date, new, app.clock.now()).await?;
    tx.commit_quietly().await?;
    Ok(())
}
