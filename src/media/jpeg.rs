//! One picture as a JPEG.

use super::ffi::{Colours, Encoder, Frame, Graph, Packet, Picture, TICKS};
use super::plan::Size;
use super::trouble::Trouble;

/// What a filter must do to a picture of any colours and range to make it one that [`pack`] takes: JFIF knows one matrix and full
/// range only, and whoever shows a JPEG takes those whatever is written beside it. Parameters of `scale`.
pub const COLOURS: &str = "out_range=pc:out_color_matrix=bt601";

/// A picture, scaled to that size, as a JPEG.
///
/// # Errors
/// What a filter or the encoder says.
pub fn encode(frame: &Frame, size: Size) -> Result<Vec<u8>, Trouble> {
    let chain = format!("scale={}:{}:flags=bicubic:{COLOURS},format=yuvj420p,setsar=1", size.width, size.height);
    let mut graph = Graph::video(frame.shape(), &chain)?;
    graph.send(Some(frame))?;
    let mut still = Frame::default();
    if !graph.receive(&mut still)? {
        return Err(Trouble::Failed("no still came out of the filters".into()));
    }
    pack(still, size)
}

/// A picture of that size whose numbers are those of a JPEG already ([`COLOURS`]).
///
/// # Errors
/// What the encoder says.
pub fn pack(mut still: Frame, size: Size) -> Result<Vec<u8>, Trouble> {
    still.set_pts(0);
    still.set_key(true);
    still.set_full_range();
    let picture = Picture {
        width: size.width,
        height: size.height,
        format: "yuvj420p",
        colours: Some(Colours { range: 2, matrix: 5, ..still.colours() }),
        time_base: TICKS,
    };
    let options = [("flags", "+qscale"), ("global_quality", "472"), ("threads", "1")];
    let mut encoder = Encoder::video("mjpeg", picture, &options)?;
    encoder.send(Some(&still))?;
    encoder.send(None)?;
    let mut packet = Packet::default();
    if !encoder.receive(&mut packet)? {
        return Err(Trouble::Failed("no still came out of the encoder".into()));
    }
    Ok(packet.data().to_vec())
}
