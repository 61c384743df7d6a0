//! One rendition becomes segments: an mp4 muxer writes into memory, a fragment is closed where we say, and each becomes a file
//! with a name of its own, checked by decoding before it is told.
//!
//! The invariant: a playlist names only segments that lie whole in the folder.

use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::board::Board;
use super::ffi::{Muxer, Packet, Params, Ratio, StreamIo, TICKS, rescale};
use super::playlist::{self, Entry};
use super::report::{Event, FileKind};
use super::source::milliseconds;
use super::trouble::Trouble;
use super::verify;

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
    /// A sum over the bytes of all packets, to know them again in the MP4.
    pub digest: u64,
    /// When it ends, in its own clock.
    pub end: i64,
    /// The codec's own header.
    pub header: Vec<u8>,
}

/// A rendition on its way.
pub struct Segmenter<'a> {
    board: &'a Board,
    pictures: bool,
    clock: Ratio,
    muxer: Muxer,
    sink: Sink,
    init: Vec<u8>,
    held: Option<Packet>,
    begun: i64,
    times: Vec<i64>,
    digest: DefaultHasher,
    track: Track,
}

impl<'a> Segmenter<'a> {
    /// Begins a rendition: its init segment is written at once.
    ///
    /// # Errors
    /// When the muxer does not take the codec, or the disk not the file.
    pub fn begin(board: &'a Board, name: &str, params: &Params, pictures: bool) -> Result<Self, Trouble> {
        let sink = Sink::default();
        let io = StreamIo::from_write(sink.clone()).map_err(|e| Trouble::Failed(e.to_string()))?;
        let muxer = Muxer::begin(io, "mp4", &[params], &OPTIONS)?;
        let clock = muxer.time_base(0);
        if (clock.num, clock.den) != (params.time_base.num, params.time_base.den) {
            return Err(Trouble::Failed(format!("the muxer counts in {}/{}", clock.num, clock.den)));
        }
        let init = sink.take();
        let track = Track {
            name: name.to_owned(),
            init: format!("{name}-init.mp4"),
            playlist: format!("{name}.m3u8"),
            entries: Vec::new(),
            packets: 0,
            digest: 0,
            end: 0,
            header: params.header(),
        };
        board.joins(name);
        let bytes = board.write(FileKind::Init, &track.init, &init)?;
        board.tell(&Event::Segment {
            rendition: name.to_owned(),
            name: track.init.clone(),
            duration_ms: 0,
            ticks: 0,
            frames: 0,
            bytes,
        })?;
        let (held, times) = (None, Vec::new());
        Ok(Self {
            board,
            pictures,
            clock,
            muxer,
            sink,
            init,
            held,
            begun: 0,
            times,
            digest: DefaultHasher::new(),
            track,
        })
    }

    /// Takes the next packet; a segment begins with it when `cut`.
    ///
    /// # Errors
    /// When the segment before cannot be finished.
    pub fn packet(&mut self, packet: Packet, cut: bool) -> Result<(), Trouble> {
        let at = packet.pts().ok_or_else(|| Trouble::Failed("a packet without a time".into()))?;
        self.let_go(at)?;
        if cut && !self.times.is_empty() {
            self.close(at, false)?;
        }
        self.held = Some(packet);
        Ok(())
    }

    /// Ends the rendition at that time of its own clock.
    ///
    /// # Errors
    /// When the last segment cannot be finished, or nothing ever came.
    pub fn finish(mut self, end: i64) -> Result<Track, Trouble> {
        self.let_go(end)?;
        if self.times.is_empty() {
            return Err(Trouble::Failed(format!("nothing came out for {}", self.track.name)));
        }
        self.close(end, true)?;
        self.track.digest = self.digest.finish();
        self.track.end = end;
        Ok(self.track)
    }

    /// The time of a packet's successor tells how long it lasts; encoders do not.
    fn let_go(&mut self, next: i64) -> Result<(), Trouble> {
        let Some(mut packet) = self.held.take() else { return Ok(()) };
        let at = packet.pts().unwrap_or(0);
        packet.set_times(at, (next - at).max(1));
        self.muxer.write(&packet, 0)?;
        if self.times.is_empty() {
            self.begun = at;
        }
        self.times.push(at);
        self.track.packets += 1;
        Ok(())
    }

    fn close(&mut self, until: i64, ended: bool) -> Result<(), Trouble> {
        self.board.go_on()?;
        self.muxer.flush()?;
        let body = self.sink.take();
        let name = format!("{}-{:05}.m4s", self.track.name, self.track.entries.len());
        verify::segment(&name, [&self.init, &body], &self.times, self.pictures, &mut self.digest)?;
        let duration = rescale((until - self.begun).max(1), self.clock, TICKS);
        let bytes = self.board.write(FileKind::Segment, &name, &body)?;
        self.board.tell(&Event::Segment {
            rendition: self.track.name.clone(),
            name: name.clone(),
            duration_ms: milliseconds(duration),
            ticks: duration,
            frames: self.times.len() as u64,
            bytes,
        })?;
        self.times.clear();
        self.track.entries.push(Entry { name, duration, bytes });
        let text = playlist::media(&self.track.init, &self.track.entries, ended);
        self.board.playlist(FileKind::Playlist, &self.track.playlist, text, ended)?;
        self.board.reached(&self.track.name, milliseconds(rescale(until, self.clock, TICKS)))
    }
}
