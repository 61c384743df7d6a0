//! A recording as a page shows it: words, lengths, dates and addresses, ready to be written. Made only from an access that
//! was granted.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::comment::view::Comment;
use crate::recording::RecordingBrief;
use crate::recording::caption::body::CaptionTrack;

use super::oembed::fit;
use super::sql::{AroundRow, WaitRow};
use super::thumbnail;
use super::view::Remark;

/// What a page says of a recording.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its title; never empty.
    pub title: String,
    /// Who made it.
    pub author: String,
    /// What it is about; may be empty.
    pub description: String,
    /// When.
    pub at: DateTime<Utc>,
    /// In which zone that is said.
    pub zone: Tz,
    /// ready, processing or failed.
    pub state: &'static str,
    /// Why it failed.
    pub detail: Option<String>,
    /// Its length.
    pub measured_ms: Option<i64>,
    /// Size of the picture.
    pub size: Option<(u32, u32)>,
    /// Addresses for this player, as paths.
    pub hls: Option<String>,
    /// The whole in one file.
    pub mp4: Option<String>,
    /// The still picture.
    pub poster: Option<String>,
    /// Captions, for this player.
    pub captions: Vec<CaptionTrack>,
    /// Where the player asks how far it is.
    pub status_path: String,
    /// The page.
    pub watch_path: String,
    /// The player alone, for frames.
    pub embed_path: String,
    /// The still picture at an address that stays, for other programs.
    pub thumbnail: Option<Thumbnail>,
    /// What only a recording that anyone with the link may watch has.
    pub open: Option<Open>,
}

/// Pictures other programs may fetch, in a size of their choice.
#[derive(Clone, Debug)]
pub struct Thumbnail {
    /// Path of the picture; the size is asked for in the query.
    pub path: String,
    /// Size of the picture with play mark and length.
    pub size: (u32, u32),
}

/// Widest picture that is told of.
const WIDEST: u32 = 1280;

/// What is told to programs of a recording that anyone with the link may watch.
#[derive(Clone, Debug)]
pub struct Open {
    /// Address of the oEmbed answer as JSON.
    pub oembed_json: String,
    /// As XML.
    pub oembed_xml: String,
    /// Path of the MP4 at an address that stays.
    pub mp4: Option<String>,
}

/// How the asker came to it: decides which addresses the player is given.
#[derive(Clone, Debug)]
pub enum Way {
    /// Signed in: media by the session, state from the interface.
    Member,
    /// By a link: media by a playback token in the path.
    Link {
        /// The word in the address.
        token: String,
        /// The playback token.
        playback: String,
        /// Proof that its password was given, where it has one: then other programs are told nothing.
        proof: Option<String>,
    },
}

impl Card {
    /// Puts together what is known. `origin` is the address people use.
    #[must_use]
    pub fn new(brief: RecordingBrief, around: AroundRow, wait: Option<WaitRow>, way: &Way, origin: &str) -> Card {
        let size =
            brief.width.zip(brief.height).and_then(|(w, h)| Some((u32::try_from(w).ok()?, u32::try_from(h).ok()?)));
        let own = format!("{origin}/media/");
        let file = |url: &Option<String>| {
            let path = url.as_deref()?.strip_prefix(&own)?;
            Some(match way {
                Way::Member => format!("/media/{path}"),
                Way::Link { playback, .. } => format!("/media/~{playback}/{path}"),
            })
        };
        let word = match way {
            Way::Member => brief.slug.clone(),
            Way::Link { token, .. } => token.clone(),
        };
        let status_path = match (way, brief.take) {
            (Way::Member, Some(take)) => format!("/api/takes/{take}"),
            (Way::Link { proof: Some(proof), .. }, _) => format!("/embed/{word}/state?proof={proof}"),
            _ => format!("/embed/{word}/state"),
        };
        let (thumbnail, open) = told(&brief, way, size, origin);
        Card {
            state: match brief.state.as_deref() {
                Some("ready") => "ready",
                Some("refused" | "failed") => "failed",
                _ => "processing",
            },
            title: if brief.title.trim().is_empty() {
                format!("Video by {}", brief.author.name)
            } else {
                brief.title.clone()
            },
            detail: wait.and_then(|w| w.detail),
            description: around.description,
            at: around.published_at.unwrap_or(around.created_at),
            zone: around.time_zone.parse().unwrap_or(Tz::UTC),
            measured_ms: brief.measured_ms,
            hls: file(&brief.hls_url),
            mp4: file(&brief.mp4_url),
            poster: file(&brief.poster_url),
            captions: captions(&brief, file),
            author: brief.author.name,
            watch_path: format!("/w/{word}"),
            embed_path: format!("/embed/{word}"),
            size,
            status_path,
            thumbnail,
            open,
        }
    }

