//! One browser's stream: `counts` with how much waits, at once and whenever that changes, and `changed` with hints.
//!
//! Invariant: it ends when the server stops, the browser goes or is too slow, or the person may not listen any more.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::account::{Person, guard};
use crate::app::App;
use crate::error::Problem;
use crate::events;
use crate::notify::inbox::{self, Counts};

use super::Piece;

/// How often is counted without being told: deep work ends, a slot opens.
const COUNT: Duration = Duration::from_secs(20);
/// How often is asked whether the person may still listen.
const CHECK: Duration = Duration::from_secs(60);
/// Events that may wait for a browser.
const WAITING: usize = 64;

/// Answers with a person's stream. `credential` is what the request brought.
///
/// # Errors
/// `unavailable` when there is no place.
pub fn open(app: &Data<App>, person: Person, credential: (&'static str, String)) -> Result<HttpResponse, Problem> {
    let told = app.hints.join(&person)?;
    let (say, said) = mpsc::channel(WAITING);
    let answer = app.events.pipe(said)?;
    tokio::spawn(Stream { app: app.clone(), person, credential, say, last: None }.run(told));
    Ok(answer)
}

struct Stream {
    app: Data<App>,
    person: Person,
    credential: (&'static str, String),
    say: mpsc::Sender<Bytes>,
    last: Option<Counts>,
}

impl Stream {
    async fn run(mut self, mut told: mpsc::Receiver<Piece>) {
        let (mut count_at, mut check_at) = (Instant::now(), Instant::now() + CHECK);
        // A browser whose stream broke comes back after three seconds.
        let mut open = self.say.try_send(Bytes::from_static(b"retry: 3000\n\n")).is_ok();
        while open {
            tokio::select! {
                piece = told.recv() => {
                    let Some(piece) = piece else { return };
                    open = self.pass_on(&piece);
                    count_at = if piece.recount { Instant::now() } else { count_at };
                    check_at = if piece.recheck { Instant::now() } else { check_at };
                }
                () = sleep_until(count_at) => {
                    open = self.count().await;
                    count_at = Instant::now() + COUNT;
                }
                () = sleep_until(check_at) => {
                    open = self.may_listen().await;
                    check_at = Instant::now() + CHECK;
                }
                () = self.say.closed() => return,
            }
        }
    }

    fn pass_on(&self, piece: &Piece) -> bool {
        piece.hints.is_empty()
            || events::event("changed", &piece.hints).is_none_or(|said| self.say.try_send(said).is_ok())
    }

    async fn count(&mut self) -> bool {
        match inbox::counts(&self.app, self.person.id).await {
            Ok(counts) if self.last.as_ref() != Some(&counts) => {
                let said = events::event("counts", &counts);
                self.last = Some(counts);
                said.is_none_or(|said| self.say.try_send(said).is_ok())
            }
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(%error, "what waits for somebody cannot be counted; trying again");
                true
            }
        }
    }

    /// Whether the person is still signed in, with the role the stream was opened in.
    async fn may_listen(&self) -> bool {
        match guard::still(&self.app, &self.credential).await {
            Ok(now) => now.is_some_and(|now| now.id == self.person.id && now.role == self.person.role),
            Err(error) => {
                tracing::warn!(%error, "whether somebody may listen cannot be read; trying again");
                true
            }
        }
    }
}
