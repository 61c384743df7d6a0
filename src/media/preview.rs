//! The previews, which show the whole recording in passing. A GIF of about three seconds, small enough for mail and cards, whose first
//! picture is the poster's, because some mail programs show no other; and a silent MP4 of about four seconds, for pages.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::cadence::SECOND;
use super::ffi::{Encoder, Frame, Graph, Muxer, Packet, Picture, Ratio, StreamIo, TICKS};
use super::trouble::Trouble;

/// The largest it may become.
const MOST_BYTES: usize = 500_000;
/// The clock of a GIF.
const HUNDREDTHS: Ratio = Ratio { num: 1, den: 100 };
/// How long the first picture stands, and all of it together, in hundredths.
const FIRST: i64 = 80;
const ALL: i64 = 300;

/// How a GIF is made small enough.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Recipe {
    pictures: usize,
    colours: u32,
    width: f64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { pictures: 24, colours: 96, width: 2.0 / 3.0 }
    }
}

impl Recipe {
    /// A poorer one, after this one gave so many bytes.
    fn poorer(self, bytes: usize) -> Self {
        let fitting = (self.pictures * MOST_BYTES * 9 / 10 / bytes.max(1)).clamp(1, self.pictures);
        let colours = (self.colours * 3 / 4).max(16);
        if fitting < 6 {
            Self { pictures: 6.min(self.pictures), colours, width: self.width * 0.75 }
        } else {
            Self { pictures: fitting, colours, ..self }
        }
    }
}

/// Makes the GIF of small pictures, of which the best stands in front; with fewer pictures and colours when it becomes too large.
/// Answers the recipe that gave it, for the next time.
///
/// # Errors
/// What a filter, the encoder or the container says.
pub fn gif(small: &[Frame], best: usize, mut recipe: Recipe) -> Result<(Vec<u8>, Recipe), Trouble> {
    for _ in 0..12 {
        let made = make(small, best, recipe)?;
        if made.len() <= MOST_BYTES {
            return Ok((made, recipe));
        }
        recipe = recipe.poorer(made.len());
    }
    Ok((make(small, best, Recipe { pictures: 1, colours: 16, width: 0.25 })?, recipe))
}

fn make(small: &[Frame], best: usize, recipe: Recipe) -> Result<Vec<u8>, Trouble> {
    let first = small.get(best).ok_or_else(|| Trouble::Failed("there are no small pictures".into()))?;
    let shape = first.shape();
    let even = |length: i32| ((f64::from(length) * recipe.width) as i32 & !1).max(2);
    let (w, h) = (even(shape.width), even(shape.height));
    let colours = recipe.colours;
    let chain = format!(
        "scale={w}:{h}:flags=area,split[a][b];[a]palettegen=max_colors={colours}:stats_mode=full[p];\
         [b][p]paletteuse=dither=bayer:bayer_scale=5:diff_mode=rectangle"
    );
    let mut graph = Graph::video(shape, &chain)?;
    let pictures = recipe.pictures.min(small.len());
    let frames: Vec<&Frame> = std::iter::once(first).chain(spread(small, pictures.saturating_sub(1))).collect();
    let times = times(frames.len());
    for (frame, at) in frames.iter().zip(&times) {
        let mut frame = frame.share();
        frame.set_pts(at * SECOND / 100);
        graph.send(Some(&frame))?;
    }
    graph.send(None)?;
    let size = (u32::try_from(w).unwrap_or(2), u32::try_from(h).unwrap_or(2));
    write(&mut graph, size, &times)
}

/// So many of the small pictures, evenly.
fn spread(small: &[Frame], count: usize) -> impl Iterator<Item = &Frame> {
    (0..count).map(move |n| &small[n * small.len() / count.max(1)])
}

/// How long a picture of the MP4 stands: a twelfth of a second.
const CLIP_STEP: i64 = SECOND / 12;
/// More than the index of so few pictures needs.
const CLIP_INDEX: &str = "4096";

/// The MP4, encoded while its pictures are still being gathered, so that little is left at the end.
#[derive(Default)]
pub struct Clip {
    encoder: Option<Encoder>,
    packets: Vec<Packet>,
    /// How many pictures the encoder has.
    taken: usize,
}

impl Clip {
    /// The pictures are others now: it begins again.
    pub fn anew(&mut self) {
        *self = Self::default();
    }

