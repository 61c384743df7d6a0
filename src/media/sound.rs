//! Sound, on a thread of its own: decoded, brought to 48 kHz stereo on the recording's own time line (silence where there is
//! none), encoded as AAC and cut beside the pictures.
//!
//! The invariant: the sound that comes out begins at 0, has no holes, and ends with the recording.

use super::board::Board;
use super::cadence::{SECOND, SEGMENT};
use super::ffi::{Decoder, Encoder, Frame, Graph, Packet, Ratio, TICKS, rescale};
use super::level::Level;
use super::loudness::Loudness;
use super::queue::{From, Next};
use super::report::FileKind;
use super::resume::Kept;
use super::segment::{Segmenter, Track};
use super::steady::Steady;
use super::trouble::Trouble;
use super::volume::Volume;

/// Samples per second of the sound that comes out.
pub const RATE: u32 = 48_000;
/// The clock of the sound that comes out.
pub const SAMPLES: Ratio = Ratio { num: 1, den: RATE as i32 };
/// Samples in one AAC packet.
pub const PIECE: u32 = 1024;
/// Where a rendition goes on that was kept, the encoder begins so many pieces earlier, so that it hears what was before the seam as
/// the one that made the kept part did; what it makes of them is left out.
const RUN_UP: i64 = 24 * PIECE as i64;
/// How the resampler follows the times it is given, which are steady by then: a jump is filled with silence, or dropped; the rest is
/// caught up with by playing up to a hundredth faster or slower. `flags=res`: a resampler that is first made when it is needed
/// forgets the time.
const CLOCK: &str = "async=1:min_hard_comp=0.03:min_comp=0.002:comp_duration=1:max_soft_comp=0.01:flags=res";
/// Many channels become two so that their sum cannot pass full scale; the level is put right afterwards.
const MIX: &str = "rematrix_maxval=1";
/// The name of the one sound rendition.
pub const NAME: &str = "audio";
/// The codec string of AAC-LC.
pub const CODEC: &str = "mp4a.40.2";

/// What the thread is told between packets.
pub enum Heard {
    /// The pictures are that far, and no sound has come: it is silent up to there.
    Silent(i64),
    /// The recording ends there.
    End(i64),
}

/// The sound of a recording, as it comes in.
pub struct Incoming<'a> {
    /// Its decoder.
    pub decoder: Decoder,
    /// The clock of its packets.
    pub clock: Ratio,
    /// The instant that becomes 0, in ticks.
    pub origin: i64,
    /// What of the rendition is there already.
    pub kept: Option<&'a Kept>,
    /// What is done to its level.
    pub level: Option<Level>,
}

/// Runs the sound to its end; none when not one sample could be decoded. Answers how loud the encoder heard it, too.
///
/// # Errors
/// What the encoder, the muxer or the check of a segment says.
pub fn run(board: &Board, incoming: Incoming<'_>, from: &From<Heard>) -> Result<Option<(Track, Loudness)>, Trouble> {
    let Incoming { decoder, clock, origin, kept, level } = incoming;
    let mut decoded = Decoded { decoder, clock, origin, level, frame: Frame::default(), steady: Steady::default() };
    let mut line = if kept.is_some() { Some(Line::begin(board, kept, level)?) } else { None };
    while let Some(next) = from.next()? {
        board.go_on()?;
        match next {
            Next::Packet(packet) => decoded.packet(Some(&packet), board, &mut line)?,
            Next::Word(Heard::Silent(until)) => {
                decoded.rest(board, &mut line)?;
                match &mut line {
                    Some(line) => line.silent(until)?,
                    // Whoever watches now must not wait for sound that comes much later.
                    none => none.insert(Line::begin(board, None, level)?).fill(rescale(until, TICKS, SAMPLES))?,
                }
            }
            Next::Word(Heard::End(end)) => {
                decoded.packet(None, board, &mut line)?;
                decoded.rest(board, &mut line)?;
                return match line {
                    Some(line) => line.finish(end).map(Some),
                    None => Ok(None),
                };
            }
        }
    }
    Err(Trouble::Cancelled)
}

/// The encoder of the one sound rendition.
///
/// # Errors
/// When it is not built in.
pub fn encoder() -> Result<Encoder, Trouble> {
    Ok(Encoder::stereo("aac", RATE, &[("b", "128k")])?)
}

