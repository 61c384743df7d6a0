//! One rung of the ladder: scale and encode at the key pictures it is told, on a thread of its own; cut into segments and checked on a
//! second one, so that the encoder of the top rung, which is the slowest of all, waits for nothing.
//!
//! A rung that was held back because the machine could not keep up is in `behind`.

mod behind;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope};

use super::avc;
use super::board::Board;
use super::ffi::{Colours, Encoder, Frame, Graph, Packet, Picture, TICKS, has_filter};
use super::picture::caught;
use super::plan::{Rung, Size};
use super::playlist::Variant;
use super::resume::Earlier;
use super::segment::{Segmenter, Track};
use super::transcode::broke_down;
use super::trouble::Trouble;

use behind::Gap;

/// How much work a picture gets. What reaches the parameter sets is the same in the first two, so that a rung may change between
/// them at any key picture; and the same in every process, so that another may go on with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// The ordinary settings.
    Full,
    /// The cheapest.
    Light,
    /// Nobody waits: fewer bytes for the same picture.
    Fine,
}

/// What a rung is told.
pub enum Shown {
    /// A picture of the top size, with its time; a segment begins with it when there is an effort for that.
    Picture {
        /// The picture.
        frame: Frame,
        /// The effort for the segment that begins with it.
        key: Option<Effort>,
    },
    /// The next segment and those after it are taken from the top rung.
    Away,
    /// Pictures come again, beginning with the segment of that number.
    Back(usize),
    /// The recording ends there.
    End(i64),
}

/// What all rungs of a recording share.
#[derive(Clone, Copy)]
pub struct Ladder<'a> {
    /// The board.
    pub board: &'a Board,
    /// The top rung.
    pub top: &'a Rung,
    /// How numbers mean colours.
    pub colours: Colours,
    /// What is there already.
    pub earlier: Option<&'a Earlier>,
}

/// Packets that wait to be cut and checked, at most: so few that no rung stores segments far ahead of another.
const WAITING: usize = 8;

/// What the encoder gives.
enum Coded {
    /// A packet; a segment begins with it when that is said.
    Packet(Packet, bool),
    /// The recording ends there.
    End(i64),
    /// What follows comes from there.
    Then(Receiver<Coded>),
}

/// Runs a rung to its end.
///
/// # Errors
/// What the encoder, the muxer or the check of a segment says.
pub fn run(ladder: Ladder<'_>, rung: &Rung, from: &Receiver<Shown>) -> Result<Track, Trouble> {
    let (to, packets) = sync_channel(WAITING);
    let (mut work, segmenter) = Work::begin(ladder, rung, to)?;
    thread::scope(|scope| {
        let cutting = scope.spawn(move || caught(ladder.board, || cut(segmenter, packets)));
        let encoded = work.run(scope, from);
        drop(work);
        match (encoded, cutting.join().unwrap_or_else(|_| Err(broke_down()))) {
            // Who only stopped because the other did has nothing to tell.
            (Ok(()) | Err(Trouble::Cancelled), cut) => cut,
            (Err(trouble), _) => Err(trouble),
        }
    })
}

/// Makes segments of what comes from the encoder.
fn cut(mut segmenter: Segmenter<'_>, mut packets: Receiver<Coded>) -> Result<Track, Trouble> {
    loop {
        match packets.recv().map_err(|_| Trouble::Cancelled)? {
            Coded::Packet(packet, cut) => segmenter.packet(packet, cut)?,
            Coded::End(end) => return segmenter.finish(end),
            Coded::Then(more) => packets = more,
        }
    }
}

struct Work<'a> {
    ladder: Ladder<'a>,
    rung: &'a Rung,
    encoder: Encoder,
    effort: Effort,
    /// Where its packets go.
    made: SyncSender<Coded>,
    scale: Option<Graph>,
    /// Number of the segment that the next key picture begins.
    next: usize,
    /// Segments that are there already.
    there: usize,
    any: bool,
    at: i64,
}

