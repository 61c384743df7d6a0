//! A part of a file's pictures, made by itself: some segments of every rung, by another process than the one that makes the rest.
//! What lies before the part is not decoded; how the choice of pictures stands where it begins is told ([`Place`]).
//!
//! The invariant: at its end a part has cut where the next one begins, and its choice stands as the next one was told; or it
//! is not believed ([`Trouble::Unfit`]), and everything is made in one piece.

use std::sync::mpsc::sync_channel;
use std::thread;

use serde::{Deserialize, Serialize};

use super::board::Board;
use super::cadence::{Cadence, Foreseen};
use super::child::Task;
use super::ffi::Packet;
use super::intake::Impatience;
use super::picture::{self, Opened, caught};
use super::plan::ladder;
use super::pump::{self, Walked, Ways};
use super::queue::queue;
use super::report::{Event, Plan, ResultJson};
use super::resume::{self, Earlier, Kept};
use super::sound;
use super::source::{Source, Span, stated};
use super::transcode::{DECODING, broke_down};
use super::trouble::Trouble;

/// Where a segment begins, and how the choice of pictures stands just before: enough to go on without what came before it. All
/// in 1/90000 s.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// When its first picture is shown.
    pub at: i64,
    /// When the picture before is shown.
    pub last: i64,
    /// Before this there would be too many pictures.
    pub due: i64,
    /// The instant that asks for the key picture.
    pub next_key: i64,
    /// Whether this is all there is to know: not at the beginning, and not while viewers have been shown other cuts.
    pub free: bool,
}

/// Some segments of the pictures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Number of the first.
    pub first: usize,
    /// Where it begins.
    pub begin: Place,
    /// Where the segment after the last begins; absent when the part goes on to the end of the recording.
    pub end: Option<Place>,
}

/// Packets beyond the end of a part after which its decoder has surely given a picture beyond it.
pub const BEYOND: usize = 64;

/// Makes the part, from the same bytes as the whole.
///
/// # Errors
/// The failure; that the recording cannot be made in parts.
pub fn run(
    board: &Board,
    task: &Task,
    source: &mut Source,
    part: &Part,
    impatience: &Impatience,
) -> Result<ResultJson, Trouble> {
    let earlier = begin(board, task, source, part)?;
    let decoder = source.decoder(source.video.0, task.max_pixels, DECODING)?;
    let (stream, size) = (source.video.1.clone(), stated(source));
    let (to_video, seen) = queue(board.folder(), "video");
    let (tell_origin, origin) = sync_channel(1);
    let until = part.end.map(|end| end.at);
    let ways = Ways {
        video: Some(to_video),
        copy: None,
        copying: None,
        audio: None,
        origin: tell_origin,
        begin: part.begin.at,
        until,
    };
    let earlier = &earlier;
    let (walked, made) = thread::scope(|scope| {
        let pictures = scope.spawn(move || {
            let origin = origin.recv().map_err(|_| Trouble::Cancelled)?;
            let opened =
                Opened { stream, decoder, origin, earlier: Some(earlier), size, copied: None, part: Some(*part) };
            caught(board, || picture::run(scope, board, task, opened, &seen))
        });
        let walked = pump::run(board, source, task, ways, impatience);
        // It ends early when the part is finished: only its own trouble is one.
        if walked.as_ref().is_err_and(|trouble| !matches!(trouble, Trouble::Cancelled)) {
            board.cancel();
        }
        (walked, pictures.join().unwrap_or_else(|_| Err(broke_down())))
    });
    match (made, walked) {
        (Ok(_), _) => Ok(nothing_more(source)),
        (Err(Trouble::Cancelled), Err(trouble)) if !matches!(trouble, Trouble::Cancelled) => Err(trouble),
        (Err(Trouble::Cancelled), _) => Err(Trouble::Unfit("no picture comes where the part ends".into())),
        (Err(trouble), _) => Err(trouble),
    }
}

/// The rungs as they were begun, from the part's first segment on.
fn begin(board: &Board, task: &Task, source: &Source, part: &Part) -> Result<Earlier, Trouble> {
    board.pace.hold_to_full();
    let rungs = ladder(stated(source), &task.heights);
    let way = resume::Way { effort: board.pace.effort(), copied: None };
    let resume = task.resume.as_ref();
    let begun = resume.and_then(|resume| resume::look(board.folder(), resume, &rungs, source.audio.is_some(), way));
    let begun = begun.filter(|begun| begun.from > 0 && rungs.iter().all(|rung| begun.kept.contains_key(&rung.name)));
    let begun = begun.ok_or_else(|| Trouble::Unfit("its first segments are not what would be made here".into()))?;
    let at = part.begin.at;
    let kept = rungs.into_iter().map(|rung| (rung.name, Kept { base: part.first, end: at, ..Kept::default() }));
    Ok(Earlier { kept: kept.collect(), from: part.first, shown: Vec::new(), begin: at, colours: begun.colours })
}

/// A part has no result but its segments.
fn nothing_more(source: &Source) -> ResultJson {
    let video = source.probe.video.as_ref();
    ResultJson {
        measured_ms: 0,
        width: video.map_or(0, |video| video.width),
        height: video.map_or(0, |video| video.height),
        renditions: Vec::new(),
        audio: None,
        files: Vec::new(),
        source: source.probe.clone(),
    }
}

/// Every packet has been seen: what will come out is foreseen from their times, and told where others may help with it. What is there
/// already must be just that where parts of it were made by themselves.
///
/// # Errors
/// When parts do not fit together.
pub fn foresee(
    board: &Board,
    task: &Task,
    walked: Walked,
    is_copied: bool,
    earlier: Option<&Earlier>,
) -> Result<Span, Trouble> {
    let end = walked.span.length();
    let seen = walked.times.filter(|_| !is_copied).map(|times| {
        let cadence = Cadence::new(task.max_fps).told(&task.cuts);
        cadence.foresee(times, end)
    });
    if task.joined
        && let Some(earlier) = earlier
    {
        check(seen.as_ref(), earlier)?;
    }
    match seen {
        Some(Foreseen { places, .. }) if task.foresee && board.pace.whole() == Plan::Full => {
            board.tell(&Event::Foreseen { places, end })?;
        }
        _ => {}
    }
    Ok(walked.span)
}

fn check(seen: Option<&Foreseen>, earlier: &Earlier) -> Result<(), Trouble> {
    let unfit = |why: &str| Err(Trouble::Unfit(format!("its parts do not fit together: {why}")));
    let Some(seen) = seen else { return unfit("its pictures cannot be foreseen") };
    if !seen.shown.starts_with(&earlier.shown) {
        return unfit("other pictures came out than were foreseen");
    }
    let begin = seen.places.get(earlier.from).map(|place| place.at);
    if begin.is_some_and(|at| at != earlier.begin) || earlier.from > seen.places.len() {
        return unfit("they are cut elsewhere");
    }
    let rungs = earlier.kept.iter().filter(|(name, _)| name.as_str() != sound::NAME);
    let same = |kept: &Kept| kept.times.starts_with(&earlier.shown);
    if rungs.into_iter().any(|(_, kept)| !same(kept)) { unfit("the rungs differ") } else { Ok(()) }
}

/// Whether a packet of that codec holds a picture that is never shown.
#[must_use]
pub fn is_never_shown(codec: &str, packet: &Packet) -> bool {
    // RFC 6386, 9.1: the fourth bit of a frame's tag says whether it is shown.
    packet.is_hidden() || (codec == "vp8" && packet.data().first().is_some_and(|tag| tag & 0x10 == 0))
}
