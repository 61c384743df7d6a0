//! Pictures that stand still: the poster, and small ones spread over the whole recording for the preview. They are chosen while
//! the recording passes by, so that nothing has to be decoded again at the end.

use std::sync::mpsc::Receiver;

use super::board::Board;
use super::cadence::SECOND;
use super::ffi::{Colours, Encoder, Frame, Graph, Packet, Picture, Plane, TICKS};
use super::plan::{Size, fit};
use super::rung::Shown;
use super::trouble::Trouble;

/// Width of the poster, at most.
const POSTER_WIDTH: u32 = 1280;
/// Width of the preview, at most.
pub const PREVIEW_WIDTH: u32 = 480;
/// Small pictures that are kept, at most; when there are more, every second one goes.
const KEPT: usize = 48;

/// What was chosen.
pub struct Stills {
    /// The poster, as a JPEG.
    pub poster: Vec<u8>,
    /// Which of the small pictures is the poster's.
    pub best: usize,
    /// Small pictures in order of time, evenly spread.
    pub small: Vec<Frame>,
}

/// Looks at the pictures that pass by, to the end.
///
/// # Errors
/// What a filter or the encoder says.
pub fn run(board: &Board, top: Size, from: &Receiver<Shown>) -> Result<Stills, Trouble> {
    let small = fit(top, Size::new(PREVIEW_WIDTH, top.height));
    let mut choice = Choice { step: SECOND / 8, due: 0, small: Vec::new(), best: None };
    let mut shrink: Option<Graph> = None;
    while let Ok(shown) = from.recv() {
        board.go_on()?;
        match shown {
            Shown::Picture { frame, .. } => {
                if frame.pts().is_none_or(|at| at < choice.due) {
                    continue;
                }
                let graph = match &mut shrink {
                    Some(graph) => graph,
                    none => {
                        let chain = format!("scale={}:{}:flags=area,setsar=1", small.width, small.height);
                        none.insert(Graph::video(frame.shape(), &chain)?)
                    }
                };
                graph.send(Some(&frame))?;
                let mut little = Frame::default();
                if graph.receive(&mut little)? {
                    choice.consider(frame, little);
                }
            }
            Shown::End(_) => return choice.finish(top),
        }
    }
    Err(Trouble::Cancelled)
}

struct Choice {
    step: i64,
    due: i64,
    small: Vec<Frame>,
    best: Option<Best>,
}

struct Best {
    score: f64,
    at: i64,
    frame: Frame,
}

impl Choice {
    fn consider(&mut self, frame: Frame, little: Frame) {
        let at = little.pts().unwrap_or(self.due);
        self.due = at + self.step;
        let score = little.luma().map_or(0.0, |plane| score(&plane));
        // A later picture must be clearly better: the beginning says what a recording is about.
        if self.best.as_ref().is_none_or(|best| score > best.score * 1.2 + 0.5) {
            self.best = Some(Best { score, at, frame });
        }
        self.small.push(little);
        if self.small.len() > KEPT {
            let mut nth = 0;
            self.small.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
            self.step *= 2;
        }
    }

    fn finish(self, top: Size) -> Result<Stills, Trouble> {
        let best = self.best.ok_or(Trouble::Cancelled)?;
        let size = fit(top, Size::new(POSTER_WIDTH, top.height));
        let near = |frame: &Frame| (frame.pts().unwrap_or(0) - best.at).abs();
        let index = (0..self.small.len()).min_by_key(|index| near(&self.small[*index])).unwrap_or(0);
        Ok(Stills { poster: jpeg(&best.frame, size)?, best: index, small: self.small })
    }
}

/// How much there is to see: the spread of brightness, less for pictures that are nearly black or nearly white.
fn score(plane: &Plane<'_>) -> f64 {
    let rows = plane.data.chunks(plane.stride).take(plane.height).map(|row| &row[..plane.width.min(row.len())]);
    let (mut count, mut sum, mut squares) = (0_u64, 0_u64, 0_u64);
    for value in rows.flatten().map(|byte| u64::from(*byte)) {
        (count, sum, squares) = (count + 1, sum + value, squares + value * value);
    }
    if count == 0 {
        return 0.0;
    }
    let mean = sum as f64 / count as f64;
    let spread = (squares as f64 / count as f64 - mean * mean).max(0.0).sqrt();
    // A text on white paper is a good picture, a fade from black is not.
    let light = ((mean - 16.0) / 24.0).clamp(0.0, 1.0);
    spread.min(70.0) * light
}

fn jpeg(frame: &Frame, size: Size) -> Result<Vec<u8>, Trouble> {
    let chain = format!("scale={}:{}:flags=bicubic:out_range=pc,format=yuvj420p,setsar=1", size.width, size.height);
    let mut graph = Graph::video(frame.shape(), &chain)?;
    graph.send(Some(frame))?;
    let mut still = Frame::default();
    if !graph.receive(&mut still)? {
        return Err(Trouble::Failed("no poster came out of the filters".into()));
    }
    still.set_pts(0);
    let colours = Colours { range: 2, ..Colours::ordinary() };
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
        return Err(Trouble::Failed("no poster came out of the encoder".into()));
    }
    Ok(packet.data().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(data: &[u8]) -> f64 {
        score(&Plane { data, stride: 4, width: 4, height: data.len() / 4 })
    }

    #[test]
    fn a_picture_with_something_on_it_beats_black_white_and_grey() {
        let text = of(&[235, 16, 235, 235, 16, 235, 235, 235]);
        assert!(text > 2.0 * of(&[16, 16, 16, 16, 16, 17, 16, 16]));
        assert!(text > of(&[235; 8]) && text > of(&[128; 8]));
        assert!(text > of(&[16, 16, 40, 16, 16, 16, 16, 16]), "a fade from black");
    }
}
