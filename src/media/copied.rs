//! The top rung where it is the source's own picture: the packets as they came, cut into segments where [`super::copy`] says, each
//! decoded once before it is told of, like everything else.
//!
//! The invariant: its packets are byte for byte the source's, in the form that MP4 gives them.

use super::avc;
use super::board::Board;
use super::copy::LONGEST_SECONDS;
use super::ffi::Params;
use super::picture::Told;
use super::plan::Rung;
use super::playlist::Variant;
use super::queue::{From, Next};
use super::report::Event;
use super::resume::Earlier;
use super::segment::{Segmenter, Track};
use super::trouble::Trouble;

/// What is copied, and into what.
pub struct Opened<'a> {
    /// How a muxer begins it.
    pub params: Params,
    /// The rung that it becomes.
    pub rung: Rung,
    /// The most bits a second that it may have.
    pub cap: u64,
    /// The most pictures a second.
    pub max_fps: u32,
    /// What an earlier attempt has made.
    pub earlier: Option<&'a Earlier>,
}

/// Copies to the end.
///
/// # Errors
/// [`Trouble::Unfit`] when a segment does not play as it is.
pub fn run(board: &Board, opened: Opened<'_>, from: &From<Told>) -> Result<(Rung, Track), Trouble> {
    let Opened { params, rung, cap, max_fps, earlier } = opened;
    let name = rung.name.clone();
    board.segments_may_last(LONGEST_SECONDS);
    board.tell(&Event::Copied { rendition: name.clone(), longest: LONGEST_SECONDS })?;
    board.shelf.top_is(&name);
    let codec = avc::codec_string(&params.header()).ok_or_else(|| Trouble::Unfit("no SPS".into()))?;
    let size = (rung.size.width, rung.size.height);
    let variant =
        Variant { playlist: format!("{name}.m3u8"), codec, size, average: u64::from(rung.max_rate), peak: cap };
    board.announce(board.announcement.copied(&name, variant, max_fps))?;
    let kept = earlier.and_then(|earlier| earlier.kept.get(&name));
    let mut segmenter = Segmenter::begin(board, &name, &params, true, kept)?;
    segmenter.be_strict();
    let there = kept.map_or(0, |kept| kept.end);
    let mut cut = false;
    loop {
        board.go_on()?;
        match from.next()?.ok_or(Trouble::Cancelled)? {
            Next::Word(Told::Cut(_)) => cut = true,
            Next::Word(Told::End(end)) => return Ok((rung, segmenter.finish(end).map_err(unfit)?)),
            Next::Packet(packet) => {
                let at = packet.pts().unwrap_or(0);
                board.pace.encoded(&name, at);
                if at >= there {
                    segmenter.packet(packet, std::mem::take(&mut cut)).map_err(unfit)?;
                }
            }
        }
    }
}

/// Whatever is wrong with a segment, it is wrong with the source.
fn unfit(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Failed(why) => Trouble::Unfit(why),
        other => other,
    }
}
