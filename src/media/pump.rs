//! Packets leave the container: measured, held against the limit, and handed to whoever decodes them. This is where a recording
//! that is too long is found out, long before it has been decoded.

use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::board::Board;
use super::cadence::SEGMENT;
use super::child::Task;
use super::copy::Copying;
use super::ffi::Packet;
use super::intake::Impatience;
use super::part::{BEYOND, is_never_shown};
use super::picture::Told;
use super::queue::To;
use super::sound::Heard;
use super::source::{Source, Span, Times};
use super::trouble::Trouble;

/// Packets that are held back until it is known where the recording begins, at most.
const HELD: usize = 512;
/// How long a recording that is too long is walked on at most, to tell how long it is.
const WALK: Duration = Duration::from_secs(20);
/// A file that is there already is walked much faster than this many times its own pace; after [`GLANCE`] at less, it is still being
/// sent, and its sender should be told to stop rather than asked for the rest.
const AT_HAND: u32 = 100;
/// How long it is walked on before that is judged.
const GLANCE: Duration = Duration::from_secs(1);

/// Where the packets go. Without receivers they are only measured.
pub struct Ways<'a> {
    /// To the pictures.
    pub video: Option<To<Told>>,
    /// To the rung that is the source's own picture.
    pub copy: Option<To<Told>>,
    /// Whether its packets fit to be copied. Where they go that way and do not, the work ends.
    pub copying: Option<&'a mut Copying>,
    /// To the sound.
    pub audio: Option<To<Heard>>,
    /// Told once, before the first packet: the instant that becomes 0, in ticks.
    pub origin: SyncSender<i64>,
    /// Pictures before this are there already, in ticks from the beginning: decoding begins at the last key picture before it.
    pub begin: i64,
    /// Pictures from this on are not needed; a few more go on their way, so that the one before is known to be the last.
    pub until: Option<i64>,
}

/// What a walk has seen.
pub struct Walked {
    /// From when to when the recording lasts.
    pub span: Span,
    /// The times of its pictures in ticks from the beginning, as they are stored; none when packets do not say them.
    pub times: Option<Vec<i64>>,
}

/// Walks a recording to its end.
///
/// # Errors
/// The refusal, or that a receiver has gone.
pub fn run(
    board: &Board,
    source: &mut Source,
    task: &Task,
    ways: Ways<'_>,
    impatience: &Impatience,
) -> Result<Walked, Trouble> {
    let (video, audio) = (source.video.0, source.audio.as_ref().map(|(index, _)| *index));
    let mut pump = Pump {
        board,
        task,
        // Tracks of Matroska lie side by side as they were recorded; in other containers sound may come much later.
        beside: source.probe.container.contains("matroska"),
        video: (video, Times::new(source.video.1.time_base)),
        audio: source.audio.as_ref().map(|(index, info)| (*index, Times::new(info.time_base))),
        ways: Some(ways),
        span: Span::default(),
        held: Vec::new(),
        group: Vec::new(),
        origin: None,
        seen: (false, audio.is_none()),
        sound_until: i64::MIN,
        pictures: 0,
        codec: source.video.1.codec.clone(),
        times: Some(Vec::new()),
        beyond: 0,
    };
    loop {
        board.go_on()?;
        let mut packet = Packet::default();
        match source.input.read(&mut packet) {
            Ok(true) => pump.packet(packet)?,
            Ok(false) => break,
            // What was read so far is a recording; a broken end makes it shorter.
            Err(_) if pump.pictures > 0 => break,
            Err(e) => return Err(Trouble::damaged(&format!("it cannot be read ({e})"))),
        }
        if pump.beyond >= BEYOND {
            return Ok(Walked { span: pump.span, times: None });
        }
        if pump.is_too_long() {
            pump.ways = None;
            impatience.begin();
            return Err(pump.measure_on(source));
        }
    }
    pump.end()
}

struct Pump<'a> {
    board: &'a Board,
    task: &'a Task,
    beside: bool,
    video: (usize, Times),
    audio: Option<(usize, Times)>,
    ways: Option<Ways<'a>>,
    span: Span,
    held: Vec<(Packet, bool, i64, i64)>,
    /// Pictures since the last key picture, as long as it is not known whether they are needed.
    group: Vec<(Option<Told>, Packet)>,
    origin: Option<i64>,
    /// Whether picture and sound have begun.
    seen: (bool, bool),
    sound_until: i64,
    pictures: u64,
    codec: String,
    times: Option<Vec<i64>>,
    /// Pictures that are not needed any more.
    beyond: usize,
}

