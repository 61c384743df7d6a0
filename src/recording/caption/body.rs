//! Captions as clients see them: for who writes them, and for players. The shapes are a contract: add freely, change nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::id::{RecordingId, TakeId};
use crate::recording::address::CAPTIONS;

use super::{Caption, Language};

/// A track to be written.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteCaption {
    /// A file of WebVTT or SubRip, at most 512 KiB.
    pub text: String,
    /// The revision that was looked at; absent for a language that has no captions yet.
    pub revision: Option<i64>,
}

/// A track of captions.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Caption)]
pub struct CaptionBody {
    /// A language tag (BCP 47).
    pub language: Language,
    /// How many cues it has.
    pub cues: i64,
    /// For changes.
    pub revision: i64,
    /// When it was written last.
    pub changed_at: DateTime<Utc>,
    /// Where its WebVTT is read.
    pub url: String,
}

impl CaptionBody {
    /// As it is shown.
    #[must_use]
    pub fn of(app: &App, recording: RecordingId, caption: Caption) -> CaptionBody {
        let origin = app.config.origin();
        CaptionBody {
            url: format!("{origin}/api/recordings/{recording}/captions/{}", caption.language),
            language: caption.language,
            cues: caption.cues,
            revision: caption.revision,
            changed_at: caption.changed_at,
        }
    }
}

/// A track for a player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaptionTrack {
    /// A language tag (BCP 47).
    pub language: String,
    /// Its WebVTT, among the take's media; another address whenever it changes.
    pub url: String,
}

impl CaptionTrack {
    /// The tracks of a recording for players of that take. `base` is `https://host/media`.
    #[must_use]
    pub fn many<'a>(
        base: &str,
        (recording, take): (RecordingId, TakeId),
        tracks: impl Iterator<Item = (&'a str, i64)>,
    ) -> Vec<CaptionTrack> {
        let url = |language: &str, revision: i64| {
            format!("{base}/{recording}/{take}/{CAPTIONS}/{language}.vtt?revision={revision}")
        };
        let track =
            |(language, revision)| CaptionTrack { language: String::from(language), url: url(language, revision) };
        let mut tracks: Vec<CaptionTrack> = tracks.map(track).collect();
        tracks.sort_by(|a, b| a.language.cmp(&b.language));
        tracks
    }
}

/// The tracks as `recording/brief` reads them beside a recording, "en@3 fi@1".
pub(crate) fn told(tracks: &str) -> impl Iterator<Item = (&str, i64)> {
    tracks.split(' ').filter_map(|track| {
        let (language, revision) = track.split_once('@')?;
        Some((language, revision.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn tracks_of_a_brief_become_addresses_in_the_order_of_languages() {
        let (recording, take) = (RecordingId(Uuid::from_u128(1)), TakeId(Uuid::from_u128(2)));
        let tracks = CaptionTrack::many("https://t.example/media", (recording, take), told("pt-BR@2 en@13"));
        assert_eq!(tracks.iter().map(|track| track.language.as_str()).collect::<Vec<_>>(), ["en", "pt-BR"]);
        assert_eq!(tracks[0].url, format!("https://t.example/media/{recording}/{take}/captions/en.vtt?revision=13"));
        assert!(CaptionTrack::many("", (recording, take), told("")).is_empty());
    }
}
