//! Pictures are decoded once, chosen, brought into one form and handed to every rung and to the stills. What the source changes
//! on its way (size, pixel shape, format) is settled here; behind it every picture has the top rung's size.

use std::thread::Scope;

use super::board::Board;
use super::cadence::{Cadence, SECOND, Step};
use super::child::Task;
use super::colour;
use super::fan::{Fan, Kind};
use super::ffi::{Colours, Decoder, Frame, Graph, Shape, StreamInfo, TICKS, YUV420P, has_alpha, has_filter, rescale};
use super::fields::Fields;
use super::part::{Part, Place};
use super::plan::{Look, Rung, Size, Tone, ladder, normalise, shown};
use super::queue::{From, Next};
use super::resume::Earlier;
use super::segment::Track;
use super::tone::Table;
use super::trouble::Trouble;

/// A word between the packets of the picture, in ticks from the beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// The next picture stands there, and the rung that is the source's own picture is cut before it.
    Cut(i64),
    /// The recording ends there.
    End(i64),
}

/// What came of the pictures: the rungs, top first, and the size at which the source is shown.
pub type Pictures = (Vec<(Rung, Track)>, Size);

/// The picture of a recording, and how to decode it.
pub struct Opened<'a> {
    /// What the container says of it.
    pub stream: StreamInfo,
    /// Its decoder.
    pub decoder: Decoder,
    /// The instant that becomes 0.
    pub origin: i64,
    /// What an earlier attempt has made.
    pub earlier: Option<&'a Earlier>,
    /// The size at which it is shown, as the container says.
    pub size: Size,
    /// The rung that is the source's own picture.
    pub copied: Option<Rung>,
    /// Where only a part of it is made.
    pub part: Option<Part>,
}

