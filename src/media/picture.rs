//! Pictures are decoded once, chosen, brought into one form and handed to every rung and to the stills. What the source changes
//! on its way (size, pixel shape, format) is settled here; behind it every picture has the top rung's size.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use super::board::Board;
use super::cadence::{Cadence, Step};
use super::child::Task;
use super::ffi::{Colours, Decoder, Frame, Graph, Packet, Shape, StreamInfo, TICKS, YUV420P, has_filter, rescale};
use super::plan::{Look, Rung, Size, Tone, ladder, normalise, shown};
use super::queue::From;
use super::rung::{self, Shown};
use super::segment::Track;
use super::still::{self, Stills};
use super::trouble::Trouble;

/// What the thread is told.
pub enum Seen {
    /// A packet of the source.
    Packet(Packet),
    /// The recording ends there.
    End(i64),
}

/// What came of the pictures.
pub struct Pictures {
    /// The rungs, top first, each with its finished rendition.
    pub rungs: Vec<(Rung, Track)>,
    /// The size at which the source is shown.
    pub size: Size,
    /// The best still and the small ones.
    pub stills: Stills,
}

/// Pictures that wait before a rung, at most; each holds a reference, not a copy.
const WAITING: usize = 8;

/// Decodes to the end and runs the rungs on threads of their own.
///
/// # Errors
/// The first trouble of any of them.
pub fn run<'scope>(
    scope: &'scope Scope<'scope, '_>,
    board: &'scope Board,
    task: &'scope Task,
    stream: StreamInfo,
    decoder: Decoder,
    origin: i64,
    from: &From<Seen>,
) -> Result<Pictures, Trouble> {
    let mut work = Work {
        scope,
        board,
        task,
        stream,
        cadence: Cadence::new(task.max_fps),
        normal: Normal::default(),
        fan: None,
        last: None,
        size: Size::new(0, 0),
    };
    let (mut decoder, mut frame) = (decoder, Frame::default());
    let (mut packets, mut errors) = (0_u64, 0_u64);
    let clock = work.stream.time_base;
    let fed = 'feed: loop {
        let Some(seen) = from.next() else { break Err(Trouble::Cancelled) };
        let (packet, end) = match &seen {
            Seen::Packet(packet) => (Some(packet), None),
            Seen::End(end) => (None, Some(*end)),
        };
        packets += 1;
        errors += u64::from(decoder.send(packet).is_err());
        loop {
            match decoder.receive(&mut frame) {
                Ok(false) => break,
                Ok(true) => {
                    let at = frame.time().map(|time| rescale(time, clock, TICKS) - origin);
                    if let Err(trouble) = work.picture(&frame, at) {
                        break 'feed Err(trouble);
                    }
                }
                Err(_) => {
                    errors += 1;
                    break;
                }
            }
        }
        if let Some(end) = end {
            break work.end(end);
        }
    };
    let decoded = work.last.is_some();
    let done = work.join();
    match (done, fed) {
        (Err(Trouble::Cancelled), Err(trouble)) | (_, Err(trouble)) if !matches!(trouble, Trouble::Cancelled) => {
            Err(trouble)
        }
        (Err(trouble), _) => Err(trouble),
        (Ok(_), Err(trouble)) => Err(trouble),
        (Ok(_), Ok(())) if !decoded => Err(Trouble::damaged("no picture in it can be decoded")),
        (Ok(_), Ok(())) if errors * 2 > packets => Err(Trouble::damaged("most of its pictures cannot be decoded")),
        (Ok(pictures), Ok(())) => pictures.ok_or(Trouble::Cancelled),
    }
}

struct Work<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    board: &'scope Board,
    task: &'scope Task,
    stream: StreamInfo,
    cadence: Cadence,
    normal: Normal,
    fan: Option<Fan<'scope>>,
    last: Option<Frame>,
    size: Size,
}

impl Work<'_, '_> {
    fn picture(&mut self, frame: &Frame, at: Option<i64>) -> Result<(), Trouble> {
        self.board.go_on()?;
        // A picture without any time follows the one before at once; the first stands at the beginning.
        let at = at.unwrap_or_else(|| self.last.as_ref().and_then(Frame::pts).map_or(0, |last| last + 3000));
        let steps = self.cadence.picture(at);
        let Some(repeats) = steps.len().checked_sub(1) else { return Ok(()) };
        // All but the last repeat what was shown before; before the first picture there is only itself.
        if self.last.is_none() {
            self.last = Some(self.normalised(frame)?);
        }
        self.show(&steps[..repeats])?;
        if repeats > 0 || self.last.as_ref().and_then(Frame::pts).is_some() {
            self.last = Some(self.normalised(frame)?);
        }
        self.show(&steps[repeats..])
    }

    fn end(&mut self, end: i64) -> Result<(), Trouble> {
        let steps = self.cadence.finish(end);
        self.show(&steps)?;
        self.fan.as_ref().map_or(Ok(()), |fan| fan.each(|_| Shown::End(end)))
    }

    fn show(&mut self, steps: &[Step]) -> Result<(), Trouble> {
        let (Some(last), Some(fan)) = (&mut self.last, &self.fan) else { return Ok(()) };
        for step in steps {
            last.set_pts(step.at);
            fan.each(|_| Shown::Picture { frame: last.share(), key: step.key })?;
        }
        Ok(())
    }

