//! One rendition becomes segments: an mp4 muxer writes into memory, a fragment is closed where we say, and each becomes a file
//! with a name of its own, checked before it is told.
//!
//! The invariant: a playlist names only segments that lie whole in the folder.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::board::Board;
use super::ffi::{Muxer, Packet, Params, Ratio, StreamIo, TICKS, rescale};
use super::playlist::{self, Entry};
use super::report::{Event, FileKind};
use super::resume::Kept;
use super::source::milliseconds;
use super::trouble::Trouble;
use super::verify::Checker;

/// How the muxer must behave so that timestamps stay what they are and nothing is cut but by us.
const OPTIONS: [(&str, &str); 3] = [
    ("movflags", "frag_custom+empty_moov+default_base_moof+cmaf+skip_trailer+frag_discont"),
    ("use_editlist", "0"),
    ("avoid_negative_ts", "disabled"),
];

/// Where the muxer writes.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A finished rendition.
pub struct Track {
    /// Its name.
    pub name: String,
    /// Its init segment.
    pub init: String,
    /// Its playlist.
    pub playlist: String,
    /// Its segments.
    pub entries: Vec<Entry>,
    /// Number of pictures, or of pieces of sound.
    pub packets: u64,
    /// The codec's own header.
    pub header: Vec<u8>,
}

/// The name of a rendition's init segment.
#[must_use]
pub fn init_name(rendition: &str) -> String {
    format!("{rendition}-init.mp4")
}

/// The name of a rendition's segment.
#[must_use]
pub fn segment_name(rendition: &str, number: usize) -> String {
    format!("{rendition}-{number:05}.m4s")
}

fn muxer(params: &Params) -> Result<(Muxer, Sink), Trouble> {
    let sink = Sink::default();
    let io = StreamIo::from_write(sink.clone()).map_err(|e| Trouble::Failed(e.to_string()))?;
    Ok((Muxer::begin(io, "mp4", &[params], &OPTIONS)?, sink))
}

/// The init segment that an encoder's renditions begin with.
///
/// # Errors
/// When the muxer does not take the codec.
pub fn init(params: &Params) -> Result<Vec<u8>, Trouble> {
    muxer(params).map(|(_, sink)| sink.take())
}

/// A rendition on its way.
pub struct Segmenter<'a> {
    board: &'a Board,
    clock: Ratio,
    muxer: Muxer,
    sink: Sink,
    init: Vec<u8>,
    checker: Checker,
    held: Option<Packet>,
    begun: i64,
    count: u64,
    /// Segments before the first entry that are somebody else's.
    base: usize,
    track: Track,
}

impl<'a> Segmenter<'a> {
    /// Begins a rendition, or goes on with one that was kept: its init segment is written at once.
    ///
    /// # Errors
    /// When the muxer does not take the codec, or the disk not the file.
    pub fn begin(
        board: &'a Board,
        name: &str,
        params: &Params,
        pictures: bool,
        kept: Option<&Kept>,
    ) -> Result<Self, Trouble> {
        let (muxer, sink) = muxer(params)?;
        let clock = muxer.time_base(0);
        if (clock.num, clock.den) != (params.time_base.num, params.time_base.den) {
            return Err(Trouble::Failed(format!("the muxer counts in {}/{}", clock.num, clock.den)));
        }
        let init = sink.take();
        let track = Track {
            name: name.to_owned(),
            init: init_name(name),
            playlist: format!("{name}.m3u8"),
            entries: kept.map(|kept| kept.entries.clone()).unwrap_or_default(),
            packets: kept.map_or(0, |kept| kept.times.len() as u64),
            header: params.header(),
        };
        let checker = Checker::new(params, pictures)?;
        let base = kept.map_or(0, |kept| kept.base);
        let new = Self { board, clock, muxer, sink, init, checker, held: None, begun: 0, count: 0, base, track };
        new.open(kept)?;
        Ok(new)
    }

