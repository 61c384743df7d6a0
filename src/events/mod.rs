//! What just happened, to browsers: server-sent events (HTML §9.2) about one thing each ([`Events::stream`]), or what a feature
//! has to say of many ([`Events::pipe`]). Not a message bus: an event is the thing as it stands, or a hint to look at it again, so
//! one that is missed is missing nothing. What happens on this node is told at once; what happens on another is seen by looking
//! every second.
//!
//! Invariant: every stream ends, by its thing's end, by the server's, or when the browser goes; and there are never more than
//! [`MOST`] of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::error::{Code, Problem};
use crate::http::rate;

/// Streams open at once in this process.
pub const MOST: usize = 4000;
/// Of those, streams of people who came by a link, at most: they never crowd out those who are signed in.
pub const MOST_VISITS: usize = 500;
/// Of those, from one address: an office behind one router.
pub const MOST_FROM: usize = 50;
/// How often is looked without being told.
const LOOK: Duration = Duration::from_secs(1);
/// How long a stream says nothing at most, so that proxies keep it and a browser that has gone is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Who listens, and for what.
#[derive(Debug)]
pub struct Events {
    ears: Mutex<HashMap<Uuid, Weak<Notify>>>,
    open: Arc<Semaphore>,
    visits: Arc<Mutex<HashMap<String, usize>>>,
    closing: CancellationToken,
}

/// A place for a stream of somebody who came by a link; given back when dropped.
#[derive(Debug)]
pub struct Visit {
    from: String,
    visits: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = visits.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                visits.remove(&self.from);
            }
        }
    }
}

impl Default for Events {
    fn default() -> Self {
        Self {
            ears: Mutex::default(),
            open: Arc::new(Semaphore::new(MOST)),
            visits: Arc::default(),
            closing: CancellationToken::new(),
        }
    }
}

/// A thing as it stands, for a stream about it.
#[derive(Debug)]
pub enum Now<T> {
    /// It goes on changing.
    Open(T),
    /// This is the last that will be said.
    Last(T),
    /// It is not there any more, or not for this listener.
    Gone,
}

/// The listening end of [`Events::pipe`].
struct Pipe {
    said: mpsc::Receiver<Bytes>,
    closing: CancellationToken,
    _open: OwnedSemaphorePermit,
}

struct Ear<F> {
    look: F,
    told: Arc<Notify>,
    closing: CancellationToken,
    said: String,
    heartbeat: Instant,
    over: bool,
    _open: OwnedSemaphorePermit,
}

impl Events {
    /// Says that something about a thing has changed, to those who listen in this process.
    pub fn changed(&self, thing: Uuid) {
        if let Some(ear) = self.ears().get(&thing).and_then(Weak::upgrade) {
            ear.notify_waiters();
        }
    }

    /// Ends when the server stops, as every stream does.
    #[must_use]
    pub fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// Ends every stream: the server is stopping.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// A place for somebody who came by a link from that address.
    ///
    /// # Errors
    /// `unavailable` with Retry-After when there is none, for anybody or for that address.
    pub fn visit(&self, from: Option<IpAddr>) -> Result<Visit, Problem> {
        let from = rate::prefix(from);
        let mut visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        let here = visits.get(&from).copied().unwrap_or(0);
        if here >= MOST_FROM || visits.values().sum::<usize>() >= MOST_VISITS {
            return Err(crowded());
        }
        visits.insert(from.clone(), here + 1);
        Ok(Visit { from, visits: self.visits.clone() })
    }