struct Decoded {
    decoder: Decoder,
    clock: Ratio,
    origin: i64,
    level: Option<Level>,
    frame: Frame,
    steady: Steady<Frame>,
}

impl Decoded {
    /// Damaged pieces of sound are passed over; the time line closes the hole.
    fn packet<'a>(
        &mut self,
        packet: Option<&Packet>,
        board: &'a Board,
        line: &mut Option<Line<'a>>,
    ) -> Result<(), Trouble> {
        if self.decoder.send(packet).is_err() {
            return Ok(());
        }
        while let Ok(true) = self.decoder.receive(&mut self.frame) {
            let at = self.frame.time().map(|time| rescale(time, self.clock, TICKS) - self.origin);
            let length = self.frame.samples() as f64 * SECOND as f64 / f64::from(self.frame.sound().1.max(1));
            self.steady.put(self.frame.share(), at, length);
            while let Some(placed) = self.steady.next() {
                self.place(placed, board, line)?;
            }
        }
        Ok(())
    }

    /// What was held back to see what follows.
    fn rest<'a>(&mut self, board: &'a Board, line: &mut Option<Line<'a>>) -> Result<(), Trouble> {
        while let Some(placed) = self.steady.rest() {
            self.place(placed, board, line)?;
        }
        Ok(())
    }

    fn place<'a>(
        &self,
        (mut frame, at): (Frame, i64),
        board: &'a Board,
        line: &mut Option<Line<'a>>,
    ) -> Result<(), Trouble> {
        frame.set_pts(at);
        match line {
            Some(line) => line.frame(&frame),
            none => none.insert(Line::begin(board, None, self.level)?).frame(&frame),
        }
    }
}

/// The time line of the sound that comes out.
struct Line<'a> {
    /// From the source's form onto the time line; built anew when the source changes its form.
    onto: Option<(Graph, (i32, i32, i32))>,
    /// From any lengths to pieces of the encoder's length.
    pieces: Option<Graph>,
    /// The last frame of the source, for silence like it.
    last: Option<Frame>,
    board: &'a Board,
    encoder: Encoder,
    segmenter: Segmenter<'a>,
    volume: Volume,
    /// Samples on the time line so far.
    samples: i64,
    /// Samples of which the level has been changed.
    cut: i64,
    /// Samples that went to the encoder, or belong to what is kept.
    encoded: i64,
    /// Where the kept part ends.
    kept: i64,
    next_cut: i64,
}

impl<'a> Line<'a> {
    fn begin(board: &'a Board, kept: Option<&Kept>, level: Option<Level>) -> Result<Self, Trouble> {
        let encoder = encoder()?;
        let segmenter = Segmenter::begin(board, NAME, &encoder.params()?, false, kept)?;
        let kept = kept.map_or(0, |kept| kept.end);
        let next_cut = if kept > 0 { kept } else { rescale(SEGMENT, TICKS, SAMPLES) };
        Ok(Self {
            onto: None,
            pieces: None,
            last: None,
            board,
            encoder,
            segmenter,
            volume: Volume::new(level),
            samples: 0,
            cut: 0,
            encoded: 0,
            kept,
            next_cut,
        })
    }

    fn frame(&mut self, frame: &Frame) -> Result<(), Trouble> {
        if self.onto.as_ref().is_none_or(|(_, form)| *form != frame.sound()) {
            self.change(frame)?;
        }
        self.last = Some(frame.share());
        if let Some((graph, _)) = &mut self.onto {
            graph.send(Some(frame))?;
        }
        self.pull()
    }

    /// The source's form is new: what the old chain still holds comes out, and a new one goes on where it ended.
    fn change(&mut self, like: &Frame) -> Result<(), Trouble> {
        self.drain()?;
        // The resampler counts its first sample in those of the source.
        let first = rescale(self.samples, SAMPLES, Ratio { num: 1, den: like.sound().1.max(1) });
        let chain = format!(
            "aresample={RATE}:{CLOCK}:{MIX}:first_pts={},aformat=sample_fmts=fltp:sample_rates={RATE}:channel_layouts=stereo",
            first
        );
        self.onto = Some((Graph::audio(like, &chain)?, like.sound()));
        Ok(())
    }