impl<'a> Work<'a> {
    fn begin(ladder: Ladder<'a>, rung: &'a Rung, made: SyncSender<Coded>) -> Result<(Self, Segmenter<'a>), Trouble> {
        let effort = ladder.board.pace.effort();
        let encoder = encoder(rung, ladder.colours, effort)?;
        let params = encoder.params()?;
        let codec = avc::codec_string(&params.header()).ok_or_else(|| Trouble::Failed("no SPS".into()))?;
        let (size, rate) = ((rung.size.width, rung.size.height), u64::from(rung.max_rate));
        let playlist = format!("{}.m3u8", rung.name);
        let variant = Variant { playlist, codec, size, average: rate, peak: rate };
        ladder.board.announce(ladder.board.announcement.variant(&rung.name, variant))?;
        let kept = ladder.earlier.and_then(|earlier| earlier.kept.get(&rung.name));
        let segmenter = Segmenter::begin(ladder.board, &rung.name, &params, true, kept)?;
        let new = Self {
            made,
            encoder,
            effort,
            scale: None,
            ladder,
            rung,
            next: ladder.earlier.map_or(0, |earlier| earlier.from),
            there: kept.map_or(0, |kept| kept.base + kept.entries.len()),
            any: false,
            at: 0,
        };
        Ok((new, segmenter))
    }

    fn run<'scope>(&mut self, scope: &'scope Scope<'scope, 'a>, from: &Receiver<Shown>) -> Result<(), Trouble> {
        let mut gap = Gap::none();
        match (self.follow_fan(scope, &mut gap, from), gap.close()) {
            // Who only stopped because the other did has nothing to tell.
            (Err(Trouble::Cancelled), Err(trouble)) => Err(trouble),
            (worked, closed) => worked.and(closed),
        }
    }

    fn follow_fan<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, 'a>,
        gap: &mut Gap<'scope>,
        from: &Receiver<Shown>,
    ) -> Result<(), Trouble> {
        while let Ok(shown) = from.recv() {
            self.ladder.board.go_on()?;
            let next = match shown {
                Shown::Away => self.behind(scope, gap, from)?,
                other => Some(other),
            };
            match next {
                Some(Shown::Picture { frame, key }) => {
                    self.picture(frame, key)?;
                    self.tell_pace();
                }
                Some(Shown::End(end)) => {
                    self.drain()?;
                    return self.say(Coded::End(end));
                }
                Some(Shown::Away | Shown::Back(_)) | None => {}
            }
        }
        Err(Trouble::Cancelled)
    }

    fn say(&self, made: Coded) -> Result<(), Trouble> {
        self.made.send(made).map_err(|_| Trouble::Cancelled)
    }

    fn picture(&mut self, frame: Frame, key: Option<Effort>) -> Result<(), Trouble> {
        if let Some(effort) = key {
            self.next += 1;
            if effort != self.effort {
                self.change(effort)?;
            }
        }
        self.at = frame.pts().unwrap_or(self.at);
        if self.next <= self.there {
            return Ok(());
        }
        let mut frame = self.scaled(frame)?;
        frame.set_key(key.is_some());
        self.encoder.send(Some(&frame))?;
        self.collect()
    }

    /// Another encoder takes over at a key picture: nothing is seen of it, for the parameter sets are the same.
    fn change(&mut self, effort: Effort) -> Result<(), Trouble> {
        let new = self.successor(effort)?;
        self.drain()?;
        (self.encoder, self.effort) = (new, effort);
        Ok(())
    }

    fn successor(&self, effort: Effort) -> Result<Encoder, Trouble> {
        let new = encoder(self.rung, self.ladder.colours, effort)?;
        if new.params()?.header() != self.encoder.params()?.header() {
            return Err(Trouble::Failed("two efforts differ in their parameter sets".into()));
        }
        Ok(new)
    }

    fn scaled(&mut self, frame: Frame) -> Result<Frame, Trouble> {
        let size = self.rung.size;
        if size == self.ladder.top.size {
            return Ok(frame);
        }
        let graph = match &mut self.scale {
            Some(graph) => graph,
            none => none.insert(Graph::video(frame.shape(), &scaling(size))?),
        };
        graph.send(Some(&frame))?;
        let mut scaled = Frame::default();
        if !graph.receive(&mut scaled)? {
            return Err(Trouble::Failed("a picture went into the scaler and none came out".into()));
        }
        Ok(scaled)
    }

    fn collect(&mut self) -> Result<(), Trouble> {
        loop {
            let mut packet = Packet::default();
            if !self.encoder.receive(&mut packet)? {
                return Ok(());
            }
            let cut = packet.is_key() && self.any;
            self.any = true;
            self.say(Coded::Packet(packet, cut))?;
        }
    }

    fn tell_pace(&self) {
        self.ladder.board.pace.encoded(&self.rung.name, self.at);
    }

    /// The encoder gives what it still holds, which may be all that it was ever given.
    fn drain(&mut self) -> Result<(), Trouble> {
        self.encoder.send(None)?;
        self.collect()
    }
}

