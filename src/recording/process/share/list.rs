//! The parts of one file as the front knows them: where each stands, and how they are got rid of.
//!
//! Invariant: in order of their segments, none twice; every change of the list is told to the account that writes the checkpoint.

use actix_web::web::Data;

use crate::app::App;
use crate::id::TakeId;
use crate::jobs::seen::{self, Seen};

use super::super::outputs::Outputs;
use super::{Ended, Foresight, Share};

/// Where a part stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Standing {
    /// Nobody has it.
    Ready,
    /// Somebody is at work and has come so far.
    Running(f64),
    /// It is over.
    Ended(Ended),
    /// It failed or was called off.
    Gone,
}

/// The parts that the front has not come to.
pub(super) struct Shares<'a> {
    app: &'a Data<App>,
    take: TakeId,
    outputs: &'a Outputs<'a>,
    list: Vec<(Share, Standing)>,
}

impl<'a> Shares<'a> {
    /// Those that an earlier attempt has owed.
    pub(super) fn new(app: &'a Data<App>, take: TakeId, outputs: &'a Outputs<'a>, left: &[Share]) -> Self {
        let list = left.iter().map(|share| (*share, Standing::Ready)).collect();
        Self { app, take, outputs, list }
    }

    /// These are owed from now on, and the checkpoint says so.
    pub(super) fn owed(&mut self, shares: Vec<Share>) {
        self.list = shares.into_iter().map(|share| (share, Standing::Ready)).collect();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first part that begins at that segment or before it, and where it stands.
    pub(super) fn at(&self, segment: usize) -> Option<(Share, Standing)> {
        self.list.iter().find(|(share, _)| share.first <= segment).cloned()
    }

    /// The segment at which the first part begins.
    pub(super) fn begin(&self) -> Option<usize> {
        self.list.first().map(|(share, _)| share.first)
    }

    /// The last part that nobody has.
    pub(super) fn free(&self) -> Option<Share> {
        self.list.iter().rev().find(|(_, standing)| *standing == Standing::Ready).map(|(share, _)| *share)
    }

    /// Asks where they stand.
    pub(super) async fn ask(&mut self) -> Result<(), sqlx::Error> {
        let open = self.list.iter_mut().filter(|(_, standing)| !matches!(standing, Standing::Ended(_)));
        for (share, standing) in open {
            *standing = match seen::look(&self.app.db, share.id).await? {
                Seen::Ready => Standing::Ready,
                Seen::Running(progress) => Standing::Running(progress),
                Seen::Done(left) => {
                    let left = left.and_then(|left| serde_json::from_value(left).ok());
                    left.map_or(Standing::Gone, Standing::Ended)
                }
                Seen::Gone => Standing::Gone,
            };
        }
        Ok(())
    }

    /// Milliseconds of the recording that others have made, beyond the front.
    pub(super) fn made(&self, front: usize, foresight: &Foresight) -> u64 {
        let made = self.list.iter().filter(|(share, _)| share.last > front).map(|(share, standing)| {
            let from = foresight.milliseconds(share.first.max(front));
            let all = foresight.milliseconds(share.last).saturating_sub(from);
            match standing {
                Standing::Running(progress) => (all as f64 * progress.clamp(0.0, 1.0)) as u64,
                Standing::Ended(Ended::Made(_)) => all,
                _ => 0,
            }
        });
        made.sum()
    }

    /// A part that nobody had was made here after all.
    pub(super) fn ended(&mut self, share: Share, ended: Ended) {
        let at = self.list.iter().position(|(other, _)| other.first > share.first).unwrap_or(self.list.len());
        self.list.insert(at, (share, Standing::Ended(ended)));
        self.tell();
    }

    /// Parts behind the front are nobody's any more.
    pub(super) async fn forget(&mut self, front: usize) -> Result<(), sqlx::Error> {
        while let Some((share, _)) = self.list.iter().find(|(share, _)| share.last <= front).cloned() {
            self.call_off(share).await?;
        }
        Ok(())
    }

    /// Takes a part back that nobody has; false when somebody was quicker.
    pub(super) async fn take_back(&mut self, share: Share) -> Result<bool, sqlx::Error> {
        let mut tx = self.app.db.begin().await?;
        let free = seen::take_back(&mut tx, &self.app.clock, share.id).await?;
        tx.commit().await?;
        if free {
            self.remove(share);
        }
        Ok(free)
    }

    /// Takes a part from whoever has it.
    pub(super) async fn call_off(&mut self, share: Share) -> Result<(), sqlx::Error> {
        let mut tx = self.app.db.begin().await?;
        seen::call_off(&mut tx, &self.app.clock, share.id).await?;
        tx.commit().await?;
        self.remove(share);
        Ok(())
    }

    /// Takes all of them from whoever has them.
    pub(super) async fn call_all_off(&mut self) -> Result<(), sqlx::Error> {
        let mut tx = self.app.db.begin().await?;
        super::call_off(&mut tx, &self.app.clock, self.take).await?;
        tx.commit().await?;
        self.list.clear();
        self.tell();
        Ok(())
    }

    pub(super) fn remove(&mut self, share: Share) {
        self.list.retain(|(other, _)| *other != share);
        self.tell();
    }

    fn tell(&self) {
        let shares: Vec<Share> = self.list.iter().map(|(share, _)| *share).collect();
        self.outputs.shares_are(&shares);
    }
}