/// Decodes to the end and runs the rungs on threads of their own.
///
/// # Errors
/// The first trouble of any of them.
pub fn run<'scope>(
    scope: &'scope Scope<'scope, '_>,
    board: &'scope Board,
    task: &'scope Task,
    opened: Opened<'scope>,
    from: &From<Told>,
) -> Result<Pictures, Trouble> {
    let Opened { stream, mut decoder, origin, earlier, size, copied, part } = opened;
    let clock = stream.time_base;
    let shown = earlier.map_or(&[][..], |earlier| &earlier.shown);
    let mut work = Work {
        scope,
        board,
        task,
        stream,
        earlier,
        cadence: match (&copied, &part) {
            (None, Some(part)) => Cadence::new(task.max_fps).from(&part.begin),
            (Some(_), _) => Cadence::copied().after(shown),
            (None, None) => Cadence::new(task.max_fps).told(&task.cuts).after(shown),
        },
        copied,
        part,
        until: part.and_then(|part| part.end),
        finished: false,
        fields: Fields::default(),
        told: earlier.map(|earlier| earlier.colours),
        normal: Normal::default(),
        fan: None,
        last: None,
        before: None,
        size,
    };
    let mut frame = Frame::default();
    let (mut packets, mut errors) = (0_u64, 0_u64);
    let fed = 'feed: loop {
        let (packet, end) = match from.next() {
            Ok(Some(Next::Packet(packet))) => (Some(packet), None),
            Ok(Some(Next::Word(Told::Cut(at)))) => {
                work.cadence.cut(at);
                continue;
            }
            Ok(Some(Next::Word(Told::End(end)))) => (None, Some(end)),
            Ok(None) => break Err(Trouble::Cancelled),
            Err(trouble) => break Err(trouble),
        };
        packets += 1;
        errors += u64::from(decoder.send(packet.as_ref()).is_err());
        loop {
            match decoder.receive(&mut frame) {
                Ok(false) => break,
                Ok(true) => {
                    let at = frame.time().map(|time| rescale(time, clock, TICKS) - origin);
                    if let Err(trouble) = work.decoded(&frame, at) {
                        break 'feed Err(trouble);
                    }
                    if work.finished {
                        break 'feed Ok(());
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
    earlier: Option<&'scope Earlier>,
    cadence: Cadence,
    fields: Fields,
    /// What the encoders were told of colours.
    told: Option<Colours>,
    normal: Normal,
    fan: Option<Fan<'scope>>,
    last: Option<Frame>,
    /// When going on: the picture that an earlier attempt showed last, in case it is shown again.
    before: Option<Frame>,
    size: Size,
    copied: Option<Rung>,
    part: Option<Part>,
    /// Where the part that is made ends, if it ends before the recording does.
    until: Option<Place>,
    /// The part has come to its end.
    finished: bool,
}

impl Work<'_, '_> {
    fn decoded(&mut self, frame: &Frame, at: Option<i64>) -> Result<(), Trouble> {
        if self.part.is_some() && (frame.is_interlaced() || at.is_none()) {
            return Err(Trouble::Unfit("its pictures depend on what came long before".into()));
        }
        let whole = self.fields.picture(frame, at)?;
        whole.iter().try_for_each(|(frame, at)| self.picture(frame, *at))
    }

    fn picture(&mut self, frame: &Frame, at: Option<i64>) -> Result<(), Trouble> {
        self.board.go_on()?;
        // A picture without any time follows the one before at once; the first stands at the beginning.
        let at = at.unwrap_or_else(|| self.last.as_ref().and_then(Frame::pts).map_or(0, |last| last + 3000));
        if self.last.is_none() && self.cadence.last().is_some_and(|last| at <= last) {
            self.before = Some(frame.share());
            return Ok(());
        }
        if self.is_left_out(at) {
            return Ok(());
        }
        let steps = self.cadence.picture(at);
        let Some(repeats) = steps.len().checked_sub(1) else { return Ok(()) };
        // All but the last repeat what was shown before; before the first picture there is only itself.
        if self.last.is_none() {
            let before = self.before.take();
            self.last = Some(self.normalised(before.as_ref().unwrap_or(frame))?);
        }
        self.show(&steps[..repeats])?;
        if self.finished {
            return Ok(());
        }
        self.last = Some(self.normalised(frame)?);
        self.show(&steps[repeats..])
    }

    /// A machine for which even the cheapest settings are too slow shows every second picture, or every third.
    fn is_left_out(&self, at: i64) -> bool {
        let interval = SECOND / i64::from(self.task.max_fps.max(1));
        let one_of = self.fan.as_ref().map_or(1, Fan::one_of);
        one_of > 1 && self.cadence.last().is_some_and(|last| at < last + interval * (one_of * 2 - 1) / 2)
    }

    fn end(&mut self, end: i64) -> Result<(), Trouble> {
        let whole = self.fields.end()?;
        whole.iter().try_for_each(|(frame, at)| self.picture(frame, *at))?;
        if let (None, Some(before)) = (&self.last, self.before.take()) {
            self.last = Some(self.normalised(&before)?);
        }
        let steps = self.cadence.finish(end);
        self.show(&steps)?;
        match self.until {
            Some(_) if self.finished => return Ok(()),
            Some(_) => return Err(Trouble::Unfit("the recording ends before the part does".into())),
            None => {}
        }
        self.fan.as_ref().map_or(Ok(()), |fan| fan.end(end))
    }

    fn show(&mut self, steps: &[Step]) -> Result<(), Trouble> {
        let (Some(last), Some(fan)) = (&mut self.last, &mut self.fan) else { return Ok(()) };
        for step in steps {
            if step.key && self.until.is_some_and(|until| step.at >= until.at) {
                if self.until != self.cadence.place(step.at) {
                    return Err(Trouble::Unfit("the part does not end where the next one begins".into()));
                }
                self.finished = true;
                return fan.end(step.at);
            }
            last.set_pts(step.at);
            fan.show(last, step.key)?;
        }
        Ok(())
    }

    fn normalised(&mut self, frame: &Frame) -> Result<Frame, Trouble> {
        let shape = frame.shape();
        let positive = |length: i32| u32::try_from(length).unwrap_or(0);
        let coded = Size::new(positive(shape.width), positive(shape.height));
        let meant = colour::meant(frame.colours(), &self.stream.codec, coded);
        let tone = colour::tone(meant).filter(|_| has_filter("zscale") && has_filter("tonemap"));
        let told = *self.told.get_or_insert_with(|| colour::told(meant, tone));
        let look = self.look(shape, coded, meant, told, tone);
        if self.fan.is_none() {
            if self.earlier.is_none() {
                self.size = shown(look.coded, look.aspect, look.rotation);
            }
            let rungs = ladder(self.size, &self.task.heights);
            if self.copied.as_ref().is_some_and(|copied| rungs.first() != Some(copied)) {
                return Err(Trouble::Unfit("its pictures have another size than its parameter sets say".into()));
            }
            let kind = Kind {
                colours: told,
                max_fps: self.task.max_fps,
                copied: self.copied.is_some(),
                stills: self.part.is_none(),
            };
            self.fan = Some(Fan::open(self.scope, self.board, rungs, kind, self.earlier)?);
        }
        let top = self.fan.as_ref().map_or(self.size, Fan::top);
        let mut frame = self.normal.frame(frame, look, top)?;
        frame.set_colours(told);
        Ok(frame)
    }

    fn look(&self, shape: Shape, coded: Size, meant: Colours, told: Colours, tone: Option<Tone>) -> Look {
        let stated = |(num, den): (i32, i32)| num > 0 && den > 0;
        // The table makes the ordinary colours, and nothing else is told of pictures that begin with it.
        let matrices = if tone.is_some() { None } else { colour::matrices(meant, told) };
        Look {
            coded,
            aspect: if stated(self.stream.aspect) { self.stream.aspect } else { shape.aspect },
            rotation: self.stream.rotation,
            mirrored: self.stream.mirrored,
            plain: shape.format == YUV420P && !meant.is_full() && matrices.is_none() && tone.is_none(),
            rgb: meant.is_rgb(),
            alpha: has_alpha(shape.format),
            matrices,
            tone,
        }
    }

    /// Lets the rungs end and collects them. None when there never was a picture.
    fn join(self) -> Result<Option<Pictures>, Trouble> {
        drop(self.last);
        let Some(fan) = self.fan else { return Ok(None) };
        let size = self.size;
        fan.join().map(|rungs| Some((rungs, size)))
    }
}

/// The chain that brings pictures into one form, built anew when they change theirs.
#[derive(Default)]
struct Normal {
    built: Option<(Shape, Colours, Option<Graph>)>,
    table: Option<(Tone, Table)>,
}

impl Normal {
    fn frame(&mut self, frame: &Frame, look: Look, top: Size) -> Result<Frame, Trouble> {
        let (shape, colours) = (frame.shape(), frame.colours());
        if self.built.as_ref().is_none_or(|(s, c, _)| (*s, *c) != (shape, colours)) {
            let graph = normalise(look, top).map(|chain| Graph::video(shape, &chain)).transpose()?;
            self.built = Some((shape, colours, graph));
        }
        let Some((_, _, Some(graph))) = &mut self.built else { return Ok(frame.share().without_time()) };
        let mut input = frame.share();
        input.set_pts(0);
        graph.send(Some(&input))?;
        let mut out = Frame::default();
        if !graph.receive(&mut out)? {
            return Err(Trouble::Failed("a picture went into the filters and none came out".into()));
        }
        match look.tone {
            Some(tone) => Ok(self.table(tone)?.picture(&out)?.without_time()),
            None => Ok(out.without_time()),
        }
    }

    fn table(&mut self, tone: Tone) -> Result<&Table, Trouble> {
        if self.table.as_ref().is_none_or(|(made, _)| *made != tone) {
            self.table = None;
        }
        match &mut self.table {
            Some((_, table)) => Ok(table),
            none => Ok(&none.insert((tone, Table::ask(tone)?)).1),
        }
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
