//! The daily digest: one row in the inbox, at an hour that each person chooses, on days they work. Not mail.
//!
//! Invariant: one a person and local date, whoever runs it and however often. A day with nothing to say has one too, of which
//! nobody is told.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::account::{self, Person, Role};
use crate::app::App;
use crate::checkin::slots::{self, plan::instant};
use crate::home::owe;
use crate::id::{OrganisationId, PersonId};

use super::sql::told::Asked;
use super::{AboutKind, Kind, News, Subject, quiet, sql};

/// People looked at in one statement.
const BATCH: i64 = 200;
/// However long ago the last digest was, this one tells of no more.
const REACH: TimeDelta = TimeDelta::days(4);

/// A line of a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DigestLine {
    /// How many.
    pub count: i64,
    /// Of what: "new posts".
    pub text: String,
    /// Where they are, in the web app.
    pub url: String,
}

/// Makes the digests that are due; answers how many people were told.
///
/// # Errors
/// The database's; what was made stays made, and the next pass goes on.
pub async fn make(app: &App) -> Result<u64, sqlx::Error> {
    let (now, mut told) = (app.clock.now(), 0);
    for (organisation, zone, hour) in sql::digest::hours(&app.db).await? {
        let tz: Tz = zone.parse().unwrap_or(Tz::UTC);
        let day = now.with_timezone(&tz).date_naive();
        let due = instant(tz, day.and_time(quiet::time(&hour).unwrap_or(NaiveTime::MIN)), true);
        if due > now {
            continue;
        }
        let mut after = PersonId(Uuid::nil());
        loop {
            let group = (organisation, zone.as_str(), hour.as_str());
            let people = sql::digest::without(&app.db, group, (day, due), after, BATCH).await?;
            let Some(last) = people.last() else { break };
            after = last.person;
            for asked in &people {
                told += u64::from(one(app, organisation, asked, (tz, day)).await?);
            }
        }
    }
    Ok(told)
}

/// Makes one person's digest of a day they work; true when it says something.
async fn one(
    app: &App,
    organisation: OrganisationId,
    asked: &Asked,
    (zone, day): (Tz, NaiveDate),
) -> Result<bool, sqlx::Error> {
    if !asked.rhythm.workdays.0.contains(&quiet::weekday(day)) {
        return Ok(false);
    }
    let Some(person) = account::sql::person::one(&app.db, organisation, asked.person).await? else { return Ok(false) };
    let now = app.clock.now();
    let end = instant(zone, day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN), false);
    let lines = lines(app, &person, end, now).await?;
    let mut tx = app.db.begin().await?;
    let id: Uuid = app.clock.id();
    if !sql::digest::insert(&mut tx, id, person.id, day, &lines, now).await? {
        return Ok(false); // another node was quicker
    }
    if !lines.is_empty() {
        let news = News::of(Kind::Digest, Subject { kind: AboutKind::Digest, id });
        super::tell(&mut tx, &app.clock, &[person.id], &news).await?;
    }
    tx.commit().await?;
    Ok(!lines.is_empty())
}

async fn lines(
    app: &App,
    person: &Person,
    end: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<DigestLine>, sqlx::Error> {
    let owed = owe::owed(app, person).await?;
    // What opens later today is not owed yet; at the hour of a digest that is every check-in.
    let due = owed.iter().filter(|owed| owed.due_at.is_some_and(|due| due < end)).count();
    let due = i64::try_from(due).unwrap_or(i64::MAX) + slots::sql::ahead_until(&app.db, person.id, (now, end)).await?;
    let since = sql::digest::last(&app.db, person.id).await?.unwrap_or(now - TimeDelta::days(1)).max(now - REACH);
    let (posts, check_ins, mentions) = sql::digest::news(&app.db, person, since).await?;
    let channels = if person.role == Role::Guest { "/channels" } else { "/#new" };
    let all = [
        (due, "due today", "due today", "/"),
        (posts, "new post", "new posts", channels),
        (check_ins, "new check-in of your people", "new check-ins of your people", "/check-ins"),
        (mentions, "mention of you", "mentions of you", "/inbox"),
    ];
    let line = |(count, one, many, url): (i64, &str, &str, &str)| DigestLine {
        count,
        text: if count == 1 { one } else { many }.to_owned(),
        url: url.to_owned(),
    };
    Ok(all.into_iter().filter(|(count, ..)| *count > 0).map(line).collect())
}
