//! One attempt's files on their way from the work folder into the store.
//!
//! Invariant: a name is put once; [`Outputs::complete`] answers only after every file of the result has been found in the
//! store with its size.

use std::collections::HashSet;
use std::future::ready;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::mpsc;

use crate::app::App;
use crate::jobs::{Failure, Work};
use crate::media::ResultJson;
use crate::media::child::Event;
use crate::recording::take::Take;
use crate::store::content_type;

use super::meter::Meter;

/// Files put, or looked up, at once: enough to hide the way to S3, few enough to leave uploads their share.
const AT_ONCE: usize = 6;

/// Where an attempt's files go.
pub struct Outputs<'a> {
    app: &'a App,
    work: &'a Work,
    meter: &'a Meter,
    dir: &'a Path,
    prefix: String,
    put: Mutex<HashSet<String>>,
}

impl<'a> Outputs<'a> {
    /// Files go from `dir` to `takes/<take>/<claim>/`.
    #[must_use]
    pub fn new(app: &'a App, work: &'a Work, meter: &'a Meter, take: &Take, dir: &'a Path) -> Self {
        let prefix = format!("takes/{}/{}", take.id, work.claim());
        Self { app, work, meter, dir, prefix, put: Mutex::default() }
    }

    /// Puts every file as the child reports it complete; ends when the child has nothing more to say.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep(&self, mut events: mpsc::Receiver<Event>) -> Result<(), Failure> {
        let files = stream::poll_fn(move |context| events.poll_recv(context))
            .filter_map(|event| ready(self.heard(event)))
            .map(|name| self.put(name).boxed());
        files.buffer_unordered(AT_ONCE).try_collect::<()>().await
    }

    /// Notes what the child says; answers the name of a file that is complete. Nothing is overwritten, so a playlist is put
    /// once, when the result names it.
    fn heard(&self, event: Event) -> Option<String> {
        match event {
            Event::Segment { name, .. } | Event::File { name, .. } => return Some(name),
            Event::Progress { media_ms, .. } => self.meter.encoded(media_ms),
            Event::Probed(probe) => self.meter.claimed(probe.claimed_ms.unwrap_or(0)),
            Event::Playlist { .. } | Event::Resumed { .. } => {}
        }
        None
    }

    /// Puts what is still missing, then looks every file up in the store. Answers how many bytes they are.
    ///
    /// # Errors
    /// The store's; a file that is not there as it should be.
    pub async fn complete(&self, result: &ResultJson) -> Result<i64, Failure> {
        self.meter.phase("storing");
        let missing: Vec<String> = {
            let put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
            result.files.iter().map(|file| file.name.clone()).filter(|name| !put.contains(name)).collect()
        };
        let puts = stream::iter(missing).map(|name| self.put(name).boxed());
        puts.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        self.meter.phase("checking");
        let files: Vec<_> = result.files.iter().map(|file| (file.name.clone(), file.bytes)).collect();
        let looks = stream::iter(files).map(|(name, bytes)| self.found(name, bytes).boxed());
        let total: u64 = looks.buffer_unordered(AT_ONCE).try_fold(0, |sum, size| ready(Ok(sum + size))).await?;
        Ok(i64::try_from(total).unwrap_or(i64::MAX))
    }

    async fn put(&self, name: String) -> Result<(), Failure> {
        self.app.store.put_file(&self.key(&name), &self.dir.join(&name), content_type(&name)).await?;
        self.work.alive();
        self.put.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        Ok(())
    }

    async fn found(&self, name: String, bytes: u64) -> Result<u64, Failure> {
        let stat = self.app.store.head(&self.key(&name)).await?;
        self.work.alive();
        match stat {
            Some(stat) if stat.size == bytes => Ok(bytes),
            Some(stat) => {
                Err(Failure::passing(format!("{name} has {} bytes in the store, {bytes} were made", stat.size)))
            }
            None => Err(Failure::passing(format!("{name} is not in the store after it was put"))),
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }
}
