//! How loud the encoded sound is: its segments are decoded as they become finished, by a thread of its own, and measured. What the
//! encoder was given and what a listener gets differ most in the peaks.

use super::board::Board;
use super::ffi::{Decoder, Frame, Packet};
use super::loudness::{Loudness, Meter};
use super::resume::open;
use super::shelf::Found;
use super::sound;
use super::source::DECODERS;
use super::trouble::Trouble;
use super::verify::OUR_PIXELS;

/// Follows the sound's segments to their end and measures them.
///
/// # Errors
/// What the demuxer or the decoder says; that the work was cancelled.
pub fn run(board: &Board) -> Result<Loudness, Trouble> {
    let mut meter = Meter::default();
    let Some(init) = board.shelf.init(board, sound::NAME)? else { return Ok(Loudness::default()) };
    let mut decoder: Option<Decoder> = None;
    for number in 0.. {
        let Found::Segment(name) = board.shelf.segment(board, sound::NAME, number)? else { break };
        let mut input = open(board.folder(), [init.as_str(), name.as_str()].into_iter())?;
        let decoder = match &mut decoder {
            Some(decoder) => decoder,
            none => none.insert(Decoder::open(&input.params(0)?, DECODERS, OUR_PIXELS, 1)?),
        };
        let mut packet = Packet::default();
        while input.read(&mut packet)? {
            decode(decoder, Some(&packet), &mut meter)?;
        }
    }
    if let Some(mut decoder) = decoder {
        decode(&mut decoder, None, &mut meter)?;
    }
    Ok(meter.loudness())
}

fn decode(decoder: &mut Decoder, packet: Option<&Packet>, meter: &mut Meter) -> Result<(), Trouble> {
    let mut frame = Frame::default();
    decoder.send(packet)?;
    while decoder.receive(&mut frame)? {
        meter.hear(frame.channel(0), frame.channel(1));
    }
    Ok(())
}