    fn open(&self, kept: Option<&Kept>) -> Result<(), Trouble> {
        let (board, track) = (self.board, &self.track);
        board.joins(&track.name, kept.map_or(0, |kept| milliseconds(rescale(kept.end, self.clock, TICKS))));
        board.shelf.begin(&track.name, &track.init);
        if kept.is_some() {
            board.keep(FileKind::Init, &track.init)?;
        } else {
            let bytes = board.write(FileKind::Init, &track.init, &self.init)?;
            let (rendition, name) = (track.name.clone(), track.init.clone());
            board.tell(&Event::Segment { rendition, name, duration_ms: 0, ticks: 0, frames: 0, bytes })?;
        }
        for entry in &track.entries {
            board.keep(FileKind::Segment, &entry.name)?;
            board.shelf.add(&track.name, &entry.name);
        }
        if track.entries.is_empty() { Ok(()) } else { board.begun(&track.name) }
    }

    /// What comes was not made here: nothing in it may be papered over.
    pub fn be_strict(&mut self) {
        self.checker.be_strict();
    }

    /// Takes the next packet; a segment begins with it when `cut`.
    ///
    /// # Errors
    /// When the segment before cannot be finished.
    pub fn packet(&mut self, packet: Packet, cut: bool) -> Result<(), Trouble> {
        let at = packet.pts().ok_or_else(|| Trouble::Failed("a packet without a time".into()))?;
        self.let_go(at)?;
        if cut && self.count > 0 {
            self.close(at, false)?;
        }
        self.held = Some(packet);
        Ok(())
    }

    /// Ends the rendition at that time of its own clock.
    ///
    /// # Errors
    /// When the last segment cannot be finished, or nothing ever came: the recording's fault.
    pub fn finish(mut self, end: i64) -> Result<Track, Trouble> {
        self.let_go(end)?;
        if self.count > 0 {
            self.close(end, true)?;
        } else if self.track.entries.is_empty() {
            // Pictures were decoded, but their times put every one of them outside of the recording.
            return Err(Trouble::damaged("nothing of it is shown"));
        } else {
            self.playlist(true)?;
        }
        self.board.shelf.end(&self.track.name, end);
        Ok(self.track)
    }

    /// The time of a packet's successor tells how long it lasts; encoders do not.
    fn let_go(&mut self, next: i64) -> Result<(), Trouble> {
        let Some(mut packet) = self.held.take() else { return Ok(()) };
        let at = packet.pts().unwrap_or(0);
        packet.set_times(at, (next - at).max(1));
        self.checker.packet(&packet)?;
        self.muxer.write(&packet, 0)?;
        if self.count == 0 {
            self.begun = at;
        }
        self.count += 1;
        self.track.packets += 1;
        Ok(())
    }

    fn close(&mut self, until: i64, ended: bool) -> Result<(), Trouble> {
        self.board.go_on()?;
        self.muxer.flush()?;
        let body = self.sink.take();
        let name = segment_name(&self.track.name, self.base + self.track.entries.len());
        self.checker.segment(&name, [&self.init, &body])?;
        let ticks = rescale((until - self.begun).max(1), self.clock, TICKS);
        let bytes = self.board.write(FileKind::Segment, &name, &body)?;
        self.board.tell(&Event::Segment {
            rendition: self.track.name.clone(),
            name: name.clone(),
            duration_ms: milliseconds(ticks),
            ticks,
            frames: std::mem::take(&mut self.count),
            bytes,
        })?;
        self.board.shelf.add(&self.track.name, &name);
        self.track.entries.push(Entry { name, duration: ticks, bytes });
        self.playlist(ended)?;
        if self.track.entries.len() == 1 {
            self.board.begun(&self.track.name)?;
        }
        self.board.reached(&self.track.name, milliseconds(rescale(until, self.clock, TICKS)))
    }

    fn playlist(&self, ended: bool) -> Result<(), Trouble> {
        let text = playlist::media(&self.track.init, &self.track.entries, ended, self.board.longest());
        self.board.playlist(FileKind::Playlist, &self.track.playlist, text, ended)
    }
}
