//! The preview: a GIF of about three seconds that shows the whole recording in passing, small enough for mail and cards. Its
//! first picture is the poster's, because some mail programs show no other.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::cadence::SECOND;
use super::ffi::{Encoder, Frame, Graph, Muxer, Packet, Picture, Ratio, StreamIo, TICKS};
use super::still::Stills;
use super::trouble::Trouble;

/// The largest it may become.
const MOST_BYTES: usize = 500_000;
/// The clock of a GIF.
const HUNDREDTHS: Ratio = Ratio { num: 1, den: 100 };
/// How long the first picture stands, and all of it together, in hundredths.
const FIRST: i64 = 80;
const ALL: i64 = 300;

/// Makes the GIF; with fewer pictures and colours when it becomes too large.
///
/// # Errors
/// What a filter, the encoder or the container says.
pub fn gif(stills: &Stills) -> Result<Vec<u8>, Trouble> {
    let mut pictures = 24_usize.min(stills.small.len());
    let mut width = 1.0;
    for colours in [128, 96, 64, 64, 32, 32, 16] {
        let made = make(stills, pictures, colours, width)?;
        if made.len() <= MOST_BYTES {
            return Ok(made);
        }
        let fitting = pictures * MOST_BYTES * 9 / 10 / made.len();
        if fitting < 4 {
            width *= 0.75;
        }
        pictures = fitting.clamp(1, pictures);
    }
    make(stills, 1, 16, 0.5)
}

fn make(stills: &Stills, pictures: usize, colours: u32, width: f64) -> Result<Vec<u8>, Trouble> {
    let first = &stills.small[stills.best];
    let shape = first.shape();
    let even = |length: i32| ((f64::from(length) * width) as i32 & !1).max(2);
    let (w, h) = (even(shape.width), even(shape.height));
    let chain = format!(
        "scale={w}:{h}:flags=area,split[a][b];[a]palettegen=max_colors={colours}:stats_mode=full[p];\
         [b][p]paletteuse=dither=bayer:bayer_scale=5:diff_mode=rectangle"
    );
    let mut graph = Graph::video(shape, &chain)?;
    let frames: Vec<&Frame> = std::iter::once(first).chain(spread(stills, pictures.saturating_sub(1))).collect();
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
fn spread(stills: &Stills, count: usize) -> impl Iterator<Item = &Frame> {
    let all = stills.small.len();
    (0..count).map(move |n| &stills.small[n * all / count.max(1)])
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
struct Memory(Arc<Mutex<io::Cursor<Vec<u8>>>>);

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut io::Cursor<Vec<u8>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self) -> Vec<u8> {
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
