//! One piece of work from its first byte to its result: opens the recording, runs the threads, and puts together what they made.
//!
//! Threads: the reader of the pipe → this one (packets) → pictures → one for each rung and one for the stills · sound · the MP4. All
//! memory is bounded; whoever has trouble first stops the others, and its trouble is the answer.

use std::sync::mpsc::sync_channel;
use std::thread;

use super::again;
use super::avc;
use super::board::Board;
use super::child::Task;
use super::copied;
use super::copy::{self, Copying};
use super::faststart;
use super::ffi::{Decoder, Params, Ratio};
use super::intake::{Impatience, Intake, recognise};
use super::listen;
use super::loudness::Loudness;
use super::part;
use super::picture::{self, Opened, Pictures, caught};
use super::plan::{Rung, Size, ladder};
use super::playlist::{self, Sound};
use super::pump::{self, Ways};
use super::queue::{From, queue};
use super::report::{AudioResult, Event, FileKind, RenditionResult, ResultJson};
use super::resume::{self, Earlier};
use super::segment::Track;
use super::sound::{self, Heard, Incoming};
use super::source::{Source, Span, stated};
use super::trouble::Trouble;

/// Threads of the picture decoder.
pub(super) const DECODING: u32 = 2;

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
    if let Some(top) = &task.only_sound {
        return again::run(board, task, &mut source, top, impatience);
    }
    if let Some(piece) = &task.part {
        return part::run(board, task, &mut source, piece, impatience);
    }
    let mut copying = task.copy.then(|| Copying::begin(&source, task).ok()).flatten();
    if let Some(again) = again {
        // The whole file is here: it is measured, and every packet looked at, before anything is decoded.
        let mut looking = copying.clone();
        walk(board, &mut source, task, looking.as_mut(), impatience)?;
        copying = copying.filter(|_| looking.is_some_and(|looked| looked.trouble().is_none()));
        source = Source::open(again.open()?, task)?;
    }
    let mut plan =
        Plan { copied: copying.as_ref().map(|_| copy::params(&source)).transpose()?, copying, earlier: None };
    plan.earlier = earlier(board, task, &source, plan.copied.as_ref())?;
    let (span, pictures, sound) = work(board, task, &mut source, plan, impatience)?;
    source.probe.measured_ms = Some(span.milliseconds());
    finish(board, task, &source, span, pictures, sound)
}