impl Pump<'_> {
    /// From when to when, and whether it is a picture; none for packets of streams that are not read.
    fn place(&mut self, packet: &Packet) -> Option<(i64, i64, bool)> {
        let (start, end, is_video) = if packet.stream() == self.video.0 {
            let (start, end) = self.video.1.of(packet);
            (start, end, true)
        } else {
            let (index, times) = self.audio.as_mut()?;
            if packet.stream() != *index {
                return None;
            }
            let (start, end) = times.of(packet);
            (start, end, false)
        };
        self.span.add(start, end, packet.is_hidden());
        self.pictures += u64::from(is_video);
        Some((start, end, is_video))
    }

    fn packet(&mut self, packet: Packet) -> Result<(), Trouble> {
        let Some((start, end, is_video)) = self.place(&packet) else { return Ok(()) };
        if !packet.is_hidden() {
            if is_video { self.seen.0 = true } else { self.seen.1 = true }
        }
        if self.origin.is_some() {
            return self.hand(packet, is_video, start, end);
        }
        self.held.push((packet, is_video, start, end));
        if self.seen == (true, true) || self.held.len() >= HELD || self.span.length() > SEGMENT {
            self.begin()?;
        }
        Ok(())
    }

    /// It is known where the recording begins: what was held back goes on its way.
    fn begin(&mut self) -> Result<(), Trouble> {
        let origin = self.span.start().unwrap_or(0);
        self.origin = Some(origin);
        self.sound_until = origin;
        if let Some(ways) = &self.ways {
            ways.origin.send(origin).map_err(|_| Trouble::Cancelled)?;
        }
        for (packet, is_video, start, end) in std::mem::take(&mut self.held) {
            self.hand(packet, is_video, start, end)?;
        }
        Ok(())
    }

    /// Keeps a picture's time, from which all that comes out is foreseen.
    fn note(&mut self, packet: &Packet, at: i64) {
        if packet.pts().is_none() || packet.is_corrupt() {
            self.times = None;
        }
        if !is_never_shown(&self.codec, packet) {
            self.times.iter_mut().for_each(|times| times.push(at));
            let until = self.ways.as_ref().and_then(|ways| ways.until);
            self.beyond += usize::from(until.is_some_and(|until| at >= until));
        }
    }

    fn hand(&mut self, packet: Packet, is_video: bool, start: i64, end: i64) -> Result<(), Trouble> {
        let origin = self.origin.unwrap_or(0);
        if is_video && self.ways.is_some() {
            self.note(&packet, start - origin);
        }
        let Some(ways) = &mut self.ways else { return Ok(()) };
        if !is_video {
            self.sound_until = self.sound_until.max(end);
            return ways.audio.as_ref().map_or(Ok(()), |way| way.send(packet));
        }
        self.board.pace.arrived(end - origin);
        if self.beside && start - self.sound_until > 2 * SEGMENT {
            self.sound_until = start - SEGMENT;
            ways.audio.as_ref().map_or(Ok(()), |way| way.say(Heard::Silent(self.sound_until - origin)))?;
        }
        let told = copy(ways, &packet, start - origin)?;
        let Some(way) = &ways.video else { return Ok(()) };
        // A little more than a segment's slack: pictures may be stored in another order than they are shown.
        if start - origin < ways.begin - SEGMENT / 2 {
            if packet.is_key() {
                self.group.clear();
            }
            self.group.push((told, packet));
            return Ok(());
        }
        self.group.push((told, packet));
        self.group.drain(..).try_for_each(|(told, packet)| with(way, told, packet))
    }

    fn is_too_long(&self) -> bool {
        self.span.milliseconds() > self.task.limit_ms + self.task.tolerance_ms
    }

    /// The rest is only measured, as far as it is there already.
    fn measure_on(&mut self, source: &mut Source) -> Trouble {
        self.board.cancel();
        let (begun, from) = (Instant::now(), self.span.milliseconds());
        let mut packet = Packet::default();
        while matches!(source.input.read(&mut packet), Ok(true)) {
            self.place(&packet);
            let passed = begun.elapsed();
            let walked = Duration::from_millis(self.span.milliseconds().saturating_sub(from));
            if passed > WALK || (passed > GLANCE && walked < passed * AT_HAND) {
                break;
            }
        }
        Trouble::too_long(self.span.milliseconds(), self.task.limit_ms)
    }

    fn end(mut self) -> Result<Walked, Trouble> {
        if self.pictures == 0 {
            return Err(Trouble::damaged("there are no pictures in it"));
        }
        if self.span.hidden_ms() > self.task.limit_ms {
            return Err(Trouble::damaged("its edit list hides more than it shows"));
        }
        if self.span.length() == 0 && self.span.start().is_none() {
            return Err(Trouble::damaged("nothing of it is shown"));
        }
        if self.origin.is_none() {
            self.begin()?;
        }
        let length = self.span.length();
        if let Some(mut ways) = self.ways.take() {
            self.board.pace.ended();
            let group = std::mem::take(&mut self.group);
            let copied = end_copy(&mut ways, length);
            let sent = ways.video.map_or(Ok(()), |way| {
                group.into_iter().try_for_each(|(told, packet)| with(&way, told, packet))?;
                way.say(Told::End(length))
            });
            let heard = ways.audio.map_or(Ok(()), |way| way.say(Heard::End(length)));
            copied.and(sent).and(heard)?;
        }
        Ok(Walked { span: self.span, times: self.times })
    }
}

/// Sends a picture, and before it the word that a segment begins with it.
fn with(way: &To<Told>, told: Option<Told>, packet: Packet) -> Result<(), Trouble> {
    told.map_or(Ok(()), |told| way.say(told))?;
    way.send(packet)
}

/// A picture of the source goes to the rung that copies it, if there is one. Answers the word that a segment begins with it.
fn copy(ways: &mut Ways<'_>, packet: &Packet, at: i64) -> Result<Option<Told>, Trouble> {
    let Some(copying) = &mut ways.copying else { return Ok(None) };
    let placed = copying.packet(packet, at);
    let Some(way) = &ways.copy else { return Ok(None) };
    let place = placed.ok_or_else(|| unfit(copying))?;
    let told = place.cut.then_some(Told::Cut(place.at));
    let mut copied = packet.share()?;
    copied.set_times(place.at, packet.duration());
    copied.set_key(place.key);
    with(way, told, copied)?;
    Ok(told)
}

fn end_copy(ways: &mut Ways<'_>, length: i64) -> Result<(), Trouble> {
    let Some(copying) = &mut ways.copying else { return Ok(()) };
    copying.end(length);
    match &ways.copy {
        Some(_) if copying.trouble().is_some() => Err(unfit(copying)),
        Some(way) => way.say(Told::End(length)),
        None => Ok(()),
    }
}

fn unfit(copying: &Copying) -> Trouble {
    Trouble::Unfit(copying.trouble().unwrap_or("it does not fit").to_owned())
}
