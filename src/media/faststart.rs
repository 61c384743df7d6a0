//! One MP4 for download, for cards and for players without HLS: copied from the segments, index in front. The length of the
//! index is found by a first pass into nothing; then the room for it is left in front.
//!
//! The invariant: every packet in it is, byte for byte, one that was decoded when its segment was checked.

use std::collections::VecDeque;
use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::board::Board;
use super::ffi::{Input, Muxer, Packet, Params, StreamIo, TICKS, rescale};
use super::report::FileKind;
use super::segment::Track;
use super::source::DECODERS;
use super::trouble::Trouble;

/// Its name.
pub const NAME: &str = "video.mp4";

/// Writes the MP4 from a picture rendition and the sound, and checks it by reading it again.
///
/// # Errors
/// What the disk, the muxer or the check says.
pub fn write(board: &Board, video: &Track, audio: Option<&Track>) -> Result<(), Trouble> {
    let tracks: Vec<&Track> = std::iter::once(video).chain(audio).collect();
    let counted = Counting::default();
    copy(board, &tracks, counted.clone(), &[])?;
    let index = counted.index().ok_or_else(|| Trouble::Failed("the index of the MP4 was not found".into()))?;
    let part = board.folder().join("video.part");
    let file = File::options().read(true).write(true).create(true).truncate(true).open(&part)?;
    // What is left of the room becomes an empty box, which needs eight bytes of its own.
    let room = (index + 8).to_string();
    copy(board, &tracks, BufWriter::with_capacity(1 << 20, file), &[("moov_size", &room)])?;
    check(&part, &tracks)?;
    let bytes = board.place(FileKind::Mp4, &part, NAME)?;
    board.tell(&super::report::Event::File { kind: FileKind::Mp4, name: NAME.to_owned(), bytes })
}

fn copy(
    board: &Board,
    tracks: &[&Track],
    to: impl Write + Seek + Send + 'static,
    options: &[(&str, &str)],
) -> Result<(), Trouble> {
    let mut inputs = tracks.iter().map(|track| open(board.folder(), track)).collect::<Result<Vec<_>, _>>()?;
    let params = inputs.iter().map(|input| input.params(0)).collect::<Result<Vec<Params>, _>>()?;
    let streams: Vec<&Params> = params.iter().collect();
    let io = StreamIo::from_write_seek_with_capacity(to, 1 << 18).map_err(|e| Trouble::Failed(e.to_string()))?;
    let all: Vec<_> =
        [("use_editlist", "0"), ("avoid_negative_ts", "disabled")].iter().chain(options).copied().collect();
    let mut muxer = Muxer::begin(io, "mp4", &streams, &all)?;
    let mut heads = Vec::new();
    for input in &mut inputs {
        heads.push(next(input)?);
    }
    // Always the packet that is due first, so that a player finds picture and sound side by side.
    while let Some(stream) = earliest(&heads, &params) {
        let following = next(&mut inputs[stream])?;
        if let Some(mut packet) = std::mem::replace(&mut heads[stream], following) {
            let at = packet.dts().unwrap_or(0);
            let until = heads[stream].as_ref().and_then(Packet::dts).unwrap_or(tracks[stream].end);
            packet.set_times(at, (until - at).max(1));
            muxer.write(&packet, stream)?;
        }
    }
    Ok(muxer.end()?)
}

fn next(input: &mut Input) -> Result<Option<Packet>, Trouble> {
    let mut packet = Packet::default();
    Ok(input.read(&mut packet)?.then_some(packet))
}

fn earliest(heads: &[Option<Packet>], params: &[Params]) -> Option<usize> {
    let due = |index: usize| {
        let packet = heads[index].as_ref()?;
        Some(rescale(packet.dts().unwrap_or(0), params[index].time_base, TICKS))
    };
    (0..heads.len()).filter_map(|index| due(index).map(|at| (at, index))).min().map(|(_, index)| index)
}

fn open(folder: &Path, track: &Track) -> Result<Input, Trouble> {
    let names = std::iter::once(&track.init).chain(track.entries.iter().map(|entry| &entry.name));
    let chain = Chain { left: names.map(|name| folder.join(name)).collect(), current: None };
    let io = StreamIo::from_read_with_capacity(chain, 1 << 18).map_err(|e| Trouble::Failed(e.to_string()))?;
    Ok(Input::open(io, "mov", DECODERS, 1 << 23)?)
}

/// Files, one after the other.
struct Chain {
    left: VecDeque<PathBuf>,
    current: Option<File>,
}

impl Read for Chain {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(file) = &mut self.current {
                match file.read(into)? {
                    0 => self.current = None,
                    n => return Ok(n),
                }
            }
            match self.left.pop_front() {
                Some(path) => self.current = Some(File::open(path)?),
                None => return Ok(0),
            }
        }
    }
}

/// Reads the MP4 again: the same packets, as many, at the same times, with the same bytes as in the segments.
fn check(path: &Path, tracks: &[&Track]) -> Result<(), Trouble> {
    let wrong = |how: &str| Trouble::Failed(format!("{NAME} does not play: {how}"));
    let io = StreamIo::from_read_seek(BufReader::with_capacity(1 << 18, File::open(path)?))
        .map_err(|e| Trouble::Failed(e.to_string()))?;
    let mut input = Input::open(io, "mov", DECODERS, 1 << 23)?;
    if input.streams().len() != tracks.len() {
        return Err(wrong("a stream is missing"));
    }
    let mut found: Vec<(u64, DefaultHasher)> = tracks.iter().map(|_| (0, DefaultHasher::new())).collect();
    let mut packet = Packet::default();
    while input.read(&mut packet)? {
        let Some((count, digest)) = found.get_mut(packet.stream()) else { continue };
        if *count == 0 && packet.pts() != Some(0) {
            return Err(wrong("it does not begin at its beginning"));
        }
        *count += 1;
        digest.write(packet.data());
    }
    let same = found
        .iter()
        .zip(tracks)
        .all(|((count, digest), track)| *count == track.packets && digest.finish() == track.digest);
    if same { Ok(()) } else { Err(wrong("its packets are not those of the segments")) }
}

/// A sink that keeps nothing but the length of the index.
#[derive(Clone, Default)]
struct Counting(Arc<Counts>);

#[derive(Default)]
struct Counts {
    at: AtomicU64,
    length: AtomicU64,
    index: AtomicU64,
}

impl Counting {
    fn index(&self) -> Option<u64> {
        Some(self.0.index.load(Ordering::Relaxed)).filter(|length| *length > 0)
    }
}

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let at = self.0.at.load(Ordering::Relaxed);
        // The index is written in one piece at the end; its head passes by here.
        if let [a, b, c, d, b'm', b'o', b'o', b'v', ..] = bytes
            && at == self.0.length.load(Ordering::Relaxed)
        {
            self.0.index.store(u64::from(u32::from_be_bytes([*a, *b, *c, *d])), Ordering::Relaxed);
        }
        let at = at + bytes.len() as u64;
        self.0.at.store(at, Ordering::Relaxed);
        self.0.length.fetch_max(at, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Counting {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.0.at.load(Ordering::Relaxed).saturating_add_signed(by),
            SeekFrom::End(by) => self.0.length.load(Ordering::Relaxed).saturating_add_signed(by),
        };
        self.0.at.store(at, Ordering::Relaxed);
        Ok(at)
    }
}