    /// Answers with a stream of events called `name`, each the thing as `look` finds it, whenever that has changed.
    ///
    /// # Errors
    /// `unavailable` with Retry-After when too many streams are open.
    pub fn stream<T, F, L>(&self, thing: Uuid, name: &'static str, look: F) -> Result<HttpResponse, Problem>
    where
        T: Serialize + 'static,
        F: Fn() -> L + 'static,
        L: Future<Output = Result<Now<T>, sqlx::Error>> + 'static,
    {
        let open = self.open.clone().try_acquire_owned().map_err(|_| crowded())?;
        let ear = Ear {
            look,
            told: self.listen(thing),
            closing: self.closing.clone(),
            said: String::new(),
            heartbeat: Instant::now(),
            over: false,
            _open: open,
        };
        let said = stream::unfold(ear, move |ear| ear.next(name));
        Ok(head().streaming(said))
    }

    /// Answers with a stream of what comes through a channel, each piece a whole event ([`event`]), until its other end is dropped.
    /// When the browser goes, the sender hears of it by [`mpsc::Sender::closed`].
    ///
    /// # Errors
    /// `unavailable` with Retry-After when too many streams are open.
    pub fn pipe(&self, said: mpsc::Receiver<Bytes>) -> Result<HttpResponse, Problem> {
        let open = self.open.clone().try_acquire_owned().map_err(|_| crowded())?;
        let pipe = Pipe { said, closing: self.closing.clone(), _open: open };
        Ok(head().streaming(stream::unfold(pipe, Pipe::next)))
    }

    fn listen(&self, thing: Uuid) -> Arc<Notify> {
        let mut ears = self.ears();
        ears.retain(|_, ear| ear.strong_count() > 0);
        if let Some(ear) = ears.get(&thing).and_then(Weak::upgrade) {
            return ear;
        }
        let ear = Arc::new(Notify::new());
        ears.insert(thing, Arc::downgrade(&ear));
        ear
    }

    fn ears(&self) -> MutexGuard<'_, HashMap<Uuid, Weak<Notify>>> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a stream answers while there is no place.
#[must_use]
pub fn crowded() -> Problem {
    Problem::new(Code::Unavailable, "Too many pages listen at the moment. Ask again instead.").retry_after(5)
}

fn head() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // nginx would wait for more before it passes anything on.
        .insert_header(("x-accel-buffering", "no"));
    answer
}

/// An event as it goes over the wire.
#[must_use]
pub fn event<T: Serialize>(name: &str, thing: &T) -> Option<Bytes> {
    let data = serde_json::to_string(thing).ok()?;
    Some(format!("event: {name}\ndata: {data}\n\n").into())
}

impl Pipe {
    /// Waits for the next piece of the stream.
    async fn next(mut self) -> Option<(Result<Bytes, std::io::Error>, Self)> {
        tokio::select! {
            said = self.said.recv() => said.map(|said| (Ok(said), self)),
            () = tokio::time::sleep(HEARTBEAT) => Some((Ok(Bytes::from_static(b": still here\n\n")), self)),
            () = self.closing.cancelled() => None,
        }
    }
}

impl<F> Ear<F> {
    /// Waits for the next piece of the stream.
    async fn next<T, L>(mut self, name: &'static str) -> Option<(Result<Bytes, std::io::Error>, Self)>
    where
        T: Serialize,
        F: Fn() -> L,
        L: Future<Output = Result<Now<T>, sqlx::Error>>,
    {
        while !self.over {
            // Registered before looking, so that a change in between is not slept over.
            let told = self.told.clone();
            let told = told.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            match (self.look)().await {
                Ok(Now::Gone) => return None,
                Ok(Now::Open(thing)) => {
                    if let Some(said) = self.say(name, &thing) {
                        return Some((Ok(said), self));
                    }
                }
                Ok(Now::Last(thing)) => {
                    self.over = true;
                    if let Some(said) = self.say(name, &thing) {
                        return Some((Ok(said), self));
                    }
                }
                Err(error) => tracing::warn!(%error, "what a page listens for cannot be read; trying again"),
            }
            if self.heartbeat.elapsed() >= HEARTBEAT {
                self.heartbeat = Instant::now();
                return Some((Ok(Bytes::from_static(b": still here\n\n")), self));
            }
            tokio::select! {
                () = &mut told => {}
                () = tokio::time::sleep(LOOK) => {}
                () = self.closing.cancelled() => return None,
            }
        }
        None
    }

    /// The event, when it says something new.
    fn say<T: Serialize>(&mut self, name: &str, thing: &T) -> Option<Bytes> {
        let data = serde_json::to_string(thing).ok().filter(|data| *data != self.said)?;
        let event = format!("event: {name}\ndata: {data}\n\n");
        (self.said, self.heartbeat) = (data, Instant::now());
        Some(event.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_who_came_by_links_are_few_from_one_address_and_bounded_in_all() {
        let events = Events::default();
        let address = |n: u8| Some(IpAddr::from([10, 0, 0, n]));
        let here: Vec<_> = (0..MOST_FROM).map(|_| events.visit(address(1)).unwrap()).collect();
        assert!(events.visit(address(1)).is_err());
        let mut others = Vec::new();
        for n in 2..=10 {
            others.extend((0..MOST_FROM).map(|_| events.visit(address(n)).unwrap()));
        }
        assert_eq!(here.len() + others.len(), MOST_VISITS);
        assert!(events.visit(address(99)).is_err());
        drop(here);
        assert!(events.visit(address(1)).is_ok() && events.visit(address(99)).is_ok());
        drop(others);
        assert!(events.visits.lock().unwrap().is_empty());
    }
}
