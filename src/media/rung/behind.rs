//! A rung that is held back takes its pictures from the finished segments of the top rung, whenever there is time. Called back, it has the
//! source's own again from the next key picture on; the segment that is still missing then, for the top rung has only just finished
//! it, is made beside, so that nobody waits for it.

use std::mem;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use super::super::ffi::{Decoder, Frame, Packet, priority};
use super::super::picture::caught;
use super::super::resume;
use super::super::segment::init_name;
use super::super::shelf::Found;
use super::super::source::DECODERS;
use super::super::transcode::broke_down;
use super::super::trouble::Trouble;
use super::super::verify::OUR_PIXELS;
use super::{Coded, Effort, Shown, Work};

/// Packets of a rung that came back, which wait until those before them are made: some seconds.
const WAITING: usize = 256;
/// How often a rung that has nothing to do looks whether it has.
const LOOK: Duration = Duration::from_millis(50);

/// Segments before those that a rung makes of the source again, while they are made.
pub struct Gap<'scope>(Option<ScopedJoinHandle<'scope, Result<(), Trouble>>>);

impl Gap<'_> {
    /// Nothing is missing.
    pub fn none() -> Self {
        Self(None)
    }

    fn is_open(&self) -> bool {
        self.0.as_ref().is_some_and(|work| !work.is_finished())
    }

    /// Waits until nothing is missing.
    pub fn close(&mut self) -> Result<(), Trouble> {
        self.0.take().map_or(Ok(()), |work| work.join().unwrap_or_else(|_| Err(broke_down())))
    }
}

impl<'a> Work<'a> {
    /// Held back, until the rung is called back or the recording ends; answers its end.
    pub fn behind<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, 'a>,
        gap: &mut Gap<'scope>,
        from: &Receiver<Shown>,
    ) -> Result<Option<Shown>, Trouble> {
        let board = self.ladder.board;
        board.pace.left(&self.rung.name, self.next);
        self.scale = None;
        let called = loop {
            board.go_on()?;
            let has_work = !gap.is_open() && self.next < board.shelf.count(&self.ladder.top.name);
            let patience = if has_work && board.pace.has_time_aside() { Duration::ZERO } else { LOOK };
            match from.recv_timeout(patience) {
                Ok(shown @ (Shown::Back(_) | Shown::End(_))) => break shown,
                Ok(Shown::Picture { .. } | Shown::Away) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Trouble::Cancelled),
                Err(RecvTimeoutError::Timeout) if patience.is_zero() => {
                    gap.close()?;
                    self.follow_aside()?;
                    board.pace.left(&self.rung.name, self.next);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        gap.close()?;
        let ended = if let Shown::Back(until) = called {
            *gap = self.part(scope, until)?;
            None
        } else {
            while self.follow_aside()? {}
            Some(called)
        };
        board.pace.back(&self.rung.name);
        self.scale = None;
        Ok(ended)
    }

    /// Goes on with the segment of that number, while another thread makes those before it.
    fn part<'scope>(&mut self, scope: &'scope Scope<'scope, 'a>, until: usize) -> Result<Gap<'scope>, Trouble> {
        if self.next >= until {
            return Ok(Gap::none());
        }
        let (to, later) = sync_channel(WAITING);
        let fresh = self.successor(self.effort)?;
        let mut before = Work {
            encoder: mem::replace(&mut self.encoder, fresh),
            made: mem::replace(&mut self.made, to),
            next: mem::replace(&mut self.next, until),
            any: mem::replace(&mut self.any, true),
            scale: None,
            ..*self
        };
        let board = self.ladder.board;
        let work = move || {
            priority::step_aside();
            caught(board, || {
                while before.next < until && before.follow(before.next)? {}
                before.drain()?;
                before.say(Coded::Then(later))
            })
        };
        Ok(Gap(Some(scope.spawn(work))))
    }

    /// Makes the next segment behind all who keep pace, in this recording and in others.
    fn follow_aside(&mut self) -> Result<bool, Trouble> {
        let board = self.ladder.board;
        let aside = || {
            priority::step_aside();
            caught(board, || self.follow(self.next))
        };
        thread::scope(|scope| scope.spawn(aside).join()).unwrap_or_else(|_| Err(broke_down()))
    }

    /// Makes one segment from that of the top rung; false when there is none any more.
    fn follow(&mut self, number: usize) -> Result<bool, Trouble> {
        let (board, top) = (self.ladder.board, &self.ladder.top.name);
        let Found::Segment(name) = board.shelf.segment(board, top, number)? else { return Ok(false) };
        let init = init_name(top);
        let mut input = resume::open(board.folder(), [init.as_str(), name.as_str()].into_iter())?;
        let mut decoder = Decoder::open(&input.params(0)?, DECODERS, OUR_PIXELS, 1)?;
        let (mut packet, mut more, mut first) = (Packet::default(), true, true);
        while more {
            board.go_on()?;
            more = input.read(&mut packet)?;
            decoder.send(more.then_some(&packet))?;
            let mut frame = Frame::default();
            while decoder.receive(&mut frame)? {
                let at = frame.time().ok_or_else(|| Trouble::Failed(format!("{name} has no times")))?;
                let mut frame = mem::take(&mut frame).without_time();
                frame.set_pts(at);
                self.picture(frame, mem::take(&mut first).then_some(Effort::Light))?;
            }
        }
        Ok(true)
    }
}
