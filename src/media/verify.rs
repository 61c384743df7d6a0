//! Nothing is believed that has not been decoded again. Packets are decoded as they come from the encoder, each segment by a
//! decoder that knows nothing of what was before; when the segment is closed, its file is opened with its own init segment
//! and nothing else, and must hold exactly those packets.

use std::io::Cursor;

use super::avc;
use super::ffi::{AvError, Decoder, Frame, Input, Packet, Params, StreamIo};
use super::source::DECODERS;
use super::trouble::Trouble;

/// The largest picture we make ourselves.
pub const OUR_PIXELS: u64 = 1 << 23;

/// Checks one rendition.
pub struct Checker {
    decoder: Decoder,
    header: Vec<u8>,
    pictures: bool,
    meant: Vec<i64>,
    shown: Vec<i64>,
    bytes: Vec<Vec<u8>>,
    strict: bool,
}

impl Checker {
    /// A checker for what that encoder makes.
    ///
    /// # Errors
    /// When there is no decoder for it.
    pub fn new(params: &Params, pictures: bool) -> Result<Self, Trouble> {
        let mut decoder = Decoder::open(params, DECODERS, OUR_PIXELS, 1)?;
        decoder.skip_smoothing();
        let header = params.header();
        Ok(Self { decoder, header, pictures, meant: Vec::new(), shown: Vec::new(), bytes: Vec::new(), strict: false })
    }

    /// What is checked was not made here: whatever the decoder had to guess is a fault.
    pub fn be_strict(&mut self) {
        self.decoder.be_strict();
        self.strict = true;
    }

    /// Decodes the next packet, whose times are final.
    ///
    /// # Errors
    /// When it cannot be decoded.
    pub fn packet(&mut self, packet: &Packet) -> Result<(), Trouble> {
        self.meant.push(packet.pts().unwrap_or(i64::MIN));
        self.bytes.push(packet.data().to_vec());
        self.decode(Some(packet)).map_err(|e| Trouble::Failed(format!("what was encoded cannot be decoded: {e}")))
    }

    fn decode(&mut self, packet: Option<&Packet>) -> Result<(), AvError> {
        self.decoder.send(packet)?;
        let mut frame = Frame::default();
        while self.decoder.receive(&mut frame)? {
            if self.strict && frame.is_broken() {
                return Err(super::ffi::guessed());
            }
            self.shown.push(frame.time().unwrap_or(i64::MIN));
        }
        Ok(())
    }

    /// A segment is complete: its init segment and its body. Answers the packets as they lie in it.
    ///
    /// # Errors
    /// When something else came out than went in.
    pub fn segment(&mut self, name: &str, parts: [&[u8]; 2]) -> Result<Vec<Packet>, Trouble> {
        let wrong = |how: String| Trouble::Failed(format!("{name} does not play: {how}"));
        self.decode(None).map_err(|e| wrong(e.to_string()))?;
        self.decoder.forget();
        let (meant, shown) = (std::mem::take(&mut self.meant), std::mem::take(&mut self.shown));
        let bytes = std::mem::take(&mut self.bytes);
        // Sound decodes with a delay of its own; pictures must come out one for one, at their times.
        if (self.pictures && shown != meant) || (!self.pictures && shown.len() != meant.len()) {
            return Err(wrong(format!("{} frames came out of {}", shown.len(), meant.len())));
        }
        let (header, packets) = read(parts.concat()).map_err(|e| wrong(e.to_string()))?;
        let times: Vec<i64> = packets.iter().map(|packet| packet.pts().unwrap_or(i64::MIN)).collect();
        if times != meant {
            return Err(wrong(format!("{} packets came out of {}, or their times differ", times.len(), meant.len())));
        }
        let same = packets.iter().zip(&bytes).all(|(packet, meant)| self.is_same(packet.data(), meant));
        if !same || !self.is_header(&header) {
            return Err(wrong("its bytes are not those that were decoded".into()));
        }
        Ok(packets)
    }

    fn is_same(&self, found: &[u8], meant: &[u8]) -> bool {
        // A picture of an MP4 is copied as it is.
        if self.pictures && self.header.first() != Some(&1) {
            avc::measured_units(found).is_some_and(|units| units == avc::units(meant))
        } else {
            found == meant
        }
    }

    /// The init segment holds the same parameter sets as the encoder's header, in its own form.
    fn is_header(&self, found: &[u8]) -> bool {
        if !self.pictures || self.header.first() == Some(&1) {
            return found == self.header;
        }
        // The form of MP4, in which the sets are.
        if found.first() != Some(&1) {
            return false;
        }
        avc::units(&self.header)
            .iter()
            .filter(|unit| matches!(unit.first().map(|first| first & 0x1f), Some(7 | 8)))
            .all(|unit| found.windows(unit.len()).any(|window| window == *unit))
    }
}

fn read(bytes: Vec<u8>) -> Result<(Vec<u8>, Vec<Packet>), AvError> {
    let io = StreamIo::from_read_seek(Cursor::new(bytes)).map_err(|_| super::ffi::no_memory())?;
    let mut input = Input::open_ours(io, DECODERS)?;
    let header = input.params(0)?.header();
    let mut packets = Vec::new();
    loop {
        let mut packet = Packet::default();
        if !input.read(&mut packet)? {
            return Ok((header, packets));
        }
        packets.push(packet);
    }
}
