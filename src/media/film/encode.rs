//! Pictures and silence into an MP4. Done in the caller's thread: seconds of work on what this program drew itself.

use super::Film;
use super::scene::Stage;
use crate::media::ffi::{Colours, Encoder, Frame, Muxer, Packet, Picture, Ratio, StreamIo, TICKS};
use crate::media::preview::Memory;
use crate::media::trouble::Trouble;

/// Pictures a second.
const RATE: i64 = 20;
/// Samples a second, and in a packet of AAC.
const SOUND: (u32, i64) = (48_000, 1024);

/// Draws and encodes a film.
///
/// # Errors
/// What the encoders or the container say, in words for the log.
pub fn render(film: &Film) -> Result<Vec<u8>, String> {
    crate::media::ffi::quiet();
    make(film).map_err(|trouble| trouble.to_string())
}

fn make(film: &Film) -> Result<Vec<u8>, Trouble> {
    let mut writer = Writer::begin(film)?;
    let stage = Stage::new(film);
    for n in 0..i64::from(film.seconds) * RATE {
        let picture = stage.picture(n as f32 / RATE as f32);
        let mut frame = picture.frame().ok_or_else(|| Trouble::Failed("no memory for a picture".into()))?;
        frame.set_pts(n * i64::from(TICKS.den) / RATE);
        frame.set_key(n % (2 * RATE) == 0);
        writer.picture(Some(&frame))?;
        writer.silence_until((n + 1) * i64::from(SOUND.0) / RATE)?;
    }
    writer.end()
}

struct Writer {
    video: Encoder,
    audio: Encoder,
    muxer: Muxer,
    out: Memory,
    /// Samples that went into the encoder.
    heard: i64,
}

impl Writer {
    fn begin(film: &Film) -> Result<Self, Trouble> {
        let (width, height) = film.size;
        let colours = Some(Colours::ordinary());
        let picture = Picture { width, height, format: "yuv420p", colours, time_base: TICKS };
        let options = [("preset", "veryfast"), ("crf", "21"), ("threads", "1"), ("bf", "0"), ("g", "240")];
        let video = Encoder::video("libx264", picture, &options)?;
        let audio = Encoder::stereo("aac", SOUND.0, &[("b", "64000")])?;
        let out = Memory::default();
        let io = StreamIo::from_write_seek(out.clone()).map_err(|e| Trouble::Failed(e.to_string()))?;
        let muxer = Muxer::begin(io, "mp4", &[&video.params()?, &audio.params()?], &[])?;
        Ok(Self { video, audio, muxer, out, heard: 0 })
    }

    fn picture(&mut self, frame: Option<&Frame>) -> Result<(), Trouble> {
        self.video.send(frame)?;
        collect(&mut self.video, &mut self.muxer, 0, i64::from(TICKS.den) / RATE)
    }

    fn silence_until(&mut self, samples: i64) -> Result<(), Trouble> {
        while self.heard + SOUND.1 <= samples {
            let frame = Frame::stereo_silence(SOUND.1 as i32, SOUND.0 as i32);
            let mut frame = frame.ok_or_else(|| Trouble::Failed("no memory for sound".into()))?;
            frame.set_pts(self.heard);
            self.heard += SOUND.1;
            self.audio.send(Some(&frame))?;
            collect(&mut self.audio, &mut self.muxer, 1, SOUND.1)?;
        }
        Ok(())
    }

    fn end(mut self) -> Result<Vec<u8>, Trouble> {
        self.picture(None)?;
        self.audio.send(None)?;
        collect(&mut self.audio, &mut self.muxer, 1, SOUND.1)?;
        self.muxer.end()?;
        Ok(self.out.take())
    }
}

/// Hands on what an encoder has ready, in the clock that the container has chosen.
fn collect(encoder: &mut Encoder, muxer: &mut Muxer, stream: usize, lasts: i64) -> Result<(), Trouble> {
    let own = if stream == 0 { TICKS } else { Ratio { num: 1, den: SOUND.0 as i32 } };
    let clock = muxer.time_base(stream);
    let mut packet = Packet::default();
    while encoder.receive(&mut packet)? {
        let at = crate::media::ffi::rescale(packet.pts().unwrap_or(0), own, clock);
        packet.set_times(at, crate::media::ffi::rescale(lasts, own, clock));
        muxer.write(&packet, stream)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Scene;
    use super::*;

    #[test]
    fn a_film_is_an_mp4_with_an_index_and_both_scenes_can_be_drawn() {
        let chart = Scene::Chart { values: vec![42.0, 39.5, 31.0], target: 20.0, unit: "min".into() };
        for scene in [chart, Scene::List(vec!["The rota".into(), "The guide".into()])] {
            let (title, about) = ("Calibration is down".to_owned(), "Leena Koskela, Product".to_owned());
            let film = Film { title, about, initials: "LK".into(), palette: 7, scene, seconds: 1, size: (160, 90) };
            let made = render(&film).unwrap();
            assert_eq!(&made[4..8], b"ftyp");
            assert!(made.windows(4).any(|four| four == b"moov"));
            // What x264 makes of the same pictures was once seen to differ by a few bytes.
            assert!(drawn(&film) == drawn(&film), "the same film twice is the same pictures");
        }
    }

    /// The numbers of every picture.
    fn drawn(film: &Film) -> Vec<Vec<u8>> {
        let stage = Stage::new(film);
        let picture = |n| {
            let mut frame = stage.picture(n as f32 / RATE as f32).frame().unwrap();
            let [mut luma, mut blue, mut red] = frame.planes_mut().unwrap();
            let mut numbers = Vec::new();
            for y in 0..film.size.1 as usize {
                numbers.extend_from_slice(luma.row(y));
                numbers.extend_from_slice(blue.row(y / 2));
                numbers.extend_from_slice(red.row(y / 2));
            }
            numbers
        };
        (0..i64::from(film.seconds) * RATE).map(picture).collect()
    }
}
