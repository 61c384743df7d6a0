//! The files of a levelled set: the new sound from the work folder, playlists that name the old pictures, and copies of what is
//! neither. They lie in the store, and have been found there, before anybody is shown them.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::io::AsyncWriteExt;

use crate::app::App;
use crate::jobs::{Failure, Work};
use crate::media::child::{Made, MadeSegment, Task};
use crate::media::{FileKind, FileResult, ResultJson, master_playlist};
use crate::recording::take::Take;
use crate::store::{StoreError, content_type};

use super::text::{Named, beside, named};

/// Files fetched or put at once.
const AT_ONCE: usize = 6;

/// Where the files of one attempt come from and go to.
pub struct Files<'a> {
    app: &'a App,
    work: &'a Work,
    take: &'a Take,
    from: &'a str,
    dir: &'a Path,
}

/// A set that lies in the work folder.
pub struct Set {
    /// Its `result.json`.
    pub result: ResultJson,
    /// The other sets that its playlists name.
    pub also: BTreeSet<String>,
    /// Bytes of everything it needs.
    pub bytes: i64,
}

impl<'a> Files<'a> {
    /// Files of the set `from` come into `dir`, and go from there into the set of this claim.
    #[must_use]
    pub fn new(app: &'a App, work: &'a Work, take: &'a Take, from: &'a str, dir: &'a Path) -> Self {
        Self { app, work, take, from, dir }
    }

    /// What the published set says of itself.
    ///
    /// # Errors
    /// The store's.
    pub async fn old(&self) -> Result<ResultJson, Failure> {
        let bytes = self.read(self.from, "result.json").await?;
        serde_json::from_slice(&bytes).map_err(|e| Failure::permanent(format!("result.json of {}: {e}", self.from)))
    }

    /// Brings the top rendition into the work folder.
    ///
    /// # Errors
    /// The store's; a playlist that names no init segment.
    pub async fn top(&self, old: &ResultJson) -> Result<Made, Failure> {
        let top = old.renditions.first().ok_or_else(|| Failure::permanent("a set without pictures"))?;
        let all = named(&self.text(&top.playlist).await?, self.from);
        let (init, segments): (Vec<Named>, Vec<Named>) =
            all.into_iter().partition(|named| named.name.ends_with(".mp4"));
        let [init] = &init[..] else { return Err(Failure::permanent("a rendition without its one init segment")) };
        let fetched = stream::iter(segments).map(|named| self.bring(named).boxed());
        self.bring(init.clone()).await?;
        Ok(Made {
            rendition: top.name.clone(),
            init: init.name.clone(),
            segments: fetched.buffered(AT_ONCE).try_collect().await?,
        })
    }

    async fn bring(&self, named: Named) -> Result<MadeSegment, Failure> {
        let (key, to) = (self.key(&named.attempt, &named.name), self.dir.join(&named.name));
        let bytes = match self.app.store.local_path(&key) {
            Some(path) => tokio::fs::copy(path, to).await.map_err(Failure::passing)?,
            None => self.download(&key, &to).await?,
        };
        self.work.alive();
        Ok(MadeSegment { name: named.name, ticks: named.ticks, bytes, frames: 0 })
    }

    async fn download(&self, key: &str, to: &Path) -> Result<u64, Failure> {
        let object = self.app.store.get(key, None).await?;
        let (size, mut body) = (object.size, object.body);
        let mut file = tokio::fs::File::create(to).await.map_err(Failure::passing)?;
        while let Some(bytes) = body.try_next().await? {
            file.write_all(&bytes).await.map_err(Failure::passing)?;
        }
        file.flush().await.map_err(Failure::passing)?;
        Ok(size)
    }

    /// Puts together what the new set is, in the work folder: beside the new sound everything that is not a segment.
    ///
    /// # Errors
    /// The store's, the disk's.
    pub async fn assemble(&self, old: &ResultJson, sound: ResultJson) -> Result<Set, Failure> {
        let mut new = sound.files;
        let (mut also, mut elsewhere) = (BTreeSet::new(), BTreeSet::new());
        for rendition in &old.renditions {
            let text = beside(&self.text(&rendition.playlist).await?, self.from);
            for named in named(&text, self.work.claim()) {
                also.insert(named.attempt.clone());
                elsewhere.insert((named.attempt, named.name));
            }
            new.push(self.write(FileKind::Playlist, &rendition.playlist, text.as_bytes()).await?);
        }
        let master = master_playlist(&old.renditions, sound.audio.as_ref(), Task::default().max_fps);
        new.push(self.write(FileKind::Master, "master.m3u8", master.as_bytes()).await?);
        for file in &old.files {
            let made_anew = [FileKind::Segment, FileKind::Init, FileKind::Playlist].contains(&file.kind)
                || file.kind == FileKind::Result
                || new.iter().any(|other| other.name == file.name);
            if !made_anew {
                let bytes = self.read(self.from, &file.name).await?;
                new.push(self.write(file.kind, &file.name, &bytes).await?);
            }
        }
        new.sort_by(|a, b| a.name.cmp(&b.name));
        let mut result = ResultJson { audio: sound.audio, files: new, ..old.clone() };
        let text = serde_json::to_vec_pretty(&result).map_err(Failure::passing)?;
        result.files.push(self.write(FileKind::Result, "result.json", &text).await?);
        let pictures = old.files.iter().filter(|file| elsewhere.contains(&(self.from.to_owned(), file.name.clone())));
        let bytes: u64 = result.files.iter().chain(pictures).map(|file| file.bytes).sum();
        Ok(Set { result, also, bytes: bytes.cast_signed() })
    }

    /// Puts the set into the store, and looks every file up there.
    ///
    /// # Errors
    /// The store's; a file that is not there as it should be.
    pub async fn put(&self, set: &Set) -> Result<(), Failure> {
        let puts = stream::iter(set.result.files.clone()).map(|file| self.put_one(file).boxed());
        puts.buffer_unordered(AT_ONCE).try_collect::<()>().await
    }

    async fn put_one(&self, file: FileResult) -> Result<(), Failure> {
        let key = self.key(self.work.claim(), &file.name);
        self.app.store.put_file(&key, &self.dir.join(&file.name), content_type(&file.name)).await?;
        let found = self.app.store.head(&key).await?;
        self.work.alive();
        match found {
            Some(stat) if stat.size == file.bytes => Ok(()),
            found => Err(Failure::passing(format!("{key} should have {} bytes: {found:?}", file.bytes))),
        }
    }

    async fn write(&self, kind: FileKind, name: &str, bytes: &[u8]) -> Result<FileResult, Failure> {
        tokio::fs::write(self.dir.join(name), bytes).await.map_err(Failure::passing)?;
        let content_type = kind.content_type().to_owned();
        Ok(FileResult { name: name.to_owned(), kind, content_type, bytes: bytes.len() as u64 })
    }

    async fn text(&self, name: &str) -> Result<String, Failure> {
        let bytes = self.read(self.from, name).await?;
        String::from_utf8(bytes).map_err(|_| Failure::permanent(format!("{name} is no text")))
    }

    /// A small file of a set.
    async fn read(&self, attempt: &str, name: &str) -> Result<Vec<u8>, StoreError> {
        let body = self.app.store.get(&self.key(attempt, name), None).await?.body;
        let bytes = body.try_fold(Vec::new(), async |mut all, piece| {
            all.extend_from_slice(&piece);
            Ok(all)
        });
        let bytes = bytes.await?;
        self.work.alive();
        Ok(bytes)
    }

    fn key(&self, attempt: &str, name: &str) -> String {
        format!("takes/{}/{attempt}/{name}", self.take.id)
    }
}
