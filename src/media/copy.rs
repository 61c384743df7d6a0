//! Whether the source's own picture may be the top rendition without being encoded again, and where it is then cut. Asked twice: of
//! what the file says of itself before anything is decoded, and of every packet that really comes. Pure but for the parameters it
//! begins with.
//!
//! The invariant: what is let through can be cut into segments that each stand alone, last [`LONGEST`] at most, show their pictures in
//! the order in which they are coded, and stay under the cap.

use super::avc;
use super::cadence::{SECOND, SEGMENT};
use super::child::Task;
use super::ffi::{Indexed, Packet, Params, Ratio, TICKS, rescale};
use super::plan::{Rung, ladder};
use super::source::{Source, stated};
use super::sps::Sps;

/// A key picture that comes so long after the last cut is the next one.
const SHORTEST: i64 = SEGMENT - SECOND / 10;
/// The longest segment: key pictures four seconds apart, which tremble a little.
const LONGEST: i64 = 4 * SECOND + SECOND / 10;
/// The same in whole seconds, for the playlists.
pub const LONGEST_SECONDS: u32 = 4;
/// A picture that is copied may spend half as much again as one that is encoded here.
const MORE: (u64, u64) = (3, 2);

/// The form of its packets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// Each unit behind its length in four bytes, as in MP4.
    Lengths,
    /// Units behind start codes.
    StartCodes,
}

/// A picture that is being copied.
#[derive(Clone, Debug)]
pub struct Copying {
    rung: Rung,
    form: Form,
    sps: Sps,
    /// Every parameter set of the header: no other may come later.
    sets: Vec<Vec<u8>>,
    max_fps: u32,
    /// Where it must be cut, because viewers have seen it cut there.
    shown: Vec<i64>,
    clock: Clock,
    number: u32,
    trouble: Option<String>,
}

/// Where a packet of the copied picture belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// When it is shown.
    pub at: i64,
    /// Whether decoding can begin with it.
    pub key: bool,
    /// Whether a segment begins with it.
    pub cut: bool,
}

impl Copying {
    /// Looks at what the file says of itself.
    ///
    /// # Errors
    /// Why its picture must be encoded again, for the log.
    pub fn begin(source: &Source, task: &Task) -> Result<Self, String> {
        let info = &source.video.1;
        let rung = ladder(stated(source), &task.heights).into_iter().next().ok_or("an empty ladder")?;
        let params = source.input.params(source.video.0).map_err(|e| e.to_string())?;
        let turned = info.rotation != 0
            || info.mirrored
            || (info.aspect.0 != info.aspect.1 && info.aspect.0 > 0 && info.aspect.1 > 0);
        let too_many = i64::from(info.rate.0) * 100 > i64::from(info.rate.1.max(1)) * i64::from(task.max_fps) * 103;
        let what = [
            (info.codec != "h264", "it is not H.264"),
            (turned, "it must be turned or stretched"),
            (matches!(info.transfer, 16 | 18), "its brightness must be mapped"),
            (too_many, "it has too many pictures a second"),
        ];
        if let Some((_, why)) = what.into_iter().find(|(holds, _)| *holds) {
            return Err(why.into());
        }
        let (form, sps, sets) = header(&params.header()).ok_or("its parameter sets cannot be read")?;
        fits(&sps, &rung)?;
        let shown = task.cuts.iter().scan(0, |at, length| {
            *at += length;
            Some(*at)
        });
        let shown = shown.collect();
        let (max_fps, trouble) = (task.max_fps, None);
        let new = Self { rung, form, sps, sets, max_fps, shown, clock: Clock::default(), number: 0, trouble };
        if source.probe.container.contains("mov") {
            new.index(&source.input.index(source.video.0), info.time_base)?;
        }
        Ok(new)
    }

    /// The rung that it becomes.
    #[must_use]
    pub fn rung(&self) -> &Rung {
        &self.rung
    }