    /// Encodes the next of the small pictures, at most so many.
    ///
    /// # Errors
    /// What the encoder says.
    pub fn follow(&mut self, small: &[Frame], most: usize) -> Result<(), Trouble> {
        for frame in small.iter().skip(self.taken).take(most) {
            let encoder = match &mut self.encoder {
                Some(encoder) => encoder,
                none => none.insert(clip_encoder(frame)?),
            };
            let mut frame = frame.share();
            frame.set_pts(i64::try_from(self.taken).unwrap_or(0) * CLIP_STEP);
            frame.set_key(self.taken == 0);
            encoder.send(Some(&frame))?;
            self.taken += 1;
            self.collect()?;
        }
        Ok(())
    }

    fn collect(&mut self) -> Result<(), Trouble> {
        let Some(encoder) = &mut self.encoder else { return Ok(()) };
        let mut packet = Packet::default();
        while encoder.receive(&mut packet)? {
            packet.set_times(packet.pts().unwrap_or(0), CLIP_STEP);
            self.packets.push(std::mem::take(&mut packet));
        }
        Ok(())
    }

    /// The MP4 of all small pictures: index in front, without sound.
    ///
    /// # Errors
    /// When there are none; what the encoder or the container says.
    pub fn finish(mut self, small: &[Frame]) -> Result<Vec<u8>, Trouble> {
        self.follow(small, usize::MAX)?;
        let Some(encoder) = &mut self.encoder else {
            return Err(Trouble::Failed("there are no small pictures".into()));
        };
        encoder.send(None)?;
        let params = encoder.params()?;
        self.collect()?;
        let out = Memory::default();
        let io = StreamIo::from_write_seek(out.clone()).map_err(|e| Trouble::Failed(e.to_string()))?;
        let mut muxer = Muxer::begin(io, "mp4", &[&params], &[("use_editlist", "0"), ("moov_size", CLIP_INDEX)])?;
        for packet in &self.packets {
            muxer.write(packet, 0)?;
        }
        muxer.end()?;
        Ok(out.take())
    }
}

fn clip_encoder(first: &Frame) -> Result<Encoder, Trouble> {
    let (shape, colours) = (first.shape(), first.colours().limited());
    let length = |pixels: i32| u32::try_from(pixels).unwrap_or(2);
    let (width, height) = (length(shape.width), length(shape.height));
    let picture = Picture { width, height, format: "yuv420p", colours: Some(colours), time_base: TICKS };
    let options = [("preset", "superfast"), ("crf", "27"), ("threads", "1"), ("bf", "0"), ("g", "100")];
    Ok(Encoder::video("libx264", picture, &options)?)
}

/// When each picture is shown, in hundredths; the first stands longer.
fn times(count: usize) -> Vec<i64> {
    let others = i64::try_from(count).unwrap_or(1).saturating_sub(1).max(1);
    (0..=others).take(count).map(|n| if n == 0 { 0 } else { FIRST + (n - 1) * (ALL - FIRST) / others }).collect()
}

fn write(graph: &mut Graph, size: (u32, u32), times: &[i64]) -> Result<Vec<u8>, Trouble> {
    let picture = Picture { width: size.0, height: size.1, format: "pal8", colours: None, time_base: HUNDREDTHS };
    let mut encoder = Encoder::video("gif", picture, &[("threads", "1")])?;
    let out = Memory::default();
    let io = StreamIo::from_write_seek(out.clone()).map_err(|e| Trouble::Failed(e.to_string()))?;
    let params = encoder.params()?;
    let mut muxer = Muxer::begin(io, "gif", &[&params], &[("loop", "0")])?;
    let mut frame = Frame::default();
    let mut shown = times.iter().copied().chain([ALL]).peekable();
    while graph.receive(&mut frame)? {
        let at = shown.next().unwrap_or(ALL);
        frame.set_pts(at);
        encoder.send(Some(&frame))?;
        let mut packet = Packet::default();
        while encoder.receive(&mut packet)? {
            packet.set_times(at, shown.peek().unwrap_or(&ALL) - at);
            muxer.write(&packet, 0)?;
        }
    }
    muxer.end()?;
    Ok(out.take())
}

/// A file in memory, for containers that go back to write.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<io::Cursor<Vec<u8>>>>);

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut io::Cursor<Vec<u8>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was written.
    pub(super) fn take(&self) -> Vec<u8> {
        self.with(|cursor| std::mem::take(cursor.get_mut()))
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|cursor| cursor.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.with(|cursor| cursor.seek(to))
    }
}

/// The clock in which pictures reach the filters.
const _: () = assert!(TICKS.den as i64 == SECOND);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_picture_stands_longest_and_all_end_together() {
        assert_eq!(times(1), [0]);
        assert_eq!(times(3), [0, 80, 190]);
        let many = times(24);
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]) && many[23] < ALL);
    }
}
