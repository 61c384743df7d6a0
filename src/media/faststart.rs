//! One MP4 for download, for cards and for players without HLS: the packets of the top rung's and the sound's segments, written while
//! the recording goes on. Room for the index is left in front; at the end only the index is missing.
//!
//! The invariant: every packet in it is, byte for byte, one that was decoded before its segment was told, and the index names
//! exactly those.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::board::Board;
use super::child::Task;
use super::ffi::{Indexed, Input, Muxer, Packet, Params, StreamIo, TICKS, rescale};
use super::report::{Event, FileKind};
use super::resume::{self, open};
use super::shelf::Found;
use super::sound;
use super::source::DECODERS;
use super::trouble::Trouble;

/// Its name.
pub const NAME: &str = "video.mp4";
const PART: &str = "video.part";

/// Writes the MP4 beside the renditions, to their end, and checks it.
///
/// # Errors
/// What the disk, the muxer or the check says.
pub fn run(board: &Board, task: &Task) -> Result<(), Trouble> {
    let top = board.shelf.top(board)?;
    let mut reels = vec![Reel::begin(board, &top)?.ok_or(Trouble::Cancelled)?];
    reels.extend(Reel::begin(board, sound::NAME)?);
    let path = board.folder().join(PART);
    let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
    let mut film = Film { board, muxer: muxer(&reels, file.try_clone()?, task)?, file };
    // Whichever has come less far is next: segments of pictures and of sound need not be equally long.
    let next = |reels: &[Reel]| {
        let open = reels.iter().enumerate().filter(|(_, reel)| !reel.ended);
        open.min_by_key(|(_, reel)| reel.until).map(|(stream, _)| stream)
    };
    while let Some(stream) = next(&reels) {
        film.append(&mut reels[stream], stream)?;
    }
    film.muxer.end()?;
    check(board, &film.file, &reels)?;
    let bytes = board.place(FileKind::Mp4, &board.folder().join(PART), NAME)?;
    board.tell(&Event::File { kind: FileKind::Mp4, name: NAME.to_owned(), bytes })
}

/// One of its streams.
struct Reel {
    name: String,
    init: String,
    params: Params,
    ended: bool,
    /// Number of the segment that is next, and where the one before ended, in ticks.
    number: usize,
    until: i64,
    /// The last packet that was read: the next one tells how long it lasts.
    held: Option<Packet>,
    /// Where each packet must lie.
    written: Vec<Indexed>,
}

impl Reel {
    fn begin(board: &Board, name: &str) -> Result<Option<Self>, Trouble> {
        let Some(init) = board.shelf.init(board, name)? else { return Ok(None) };
        let Found::Segment(first) = board.shelf.segment(board, name, 0)? else { return Ok(None) };
        let params = resume::params(board.folder(), &init, &first)?;
        Ok(Some(Self {
            name: name.to_owned(),
            init,
            params,
            ended: false,
            number: 0,
            until: 0,
            held: None,
            written: Vec::new(),
        }))
    }
}

fn muxer(reels: &[Reel], file: File, task: &Task) -> Result<Muxer, Trouble> {
    let io = StreamIo::from_write_seek_with_capacity(file, 1 << 18).map_err(|e| Trouble::Failed(e.to_string()))?;
    let streams: Vec<&Params> = reels.iter().map(|reel| &reel.params).collect();
    let room = room(task, reels.len() > 1).to_string();
    Ok(Muxer::begin(
        io,
        "mp4",
        &streams,
        &[("use_editlist", "0"), ("avoid_negative_ts", "disabled"), ("moov_size", &room)],
    )?)
}

/// The largest index that can come: sixteen bytes for each picture at most, four for each piece of sound, forty for each time the file
/// changes between both.
fn room(task: &Task, has_sound: bool) -> u64 {
    let seconds = (task.limit_ms + task.tolerance_ms) / 1000 + 3;
    let sound = if has_sound { 47 * 4 + 12 } else { 0 };
    4096 + seconds * (u64::from(task.max_fps + 1) * 16 + sound + 40)
}

struct Film<'a> {
    board: &'a Board,
    muxer: Muxer,
    file: File,
}

impl Film<'_> {
    /// Appends the next segment, waiting until it is there.
    fn append(&mut self, reel: &mut Reel, stream: usize) -> Result<(), Trouble> {
        let (begin, before) = (self.muxer.written()?, reel.written.len());
        let mut bytes = Vec::new();
        match self.board.shelf.segment(self.board, &reel.name, reel.number)? {
            Found::Segment(name) => {
                let mut input = open(self.board.folder(), [reel.init.as_str(), name.as_str()].into_iter())?;
                let mut packet = Packet::default();
                while input.read(&mut packet)? {
                    self.write(reel, stream, packet.dts().unwrap_or(0), &mut bytes)?;
                    reel.held = Some(std::mem::take(&mut packet));
                }
                reel.number += 1;
                let last = reel.held.as_ref().and_then(Packet::dts).unwrap_or(0);
                reel.until = rescale(last, reel.params.time_base, TICKS);
            }
            Found::End(end) => {
                reel.ended = true;
                self.write(reel, stream, end, &mut bytes)?;
            }
        }
        for packet in &mut reel.written[before..] {
            packet.place += begin.cast_signed();
        }
        // Read back: what lies in the file is what was decoded.
        let all = self.muxer.written()? == begin + bytes.len() as u64;
        let mut found = vec![0; bytes.len()];
        self.file.read_exact_at(&mut found, begin)?;
        if !all || found != bytes {
            return Err(Trouble::Failed(format!("{NAME} does not hold what was written")));
        }
        Ok(())
    }

    /// Writes the packet that was held back, which lasts until then.
    fn write(&mut self, reel: &mut Reel, stream: usize, until: i64, bytes: &mut Vec<u8>) -> Result<(), Trouble> {
        let Some(mut packet) = reel.held.take() else { return Ok(()) };
        let at = packet.dts().unwrap_or(0);
        packet.set_times(at, (until - at).max(1));
        let (place, size) = (bytes.len() as i64, packet.data().len() as i64);
        reel.written.push(Indexed { place, size, at, key: packet.is_key(), hidden: false });
        bytes.extend_from_slice(packet.data());
        Ok(self.muxer.write(&packet, stream)?)
    }
}

/// Opens the file from its front: its index must name the packets that were written, and no others.
fn check(board: &Board, file: &File, reels: &[Reel]) -> Result<(), Trouble> {
    let wrong = |how: &str| Trouble::Failed(format!("{NAME} does not play: {how}"));
    let file_again = File::open(board.folder().join(PART))?;
    let length = file.metadata()?.len();
    let io = StreamIo::from_read_seek(file_again).map_err(|e| Trouble::Failed(e.to_string()))?;
    let input = Input::open_ours(io, DECODERS)?;
    if input.streams().len() != reels.len() {
        return Err(wrong("a stream is missing"));
    }
    for (stream, reel) in reels.iter().enumerate() {
        let index = input.index(stream);
        let inside = reel.written.iter().all(|packet| (packet.place + packet.size).unsigned_abs() <= length);
        let same = index.len() == reel.written.len()
            && index.iter().zip(&reel.written).all(|(found, meant)| {
                (found.place, found.size, found.at) == (meant.place, meant.size, meant.at)
                    && (stream > 0 || found.key == meant.key)
            });
        if !same || !inside || reel.written.first().is_none_or(|first| first.at != 0) {
            return Err(wrong("its index does not name the packets of the segments"));
        }
    }
    Ok(())
}
