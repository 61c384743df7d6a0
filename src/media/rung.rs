//! One rung of the ladder, on a thread of its own: scale, encode, cut into segments at the key pictures it is told.

use std::sync::mpsc::Receiver;

use super::avc;
use super::board::Board;
use super::ffi::{Colours, Encoder, Frame, Graph, Packet, Picture, TICKS};
use super::plan::{Rung, Size};
use super::segment::{Segmenter, Track};
use super::trouble::Trouble;

/// What a rung is told.
pub enum Shown {
    /// A picture of the top size, with its time; a segment begins with it when `key`.
    Picture {
        /// The picture.
        frame: Frame,
        /// Whether a segment begins with it.
        key: bool,
    },
    /// The recording ends there.
    End(i64),
}

/// Runs a rung to its end.
///
/// # Errors
/// What the encoder, the muxer or the check of a segment says.
pub fn run(board: &Board, rung: &Rung, top: Size, colours: Colours, from: &Receiver<Shown>) -> Result<Track, Trouble> {
    let mut encoder = encoder(rung, colours)?;
    let mut work = Work {
        segmenter: Segmenter::begin(board, &rung.name, &encoder.params()?, true)?,
        scale: None,
        rung,
        top,
        any: false,
    };
    if avc::codec_string(&encoder.params()?.header()).is_none() {
        return Err(Trouble::Failed("the encoder wrote no SPS".into()));
    }
    while let Ok(shown) = from.recv() {
        board.go_on()?;
        match shown {
            Shown::Picture { frame, key } => {
                let mut frame = work.scaled(frame)?;
                frame.set_key(key);
                encoder.send(Some(&frame))?;
                work.collect(&mut encoder)?;
            }
            Shown::End(end) => {
                encoder.send(None)?;
                work.collect(&mut encoder)?;
                return work.segmenter.finish(end);
            }
        }
    }
    Err(Trouble::Cancelled)
}

struct Work<'a> {
    segmenter: Segmenter<'a>,
    scale: Option<Graph>,
    rung: &'a Rung,
    top: Size,
    any: bool,
}

impl Work<'_> {
    fn scaled(&mut self, frame: Frame) -> Result<Frame, Trouble> {
        let size = self.rung.size;
        if size == self.top {
            return Ok(frame);
        }
        let chain = || format!("scale={}:{}:flags=bicubic,setsar=1", size.width, size.height);
        let graph = match &mut self.scale {
            Some(graph) => graph,
            none => none.insert(Graph::video(frame.shape(), &chain())?),
        };
        graph.send(Some(&frame))?;
        let mut scaled = Frame::default();
        if !graph.receive(&mut scaled)? {
            return Err(Trouble::Failed("a picture went into the scaler and none came out".into()));
        }
        Ok(scaled)
    }

    fn collect(&mut self, encoder: &mut Encoder) -> Result<(), Trouble> {
        loop {
            let mut packet = Packet::default();
            if !encoder.receive(&mut packet)? {
                return Ok(());
            }
            let cut = packet.is_key() && self.any;
            self.any = true;
            self.segmenter.packet(packet, cut)?;
        }
    }
}

/// One thread, no reordering, keys only where they are asked for: the rungs run beside each other already, and a rung that
/// holds no pictures back is finished with the last one.
fn encoder(rung: &Rung, colours: Colours) -> Result<Encoder, Trouble> {
    let picture = Picture {
        width: rung.size.width,
        height: rung.size.height,
        format: "yuv420p",
        colours: Some(colours),
        time_base: TICKS,
    };
    let (max_rate, buffer) = (rung.max_rate.to_string(), (rung.max_rate * 2).to_string());
    Ok(Encoder::video(
        "libx264",
        picture,
        &[
            ("preset", "superfast"),
            ("crf", "23"),
            ("maxrate", &max_rate),
            ("bufsize", &buffer),
            ("threads", "1"),
            ("bf", "0"),
            ("g", "100000"),
            ("keyint_min", "1"),
            ("sc_threshold", "0"),
            ("forced-idr", "1"),
        ],
    )?)
}
