//! Pictures that stand still: the poster, small ones spread over the whole recording for the previews, and the storyboard. They are
//! chosen while the recording passes by, so that nothing has to be decoded again at the end.

use std::sync::mpsc::Receiver;
use std::thread::{self, ScopedJoinHandle};

use super::board::Board;
use super::cadence::SECOND;
use super::ffi::{Frame, Graph, Plane, priority};
use super::jpeg;
use super::picture::caught;
use super::plan::{Rung, Size, fit};
use super::preview::{self, Clip, Recipe};
use super::report::FileKind;
use super::resume::{self, Earlier};
use super::rung::Shown;
use super::storyboard::Storyboard;
use super::transcode::broke_down;
use super::trouble::Trouble;

/// Width of the poster, at most.
const POSTER_WIDTH: u32 = 1280;
/// Width of the preview, at most.
const PREVIEW_WIDTH: u32 = 480;
/// So many of them at most are encoded for the MP4 while one picture passes by.
const CLIP_AT_ONCE: usize = 2;
/// Small pictures that are kept, at most; when there are more, every second one goes.
const KEPT: usize = 48;

/// Looks at the pictures that pass by, to the end, and writes what is made of them. Of what an earlier attempt made, the first
/// picture of each segment is looked at.
///
/// # Errors
/// What a filter, an encoder, a container or the disk says.
pub fn run(board: &Board, top: &Rung, earlier: Option<&Earlier>, from: &Receiver<Shown>) -> Result<(), Trouble> {
    let mut choice = Choice::new(top.size);
    for number in 0..earlier.map_or(0, |earlier| earlier.from) {
        board.go_on()?;
        if let Some(frame) = resume::first_picture(board.folder(), &top.name, number) {
            let mut again = frame.share().without_time();
            again.set_pts(frame.time().unwrap_or(0));
            choice.picture(again, true)?;
        }
    }
    // On a thread of its own, for a GIF takes seconds and nobody may wait here.
    thread::scope(|scope| {
        let mut rehearsal: Option<ScopedJoinHandle<'_, Result<Rehearsed, Trouble>>> = None;
        while let Ok(shown) = from.recv() {
            board.go_on()?;
            let ends = matches!(shown, Shown::End(_));
            if let Some(ended) = rehearsal.take_if(|way| ends || way.is_finished()) {
                choice.rehearsed = Some(ended.join().unwrap_or_else(|_| Err(broke_down()))?);
            }
            match shown {
                Shown::Picture { frame, key } => {
                    choice.picture(frame, key.is_some())?;
                    if !board.pace.has_time() {
                        continue;
                    }
                    choice.clip.follow(&choice.small, CLIP_AT_ONCE)?;
                    if rehearsal.is_none() {
                        rehearsal = choice.rehearsal().map(|work| scope.spawn(move || caught(board, || aside(work))));
                    }
                }
                Shown::End(end) => return choice.publish(board, end),
                Shown::Away | Shown::Back(_) => {}
            }
        }
        Err(Trouble::Cancelled)
    })
}

/// What is made before the end, so that less is left there: the GIF, to learn how it becomes small enough, and the poster, which
/// is the one that is wanted when no better picture comes.
struct Rehearsal {
    small: Vec<Frame>,
    nearest: usize,
    recipe: Recipe,
    best: Option<(i64, Frame)>,
    size: Size,
}

/// What came of it.
struct Rehearsed {
    /// How the GIF stayed small enough.
    recipe: Recipe,
    /// A poster, and the time of its picture.
    poster: Option<(i64, Vec<u8>)>,
}

fn aside(work: Rehearsal) -> Result<Rehearsed, Trouble> {
    priority::step_aside();
    let poster = work.best.map(|(at, frame)| jpeg::encode(&frame, work.size).map(|jpeg| (at, jpeg))).transpose()?;
    let (_, recipe) = preview::gif(&work.small, work.nearest, work.recipe)?;
    Ok(Rehearsed { recipe, poster })
}

