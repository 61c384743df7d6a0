//! Pictures fan out: to each rung and to the stills, each on a thread of its own. At each segment's beginning the plan is asked for:
//! with what effort the rungs encode it, and whether the lower ones are held back. Nobody waits for another at the end.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use super::board::Board;
use super::ffi::{Colours, Frame};
use super::picture::caught;
use super::plan::{Rung, Size};
use super::report::Plan;
use super::resume::Earlier;
use super::rung::{self, Effort, Ladder, Shown};
use super::segment::Track;
use super::still;
use super::transcode::broke_down;
use super::trouble::Trouble;

/// Pictures that wait before a rung, at most; each holds a reference, not a copy.
const WAITING: usize = 8;

/// What the rungs have in common.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// How numbers mean colours.
    pub colours: Colours,
    /// The most pictures a second.
    pub max_fps: u32,
    /// Whether the top rung is the source's own picture: it is made elsewhere.
    pub copied: bool,
    /// Whether pictures that stand still are made of it.
    pub stills: bool,
}

/// What came of the rungs, top first.
pub type Made = Vec<(Rung, Track)>;

/// The ways to the rungs and the stills.
pub struct Fan<'scope> {
    board: &'scope Board,
    top: Size,
    /// Whether the first way is that of the top rung, which is never held back.
    leads: bool,
    ways: Vec<SyncSender<Shown>>,
    still_way: Option<SyncSender<Shown>>,
    rungs: Vec<(Rung, ScopedJoinHandle<'scope, Result<Track, Trouble>>)>,
    stills: Option<ScopedJoinHandle<'scope, Result<(), Trouble>>>,
    /// Number of the segment that the next key picture begins.
    next: usize,
    /// Whether the lower rungs are held back.
    away: bool,
    /// Whether every second picture is left out.
    sparse: bool,
}

impl<'scope> Fan<'scope> {
    /// Starts the rungs.
    ///
    /// # Errors
    /// When there are none, or nobody listens.
    pub fn open(
        scope: &'scope Scope<'scope, '_>,
        board: &'scope Board,
        rungs: Vec<Rung>,
        kind: Kind,
        earlier: Option<&'scope Earlier>,
    ) -> Result<Self, Trouble> {
        let top = Arc::new(rungs.first().cloned().ok_or_else(|| Trouble::Failed("an empty ladder".into()))?);
        let Kind { colours, max_fps, copied, stills } = kind;
        board.announce(board.announcement.rungs(rungs.iter().map(|rung| rung.name.clone()), max_fps))?;
        board.shelf.top_is(&top.name);
        let (mut ways, mut running) = (Vec::new(), Vec::new());
        for rung in rungs.into_iter().skip(usize::from(copied)) {
            let (to, from) = sync_channel(WAITING);
            ways.push(to);
            let (own, top) = (rung.clone(), top.clone());
            let work = move || {
                let ladder = Ladder { board, top: &top, colours, earlier };
                caught(board, || rung::run(ladder, &own, &from))
            };
            running.push((rung, scope.spawn(work)));
        }
        let (still_way, from) = sync_channel(WAITING);
        let size = top.size;
        let still_way = stills.then_some(still_way);
        let stills = stills.then(|| scope.spawn(move || caught(board, || still::run(board, &top, earlier, &from))));
        let next = earlier.map_or(0, |earlier| earlier.from);
        let leads = !copied;
        Ok(Self { board, top: size, leads, ways, still_way, rungs: running, stills, next, away: false, sparse: false })
    }

    /// The size of the pictures that are shown.
    #[must_use]
    pub fn top(&self) -> Size {
        self.top
    }

    /// Of how many pictures one is to be shown: more than one when this machine is too slow for all of them, which a copied top, that
    /// costs nothing, never is.
    #[must_use]
    pub fn one_of(&self) -> i64 {
        1 + i64::from(self.sparse) + if self.leads { self.board.pace.hurry() } else { 0 }
    }

    /// Shows a picture; a segment begins with it when `key`.
    ///
    /// # Errors
    /// When a rung has gone.
    pub fn show(&mut self, frame: &Frame, key: bool) -> Result<(), Trouble> {
        let effort = if key { Some(self.turn()?) } else { None };
        let live = if self.away { &self.ways[..self.leading()] } else { &self.ways[..] };
        for way in live.iter().chain(&self.still_way) {
            send(way, Shown::Picture { frame: frame.share(), key: effort })?;
        }
        Ok(())
    }

    fn leading(&self) -> usize {
        usize::from(self.leads)
    }

    /// A segment begins.
    fn turn(&mut self) -> Result<Effort, Trouble> {
        let plan = self.board.pace.decide(self.next);
        // A copied top costs nothing, and shows every picture.
        self.sparse = plan == Plan::Sparse && self.leads;
        let hold_back = plan >= Plan::TopFirst && self.ways.len() > self.leading();
        if hold_back != self.away {
            self.away = hold_back;
            for way in &self.ways[self.leading()..] {
                send(way, if hold_back { Shown::Away } else { Shown::Back(self.next) })?;
            }
        }
        self.next += 1;
        Ok(if plan == Plan::Full { self.board.pace.effort() } else { Effort::Light })
    }

    /// The recording ends there.
    ///
    /// # Errors
    /// When a rung has gone.
    pub fn end(&self, end: i64) -> Result<(), Trouble> {
        self.ways.iter().chain(&self.still_way).try_for_each(|way| send(way, Shown::End(end)))
    }

    /// Lets the rungs end and collects them.
    ///
    /// # Errors
    /// The first trouble of any of them.
    pub fn join(self) -> Result<Made, Trouble> {
        drop((self.ways, self.still_way));
        let tracks: Vec<_> = self
            .rungs
            .into_iter()
            .map(|(rung, way)| (rung, way.join().unwrap_or_else(|_| Err(broke_down()))))
            .collect();
        let stills = self.stills.map_or(Ok(()), |way| way.join().unwrap_or_else(|_| Err(broke_down())));
        let mut troubles: Vec<Trouble> = tracks
            .iter()
            .filter_map(|(_, track)| track.as_ref().err().cloned())
            .chain(stills.as_ref().err().cloned())
            .collect();
        // Those who only stopped because another did have nothing to tell.
        troubles.sort_by_key(|trouble| matches!(trouble, Trouble::Cancelled));
        if let Some(first) = troubles.into_iter().next() {
            return Err(first);
        }
        tracks.into_iter().map(|(rung, track)| Ok((rung, track?))).collect()
    }
}

fn send(way: &SyncSender<Shown>, shown: Shown) -> Result<(), Trouble> {
    way.send(shown).map_err(|_| Trouble::Cancelled)
}