    /// What an encoder of the same rung would be allowed, and half of that.
    #[must_use]
    pub fn cap(&self) -> u64 {
        u64::from(self.rung.max_rate) * MORE.0 / MORE.1
    }

    /// Why it cannot be copied after all.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// An MP4 with its index in front names its packets before they come.
    fn index(&self, packets: &[Indexed], clock: Ratio) -> Result<(), String> {
        if packets.iter().any(|packet| packet.hidden) {
            return Err("an edit list hides a part of it".into());
        }
        let mut walk = Clock::default();
        let first = packets.first().map_or(0, |packet| packet.at);
        for packet in packets {
            let at = rescale(packet.at - first, clock, TICKS);
            walk.step(at, packet.key, packet.size.unsigned_abs(), self.bounds())?;
        }
        Ok(())
    }

    fn bounds(&self) -> (u64, u32) {
        (self.cap(), self.max_fps)
    }

    /// The next packet comes, to be shown at that time. None when it does not fit, which is said by [`Copying::trouble`].
    pub fn packet(&mut self, packet: &Packet, at: i64) -> Option<Place> {
        let placed = self.place(packet, at);
        placed.map_err(|why| self.trouble.get_or_insert(why)).ok()
    }

    fn place(&mut self, packet: &Packet, at: i64) -> Result<Place, String> {
        if let Some(why) = &self.trouble {
            return Err(why.clone());
        }
        if packet.is_hidden() || packet.is_corrupt() || packet.has_new_header() || packet.pts().is_none() {
            return Err("a packet is hidden, damaged, without a time or of another kind".into());
        }
        let first = self.clock.last.is_none();
        // Whatever comes first stands from the beginning, so that picture and sound start together.
        let at = if first { 0 } else { at };
        let key = self.look(packet.data(), first)?;
        let cut = self.clock.step(at, key, packet.data().len() as u64, self.bounds())?;
        if cut && self.clock.cuts > 0 && self.shown.get(self.clock.cuts - 1).is_some_and(|meant| *meant != at) {
            return Err("it was cut at other places before".into());
        }
        Ok(Place { at, key, cut })
    }

    /// Looks into a packet: whether decoding can begin with it.
    fn look(&mut self, data: &[u8], first: bool) -> Result<bool, String> {
        let mut slice = None;
        let whole = each(data, self.form, |unit| {
            match unit.first().map_or(0, |first| first & 0x1f) {
                7 | 8 if !self.sets.iter().any(|set| set == unit) => return Err("its parameter sets change"),
                2..=4 => return Err("its slices are parted"),
                1 | 5 => slice = Some(self.sps.slice(unit).ok_or("a slice cannot be read")?),
                _ => {}
            }
            Ok(slice.is_some())
        })?;
        let slice = slice.filter(|_| whole).ok_or("a packet without a picture")?;
        if first && !slice.idr {
            return Err("it does not begin with a key picture".into());
        }
        let next = (self.number + 1) % (1 << self.sps.number_bits);
        if !slice.idr && !self.sps.gaps && slice.number != self.number && slice.number != next {
            return Err("a picture is missing".into());
        }
        if slice.idr || slice.reference {
            self.number = slice.number;
        }
        Ok(slice.idr)
    }

    /// The recording ends there.
    pub fn end(&mut self, end: i64) {
        let left = end - self.clock.cut;
        if self.clock.last.is_some() && left > LONGEST {
            self.trouble.get_or_insert_with(|| "its last picture stands too long".into());
        }
        if let Err(why) = self.clock.close(end, self.bounds()) {
            self.trouble.get_or_insert(why);
        }
    }
}

fn fits(sps: &Sps, rung: &Rung) -> Result<(), String> {
    let what = [
        (matches!(sps.profile, 66 | 77 | 100), "its profile is not one that every browser plays"),
        (sps.plain, "it is not 4:2:0 with eight bits"),
        (sps.progressive, "it has fields"),
        (sps.square, "its pixels are not square"),
        (!sps.full_range, "it has the full range"),
        (sps.reorder.unwrap_or(0) == 0, "its pictures are coded in another order"),
        (sps.size == rung.size, "its size is not that of the top rung"),
    ];
    what.into_iter().find(|(holds, _)| !*holds).map_or(Ok(()), |(_, why)| Err(why.to_owned()))
}

