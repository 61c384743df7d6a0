//! One picture as a JPEG.

use super::ffi::{Colours, Encoder, Frame, Graph, Packet, Picture, TICKS};
use super::plan::Size;
use super::trouble::Trouble;

/// A picture, scaled to that size, as a JPEG.
///
/// # Errors
/// What a filter or the encoder says.
pub fn encode(frame: &Frame, size: Size) -> Result<Vec<u8>, Trouble> {
    let chain = format!(
        "scale={}:{}:flags=bicubic:out_range=pc:out_color_matrix=bt601,format=yuvj420p,setsar=1",
        size.width, size.height
    );
    let mut graph = Graph::video(frame.shape(), &chain)?;
    graph.send(Some(frame))?;
    let mut still = Frame::default();
    if !graph.receive(&mut still)? {
        return Err(Trouble::Failed("no still came out of the filters".into()));
    }
    still.set_pts(0);
    still.set_key(true);
    // JFIF knows one matrix only, and whoever shows a JPEG takes that one whatever is written beside it.
    let colours = Colours { range: 2, matrix: 5, ..frame.colours() };
    let picture = Picture {
        width: size.width,
        height: size.height,
        format: "yuvj420p",
        colours: Some(colours),
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
