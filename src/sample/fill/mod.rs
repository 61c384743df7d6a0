//! Filling: eight weeks of a company, lived from their first Monday to now through the functions that serve people, by an app
//! whose clock stands where the story stands.
//!
//! Invariants: a filling that was killed begins anew after everything of it has been removed, so that nothing is there twice;
//! no act of it is a real person's, and none of their rows is touched.

mod agenda;
mod cast;
mod films;
mod goals;
mod people;
mod posts;
mod rounds;
mod show;
mod talk;
mod words;

use std::collections::HashMap;

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::account::Person;
use crate::app::App;
use crate::clock::Clock;
use crate::comment::SubjectKind;
use crate::db::Tx;
use crate::id::{ChannelId, CommentId, OrganisationId, PersonId, PostId, RecordingId, UnitId};
use crate::jobs::{Failure, Handler, Job, Outcome, Work};
use crate::org;

use super::{Films, Payload, SampleState, prepare, remove, sql};
use agenda::{Act, Agenda, Dice, at, at_work, monday};
use goals::Standing;

/// The kind of job that fills.
pub const KIND: &str = "sample.fill";

/// Weeks before this one in which the story begins.
const WEEKS: i64 = 8;
/// What decides the dice.
const SEED: u64 = 0x7469_6465_6d61_726b;
/// Acts between two notes of how far it has come.
const NOTE: usize = 40;

/// Fills as a job.
pub struct Fill;

#[async_trait]
impl Handler for Fill {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let payload: Payload = work.payload()?;
        // What an attempt before left behind.
        remove::everything(app, work, payload.organisation).await?;
        let mut story = Story::begin(app, work, &payload).await?;
        story.live().await?;
        let mut tx = app.db.begin().await?;
        if !work.finish(app, &mut tx).await? {
            return Ok(Outcome::Finished);
        }
        sql::set(&mut tx, payload.organisation, SampleState::Preparing, app.clock.now()).await?;
        super::owe(app, &mut tx, prepare::KIND, payload.organisation, payload.films).await?;
        tx.commit().await?;
        app.jobs.wake();
        Ok(Outcome::Finished)
    }

    async fn gave_up(&self, app: &Data<App>, tx: &mut Tx, job: &Job, _: &Failure) -> Result<(), sqlx::Error> {
        super::failed(app, tx, job).await
    }
}

/// The story on its way through time.
struct Story<'a> {
    /// The app of the present: its workers prepare the films.
    present: &'a Data<App>,
    work: &'a Work,
    /// The app of the past.
    app: Data<App>,
    organisation: OrganisationId,
    zone: Tz,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// First month of the organisation's year.
    fiscal: u32,
    administrator: PersonId,
    agenda: Agenda,
    dice: Dice,
    films: Films,
    people: Vec<Person>,
    units: Vec<UnitId>,
    /// Words of the divisions in addresses.
    words: Vec<String>,
    project: Option<ChannelId>,
    standing: Vec<Standing>,
    posts: HashMap<usize, PostId>,
    recordings: HashMap<usize, RecordingId>,
    last_comment: HashMap<usize, (CommentId, SubjectKind, Uuid)>,
}

impl<'a> Story<'a> {
    async fn begin(present: &'a Data<App>, work: &'a Work, payload: &Payload) -> Result<Self, Failure> {
        let organisation = org::sql::organisation(&present.db, payload.organisation).await?;
        let organisation = organisation.ok_or_else(|| Failure::permanent("the organisation is gone"))?;
        let administrator = sql::administrator(&present.db, organisation.id).await?;
        let zone: Tz = organisation.time_zone.parse().unwrap_or(Tz::UTC);
        let end = present.clock.now();
        let today = end.with_timezone(&zone).date_naive();
        let start = at(zone, monday(today) - TimeDelta::weeks(WEEKS), 7, 30);
        let random = u64::from_le_bytes(present.clock.random::<8>());
        let app = present.beside(Clock::manual(start, random)).map_err(Failure::passing)?;
        Ok(Self {
            present,
            work,
            app: Data::new(app),
            organisation: organisation.id,
            zone,
            start,
            end,
            fiscal: u32::from(organisation.fiscal_year_start.unsigned_abs()),
            administrator: administrator.ok_or_else(|| Failure::permanent("there is no administrator"))?,
            agenda: Agenda::default(),
            dice: Dice(SEED),
            films: payload.films,
            people: Vec::new(),
            units: Vec::new(),
            words: Vec::new(),
            project: None,
            standing: Vec::new(),
            posts: HashMap::new(),
            recordings: HashMap::new(),
            last_comment: HashMap::new(),
        })
    }

    /// Lives through everything up to now.
    async fn live(&mut self) -> Result<(), Failure> {
        self.join().await?;
        self.plan();
        let mut done = 0_usize;
        while let Some((instant, act)) = self.agenda.next(self.end) {
            self.app.clock.advance(instant - self.app.clock.now());
            self.perform(act).await?;
            self.work.alive();
            done += 1;
            if done.is_multiple_of(NOTE) {
                self.tell(instant).await?;
            }
        }
        Ok(())
    }

    async fn tell(&self, instant: DateTime<Utc>) -> Result<(), Failure> {
        let part = (instant - self.start).num_minutes() as f64 / (self.end - self.start).num_minutes().max(1) as f64;
        self.work.progress(part);
        let mut tx = self.present.db.begin().await?;
        sql::progress(&mut tx, self.organisation, part).await?;
        Ok(tx.commit_quietly().await?)
    }

    /// Puts down what is known beforehand; the rest follows from it.
    fn plan(&mut self) {
        let first = self.start.with_timezone(&self.zone).date_naive();
        for n in 0..=(WEEKS as u64 + 1) * 7 {
            let day = first + Days::new(n);
            if n % 7 == 0 {
                self.agenda.put(at(self.zone, day, 8, 30), Act::Week(day));
            }
            if n % 7 == 4 {
                self.agenda.put(at(self.zone, day, 15, 20), Act::Numbers);
            }
            self.agenda.put(at(self.zone, day, 9, 2), Act::Day);
            self.agenda.put(at(self.zone, day, 20, 0), Act::Evening);
        }
        for (n, post) in posts::POSTS.iter().enumerate() {
            self.agenda.put(at_work(self.zone, self.end - TimeDelta::hours(post.hours)), Act::Post(n));
        }
        self.agenda.put(self.end - TimeDelta::minutes(52), Act::Report);
        self.agenda.put(self.end - TimeDelta::minutes(50), Act::Today);
    }

    async fn perform(&mut self, act: Act) -> Result<(), Failure> {
        match act {
            Act::Week(day) => self.week(day).await,
            Act::Day => self.day().await,
            Act::Evening => {
                crate::checkin::tick::settle(&self.app).await?;
                Ok(())
            }
            Act::Numbers => self.numbers().await,
            Act::CheckIn(who) => self.check_in(who).await,
            Act::Review(check_in, by) => self.review(check_in, by).await,
            Act::Resolve(blocker, by, answer) => self.resolve(blocker, by, answer).await,
            Act::Post(n) => self.post(n).await,
            Act::Comment(post, n) => self.comment(post, n).await,
            Act::Read(post, who) => self.read(post, who).await,
            Act::React(post) => self.react(post).await,
            Act::Report => self.report_to_administrator().await,
            Act::Today => self.today().await,
        }
    }
}