/// The parameter sets of a codec's header, which must have one SPS.
fn header(header: &[u8]) -> Option<(Form, Sps, Vec<Vec<u8>>)> {
    let (form, sets) = match header {
        // Version 1, and lengths of four bytes.
        [1, _, _, _, lengths, ..] if lengths & 3 == 3 => (Form::Lengths, avc::stored_sets(header)?),
        // What begins with neither is not understood by the muxer.
        [0, 0, 1, ..] | [0, 0, 0, 1, ..] => (Form::StartCodes, avc::units(header)),
        _ => return None,
    };
    let sets: Vec<&[u8]> =
        sets.into_iter().filter(|unit| matches!(unit.first().map(|first| first & 0x1f), Some(7 | 8))).collect();
    let mut all = sets.iter().filter(|unit| unit[0] & 0x1f == 7);
    let sps = Sps::read(all.next()?)?;
    all.next().is_none().then(|| (form, sps, sets.iter().map(|set| set.to_vec()).collect()))
}

/// Shows each unit up to the first slice; false when the packet is not filled by its units.
fn each<'a>(
    data: &'a [u8],
    form: Form,
    mut show: impl FnMut(&'a [u8]) -> Result<bool, &'static str>,
) -> Result<bool, String> {
    match form {
        Form::Lengths => {
            let Some(units) = avc::measured_units(data) else { return Ok(false) };
            for unit in units {
                if show(unit)? {
                    break;
                }
            }
        }
        Form::StartCodes => {
            let mut rest = data;
            while let Some((unit, after)) = avc::next_unit(rest) {
                if show(unit)? {
                    break;
                }
                rest = after;
            }
        }
    }
    Ok(true)
}

/// What is counted from one cut to the next.
#[derive(Clone, Debug, Default)]
struct Clock {
    last: Option<i64>,
    cut: i64,
    /// Cuts after the beginning.
    cuts: usize,
    bytes: u64,
    pictures: u64,
}

impl Clock {
    /// A picture is shown at `at`; whether a segment begins with it.
    fn step(&mut self, at: i64, key: bool, bytes: u64, bounds: (u64, u32)) -> Result<bool, String> {
        if self.last.is_some_and(|last| at <= last) {
            return Err("its pictures are not coded in the order in which they are shown".into());
        }
        let cut = self.last.is_none() || (key && at - self.cut >= SHORTEST);
        if at - self.cut > LONGEST {
            return Err("its key pictures are too far apart".into());
        }
        if cut && self.last.is_some() {
            self.close(at, bounds)?;
            (self.cut, self.bytes, self.pictures) = (at, 0, 0);
            self.cuts += 1;
        }
        self.last = Some(at);
        self.bytes += bytes;
        self.pictures += 1;
        Ok(cut)
    }

    /// A segment ends at `until`: it must stay under the cap and have no more pictures than are shown elsewhere.
    fn close(&self, until: i64, (cap, max_fps): (u64, u32)) -> Result<(), String> {
        let length = (until - self.cut).max(1).unsigned_abs();
        let second = SECOND.unsigned_abs();
        // What is short may be mostly its key picture.
        if self.bytes.saturating_mul(8 * second) > cap.saturating_mul(length.max(SEGMENT.unsigned_abs())) {
            return Err("it has too many bits a second".into());
        }
        if self.pictures.saturating_mul(2 * second) > length * (2 * u64::from(max_fps) + 1) + 2 * second {
            return Err("it has too many pictures a second".into());
        }
        Ok(())
    }
}

/// The parameters with which a muxer copies it.
///
/// # Errors
/// When memory is short.
pub fn params(source: &Source) -> Result<Params, super::trouble::Trouble> {
    Ok(source.input.params(source.video.0)?.for_copy(TICKS))
}
