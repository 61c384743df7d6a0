//! The storyboard: one small picture for each two seconds, all on one sheet, with an index in WebVTT that says which part of the sheet
//! belongs to which seconds. The seek bar of a player shows it.

use std::fmt::Write as _;

use super::cadence::SECOND;
use super::ffi::{Frame, Graph};
use super::jpeg;
use super::plan::{Size, fit};
use super::trouble::Trouble;

/// The box a picture must fit into.
const TILE: Size = Size::new(160, 160);
/// Pictures in a row.
const COLUMNS: usize = 10;

/// The pictures so far.
pub struct Storyboard {
    tile: Size,
    shrink: Option<Graph>,
    /// Each with its time.
    tiles: Vec<(i64, Frame)>,
}

impl Storyboard {
    /// A storyboard for pictures of that size.
    #[must_use]
    pub fn new(picture: Size) -> Self {
        Self { tile: fit(picture, TILE), shrink: None, tiles: Vec::new() }
    }

    /// The first picture of a segment.
    ///
    /// # Errors
    /// What the filter says.
    pub fn picture(&mut self, frame: &Frame, at: i64) -> Result<(), Trouble> {
        let graph = match &mut self.shrink {
            Some(graph) => graph,
            none => {
                // As the sheet has them, so that nothing but packing is left for the end.
                let Size { width, height } = self.tile;
                let chain = format!("scale={width}:{height}:flags=area:{},format=yuvj420p,setsar=1", jpeg::COLOURS);
                none.insert(Graph::video(frame.shape(), &chain)?)
            }
        };
        graph.send(Some(frame))?;
        let mut tile = Frame::default();
        if graph.receive(&mut tile)? {
            self.tiles.push((at, tile));
        }
        Ok(())
    }

    /// The sheet as a JPEG, and the index of a recording that ends there.
    ///
    /// # Errors
    /// What the encoder says.
    pub fn finish(self, end: i64) -> Result<(Vec<u8>, String), Trouble> {
        let columns = COLUMNS.min(self.tiles.len()).max(1);
        let rows = self.tiles.len().div_ceil(columns).max(1);
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let sheet = Size::new(self.tile.width * number(columns), self.tile.height * number(rows));
        let length = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
        let mut canvas = Frame::canvas(length(sheet.width), length(sheet.height))
            .ok_or_else(|| Trouble::Failed("no memory".into()))?;
        let mut index = String::from("WEBVTT\n");
        for (n, (at, tile)) in self.tiles.iter().enumerate() {
            let (left, top) = (number(n % columns) * self.tile.width, number(n / columns) * self.tile.height);
            canvas.paste(tile, length(left), length(top));
            let until = self.tiles.get(n + 1).map_or(end.max(at + SECOND / 1000), |(next, _)| *next);
            let Size { width, height } = self.tile;
            let _ = write!(
                index,
                "\n{} --> {}\nstoryboard.jpg#xywh={left},{top},{width},{height}\n",
                clock(*at),
                clock(until)
            );
        }
        Ok((jpeg::pack(canvas, sheet)?, index))
    }
}

fn clock(at: i64) -> String {
    let ms = super::source::milliseconds(at);
    format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::cadence::SEGMENT;

    #[test]
    fn each_picture_has_its_seconds_and_its_place() {
        let mut board = Storyboard::new(Size::new(1920, 1080));
        for n in 0..12 {
            board.picture(&Frame::canvas(480, 270).unwrap(), n * SEGMENT).unwrap();
        }
        let (sheet, index) = board.finish(23 * SECOND + 45_000).unwrap();
        assert!(sheet.starts_with(&[0xff, 0xd8, 0xff]));
        let cues: Vec<&str> = index.split("\n\n").skip(1).collect();
        assert_eq!(cues.len(), 12);
        assert_eq!(cues[0], "00:00:00.000 --> 00:00:02.000\nstoryboard.jpg#xywh=0,0,160,90");
        assert_eq!(cues[11], "00:00:22.000 --> 00:00:23.500\nstoryboard.jpg#xywh=160,90,160,90\n");
    }
}