    /// Size of a frame for it: the picture's, or 16:9 while that is not known.
    #[must_use]
    pub fn frame(&self) -> (u32, u32) {
        self.size.unwrap_or((1280, 720))
    }

    /// Whole seconds, rounded.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        (self.measured_ms.unwrap_or(0) + 500) / 1000
    }

    /// Seconds for the player, to the millisecond.
    #[must_use]
    pub fn duration(&self) -> String {
        self.measured_ms.map(|ms| format!("{}.{:03}", ms / 1000, ms % 1000)).unwrap_or_default()
    }

    /// "2:41".
    #[must_use]
    pub fn length(&self) -> Option<String> {
        self.measured_ms.map(|ms| clock(ms / 1000))
    }

    /// "2 minutes 41 seconds".
    #[must_use]
    pub fn spoken(&self) -> Option<String> {
        let seconds = self.measured_ms? / 1000;
        let part = |n: i64, word: &str| (n > 0).then(|| format!("{n} {word}{}", if n == 1 { "" } else { "s" }));
        let parts: Vec<String> =
            [part(seconds / 60, "minute"), part(seconds % 60, "second")].into_iter().flatten().collect();
        Some(parts.join(" "))
    }

    /// "10 November 2026".
    #[must_use]
    pub fn day(&self) -> Option<String> {
        Some(self.at.with_timezone(&self.zone).format("%-d %B %Y").to_string())
    }

    /// "2026-11-10".
    #[must_use]
    pub fn day_iso(&self) -> String {
        self.at.with_timezone(&self.zone).format("%Y-%m-%d").to_string()
    }

    /// "Leena Koskela, 10 Nov".
    #[must_use]
    pub fn byline(&self) -> String {
        format!("{}, {}", self.author, self.at.with_timezone(&self.zone).format("%-d %b"))
    }

    /// One line for previews: the description, else author and length. At most 280 characters.
    #[must_use]
    pub fn summary(&self) -> String {
        let words = self.description.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() {
            let length = self.length().map(|l| format!(", {l}")).unwrap_or_default();
            return format!("Video by {}{length}", self.author);
        }
        if words.chars().count() <= 280 { words } else { words.chars().take(279).chain(['…']).collect() }
    }

    /// Path of the picture with play mark and length, for previews.
    #[must_use]
    pub fn preview(&self) -> Option<String> {
        let picture = self.thumbnail.as_ref()?;
        Some(format!("{}{}", picture.path, thumbnail::query(picture.size, self.length().as_deref())))
    }

    /// A comment as the server's own drawing shows it.
    #[must_use]
    pub fn remark(&self, comment: &Comment) -> Remark {
        Remark {
            author: comment.author.name.clone(),
            day: comment.created_at.with_timezone(&self.zone).format("%-d %b").to_string(),
            at_ms: comment.at_ms,
            body_html: if comment.deleted { "<p>Taken back.</p>".into() } else { comment.body_html.clone() },
            replies: comment.replies.iter().map(|reply| self.remark(reply)).collect(),
        }
    }

    /// First letters of the author's first and last name.
    #[must_use]
    pub fn initials(&self) -> String {
        initials(&self.author)
    }
}

/// The tracks at addresses for this player.
fn captions(brief: &RecordingBrief, file: impl Fn(&Option<String>) -> Option<String>) -> Vec<CaptionTrack> {
    let here = |track: &CaptionTrack| {
        Some(CaptionTrack { language: track.language.clone(), url: file(&Some(track.url.clone()))? })
    };
    brief.captions.iter().filter_map(here).collect()
}

/// What other programs are told, where they may be.
fn told(
    brief: &RecordingBrief,
    way: &Way,
    size: Option<(u32, u32)>,
    origin: &str,
) -> (Option<Thumbnail>, Option<Open>) {
    let Way::Link { token, proof: None, .. } = way else { return (None, None) };
    let page = format!("{origin}/w/{token}");
    let page = percent_encoding::utf8_percent_encode(&page, percent_encoding::NON_ALPHANUMERIC);
    let oembed = |format: &str| format!("{origin}/oembed?url={page}&format={format}");
    // At least 1280 across where the picture lies (previews want it large), never above that where it stands.
    let thumbnail = brief.poster_url.as_ref().zip(size).map(|(_, (width, height))| {
        let size = if width > height && width < WIDEST {
            (WIDEST, (WIDEST * height + width / 2) / width)
        } else {
            fit((width, height), (Some(WIDEST), Some(WIDEST)))
        };
        Thumbnail { path: format!("/embed/{token}/poster.jpg"), size }
    });
    let mp4 = brief.mp4_url.as_ref().map(|_| format!("/media/s/{token}/video.mp4"));
    (thumbnail, Some(Open { oembed_json: oembed("json"), oembed_xml: oembed("xml"), mp4 }))
}

/// Seconds as "2:41".
#[must_use]
pub fn clock(seconds: i64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// First letters of the first and last word.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}
