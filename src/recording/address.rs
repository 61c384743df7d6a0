//! Where a take's files are found: the addresses that players are given. Says nothing about who may fetch them.

use super::take::{Take, TakeState};

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
        let Some(attempt) = take.attempt.as_deref().filter(|_| take.watchable && take.discarded_at.is_none()) else {
            return Files::default();
        };
        let file = |name: &str| Some(format!("{base}/{}/{}/{attempt}/{name}", take.recording, take.id));
        let ready = take.state == TakeState::Ready;
        Files {
            hls: file("master.m3u8"),
            mp4: file("video.mp4").filter(|_| ready),
            poster: file("poster.jpg").filter(|_| ready),
            preview: file("preview.gif").filter(|_| ready),
        }
    }
}
