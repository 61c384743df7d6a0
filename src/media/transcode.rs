//! One piece of work from its first byte to its result: opens the recording, runs the threads, and puts together what they made.
//!
//! Threads: the reader of the pipe → this one (packets) → pictures → one for each rung and one for the stills · sound. All
//! queues are bounded; whoever has trouble first stops the others, and its trouble is the answer.

use std::sync::mpsc::sync_channel;
use std::thread;

use super::avc;
use super::board::Board;
use super::child::Task;
use super::faststart;
use super::intake::{Impatience, Intake, recognise};
use super::picture::{self, Pictures, caught};
use super::playlist::{self, Sound, Variant};
use super::preview;
use super::pump::{self, Ways};
use super::queue::queue;
use super::report::{AudioResult, Event, FileKind, RenditionResult, ResultJson};
use super::segment::Track;
use super::sound;
use super::source::{Source, Span};
use super::trouble::Trouble;

/// Threads of the picture decoder.
const DECODING: u32 = 2;

/// Does the work.
///
/// # Errors
/// The refusal or the failure.
pub fn run(board: &Board, task: &Task, intake: Intake, impatience: &Impatience) -> Result<ResultJson, Trouble> {
    let mut recognised = recognise(intake, board.folder())?;
    let again = recognised.again.take();
    let mut source = Source::open(recognised, task)?;
    if task.probe_only {
        return probe(board, &mut source, task, impatience);
    }
    board.tell(&Event::Probed(source.probe.clone()))?;
    if let Some(again) = again {
        // The whole file is here: it is measured before anything is decoded.
        walk(board, &mut source, task, impatience)?;
        source = Source::open(again.open()?, task)?;
    }
    let (span, pictures, sound) = work(board, task, &mut source, impatience)?;
    source.probe.measured_ms = Some(span.milliseconds());
    finish(board, task, &source, span, pictures, sound)
}

/// Walks to the end and makes nothing. The length is told also where it is the reason for a refusal.
fn probe(board: &Board, source: &mut Source, task: &Task, impatience: &Impatience) -> Result<ResultJson, Trouble> {
    let walked = walk(board, source, task, impatience);
    source.probe.measured_ms = match &walked {
        Ok(span) => Some(span.milliseconds()),
        Err(Trouble::Refused { measured_ms, .. }) => *measured_ms,
        Err(_) => None,
    };
    board.tell(&Event::Probed(source.probe.clone()))?;
    let span = walked?;
    let video = source.probe.video.as_ref();
    Ok(ResultJson {
        measured_ms: span.milliseconds(),
        width: video.map_or(0, |video| video.width),
        height: video.map_or(0, |video| video.height),
        renditions: Vec::new(),
        audio: None,
        files: Vec::new(),
        source: source.probe.clone(),
    })
}

/// Measures without decoding.
fn walk(board: &Board, source: &mut Source, task: &Task, impatience: &Impatience) -> Result<Span, Trouble> {
    let (origin, _origin) = sync_channel(1);
    pump::run(board, source, task, Ways { video: None, audio: None, origin }, impatience)
}

type Worked = (Span, Pictures, Option<Track>);

fn work(board: &Board, task: &Task, source: &mut Source, impatience: &Impatience) -> Result<Worked, Trouble> {
    let video = source.decoder(source.video.0, task.max_pixels, DECODING)?;
    // Sound whose decoder refuses is left out, like sound that cannot be read.
    let audio = source.audio.as_ref().map(|(index, info)| (*index, info.time_base));
    let audio = audio.and_then(|(index, clock)| Some((source.decoder(index, task.max_pixels, 1).ok()?, clock)));
    let stream = source.video.1.clone();
    let (to_video, seen) = queue();
    let (to_audio, heard) = queue();
    let (tell_origin, origin) = sync_channel(1);
    let ways = Ways { video: Some(to_video), audio: audio.is_some().then_some(to_audio), origin: tell_origin };
    thread::scope(|scope| {
        let both = scope.spawn(move || {
            let Ok(origin) = origin.recv() else { return (Err(Trouble::Cancelled), Ok(None)) };
            let sound = audio.map(|(decoder, clock)| {
                scope.spawn(move || caught(board, || sound::run(board, decoder, clock, origin, &heard)))
            });
            let pictures = caught(board, || picture::run(scope, board, task, stream, video, origin, &seen));
            drop(seen);
            let sound = sound.map_or(Ok(None), |way| way.join().unwrap_or_else(|_| Err(broke_down())));
            (pictures, sound)
        });
        let walked = pump::run(board, source, task, ways, impatience);
        if walked.is_err() {
            board.cancel();
        }
        let (pictures, sound) = both.join().unwrap_or_else(|_| (Err(broke_down()), Ok(None)));
        settle(walked, pictures, sound)
    })
}

