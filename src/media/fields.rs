//! Pictures that were recorded as two fields, one after the other, become whole ones. Pictures that are whole pass as they are, and
//! until the first other one comes nothing is held back.
//!
//! Invariant: as many pictures come out as go in, in the same order, each with its own time.

use std::collections::VecDeque;

use super::ffi::{Frame, Graph, Shape};
use super::trouble::Trouble;

/// One picture for each that goes in; those that are whole are left alone.
const CHAIN: &str = "bwdif=mode=send_frame:parity=auto:deint=interlaced";

/// A picture and its time, if it has one.
pub type Timed = (Frame, Option<i64>);

/// The pictures that wait for the one after them.
#[derive(Default)]
pub struct Fields {
    graph: Option<(Shape, Graph)>,
    waiting: VecDeque<Option<i64>>,
    sent: i64,
}

impl Fields {
    /// The next picture goes in; those that are finished come out.
    ///
    /// # Errors
    /// What the filter says.
    pub fn picture(&mut self, frame: &Frame, at: Option<i64>) -> Result<Vec<Timed>, Trouble> {
        if self.graph.is_none() && !frame.is_interlaced() {
            return Ok(vec![(frame.share(), at)]);
        }
        let mut out = Vec::new();
        if self.graph.as_ref().is_some_and(|(shape, _)| *shape != frame.shape()) {
            out = self.end()?;
            if !frame.is_interlaced() {
                out.push((frame.share(), at));
                return Ok(out);
            }
        }
        let (_, graph) = match &mut self.graph {
            Some(graph) => graph,
            none => none.insert((frame.shape(), Graph::video(frame.shape(), CHAIN)?)),
        };
        let mut input = frame.share();
        self.sent += 1;
        input.set_pts(self.sent);
        graph.send(Some(&input))?;
        self.waiting.push_back(at);
        Self::collect(graph, &mut self.waiting, &mut out)?;
        Ok(out)
    }

    /// No more come: those that waited come out.
    ///
    /// # Errors
    /// What the filter says.
    pub fn end(&mut self) -> Result<Vec<Timed>, Trouble> {
        let mut out = Vec::new();
        if let Some((_, mut graph)) = self.graph.take() {
            graph.send(None)?;
            Self::collect(&mut graph, &mut self.waiting, &mut out)?;
        }
        self.waiting.clear();
        Ok(out)
    }

    fn collect(graph: &mut Graph, waiting: &mut VecDeque<Option<i64>>, out: &mut Vec<Timed>) -> Result<(), Trouble> {
        let mut frame = Frame::default();
        while graph.receive(&mut frame)? {
            out.push((std::mem::take(&mut frame), waiting.pop_front().flatten()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(interlaced: bool, width: i32) -> Frame {
        let mut frame = Frame::canvas(width, 48).unwrap();
        frame.set_interlaced(interlaced);
        frame
    }

    fn times(pictures: impl IntoIterator<Item = (bool, i32)>) -> Vec<i64> {
        let mut fields = Fields::default();
        let mut out = Vec::new();
        for (n, (interlaced, width)) in pictures.into_iter().enumerate() {
            out.extend(fields.picture(&picture(interlaced, width), Some(n as i64)).unwrap());
        }
        out.extend(fields.end().unwrap());
        out.into_iter().map(|(_, at)| at.unwrap()).collect()
    }

    #[test]
    fn every_picture_comes_out_once_with_its_time() {
        let all = |count: i64| (0..count).collect::<Vec<_>>();
        assert_eq!(times(vec![(false, 64); 5]), all(5));
        assert_eq!(times(vec![(true, 64); 5]), all(5));
        assert_eq!(times(vec![(true, 64); 1]), all(1));
        assert_eq!(times([(false, 64), (true, 64), (false, 64), (true, 64)]), all(4));
        assert_eq!(times([(true, 64), (true, 64), (true, 80), (false, 80), (false, 64), (false, 64)]), all(6));
        assert_eq!(times([(true, 64), (false, 80), (true, 64)]), all(3));
    }
}
