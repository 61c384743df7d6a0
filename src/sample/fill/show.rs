//! A film is drawn and goes the way of every upload: a session, a take, bytes in the store, and work that is owed. It is kept
//! later (`sample::prepare`), once it is ready.

use std::time::Duration;

use actix_web::error::PayloadError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::stream;
use tokio::task::{LocalSet, spawn_blocking};

use crate::account::Person;
use crate::id::RecordingId;
use crate::jobs::Failure;
use crate::media::film::{self, Film};
use crate::recording::caption::body::WriteCaption;
use crate::recording::caption::{self, Language};
use crate::recording::library;
use crate::recording::session::{self, NewSession, SubjectKind};
use crate::upload::append::{self, Patch};
use crate::upload::create;

use super::Story;
use super::films::{FILMS, film as film_of, said};

/// How often the queue hears that a film is still being drawn.
const LOOK: Duration = Duration::from_secs(1);

impl Story<'_> {
    /// Draws and uploads a film; the recording it will be.
    pub(super) async fn show(&mut self, n: usize) -> Result<RecordingId, Failure> {
        let (film, author) = (film_of(n, self.films), self.people[FILMS[n].who].clone());
        let bytes = Bytes::from(self.draw(film).await?);
        let mut tx = self.app.db.begin().await?;
        let (kind, title) = (SubjectKind::Free, FILMS[n].title);
        let new = NewSession { author: &author, subject_kind: kind, subject: None, title, keeps_itself: false };
        let session = session::open(&self.app, &mut tx, new).await?;
        tx.commit().await?;
        self.write_down(n, &author, session.recording).await?;
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let pair = |key: &str, value: &str| format!("{key} {}", BASE64_STANDARD.encode(value));
        let header = [pair("filename", "update.mp4"), pair("take_session", &session.id.to_string())].join(",");
        let upload = create::create(&self.app, &author, Some(size), &header).await.map_err(Failure::passing)?;
        let (app, handle) = (self.app.clone(), tokio::runtime::Handle::current());
        // Uploads are written by a task of one thread, as requests are.
        let sent = spawn_blocking(move || {
            let body = stream::iter([Ok::<_, PayloadError>(bytes)]);
            let patch = Patch { announced: Some(size), ..Patch::default() };
            handle.block_on(LocalSet::new().run_until(append::append(app, upload, patch, body)))
        });
        sent.await.map_err(Failure::passing)?.map_err(Failure::passing)?;
        self.present.jobs.wake();
        self.recordings.insert(n, session.recording);
        Ok(session.recording)
    }

    /// Writes down what is said in a film.
    async fn write_down(&self, n: usize, author: &Person, recording: RecordingId) -> Result<(), Failure> {
        let (Some(recording), Some(language)) =
            (library::sql::recording(&self.app.db, recording).await?, Language::read("en"))
        else {
            return Ok(());
        };
        let new = WriteCaption { text: said(n, self.films), revision: None };
        let written = caption::write(&self.app, author, &recording, &language, &new).await;
        written.map(|_| ()).map_err(Failure::passing)
    }

    /// Draws on a thread of its own; on a machine that is busy with other things that may take longer than a lease.
    async fn draw(&self, film: Film) -> Result<Vec<u8>, Failure> {
        let mut drawing = spawn_blocking(move || film::render(&film));
        loop {
            tokio::select! {
                drawn = &mut drawing => return drawn.map_err(Failure::passing)?.map_err(Failure::passing),
                () = tokio::time::sleep(LOOK) => self.work.alive(),
            }
        }
    }
}