fn broke_down() -> Trouble {
    Trouble::Failed("a thread broke down".into())
}

/// The first trouble that is not merely the echo of another.
fn settle(
    walked: Result<Span, Trouble>,
    pictures: Result<Pictures, Trouble>,
    sound: Result<Option<Track>, Trouble>,
) -> Result<Worked, Trouble> {
    let troubles = [walked.as_ref().err(), pictures.as_ref().err(), sound.as_ref().err()];
    match troubles.into_iter().flatten().min_by_key(|trouble| matches!(trouble, Trouble::Cancelled)) {
        Some(trouble) => Err(trouble.clone()),
        None => Ok((walked?, pictures?, sound?)),
    }
}

/// What can only be made at the end: MP4, poster, preview, master playlist, result.
fn finish(
    board: &Board,
    task: &Task,
    source: &Source,
    span: Span,
    pictures: Pictures,
    sound: Option<Track>,
) -> Result<ResultJson, Trouble> {
    let Pictures { rungs, size, stills } = pictures;
    let top = &rungs.first().ok_or_else(|| Trouble::Failed("no rendition was made".into()))?.1;
    thread::scope(|scope| {
        let stills = scope.spawn(move || {
            board.publish(FileKind::Poster, "poster.jpg", &stills.poster)?;
            board.publish(FileKind::Preview, "preview.gif", &preview::gif(&stills)?)
        });
        let mp4 = faststart::write(board, top, sound.as_ref());
        stills.join().unwrap_or_else(|_| Err(broke_down())).and(mp4)
    })?;
    let renditions = rungs.iter().map(|(rung, track)| rendition(rung, track)).collect::<Result<Vec<_>, _>>()?;
    let audio = sound.as_ref().map(audio);
    let text = playlist::master(
        &renditions.iter().map(variant).collect::<Vec<_>>(),
        sound.as_ref().map(line).as_ref(),
        task.max_fps,
    );
    board.playlist(FileKind::Master, "master.m3u8", text, true)?;
    let result = ResultJson {
        measured_ms: span.milliseconds(),
        width: size.width,
        height: size.height,
        renditions,
        audio,
        files: board.files(),
        source: source.probe.clone(),
    };
    let text = serde_json::to_vec_pretty(&result).map_err(|e| Trouble::Failed(e.to_string()))?;
    board.publish(FileKind::Result, "result.json", &text)?;
    Ok(result)
}

fn rendition(rung: &super::plan::Rung, track: &Track) -> Result<RenditionResult, Trouble> {
    let (bitrate, peak_bitrate) = playlist::rates(&track.entries);
    Ok(RenditionResult {
        name: track.name.clone(),
        codec: avc::codec_string(&track.header).ok_or_else(|| Trouble::Failed("no SPS".into()))?,
        width: rung.size.width,
        height: rung.size.height,
        bitrate,
        peak_bitrate,
        frames: track.packets,
        playlist: track.playlist.clone(),
    })
}

fn variant(rendition: &RenditionResult) -> Variant {
    Variant {
        playlist: rendition.playlist.clone(),
        codec: rendition.codec.clone(),
        size: (rendition.width, rendition.height),
        average: rendition.bitrate,
        peak: rendition.peak_bitrate,
    }
}

fn line(track: &Track) -> Sound {
    let (average, peak) = playlist::rates(&track.entries);
    Sound { playlist: track.playlist.clone(), codec: sound::CODEC.to_owned(), average, peak }
}

fn audio(track: &Track) -> AudioResult {
    let (bitrate, _) = playlist::rates(&track.entries);
    AudioResult {
        codec: sound::CODEC.to_owned(),
        sample_rate: 48_000,
        channels: 2,
        bitrate,
        playlist: track.playlist.clone(),
    }
}
