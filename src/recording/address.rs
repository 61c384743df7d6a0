//! Where a take's files are found: the addresses that players are given. Says nothing about who may fetch them.

use super::take::{Take, TakeState};

/// In place of an attempt: the playlists of a take that is not ready yet.
pub const LIVE: &str = "live";
/// Likewise: the captions of its recording, which no attempt makes.
pub const CAPTIONS: &str = "captions";

/// The set of files a player is sent to: the published one, or what there is of the work so far.
#[must_use]
pub fn set(attempt: Option<&str>, watchable: bool, ready: bool) -> Option<&str> {
    if ready { attempt.filter(|_| watchable) } else { watchable.then_some(LIVE) }
}

/// The addresses of a take's files; each null until the file exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The master playlist.
    pub hls: Option<String>,
    /// The whole in one file.
    pub mp4: Option<String>,
    /// A still picture.
    pub poster: Option<String>,
    /// A few moving seconds.
    pub preview: Option<String>,
}

impl Files {
    /// The files of a take under `base` (`https://host/media`, or the same with a playback token behind it).
    #[must_use]
    pub fn of(base: &str, take: &Take) -> Files {
        let ready = take.state == TakeState::Ready;
        let Some(attempt) = set(take.attempt.as_deref(), take.watchable && take.discarded_at.is_none(), ready) else {
            return Files::default();
        };
        let file = |name: &str| Some(format!("{base}/{}/{}/{attempt}/{name}", take.recording, take.id));
        Files {
            hls: file("master.m3u8"),
            mp4: file("video.mp4").filter(|_| ready),
            poster: file("poster.jpg").filter(|_| ready),
            preview: file("preview.gif").filter(|_| ready),
        }
    }
}
