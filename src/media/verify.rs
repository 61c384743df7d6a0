//! Nothing is believed that has not been decoded again: a segment is opened with its own init segment and nothing else, every
//! packet decoded, and counts and times compared with what was meant.

use std::hash::Hasher;
use std::io::Cursor;

use super::ffi::{Decoder, Frame, Input, Packet, StreamIo};
use super::source::DECODERS;
use super::trouble::Trouble;

/// The largest picture we make ourselves.
const OUR_PIXELS: u64 = 1 << 23;

/// Decodes one segment (its init segment and its body) and compares the times of its pictures, or of its pieces of sound; the
/// bytes of its packets go into `digest`, to be known again elsewhere.
///
/// # Errors
/// When it cannot be decoded, or other times come out than were meant.
pub fn segment(
    name: &str,
    parts: [&[u8]; 2],
    meant: &[i64],
    pictures: bool,
    digest: &mut impl Hasher,
) -> Result<(), Trouble> {
    let wrong = |how: String| Trouble::Failed(format!("{name} does not play: {how}"));
    let mut input = open(parts.concat()).map_err(|e| wrong(e.to_string()))?;
    let params = input.params(0)?;
    let mut decoder = Decoder::open(&params, DECODERS, OUR_PIXELS, 1).map_err(|e| wrong(e.to_string()))?;
    decoder.skip_smoothing();
    let (mut packet, mut frame) = (Packet::default(), Frame::default());
    let (mut packets, mut frames) = (Vec::new(), Vec::new());
    loop {
        let more = input.read(&mut packet).map_err(|e| wrong(e.to_string()))?;
        if more {
            packets.push(packet.pts().unwrap_or(i64::MIN));
            digest.write(packet.data());
        }
        decoder.send(more.then_some(&packet)).map_err(|e| wrong(e.to_string()))?;
        while decoder.receive(&mut frame).map_err(|e| wrong(e.to_string()))? {
            frames.push(frame.time().unwrap_or(i64::MIN));
        }
        if !more {
            break;
        }
    }
    if packets != meant {
        return Err(wrong(format!(
            "{} packets came out, {} went in, or their times differ",
            packets.len(),
            meant.len()
        )));
    }
    // Sound decodes with a delay of its own; pictures must come out one for one, at their times.
    if (pictures && frames != meant) || (!pictures && frames.len() != meant.len()) {
        return Err(wrong(format!("{} frames came out of {}", frames.len(), meant.len())));
    }
    Ok(())
}

fn open(bytes: Vec<u8>) -> super::ffi::Result<Input> {
    Input::open(
        StreamIo::from_read_seek(Cursor::new(bytes)).map_err(|_| super::ffi::no_memory())?,
        "mov",
        DECODERS,
        OUR_PIXELS,
    )
}