    fn drain(&mut self) -> Result<(), Trouble> {
        if let Some((graph, _)) = &mut self.onto {
            graph.send(None)?;
            self.pull()?;
        }
        self.onto = None;
        Ok(())
    }

    /// Short silence at the end of the quiet stretch: the resampler fills what lies before.
    fn silent(&mut self, until: i64) -> Result<(), Trouble> {
        let Some(last) = &self.last else { return self.fill(rescale(until, TICKS, SAMPLES)) };
        let at = until - SECOND / 50;
        if at <= rescale(self.samples, SAMPLES, TICKS) {
            return Ok(());
        }
        let silence =
            Frame::silence(last, last.sound().1 / 50, at).ok_or_else(|| Trouble::Failed("no memory".into()))?;
        if let Some((graph, _)) = &mut self.onto {
            graph.send(Some(&silence))?;
        }
        self.pull()
    }

    fn pull(&mut self) -> Result<(), Trouble> {
        let mut frame = Frame::default();
        loop {
            let Some((graph, _)) = &mut self.onto else { return Ok(()) };
            if !graph.receive(&mut frame)? {
                return Ok(());
            }
            self.append(&frame)?;
        }
    }

    fn append(&mut self, frame: &Frame) -> Result<(), Trouble> {
        self.samples += frame.samples();
        match self.volume.run(frame)? {
            Some(frame) => self.cut(frame),
            None => Ok(()),
        }
    }

    /// Cuts what the encoder shall hear into pieces of its length.
    fn cut(&mut self, mut frame: Frame) -> Result<(), Trouble> {
        frame.set_pts(rescale(self.cut, SAMPLES, TICKS));
        self.cut += frame.samples();
        let pieces = match &mut self.pieces {
            Some(pieces) => pieces,
            none => {
                let mut graph = Graph::audio(&frame, "anull")?;
                graph.set_samples(PIECE);
                none.insert(graph)
            }
        };
        pieces.send(Some(&frame))?;
        self.encode()
    }

    fn encode(&mut self) -> Result<(), Trouble> {
        let mut piece = Frame::default();
        while let Some(pieces) = &mut self.pieces {
            if !pieces.receive(&mut piece)? {
                break;
            }
            piece.set_pts(self.encoded);
            self.encoded += piece.samples();
            if self.encoded > self.kept - RUN_UP {
                self.encoder.send(Some(&piece))?;
                self.collect()?;
            }
        }
        Ok(())
    }

    fn collect(&mut self) -> Result<(), Trouble> {
        loop {
            let mut packet = Packet::default();
            if !self.encoder.receive(&mut packet)? {
                return Ok(());
            }
            let Some(at) = packet.pts().filter(|at| *at >= self.kept) else {
                // The encoder's run-up, before the beginning or the seam: leaving it out keeps the time line exact without an edit list.
                continue;
            };
            let cut = at >= self.next_cut;
            if cut {
                let segment = rescale(SEGMENT, TICKS, SAMPLES);
                self.next_cut = (at / segment + 1) * segment;
            }
            self.segmenter.packet(packet, cut)?;
        }
    }

    /// Silence up to that sample of the time line.
    fn fill(&mut self, until: i64) -> Result<(), Trouble> {
        while self.samples < until {
            let samples = (until - self.samples).min(i64::from(RATE));
            let silence = Frame::stereo_silence(i32::try_from(samples).unwrap_or(0), RATE as i32);
            self.append(&silence.ok_or_else(|| Trouble::Failed("no memory".into()))?)?;
        }
        Ok(())
    }

    /// Silence up to the end, and the rest of what the encoder holds.
    fn finish(mut self, end: i64) -> Result<(Track, Loudness), Trouble> {
        self.drain()?;
        let end = rescale(end, TICKS, SAMPLES);
        self.fill(end)?;
        if let Some(rest) = self.volume.rest()? {
            self.cut(rest)?;
        }
        if let Some(pieces) = &mut self.pieces {
            pieces.send(None)?;
        }
        self.encode()?;
        self.encoder.send(None)?;
        self.collect()?;
        let loudness = self.volume.loudness();
        self.board.publish(FileKind::Waveform, "waveform.json", &self.volume.waveform())?;
        Ok((self.segmenter.finish(end)?, loudness))
    }
}
