//! The side of the front: owes the parts, looks where they stand while it works towards them, and once it has met one that somebody
//! else has or had, brings everything together.
//!
//! Invariant: the front waits only for a part that somebody is at work on and whose progress moves; everything else it makes itself.

use std::path::Path;
use std::time::Duration;

use actix_web::web::Data;
use chrono::TimeDelta;
use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::app::App;
use crate::id::UploadId;
use crate::jobs::{self, Failure, NewJob, Work};
use crate::media::child;
use crate::recording::take::Take;
use crate::upload::log::follow;

use super::super::meter::Meter;
use super::super::outputs::Outputs;
use super::super::{job, task};
use super::list::{Shares, Standing};
use super::part::make;
use super::{Ended, Foresight, KIND, Order, Share, keys};

/// How often the front looks where it stands.
const LOOK: Duration = Duration::from_millis(100);
/// How often it asks where the parts stand while it is far from the next one.
const ASK: Duration = Duration::from_secs(1);
/// How long it waits for a part whose progress does not move, and for any part at all.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(180));

/// What the front has to do with parts.
pub struct Sharing<'a> {
    app: &'a Data<App>,
    work: &'a Work,
    take: &'a Take,
    upload: UploadId,
    size: u64,
    outputs: &'a Outputs<'a>,
    meter: &'a Meter,
    /// It has been decided whether there are parts.
    decided: bool,
    /// There are or were some.
    shared: bool,
    asked: Option<Instant>,
    foresight: Option<Foresight>,
    shares: Shares<'a>,
}