struct Choice {
    top: Size,
    step: i64,
    due: i64,
    shrink: Option<Graph>,
    /// Small pictures in order of time, evenly spread.
    small: Vec<Frame>,
    best: Option<Best>,
    storyboard: Storyboard,
    clip: Clip,
    /// What was made when it was tried last.
    rehearsed: Option<Rehearsed>,
    /// When it is tried next.
    rehearsal: i64,
}

struct Best {
    score: f64,
    at: i64,
    frame: Frame,
}

impl Choice {
    fn new(top: Size) -> Self {
        Self {
            top,
            step: SECOND / 8,
            due: 0,
            shrink: None,
            small: Vec::new(),
            best: None,
            storyboard: Storyboard::new(top),
            clip: Clip::default(),
            rehearsed: None,
            rehearsal: 6 * SECOND,
        }
    }

    fn picture(&mut self, frame: Frame, key: bool) -> Result<(), Trouble> {
        let at = frame.pts().unwrap_or(self.due);
        if at < self.due && !key {
            return Ok(());
        }
        let graph = match &mut self.shrink {
            Some(graph) => graph,
            none => {
                let small = fit(self.top, Size::new(PREVIEW_WIDTH, self.top.height));
                let chain = format!("scale={}:{}:flags=area,setsar=1", small.width, small.height);
                none.insert(Graph::video(frame.shape(), &chain)?)
            }
        };
        graph.send(Some(&frame))?;
        let mut little = Frame::default();
        if !graph.receive(&mut little)? {
            return Ok(());
        }
        if key {
            self.storyboard.picture(&little, at)?;
        }
        if at >= self.due {
            self.consider(frame, little, at);
        }
        Ok(())
    }

    fn consider(&mut self, frame: Frame, little: Frame, at: i64) {
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
            self.clip.anew();
        }
    }

    /// Now and then it is tried how the GIF becomes small enough, so that at the end one try does; and a poster is made.
    fn rehearsal(&mut self) -> Option<Rehearsal> {
        if self.due < self.rehearsal || self.small.is_empty() {
            return None;
        }
        // Seldom: a try costs as much as one or two seconds of encoding.
        self.rehearsal = self.due * 4;
        let small = self.small.iter().map(Frame::share).collect();
        let best = self.best.as_ref().map(|best| (best.at, best.frame.share()));
        Some(Rehearsal { small, nearest: self.nearest(), recipe: self.recipe(), best, size: self.poster_size() })
    }

    fn recipe(&self) -> Recipe {
        self.rehearsed.as_ref().map_or_else(Recipe::default, |rehearsed| rehearsed.recipe)
    }

    fn poster_size(&self) -> Size {
        fit(self.top, Size::new(POSTER_WIDTH, self.top.height))
    }

    fn nearest(&self) -> usize {
        let at = self.best.as_ref().map_or(0, |best| best.at);
        let near = |frame: &Frame| (frame.pts().unwrap_or(0) - at).abs();
        (0..self.small.len()).min_by_key(|index| near(&self.small[*index])).unwrap_or(0)
    }

    fn publish(self, board: &Board, end: i64) -> Result<(), Trouble> {
        let (nearest, recipe, size) = (self.nearest(), self.recipe(), self.poster_size());
        let best = self.best.ok_or(Trouble::Cancelled)?;
        let poster = match self.rehearsed.and_then(|rehearsed| rehearsed.poster) {
            Some((at, made)) if at == best.at => made,
            _ => jpeg::encode(&best.frame, size)?,
        };
        board.publish(FileKind::Poster, "poster.jpg", &poster)?;
        let (sheet, index) = self.storyboard.finish(end)?;
        board.publish(FileKind::Storyboard, "storyboard.jpg", &sheet)?;
        board.publish(FileKind::StoryboardIndex, "storyboard.vtt", index.as_bytes())?;
        board.publish(FileKind::PreviewMp4, "preview.mp4", &self.clip.finish(&self.small)?)?;
        let (gif, _) = preview::gif(&self.small, nearest, recipe)?;
        board.publish(FileKind::Preview, "preview.gif", &gif)
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