    fn normalised(&mut self, frame: &Frame) -> Result<Frame, Trouble> {
        let look = self.look(frame);
        if self.fan.is_none() {
            self.size = shown(look.coded, look.aspect, look.rotation);
            let rungs = ladder(self.size, &self.task.heights);
            let colours = Normal::colours(look, frame);
            self.fan = Some(Fan::open(self.scope, self.board, rungs, colours)?);
        }
        let top = self.fan.as_ref().map_or(self.size, |fan| fan.top);
        self.normal.frame(frame, look, top)
    }

    fn look(&self, frame: &Frame) -> Look {
        let (shape, colours) = (frame.shape(), frame.colours());
        let positive = |length: i32| u32::try_from(length).unwrap_or(0);
        let stated = |(num, den): (i32, i32)| num > 0 && den > 0;
        let tone = match colours.transfer {
            18 => Some(Tone::Hlg),
            16 => Some(Tone::Pq),
            _ => None,
        };
        Look {
            coded: Size::new(positive(shape.width), positive(shape.height)),
            aspect: if stated(self.stream.aspect) { self.stream.aspect } else { shape.aspect },
            rotation: self.stream.rotation,
            plain: shape.format == YUV420P && !colours.is_full(),
            rgb: colours.is_rgb(),
            tone: tone.filter(|_| has_filter("zscale") && has_filter("tonemap")),
        }
    }

    /// Lets the rungs end and collects them. None when there never was a picture.
    fn join(self) -> Result<Option<Pictures>, Trouble> {
        drop(self.last);
        let Some(fan) = self.fan else { return Ok(None) };
        let size = self.size;
        fan.join().map(|(rungs, stills)| Some(Pictures { rungs, size, stills }))
    }
}

/// The chain that brings pictures into one form, built anew when they change theirs.
#[derive(Default)]
struct Normal {
    built: Option<(Shape, Colours, Option<Graph>)>,
}

impl Normal {
    fn frame(&mut self, frame: &Frame, look: Look, top: Size) -> Result<Frame, Trouble> {
        let (shape, colours) = (frame.shape(), frame.colours());
        if self.built.as_ref().is_none_or(|(s, c, _)| (*s, *c) != (shape, colours)) {
            let graph = normalise(look, top).map(|chain| Graph::video(shape, &chain)).transpose()?;
            self.built = Some((shape, colours, graph));
        }
        let mut out = Frame::default();
        match &mut self.built {
            Some((_, _, Some(graph))) => {
                let mut input = frame.share();
                input.set_pts(0);
                graph.send(Some(&input))?;
                if !graph.receive(&mut out)? {
                    return Err(Trouble::Failed("a picture went into the filters and none came out".into()));
                }
                Ok(out.without_time())
            }
            _ => Ok(frame.share().without_time()),
        }
    }

    /// What the encoders are told of colours: those of the source, or the ordinary ones after they were changed.
    fn colours(look: Look, frame: &Frame) -> Colours {
        if look.tone.is_some() || look.rgb { Colours::ordinary() } else { frame.colours().limited() }
    }
}

/// The ways to the rungs and the stills.
struct Fan<'scope> {
    top: Size,
    ways: Vec<SyncSender<Shown>>,
    rungs: Vec<(Rung, ScopedJoinHandle<'scope, Result<Track, Trouble>>)>,
    stills: ScopedJoinHandle<'scope, Result<Stills, Trouble>>,
}

impl<'scope> Fan<'scope> {
    fn open(
        scope: &'scope Scope<'scope, '_>,
        board: &'scope Board,
        rungs: Vec<Rung>,
        colours: Colours,
    ) -> Result<Self, Trouble> {
        let top = rungs.first().map(|rung| rung.size).ok_or_else(|| Trouble::Failed("an empty ladder".into()))?;
        let mut ways = Vec::new();
        let mut running = Vec::new();
        for rung in rungs {
            let (to, from) = sync_channel(WAITING);
            ways.push(to);
            let own = rung.clone();
            let work = move || caught(board, || rung::run(board, &own, top, colours, &from));
            running.push((rung, scope.spawn(work)));
        }
        let (to, from) = sync_channel(WAITING);
        ways.push(to);
        let stills = scope.spawn(move || caught(board, || still::run(board, top, &from)));
        Ok(Self { top, ways, rungs: running, stills })
    }

    fn each(&self, shown: impl Fn(usize) -> Shown) -> Result<(), Trouble> {
        for (index, way) in self.ways.iter().enumerate() {
            way.send(shown(index)).map_err(|_| Trouble::Cancelled)?;
        }
        Ok(())
    }

    fn join(self) -> Result<(Vec<(Rung, Track)>, Stills), Trouble> {
        drop(self.ways);
        let gone = || Trouble::Failed("a thread broke down".into());
        let tracks: Vec<_> =
            self.rungs.into_iter().map(|(rung, way)| (rung, way.join().unwrap_or_else(|_| Err(gone())))).collect();
        let stills = self.stills.join().unwrap_or_else(|_| Err(gone()));
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
        let tracks = tracks.into_iter().map(|(rung, track)| Ok((rung, track?))).collect::<Result<_, Trouble>>()?;
        Ok((tracks, stills?))
    }
}

/// Runs a thread's work; when it has trouble of its own, the others stop too.
pub fn caught<T>(board: &Board, work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let done = work();
    if done.as_ref().is_err_and(|trouble| !matches!(trouble, Trouble::Cancelled)) {
        board.cancel();
    }
    done
}
