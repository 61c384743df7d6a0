//! The sound alone is made again, at another level: the pictures lie in the work folder as they were published, and go into the new
//! MP4 untouched. Everything that hears and encodes is what a first run has; no picture is decoded.

use std::sync::mpsc::sync_channel;
use std::thread;

use super::board::Board;
use super::cadence::{SECOND, SEGMENT};
use super::child::Task;
use super::copy::LONGEST_SECONDS;
use super::faststart;
use super::intake::Impatience;
use super::picture::caught;
use super::pump::{self, Ways};
use super::queue::queue;
use super::report::{Made, ResultJson};
use super::source::{Source, Span};
use super::transcode::{Sounding, audio, broke_down, hear};
use super::trouble::Trouble;

/// Makes the sound rendition, its waveform and the MP4. `top` is the top rendition in the work folder.
///
/// # Errors
/// The first trouble; that there is no sound.
pub fn run(
    board: &Board,
    task: &Task,
    source: &mut Source,
    top: &Made,
    impatience: &Impatience,
) -> Result<ResultJson, Trouble> {
    let (span, sound) = work(board, task, source, top, impatience)?;
    let (width, height) = source.probe.video.as_ref().map_or((0, 0), |video| (video.width, video.height));
    source.probe.measured_ms = Some(span.milliseconds());
    Ok(ResultJson {
        measured_ms: span.milliseconds(),
        width,
        height,
        renditions: Vec::new(),
        audio: Some(audio(&sound, task)),
        files: board.files(),
        source: source.probe.clone(),
    })
}

fn work(
    board: &Board,
    task: &Task,
    source: &mut Source,
    top: &Made,
    impatience: &Impatience,
) -> Result<(Span, Sounding), Trouble> {
    let silent = || Trouble::Failed("there is no sound to be made again".into());
    let (index, clock) = source.audio.as_ref().map(|(index, info)| (*index, info.time_base)).ok_or_else(silent)?;
    let decoder = source.decoder(index, task.max_pixels, 1)?;
    put_on_shelf(board, top);
    let (to_audio, heard) = queue(board.folder(), "audio");
    let (tell_origin, origin) = sync_channel(1);
    let ways = Ways {
        video: None,
        copy: None,
        copying: None,
        audio: Some(to_audio),
        origin: tell_origin,
        begin: 0,
        until: None,
    };
    thread::scope(|scope| {
        let film = scope.spawn(move || caught(board, || faststart::run(board, task)));
        let sound = scope.spawn(move || {
            let Ok(origin) = origin.recv() else { return Err(Trouble::Cancelled) };
            caught(board, || hear(board, task, Some((decoder, clock)), origin, None, &heard))
        });
        let walked = pump::run(board, source, task, ways, impatience).map(|walked| walked.span);
        if walked.is_err() {
            board.cancel();
        }
        let sound = sound.join().unwrap_or_else(|_| Err(broke_down()));
        if sound.is_err() {
            board.cancel();
        }
        let film = film.join().unwrap_or_else(|_| Err(broke_down()));
        let troubles = [walked.as_ref().err(), sound.as_ref().err(), film.as_ref().err()];
        match troubles.into_iter().flatten().min_by_key(|trouble| matches!(trouble, Trouble::Cancelled)) {
            Some(trouble) => Err(trouble.clone()),
            None => Ok((walked?, sound?.ok_or_else(silent)?)),
        }
    })
}

/// The pictures, for whoever waits for segments.
fn put_on_shelf(board: &Board, top: &Made) {
    // All playlists of a recording name the same longest length.
    if top.segments.iter().any(|segment| segment.ticks >= SEGMENT + SECOND / 2) {
        board.segments_may_last(LONGEST_SECONDS);
    }
    board.shelf.top_is(&top.rendition);
    board.shelf.begin(&top.rendition, &top.init);
    for segment in &top.segments {
        board.shelf.add(&top.rendition, &segment.name);
    }
    board.shelf.end(&top.rendition, top.segments.iter().map(|segment| segment.ticks).sum());
}