impl<'a> Sharing<'a> {
    /// For a front that may have `left` parts of an earlier attempt.
    #[must_use]
    pub fn new(
        (app, work): (&'a Data<App>, &'a Work),
        (take, upload, size): (&'a Take, UploadId, Option<i64>),
        (outputs, meter): (&'a Outputs<'a>, &'a Meter),
        left: &[Share],
    ) -> Self {
        let (size, shared) = (size.unwrap_or(0).unsigned_abs(), !left.is_empty());
        let shares = Shares::new(app, take.id, outputs, left);
        let (decided, asked, foresight) = (shared, None, None);
        Self { app, work, take, upload, size, outputs, meter, decided, shared, asked, foresight, shares }
    }

    /// Whether parts were owed, by this attempt or an earlier one.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// The work has come to its end: what parts there still are, nobody needs.
    ///
    /// # Errors
    /// The database's.
    pub async fn over(&mut self) -> Result<(), sqlx::Error> {
        if self.shares.is_empty() { Ok(()) } else { self.shares.call_all_off().await }
    }

    /// Owes the parts once it is known how the file is cut, takes back those that nobody has claimed when the front comes near, and
    /// ends when the front has met one that somebody has. A database that does not answer costs nothing but help.
    pub async fn until_met(&mut self) {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.step().await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "it is not known where the parts of a file stand; trying again"),
            }
        }
    }

    async fn step(&mut self) -> Result<bool, sqlx::Error> {
        let Some(foresight) = self.foresight.take().or_else(|| self.outputs.foresight()) else { return Ok(false) };
        let foresight = self.foresight.insert(foresight).clone();
        if !self.decided {
            self.offer(&foresight).await?;
            return Ok(false);
        }
        if self.shares.is_empty() {
            return Ok(false);
        }
        let front = self.outputs.front();
        let near = self.shares.at(front + 1).is_some();
        if !near && self.asked.is_some_and(|at| at.elapsed() < ASK) {
            return Ok(false);
        }
        self.ask(&foresight).await?;
        self.shares.forget(front).await?;
        if self.outputs.is_anew() {
            // What the earlier attempt made did not fit, so what it asked for will not either.
            self.shares.call_all_off().await?;
        }
        let Some((share, standing)) = self.shares.at(front + 1) else { return Ok(false) };
        match standing {
            Standing::Ready => drop(self.shares.take_back(share).await?),
            Standing::Gone => self.shares.remove(share),
            Standing::Ended(Ended::Unfit(why)) => {
                tracing::info!(take = %self.take.id, why, "a file is not made in parts after all");
                self.shares.call_all_off().await?;
                self.meter.beside(0);
            }
            Standing::Running(_) | Standing::Ended(Ended::Made(_)) => return Ok(share.first <= front),
        }
        Ok(false)
    }

    /// Owes the parts, in the transaction that lists them in the checkpoint.
    async fn offer(&mut self, foresight: &Foresight) -> Result<(), sqlx::Error> {
        let Some(begun) = self.outputs.begun() else { return Ok(()) };
        let ranges = foresight.ranges(self.outputs.front(), self.size, self.app.config.share_from_s);
        self.decided = true;
        if ranges.is_empty() {
            return Ok(());
        }
        let (mut tx, now) = (self.app.db.begin().await?, self.app.clock.now());
        let mut shares = Vec::new();
        for (number, ((first, last), key)) in (0_i64..).zip(ranges.into_iter().zip(keys(self.take.id))) {
            let Some(part) = foresight.part(first, last) else { continue };
            let ms = foresight.milliseconds(last).saturating_sub(foresight.milliseconds(first));
            let order = Order { take: self.take.id, upload: self.upload, part, ms, begun: begun.clone() };
            let mut owed = NewJob::new(KIND, json!(order)).unique(key);
            // One trial: what goes wrong is the front's to make. The last part first, for the front comes there last.
            (owed.max_attempts, owed.priority) = (1, -1);
            owed.run_at = Some(now - TimeDelta::milliseconds(100 - number));
            let id = jobs::enqueue(&mut tx, &self.app.clock, owed).await?;
            shares.extend(id.map(|id| Share { id, first, last }));
        }
        shares.sort_by_key(|share| share.first);
        let checkpoint = self.outputs.shares_are(&shares);
        if self.work.checkpoint_in(&mut tx, &json!(checkpoint)).await? {
            tx.commit().await?;
            self.shared = true;
            tracing::info!(take = %self.take.id, parts = shares.len(), "parts of a file may be made by others");
            self.shares.owed(shares);
            self.app.jobs.wake();
        }
        Ok(())
    }

    /// Asks where the parts stand, and shows how far everybody is.
    async fn ask(&mut self, foresight: &Foresight) -> Result<(), sqlx::Error> {
        self.asked = Some(Instant::now());
        self.shares.ask().await?;
        self.meter.beside(self.shares.made(self.outputs.front(), foresight));
        Ok(())
    }

    /// Brings together what all have made, makes what is missing, and lets one more child make of it what is not pictures. The files of
    /// the front lie in `dir`.
    ///
    /// # Errors
    /// The store's; the child's that makes a missing part.
    pub async fn join(&mut self, dir: &Path) -> Result<child::Outcome, Failure> {
        let outputs = self.outputs;
        let unfit = tokio::select! {
            gathered = self.gather() => gathered?,
            lost = outputs.tell() => return Err(lost),
        };
        if let Some(detail) = unfit {
            return Ok(child::Outcome::Unfit { detail });
        }
        let resume = Some(outputs.checkpoint().resume());
        let task = child::Task { joined: true, resume, ..task(self.app, self.take, None) };
        let input = follow(self.app.clone(), self.upload, 0).map(|bytes| bytes.map_err(std::io::Error::other));
        let (told, events) = mpsc::channel(64);
        let job = job(self.app, task, dir)?;
        let media = async { Ok::<_, Failure>(child::run(job, input, told).await) };
        tokio::try_join!(media, outputs.keep(events)).map(|(outcome, ())| outcome)
    }

    /// Answers why the file cannot be made in parts, if it cannot.
    async fn gather(&mut self) -> Result<Option<String>, Failure> {
        let Some(foresight) = self.foresight.clone() else { return Ok(Some("nothing was foreseen".into())) };
        self.outputs.store_missing().await?;
        let (mut wait, all) = (Wait::default(), foresight.places.len());
        loop {
            let front = self.outputs.front();
            self.meter.encoded(foresight.milliseconds(front), foresight.milliseconds(all));
            self.ask(&foresight).await?;
            self.shares.forget(front).await?;
            if front >= all {
                return Ok(None);
            }
            let Some((share, standing)) = self.shares.at(front) else {
                let last = self.shares.begin().unwrap_or(all);
                match self.own(&foresight, front, last).await? {
                    Ended::Unfit(why) => return Ok(Some(why)),
                    Ended::Made(made) => self.outputs.adopt(self.take, (front, last), &made).await?,
                }
                continue;
            };
            match standing {
                Standing::Ended(Ended::Unfit(why)) => return Ok(Some(why)),
                Standing::Ended(Ended::Made(made)) => {
                    if let Err(error) = self.outputs.adopt(self.take, (share.first, share.last), &made).await {
                        tracing::warn!(cause = error.cause, "a part cannot be had; it is made again");
                    }
                    self.shares.remove(share);
                }
                Standing::Gone => self.shares.remove(share),
                Standing::Ready => drop(self.shares.take_back(share).await?),
                Standing::Running(progress) if wait.is_over(share, progress) => {
                    tracing::warn!(take = %self.take.id, "a part is waited for no longer; it is made here");
                    self.shares.call_off(share).await?;
                }
                Standing::Running(_) => self.meanwhile(&foresight).await?,
            }
        }
    }

    /// Somebody is at work on the next part: another that nobody has is made meanwhile, or the time is waited.
    async fn meanwhile(&mut self, foresight: &Foresight) -> Result<(), Failure> {
        let Some(share) = self.shares.free() else {
            tokio::time::sleep(LOOK).await;
            return Ok(());
        };
        if self.shares.take_back(share).await? {
            let made = self.own(foresight, share.first, share.last).await?;
            self.shares.ended(share, made);
        }
        Ok(())
    }

    /// The front makes segments that it has not come to in one piece.
    async fn own(&self, foresight: &Foresight, first: usize, last: usize) -> Result<Ended, Failure> {
        let (Some(part), Some(begun)) = (foresight.part(first, last), self.outputs.begun()) else {
            return Ok(Ended::Unfit("a part has no beginning".into()));
        };
        let ms = foresight.milliseconds(last).saturating_sub(foresight.milliseconds(first));
        let order = Order { take: self.take.id, upload: self.upload, part, ms, begun };
        let before = self.shares.made(self.outputs.front(), foresight);
        let told = |ms: u64| self.meter.beside(before + ms);
        make(self.app, self.work, self.take, &order, &self.app.clock.word(12), &told).await
    }
}

/// How long a part has been waited for.
#[derive(Default)]
struct Wait(Option<(Share, f64, Instant, Instant)>);

impl Wait {
    /// Whether it has been long enough.
    fn is_over(&mut self, share: Share, progress: f64) -> bool {
        let now = Instant::now();
        let (_, seen, begun, moved) = match self.0 {
            Some(wait) if wait.0 == share => wait,
            _ => (share, progress, now, now),
        };
        let moved = if progress > seen { now } else { moved };
        self.0 = Some((share, progress, begun, moved));
        now - moved > PATIENCE.0 || now - begun > PATIENCE.1
    }
}
