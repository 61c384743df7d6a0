//! What an earlier attempt at the same recording has left in the work folder, believed only as far as it fits: the same rungs, the
//! same init segments byte for byte, whole segments that follow one another. If anything differs, all of it is put aside.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::ffi::{Colours, Decoder, Frame, Input, Packet, Params, Ratio, StreamIo, TICKS, rescale};
use super::plan::Rung;
use super::playlist::Entry;
use super::report::{Made, Resume};
use super::segment::{init, init_name, segment_name};
use super::source::DECODERS;
use super::trouble::Trouble;
use super::verify::OUR_PIXELS;
use super::{rung, sound};

/// One rendition as far as it can be kept.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// So many segments before them are somebody else's.
    pub base: usize,
    /// Its segments.
    pub entries: Vec<Entry>,
    /// The times of all its packets, in its own clock.
    pub times: Vec<i64>,
    /// Where the last of them ends.
    pub end: i64,
}

/// Everything that is kept.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// By rendition; those without a segment are not there.
    pub kept: BTreeMap<String, Kept>,
    /// So many segments of every rung are there.
    pub from: usize,
    /// The times of the pictures in them.
    pub shown: Vec<i64>,
    /// Where they end, in ticks.
    pub begin: i64,
    /// How the pictures mean colours.
    pub colours: Colours,
}

/// How the rungs are made now.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// The work that a picture gets.
    pub effort: rung::Effort,
    /// How the top rung begins where it is the source's own picture.
    pub copied: Option<&'a Params>,
}

/// Looks at what was left. None when there is nothing to go on with, or when it does not fit.
#[must_use]
pub fn look(folder: &Path, resume: &Resume, rungs: &[Rung], has_sound: bool, way: Way<'_>) -> Option<Earlier> {
    let known = |name: &str| rungs.iter().any(|rung| rung.name == name) || (has_sound && name == sound::NAME);
    let mut kept = BTreeMap::new();
    for made in resume.renditions.iter().filter(|made| !made.segments.is_empty()) {
        if !known(&made.rendition) {
            return None;
        }
        let clock = if made.rendition == sound::NAME { sound::SAMPLES } else { TICKS };
        kept.insert(made.rendition.clone(), keep(folder, made, clock)?);
    }
    let top = kept.get(&rungs.first()?.name)?;
    // The lowest that is there: what was copied on top says of colours what its source does, which may be nothing.
    let lowest = rungs.iter().rev().find(|rung| kept.contains_key(&rung.name))?;
    let colours = colours(folder, &lowest.name)?;
    let same = kept.keys().all(|name| is_same_init(folder, name, rungs, colours, way).unwrap_or(false));
    let from = rungs.iter().map(|rung| kept.get(&rung.name).map_or(0, |kept| kept.entries.len())).min()?;
    let begin = top.entries.iter().take(from).map(|entry| entry.duration).sum();
    let shown = top.times.iter().copied().take_while(|at| *at < begin).collect();
    same.then_some(Earlier { kept, from, shown, begin, colours })
}

/// Reads a rendition's packets without decoding them (they were decoded before they were told of).
fn keep(folder: &Path, made: &Made, clock: Ratio) -> Option<Kept> {
    let name = &made.rendition;
    let named = made.segments.iter().enumerate().all(|(n, segment)| segment.name == segment_name(name, n));
    let is_there = |name: &str, bytes: u64| fs::File::open(folder.join(name)).is_ok_and(|file| has_size(&file, bytes));
    if made.init != init_name(name) || !named || !made.segments.iter().all(|one| is_there(&one.name, one.bytes)) {
        return None;
    }
    let names = std::iter::once(made.init.as_str()).chain(made.segments.iter().map(|segment| segment.name.as_str()));
    let mut input = open(folder, names).ok()?;
    let (mut packet, mut times, mut keys) = (Packet::default(), Vec::new(), Vec::new());
    while input.read(&mut packet).ok()? {
        times.push(packet.pts().filter(|at| times.last().is_none_or(|last| at > last))?);
        keys.push(packet.is_key());
    }
    let (mut first, mut end) = (0, 0);
    for segment in &made.segments {
        // Lengths are told in ticks, so those of sound are rounded: by less than one for each segment.
        if !*keys.get(first)? || rescale(times[first], clock, TICKS).abs_diff(end) > made.segments.len() as u64 {
            return None;
        }
        first += usize::try_from(segment.frames).ok()?;
        end += segment.ticks;
    }
    // The pieces of sound are all of one length.
    let end = if clock.den == TICKS.den { end } else { times.last()? + i64::from(sound::PIECE) };
    let entry =
        |one: &super::report::MadeSegment| Entry { name: one.name.clone(), duration: one.ticks, bytes: one.bytes };
    (first == times.len()).then(|| Kept { base: 0, entries: made.segments.iter().map(entry).collect(), times, end })
}

fn has_size(file: &File, bytes: u64) -> bool {
    file.metadata().is_ok_and(|about| about.is_file() && about.len() == bytes)
}

fn colours(folder: &Path, top: &str) -> Option<Colours> {
    Some(first_picture(folder, top, 0)?.colours().limited())
}

/// The first picture of a rung's segment.
#[must_use]
pub fn first_picture(folder: &Path, rung: &str, segment: usize) -> Option<Frame> {
    let (init, segment) = (init_name(rung), segment_name(rung, segment));
    let mut input = open(folder, [init.as_str(), segment.as_str()].into_iter()).ok()?;
    let mut decoder = Decoder::open(&input.params(0).ok()?, DECODERS, OUR_PIXELS, 1).ok()?;
    let (mut packet, mut frame) = (Packet::default(), Frame::default());
    if !input.read(&mut packet).ok()? {
        return None;
    }
    decoder.send(Some(&packet)).ok()?;
    decoder.send(None).ok()?;
    decoder.receive(&mut frame).ok()?.then_some(frame)
}

/// Whether the encoder, or the copy, would begin the rendition with the very bytes that lie there.
fn is_same_init(folder: &Path, name: &str, rungs: &[Rung], colours: Colours, way: Way<'_>) -> Result<bool, Trouble> {
    let found = fs::read(folder.join(init_name(name)))?;
    if let Some(params) = way.copied.filter(|_| rungs.first().is_some_and(|top| top.name == name)) {
        return Ok(found == init(params)?);
    }
    let encoder = match rungs.iter().find(|rung| rung.name == name) {
        Some(rung) => rung::encoder(rung, colours, way.effort)?,
        None => sound::encoder()?,
    };
    Ok(found == init(&encoder.params()?)?)
}

/// Opens files of the folder as if they were one.
///
/// # Errors
/// What the demuxer says.
pub fn open<'a>(folder: &Path, names: impl Iterator<Item = &'a str>) -> Result<Input, Trouble> {
    Ok(Input::open_ours(chained(folder, names)?, DECODERS)?)
}

/// What a muxer must know of a rendition: more than stands in its header, found by a look into its first segment.
///
/// # Errors
/// What the demuxer says.
pub fn params(folder: &Path, init: &str, first: &str) -> Result<Params, Trouble> {
    let io = chained(folder, [init, first].into_iter())?;
    Ok(Input::open(io, "mov", DECODERS, OUR_PIXELS)?.params(0)?)
}

fn chained<'a>(folder: &Path, names: impl Iterator<Item = &'a str>) -> Result<StreamIo, Trouble> {
    let chain = Chain { left: names.map(|name| folder.join(name)).collect(), current: None };
    StreamIo::from_read_with_capacity(chain, 1 << 18).map_err(|e| Trouble::Failed(e.to_string()))
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