/// The filters that make pictures so large. That of zimg takes a third of the time that libswscale does for the same curve, and less than
/// its quickest.
fn scaling(size: Size) -> String {
    let Size { width, height } = size;
    let scale = if has_filter("zscale") {
        format!("zscale=w={width}:h={height}:filter=bicubic:param_a=0:param_b=0.6")
    } else {
        format!("scale={width}:{height}:flags=bicubic")
    };
    scale + ",setsar=1"
}

/// One thread, no reordering, keys only where they are asked for: the rungs run beside each other already, and a rung that
/// holds no pictures back is finished with the last one.
///
/// # Errors
/// When the encoder is not there or does not take its options.
pub fn encoder(rung: &Rung, colours: Colours, effort: Effort) -> Result<Encoder, Trouble> {
    let picture = Picture {
        width: rung.size.width,
        height: rung.size.height,
        format: "yuv420p",
        colours: Some(colours),
        time_base: TICKS,
    };
    let (max_rate, buffer) = (rung.max_rate.to_string(), (rung.max_rate * 2).to_string());
    // What the parameter sets tell stands in the third column, so that it is the same wherever the preset would differ.
    let (preset, crf, params) = match effort {
        Effort::Full => ("superfast", "23", "stitchable=1:ref=1:cabac=1:8x8dct=1:weightp=1"),
        Effort::Light => ("ultrafast", "23", "stitchable=1:ref=1:cabac=1:8x8dct=1:weightp=1"),
        // Measured: docs/decisions/0015.
        Effort::Fine => ("fast", "24", "stitchable=1:ref=2:cabac=1:8x8dct=1:weightp=1:psy=0"),
    };
    Ok(Encoder::video(
        "libx264",
        picture,
        &[
            ("preset", preset),
            ("crf", crf),
            ("maxrate", &max_rate),
            ("bufsize", &buffer),
            ("threads", "1"),
            ("bf", "0"),
            ("g", "100000"),
            ("keyint_min", "1"),
            ("sc_threshold", "0"),
            ("forced-idr", "1"),
            ("x264-params", params),
        ],
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effort_begins_with_the_same_bytes() {
        for size in [Size::new(1920, 1080), Size::new(854, 480), Size::new(202, 360), Size::new(64, 64)] {
            let rung = Rung { name: "x".into(), size, max_rate: 1_000_000 };
            let header = |effort| encoder(&rung, Colours::ordinary(), effort).unwrap().params().unwrap().header();
            // The version of x264 stands beside the parameter sets, with all settings; it never reaches a segment's header.
            let sets = |header: &[u8]| -> Vec<Vec<u8>> {
                avc::units(header)
                    .into_iter()
                    .filter(|unit| matches!(unit[0] & 0x1f, 7 | 8))
                    .map(<[u8]>::to_vec)
                    .collect()
            };
            let (full, light) = (header(Effort::Full), header(Effort::Light));
            assert_eq!(sets(&full), sets(&light), "{size:?}");
            assert_eq!(sets(&full).len(), 2);
            assert_eq!(header(Effort::Fine), header(Effort::Fine), "{size:?}");
        }
    }
}