/// Walks to the end and makes nothing. The length is told also where it is the reason for a refusal.
fn probe(board: &Board, source: &mut Source, task: &Task, impatience: &Impatience) -> Result<ResultJson, Trouble> {
    let walked = walk(board, source, task, None, impatience);
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
fn walk(
    board: &Board,
    source: &mut Source,
    task: &Task,
    copying: Option<&mut Copying>,
    impatience: &Impatience,
) -> Result<Span, Trouble> {
    let (origin, _origin) = sync_channel(1);
    let ways = Ways { video: None, copy: None, copying, audio: None, origin, begin: 0, until: None };
    pump::run(board, source, task, ways, impatience).map(|walked| walked.span)
}

/// What an earlier attempt has left, if that is spoken of and fits.
fn earlier(board: &Board, task: &Task, source: &Source, copied: Option<&Params>) -> Result<Option<Earlier>, Trouble> {
    let Some(resume) = &task.resume else { return Ok(None) };
    let rungs = ladder(stated(source), &task.heights);
    let way = resume::Way { effort: board.pace.effort(), copied };
    let earlier = resume::look(board.folder(), resume, &rungs, source.audio.is_some(), way);
    if task.joined && earlier.is_none() {
        return Err(Trouble::Unfit("what was made in parts is not what would be made here".into()));
    }
    let segments = earlier.as_ref().map_or(0, |earlier| earlier.from as u64);
    board.tell(&Event::Resumed { segments })?;
    Ok(earlier)
}

/// What is decided before the work begins.
struct Plan {
    /// Whether the source's own picture is the top rung.
    copying: Option<Copying>,
    /// How it begins then.
    copied: Option<Params>,
    /// What an earlier attempt has left.
    earlier: Option<Earlier>,
}

/// A rung that is finished.
struct Made {
    rung: Rung,
    track: Track,
    /// Whether it is the source's own picture.
    copied: bool,
}

/// The sound, and how loud it is.
pub(super) type Sounding = (Track, Loudness);
type Worked = (Span, (Vec<Made>, Size), Option<Sounding>);

fn work(
    board: &Board,
    task: &Task,
    source: &mut Source,
    mut plan: Plan,
    impatience: &Impatience,
) -> Result<Worked, Trouble> {
    let earlier = plan.earlier.as_ref();
    let decoder = source.decoder(source.video.0, task.max_pixels, DECODING)?;
    // Sound whose decoder refuses is left out, like sound that cannot be read.
    let audio = source.audio.as_ref().map(|(index, info)| (*index, info.time_base));
    let audio = audio.and_then(|(index, clock)| Some((source.decoder(index, task.max_pixels, 1).ok()?, clock)));
    board.announce(board.announcement.sound(audio.is_some().then(awaited)))?;
    let (stream, size) = (source.video.1.clone(), stated(source));
    let rung = plan.copying.as_ref().map(|copying| copying.rung().clone());
    let cap = plan.copying.as_ref().map_or(0, Copying::cap);
    let (copied, is_copied) = (rung.clone().zip(plan.copied.take()), rung.is_some());
    let copied = copied.map(|(rung, params)| copied::Opened { params, rung, cap, max_fps: task.max_fps, earlier });
    let (to_video, seen) = queue(board.folder(), "video");
    let (to_copy, packets) = queue(board.folder(), "copy");
    let (to_audio, heard) = queue(board.folder(), "audio");
    let (tell_origin, origin) = sync_channel(1);
    let ways = Ways {
        video: Some(to_video),
        copy: copied.is_some().then_some(to_copy),
        copying: plan.copying.as_mut(),
        audio: audio.is_some().then_some(to_audio),
        origin: tell_origin,
        begin: earlier.map_or(0, |earlier| earlier.begin),
        until: None,
    };
    thread::scope(|scope| {
        let copy = copied.map(|opened| scope.spawn(move || caught(board, || copied::run(board, opened, &packets))));
        let film = scope.spawn(move || caught(board, || faststart::run(board, task)));
        let both = scope.spawn(move || {
            let Ok(origin) = origin.recv() else { return (Err(Trouble::Cancelled), Ok(None)) };
            let sound = scope.spawn(move || caught(board, || hear(board, task, audio, origin, earlier, &heard)));
            let opened = Opened { stream, decoder, origin, earlier, size, copied: rung, part: None };
            let pictures = caught(board, || picture::run(scope, board, task, opened, &seen));
            drop(seen);
            (pictures, sound.join().unwrap_or_else(|_| Err(broke_down())))
        });
        let walked = pump::run(board, source, task, ways, impatience);
        let walked = walked.and_then(|walked| part::foresee(board, task, walked, is_copied, earlier));
        if walked.is_err() {
            board.cancel();
        }
        let (pictures, sound) = both.join().unwrap_or_else(|_| (Err(broke_down()), Ok(None)));
        if pictures.is_err() {
            board.cancel();
        }
        let film = film.join().unwrap_or_else(|_| Err(broke_down()));
        let copy = copy.map(|copy| copy.join().unwrap_or_else(|_| Err(broke_down()))).transpose();
        settle(walked, copy, pictures, sound, film)
    })
}

/// Runs the sound, and where its level is changed listens to what comes out.
///
/// # Errors
/// The first trouble of both.
pub(super) fn hear(
    board: &Board,
    task: &Task,
    audio: Option<(Decoder, Ratio)>,
    origin: i64,
    earlier: Option<&Earlier>,
    heard: &From<Heard>,
) -> Result<Option<Sounding>, Trouble> {
    let kept = earlier.and_then(|earlier| earlier.kept.get(sound::NAME));
    let level = task.level;
    thread::scope(|scope| {
        // The peaks of sound whose level was changed are looked at once more, in what was encoded.
        let listening = level.map(|_| scope.spawn(move || caught(board, || listen::run(board))));
        let made = match audio {
            Some((decoder, clock)) => sound::run(board, Incoming { decoder, clock, origin, kept, level }, heard),
            None => Ok(None),
        };
        match &made {
            Ok(None) => board.shelf.is_silent(),
            Ok(Some(_)) => {}
            Err(_) => board.cancel(),
        }
        let listened = listening.map(|way| way.join().unwrap_or_else(|_| Err(broke_down()))).transpose();
        let Some((track, given)) = made? else { return Ok(None) };
        Ok(Some((track, listened?.unwrap_or(given))))
    })
}

/// The sound as it stands in the master playlist before the end.
fn awaited() -> Sound {
    let playlist = format!("{}.m3u8", sound::NAME);
    Sound { playlist, codec: sound::CODEC.to_owned(), average: 128_000, peak: 160_000 }
}

/// A thread ended without an answer.
pub(super) fn broke_down() -> Trouble {
    Trouble::Failed("a thread broke down".into())
}

/// The first trouble that is not merely the echo of another.
fn settle(
    walked: Result<Span, Trouble>,
    copy: Result<Option<(Rung, Track)>, Trouble>,
    pictures: Result<Pictures, Trouble>,
    sound: Result<Option<Sounding>, Trouble>,
    film: Result<(), Trouble>,
) -> Result<Worked, Trouble> {
    let troubles = [
        walked.as_ref().err(),
        copy.as_ref().err(),
        pictures.as_ref().err(),
        sound.as_ref().err(),
        film.as_ref().err(),
    ];
    match troubles.into_iter().flatten().min_by_key(|trouble| matches!(trouble, Trouble::Cancelled)) {
        Some(trouble) => Err(trouble.clone()),
        None => {
            let (mut rungs, size) = pictures?;
            let own = copy?.map(|(rung, track)| Made { rung, track, copied: true });
            let made = rungs.drain(..).map(|(rung, track)| Made { rung, track, copied: false });
            Ok((walked?, (own.into_iter().chain(made).collect(), size), sound?))
        }
    }
}

/// What can only be made at the end: master playlist and result.
fn finish(
    board: &Board,
    task: &Task,
    source: &Source,
    span: Span,
    (rungs, size): (Vec<Made>, Size),
    sound: Option<Sounding>,
) -> Result<ResultJson, Trouble> {
    let renditions = rungs.iter().map(rendition).collect::<Result<Vec<_>, _>>()?;
    let audio = sound.as_ref().map(|sound| audio(sound, task));
    let text = playlist::of(&renditions, audio.as_ref(), task.max_fps);
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

fn rendition(made: &Made) -> Result<RenditionResult, Trouble> {
    let Made { rung, track, copied } = made;
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
        copied: *copied,
    })
}

/// The sound as the result has it.
pub(super) fn audio((track, loudness): &Sounding, task: &Task) -> AudioResult {
    let (bitrate, peak_bitrate) = playlist::rates(&track.entries);
    AudioResult {
        codec: sound::CODEC.to_owned(),
        sample_rate: sound::RATE,
        channels: 2,
        bitrate,
        peak_bitrate,
        playlist: track.playlist.clone(),
        loudness_lufs: loudness.lufs,
        true_peak_db: loudness.peak_db,
        level: task.level,
    }
}
